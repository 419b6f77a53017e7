"""A cell of the original, played from reference/rep-auctioneer-http-api.md: it answers over HTTP and
JSON, keeps its presence in Locket, and tells a BBS in protobuf over HTTP what runs on it. Its
containers are names only.
"""

import http.server
import json
import ssl
import threading
import uuid

STATE = {"rep_url": "", "cell_id": "", "cell_index": 0,
         "RootFSProviders": {"preloaded": {"type": "fixed_set", "set": {"busybox": {}}}},
         "AvailableResources": {"MemoryMB": 4096, "DiskMB": 4096, "Containers": 100},
         "TotalResources": {"MemoryMB": 4096, "DiskMB": 4096, "Containers": 100},
         "LRPs": [], "Tasks": [], "StartingContainerCount": 0, "Zone": "z1", "Evacuating": False,
         "VolumeDrivers": [], "PlacementTags": [], "OptionalPlacementTags": [],
         "ProxyMemoryAllocationMB": 0}
HOST_PORT = 61000


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def message(*fields):
    """Protobuf of (number, value); a value is a number, a text, or a message."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


class OriginalCell:
    """Serves from the constructor on; `deployment` has certificates, cfdot and the BBS's port."""

    def __init__(self, deployment, cell_id):
        self.deployment = deployment
        self.cell_id = cell_id
        self.owner = str(uuid.uuid4())
        self.instances = {}  # (process guid, index) -> (instance guid, domain)
        self.lock = threading.Lock()
        self.evacuating = False
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=deployment.certs.ca)
        tls.load_cert_chain(deployment.certs.cert, deployment.certs.key)
        tls.verify_mode = ssl.CERT_REQUIRED
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        deployment.services.append(self)
        presence = {"cell_id": cell_id, "rep_address": "http://127.0.0.1:1800",
                    "rep_url": self.url, "zone": "z1",
                    "capacity": {"memory_mb": 4096, "disk_mb": 4096, "containers": 100},
                    "rootfs_provider_list": [{"name": "preloaded", "properties": ["busybox"]}]}
        deployment.cfdot("claim-presence", "-k", cell_id, "-o", self.owner, "-t", "600",
                         "-v", json.dumps(presence))

    def state(self):
        with self.lock:
            lrps = [{"instance_guid": guid, "process_guid": process, "index": index,
                     "domain": domain, "PlacementTags": None, "VolumeDrivers": None,
                     "RootFs": "preloaded:busybox", "MemoryMB": 1, "DiskMB": 1, "MaxPids": 0,
                     "state": "RUNNING"}
                    for (process, index), (guid, domain) in self.instances.items()]
            return dict(STATE, rep_url=self.url, cell_id=self.cell_id, LRPs=lrps,
                        Evacuating=self.evacuating)

    def perform(self, work):
        for lrp in work.get("LRPs") or []:
            key = (lrp["process_guid"], lrp["index"])
            with self.lock:
                self.instances[key] = (str(uuid.uuid4()), lrp["domain"])
            self._tell("start.r1", key)
        return {"LRPs": None, "Tasks": None}

    def stop_instance(self, instance_guid):
        with self.lock:
            gone = [key for key, (guid, _) in self.instances.items() if guid == instance_guid]
            for key in gone:
                del self.instances[key]

    def evacuate(self):
        """What is asked of it once a pass, until nothing is left; true then."""
        with self.lock:
            self.evacuating = True
            keys = list(self.instances)
        for key in keys:
            # An answer without keep_container: it runs elsewhere.
            if b"\x10\x01" not in self._tell("evacuate_running.r1", key):
                with self.lock:
                    del self.instances[key]
        with self.lock:
            return not self.instances

    def leave(self):
        self.deployment.cfdot("release-lock", "-k", self.cell_id, "-o", self.owner)
        self.stop()

    def stop(self):
        if self.thread.is_alive():
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()

    def _tell(self, call, key):
        with self.lock:
            guid, domain = self.instances[key]
        net = message((1, "127.0.0.1"), (2, message((1, 8080), (2, HOST_PORT))), (3, "10.9.9.9"))
        running = [(1, message((1, key[0]), (2, key[1]), (3, domain))),
                   (2, message((1, guid), (2, self.cell_id))), (3, net)]
        # The two requests number what follows differently.
        running += [(6, 1), (7, "z1")] if call == "start.r1" else [(7, 1), (8, "z1")]
        return self.deployment.post_to_bbs(f"/v1/actual_lrps/{call}", message(*running))

    def _handler(self):
        cell = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                self._answer(*((200, cell.state()) if self.path == "/state" else (404, None)))

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = self.path.split("/")
                if self.path == "/work":
                    return self._answer(200, cell.perform(json.loads(body)))
                if parts[-1] == "stop":
                    cell.stop_instance(parts[-2])
                return self._answer(202 if parts[-1] in ("stop", "cancel") else 404, None)

            def _answer(self, status, value):
                body = b"" if value is None else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        return Handler

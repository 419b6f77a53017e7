"""A NATS server as the original's file wants it, over mutual TLS with a password, and a router that
listens to it.
"""

import json
import socket
import ssl
import subprocess
import threading

from deployment import free_port, wait_until


GREETING = json.dumps({"id": "a-router", "hosts": ["127.0.0.1"],
                       "minimumRegisterIntervalInSeconds": 1, "pruneThresholdInSeconds": 120})


class Routers:
    def __init__(self, deployment, username, password):
        self.port = free_port()
        certs = deployment.certs
        self.process = subprocess.Popen(
            ["nats-server", "-a", "127.0.0.1", "-p", str(self.port), "--user", username, "--pass",
             password, "--tls", "--tlsverify", f"--tlscert={certs.cert}", f"--tlskey={certs.key}",
             f"--tlscacert={certs.ca}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deployment.services.append(self)
        wait_until("NATS listens", self._listens)
        self.lock = threading.Lock()
        self.heard = []  # (subject, message)
        self.stream = self._subscribe(certs, username, password)
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def registrations(self, uri, subject="router.register"):
        """The (host, port) pairs heard for that name, in their order."""
        with self.lock:
            return [(message["host"], message["port"]) for heard, message in self.heard
                    if heard == subject and uri in message.get("uris", [])]

    def forget(self):
        with self.lock:
            self.heard.clear()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
            self.thread.join()
            self.stream.close()

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _subscribe(self, certs, username, password):
        plain = socket.create_connection(("127.0.0.1", self.port))
        while not plain.recv(65536).endswith(b"\r\n"):  # INFO
            pass
        tls = ssl.create_default_context(cafile=certs.ca)
        tls.load_cert_chain(certs.cert, certs.key)
        stream = tls.wrap_socket(plain, server_hostname="localhost")
        connect = json.dumps({"user": username, "pass": password, "verbose": False})
        stream.sendall(f"CONNECT {connect}\r\nSUB router.* 1\r\n"
                       "SUB service-discovery.greet 2\r\nPING\r\n".encode())
        return stream

    def _listen(self):
        lines = self.stream.makefile("rb")
        for line in lines:
            words = line.decode().split()
            if words and words[0] == "PING":
                self.stream.sendall(b"PONG\r\n")
            if not words or words[0] != "MSG":
                continue
            payload = lines.read(int(words[-1]) + 2)
            if words[1].endswith(".greet"):
                self.stream.sendall(
                    f"PUB {words[3]} {len(GREETING)}\r\n{GREETING}\r\n".encode())
                continue
            with self.lock:
                self.heard.append((words[1], json.loads(payload)))

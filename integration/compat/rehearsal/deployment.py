"""A deployment as the original's operator has it: certificates without roles, the configuration files
of ../config as they stand but for addresses, file names and SQLite, and cfdot as the client.
"""

import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import time

CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "config"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain until {what}")
        time.sleep(0.1)


def post(port, certs, path, body):
    """The body of the answer, which must be 200, or 202."""
    tls = ssl.create_default_context(cafile=certs.ca)
    tls.load_cert_chain(certs.cert, certs.key)
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=tls, timeout=30)
    try:
        connection.request("POST", path, body)
        answer = connection.getresponse()
        data = answer.read()
        assert answer.status in (200, 202), f"{path}: {answer.status} {data!r}"
        return data
    finally:
        connection.close()


def make_root_fs(directory):
    for name in ("bin", "etc", "dev", "proc", "sys", "tmp", "root", "home/vcap"):
        (directory / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", directory / "bin/busybox")
    for name in ("rm", "sh", "sleep"):
        (directory / "bin" / name).symlink_to("busybox")
    (directory / "etc/passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\nvcap:x:2000:2000:vcap:/home/vcap:/bin/sh\n",
        encoding="utf-8")
    (directory / "etc/group").write_text("root:x:0:\nvcap:x:2000:\n", encoding="utf-8")
    os.chown(directory / "home/vcap", 2000, 2000)


class Certificates:
    """A CA that gives out no roles, and one pair that all components share."""

    def __init__(self, directory):
        self.directory = directory
        self.ca = directory / "ca.crt"
        self.cert = directory / "component.crt"
        self.key = directory / "component.key"
        names = directory / "names"
        names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", encoding="utf-8")
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                      "/CN=diego-ca", "-keyout", directory / "ca.key", "-out", self.ca)
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=cf/CN=component",
                      "-keyout", self.key, "-out", directory / "component.csr")
        self._openssl("x509", "-req", "-days", "2", "-in", directory / "component.csr", "-CA",
                      self.ca, "-CAkey", directory / "ca.key", "-CAcreateserial", "-extfile",
                      names, "-out", self.cert)

    @staticmethod
    def _openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)


class Service:
    """One process of ours; its log is kept in a file."""

    def __init__(self, deployment, name, config):
        self.log_path = deployment.directory / f"{name}-{time.monotonic_ns()}.log"
        path = deployment.directory / f"{name}.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([deployment.bin_dir / name, "-config", path],
                                            stdout=log, stderr=log)
        deployment.services.append(self)

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def logged(self, message):
        return any(f'"message":"{message}"' in line for line in self.log().splitlines())

    def wait_for(self, message):
        def there():
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode}:\n{self.log()[-3000:]}")
            return self.logged(message)
        wait_until(f"{message} is logged", there)
        return self

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)


class Deployment:
    def __init__(self, bin_dir, directory):
        self.bin_dir = bin_dir
        self.directory = directory
        self.services = []
        self.certs = Certificates(directory)
        self.ports = {name: free_port() for name in ("locket", "bbs", "bbs_http", "auctioneer")}

    def config(self, name):
        """The original's file, moved onto this machine."""
        config = json.loads((CONFIGS / f"{name}.json").read_text(encoding="utf-8"))
        for key, value in config.items():
            if isinstance(value, str) and value.startswith("/var/vcap/jobs/"):
                kind = pathlib.Path(value)
                certificate = self.certs.ca if kind.name.endswith("ca.crt") else self.certs.cert
                config[key] = str(self.certs.key if kind.suffix == ".key" else certificate)
        if "locket_address" in config:
            config["locket_address"] = f"127.0.0.1:{self.ports['locket']}"
        if "database_driver" in config:
            config["database_driver"] = "sqlite"
            config["database_connection_string"] = str(self.database(name))
            config["sql_ca_cert_file"] = ""
        return config

    def database(self, name):
        return self.directory / f"{name}.db"

    def start(self, name, config):
        return Service(self, name, config)

    def root_fs(self):
        """Of stack busybox."""
        path = self.directory / "rootfs"
        if not path.exists():
            make_root_fs(path)
        return path

    def post_to_bbs(self, path, body):
        return post(self.ports["bbs_http"], self.certs, path, body)

    def start_locket(self):
        config = self.config("locket")
        config["listen_address"] = f"127.0.0.1:{self.ports['locket']}"
        return Service(self, "locket", config).wait_for("locket.started")

    def start_bbs(self, uuid="bbs-ours"):
        config = self.config("bbs")
        config.update(uuid=uuid, grpc_listen_address=f"127.0.0.1:{self.ports['bbs']}",
                      listen_address=f"127.0.0.1:{self.ports['bbs_http']}",
                      health_address="127.0.0.1:0", access_log_path="",
                      auctioneer_address=f"https://127.0.0.1:{self.ports['auctioneer']}",
                      lock_ttl="5s", lock_retry_interval="1s")
        return Service(self, "bbs", config).wait_for("bbs.started")

    def cfdot(self, *words, code=0, text=""):
        """The lines of stdout; the command must end with `code` and say `text`."""
        environment = dict(os.environ, BBS_URL=f"https://127.0.0.1:{self.ports['bbs']}",
                           LOCKET_API_LOCATION=f"127.0.0.1:{self.ports['locket']}",
                           CA_CERT_FILE=str(self.certs.ca), CLIENT_CERT_FILE=str(self.certs.cert),
                           CLIENT_KEY_FILE=str(self.certs.key))
        ran = subprocess.run([self.bin_dir / "cfdot", *words], capture_output=True, text=True,
                             env=environment, check=False, timeout=120)
        assert ran.returncode == code and text in ran.stderr, \
            f"cfdot {' '.join(words)}: {ran.returncode}, wanted {code} and {text!r}:\n{ran.stderr}"
        return ran.stdout.splitlines()

    def bbs_serves(self):
        try:
            return self.cfdot("ping") == ['{"available":true}']
        except AssertionError:
            return False

    def show_logs(self):
        for service in self.services:
            if isinstance(service, Service):
                print(f"--- {service.log_path.name}\n{service.log()[-4000:]}")

    def stop(self):
        for service in reversed(self.services):
            service.stop()

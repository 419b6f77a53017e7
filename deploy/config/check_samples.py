#!/usr/bin/env python3
"""Whether every sample in this folder is a configuration that its service accepts, and has a unit.

Usage: check_samples.py BIN_DIR, where the services and diego-certs are. Makes certificates in a
directory of its own, reads each sample as if /etc/diego were there, and removes the directory.
"""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
UNITS = HERE.parent / "systemd"
SERVICES = ["auctioneer", "bbs", "locket", "rep", "route-emitter"]


def issue(bin_dir, certs, role):
    subprocess.run(
        [bin_dir / "diego-certs", "issue", "--dir", certs, "--role", role, "--name", role,
         "--host", "localhost"] + (["--cell", "cell-1"] if role == "rep" else []),
        check=True, stdout=subprocess.DEVNULL)


def faults_of(service, bin_dir, etc):
    sample = (HERE / f"{service}.json").read_text(encoding="utf-8")
    path = etc / f"{service}.json"
    path.write_text(sample.replace("/etc/diego", str(etc)), encoding="utf-8")
    checked = subprocess.run([bin_dir / service, "--check-config", "--config", path],
                             capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        yield f"{service}.json: {checked.stderr.strip()}"
    unit = (UNITS / f"diego-{service}.service").read_text(encoding="utf-8")
    if f"ExecStart=/usr/local/bin/{service} --config /etc/diego/{service}.json" not in unit:
        yield f"diego-{service}.service does not start {service} with /etc/diego/{service}.json"


def main():
    bin_dir = pathlib.Path(sys.argv[1]).resolve()
    missing = [name for name in SERVICES + ["diego-certs"] if not (bin_dir / name).exists()]
    if missing:
        print(f"{bin_dir} lacks {', '.join(missing)}: build first")
        return 1
    faults = [f"{path.name}: no service has this name"
              for path in HERE.glob("*.json") if path.stem not in SERVICES]
    with tempfile.TemporaryDirectory(prefix="diego-samples-") as directory:
        etc = pathlib.Path(directory)
        certs = etc / "certs"
        subprocess.run([bin_dir / "diego-certs", "init", certs], check=True,
                       stdout=subprocess.DEVNULL)
        for service in SERVICES:
            issue(bin_dir, certs, service)
        for service in SERVICES:
            faults += faults_of(service, bin_dir, etc)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

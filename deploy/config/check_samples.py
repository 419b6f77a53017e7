#!/usr/bin/env python3
"""Whether every sample in this folder is a configuration that its service accepts, and has a unit.

Also that by these samples a worker that dies is followed by its standby in less than five seconds,
as the design notes ask: its lock must have ended, and the standby have looked for it, by then.

Usage: check_samples.py BIN_DIR, where the services and diego-certs are. Makes certificates in a
directory of its own, reads each sample as if /etc/diego were there, and removes the directory.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
UNITS = HERE.parent / "systemd"
SERVICES = ["auctioneer", "bbs", "locket", "rep", "route-emitter"]
WITH_STANDBY = ["auctioneer", "bbs", "route-emitter"]
FOLLOWED_WITHIN_SECONDS = 5


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


def slow_to_follow(service):
    sample = json.loads((HERE / f"{service}.json").read_text(encoding="utf-8"))
    times = [sample.get(key, "") for key in ("lock_ttl", "lock_retry_interval")]
    if not all(time[:-1].isdigit() and time.endswith("s") for time in times):
        yield f"{service}.json: lock_ttl and lock_retry_interval are not whole seconds: {times}"
    elif sum(int(time[:-1]) for time in times) >= FOLLOWED_WITHIN_SECONDS:
        yield (f"{service}.json: with a lock_ttl and lock_retry_interval of {' and '.join(times)} "
               f"a standby may take {FOLLOWED_WITHIN_SECONDS} s or longer")


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
    for service in WITH_STANDBY:
        faults += slow_to_follow(service)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

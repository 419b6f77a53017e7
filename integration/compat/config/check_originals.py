#!/usr/bin/env python3
"""Whether the original's configuration files are accepted as they stand.

Usage: check_originals.py BIN_DIR. Beside this file is one file of the original for each service, with
every key of reference/config-and-metrics.md, those of 2022 included. Each must pass --check-config;
each of its keys must either be one that we know (--print-config shows it) or be named in a line of
its own, by --check-config and in the log. Paths below /var/vcap are moved to a directory of its own
and made there.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SERVICES = ["auctioneer", "bbs", "locket", "rep", "route-emitter"]
# Without meaning here whatever we learn to do.
NEVER_OURS = {"consul_cluster", "loggregator"}


def strings_in(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_in(inner)


def make_files(config, root):
    """What the configuration names, as empty files, or directories where the name has no suffix."""
    for text in strings_in(config):
        for path in re.findall(re.escape(str(root)) + r"[^:]*", text):
            path = pathlib.Path(path)
            if path.suffix:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            else:
                path.mkdir(parents=True, exist_ok=True)


def run(binary, path, *flags):
    return subprocess.run([binary, "-config", path, *flags], capture_output=True, text=True,
                          check=False, timeout=60)


def faults_of(service, bin_dir, root):
    text = (HERE / f"{service}.json").read_text(encoding="utf-8")
    config = json.loads(text.replace("/var/vcap", str(root)))
    make_files(config, root)
    path = root / f"{service}.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    binary = bin_dir / service
    flags = ["-zone", "z9"] if service == "rep" else []

    checked = run(binary, path, "--check-config", *flags)
    if checked.returncode != 0:
        yield f"--check-config says {checked.returncode}: {checked.stderr.strip()}"
        return
    ignored = re.findall(r"^ignored key ([a-z_]+): .+$", checked.stdout, re.MULTILINE)
    known = json.loads(run(binary, path, "--print-config", *flags).stdout)
    if service == "rep" and known["zone"] != "z9":
        yield "-zone does not beat the file"
    if len(set(ignored)) != len(ignored):
        yield f"keys are named twice: {ignored}"
    if set(known) & set(ignored):
        yield f"known and ignored: {set(known) & set(ignored)}"
    if set(config) - set(known) != set(ignored):
        yield f"neither known nor named: {(set(config) - set(known)) ^ set(ignored)}"
    if not NEVER_OURS <= set(ignored):
        yield f"{NEVER_OURS - set(ignored)} not named"

    # The service ends at the empty certificates, after its lines.
    started = run(binary, path, *flags)
    if started.returncode != 1:
        yield f"with empty certificates it ends with {started.returncode}: {started.stderr}"
    logged = []
    for line in started.stdout.splitlines():
        entry = json.loads(line)
        if entry["message"] == f"{service}.ignored-config-key":
            logged.append(entry["data"]["key"])
    if sorted(logged) != sorted(ignored):
        yield f"logged {sorted(set(logged) ^ set(ignored))} more or less than checked"

    config["lokcet_address"] = "locket:8891"
    path.write_text(json.dumps(config), encoding="utf-8")
    unknown = run(binary, path, "--check-config")
    if unknown.returncode != 2 or "lokcet_address: unknown key" not in unknown.stderr:
        yield f"a key that nobody knows: {unknown.returncode}, {unknown.stderr}"
    del config["lokcet_address"]

    if "database_driver" in config:
        config["database_driver"] = "postgres"
        path.write_text(json.dumps(config), encoding="utf-8")
        postgres = run(binary, path, "--check-config")
        if postgres.returncode != 2 or "move the database to MySQL" not in postgres.stderr:
            yield f"postgres: {postgres.returncode}, {postgres.stderr}"


def main():
    bin_dir = pathlib.Path(sys.argv[1]).resolve()
    missing = [name for name in SERVICES if not (bin_dir / name).exists()]
    if missing:
        print(f"{bin_dir} lacks {', '.join(missing)}: build first")
        return 1
    faults = []
    with tempfile.TemporaryDirectory(prefix="diego-originals-") as directory:
        for service in SERVICES:
            root = pathlib.Path(directory) / service
            root.mkdir()
            faults += [f"{service}: {fault}" for fault in faults_of(service, bin_dir, root)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

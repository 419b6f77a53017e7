#!/usr/bin/env python3
"""Rehearses docs/migrating-from-diego.md as far as it goes without the original's programs.

Usage: rehearse.py BIN_DIR. What an original would do to a database or to Locket is done here by SQL
and by cfdot: rows as it writes them, a lock that it holds; its cell is played by original_cell.py.
Every step of the document is taken, with files of the original and certificates that name no role.
Needs root, as cells run containers.
"""

import json
import pathlib
import sqlite3
import sys
import tempfile

import cells
from deployment import Deployment, wait_until

ORIGINAL_TABLES = {"configurations", "domains", "desired_lrps", "actual_lrps", "tasks",
                   "bbs_health_check"}
ORIGINAL_BBS = "5d9e7f5e-0c1b-4b57-8d40-original-bbs"
PRESENCE = {"cell_id": "cell-9", "rep_address": "http://10.0.16.9:1800",
            "rep_url": "https://cell-9.cell.service.cf.internal:1801", "zone": "z1",
            "capacity": {"memory_mb": 4096, "disk_mb": 8192, "containers": 249},
            "rootfs_provider_list": [{"name": "preloaded", "properties": ["cflinuxfs4"]}]}
LRP = {"process_guid": "canary", "domain": "cf-apps", "rootfs": "preloaded:cflinuxfs4",
       "instances": 2, "memory_mb": 64, "disk_mb": 64, "log_guid": "canary",
       "action": {"run": {"path": "/bin/app", "user": "vcap"}},
       "routes": {"cf-router": [{"hostnames": ["canary.example"], "port": 8080}]},
       "env": [{"name": "GREETING", "value": "hello"}],
       "metric_tags": {"source_id": {"static": "canary"}}}
TASK = {"task_guid": "nightly", "domain": "cf-tasks", "rootfs": "preloaded:cflinuxfs4",
        "memory_mb": 32, "disk_mb": 32, "log_guid": "nightly",
        "action": {"run": {"path": "/bin/true", "user": "vcap"}}}


def rows(path, query):
    with sqlite3.connect(path) as database:
        return database.execute(query).fetchall()


def locks_of_the_original(deployment):
    """Locket's table as the original left it, without anything of ours."""
    with sqlite3.connect(deployment.database("locket")) as database:
        database.execute(
            "CREATE TABLE locks (path VARCHAR(255) PRIMARY KEY, owner VARCHAR(255), value"
            " VARCHAR(4096), type VARCHAR(255) DEFAULT '', modified_index BIGINT DEFAULT 0,"
            " modified_id varchar(255) DEFAULT '', ttl BIGINT DEFAULT 0)")
        database.executemany("INSERT INTO locks VALUES (?, ?, ?, ?, ?, ?, ?)", [
            ("bbs", ORIGINAL_BBS, "", "lock", 812, "0cf0a3e5-8f1c-4d64-9a30-5f8f4e3f0c11", 600),
            ("cell-9", "guid-9", json.dumps(PRESENCE), "presence", 4,
             "c1f2a3e5-8f1c-4d64-9a30-5f8f4e3f0c12", 600)])


def step_locket(deployment):
    locks_of_the_original(deployment)
    locket = deployment.start_locket()
    assert '"trusts_peers_without_role":true' in locket.log(), locket.log()
    assert deployment.cfdot("locks") == [
        f'{{"key":"bbs","owner":"{ORIGINAL_BBS}","type":"lock","type_code":1}}']
    presences = [json.loads(line) for line in deployment.cfdot("presences")]
    assert [(p["key"], p["owner"], p["type"], p["type_code"]) for p in presences] == [
        ("cell-9", "guid-9", "presence", 2)], presences
    # The owner of before goes on; nobody takes its lock.
    deployment.cfdot("claim-lock", "-k", "bbs", "-o", "thief", "-t", "15", code=4,
                     text="lock-collision")
    deployment.cfdot("claim-lock", "-k", "bbs", "-o", ORIGINAL_BBS, "-t", "600")
    index, = rows(deployment.database("locket"),
                  "SELECT modified_index FROM locks WHERE path = 'bbs'")
    assert index == (813,), index

    # Back: the original finds its table as it knows it. And across again.
    locket.stop()
    columns = [row[1] for row in rows(deployment.database("locket"), "PRAGMA table_info(locks)")]
    assert columns == ["path", "owner", "value", "type", "modified_index", "modified_id", "ttl"]
    deployment.start_locket()
    assert len(deployment.cfdot("locks")) == 1


def drop_what_is_ours(deployment):
    """Leaves of the BBS's database what an original's holds."""
    with sqlite3.connect(deployment.database("bbs")) as database:
        for name, in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"
                                      " AND name NOT LIKE 'sqlite_%'").fetchall():
            if name not in ORIGINAL_TABLES:
                database.execute(f"DROP TABLE {name}")


def state(deployment):
    """What cfdot shows of the records, but for what only time changes."""
    lrps = [json.loads(line) for line in deployment.cfdot("actual-lrps")]
    return (deployment.cfdot("domains"), deployment.cfdot("desired-lrps"),
            [(lrp["process_guid"], lrp["index"], lrp["modification_tag"]["epoch"])
             for lrp in lrps],
            [json.loads(line)["task_guid"] for line in deployment.cfdot("tasks")])


def step_bbs(deployment):
    # While the original holds the lock ours stands by, and touches nothing.
    standby = deployment.start_bbs().wait_for("bbs.locket-lock.failed-to-acquire-lock")
    deployment.cfdot("domains", code=5, text="UNAVAILABLE")
    if deployment.database("bbs").exists():
        assert rows(deployment.database("bbs"), "SELECT name FROM sqlite_master") == []
    # The original stops, and ours serves.
    deployment.cfdot("release-lock", "-k", "bbs", "-o", ORIGINAL_BBS)
    wait_until("ours serves", deployment.bbs_serves)
    assert standby.logged("bbs.office.taking-office")
    # Cells of the original are seen, by the presence they wrote.
    cell, = [json.loads(line) for line in deployment.cfdot("cells")]
    assert {key: cell[key] for key in ("cell_id", "rep_url", "zone", "capacity")} == {
        key: PRESENCE[key] for key in ("cell_id", "rep_url", "zone", "capacity")}, cell

    deployment.cfdot("set-domain", "cf-apps")
    deployment.cfdot("create-desired-lrp", json.dumps(LRP))
    deployment.cfdot("create-task", json.dumps(TASK))
    before = state(deployment)
    assert before[2] and before[3] == ["nightly"], before
    deployment.cfdot("update-desired-lrp", "canary", '{"instances":3}')
    deployment.cfdot("update-desired-lrp", "canary", '{"instances":2}')
    before = state(deployment)
    return standby, before


def step_back_and_across(deployment, bbs, before):
    bbs.stop()
    path = deployment.database("bbs")
    # The original refuses a database beyond its latest migration.
    (version,), = rows(path, "SELECT value FROM configurations WHERE id = 'version'")
    assert json.loads(version) == {"CurrentVersion": 1772581987}, version
    (label,), = rows(path, "SELECT value FROM configurations WHERE id = 'encryption_key_label'")
    assert label == "key-2", label
    # It inserts rows with its own columns only: what we add must not need a value.
    for table in ORIGINAL_TABLES - {"bbs_health_check"}:
        for _, column, _, not_null, default, key in rows(path, f"PRAGMA table_info({table})"):
            assert not (not_null and default is None and column.startswith("diego_")), column
    # Its envelope: "02", base64 of a label, a nonce and the sealed bytes.
    sealed, = rows(path, "SELECT run_info, routes FROM desired_lrps")
    assert all(text.startswith("02") for text in sealed), sealed
    drop_what_is_ours(deployment)

    again = deployment.start_bbs("bbs-ours-again")
    wait_until("ours serves what the original had", deployment.bbs_serves)
    assert state(deployment) == before, f"{state(deployment)}\nis not\n{before}"
    assert not again.logged("bbs.store.row-quarantined"), again.log()
    deployment.cfdot("delete-desired-lrp", "canary")
    assert deployment.cfdot("desired-lrps") == []


def main():
    bin_dir = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="diego-rehearsal-") as directory:
        deployment = Deployment(bin_dir, pathlib.Path(directory))
        try:
            step_locket(deployment)
            bbs, before = step_bbs(deployment)
            step_back_and_across(deployment, bbs, before)
        except Exception:
            deployment.show_logs()
            raise
        finally:
            deployment.stop()
    print("rehearsed: locket and bbs, across and back")
    with tempfile.TemporaryDirectory(prefix="diego-rehearsal-") as directory:
        cells.rehearse(bin_dir, pathlib.Path(directory))
    print("rehearsed: auctioneer, cells and route-emitters")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Steps 4 to 6 of docs/migrating-from-diego.md: auctioneer, cells and route-emitters, with a cell of
the original beside ours. Each service of ours first serves a BBS that it can reach by the original's
HTTP API alone, then one by gRPC, and what the document checks after each step is checked.
"""

import json
import os

from deployment import Deployment, free_port, post, wait_until
from original_cell import HOST_PORT, OriginalCell
from routers import Routers

ORIGINAL = "9b8f7f5e-0c1b-4b57-8d40-an-original"
HOST = "canary.example"
CANARY = {"process_guid": "canary", "domain": "cf-apps", "rootfs": "preloaded:busybox",
          "instances": 1, "memory_mb": 16, "disk_mb": 16, "log_guid": "canary", "ports": [8080],
          "action": {"run": {"path": "/bin/sleep", "args": ["1000000"], "user": "vcap"}},
          "routes": {"cf-router": [{"hostnames": [HOST], "port": 8080}]},
          "metric_tags": {"source_id": {"static": "canary"}}}


def by_http(deployment):
    return {"bbs_address": f"https://127.0.0.1:{deployment.ports['bbs_http']}"}


def by_grpc(deployment):
    return dict(by_http(deployment), bbs_grpc_address=f"127.0.0.1:{deployment.ports['bbs']}")


def served_by(service, name, protocol):
    """It says by which protocol a BBS serves it, and that no other has."""
    wait_until(f"{name} says which BBS serves it",
               lambda: service.logged(f"{name}.served-by-bbs"))
    told = [json.loads(line)["data"]["protocol"] for line in service.log().splitlines()
            if f'"{name}.served-by-bbs"' in line]
    assert told == [protocol], told


def running_at(deployment, *cells):
    """Waits until the canary runs once on each of these cells, and nowhere else."""
    def there():
        lrps = [json.loads(line) for line in deployment.cfdot("actual-lrps", "-p", "canary")]
        return sorted(lrp["cell_id"] for lrp in lrps if lrp["state"] == "RUNNING") == sorted(
            cells) and len(lrps) == len(cells)
    wait_until(f"the canary runs at {cells}", there, seconds=120)


def owner_of(deployment, lock):
    return [json.loads(line)["owner"] for line in deployment.cfdot("locks")
            if json.loads(line)["key"] == lock]


def take_over(deployment, name, lock, config):
    """Ours stands by while the original holds the lock, and takes it when that stops."""
    deployment.cfdot("claim-lock", "-k", lock, "-o", ORIGINAL, "-t", "600")
    service = deployment.start(name, config)
    service.wait_for(f"{name}.locket-lock.failed-to-acquire-lock")
    assert owner_of(deployment, lock) == [ORIGINAL]
    deployment.cfdot("release-lock", "-k", lock, "-o", ORIGINAL)
    wait_until(f"ours holds {lock}", lambda: owner_of(deployment, lock) == [config["uuid"]])
    return service


def scale(deployment, instances):
    deployment.cfdot("update-desired-lrp", "canary", json.dumps({"instances": instances}))


def auctioneer_config(deployment):
    config = deployment.config("auctioneer")
    config.update(listen_address=f"127.0.0.1:{deployment.ports['auctioneer']}",
                  grpc_listen_address="127.0.0.1:0", lock_ttl="5s", lock_retry_interval="1s")
    return config


def step_auctioneer(deployment):
    config = auctioneer_config(deployment)
    ours = take_over(deployment, "auctioneer", "auctioneer", dict(config, **by_http(deployment)))
    deployment.cfdot("create-desired-lrp", json.dumps(CANARY))
    running_at(deployment, "cell-original")
    served_by(ours, "auctioneer", "http")
    # Back, and across again; from here on our BBS is known as such.
    ours.stop()
    assert owner_of(deployment, "auctioneer") == []
    ours = take_over(deployment, "auctioneer", "auctioneer", dict(config, **by_grpc(deployment)))
    scale(deployment, 2)
    running_at(deployment, "cell-original", "cell-original")
    served_by(ours, "auctioneer", "grpc")
    # What fits nowhere says why.
    deployment.cfdot("create-desired-lrp", json.dumps(
        dict(CANARY, process_guid="giant", memory_mb=1 << 20, routes={})))
    wait_until("the placement error", lambda: any(
        json.loads(line).get("placement_error")
        for line in deployment.cfdot("actual-lrps", "-p", "giant")))
    deployment.cfdot("delete-desired-lrp", "giant")


def start_rep(deployment, cell_id, number, bbs):
    config = deployment.config("rep")
    # As each network is used by one deployment at a time: drawn, as that of the other tests.
    network = (os.getpid() * 2 + number) % 4000
    work = deployment.directory / cell_id
    trusted = work / "trusted_certs"
    trusted.mkdir(parents=True)
    config.update(bbs, cell_id=cell_id, placement_tags=[], memory_mb="1024", disk_mb="1024",
                  preloaded_root_fs=[f"busybox:{deployment.root_fs()}"],
                  grpc_listen_address=f"127.0.0.1:{free_port()}",
                  listen_addr_securable=f"127.0.0.1:{free_port()}",
                  listen_addr=f"127.0.0.1:{free_port()}", external_address="127.0.0.1",
                  work_dir=str(work), cache_path=str(work / "cache"), temp_dir=str(work / "tmp"),
                  trusted_system_certificates_path=str(trusted),
                  subnet=f"10.{140 + network // 256}.{network % 256}.0/24",
                  bridge_name=f"dgr{network}", first_host_port=32000 - 40 * (network % 290 + 1),
                  host_port_count=40, lock_ttl="5s", lock_retry_interval="1s",
                  polling_interval="2s", evacuation_polling_interval="1s",
                  graceful_shutdown_interval="2s", enable_container_proxy=False)
    return deployment.start("rep", config).wait_for("rep.started"), config


def cells_are(deployment, *cells):
    wait_until(f"the cells are {cells}", lambda: sorted(
        json.loads(line)["cell_id"] for line in deployment.cfdot("cells")) == sorted(cells))


def step_cells(deployment, original):
    # Side by side, each asked in its own language.
    first, config = start_rep(deployment, "cell-ours", 0, by_http(deployment))
    cells_are(deployment, "cell-original", "cell-ours")
    states = [json.loads(line) for line in deployment.cfdot("cell-states")]
    assert {state["cell_id"]: len(state["LRPs"]) for state in states} == {
        "cell-original": 2, "cell-ours": 0}, states
    assert "busybox" in states[0]["RootFSProviders"]["preloaded"]["set"], states

    # The original is evacuated; its presence goes with it.
    wait_until("the original is empty", original.evacuate, seconds=120)
    running_at(deployment, "cell-ours", "cell-ours")
    assert deployment.cfdot("actual-lrps", "-c", "cell-original") == []
    original.leave()
    cells_are(deployment, "cell-ours")
    served_by(first, "rep", "http")

    # Ours is evacuated in the same way, and ends by itself.
    second, _ = start_rep(deployment, "cell-ours-too", 1, by_grpc(deployment))
    cells_are(deployment, "cell-ours", "cell-ours-too")
    answer = post(int(config["listen_addr"].split(":")[1]), deployment.certs, "/evacuate", b"")
    assert json.loads(answer) == {"ping_path": "/ping"}, answer
    assert first.process.wait(timeout=120) == 0, first.log()[-3000:]
    running_at(deployment, "cell-ours-too", "cell-ours-too")
    cells_are(deployment, "cell-ours-too")
    served_by(second, "rep", "grpc")


def endpoints(deployment):
    lrps = [json.loads(line) for line in deployment.cfdot("actual-lrps", "-p", "canary")]
    return {(lrp["address"], port["host_port"]) for lrp in lrps for port in lrp["ports"]}


def step_route_emitters(deployment):
    config = deployment.config("route-emitter")
    routers = Routers(deployment, config["nats_username"], config["nats_password"])
    config.update(nats_addresses=f"127.0.0.1:{routers.port}", lock_ttl="5s",
                  lock_retry_interval="1s", sync_interval="2s", healthcheck_address="127.0.0.1:0")
    for bbs, protocol in ((by_http(deployment), "http"), (by_grpc(deployment), "grpc")):
        ours = take_over(deployment, "route-emitter", "route_emitter", dict(config, **bbs))
        wanted = endpoints(deployment)
        assert len(wanted) == 2 and ("127.0.0.1", HOST_PORT) not in wanted, wanted
        wait_until("routers know the canary",
                   lambda: set(routers.registrations(HOST)) == wanted)  # pylint: disable=W0640
        served_by(ours, "route-emitter", protocol)
        # Who stops takes no routes away.
        ours.stop()
        assert routers.registrations(HOST, "router.unregister") == []
        routers.forget()


def rehearse(bin_dir, directory):
    deployment = Deployment(bin_dir, directory)
    try:
        deployment.start_locket()
        deployment.start_bbs()
        wait_until("the BBS serves", deployment.bbs_serves)
        deployment.cfdot("set-domain", "cf-apps")
        original = OriginalCell(deployment, "cell-original")
        step_auctioneer(deployment)
        step_cells(deployment, original)
        step_route_emitters(deployment)
        deployment.cfdot("delete-desired-lrp", "canary")
        running_at(deployment)
    except Exception:
        deployment.show_logs()
        raise
    finally:
        deployment.stop()

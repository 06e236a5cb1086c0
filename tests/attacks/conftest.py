"""Our own zone in a real nginx, and behind it the real endpoint under granian: what strangers meet."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from delivery.laptop import keys
from delivery.laptop.edge import Identity, Ports, binary, nginx_conf, prepare, put_scripts, runtime, zone_js
from delivery.laptop.ports import free
from delivery.laptop.runtime import served
from tests.attacks.front import Front
from tests.unit.laptop.edge_records import api, bucket, joined
from tests.unit.laptop.zone import NAMES, realised

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Started once for all attacks: they must leave it as they found it."""
    folder = tmp_path_factory.mktemp("front")
    endpoint = free()
    known = runtime(joined(api(NAMES.updates_host), bucket(NAMES.downloads_host, "downloads"), realised(folder)))
    builds = {("updates:live", "1"): endpoint, ("updates:live", "2"): endpoint}
    ports = Ports(free(), {host.name: free() for host in known.hosts}, builds)
    prepare(folder)
    scripts = put_scripts(folder, zone_js(known, ports, Identity.of(keys.access_key(), "espice")))
    text = nginx_conf(known, ports, folder, scripts, "127.0.0.1:9", as_root=os.geteuid() == 0)
    (folder / "nginx.conf").write_text(text)
    attacked = Front(NAMES.updates_host, ports.hosts[NAMES.updates_host], ports.edge)
    serving = served("tests.attacks.served:app", endpoint)
    with _running(*serving), _running(binary(), "-p", f"{folder}/", "-c", "nginx.conf"):
        _wait_for(attacked)
        yield attacked


@contextmanager
def _running(*command: str | Path) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=15)


def _wait_for(front: Front) -> None:
    for _ in range(300):
        try:
            if front.get("/healthz").status == 200:
                return
        except OSError:
            pass  # nginx listens not yet
        time.sleep(0.1)
    raise AssertionError("the endpoint did not start behind the edge")

"""Starts the edge for the tests that ask it."""

import os
import subprocess
from collections.abc import Callable

import pytest

from delivery.laptop import keys
from delivery.laptop.edge import Identity, Ports, binary, nginx_conf, prepare, put_scripts, runtime, zone_js
from delivery.laptop.ports import free
from tests.unit.laptop.edge_records import joined
from tests.unit.laptop.running_edge import Edge, Origin, wait_for


@pytest.fixture
def origins():
    """Version 1, version 2, and the S3 server."""
    three = Origin(body=b"one"), Origin(body=b"two"), Origin()
    yield three
    for origin in three:
        origin.stop()


@pytest.fixture
def start(tmp_path, origins) -> Callable[..., Edge]:
    """Starts nginx for these records."""
    running: list[subprocess.Popen[bytes]] = []
    one, two, storage = origins

    def start(*records) -> Edge:
        known = runtime(joined(*records))
        ends = {("updates:live", "1"): one.port, ("updates:live", "2"): two.port}
        ports = Ports(free(), {host.name: free() for host in known.hosts}, ends)
        folder = tmp_path / "an edge"  # with a space, as people's folders have
        prepare(folder)
        scripts = put_scripts(folder, zone_js(known, ports, Identity.of(keys.access_key(), "espice")))
        text = nginx_conf(known, ports, folder, scripts, f"127.0.0.1:{storage.port}", as_root=os.geteuid() == 0)
        (folder / "nginx.conf").write_text(text)
        running.append(subprocess.Popen([binary(), "-p", f"{folder}/", "-c", "nginx.conf"]))
        wait_for(ports.edge)
        return Edge(ports)

    yield start
    for process in running:
        process.terminate()
        process.wait(timeout=10)

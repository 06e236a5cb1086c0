"""From what the clouds realised to processes: which endpoint builds run where, and the edge's configuration file.

Starts nothing: the supervisor does, from the recipes made here.
"""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.laptop import edge, keys
from delivery.laptop.edge import EndpointBuild, Identity, Ports, Runtime
from delivery.laptop.places import Places
from delivery.laptop.ports import free
from delivery.laptop.providers.ledger import Records
from delivery.laptop.told import told

# What the Lambda runtime gives a function besides its own variables.
_RUNTIME = {
    "AWS_ACCESS_KEY_ID": "laptop",
    "AWS_SECRET_ACCESS_KEY": "laptop",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PYTHONDONTWRITEBYTECODE": "1",
}

# Threads that answer. A second one of the endpoint would wait for the first, as Python has one lock, and handing that
# over costs more than an answer does. And no answer waits long for anything: `source` and `history` ask the store in
# threads of their own. The console does wait for others.
ENDPOINT_THREADS, CONSOLE_THREADS = 1, 4
GRACE_S = 10  # that a worker has to answer what it began; longer than the slowest answer


@dataclass(frozen=True, slots=True)
class Wanted:
    """Recipes for the supervisor: one for each endpoint build, with its share, and one for the edge."""

    endpoints: tuple[Mapping[str, Any], ...]
    nginx: Mapping[str, Any]


class EdgeRefused(Exception):  # noqa: N818 - what nginx did
    """nginx does not take the configuration; the text is its own."""


def wanted(records: Records, places: Places, ports: Mapping[str, int], domains: Mapping[str, str], team: str) -> Wanted:
    """What must run for these records, endpoint builds unpacked and the edge's configuration written.

    `team` is the name of the Cloudflare Access team for whom the edge's stand-in signs.
    Raises EdgeError, RuleError or EdgeRefused; the configuration that is in force stays then.
    """
    runtime = edge.runtime(records)
    chosen = _ports(runtime, places)
    endpoints = tuple(_endpoint(build, chosen[_name(build)], places, ports) for build in runtime.endpoints)
    return Wanted(endpoints, _edge(runtime, chosen, places, ports, domains, team))


def _name(build: EndpointBuild) -> str:
    """Another build or another environment is another process."""
    return f"{_room(build).rsplit('.', 1)[-1]}-{build.version}-{build.sha256[:8]}"


def _room(build: EndpointBuild) -> str:
    """The package of its handler, such as delivery.endpoint of delivery.endpoint.handler.handler."""
    return build.handler.rsplit(".", 2)[0]


def _ports(runtime: Runtime, places: Places) -> dict[str, int]:
    """A port for each build; one that runs already keeps its own."""
    file = places.endpoints
    try:
        known = json.loads(file.read_text())
    except (OSError, ValueError):
        known = {}
    chosen = {name: known.get(name) or free() for name in map(_name, runtime.endpoints)}
    file.write_text(json.dumps(chosen))
    return chosen


def _endpoint(build: EndpointBuild, port: int, places: Places, ports: Mapping[str, int]) -> Mapping[str, Any]:
    room = _room(build)
    command = served(f"{room}.main:app", port, CONSOLE_THREADS if room == "delivery.console" else ENDPOINT_THREADS)
    its = {"function": build.function, "version": build.version, "sha256": build.sha256, "weight": build.weight}
    return {"name": _name(build), "port": port, "command": command, **its, **surroundings(build, places, ports)}


def served(app: str, port: int, threads: int = ENDPOINT_THREADS) -> list[str]:
    """What serves an app of ours on this port, as the last line of the Containerfile does elsewhere.

    HTTP/1 only, as the edge speaks nothing else to it. At SIGTERM it answers what it has begun, and ends.
    """
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", str(threads), "--workers-kill-timeout", str(GRACE_S)]
    return [*command, "--http", "1", "--no-ws", "--log-level", "warning", app]


def surroundings(build: EndpointBuild, places: Places, ports: Mapping[str, int]) -> Mapping[str, Any]:
    """Where a process of this build runs, and its variables."""
    home = _unpacked(build, places)
    aws = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports['aws']}"}
    own = told(build.handler, build.environment, ports)
    return {"env": {**own, **_RUNTIME, **aws, "PYTHONPATH": str(home)}, "cwd": str(home)}


def _unpacked(build: EndpointBuild, places: Places) -> Path:
    """The folder of the build's own code; nothing of the checkout is on its path."""
    home = places.builds / build.sha256
    if not home.exists():
        half = home.with_suffix(".half")
        with zipfile.ZipFile(build.code) as archive:
            archive.extractall(half)
        half.rename(home)
    return home


def _edge(
    runtime: Runtime,
    chosen: Mapping[str, int],
    places: Places,
    ports: Mapping[str, int],
    domains: Mapping[str, str],
    team: str,
) -> Mapping[str, Any]:
    folder = places.edge
    edge.prepare(folder)
    by_host = {domain: ports[name] for name, domain in domains.items()}
    by_build = {(build.function, build.version): chosen[_name(build)] for build in runtime.endpoints}
    listening = Ports(ports["edge"], by_host, by_build)
    zone = edge.zone_js(runtime, listening, Identity.of(keys.access_key(), team))
    scripts = edge.put_scripts(folder, zone)
    text = edge.nginx_conf(runtime, listening, folder, scripts, f"127.0.0.1:{ports['aws']}", os.geteuid() == 0)
    command = [str(edge.binary()), "-p", str(folder)]
    return {"command": [*command, "-c", "nginx.conf"], "changed": _put(text, folder, command)}


def _put(text: str, folder: Path, command: list[str]) -> bool:
    """Put the configuration in place if it is another and nginx takes it."""
    file, new = folder / "nginx.conf", folder / "nginx.conf.new"
    if file.exists() and file.read_text() == text:
        return False
    new.write_text(text)
    tried = subprocess.run([*command, "-t", "-q", "-c", new.name], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise EdgeRefused(f"nginx does not take the edge's configuration: {tried.stderr.strip()}")
    new.replace(file)
    return True

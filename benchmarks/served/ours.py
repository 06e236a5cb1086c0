"""Our endpoint, as the laptop starts it, on a catalog as large as one ever gets; and nginx with the same answers."""

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.served.process import Server, free, running
from delivery.laptop import edge, runtime
from delivery.rules.catalog import Catalog, Offering, Release
from tests.unit.endpoint.parts import CATALOG, SETTINGS, World, offering, release

ROOT = Path(__file__).resolve().parents[2]
APP = "delivery.endpoint.main:app"
CHANNELS = ("alpha", "beta", "stable")
VERSIONS = [f"1.{minor}.0" for minor in range(1000)]
ASKED = 100  # of these versions ask
_KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_EC2_METADATA_DISABLED": "true"}


def catalog() -> Catalog:
    """Every version on every channel, the newest at 10 %; signatures as long as minisign's."""
    offerings = tuple(
        _past(offering(version, *((10,) if version == VERSIONS[-1] else (1, 10, 100)), channel=channel))
        for channel in CHANNELS
        for version in VERSIONS
    )
    releases = {version: _signed(version) for version in VERSIONS}
    return replace(CATALOG, channels=CHANNELS, releases=releases, offerings=offerings)


def _past(its: Offering) -> Offering:
    """All its steps taken: the tests' clock may be ahead of this machine's."""
    ago = max(stage.at for stage in its.stages) - datetime.now(UTC) + timedelta(days=1)
    return replace(its, stages=tuple(replace(stage, at=stage.at - ago) for stage in its.stages))


def _signed(version: str) -> Release:
    made = release(version)
    artifacts = {
        target: {
            bundle: replace(
                its, signature=its.signature and base64.b64encode(f"{version} {bundle:<300}".encode()).decode()
            )
            for bundle, its in bundles.items()
        }
        for target, bundles in made.artifacts.items()
    }
    return replace(made, artifacts=artifacts)


def objects() -> Mapping[str, bytes]:
    """That catalog with its signed head, as they lie in S3."""
    world = World()
    world.clock.now = datetime.now(UTC)
    world.publish(catalog())
    return {f"/{SETTINGS.bucket}/{key}": data for key, data in world.store.objects.items()}


def paths(folder: Path) -> tuple[Path, Path]:
    """Files of a few paths, and of 100,000 that all differ in what decides: each version, each cohort."""
    few, many = folder / "few", folder / "many"
    every = [
        f"/v1/update/stable/linux/x86_64/{version}?bundle=appimage&cohort={cohort}&os=24.04"
        for cohort in range(1000)
        for version in VERSIONS[:ASKED]
    ]
    few.write_text("\n".join(every[:20]))
    many.write_text("\n".join(every))
    return few, many


@contextmanager
def ours(folder: Path, s3: int) -> Iterator[Server]:
    """Granian with one worker."""
    port, settings = free(), replace(SETTINGS, metrics="prometheus")
    env = {**settings.to_env(), **_KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3}", "PYTHONPATH": str(ROOT)}
    with running("ours", port, runtime.served(APP, port), paths(folder), env, folder) as server:
        yield server


_NGINX = """
%s daemon off; worker_processes 1; error_log stderr warn; pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; open_file_cache max=1000; keepalive_requests 1000000000;
  default_type application/json;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
  server { listen 127.0.0.1:%d; root root; }
}
"""


@contextmanager
def static(folder: Path, model: Server) -> Iterator[Server]:
    """nginx with one worker and no log: a file for each version, with what `model` answers to it."""
    port, answers = free(), folder / "root/v1/update/stable/linux/x86_64"
    answers.mkdir(parents=True)
    for version in VERSIONS[:ASKED]:
        (answers / version).write_bytes(model.get(f"/v1/update/stable/linux/x86_64/{version}?bundle=appimage")[1])
    (folder / "nginx.conf").write_text(_NGINX % ("user root;" if os.geteuid() == 0 else "", port))
    command = [str(edge.binary()), "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
    with running("nginx", port, command, (model.few, model.many), {}, folder) as server:
        yield server

"""A run of every AWS type, killed at many points: run again, it converges, and nothing is there twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.ledger import Ledger
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from tests.engines.every_type import everything, upload_builds
from tests.engines.programs import stack
from tests.engines.what_is_there import clients, everything_in

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WISH = stack(everything("one.zip"))


@pytest.fixture
def aws(moto):
    requests.post(f"{moto}/moto-api/reset", timeout=10)
    client = clients(moto)
    upload_builds(client("s3"))
    return client


def killed(moto, folder, act, number, how):
    command = [sys.executable, "-m", "tests.engines.killed", moto, str(folder), act, str(number), how]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.timeout(400)
def test_killed_again_and_again_an_apply_converges_and_destroy_leaves_nothing(aws, moto, tmp_path):
    before = everything_in(aws)
    # Each run goes on where the one before was killed, so the points lie all over the program.
    for number, how in ((2, "after"), (20, "before"), (30, "after"), (35, "before"), (25, "after")):
        killed(moto, tmp_path, "apply", number, how)
    handle = serve(packages(moto, tmp_path / "ledger.json"))
    engine = EmbeddedEngine(tmp_path / "engine", handle.addresses)
    assert engine.apply(WISH).errors == ()
    assert engine.apply(WISH).changes == ()
    assert engine.refresh(WISH, preview=True).changes == ()
    killed(moto, tmp_path, "destroy", 30, "after")
    assert engine.destroy(WISH).errors == ()
    # What a killed run had made and nobody remembered would still be there.
    assert everything_in(aws) - before == set()
    assert not any(Ledger(tmp_path / "ledger.json").read().values())
    handle.stop()

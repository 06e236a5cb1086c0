"""Every AWS type under the real engine: it takes over what was changed by hand, and an apply mends it."""

import pytest
import requests

from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from tests.engines import by_hand
from tests.engines.every_type import everything, upload_builds
from tests.engines.programs import real_with, stack
from tests.engines.what_is_there import clients, everything_in

pytestmark = [pytest.mark.engine, pytest.mark.slow]

WISH = stack(everything("one.zip"))


@pytest.fixture
def aws(moto):
    requests.post(f"{moto}/moto-api/reset", timeout=10)
    client = clients(moto)
    upload_builds(client("s3"))
    return client


@pytest.fixture
def engine(moto, tmp_path):
    handle = serve(packages(moto, tmp_path / "ledger.json"))
    yield real_with(tmp_path / "engine", handle.addresses)
    handle.stop()


def done(outcome):
    assert outcome.errors == ()
    return {
        step.name: by_hand.GONE if step.operation.value == "delete" else ", ".join(step.changed)
        for step in outcome.changes
    }


@pytest.mark.timeout(400)
def test_what_was_changed_by_hand_is_found_taken_over_and_mended(aws, engine):
    before = everything_in(aws)
    done(engine.apply(WISH))
    assert done(engine.refresh(WISH, preview=True)) == {}
    resources = engine.deployment("laptop")["deployment"]["resources"]
    ids = {each["urn"].rsplit("::", 1)[1]: each["id"] for each in resources if each["custom"]}
    for change, _ in by_hand.CHANGES.values():
        change(aws, ids)
    expected = {name: what for name, (_, what) in by_hand.CHANGES.items()}
    assert done(engine.refresh(WISH, preview=True)) == done(engine.refresh(WISH)) == expected
    mended = done(engine.apply(WISH))
    # What was gone is made again, and takes along the few that cannot stay when it is another one.
    assert {name: what for name, what in mended.items() if what} == {
        name: what for name, what in expected.items() if what != by_hand.GONE
    }
    assert done(engine.refresh(WISH, preview=True)) == {}
    done(engine.destroy(WISH))
    assert everything_in(aws) - before == set()

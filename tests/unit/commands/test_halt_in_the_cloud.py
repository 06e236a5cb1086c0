"""./inv halt in an environment of the clouds, by whoever has not all of its keys. moto is AWS."""

from datetime import UTC, datetime

import pytest

from delivery.commands import halt as command
from delivery.deploy.halt import Wanted, finish, pull
from delivery.deploy.override import live_override
from infra.names import OVERRIDE_KEY
from tests.unit.commands.test_in_the_cloud import NAMES, Staging
from tests.unit.commands.test_in_the_cloud import staging as staging  # noqa: PLC0414 - the fixture

pytestmark = pytest.mark.slow


def test_without_the_keys_of_r2_the_override_is_written_all_the_same(
    staging: Staging,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials")
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    staging.put_live()
    site, wanted, now = command._site("staging"), Wanted("stable", None, "it loses work"), datetime.now(UTC)
    done = pull(site.place, wanted, site.signer, now)
    found = site.place.catalog.read(OVERRIDE_KEY)
    assert found is not None
    assert live_override(found.data, site.place.product, "staging") == done.standing.override

    step = next(finish(site.place, wanted, done, site.edge, now))
    assert (step.what, step.wrong) == (
        "static manifests may still offer it to whom the endpoint does not answer",
        f"{NAMES.downloads} lies in R2, and there are no keys for it here; "
        f"put R2's keys into the profile {NAMES.r2_profile} of the shared credentials file",
    )

"""Names."""

import pytest

from delivery.rules import catalog
from infra.names import HEAD_KEY, catalog_key


@pytest.mark.parametrize(
    ("environment", "hosts"),
    [
        ("production", ("updates.espice.app", "downloads.espice.app", "espice.app")),
        ("staging", ("updates.espice-staging.app", "downloads.espice-staging.app", "espice-staging.app")),
        ("laptop", ("updates.espice.localhost", "downloads.espice.localhost", "espice.localhost")),
    ],
)
def test_every_environment_has_hosts_and_buckets_of_its_own(names, environment, hosts):
    mine = names(environment)
    assert (mine.updates_host, mine.downloads_host, mine.site_host) == hosts
    assert [mine.archive, mine.catalog, mine.downloads, mine.site] == [
        f"espice-{environment}-{what}" for what in ("archive", "catalog", "downloads", "site")
    ]


def test_the_live_stack_writes_where_the_endpoint_reads():
    assert HEAD_KEY == catalog.HEAD_KEY
    assert catalog_key("ab" * 32) == catalog.object_key("ab" * 32)


def test_names_fit_what_the_clouds_allow(names):
    longest = names("production")
    assert max(len(each) for each in (longest.archive, longest.downloads)) <= 63
    assert len(longest.function) <= 27  # Route 53's reference, which the provider lengthens to 64

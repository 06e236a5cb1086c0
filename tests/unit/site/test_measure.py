"""Each component is looked at over real HTTP, as a visitor or an installation would, and what was seen is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from delivery.deploy.objects import Changed, Found
from delivery.deploy.probe import check_path, manifest_key
from delivery.engines.stack import EngineError
from delivery.site.data import Hosts
from delivery.site.measure import KEY, measure
from delivery.site.seen import Status, from_bytes
from tests.unit.deploy.edges import Edge, edge, prepared

pytestmark = pytest.mark.slow

FACTS = prepared().facts
CHECK, MANIFEST = check_path(FACTS), f"/{manifest_key(FACTS)}"


@dataclass
class Kept:
    """A bucket in memory; `first` is done by another before each of the next writes."""

    objects: dict[str, bytes] = field(default_factory=dict)
    served: dict[str, Any] = field(default_factory=dict)
    others: list[bytes] = field(default_factory=list)

    def read(self, key: str) -> Found | None:
        data = self.objects.get(key)
        return Found(data, str(hash(data))) if data is not None else None

    def older(self, key: str, most: int) -> Iterator[bytes]:
        raise NotImplementedError

    def write(self, key: str, data: bytes, on: str | None, **served: Any) -> None:
        if self.others:
            self.objects[key] = self.others.pop()
            raise Changed(key)
        found = self.read(key)
        assert on == (found.etag if found else None)
        self.objects[key], self.served = data, served


@pytest.fixture
def there() -> Iterator[Edge]:
    with edge() as (found, _):
        offer = {"version": "1.3.0", "url": f"{found.url}/f", "signature": "s", "pub_date": "2026-11-01T00:00:00Z"}
        found.instead[CHECK] = msgspec.json.encode({**offer, "notes": ""})
        found.files["/"] = b"<!doctype html><html></html>"
        yield found


def measured(there: Edge, store: Kept | None = None) -> Status:
    return measure(FACTS, "laptop", Hosts(site=there.url, updates=there.url, downloads=there.url), store or Kept())


def said(status: Status) -> dict[str, str]:
    return {each.component: each.last.said for each in status.components}


def test_what_works_is_seen_to_work(there: Edge) -> None:
    store = Kept()
    status = measured(there, store)
    assert said(status) == {"downloads": "", "manifests": "", "site": "", "updates": ""}
    assert all(each.last.good for each in status.components)
    assert from_bytes(store.objects[KEY]) == status
    assert store.served == {"ContentType": "application/json", "CacheControl": "public, max-age=30"}


def test_what_a_visitor_could_not_use_is_named(there: Edge) -> None:
    there.instead |= {CHECK: b'{"version": "1.3.0"}', MANIFEST: b"{}", "/": b"<html>half a"}
    found = said(measured(there))
    assert found.pop("updates").startswith("the offer is not what an updater reads")
    assert found == {
        "downloads": "",
        "manifests": "the manifest is not what an updater reads",
        "site": "the page is not whole",
    }


def test_an_unsigned_head_makes_update_checks_bad(there: Edge) -> None:
    there.files["/v1/head"] = there.files["/v1/head"].replace(b"sig", b"gis", 1)
    assert said(measured(there))["updates"].startswith("the head is not to be believed")


def test_a_manifest_that_leads_elsewhere_is_bad(there: Edge) -> None:
    there.instead[MANIFEST] = there.files[MANIFEST].replace(there.url.encode(), b"https://elsewhere.example")
    assert said(measured(there))["manifests"] == "the manifest lacks what an updater needs"


def test_hosts_that_do_not_answer_are_seen_so_and_the_rest_is_seen_all_the_same(there: Edge) -> None:
    nowhere = "http://127.0.0.1:1"
    status = measure(FACTS, "laptop", Hosts(site=there.url, updates=nowhere, downloads=nowhere), Kept())
    assert said(status) == {
        "downloads": "it got no answer",
        "manifests": "it got no answer",
        "site": "",
        "updates": "the head got no answer; the update check got no answer",
    }


def test_a_download_of_another_size_is_bad(there: Edge) -> None:
    measured(there)
    [file] = [path for path in there.asked if path.startswith("/espice/")]
    there.instead[file] = b"cut off"
    assert said(measured(there))["downloads"].endswith("bytes, and the downloads host says 7")


def test_a_look_is_added_to_what_another_wrote_meanwhile(there: Edge) -> None:
    store = Kept()
    measured(there, store)
    store.others = [store.objects[KEY]]
    del store.objects[KEY]
    status = measured(there, store)
    assert [sum(slot.looks for slot in each.days.slots) for each in status.components] == [2, 2, 2, 2]


def test_what_is_no_status_is_left_alone(there: Edge) -> None:
    store = Kept({KEY: b"something else"})
    with pytest.raises(EngineError, match=r"status/status\.json: it is no status"):
        measured(there, store)
    assert store.objects == {KEY: b"something else"}


def test_the_moment_is_when_looking_began(there: Edge) -> None:
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    status = measure(FACTS, "laptop", Hosts(site=there.url, updates=there.url, downloads=there.url), Kept(), lambda: at)
    assert {each.last.at for each in status.components} == {at} == {status.at}

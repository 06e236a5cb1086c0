"""./inv site publish, as it is typed: the finished build of HEAD goes into the site's bucket, where moto is R2."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from delivery.commands import site_publish
from delivery.deploy.objects import Bucket
from delivery.engines.stack import EngineError
from delivery.site.build import wanted
from delivery.site.data import Hosts
from delivery.site.publish import IMMUTABLE, KEPT, NOTE
from tests.unit.commands.desk import Said
from tests.unit.commands.test_announce import Laptop
from tests.unit.commands.test_announce import laptop as laptop  # noqa: PLC0414 - the fixture

pytestmark = pytest.mark.slow

SITE = "espice-laptop-site"
STATUS = "status/status.json"
OLD = {"index.html": "old", "docs/index.html": "docs", "assets/old-1.js": "1"}
NEW = {"index.html": "new", "assets/new-2.js": "2"}


@dataclass
class Site:
    """A laptop whose site's bucket is empty, and what caches were told to let go of."""

    laptop: Laptop
    purged: list[tuple[str, ...]] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)

    def inv(self, *typed: str) -> Said:
        return self.laptop.desk.inv("site.publish", *typed)

    def built(self, files: Mapping[str, str]) -> str:
        """A commit that changes the site, whose build is there already and holds these files; its id."""
        self.laptop.commit("site/content/words.txt", "wordling")
        repo, at = self.laptop.desk.repo, self.laptop.s3.meta.endpoint_url
        asked = wanted(repo, "HEAD", "laptop", Hosts(site=at, updates=at, downloads=at), datetime.now(UTC))
        for path, text in files.items():
            self.laptop.desk.write(f".state/site/builds/{asked.key}/{path}", text)
        return asked.commit

    def there(self) -> dict[str, str]:
        """Each object but the note, by key."""
        found = self.laptop.s3.list_objects_v2(Bucket=SITE).get("Contents", ())
        return {each["Key"]: self.read(each["Key"]) for each in found if each["Key"] != NOTE}

    def read(self, key: str) -> str:
        return str(self.laptop.s3.get_object(Bucket=SITE, Key=key)["Body"].read().decode())

    def note(self) -> Any:
        return json.loads(self.read(NOTE))


@pytest.fixture
def site(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> Site:
    laptop.s3.create_bucket(Bucket=SITE)
    made, write, remove = Site(laptop), Bucket.write, Bucket.remove

    def purge(prefixes: Iterable[str]) -> None:
        made.wrote.append("purge")
        made.purged.append(tuple(prefixes))

    def writing(self: Bucket, key: str, *rest: Any, **served: Any) -> None:
        write(self, key, *rest, **served)
        made.wrote.append(key)

    def removing(self: Bucket, key: str) -> None:
        remove(self, key)
        made.wrote.append(f"without {key}")

    monkeypatch.setattr(site_publish, "_caches", lambda _: purge)
    monkeypatch.setattr(Bucket, "write", writing)
    monkeypatch.setattr(Bucket, "remove", removing)
    return made


def test_assets_come_before_pages_then_what_went_and_the_note_and_caches_last(site: Site) -> None:
    site.built(OLD)
    assert site.inv("laptop").status == 0
    site.wrote.clear()
    commit = site.built(NEW)
    said = site.inv("laptop")
    live = f"laptop: 2 objects written, 1 removed; the site of {commit[:9]} is live\n"
    assert (said.status, said.out) == (0, live)
    assert site.wrote == ["assets/new-2.js", "index.html", "without docs/index.html", NOTE, "purge"]
    assert site.there() == {**NEW, "assets/old-1.js": "1"}
    assert site.note()["commit"] == commit


def test_pages_are_kept_briefly_and_what_is_named_by_its_content_for_a_year(site: Site) -> None:
    site.built(NEW)
    site.inv("laptop")
    kept = {key: site.laptop.s3.head_object(Bucket=SITE, Key=key)["CacheControl"] for key in (*NEW, NOTE)}
    assert kept == {"index.html": "public, max-age=30", "assets/new-2.js": IMMUTABLE, NOTE: "no-cache"}


def test_caches_let_go_of_what_changed_alone(site: Site) -> None:
    site.built(OLD)
    site.inv("laptop")
    site.built({**OLD, "docs/index.html": "other", "assets/new-2.js": "2"})
    site.inv("laptop")
    assert [each.rpartition("/")[2] for each in site.purged[-1]] == ["docs"]


def test_the_second_run_says_that_it_is_live_and_touches_nothing(site: Site) -> None:
    site.built(NEW)
    site.inv("laptop")
    site.wrote.clear()
    assert site.inv("laptop") == Said(0, "laptop: nothing to publish, it is live already\n", "")
    assert site.wrote == []


def test_an_asset_that_no_page_names_goes_after_its_time_and_others_objects_stay(site: Site) -> None:
    site.built(OLD)
    site.inv("laptop")
    site.laptop.s3.put_object(Bucket=SITE, Key=STATUS, Body=b"{}")
    site.built(NEW)
    site.inv("laptop")
    for age, stays in ((KEPT - timedelta(hours=1), True), (KEPT + timedelta(hours=1), False)):
        since = (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ")
        note = {**site.note(), "left": {"assets/old-1.js": since}}
        site.laptop.s3.put_object(Bucket=SITE, Key=NOTE, Body=json.dumps(note).encode())
        assert site.inv("laptop").status == 0
        assert ("assets/old-1.js" in site.there()) is stays
    assert site.there() == {**NEW, STATUS: "{}"}


def test_a_run_that_breaks_off_leaves_the_old_site_whole_and_the_next_one_ends_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = site.built(OLD)
    site.inv("laptop")
    commit, write = site.built(NEW), Bucket.write

    def broken(self: Bucket, key: str, *rest: Any, **served: Any) -> None:
        if key.endswith(".html"):
            raise EngineError("the bucket does not answer")
        write(self, key, *rest, **served)

    with monkeypatch.context() as patched:
        patched.setattr(Bucket, "write", broken)
        said = site.inv("laptop")
    assert (said.status, said.out) == (1, "")
    assert "the bucket does not answer" in said.err
    assert site.there() == {**OLD, "assets/new-2.js": "2"}
    assert site.note()["commit"] == before
    assert site.inv("laptop").status == 0
    assert site.note()["commit"] == commit


def test_a_dry_run_says_what_it_would_do_and_does_nothing(site: Site) -> None:
    site.built(NEW)
    said = site.inv("laptop", "--dry-run")
    assert (said.status, said.out) == (0, "laptop: 2 objects would be written and 0 removed\n")
    assert (site.there(), site.wrote) == ({}, [])


def test_machines_are_told_the_same(site: Site) -> None:
    commit = site.built(NEW)
    said = json.loads(site.inv("laptop", "--json").out)
    assert (said["environment"], said["dry_run"], said["commit"]) == ("laptop", False, commit)
    assert (said["written"], said["removed"]) == (["assets/new-2.js", "index.html"], [])
    again = json.loads(site.inv("laptop", "--json").out)
    assert (again["key"], again["written"], again["removed"]) == (said["key"], [], [])


def test_an_environment_that_is_not_there_is_refused(site: Site) -> None:
    said = site.inv("stagin")
    assert (said.status, said.out) == (2, "")
    assert said.err == "there is no environment stagin; did you mean staging?\n"


def test_without_keys_of_the_bucket_it_says_which_are_missing(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # What was signed on a laptop is refused for staging before any key is asked for.
    monkeypatch.setattr(site_publish, "wanted", lambda repo, ref, _, *rest: wanted(repo, ref, "laptop", *rest))
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    said = site.inv("staging")
    assert (said.status, said.out) == (1, "")
    assert "espice-staging-r2" in said.err
    assert site.wrote == []

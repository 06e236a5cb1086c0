"""./inv mirror: what is live on a laptop's AWS becomes assets of a stand-in GitHub, and installations live on them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clients.reference.check import Update, UpToDate, check
from clients.reference.installation import Installation, espice_endpoints
from delivery.commands.mirror import _key, asset_name
from delivery.deploy import steps
from delivery.deploy.objects import Bucket, Found
from delivery.deploy.override import live_override
from delivery.engines.stack import EngineError
from delivery.history import snapshot
from delivery.laptop import keys
from delivery.proposals import choose
from delivery.rules.brake import OVERRIDE_KEY
from delivery.rules.catalog import HEAD_KEY
from infra.publication import braked_by
from tests.github.faults import Fault
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.unit.commands.desk import Said
from tests.unit.commands.test_announce import BUCKETS, Laptop
from tests.unit.commands.test_announce import laptop as laptop  # noqa: PLC0414 - the fixture

pytestmark = pytest.mark.slow

NAME, TAG = "espice/delivery", "manifests-laptop"
STABLE, KEY = "stable-linux-x86_64-appimage.json", "v1/update/stable/linux/x86_64/appimage.json"
DEAD = "http://127.0.0.1:1"
CELLS = 2 * 11  # of stable and beta: what clients of each target may say of their bundle


@dataclass(frozen=True)
class Site:
    """A laptop whose facts are live, and a stand-in for GitHub."""

    laptop: Laptop
    hub: Hub
    api: str

    def inv(self, *typed: str) -> Said:
        return self.laptop.desk.inv("mirror", "laptop", *typed)

    def publish(self) -> None:
        """What an apply of HEAD writes, under the brake as it is now."""
        self.laptop.apply()
        repo, now, s3 = self.laptop.desk.repo, datetime.now(UTC), self.laptop.s3
        given = snapshot.at_commit(repo, "HEAD")
        prepared = steps.prepare(given, given, "laptop", now)
        kept = s3.list_objects_v2(Bucket=BUCKETS[0], Prefix=OVERRIDE_KEY).get("Contents")
        data = s3.get_object(Bucket=BUCKETS[0], Key=OVERRIDE_KEY)["Body"].read() if kept else None
        override = live_override(data, prepared.facts.product.value, "laptop")
        made = steps.publication(prepared, b"", self.downloads, now, {}, override).manifests
        for key, manifest in made.items():
            number = override.number if override else 0
            s3.put_object(Bucket=BUCKETS[1], Key=key, Body=manifest, Metadata=dict(braked_by(number)))

    @property
    def downloads(self) -> str:
        return self.laptop.s3.meta.endpoint_url

    def lies(self, key: str = KEY) -> bytes:
        """On the downloads host."""
        return bytes(self.laptop.s3.get_object(Bucket=BUCKETS[1], Key=key)["Body"].read())

    def there(self) -> dict[str, bytes]:
        """At GitHub."""
        return {each.name: each.data for release in self.hub.own.releases for each in release.assets}

    def offered(self, current: str, bundle: str = "appimage") -> str | None:
        """To an installation that reaches neither endpoint nor downloads host."""
        mirror = f"{self.api}/{NAME}/releases/download/{TAG}"
        ladder = espice_endpoints(DEAD, DEAD, "stable", mirror_url=mirror)
        app = Installation(current, "linux", "x86_64", bundle, ladder, keys.artifact_public_key(), timeout=5)
        found = check(app)
        assert found.asked.startswith(mirror)
        assert isinstance(found, Update | UpToDate)
        return found.version if isinstance(found, Update) else None


@pytest.fixture
def site(laptop: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with stand_in(tmp_path, NAME, {"token-of-ada": Person("ada")}) as found:
        for name, value in (("API_URL", found.api), ("REPOSITORY", NAME), ("TOKEN", "token-of-ada")):
            monkeypatch.setenv(f"GITHUB_{name}", value)
        made = Site(laptop, found.hub, found.api)
        made.publish()
        yield made


def test_whoever_reaches_nothing_else_is_offered_what_everybody_has(site: Site) -> None:
    said = site.inv()
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[-1] == f"laptop: the release {TAG} is what is live now"
    assert f"put there: {STABLE}\n" in said.out
    assert (len(site.there()), site.there()[STABLE]) == (CELLS, site.lies())
    assert [site.offered("1.2.0", bundle) for bundle in ("appimage", "deb", "unknown")] == ["1.3.0"] * 3
    assert site.offered("1.3.0") is None
    [release] = site.hub.own.releases
    assert (release.tag, release.title, release.prerelease) == (TAG, "Update manifests of laptop", True)
    assert site.inv() == Said(0, f"laptop: the release {TAG} is what is live\n", "")


def test_a_dry_run_writes_nothing(site: Site) -> None:
    said = site.inv("--dry-run")
    assert (said.status, said.out.splitlines()[-1]) == (0, "dry run: nothing was written")
    assert f"would put {STABLE}\n" in said.out
    assert site.hub.own.releases == []


def test_machines_are_told_the_same(site: Site) -> None:
    site.inv()
    site.laptop.s3.put_object(Bucket=BUCKETS[1], Key=KEY, Body=b'{"version":"0.0.0"}')
    said = site.inv("--json")
    assert (said.status, said.err) == (0, f"replaced: {STABLE}\n")
    assert json.loads(said.out) == {
        "environment": "laptop",
        "tag": TAG,
        "changes": [{"name": STABLE, "does": "replace"}],
        "withheld": [],
        "untold": [],
    }


def test_a_channel_that_is_no_more_is_kept_as_long_as_its_manifests_are(site: Site) -> None:
    old, key = "alpha-linux-x86_64-deb.json", "v1/update/alpha/linux/x86_64/deb.json"
    site.inv()
    site.laptop.s3.put_object(Bucket=BUCKETS[1], Key=key, Body=b'{"version":"0.0.0"}')
    site.hub.take(Person("ada"), site.hub.own.releases[0], old, b'{"version":"1.0.0"}')
    assert f"replaced: {old}\n" in site.inv().out
    site.laptop.s3.delete_object(Bucket=BUCKETS[1], Key=key)
    assert f"removed: {old}\n" in site.inv().out
    assert len(site.there()) == CELLS


def test_a_halt_comes_through_and_nothing_wider_with_it(site: Site) -> None:
    """The override is written first: until the manifests obey it they are left out, and so is what was there."""
    site.inv()
    site.laptop.halt()
    said = site.inv()
    offering = [name for name in site.inv("--dry-run", "--json").out.splitlines() if "stable-linux" in name]
    assert (said.status, len(offering)) == (1, 4)
    assert f"removed: {STABLE}\n" in said.out
    assert said.err.splitlines()[0].endswith(
        "is left out: the downloads host still offers what is halted; "
        "./inv halts --environment laptop says what; type that halt again"
    )
    assert not [name for name in site.there() if name.startswith("stable-linux")]
    site.publish()
    assert site.inv().status == 0
    assert (len(site.there()), site.offered("1.2.0")) == (CELLS, None)


def test_a_manifest_that_lacks_takes_nothing_away_and_keeps_nothing_from_being_mirrored(site: Site) -> None:
    """Where the downloads host lost it, the mirror is all that is left."""
    site.inv()
    before, other = site.there(), "beta-linux-x86_64-deb.json"
    site.laptop.s3.delete_object(Bucket=BUCKETS[1], Key=KEY)
    site.laptop.s3.put_object(Bucket=BUCKETS[1], Key=_key(other), Body=b'{"version":"0.0.0"}')
    assert site.inv() == Said(
        1,
        f"replaced: {other}\nlaptop: the release {TAG} is what is live, as far as that can be read\n",
        f"left as it is at GitHub: {site.downloads}/{KEY} is not there; ./inv apply laptop-live puts it there\n",
    )
    assert site.there() == before | {other: b'{"version":"0.0.0"}'}


def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """R2 answers nobody."""
    read = Bucket.read

    def unread(self: Bucket, key: str) -> Found | None:
        if self._bucket == BUCKETS[1]:
            raise EngineError("downloads: could not be reached")
        return read(self, key)

    monkeypatch.setattr(Bucket, "read", unread)


@pytest.mark.parametrize("lost", ["all", "one"])
def test_what_is_halted_goes_though_the_downloads_host_cannot_be_read(
    site: Site, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    site.inv()
    before = site.there()
    site.laptop.halt()
    if lost == "all":
        away(monkeypatch)
    else:
        site.laptop.s3.delete_object(Bucket=BUCKETS[1], Key="v1/update/beta/linux/x86_64/deb.json")
    would = json.loads(site.inv("--dry-run", "--json").out)["changes"]
    said = site.inv()
    gone = [name for name in before if name not in site.there()]
    assert STABLE in gone
    assert {name.partition("-")[0] for name in gone} == {"stable"}
    assert site.there() == {name: data for name, data in before.items() if name not in gone}
    assert would == [{"name": name, "does": "remove"} for name in gone]
    assert said.status == 1
    assert said.out.splitlines()[-1] == f"laptop: the release {TAG} is what is live, as far as that can be read"
    if lost == "all":
        assert said.err == "left as it is at GitHub: downloads: could not be reached\n"
    monkeypatch.undo()


def test_what_is_halted_goes_though_the_head_is_gone_too(site: Site) -> None:
    site.inv()
    site.laptop.halt()
    site.laptop.s3.delete_object(Bucket=BUCKETS[0], Key=HEAD_KEY)
    said = site.inv()
    assert said.status == 1
    assert f"removed: {STABLE}\n" in said.out
    assert said.err == (
        "laptop has no head that is to be believed, so nothing is live; ./inv apply laptop-live makes it so\n"
    )
    assert STABLE not in site.there()


def test_an_override_that_nobody_believes_leaves_everything_as_it_is(site: Site) -> None:
    site.inv()
    before = site.there()
    site.laptop.s3.put_object(Bucket=BUCKETS[0], Key=OVERRIDE_KEY, Body=b"{}")
    site.laptop.s3.put_object(Bucket=BUCKETS[1], Key=KEY, Body=b'{"version":"9.9.9"}')
    assert site.inv().status == 1
    assert site.there() == before


def test_what_goes_live_meanwhile_is_mirrored_by_the_same_run(site: Site) -> None:
    site.inv()
    site.laptop.s3.put_object(Bucket=BUCKETS[1], Key=KEY, Body=b'{"version":"0.0.0"}')
    site.hub.faults.append(Fault(method="PATCH", path="/assets", meanwhile=site.publish))
    assert site.inv().status == 0
    assert site.there()[STABLE] == site.lies()


def test_a_laptop_is_mirrored_to_no_github_in_the_world(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", choose.PUBLIC)
    words = "laptop: its manifests lead to this machine only, so they are mirrored to no GitHub but a stand-in\n"
    assert site.inv() == Said(2, "", words)
    assert site.laptop.desk.inv("mirror", "moon").err == (
        "there is no environment moon; there are laptop, staging and production\n"
    )


def test_each_key_has_a_name_of_its_own_and_the_other_way_round(site: Site) -> None:
    listed = site.laptop.s3.list_objects_v2(Bucket=BUCKETS[1], Prefix="v1/update/")["Contents"]
    keys = [each["Key"] for each in listed]
    assert [_key(asset_name(key)) for key in keys] == keys
    assert asset_name(KEY) == STABLE
    assert _key("notes.txt") is None

"""publish as it is typed where the builds lie in releases at GitHub: against a stand-in and moto, over real HTTP."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from delivery.artifacts import samples
from delivery.commands import wished
from delivery.commands.publish import refuse_unpublished
from delivery.commands.wished import Wish
from delivery.engines.stack import EngineError
from infra.names import Names
from tests.github.faults import Fault
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.github.shelf import Asset, Release
from tests.unit.commands.desk import Desk, Said, standing_in

pytestmark = pytest.mark.slow

APP, OLD = "espice/espice", "releases/versions/1.2.0.yaml"
NAMES = Names("espice", "staging", "espice-staging.app")
DEB, NSIS = "ESpice_1.4.0_amd64.deb", "ESpice_1.4.0_x64-setup.exe"
DMG, APPIMAGE = "ESpice_1.4.0_x64.dmg", "ESpice_1.4.0_amd64.AppImage"
FACT, WHERE = "releases/versions/1.4.0.artifacts.", f"{APP}@v1.4.0"
SAME = "upload the very file that the fact was made from; never edit one of the two"
UPLOAD = "upload it there, or name a folder that holds it by --from"
NO_FILES = "or name a folder with its files by --from"


@dataclass(frozen=True)
class Place:
    """A checkout with two versions, their releases at the stand-in, and staging's account."""

    desk: Desk
    hub: Hub
    releases: dict[str, Release]
    shell: pytest.MonkeyPatch

    def inv(self, *typed: str) -> Said:
        return self.desk.inv("publish", "staging", *typed)

    def asset(self, name: str) -> Asset:
        return next(each for release in self.releases.values() for each in release.assets if each.name == name)

    def put(self, name: str, data: bytes, told: str | None = "") -> None:
        """Somebody drops an asset of 1.4.0 and puts another there under its name."""
        self.releases["1.4.0"].assets.remove(self.asset(name))
        self.releases["1.4.0"].assets.append(Asset(name, data, told=told))

    def sent(self) -> list[int]:
        """Of which assets bytes were asked for."""
        return [int(path.rpartition("/")[2]) for _, path in self.hub.asked if path.startswith("/store/")]


def stored(bucket: str) -> set[str]:
    return {each["Key"] for each in s3().list_objects_v2(Bucket=bucket).get("Contents", ())}


def s3() -> Any:
    return boto3.client("s3", region_name="us-east-1")


@pytest.fixture
def place(alone: Desk, aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    profiles = tmp_path / "credentials"  # R2's keys lie in a profile of their own
    profiles.write_text(f"[{NAMES.r2_profile}]\naws_access_key_id = r\naws_secret_access_key = 2\n")
    told = {"ENDPOINT_URL": aws, "ACCESS_KEY_ID": "t", "SECRET_ACCESS_KEY": "t", "DEFAULT_REGION": "us-east-1"}
    for name, value in {**told, "SHARED_CREDENTIALS_FILE": str(profiles)}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session())
    for bucket in (NAMES.archive, NAMES.downloads):
        s3().create_bucket(Bucket=bucket)
    text = alone.read("product.yaml").replace("trusted-in: [laptop]", "trusted-in: [laptop, staging]", 1)
    alone.write("product.yaml", text)
    alone.git("commit", "-qam", "Trust the samples in staging")
    with stand_in(tmp_path, "espice/delivery", {"token-of-ada": Person("ada")}) as found:
        releases = {version: _release(alone, version) for version in _versions(alone)}
        found.hub.shelf.releases += releases.values()
        for name, value in (("API_URL", found.api), ("REPOSITORY", "espice/delivery"), ("TOKEN", "token-of-ada")):
            monkeypatch.setenv(f"GITHUB_{name}", value)
        yield Place(alone, found.hub, releases, monkeypatch)


def _versions(desk: Desk) -> list[str]:
    return [file.stem for file in sorted((desk.repo / "releases/versions").iterdir())]


def _release(desk: Desk, version: str) -> Release:
    """What the build of a version uploaded, and what else people put there."""
    fact = yaml.safe_load(desk.read(f"releases/versions/{version}.yaml"))
    assets = [
        Asset(artifact["file"], samples.build("ESpice", version, target, bundle))
        for target, bundles in fact["artifacts"].items()
        for bundle, artifact in bundles.items()
    ]
    return Release(f"v{version}", fact["source"]["commit"], "", [Asset("README.txt", b"read me"), *assets])


def test_what_lacks_is_fetched_verified_and_published_and_then_github_is_asked_no_more(place: Place) -> None:
    said = place.inv()
    count, size = 45, sum(len(each.data) for each in place.releases["1.2.0"].assets[1:])
    assert said.out == f"staging: {2 * (count + 5)} objects written; 0 versions were complete\n"
    assert said.err.splitlines()[0] == f"downloading {count // 5} assets, in kB: 0 of {size // 1000}"
    assert said.status == 0
    assert stored(NAMES.archive) == stored(NAMES.downloads)
    assert s3().get_object(Bucket=NAMES.downloads, Key=f"espice/1.4.0/{DEB}")["Body"].read() == place.asset(DEB).data
    assert len(place.sent()) == count, "nothing that no fact names"
    place.hub.asked.clear()
    place.shell.delenv("GITHUB_TOKEN")
    assert place.inv() == Said(0, "staging: 0 objects written; 5 versions were complete\n", "")
    assert place.hub.asked == []


def test_only_what_lacks_is_fetched(place: Place) -> None:
    assert place.inv().status == 0
    for file in (folder := place.desk.repo / ".state/releases/1.4.0").iterdir():
        file.unlink()
    folder.rmdir()
    place.hub.asked.clear()
    s3().delete_object(Bucket=NAMES.downloads, Key=f"espice/1.4.0/{DEB}")
    s3().delete_object(Bucket=NAMES.downloads, Key="espice/1.3.0/SHA256SUMS")
    assert json.loads(place.inv("--json").out) == {
        "environment": "staging",
        "written": [f"{NAMES.downloads}/espice/1.3.0/SHA256SUMS", f"{NAMES.downloads}/espice/1.4.0/{DEB}"],
        "complete": ["1.2.0", "1.4.0-beta.1", "1.5.0-beta.1"],
    }
    assert place.sent() == [place.asset(DEB).id]


def test_what_release_has_fetched_is_not_fetched_again(place: Place) -> None:
    folder = place.desk.repo / ".state/releases"
    assert place.inv().status == 0
    kept = {file.name for version in place.releases for file in (folder / version).iterdir()}
    for bucket in (NAMES.archive, NAMES.downloads):
        for key in stored(bucket):
            s3().delete_object(Bucket=bucket, Key=key)
    place.hub.asked.clear()
    assert place.inv().status == 0
    assert place.sent() == []
    assert {file.name for version in place.releases for file in (folder / version).iterdir()} == kept


def test_one_that_is_cut_again_and_again_goes_on_when_it_is_typed_again(place: Place) -> None:
    store = f"/store/{place.asset(NSIS).id}"
    place.hub.faults += [Fault(path=store, cut=70_000), Fault(path=store, cut=1000, times=4)]
    said = place.inv()
    assert (said.status, said.out) == (1, "")
    cut, count = said.err.splitlines()[-2:]
    assert cut.startswith("releases/versions/1.4.0.yaml:6: source.repository: ")
    assert (cut.endswith("bytes of it are kept, and are not fetched again"), count) == (True, "1 problem")
    assert stored(NAMES.archive) == stored(NAMES.downloads) == set(_keys(place, "1.4.0"))
    assert place.inv().status == 0
    assert len(place.sent()) == 5 + 45


def test_all_that_differs_from_the_facts_is_told_at_once_and_only_sound_versions_are_fetched_and_published(
    place: Place,
) -> None:
    place.hub.shelf.releases.remove(place.releases["1.2.0"])
    place.hub.shelf.releases.append(Release("1.3.0", "", "", []))
    place.releases["1.4.0"].assets.remove(place.asset(DMG))
    right, other = place.asset(NSIS), place.asset(NSIS).data[:-1] + b"!"
    place.put(NSIS, other)
    size = len(place.asset(DEB).data)
    place.put(DEB, place.asset(DEB).data[:-1])
    place.asset(APPIMAGE).state = "open"
    said = place.inv()
    assert (said.status, said.out) == (1, "")
    page = f"https://github.com/{APP}/releases/tag"
    none = f"{APP} has no release of 1.2.0 that this token may see; publish one with the tag v1.2.0"
    two = f"{APP} has 2 releases of 1.3.0: {page}/1.3.0 {page}/v1.3.0; leave one of them"
    digests = f"{sha256(other).hexdigest()}, the fact says {sha256(right.data).hexdigest()}"
    assert {re.sub(r"yaml:\d+: ", "", line) for line in said.err.splitlines()[-7:]} == {
        f"releases/versions/1.2.0.source.repository: {none}, {NO_FILES}",
        f"releases/versions/1.3.0.source.repository: {two}, {NO_FILES}",
        f"{FACT}darwin-x86_64.dmg.file: {WHERE} has no {DMG}; {UPLOAD}",
        f"{FACT}linux-x86_64.appimage.file: {WHERE}/{APPIMAGE} was not uploaded whole; upload it again",
        f"{FACT}linux-x86_64.deb.size: {WHERE}/{DEB} has {size - 1} bytes, the fact says {size}; {SAME}",
        f"{FACT}windows-x86_64.nsis.sha256: {WHERE}/{NSIS} has sha256 {digests}; {SAME}",
        "6 problems",
    }
    assert stored(NAMES.archive) == stored(NAMES.downloads) == set(_keys(place, "1.2.0", "1.3.0", "1.4.0"))
    assert len(place.sent()) == 18, "of the two that are sound"


def _keys(place: Place, *but: str) -> list[str]:
    """All objects of all versions but these."""
    made = {version: [each.name for each in release.assets[1:]] for version, release in place.releases.items()}
    return [
        f"espice/{version}/{name}"
        for version, names in made.items()
        if version not in but
        for name in ("SHA256SUMS", *names)
    ]


def test_bytes_that_github_says_no_digest_of_are_proved_before_any_of_their_version_is_published(place: Place) -> None:
    right, other = place.asset(NSIS), place.asset(NSIS).data[:-1] + b"!"
    place.put(NSIS, other, told=None)
    said = place.inv()
    assert (said.status, said.out) == (1, "")
    line = 1 + place.desk.read("releases/versions/1.4.0.yaml").splitlines().index(f"      file: {NSIS}")
    digests = f"{sha256(other).hexdigest()}, the fact says {sha256(right.data).hexdigest()}"
    assert said.err.splitlines()[-2:] == [
        f"releases/versions/1.4.0.yaml:{line + 2}: artifacts.windows-x86_64.nsis.sha256: {WHERE}/{NSIS} "
        f"has sha256 {digests}; {SAME}",
        "1 problem",
    ]
    assert stored(NAMES.archive) == stored(NAMES.downloads) == set(_keys(place, "1.4.0"))


def test_a_repository_that_is_lost_keeps_no_other_version_back(place: Place) -> None:
    place.desk.write(OLD, place.desk.read(OLD).replace(f"repository: {APP}", "repository: espice/lost"))
    place.desk.git("commit", "-qam", "It was built elsewhere")
    said = place.inv()
    assert said.err.splitlines()[-2:] == [
        f"{OLD}:6: source.repository: espice/lost has no release of 1.2.0 that this token may see; "
        f"publish one with the tag v1.2.0, {NO_FILES}",
        "1 problem",
    ]
    assert stored(NAMES.archive) == stored(NAMES.downloads) == set(_keys(place, "1.2.0"))


def test_what_does_harm_is_neither_asked_for_nor_waited_for(place: Place) -> None:
    """`downloads: gone` of 1.4.0-beta.1, which is offered nowhere else."""
    withdrawal = "releases/withdrawals/1.4.0-beta.1.yaml"
    place.desk.write(withdrawal, place.desk.read(withdrawal).replace("downloads: hide", "downloads: gone"))
    place.desk.git("commit", "-qam", "It was malware")
    place.hub.shelf.releases.remove(place.releases["1.4.0-beta.1"])
    assert place.inv().status == 0
    assert stored(NAMES.archive) == stored(NAMES.downloads) == set(_keys(place, "1.4.0-beta.1"))
    _apply_may(place)


def test_an_apply_waits_for_what_somebody_may_be_offered_and_for_nothing_else(place: Place) -> None:
    """What is stopped is offered to nobody until another merge, which waits in its turn."""
    place.hub.shelf.releases.remove(place.releases["1.2.0"])
    assert place.inv().status == 1
    with pytest.raises(EngineError, match=r"^not all of 1\.2\.0 lies in espice-staging-downloads; "):
        _apply_may(place)
    said = place.desk.inv("stop", "stable", "--version", "1.2.0", "--reason", "it loses work", "--commit")
    assert said.status == 0, said.err
    _apply_may(place)


def _apply_may(place: Place) -> None:
    with standing_in(place.desk.repo):
        wish = Wish.of_head("staging")
        refuse_unpublished(wish, wished.cloud(wish))


def test_a_token_that_is_missing_is_asked_for(place: Place) -> None:
    place.shell.delenv("GITHUB_TOKEN")
    place.shell.delenv("GH_TOKEN", raising=False)
    said = place.inv()
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"the releases of {APP} are read at GitHub, and that takes a token; make one ")


def test_a_folder_is_taken_where_one_is_named(place: Place, tmp_path: Path) -> None:
    for version, release in place.releases.items():
        for asset in release.assets:
            file = tmp_path / "built" / version / asset.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(asset.data)
    assert place.inv("--from", str(tmp_path / "built")).status == 0
    assert place.hub.asked == []
    s3().delete_object(Bucket=NAMES.downloads, Key=f"espice/1.4.0/{DEB}")
    said = place.inv("--from", str(tmp_path))
    assert said == Said(
        2,
        "",
        f"{DEB} of 1.4.0 is neither {tmp_path}/1.4.0/{DEB} nor {tmp_path}/{DEB}; name the folder that holds it\n",
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("stagin",), "stagin: name staging or production (did you mean staging?); {why}"),
        (("laptop",), "laptop: name staging or production; {why}"),
        (
            ("staging", "--from", "/nonexist"),
            "--from /nonexist: there is no such folder; name the one that holds the files",
        ),
    ],
)
def test_what_is_typed_wrong_is_told_before_anybody_must_sign_in(desk: Desk, typed: tuple[str, ...], said: str) -> None:
    why = "the laptop publishes its samples by itself"
    assert desk.inv("publish", *typed) == Said(2, "", f"{said.format(why=why)}\n")

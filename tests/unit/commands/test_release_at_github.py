"""release as it is typed where the app's builds lie in a release at GitHub: against a stand-in, over real HTTP."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from delivery.artifacts import attested, samples
from delivery.laptop import keys
from delivery.rules.facts import Product
from delivery.rules.read import read
from tests.github.bare import Bare
from tests.github.faults import Fault
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.github.shelf import Asset, Release
from tests.unit.artifacts.attesting import Sigstore
from tests.unit.commands.desk import Desk, Said

pytestmark = pytest.mark.slow

NAME, APP = "espice/delivery", "espice/espice"
COMMIT = "2591df7790c6774a2e2089450479311aecb14163"
FACT = "releases/versions/1.6.0.yaml"
DMG, DEB, NSIS = "ESpice_1.6.0_x64.dmg", "ESpice_1.6.0_amd64.deb", "ESpice_1.6.0_x64-setup.exe"
WHERE = f"{APP}@v1.6.0"
FETCHED = "downloading 16 assets, in kB: 0 of 2719\n"
SIGN = "sign the file with: tauri signer sign --app-version VERSION FILE"


@dataclass(frozen=True)
class AtGitHub:
    """A checkout, the stand-in, the release of 1.6.0 there, and whoever's token lies in the shell."""

    desk: Desk
    hub: Hub
    release: Release
    shell: pytest.MonkeyPatch

    def inv(self, *typed: str) -> Said:
        return self.desk.inv("release", "1.6.0", *typed)

    def asset(self, name: str) -> Asset:
        return next(each for each in self.release.assets if each.name == name)

    def replace(self, name: str, data: bytes) -> None:
        """Somebody drops an asset and puts another there under its name."""
        self.release.assets.remove(self.asset(name))
        self.release.assets.append(Asset(name, data))

    def sha256(self, name: str) -> str:
        return (self.asset(name).digest or "").removeprefix("sha256:")

    def attest(self, name: str, bundle: dict[str, Any]) -> None:
        """A workflow leaves it at GitHub."""
        self.hub.shelf.attested.setdefault(self.sha256(name), []).append(bundle)

    def sent(self) -> int:
        """How often bytes of assets were asked for."""
        return sum(path.startswith("/store/") for _, path in self.hub.asked)


def product(desk: Desk) -> Product:
    facts, _ = read({path: (desk.repo / path).read_bytes() for path in ("product.yaml", "releases/policy.yaml")})
    assert facts is not None
    return facts.product.value


def built(desk: Desk, version: str = "1.6.0") -> list[Asset]:
    """What the build of a version uploads."""
    made = samples.release(product(desk), version, datetime(2026, 11, 22, tzinfo=UTC), "", keys.artifact_key())
    assets = []
    for target, bundles in made.artifacts.items():
        for bundle, artifact in bundles.items():
            assets.append(Asset(artifact.file, samples.build("ESpice", version, target, bundle)))
            if artifact.signature:
                assets.append(Asset(f"{artifact.file}.sig", artifact.signature.encode()))
    return assets


@pytest.fixture
def place(
    alone: Desk, pushed_to: Callable[[Path], Bare], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AtGitHub]:
    pushed_to(tmp_path / f"{NAME}.git")
    people = {"token-of-ada": Person("ada"), "token-of-dee": Person("dee", "read")}
    with stand_in(tmp_path, NAME, people) as found:
        shelf = found.hub.shelf
        release = Release("v1.6.0", COMMIT, "Undo works across sheets.\r\nFewer crashes.\r\n", built(alone))
        shelf.releases.append(release)
        shelf.tags["v1.6.0"] = COMMIT
        shelf.runs[COMMIT] = [77]
        for name, value in (("API_URL", found.api), ("REPOSITORY", NAME), ("TOKEN", "token-of-ada")):
            monkeypatch.setenv(f"GITHUB_{name}", value)
        yield AtGitHub(alone, found.hub, release, monkeypatch)


@pytest.fixture
def sigstore(monkeypatch: pytest.MonkeyPatch) -> Sigstore:
    """One of our own, which is trusted as the public one is."""
    ours = Sigstore()
    monkeypatch.setattr(attested, "trusted_root", ours.root)
    return ours


def test_a_release_is_fetched_proved_and_written(place: AtGitHub) -> None:
    said = place.inv("--commit")
    assert (said.status, said.err) == (0, FETCHED)
    assert said.out.splitlines()[:4] == [
        "not read inside, so only names say it: the version of appimage, dmg, msi and nsis",
        "not read inside, so only names say it: the processor of dmg, msi and nsis",
        "9 artifacts, signed by 571C4ECA40B224A1 (the demo key of delivery/laptop/keys): trusted in laptop",
        f"attestations: {APP} has none of these artifacts, so only their signatures count",
    ]
    text = place.desk.read(FACT)
    at = place.release.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f'version: 1.6.0\npublished: "{at}"\nsource:\n  repository: {APP}\n  commit: "{COMMIT}"\n  run: ' in text
    assert f"  run: https://github.com/{APP}/actions/runs/77\nnotes: |-\n" in text
    assert "notes: |-\n  Undo works across sheets.\n  Fewer crashes.\nartifacts:\n" in text
    assert place.desk.changed() == ""


def test_a_draft_is_seen_by_those_only_who_may_write(place: AtGitHub) -> None:
    place.release.draft = True
    place.hub.shelf.tags.clear()
    assert place.inv("--dry-run").status == 0
    place.shell.setenv("GITHUB_TOKEN", "token-of-dee")
    assert place.inv("--dry-run") == Said(
        1,
        "",
        f"{APP} has no release of 1.6.0 that this token may see; "
        "draft one with the tag v1.6.0, or give the token the right Contents: write\n",
    )


def test_it_is_proposed_and_typed_again_the_same(place: AtGitHub) -> None:
    said = place.inv("--pr")
    assert (said.status, said.err) == (0, FETCHED)
    [pull] = place.hub.pulls()
    assert (pull.title, pull.branch) == ("Add version 1.6.0", "releases/add-version-1.6.0")
    assert place.sent() == 16
    assert "nothing changed: proposal 1 says this already" in place.inv("--pr").out
    assert place.sent() == 16
    assert place.desk.changed() == ""


def test_machines_are_told_the_same(place: AtGitHub) -> None:
    said = place.inv("--dry-run", "--json")
    assert (said.status, json.loads(said.out)) == (
        0,
        {"problems": [], "errors": 0, "warnings": 0, "from": WHERE, "attestations": 0, "verified": 0},
    )
    place.release.assets.remove(place.asset(DMG))
    said = place.inv("--json")
    assert (said.status, json.loads(said.out)["problems"][0]["what"]) == (1, "has no dmg for darwin-x86_64")


def test_attestations_are_verified_and_those_in_no_public_log_are_told(place: AtGitHub, sigstore: Sigstore) -> None:
    place.attest(DMG, sigstore.attest(place.sha256(DMG), APP, COMMIT))
    own = sigstore.attest(place.sha256(DEB), APP, COMMIT)
    del own["verificationMaterial"]["tlogEntries"]
    place.attest(DEB, own)
    said = place.inv("--dry-run")
    ask = f"gh attestation verify FILE --repo {APP}"
    assert said.status == 0
    assert [line for line in said.out.splitlines() if line.startswith("attestations:")] == [
        f"attestations: verified of 1 of 9 artifacts: workflows of {APP} built them from {COMMIT}",
        f"attestations: of 1 of 9 artifacts not verified here, since they are in no public log; do it by {ask}",
    ]
    told = json.loads(place.inv("--dry-run", "--json").out)
    assert (told["attestations"], told["verified"]) == (2, 1)


def test_one_that_does_not_hold_is_told_with_all_that_is_wrong(place: AtGitHub, sigstore: Sigstore) -> None:
    place.attest(DMG, sigstore.attest(place.sha256(DMG), APP, COMMIT))
    place.attest(DMG, sigstore.attest(place.sha256(DMG), "eve/espice", COMMIT))
    place.attest(DEB, Sigstore().attest(place.sha256(DEB), APP, COMMIT))
    place.release.assets.remove(place.asset(NSIS))
    said = place.inv("--json", "--commit")
    found = [(each["path"], each["what"].partition(" (got")[0]) for each in json.loads(said.out)["problems"]]
    assert said.status == 1
    assert found[0] == (WHERE, "has no nsis for windows-x86_64")
    assert found[1][0] == f"{WHERE}/{DEB}"
    assert found[1][1].startswith(
        "has an attestation that does not hold: failed to build timestamp certificate chain: "
    )
    assert found[2] == (f"{WHERE}/{NSIS}.sig", "signs a file that is not here")
    where = "Certificate's OIDCSourceRepositoryURI does not match"
    assert found[3] == (f"{WHERE}/{DMG}", f"has an attestation that does not hold: {where}")
    assert len(found) == 4
    assert place.desk.changed() == ""


def test_attestations_that_a_token_may_not_see_are_told_as_not_known(place: AtGitHub) -> None:
    words = "Resource not accessible by personal access token"
    place.hub.faults.append(Fault(403, words, path="/attestations/"))
    said = place.inv("--dry-run")
    assert said.status == 0
    assert (
        f"attestations: not known: GitHub did not show the attestations: {words}; "
        f"give the token the right Attestations: read in {APP}\n"
    ) in said.out


def test_a_download_that_is_cut_goes_on_where_it_ended(place: AtGitHub) -> None:
    place.hub.faults.append(Fault(path="/store/", cut=100_000))
    assert place.inv("--dry-run").status == 0
    assert place.sent() == 17


def test_one_that_is_cut_again_and_again_goes_on_when_it_is_typed_again(place: AtGitHub) -> None:
    first = place.release.assets[0]
    place.hub.faults.append(Fault(path=f"/store/{first.id}", cut=70_000))
    place.hub.faults.append(Fault(path=f"/store/{first.id}", cut=1000, times=4))
    said = place.inv("--dry-run")
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines()[-1] == (
        f"GitHub could not be reached to send {first.name}; try again later; "
        f"65536 of {len(first.data)} bytes of it are kept, and are not fetched again"
    )
    assert [file.stat().st_size for file in (place.desk.repo / ".state/releases/1.6.0").iterdir()] == [65_536]
    assert place.inv("--dry-run").status == 0
    assert place.sent() == 5 + 16


def test_an_asset_that_was_put_there_anew_is_fetched_anew(place: AtGitHub) -> None:
    place.hub.faults.append(Fault(path=f"/store/{place.asset(NSIS).id}", cut=70_000))
    place.hub.faults.append(Fault(path=f"/store/{place.asset(NSIS).id}", cut=1000, times=4))
    assert place.inv("--dry-run").status == 1
    place.replace(NSIS, place.asset(NSIS).data)
    assert place.inv("--dry-run").status == 0
    kept = [*(place.desk.repo / ".state/releases/1.6.0").iterdir()]
    assert len(kept) == 16
    assert sum(file.stat().st_size for file in kept) == sum(len(each.data) for each in place.release.assets)


def test_bytes_that_are_not_what_github_describes_are_not_kept(place: AtGitHub) -> None:
    place.asset(NSIS).told = f"sha256:{'0' * 64}"
    said = place.inv()
    assert said.status == 1
    assert said.err.splitlines()[-1].startswith(f"{NSIS} did not come as GitHub describes it: its sha256 is ")
    assert place.desk.changed() == ""


def test_an_asset_that_changes_while_it_is_fetched_is_not_kept(place: AtGitHub) -> None:
    asset = place.asset(NSIS)
    digest, other = asset.digest, bytes(len(asset.data))
    asset.told = digest
    store = f"/store/{asset.id}"
    change = Fault(path=store, meanwhile=lambda: setattr(asset, "data", other))
    place.hub.faults += [Fault(path=store, cut=70_000), change]
    said = place.inv()
    assert said.status == 1
    assert f"not {(digest or '').removeprefix('sha256:')}; type it again\n" in said.err
    assert len([*(place.desk.repo / ".state/releases/1.6.0").iterdir()]) < 16


def test_more_than_github_describes_is_not_read(place: AtGitHub) -> None:
    asset = place.asset(NSIS)
    longer = Fault(path="/releases/assets/", meanwhile=lambda: setattr(asset, "data", asset.data + bytes(1_000_000)))
    place.hub.faults.append(longer)
    size = len(asset.data)
    said = place.inv()
    assert said.err.splitlines()[-1] == f"{NSIS} is longer than the {size} bytes that GitHub says it has"
    assert said.status == 1


def test_what_an_asset_is_called_is_no_path(place: AtGitHub) -> None:
    place.release.assets.append(Asset("../../../product.yaml", b"product: mine\n"))
    said = place.inv()
    assert f"{WHERE}/../../../product.yaml: is not named as a build; " in said.err
    assert place.desk.changed() == ""


def test_what_github_says_no_digest_of_is_taken_by_its_size(place: AtGitHub) -> None:
    for asset in place.release.assets:
        asset.told = None
    assert place.inv("--dry-run").status == 0


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_written(place: AtGitHub) -> None:
    other = {each.name: each.data for each in built(place.desk, "1.5.9")}
    place.release.assets.remove(place.asset(DMG))
    place.replace(NSIS, place.asset(DEB).data)
    place.replace(f"{DEB}.sig", other["ESpice_1.5.9_amd64.deb.sig"])
    place.release.assets += [Asset("ESpice_1.6.0_x64_de-DE.msi", b"x"), Asset("latest.json", b"{}")]
    place.release.assets += [Asset("ESpice_1.6.0_aarch64.dmg.sig", b"", state="open")]
    place.release.body, place.hub.shelf.runs[COMMIT] = None, [7, 8]
    said = place.inv()
    assert (said.status, said.out) == (1, "")
    runs = f"https://github.com/{APP}/actions/runs"
    assert said.err.splitlines()[1:] == [
        f"{WHERE}: has ESpice_1.6.0_x64_de-DE.msi and ESpice_1.6.0_x64_en-US.msi, all msi for windows-x86_64; "
        "leave one of them",
        f"{WHERE}: has no dmg for darwin-x86_64; add {DMG}",
        f"{WHERE}: has no text; write in it what people should read about it, or name a file by --notes",
        f"{WHERE}: of its commit {COMMIT}, 2 runs of workflows went well: {runs}/7, {runs}/8; "
        "say by --run which one built it",
        f"{WHERE}/ESpice_1.6.0_aarch64.dmg.sig: was not uploaded whole; upload it again",
        f"{WHERE}/{DEB}: holds the same bytes as {NSIS}; put each target's own build there",
        f"{WHERE}/{DEB}: the signature does not fit the bytes of {DEB}; {SIGN}",
        f"{WHERE}/{DEB}: the signature of {DEB} names file ESpice_1.5.9_amd64.deb, not {DEB}; {SIGN}",
        f"{WHERE}/{DEB}: the signature of {DEB} names version 1.5.9, not 1.6.0; {SIGN}",
        f"{WHERE}/{NSIS}: is filed as nsis but looks like deb; file it under its own bundle, or build nsis",
        f"{WHERE}/{NSIS}: the signature does not fit the bytes of {NSIS}; {SIGN}",
        f"{WHERE}/ESpice_1.6.0_x64_de-DE.msi: has no signature beside it: ESpice_1.6.0_x64_de-DE.msi.sig; "
        "sign it with: tauri signer sign --app-version VERSION FILE",
        f"{WHERE}/ESpice_1.6.0_x64_de-DE.msi: is filed as msi but is of no kind that we ship; "
        "file it under its own bundle, or build msi",
        f"{WHERE}/latest.json: is not named as a build; "
        f"take it out, or name it as Tauri's bundler does, such as {NSIS}",
        "14 problems",
    ]
    assert place.desk.changed() == ""


def test_a_commit_or_run_that_is_not_told_is_asked_for(place: AtGitHub) -> None:
    place.release.draft, place.release.commit = True, "main"
    place.hub.shelf.tags.clear()
    assert place.inv().err.splitlines()[1:] == [
        f"{WHERE}: is to be tagged at main, which is no commit and may move; "
        "tag it, or say by --source-commit what it was built from",
        "1 problem",
    ]
    place.hub.shelf.runs.clear()
    assert place.inv("--source-commit", COMMIT).err.splitlines()[1:] == [
        f"{WHERE}: of its commit {COMMIT}, no run of a workflow went well; say by --run which one built it",
        "1 problem",
    ]
    assert place.inv("--source-commit", COMMIT, "--run", "https://ci.espice.app/1", "--dry-run").status == 0


def test_two_releases_of_a_version_are_one_too_many(place: AtGitHub) -> None:
    place.hub.shelf.releases.append(Release("1.6.0", COMMIT, "", [], draft=True))
    page = f"https://github.com/{APP}/releases/tag"
    assert place.inv() == Said(1, "", f"{APP} has 2 releases of 1.6.0: {page}/1.6.0 {page}/v1.6.0; leave one of them\n")


def test_a_token_that_is_missing_is_asked_for(place: AtGitHub) -> None:
    place.shell.delenv("GITHUB_TOKEN")
    place.shell.delenv("GH_TOKEN", raising=False)
    assert place.inv() == Said(
        1,
        "",
        f"the releases of {APP} are read at GitHub, and that takes a token; make one that may read Contents, Actions "
        f"and Attestations of {APP}, and for drafts write Contents, and set GITHUB_TOKEN to it "
        "(or use GitHub's own: gh auth token)\n",
    )


def test_a_token_is_sent_nowhere_that_others_could_read_it(place: AtGitHub) -> None:
    place.shell.setenv("GITHUB_API_URL", "http://github.example")
    said = place.inv()
    assert (said.status, said.out) == (1, "")
    assert "whoever is on the way there could read your token" in said.err


def test_the_list_of_changes_is_put_below_what_a_person_wrote(place: AtGitHub, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "app")
    desk.repo.mkdir()
    desk.git("init", "-q")
    for message in ("feat: first", "feat(editor): undo works across sheets", "chore: nothing", "fix: start"):
        desk.git("commit", "-q", "--allow-empty", "-m", message)
        if message == "feat: first":
            desk.git("tag", "v1.5.0")
    commit = desk.git("rev-parse", "HEAD").strip()
    place.release.body = "For everybody who undoes.\n<!-- changes -->\n- an old list\n"
    said = place.inv("--changes", str(desk.repo), "--source-commit", commit, "--run", "https://ci.espice.app/1")
    assert said.status == 0
    assert (
        "notes: |-\n  For everybody who undoes.\n\n  Fixed:\n  - Start\n\n  New:\n"
        "  - editor: Undo works across sheets\nartifacts:\n"
    ) in place.desk.read(FACT)

"""Assets follow what is live: whole or not at all, whatever breaks, and whoever else does the same at that moment."""

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import requests

from delivery.history.git import git
from delivery.proposals.forge import ForgeError
from delivery.proposals.github_api import Patience
from delivery.proposals.github_assets import Assets, Change, Live, Meant, Notice, at_github
from tests.github.faults import Fault, secondary_limit
from tests.github.hub import Hub
from tests.github.kept import Person, now
from tests.github.server import stand_in
from tests.github.shelf import Asset, Release

pytestmark = pytest.mark.slow

NAME = "espice/delivery"
NOTICE = Notice("manifests", "Update manifests", "Nothing to install.")
HASTE = Patience(connect=2, answer=5, waits=5, pause=lambda _: None)
OLD, NEW, NEWEST = (b'{"version":"%s"}\n' % version for version in (b"1.3.0", b"1.4.0", b"1.5.0"))
STABLE, BETA = "stable-linux-x86_64-deb.json", "beta-linux-x86_64-deb.json"


class Killed(BaseException):
    """A run ends here."""


@dataclass
class Place:
    """A repository at the stand-in, what is live, of that what cannot be read, and which names were asked about.

    `halted` are contents that must not be there.
    """

    api: str
    hub: Hub
    live: dict[str, bytes] = field(default_factory=dict)
    halted: set[bytes] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)
    told: list[Collection[str]] = field(default_factory=list)

    def forbidden(self, there: Collection[str], read: Callable[[str], bytes]) -> Iterator[str]:
        yield from (name for name in there if self.halted and read(name) in {*self.halted, b""})

    def meant(self, there: Collection[str]) -> Meant:
        self.told.append(sorted(there))
        assets = {name: data for name, data in self.live.items() if name not in self.untold and data not in self.halted}
        return Meant(assets, set(self.untold))

    def assets(self, who: str = "ada") -> Assets:
        return Assets(NAME, self.api, f"token-of-{who}", NOTICE, HASTE)

    def follow(self, live: Live | None = None) -> list[str]:
        return [f"{each.does} {each.name}" for each in self.assets().follow(live or self)]

    def follow_until(self, method: str) -> None:
        """A run that is killed before its first such request."""

        def kill(*_: object, **__: object) -> None:
            raise Killed

        assets = self.assets()
        setattr(assets._api, {"POST": "upload", "DELETE": "drop", "PATCH": "send"}[method], kill)
        with suppress(Killed):
            list(assets.follow(self))

    @property
    def release(self) -> Release:
        [made] = self.hub.own.releases
        return made

    def there(self) -> dict[str, bytes]:
        """What the release has, names for the time being too."""
        return {each.name: each.data for each in self.release.assets}

    def put(self, name: str, data: bytes, minutes_ago: int = 0, **more: str | None) -> Asset:
        made = Asset(name, data, at=now() - timedelta(minutes=minutes_ago), **more)  # type: ignore[arg-type]
        self.release.assets.append(made)
        return made

    def asked(self, method: str) -> list[str]:
        return [path for how, path in self.hub.asked if how == method]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Where nothing is live yet."""
    with stand_in(tmp_path, NAME, {"token-of-ada": Person("ada"), "token-of-dee": Person("dee", "read")}) as found:
        yield Place(found.api, found.hub)


@pytest.fixture
def full(place: Place) -> Place:
    """Where two manifests are live and mirrored."""
    place.live = {STABLE: OLD, BETA: OLD}
    place.follow()
    place.hub.asked.clear()
    place.told.clear()
    return place


def for_now(name: str, data: bytes) -> str:
    """What an upload is called first."""
    return f"{name}.{sha256(data).hexdigest()[:16]}.new"


# --- what is done ---------------------------------------------------------------------------------------------------


def test_the_release_is_made_where_nobody_takes_it_for_the_latest(place: Place) -> None:
    place.live = {STABLE: OLD, BETA: OLD}
    assert place.follow() == [f"put {STABLE}", f"put {BETA}"]
    made = place.release
    assert (made.tag, made.title, made.body, made.prerelease) == ("manifests", *(NOTICE.title, NOTICE.body), True)
    assert place.there() == place.live


def test_everybody_reads_an_asset_by_its_name_without_a_token(full: Place) -> None:
    address = f"{full.api}/{NAME}/releases/download/manifests/"
    reply = requests.get(f"{address}{STABLE}", timeout=5)
    assert ([each.status_code for each in reply.history], reply.content) == ([302], OLD)
    assert requests.get(f"{address}none.json", timeout=5).status_code == 404


def test_what_is_the_same_is_left(full: Place) -> None:
    before = [each.id for each in full.release.assets]
    assert full.follow() == []
    assert [each.id for each in full.release.assets] == before
    assert {method for method, _ in full.hub.asked} == {"GET"}


def test_one_that_changed_is_replaced_and_the_old_is_deleted_only_when_the_new_is_there(full: Place) -> None:
    full.live[STABLE] = NEW
    assert full.follow() == [f"replace {STABLE}"]
    assert full.there() == {BETA: OLD, STABLE: NEW}
    writes = [method for method, _ in full.hub.asked if method != "GET"]
    assert writes == ["POST", "DELETE", "PATCH"]


def test_what_is_not_live_goes_first(full: Place) -> None:
    full.live = {BETA: NEW}
    full.put("notes.txt", b"by hand")
    assert full.follow() == [f"remove {STABLE}", "remove notes.txt", f"replace {BETA}"]
    assert full.told[0] == [BETA, "notes.txt", STABLE]
    assert full.there() == {BETA: NEW}


def test_bytes_are_compared_where_github_tells_no_digest(full: Place) -> None:
    for each in full.release.assets:
        each.told = None
    assert full.follow() == []
    full.live[STABLE] = NEW
    assert full.follow() == [f"replace {STABLE}"]


def test_more_than_a_page_is_followed(place: Place) -> None:
    place.live = {f"c{number}-linux-x86_64-deb.json": OLD for number in range(3)}
    place.follow()
    for number in range(120):
        place.put(f"x{number}", OLD)
        place.live[f"x{number}"] = OLD
    assert place.follow() == []


def test_a_dry_run_says_what_would_be_done(place: Place) -> None:
    place.live = {STABLE: OLD}
    assert place.assets().compared(place) == (Change(STABLE, "put"),)
    assert place.hub.own.releases == []
    place.follow()
    place.live = {STABLE: NEW}
    assert place.assets().compared(place) == (Change(STABLE, "replace"),)
    assert place.there() == {STABLE: OLD}


# --- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
def test_an_answer_that_is_lost_is_looked_after(full: Place, method: str, *, done: bool) -> None:
    """502 in the middle: whether it was done shows at the next look."""
    full.live[STABLE] = NEW
    full.hub.faults.append(Fault(502, method=method, path="/assets", done=done))
    full.follow()
    assert full.there() == {BETA: OLD, STABLE: NEW}


def test_an_upload_that_broke_off_is_put_there_anew(full: Place) -> None:
    """GitHub keeps an empty asset of it, which has the name."""
    full.live[STABLE] = NEW
    half = Fault(502, method="POST", path="/assets")
    half.meanwhile = lambda: full.put(for_now(STABLE, NEW), b"", state="open", told=None)
    full.hub.faults.append(half)
    assert full.follow() == [f"replace {STABLE}"]
    assert full.there() == {BETA: OLD, STABLE: NEW}


def test_an_asset_that_is_not_there_whole_is_replaced(full: Place) -> None:
    full.release.assets[0].state = "open"
    assert full.follow() == [f"replace {STABLE}"]
    assert full.there() == full.live


def test_github_that_stays_broken_is_told(full: Place) -> None:
    full.live[STABLE] = NEW
    full.hub.faults.append(Fault(502, method="POST", path="/assets", times=99))
    with pytest.raises(ForgeError, match=f"^GitHub did not take the asset {STABLE}: it answered 502; try again later$"):
        full.follow()
    assert full.there()[STABLE] == OLD


def test_a_long_wait_that_github_asks_for_is_left_to_the_next_run(full: Place) -> None:
    full.live[STABLE] = NEW
    full.hub.faults.append(secondary_limit(60, times=99))
    full.hub.faults[-1].method = "POST"
    with pytest.raises(ForgeError, match=f"^GitHub did not take the asset {STABLE}: it asks to wait 60 s; try again"):
        full.follow()
    assert len(full.asked("POST")) == 1
    full.hub.faults.clear()
    full.follow()
    assert full.there() == full.live


@pytest.mark.parametrize("before", ["POST", "DELETE", "PATCH"])
def test_a_run_that_is_killed_is_finished_by_the_next(full: Place, before: str) -> None:
    full.live[STABLE] = NEW
    full.follow_until(before)
    full.hub.asked.clear()
    full.follow()
    assert full.there() == {BETA: OLD, STABLE: NEW}
    assert len(full.asked("POST")) == (1 if before == "POST" else 0)


def test_what_nobody_needs_any_more_is_removed_but_not_from_under_a_run_that_may_go_on(full: Place) -> None:
    full.put(for_now(STABLE, b"older"), b"older", minutes_ago=11)
    full.put(for_now(STABLE, b"other"), b"other", minutes_ago=9)
    assert full.follow() == []
    assert full.there() == {STABLE: OLD, BETA: OLD, for_now(STABLE, b"other"): b"other"}


def test_a_release_made_by_another_run_at_the_same_moment_is_used(place: Place) -> None:
    place.live = {STABLE: OLD}
    quicker = Fault(method="POST", path="/releases")
    quicker.meanwhile = lambda: place.hub.release(Person("bo"), place.hub.own, {"tag_name": "manifests"})
    place.hub.faults.append(quicker)
    place.follow()
    assert place.there() == place.live


# --- what must not be there ------------------------------------------------------------------------------------------


def test_what_must_not_be_there_goes_before_anything_that_is_live_is_read(full: Place) -> None:
    full.halted, full.live = {OLD}, {STABLE: NEW, BETA: NEW}
    assert full.follow() == [f"remove {STABLE}", f"remove {BETA}", f"put {STABLE}", f"put {BETA}"]
    assert full.told[0] == []
    assert full.there() == full.live
    assert [method for method, _ in full.hub.asked if method != "GET"][:2] == ["DELETE", "DELETE"]


def test_it_goes_though_nothing_that_is_live_can_be_read(full: Place) -> None:
    """Those that may stay do, as they are."""
    full.live[BETA] = NEW
    full.follow()
    full.halted, full.live, full.untold = {OLD}, {STABLE: NEWEST, BETA: NEWEST}, {STABLE, BETA}
    assert full.assets().compared(full) == (Change(STABLE, "remove"),)
    assert full.follow() == [f"remove {STABLE}"]
    assert full.there() == {BETA: NEW}


def test_it_goes_though_reading_what_is_live_fails_altogether(full: Place) -> None:
    class Away:
        forbidden = staticmethod(full.forbidden)

        def meant(self, _: Collection[str]) -> Meant:
            raise OSError("nobody answers")

    full.halted = {OLD}
    told = []
    with pytest.raises(OSError, match="nobody answers"):
        told.extend(full.assets().follow(Away()))
    assert full.there() == {}
    assert told == [Change(STABLE, "remove"), Change(BETA, "remove")]


def test_what_can_be_read_is_mirrored_though_other_things_cannot(full: Place) -> None:
    full.live, full.untold = {STABLE: NEW, BETA: NEW}, {STABLE}
    full.put("notes.txt", b"by hand")
    assert full.follow() == ["remove notes.txt", f"replace {BETA}"]
    assert full.there() == {STABLE: OLD, BETA: NEW}


def test_one_that_github_does_not_send_counts_as_what_must_not_be_there(full: Place) -> None:
    """It comes back as soon as what is live is known."""
    full.halted = {NEWEST}
    full.hub.faults.append(Fault(502, path=f"/assets/{full.release.assets[0].id}", method="GET", times=99))
    assert full.follow() == [f"remove {STABLE}", f"put {STABLE}"]
    assert full.there() == full.live


@pytest.mark.parametrize("killed", [None, "DELETE"])
@pytest.mark.parametrize("untold", [set(), {STABLE, BETA}], ids=["readable", "unreadable"])
@pytest.mark.parametrize("moment", range(8))
def test_what_is_halted_meanwhile_never_stays(full: Place, moment: int, untold: set[str], killed: str | None) -> None:
    """A run is slow; before one of its requests what it follows is halted, and another run takes it away, or dies.

    Where the slow one took the name that became free, it sees that itself.
    """
    seen, count = [OLD], iter(range(1000))

    def watch() -> None:
        if found := full.there().get(STABLE):
            seen.append(found)
        if next(count) == moment:
            full.halted, full.untold = {NEW}, untold
            full.follow_until(killed) if killed else full.follow()

    full.live[STABLE] = NEW
    full.hub.faults.append(Fault(times=1000, meanwhile=watch))
    full.follow()
    full.hub.faults.clear()
    full.halted, full.untold = {NEW}, untold
    full.follow()  # where the slow run was at its end already
    assert full.there().get(STABLE) in ({None, OLD} if untold else {None})
    assert full.there()[BETA] == OLD
    assert [NEW, OLD] not in [seen[at : at + 2] for at in range(len(seen))]


# --- two at once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("killed", [None, "DELETE", "PATCH"])
@pytest.mark.parametrize("moment", range(13))
@pytest.mark.parametrize("halted", [set(), {OLD, NEW}], ids=["free", "halted"])
def test_an_older_manifest_never_comes_back(full: Place, moment: int, killed: str | None, halted: set[bytes]) -> None:
    """A run is slow; before one of its requests something newer goes live, and another run follows that, or dies.

    The slow one looked before the halt, or takes away first what is there.
    """
    seen, count = [OLD], iter(range(1000))
    full.halted = halted & {OLD}
    full.live[BETA] = NEW

    def watch() -> None:
        if found := full.there().get(STABLE):
            seen.append(found)
        if next(count) == moment:
            full.live[STABLE], full.halted = NEWEST, halted
            full.follow_until(killed) if killed else full.follow()

    full.live[STABLE] = NEW
    full.hub.faults.append(Fault(times=1000, meanwhile=watch))
    full.follow()
    full.hub.faults.clear()
    full.live[STABLE], full.halted = NEWEST, halted
    full.follow()  # where the slow run was at its end already
    order = [OLD, NEW, NEWEST]
    assert [order.index(each) for each in seen] == sorted(order.index(each) for each in seen)
    assert full.there()[STABLE] == NEWEST


def test_a_run_that_read_before_another_one_wrote_does_not_win(full: Place) -> None:
    """It had listed what is there before: so the newer asset has an id that it never saw."""

    class Slow:
        forbidden = staticmethod(full.forbidden)

        def meant(self, there: Collection[str]) -> Meant:
            read = full.meant(there)
            if len(full.told) == 1:
                full.live = {STABLE: NEWEST, BETA: OLD}
                full.follow()
            return read

    full.live[STABLE] = NEW
    full.follow(Slow())
    assert full.there() == {STABLE: NEWEST, BETA: OLD}


# --- who may --------------------------------------------------------------------------------------------------------


def test_a_right_that_lacks_is_named(place: Place) -> None:
    place.live = {STABLE: OLD}
    words = "Resource not accessible by personal access token; give the token the right Contents: write in"
    with pytest.raises(ForgeError, match=f"^GitHub did not make the release manifests: {words} {NAME}$"):
        list(place.assets("dee").follow(place))
    place.follow()
    place.live = {STABLE: NEW}
    with pytest.raises(ForgeError, match=f"^GitHub did not take the asset {STABLE}: {words} {NAME}$"):
        list(place.assets("dee").follow(place))


def test_what_installations_could_never_use_is_refused(full: Place) -> None:
    full.release.immutable = True
    with pytest.raises(ForgeError, match="is immutable, so what it holds can never follow what is live; turn off"):
        full.follow()
    full.hub.setup.repository = {"private": True}
    with pytest.raises(ForgeError, match=f"^{NAME} is private, so no installation can read what lies in its releases;"):
        full.follow()


def test_a_token_and_a_repository_at_github_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    git(tmp_path, "init", "--quiet")
    with pytest.raises(ForgeError) as refused:
        at_github(tmp_path, NOTICE)
    assert str(refused.value) == (
        "this repository is not at GitHub, so it has no releases; "
        "let origin be there, or set GITHUB_API_URL and GITHUB_REPOSITORY"
    )
    git(tmp_path, "remote", "add", "origin", f"https://github.com/{NAME}.git")
    with pytest.raises(ForgeError) as refused:
        at_github(tmp_path, NOTICE)
    assert str(refused.value) == (
        f"the mirror is a release of {NAME}, and that takes a token; make one with the right Contents: write in "
        f"{NAME}, and set GITHUB_TOKEN to it (or use GitHub's own: gh auth token)"
    )

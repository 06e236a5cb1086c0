"""What a deploy ends with: asked over real HTTP of an edge that is right, and of one that is wrong in every way."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from delivery.deploy import prove as proving
from delivery.deploy import prove_answers as told
from delivery.deploy.halt import Place, Standing
from delivery.deploy.prove import Proved, prove
from delivery.deploy.prove_answers import Live, at_once
from delivery.deploy.prove_files import files
from delivery.deploy.prove_updates import Barred, Journey, Updates, journeys
from delivery.engines.making import Progress
from delivery.engines.stack import EngineError
from delivery.laptop import keys
from delivery.rules.brake import Halt, Override
from delivery.rules.catalog import Catalog, download_path
from delivery.rules.compile import compile
from delivery.rules.decide import Request
from delivery.rules.facts import Facts
from delivery.rules.head import seal
from tests.unit.deploy.edges import Edge, built, edge, prepared
from tests.unit.rules import worlds
from tests.unit.rules.worlds import NOON, barrier, step, stop, world

pytestmark = pytest.mark.slow

APPLY = "./inv apply laptop-live"
MANIFEST = "/v1/update/stable/linux/x86_64/appimage.json"
CHECK = "/v1/update/stable/linux/x86_64"
HALT = Halt("2026-11-25-stable", "stable", None, NOON, "it loses work")
UP = {f"stable/1.{minor}.0": [step(100, minor - 6)] for minor in (2, 3)} | {"stable/1.4.0": [step(1)]}
BRAKE = Override("espice", "laptop", 1, NOON, (HALT,))


@pytest.fixture
def both() -> Iterator[tuple[Edge, Live]]:
    with edge() as found:
        yield found


def proved(live: Live, sha256: str = "", heard: list[Progress] | None = None) -> Proved:
    return prove(live, sha256 or live.head.sha256, APPLY, (heard if heard is not None else []).append)


def wrong(live: Live, sha256: str = "") -> list[str]:
    return [str(each) for each in proved(live, sha256).wrong]


def artifact(version: str, target: str, bundle: str) -> tuple[str, str, bytes]:
    """Its path on the downloads host, its file's name, and its bytes."""
    file = prepared().catalog.releases[version].artifacts[target][bundle].file
    return f"/{download_path('espice', version, file)}", file, built(version, target, bundle)


def test_an_edge_that_gives_what_is_live_is_proved_with_whole_updates_as_evidence(both: tuple[Edge, Live]) -> None:
    there, live = both
    heard: list[Progress] = []
    found = proved(live, heard=heard)
    assert found.wrong == found.barred == ()
    assert (found.checks, found.manifests, found.files, len(found.done)) == (56, 22, 25, 14)
    seen = [f"{each.channel} {each.request.target} {each.request.version} to {each.version}" for each in found.done]
    assert seen[-1] == "stable windows-x86_64 1.2.0 to 1.4.0"
    assert found.left == ()
    when = f"laptop serial 57, {found.at:%Y-%m-%dT%H:%M:%SZ}"
    assert found.evidence == {
        "beta/1.5.0-beta.1": f"full update to 1.5.0-beta.1 through beta-next on all 4 targets, each bundle, {when}",
        "stable/1.4.0": f"full update to 1.4.0 through stable-next on all 4 targets, each bundle, {when}",
    }
    size = sum(each.artifact.size for each in found.done) // 1000
    assert heard[55] == Progress("update checks", 56, 56)
    assert heard[77] == Progress("static manifests", 22, 22)
    assert heard[77 + found.files] == Progress("files", found.files, found.files)
    assert heard[-1] == Progress("kB of updates", size, size)
    assert {path.removeprefix(CHECK) for path in there.asked if path.startswith(f"{CHECK}/1")} == {
        f"/{asked}"
        for bundle in ("appimage", "deb", "rpm")
        for asked in (
            f"1.2.0?bundle={bundle}",
            f"1.5.0-beta.1?bundle={bundle}",
            f"1.2.0?bundle={bundle}&cohort=0",
            f"1.2.0?bundle={bundle}&cohort=999",
        )
    }


def test_answers_of_other_facts_are_told_with_what_was_expected(both: tuple[Edge, Live]) -> None:
    there, live = both
    there.table = compile(replace(live.table.catalog, offerings=()))
    found = wrong(live)
    url = f"{there.url}{CHECK}/1.2.0?bundle=appimage"
    assert f"{url}: offers nothing; expected 1.3.0" in found
    there.table, live = live.table, replace(live, table=there.table)
    assert f"{url}: offers 1.3.0; expected nothing" in wrong(live)


def test_an_offer_of_the_right_version_from_elsewhere_is_told(both: tuple[Edge, Live]) -> None:
    _, live = both
    away = replace(live, downloads="https://downloads.espice.app")
    [first, *_] = told.questions(live.table)
    [only] = told.answers(away, first)
    assert re.fullmatch(r"offers (\S+) from http://127.0.0.1:\d+/espice/\1/\S+", only.what)
    assert re.fullmatch(r"(\S+) from https://downloads.espice.app/espice/\1/\S+", only.expected)


def test_an_answer_is_right_by_the_facts_of_its_own_moment(both: tuple[Edge, Live]) -> None:
    """At noon 1.4.0 is for everyone; who asks then may be answered by what was so a moment before."""
    there, live = both
    table = worlds.table(world({"stable/1.4.0": [step(100, 0)]}, targets=worlds.LINUX))
    request = Request("stable", "linux-x86_64", "appimage", "1.2.0")
    there.table = compile(replace(table.catalog, offerings=()))  # as a moment before
    at = replace(live, table=table)
    moments = iter((NOON - timedelta(seconds=1), NOON))
    assert list(told.answers(at, request, lambda: next(moments))) == []
    [late] = told.answers(at, request, lambda: NOON)
    assert (late.what, late.expected) == ("offers nothing", "1.4.0")


def test_the_head_must_be_the_live_one_of_the_catalog_of_HEAD(both: tuple[Edge, Live]) -> None:  # noqa: N802
    there, live = both
    mine = live.head
    [other] = told.head(live, "ab" * 32, APPLY, datetime.now(UTC))
    assert str(other) == (
        f"the live head: serial 57 is of commit {'c' * 12} and its catalog {mine.sha256[:12]}; "
        f"expected HEAD's catalog abababababab: {APPLY}"
    )
    older = replace(mine, serial=56, issued=mine.issued - timedelta(hours=1))
    there.files["/v1/head"] = seal(older, keys.head_signer())
    issued = [f"{each.issued:%Y-%m-%dT%H:%M:%SZ}" for each in (older, mine)]
    assert wrong(live) == [f"{there.url}/v1/head: gives serial 56, issued {issued[0]}; expected serial 57, {issued[1]}"]
    there.instead["/v1/head"] = b"{}"
    [broken] = wrong(live)
    assert broken.startswith(f"{there.url}/v1/head: ")
    assert broken.endswith("; expected the head of serial 57")


@pytest.mark.parametrize(
    ("other", "what"),
    [(b"{}", "holds other bytes"), (None, "RequestException: answers with status 404")],
    ids=["other bytes", "not there"],
)
def test_a_manifest_that_nobody_published_is_told(both: tuple[Edge, Live], other: bytes | None, what: str) -> None:
    there, live = both
    there.instead[MANIFEST] = other
    assert wrong(live) == [f"{there.url}{MANIFEST}: {what}; expected what the live stack published"]


def test_a_manifest_may_be_a_little_behind_the_clock(both: tuple[Edge, Live]) -> None:
    _, live = both
    table = worlds.table(world({"stable/1.4.0": [step(100, 0)]}))
    said = [dict(told.manifests(replace(live, table=table), NOON + timedelta(minutes=late))) for late in (5, 20)]
    assert [len(each[f"{live.downloads}{MANIFEST}"]) for each in said] == [2, 1]


@pytest.mark.parametrize("kind", ["another", "cut short", "too long"])
def test_bytes_that_are_not_those_of_the_fact_are_told(both: tuple[Edge, Live], kind: str) -> None:
    there, live = both
    path, file, data = artifact("1.4.0", "linux-x86_64", "appimage")
    other = {"another": data[:-1] + b"?", "cut short": data[:-1], "too long": data + b"?" * 2_000_000}[kind]
    there.instead[path] = other
    found = wrong(live)
    end = "; expected what the fact of 1.4.0 says"
    assert {each.partition(": ")[0] for each in found} == {f"{there.url}{path}"}
    length = f"{there.url}{path}: is {len(other)} bytes; expected {len(data)} bytes of 1.4.0"
    assert [each for each in found if not each.endswith(end)] == ([] if kind == "another" else [length])
    assert f"{there.url}{path}: the signature does not fit the bytes of {file}{end}" in found
    if kind != "another":
        [size] = [int(each) for each in re.findall(r"has (\d+) bytes, the fact says", "\n".join(found))]
        assert len(data) - 1 == size or len(data) < size < len(data) + 600_000  # it does not fetch for ever
    else:
        digest = hashlib.sha256(other).hexdigest()
        assert any(f"{file} has sha256 {digest}, the fact says " in each for each in found)


def test_bytes_that_nobody_trusts_here_are_told(both: tuple[Edge, Live]) -> None:
    _, live = both
    trusts_none = replace(live, product=replace(live.product, keys=replace(live.product.keys, artifacts=())))
    found = wrong(trusts_none)
    assert len(found) == 14
    assert all("is signed by key" in each and "which is not trusted here" in each for each in found)


def test_bytes_that_are_not_there_are_told_and_no_evidence_is_given(both: tuple[Edge, Live]) -> None:
    there, live = both
    path, _, data = artifact("1.4.0", "linux-x86_64", "appimage")
    there.instead[path] = None
    found = proved(live)
    what = f"RequestException: answers with status 404; expected {len(data)} bytes of 1.4.0"
    assert [str(each) for each in found.wrong] == [f"{there.url}{path}: {what}"]
    assert (len(found.done), found.evidence) == (13, {})


@pytest.mark.parametrize(
    ("version", "target", "bundle"),
    [
        ("1.4.0", "windows-x86_64", "msi"),
        ("1.4.0", "linux-x86_64", "deb"),
        ("1.3.0", "linux-x86_64", "rpm"),
        ("1.3.0", "darwin-x86_64", "app"),
        ("1.3.0", "darwin-aarch64", "dmg"),
    ],
)
def test_every_file_that_anybody_is_told_to_download_must_be_there(
    both: tuple[Edge, Live], version: str, target: str, bundle: str
) -> None:
    """1.4.0 is for some; 1.3.0 is what everyone has, the manifests say, and new visitors get, also as a dmg."""
    there, live = both
    path, _, data = artifact(version, target, bundle)
    there.instead[path] = None
    lacks = f"{there.url}{path}: RequestException: answers with status 404; expected {len(data)} bytes of {version}"
    assert wrong(live) == [lacks]
    there.instead[path] = data[:-1]
    assert f"{there.url}{path}: is {len(data) - 1} bytes; expected {len(data)} bytes of {version}" in wrong(live)


def test_files_are_asked_for_once_and_none_that_nobody_is_told_of(both: tuple[Edge, Live]) -> None:
    there, live = both
    found = [each.url.removeprefix(there.url) for each in files(live, told.questions(live.table), datetime.now(UTC))]
    assert len(found) == len(set(found))
    assert {path.split("/")[2] for path in found} == {"1.3.0", "1.4.0", "1.5.0-beta.1"}
    gone = replace(live, table=compile(replace(live.table.catalog, offerings=())))
    assert files(gone, told.questions(gone.table), datetime.now(UTC)) == ()


def test_where_all_updates_are_too_many_bytes_first_bundles_are_done_and_nothing_else_is_said(
    both: tuple[Edge, Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    there, live = both
    monkeypatch.setattr(proving, "MOST", 1_000_000)
    found = proved(live)
    assert found.wrong == ()
    done, left = ({(each.request.target, each.request.bundle) for each in those} for those in (found.done, found.left))
    assert done == {(target, its.updates[0]) for target, its in live.table.targets.items()}
    assert left == {("linux-x86_64", "deb"), ("linux-x86_64", "rpm"), ("windows-x86_64", "msi")}
    assert "through stable-next on all 4 targets, first bundle, laptop" in found.evidence["stable/1.4.0"]
    there.instead[artifact("1.4.0", "linux-x86_64", "rpm")[0]] = None
    assert len(wrong(live)) == 1  # it is asked for all the same


def test_evidence_names_bundles_where_some_of_a_target_were_not_seen(both: tuple[Edge, Live]) -> None:
    _, live = both
    found = proved(live)
    some = tuple(each for each in found.done if each.request.bundle in ("appimage", "rpm"))
    assert (
        "through stable-next on linux-x86_64 appimage, linux-x86_64 rpm, laptop"
        in (replace(found, done=some).evidence["stable/1.4.0"])
    )


def test_what_goes_live_or_is_halted_meanwhile_is_told_from_what_is_wrong(both: tuple[Edge, Live]) -> None:
    _, live = both
    stands = Standing(live.head, prepared().catalog, None)
    assert live.moved(stands) == ""
    assert live.moved(replace(stands, override=replace(BRAKE, halts=()))) == ""
    assert live.moved(replace(stands, override=BRAKE)) == "something was halted while serial 57 was proved"
    halted = replace(live, halts=(HALT,))
    assert halted.moved(replace(stands, override=replace(BRAKE, number=2))) == ""  # signed anew
    next_ = replace(stands, head=replace(live.head, serial=58), override=BRAKE)
    assert live.moved(next_) == "serial 58 went live while serial 57 was proved"


def test_what_is_halted_is_expected_from_nobody(both: tuple[Edge, Live]) -> None:
    free, _ = both
    with edge(BRAKE) as (there, live):
        place = Place(live.product, "laptop", None, None, there.url, there.url)  # type: ignore[arg-type] # is not read
        of = Live.of(place, Standing(live.head, prepared().catalog, BRAKE))
        assert (of.table, of.halts) == (live.table, (HALT,))
        found = proved(live)
        assert found.wrong == ()
        assert found.barred == tuple(
            Barred("stable", target, bundle, "1.4.0", "stopped")
            for target in sorted(live.table.targets)
            for bundle in sorted(live.table.targets[target].updates)
        )
        assert [each.split(",")[0] for each in found.evidence] == ["beta/1.5.0-beta.1"]
        there.table = free.table  # an edge that knows nothing of the brake
        assert f"{there.url}{CHECK}/1.2.0?bundle=appimage: offers 1.3.0; expected nothing" in wrong(live)


def test_a_question_that_is_lost_is_asked_again(both: tuple[Edge, Live]) -> None:
    there, live = both
    there.refuses = 2
    assert wrong(live) == []


def test_an_edge_that_does_not_answer_is_told_once_for_each_question(both: tuple[Edge, Live]) -> None:
    there, live = both
    there.refuses = 10_000
    found = wrong(live)
    assert f"{there.url}/v1/head: RequestException: answers with status 503; expected the head of serial 57" in found
    url, why = f"{there.url}{CHECK}/1.2.0?bundle=appimage", "Could not fetch a valid release JSON from the remote"
    assert any(each.startswith(f"{url}: ReleaseNotFound: {why}; expected 1.3.0 from {there.url}/") for each in found)
    assert len(found) == 1 + 56 + 22 + 25 + 14


def test_where_one_question_fails_for_good_the_rest_is_left_and_told_to_end() -> None:
    asked: list[int] = []
    ended: list[str] = []

    def ask(number: int) -> int:
        asked.append(number)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(at_once(ask, range(1000), lambda: ended.append("end")))
    assert len(asked) < 1000
    assert ended == ["end"]


@pytest.mark.parametrize(
    ("facts", "seen"),
    [
        (world(UP), "stable-next, linux-x86_64 appimage, 1.2.0 to 1.4.0"),
        (world(UP, minimum_os={"1.4.0": "22.04"}), "stable-next, linux-x86_64 appimage, 1.2.0 to 1.4.0"),
        (world(UP, barriers=[barrier("1.3.0")]), "stable-next, linux-x86_64 appimage, 1.3.0 to 1.4.0"),
        (world({"stable/1.4.0": [step(0)]}), "stable-next, linux-x86_64 appimage, 0.0.0 to 1.4.0"),
        (world(UP, stops=[stop("stable", "1.4.0")]), Barred("stable", "linux-x86_64", "appimage", "1.4.0", "stopped")),
    ],
    ids=["plain", "a newer system", "behind a barrier", "the first of all", "stopped"],
)
def test_the_update_to_be_done_is_to_the_newest_for_whoever_may_have_it(
    both: tuple[Edge, Live], facts: Facts, seen: str | Barred
) -> None:
    found, *_ = journeys(replace(both[1], table=worlds.table(facts)), NOON)
    assert (found if isinstance(found, Barred) else str(found)) == seen


def test_downloads_that_are_told_to_end_do_so(both: tuple[Edge, Live], tmp_path: Path) -> None:
    _, live = both
    journey = next(each for each in journeys(live, datetime.now(UTC)) if isinstance(each, Journey))
    updates = Updates.of(live, tmp_path, lambda _: None, [journey])
    updates.end()
    [ended] = updates.update(journey)
    assert re.fullmatch(r"Timeout: \d+ bytes came in 0 s", ended.what)


def test_nothing_is_proved_where_nothing_is_live_or_nobody_knows_what_is_halted(both: tuple[Edge, Live]) -> None:
    _, live = both
    place = Place(live.product, "laptop", None, None, "", "")  # type: ignore[arg-type] # nothing is read by then
    catalog: Catalog = live.table.catalog
    with pytest.raises(EngineError, match=re.escape("laptop has no head")):
        Live.of(place, Standing(None, catalog, None, lacks="laptop has no head"))
    with pytest.raises(EngineError, match=re.escape("it is gone; ./inv halt with the same words writes it anew")):
        Live.of(place, Standing(live.head, catalog, None, doubt="it is gone"))

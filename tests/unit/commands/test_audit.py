"""audit, on a real repository of small facts, and with the heads that a laptop's AWS keeps."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from delivery.commands import audit as task
from delivery.history.trailers import Trailers, write
from delivery.laptop import keys
from delivery.laptop.places import Places
from delivery.laptop.processes import started
from delivery.rules.facts import Facts, Filed, Product, Stop
from delivery.rules.head import LIFETIME, Head, seal
from delivery.rules.load import parse
from infra.names import HEAD_KEY
from tests.unit.commands.desk import Desk, standing_in
from tests.unit.commands.test_history import FULL, Past, said
from tests.unit.rules.worlds import at, step, stop, world

pytestmark = pytest.mark.slow

LONG_AGO = -500.0  # hours; in this many everything below is over, whenever the tests run
BUCKET = "espice-laptop-catalog"
ROOT = Path(__file__).parents[3]
WINDOW = ("2026-11-04", "2026-11-06T00:00:00Z")


@dataclass(frozen=True)
class Story:
    """A repository in which an offer went wrong, and its commits."""

    past: Past
    begin: str
    start: str
    stop: str


def hours(after: float) -> float:
    return LONG_AGO + after


@pytest.fixture(name="story", scope="module")
def _story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One proposal that two people approved, and the stop that decided a halt of it."""
    past = Past(tmp_path_factory.mktemp("story") / "repo")
    begin = past.commit(_trusting(world(FULL)), hours(0), "Begin")
    lines = {**FULL, "stable/1.4.0": [step(10, hours(0))]}
    past.git("checkout", "--quiet", "-b", "side")
    asked = Trailers(requested_by=("A Person <person@espice.app>",))
    past.commit(_trusting(world(lines)), hours(1), write("Start 1.4.0 on stable", asked))
    past.git("checkout", "--quiet", "main")
    agreed = write("Start 1.4.0 on stable", Trailers(7, approved_by=("A Reviewer", "A Person"), reviewed_by=("<i>B",)))
    past.git("merge", "--quiet", "--no-ff", "-m", agreed, "side", moment=at(hours(3)), author="A Merger")
    start = past.git("rev-parse", "HEAD")
    stopped = past.commit(
        _stopped(_trusting(world(lines, stops=[_halted()]))), hours(5), "Stop stable, as it is halted"
    )
    return Story(past, begin, start, stopped)


@pytest.fixture(autouse=True)
def _standing(story: Story) -> Iterator[None]:
    with standing_in(story.past.path):
        yield


def _trusting(facts: Facts) -> Facts:
    """With the heads' key of a laptop."""
    filed, _ = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    assert filed
    product = facts.product.value
    keys_ = replace(product.keys, heads=filed.value.keys.heads)
    return replace(facts, product=Filed("product.yaml", replace(product, keys=keys_)))


def _halted() -> Stop:
    return replace(stop("stable"), at=at(hours(4.5)), reason="it crashes", decides="2026-11-04-stable")


def _stopped(facts: Facts) -> Facts:
    """Its file has the halt's name."""
    (filed,) = facts.stops.values()
    return replace(facts, stops={"2026-11-04-stable": replace(filed, path="releases/stops/2026-11-04-stable.yaml")})


def audit(since: str = "", until: str = "", channel: str = "", page: str = "", plot: str = "", *,
          environment: str = "laptop", within: str = "7", as_json: bool = False) -> int:  # fmt: skip
    return task.audit(since, until, channel, environment, within, page, plot, as_json)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert audit(*arguments, as_json=True) == 0
    found: dict[str, Any] = json.loads(said(capsys))
    return found


# --- as people read it --------------------------------------------------------------------------------------------


def test_the_whole_of_it(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(*WINDOW) == 0
    lines = said(capsys).splitlines()
    shown = [line for line in lines if "→" not in line]  # the plans' own sentences are history's
    assert shown[: shown.index("What stands for what")] == [
        f"Audit, laptop, main at {story.stop[:12]}: Wed 2026-11-04 16:00 UTC to Fri 2026-11-06 00:00 UTC",
        "",
        f"{story.stop[:12]}, Wed 2026-11-04 21:00 UTC, A Person: Stop stable, as it is halted",
        "    by A Person; requested by not recorded; approved by not recorded; merged by A Person",
        "    written 0 s before the merge; time to live not recorded",
        f"{story.start[:12]}, Wed 2026-11-04 19:00 UTC, A Merger: Start 1.4.0 on stable",
        "    by A Person; requested by A Person <person@espice.app>; approved by A Reviewer and A Person (their own); "
        "reviewed by <i>B; merged by A Merger as proposal 7",
        "    written 2 h before the merge; time to live not recorded",
        f"    stopped by {story.stop[:12]}, 30 min after the brake was pulled",
        f"{story.begin[:12]}, Wed 2026-11-04 16:00 UTC, A Person: Begin",
        "    by A Person; requested by not recorded; approved by not recorded; merged by A Person",
        "    written 0 s before the merge; time to live not recorded",
        "3 changes",
        "",
        "The brake",
        "  Wed 2026-11-04 20:30 UTC: stable halted: it crashes",
        f"    releases/stops/2026-11-04-stable.yaml, merged 30 min later by {story.stop[:12]}",
        "    in force",
        "  1 use that facts tell of; ./inv halts --environment laptop says which wait for their fact",
        "",
        "How changes go (DORA)",
        "  deployment frequency: 15.8 a week; 3 changes in 1 d 8 h",
        "  lead time, commit to merge: median 0 s, longest 2 h; 3 of 3 changes",
        "  lead time, merge to live: not recorded; 0 of 3 changes",
        "  change failure rate: 50%; 1 of 2 that offered something, taken back within 7 days",
        "  time to restore: median 30 min, longest 30 min; 1 of 1 taken back",
        "  time to live is not recorded here: nothing runs here; ./inv up starts it",
        "",
    ]
    assert [line.split(":")[0] for line in lines if "→" in line] == ["    narrower", "    wider", "    wider"]


def test_scripts_read_null_where_nothing_is_recorded(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, *WINDOW)
    stopped, start, _ = found["changes"]
    assert (start["proposal"], start["approved_by"], start["requested_by"]) == (
        7,
        ["A Reviewer", "A Person"],
        ["A Person <person@espice.app>"],
    )
    assert (start["commit_to_merge"], start["live"], start["merge_to_live"]) == (7200, None, None)
    assert start["taken_back"] == {
        "how": "stopped",
        "by": story.stop,
        "began": "2026-11-04T19:00:00+00:00",
        "braked": "2026-11-04T20:30:00+00:00",
        "at": "2026-11-04T21:00:00+00:00",
        "to_restore": 1800,
    }
    assert (stopped["proposal"], stopped["approved_by"], stopped["taken_back"]) == (None, None, None)
    assert found["brake"] == [
        {
            "halt": "2026-11-04-stable",
            "channel": "stable",
            "versions": None,
            "at": "2026-11-04T20:30:00+00:00",
            "reason": "it crashes",
            "fact": "releases/stops/2026-11-04-stable.yaml",
            "commit": story.stop,
            "merged": "2026-11-04T21:00:00+00:00",
            "lifted": None,
        }
    ]
    assert found["dora"] == {
        "days": pytest.approx(32 / 24),
        "deployments": 3,
        "deployments_per_week": 15.75,
        "commit_to_merge": {"median": 0, "longest": 7200, "known": 3, "all": 3},
        "merge_to_live": None,
        "offered": 2,
        "failed": 1,
        "recent": 0,
        "change_failure_rate": 0.5,
        "time_to_restore": {"median": 1800, "longest": 1800, "known": 1, "all": 1},
    }


def test_a_window_takes_account_of_what_came_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "2026-11-04T18:00:00Z", "2026-11-04T20:00:00Z")
    assert [each["subject"] for each in found["changes"]] == ["Start 1.4.0 on stable"]
    assert (found["dora"]["failed"], found["brake"]) == (1, [])


def test_another_channel_has_its_own_figures(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, *WINDOW, "beta")
    assert [each["subject"] for each in found["changes"]] == ["Begin"]  # which brought its channel
    assert (found["brake"], found["dora"]["failed"]) == ([], 0)


def test_a_time_of_no_change_is_quiet_and_not_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "2026-11-08", "2026-11-10")
    assert (found["changes"], found["dora"]["deployments_per_week"], found["dora"]["change_failure_rate"]) == (
        [],
        0.0,
        None,
    )
    assert audit("2026-11-08", "2026-11-10") == 0
    lines = said(capsys).splitlines()
    assert "  deployment frequency: 0.0 a week; 0 changes in 2 d" in lines
    assert "  time to restore: nothing was taken back; 0 of 0 taken back" in lines


def test_what_a_branch_holds_beyond_main_is_not_merged(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.past.git("checkout", "--quiet", "-b", "releases/hold-stable", story.start)
    story.past.commit({"product.yaml": b"unreadable"}, hours(6), "Not merged")
    try:
        found = told(capsys, *WINDOW)
    finally:
        story.past.git("checkout", "--quiet", "main")
        story.past.git("branch", "--quiet", "-D", "releases/hold-stable")
    assert (found["ref"], found["commit"]) == ("main", story.stop)
    assert [each["commit"] for each in found["changes"]] == [story.stop, story.start, story.begin]


# --- time to live -------------------------------------------------------------------------------------------------


def _runs(past: Past, aws: str) -> None:
    """The report of a laptop that runs, with moto as its AWS."""
    places = Places(past.path)
    places.state.mkdir(parents=True)
    hosts = {name: {"url": "http://127.0.0.1:9"} for name in ("updates", "downloads", "site")}
    report = {"pid": os.getpid(), "started": started(os.getpid()), "hosts": hosts}
    places.report.write_text(json.dumps(report))
    places.ports.write_text(json.dumps({"aws": urlsplit(aws).port}))


def test_the_heads_that_are_kept_tell_when_it_was_live(
    story: Story, aws: str, capsys: pytest.CaptureFixture[str]
) -> None:
    s3: Any = boto3.client("s3", endpoint_url=aws, region_name="us-east-1", aws_access_key_id="t",
                           aws_secret_access_key="t")  # fmt: skip
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for serial, (commit, hour) in enumerate({story.begin: 0.1, story.start: 3.05, story.stop: 5.5}.items(), 1):
        issued = at(hours(hour))
        head = Head("espice", "laptop", serial, commit, f"{serial}" * 64, issued, issued + LIFETIME)
        s3.put_object(Bucket=BUCKET, Key=HEAD_KEY, Body=seal(head, keys.head_signer()))
        s3.put_object(Bucket=BUCKET, Key=HEAD_KEY, Body=b"nobody signed this")
    _runs(story.past, aws)
    try:
        found = told(capsys, *WINDOW)
    finally:
        Places(story.past.path).report.unlink()
    assert [each["merge_to_live"] for each in found["changes"]] == [1800, 180, None]
    assert found["dora"]["merge_to_live"] == {"median": 990, "longest": 1800, "known": 2, "all": 3}
    assert found["live"] == "time to live is from 3 heads that laptop keeps, since Wed 2026-11-04 16:06 UTC"


# --- files --------------------------------------------------------------------------------------------------------


def test_the_page_says_the_same_and_nothing_in_it_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "audit.html"
    assert audit(*WINDOW, page=str(file)) == 0
    assert capsys.readouterr().err == f"wrote {file}\n"
    text = file.read_text()
    assert "reviewed by &lt;i&gt;B; merged by A Merger as proposal 7" in text
    assert "30 min after the brake was pulled" in text
    assert "<dd>50%<br><small>1 of 2 that offered something" in text
    assert not [word for word in ("<script", "<i>", "http://", "https://", "src=", "href=") if word in text]


def test_the_picture_is_the_same_for_the_same_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    assert [audit(*WINDOW, plot=str(file)) for file in (one, other)] == [0, 0]
    assert capsys.readouterr().err == f"drew {one}\ndrew {other}\n"
    assert one.read_bytes() == other.read_bytes()
    assert "change failure rate: 50%; 1 of 2 that offered something" in one.read_text()


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"since": "yesterday"}, "--since yesterday: is neither a day, a UTC time nor a number of days; "
         "write it like 2026-11-01, 2026-11-25T14:00:00Z or 30d"),
        ({"until": "2026-13-01"}, "--until 2026-13-01: is neither a day, a UTC time nor a number of days; "
         "write it like 2026-11-01, 2026-11-25T14:00:00Z or 30d"),
        ({"since": "2026-11-06", "until": "2026-11-04"},
         "--since 2026-11-06: is not before --until 2026-11-04; turn them round"),
        ({"since": "9999-01-01"}, "--since 9999-01-01: is not before now; name an earlier time"),
        ({"channel": "nightly"}, "there is no channel nightly; there are beta, stable"),
        ({"environment": "moon"}, "there is no environment moon; there are laptop, staging and production"),
        ({"within": "0"}, "--within 0: is not a whole number from 1 to 365"),
        ({"plot": "audit.pdf"}, "--plot audit.pdf: is neither an .svg nor a .png file; name one"),
        ({"page": "audit.pdf"}, "--page audit.pdf: is no .html file; name one"),
    ],
)  # fmt: skip
def test_what_was_typed_wrong_is_refused_before_anything_is_done(
    typed: dict[str, str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(**typed) == 2
    assert said(capsys, 2) == f"{words}\n"


def test_an_account_that_nobody_is_signed_in_to_is_told_of(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    monkeypatch.setattr(boto3, "Session", _SignedOut)
    with standing_in(desk.repo):
        done = desk.inv("audit", "--environment", "production", "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)["live"] == (
        "time to live is not recorded here: there are no AWS credentials here; sign in to the AWS account of production"
    )


class _SignedOut:
    def get_credentials(self) -> None:
        return None


def test_it_is_typed_as_the_table_of_tasks_says(desk: Desk) -> None:
    done = desk.inv("audit", "--since", "99999d", "--within", "30")
    assert done.status == 0, done.err
    assert done.out.startswith("Audit, laptop, main at ")

"""history, blame, next and explain in the past, on a real repository of small facts."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from delivery.commands import effects, facts, history
from delivery.rules.compile import ranks
from delivery.rules.facts import Facts, Line
from tests.unit.commands.desk import standing_in
from tests.unit.rules.worlds import NOON, at, catalog, files, hold, passed, step, withdrawal, world

NAME = "stable/1.4.0"
FULL = {"stable/1.3.0": [step(100, -9000)]}
TURN = str(next(cohort for cohort in range(1000) if 100 <= ranks("stable-1.4.0")[cohort] < 500))  # from 50 % on
LINUX = ("stable", "linux-x86_64")


class Past:
    """A repository in which facts are committed at stated moments."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, moment: datetime = NOON, author: str = "A Person") -> str:
        when = f"{int(moment.timestamp())} +0000"
        who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER")
               for part, value in (("DATE", when), ("NAME", author), ("EMAIL", "person@espice.app"))}  # fmt: skip
        done = subprocess.run(
            ["git", "-c", "commit.gpgsign=false", *arguments],
            cwd=self.path,
            env={**os.environ, **who},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, given: Facts | Mapping[str, bytes], hours: float, subject: str, author: str = "A Person") -> str:
        for path, data in (files(given) if isinstance(given, Facts) else given).items():
            file = self.path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject, moment=at(hours), author=author)
        return self.git("rev-parse", "HEAD")


def rollout(*lines: Line, **more: Any) -> Facts:
    return world({**FULL, NAME: list(lines)}, **more)


@pytest.fixture(name="past")
def _past(tmp_path: Path) -> Iterator[Past]:
    with standing_in(tmp_path / "repo"):
        yield Past(tmp_path / "repo")


@pytest.fixture(name="story", scope="module")
def _story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...]]:
    """A raise, a merge that passes a gate, and a hold, made once for all who only read it."""
    past = Past(tmp_path_factory.mktemp("story") / "repo")
    lines = [step(10, 1), step(50, 5, "default")]
    first = past.commit(world(FULL), 0, "Begin")
    second = past.commit(rollout(*lines), 0.5, "Start 1.4.0 on stable (#7)", "Another Person")
    past.git("checkout", "--quiet", "-b", "side")
    third = past.commit(rollout(*lines, passed(50, 4)), 3, "Pass 50 %", "Another Person")
    past.git("checkout", "--quiet", "main")
    past.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #8 from espice/side", "side", moment=at(6))
    merge = past.git("rev-parse", "HEAD")
    last = past.commit(rollout(*lines, passed(50, 4), hold(0, 8)), 8, "Hold")
    return past.path, (first, second, third, merge, last)


@pytest.fixture(name="told")
def _told(story: tuple[Path, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    with standing_in(story[0]):
        yield story[1]


def said(capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    both = capsys.readouterr()
    return both.err if status else both.out


def explain(*, cohort: str = "", commit: str = "", moment: str = "", version: str = "1.3.0") -> int:
    return facts.explain(*LINUX, version, cohort, "", False, "", "", "", "", commit, moment, True)


# --- explain, in the past -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "version", "number"),
    [
        ("2026-11-25T12:20:00Z", None, 0),  # nothing but 1.3.0
        ("2026-11-25T13:30:00Z", None, 1),  # 10 %, and its turn is not yet
        ("2026-11-25T17:59:00Z", None, 1),  # the step's time has come, its pass is not merged
        ("2026-11-25T18:00:00Z", "1.4.0", 3),  # merged
        ("2026-11-25T21:00:00Z", None, 4),  # held
    ],
)
def test_a_moment_alone_asks_what_was_live_then(
    told: tuple[str, ...], capsys: pytest.CaptureFixture[str], moment: str, version: str | None, number: int
) -> None:
    assert explain(cohort=TURN, moment=moment) == 0
    answer = json.loads(said(capsys))
    assert (answer["decision"]["offer"], answer["commit"], answer["now"]) == (
        version,
        told[number],
        moment.replace("Z", "+00:00"),
    )


def test_a_commit_is_asked_whatever_was_live(told: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(cohort=TURN, moment="2026-11-25T21:00:00Z", commit=told[3]) == 0
    assert json.loads(said(capsys))["decision"]["offer"] == "1.4.0"
    assert explain(cohort=TURN, moment="2026-11-25T21:00:00Z", commit=f"{told[3]}^") == 0
    assert json.loads(said(capsys))["decision"]["offer"] is None


@pytest.mark.usefixtures("told")
def test_a_time_before_all_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(moment="2026-11-25T11:00:00Z") == 1
    assert said(capsys, 1) == "HEAD has no commit as old as 2026-11-25T11:00:00Z; name a later time, or a commit\n"


def test_facts_that_only_older_code_could_read(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    old = past.commit({**files(world(FULL)), "releases/stops/old.yaml": b"stop: everything\n"}, 0, "Old")
    (past.path / "releases/stops/old.yaml").unlink()
    past.commit(world(FULL), 1, "New")
    assert explain(moment="2026-11-25T12:30:00Z") == 1
    first, last = said(capsys, 1).splitlines()
    assert first.startswith(f"the facts of {old[:12]} are not as today's code reads them: releases/stops/old.yaml:1")
    assert last == f"ask that commit's own code: git worktree add ../{old[:12]} {old[:12]}, then type this there"


@pytest.mark.usefixtures("told")
def test_what_was_typed_wrong_is_refused_with_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in {
        ("nightly", "linux-x86_64"): "there is no channel nightly; there are beta, stable\n",
        ("stable", "amiga"): "there is no target amiga; there are linux-x86_64\n",
    }.items():
        assert history.blame(*arguments, "1.3.0", "", "", False, "", "", "", False) == 2
        assert said(capsys, 2) == words
    assert history.history("", "nightly", "laptop", "", False) == 2
    assert said(capsys, 2) == "there is no channel nightly; there are beta, stable\n"


# --- history ------------------------------------------------------------------------------------------------------


def test_history_has_a_row_for_each_merge_with_what_it_did(
    told: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert history.history("", "", "laptop", "", True) == 0
    rows = json.loads(said(capsys))["history"]
    assert [(row["commit"], row["author"], row["pull_request"], row["effect"]) for row in rows] == [
        (told[4], "A Person", None, "narrower"),
        (told[3], "A Person", 8, "next-step"),
        (told[1], "Another Person", 7, "wider"),
        (told[0], "A Person", None, "wider"),
    ]
    assert rows[1]["at"] == "2026-11-25T18:00:00+00:00"
    assert rows[1]["channels"] == ["stable"]
    assert rows[1]["paths"] == ["releases/rollouts/stable/1.4.0.yaml"]
    assert "(400 of 1,000)" in rows[1]["summary"]
    assert ": 1.3.0 (or nothing) → 1.4.0, at once" in rows[1]["summary"]


def test_history_as_people_read_it(told: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert history.history("2026-11-25T19:00:00Z", "", "laptop", "", False) == 0
    first, second, count = said(capsys).splitlines()
    assert first == f"{told[4][:12]}, Wed 2026-11-25 20:00 UTC, A Person: Hold"
    assert second.startswith("    narrower: stable, all targets, below 1.4.0: ")
    assert count == "1 change"


def test_history_of_one_channel(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    past.commit(world(FULL), 0, "Begin")
    past.commit(world({**FULL, "beta/1.4.0": [step(10, 1)]}), 1, "Start on beta")
    past.commit({"releases/channels/stable.yaml": b'channel: stable\ntitle: "Steady"\nladder: [100]\n'}, 2, "Rename")
    assert history.history("", "beta", "laptop", "", True) == 0
    assert [row["subject"] for row in json.loads(said(capsys))["history"]] == ["Start on beta", "Begin"]
    assert history.history("", "stable", "laptop", "", True) == 0
    assert [row["subject"] for row in json.loads(said(capsys))["history"]] == ["Rename", "Begin"]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("since", "count"),
    [("2026-11-25", 4), ("2026-11-26", 0), ("2026-11-25T18:00:00Z", 2), ("99999d", 4), ("", 4)],
)
def test_since_is_a_day_a_moment_or_days(capsys: pytest.CaptureFixture[str], since: str, count: int) -> None:
    assert history.history(since, "", "laptop", "", True) == 0
    assert len(json.loads(said(capsys))["history"]) == count


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "25d ago", "2026-11-25T18:00"])
def test_any_other_since_is_refused(capsys: pytest.CaptureFixture[str], since: str) -> None:
    assert history.history(since, "", "laptop", "", False) == 2
    assert said(capsys, 2) == (
        f"--since {since}: is neither a day, a UTC time nor a number of days; "
        "write it like 2026-11-01, 2026-11-25T14:00:00Z or 30d\n"
    )


def test_facts_that_cannot_be_read_changed_nothing(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    past.commit(world(FULL), 0, "Begin")
    past.commit({"releases/stops/broken.yaml": b"stop: everything\n"}, 1, "Break")
    (past.path / "releases/stops/broken.yaml").unlink()
    past.commit({}, 2, "Mend")
    assert history.history("", "", "laptop", "", True) == 0
    rows = json.loads(said(capsys))["history"]
    assert [row["effect"] for row in rows] == ["none", "unreadable", "wider"]
    assert rows[0]["summary"] == "nobody is offered anything else"
    assert rows[1]["summary"].startswith("not as today's code reads facts: releases/stops/broken.yaml:1: ")


def test_an_effect_is_found_out_once(
    past: Past, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    past.commit(world(FULL), 0, "Begin")
    past.commit(rollout(step(10, 1)), 1, "Start")
    assert history.history("", "", "laptop", "", True) == 0
    first = said(capsys)
    with monkeypatch.context() as without:
        without.setattr(effects, "plan", None)
        without.setattr(effects, "known", None)
        assert history.history("", "", "laptop", "", True) == 0
    assert said(capsys) == first
    kept = past.path / ".state/history.json"
    half, other = kept.read_text()[:-9], kept.read_text().replace("wider", "none")
    for text in (half, json.dumps({**json.loads(other), "code": "of another day"})):
        kept.write_text(text)
        assert history.history("", "", "laptop", "", True) == 0
        assert said(capsys) == first


def test_the_feed_tells_what_happened(past: Past, tmp_path: Path) -> None:
    first = past.commit(rollout(step(10, -8000)), -7000, "Start")
    second = past.commit(rollout(step(10, -8000), hold(0, -6000)), -6000, "Hold")
    assert history.history("", "", "laptop", str(tmp_path / "feed.json"), False) == 0
    feed = json.loads((tmp_path / "feed.json").read_text())
    assert (feed["product"], feed["environment"]) == ("espice", "laptop")
    assert [(each["version"], each["fraction"], each["reason"], each["commit"]) for each in feed["releases"]] == [
        ("1.4.0", 0.0, "held", second),
        ("1.3.0", 1.0, "step", first),
        ("1.4.0", 0.1, "step", first),
    ]


def test_a_feed_that_cannot_be_written(past: Past, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    past.commit(world(FULL), 0, "Begin")
    file = tmp_path / "no" / "feed.json"
    assert history.history("", "", "laptop", str(file), False) == 2
    assert said(capsys, 2) == f"{file} cannot be written: No such file or directory; name another file\n"


def test_nothing_is_left_where_a_feed_cannot_be_put(
    past: Past, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder := tmp_path / "feeds").mkdir()
    past.commit(world(FULL), 0, "Begin")
    assert history.history("", "", "laptop", str(folder), False) == 2
    assert said(capsys, 2) == f"{folder} cannot be written: Is a directory; name another file\n"
    assert not (tmp_path / "feeds.half").exists()


def test_a_feed_of_an_environment_that_trusts_nothing(
    past: Past, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    past.commit(world(FULL), 0, "Begin")
    assert history.history("", "", "production", str(tmp_path / "feed.json"), False) == 2
    assert said(capsys, 2) == (
        "no commit's facts could be read for production; see why: ./inv history --environment production\n"
    )


# --- blame --------------------------------------------------------------------------------------------------------


def test_blame_names_who_wrote_what_decided_and_the_merge_that_made_it_true(
    told: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert history.blame(*LINUX, "1.3.0", TURN, "", False, "", told[3], "2026-11-25T19:00:00Z", True) == 0
    answer = json.loads(said(capsys))
    assert (answer["commit"], answer["decision"]["offer"]) == (told[3], "1.4.0")
    line = answer["lines"][0]
    assert line["fact"] == "releases/rollouts/stable/1.4.0.yaml:6"
    assert line["text"].strip().startswith('- {at: "2026-11-25T17:00:00Z"')
    assert (line["written"]["author"], line["written"]["pull_request"]) == ("Another Person", 7)
    assert line["merged"]["commit"] == told[1]
    its_pass = answer["lines"][1]
    assert (its_pass["why"], its_pass["text"].strip()[:9]) == ("its gate was passed", "- {pass: ")
    assert (its_pass["written"]["commit"], its_pass["merged"]["commit"]) == (told[2], told[3])
    assert (its_pass["written"]["pull_request"], its_pass["merged"]["pull_request"]) == (None, 8)


def test_blame_as_people_read_it(told: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert history.blame(*LINUX, "1.3.0", TURN, "", False, "", "", "2026-11-25T21:00:00Z", False) == 0
    assert said(capsys).splitlines() == [
        "nothing, because 1.4.0 is held at 0 %",
        "1.4.0 is held at 0 %",
        "    releases/rollouts/stable/1.4.0.yaml:8: "
        '- {hold: 0, at: "2026-11-25T20:00:00Z", reason: "crashes at start"}',
        f"    {told[4][:12]}, Wed 2026-11-25 20:00 UTC, A Person: Hold",
        "of the past only what was merged is known, not what was halted by the brake",
    ]


@pytest.mark.usefixtures("told")
def test_blame_of_what_no_fact_decided(capsys: pytest.CaptureFixture[str]) -> None:
    assert history.blame(*LINUX, "9.0.0", "", "", False, "", "", "", False) == 0
    assert said(capsys).splitlines()[1:] == [
        "no line of any fact: there is nothing above it",
        "nothing runs here whose brake could hold anything; --environment asks elsewhere",
    ]


def test_blame_of_a_withdrawal(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    past.commit(world(FULL), 0, "Begin")
    past.commit(world(FULL, withdrawals=[withdrawal("1.3.0")]), 1, "Withdraw 1.3.0", "Another Person")
    assert history.blame(*LINUX, "1.2.0", "", "", False, "", "", "2026-11-25T14:00:00Z", True) == 0
    line = json.loads(said(capsys))["lines"][0]
    assert line["fact"].startswith("releases/withdrawals/1.3.0.yaml:")
    assert line["written"]["author"] == "Another Person"


# --- next ---------------------------------------------------------------------------------------------------------


def test_next_says_what_comes_by_itself(past: Past, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    soon = datetime.now(NOON.tzinfo).replace(microsecond=0) + timedelta(days=2)
    hours = (soon - NOON).total_seconds() / 3600
    facts = rollout(step(1, hours), step(10, hours + 24, "default"))
    offices = b"offices: {berlin: Europe/Berlin}\n"
    past.commit({**files(facts), "product.yaml": files(facts)["product.yaml"] + offices}, 0, "Plan")
    assert history.next_("14", False, "") == 0
    there = soon.astimezone(ZoneInfo("Europe/Berlin"))
    assert said(capsys).splitlines() == [
        "when                      berlin     what",
        f"{soon:%a %Y-%m-%d %H:%M} UTC  {there:%a %H:%M}  stable/1.4.0 to 1 %",
        f"{soon + timedelta(days=1):%a %Y-%m-%d %H:%M} UTC  {there + timedelta(days=1):%a %H:%M}  "
        "stable/1.4.0 to 10 %, no earlier and not before its pass (gate default)",
    ]
    assert history.next_("1", True, "") == 0
    assert json.loads(said(capsys))["events"] == []
    assert history.next_("14", True, str(tmp_path / "next.ics")) == 0
    assert [event["what"] for event in json.loads(said(capsys))["events"]] == ["stable/1.4.0 to 1 %"]
    text = (tmp_path / "next.ics").read_bytes().decode()
    assert f"DTSTART:{soon:%Y%m%dT%H%M%SZ}\r\n" in text
    assert "DTSTAMP:20261125T120000Z\r\n" in text, "the same facts give the same file"


def test_next_when_nothing_comes(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    past.commit(world(FULL), 0, "Begin")
    assert history.next_("14", False, "") == 0
    assert said(capsys) == "nothing comes by itself\n"
    assert history.next_("ten", False, "") == 2
    assert said(capsys, 2) == "--days ten: is not a whole number from 1 to 999\n"


def test_the_world_of_these_tests_has_a_catalog() -> None:
    assert catalog(rollout(step(10))).channels == ("beta", "stable")

"""What the figures of rollouts propose: passes, holds, nothing; and what people said before stays said."""

import json
from pathlib import Path
from typing import Any

import pytest

from delivery.history import snapshot
from delivery.proposals import branches
from delivery.proposals.forge import Unreachable, Wanted
from delivery.proposals.local import Local
from tests.unit.commands.desk import Desk, Said
from tests.unit.commands.test_proposals import good, lying_here, proposed, shown
from tests.unit.commands.test_proposals_at_github import AtGitHub, place  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

STABLE, BETA = "releases/rollouts/stable/1.4.0.yaml", "releases/rollouts/beta/1.5.0-beta.1.yaml"
CHANNEL = "releases/channels/stable.yaml"
WAITS = '  - {at: "2026-11-21T14:00:00Z", percent: 25, gate: default}'
GOOD = (612, 11)
SAYS = (
    "11 of 612 updates failed (1.8 %) at this step; that fewer than 5 % fail: E 2277.21 of 20; "
    "that more than 2 % do: E 0.07 of 20"
)
HARM = "60 of 612 updates failed (9.8 %); that more than 2 % fail: E more than 1e6 of 20"


@pytest.fixture(autouse=True)
def _waiting(alone: Desk) -> None:
    """On main, the step of stable 1.4.0 to 25 % is due."""
    alone.append(STABLE, WAITS)
    alone.git("commit", "-qam", "Raise stable 1.4.0 to 25 %")


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """A file of samples, empty."""
    return tmp_path / "seen.yaml"


def record(file: Path, **outcomes: tuple[int, int]) -> tuple[str, str]:
    """All outcomes of a rollout in one hour; how to name the file to the task."""
    names = {"stable": "stable/1.4.0", "beta": "beta/1.5.0-beta.1"}
    rows = {
        names[channel]: [{"hour": "2026-11-20T15:00:00Z", "outcomes": counts[0], "failures": counts[1]}]
        for channel, counts in outcomes.items()
    }
    file.write_text(json.dumps({"samples": rows}))
    return ("--samples", str(file))


def machine(said: Said) -> Any:
    assert said.err == "", said
    return json.loads(said.out)


def titles(desk: Desk) -> list[str]:
    return [each["title"] for each in json.loads(desk.inv("proposals", "--json").out)]


def commit(desk: Desk, path: str, text: str) -> None:
    desk.write(path, text)
    desk.git("commit", "-qam", f"Edit {path}")


def auto_promoting(desk: Desk) -> None:
    commit(desk, CHANNEL, desk.read(CHANNEL) + "auto-promote: true\n")


# --- what is proposed -------------------------------------------------------------------------------------------------


def test_a_gate_that_is_met_proposes_the_pass_with_its_figures(desk: Desk, seen: Path) -> None:
    before = lying_here(desk)
    lines = good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert lines[:2] == ["stable 1.4.0 to 25 %: promote", f"  {SAYS}"]
    assert "opened proposal 1: Pass stable 1.4.0 for 25 %" in lines
    (line,) = proposed(desk, 1)
    assert line.startswith("  - {pass: 25, at: ")
    assert line.endswith(f'evidence: "{SAYS}"}}')
    assert shown(desk, 1)["evidence"] == [f"stable 1.4.0 to 25 %: {SAYS}"]
    assert shown(desk, 1)["needed"]["count"] == 1
    assert lying_here(desk) == before


def test_a_gate_that_says_halt_proposes_a_hold(desk: Desk, seen: Path) -> None:
    lines = good(desk.inv("promote", *record(seen, stable=(612, 60))))
    assert lines[:2] == ["stable 1.4.0 to 25 %: halt", f"  {HARM}"]
    assert titles(desk) == ["Hold stable 1.4.0 at 0 %"]
    (line,) = proposed(desk, 1)
    assert line.startswith("  - {hold: 0, at: ")
    assert line.endswith(f'reason: "{HARM}"}}')


@pytest.mark.parametrize("counts", [None, (0, 0), (100, 2), (1000, 33)])
def test_on_too_little_or_nothing_it_holds_on(desk: Desk, seen: Path, counts: tuple[int, int] | None) -> None:
    lines = good(desk.inv("promote", *(record(seen, stable=counts) if counts else ())))
    assert lines[0] == "stable 1.4.0 to 25 %: hold on"
    assert lines[2:] == ["  nothing is proposed", ""]
    assert titles(desk) == []


def test_two_rollouts_are_asked_and_what_is_refused_of_one_holds_up_no_other(desk: Desk, seen: Path) -> None:
    begun = desk.read(BETA).splitlines(keepends=True)[:-1]
    commit(desk, BETA, "".join(begun) + '  - {at: "2026-11-21T14:00:00Z", percent: 100, gate: default}\n')
    figures = record(seen, stable=GOOD, beta=GOOD)
    only = machine(desk.inv("promote", *figures, "--channel", "stable", "--dry-run", "--json"))
    assert [each["rollout"] for each in only] == ["stable/1.4.0"]
    frozen = '"2026-11-01T00:00:00Z"\nuntil: "2099-01-01T00:00:00Z"\nreason: the team is away\n'
    desk.write("releases/freezes/away.yaml", f"freeze: away\nchannels: [beta]\nfrom: {frozen}")
    desk.git("add", "releases/freezes")
    desk.git("commit", "-qm", "Freeze beta")
    said = desk.inv("promote", *figures)
    assert said.status == 1
    assert "freeze" in said.err
    assert "beta 1.5.0-beta.1 to 100 %: promote" in said.out
    assert titles(desk) == ["Pass stable 1.4.0 for 25 %"]


def test_for_machines_it_says_the_same(desk: Desk, seen: Path) -> None:
    (said,) = machine(desk.inv("promote", *record(seen, stable=GOOD), "--json"))
    assert said == {
        "rollout": "stable/1.4.0",
        "percent": 25,
        "gate": "default",
        "fact": f"{STABLE}:{len(desk.read(STABLE).splitlines())}",
        "verdict": "promote",
        "why": SAYS,
        "more": None,
        "proposal": 1,
        "done": "proposal 1 says so",
        "status": 0,
    }


def test_a_dry_run_proposes_nothing(desk: Desk, seen: Path) -> None:
    lines = good(desk.inv("promote", *record(seen, stable=GOOD), "--dry-run"))
    assert "dry run: nothing was proposed" in lines
    assert titles(desk) == []


def test_a_step_stands_as_long_as_its_channel_lets_versions_soak(desk: Desk, seen: Path) -> None:
    commit(desk, CHANNEL, desk.read(CHANNEL) + "soak: {in: beta, at-least: 9999d, installs: 1}\n")
    lines = good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert lines[0] == "stable 1.4.0 to 25 %: hold on"
    assert lines[1].endswith("; the step must have stood until 2054-04-06T15:00:00Z")


def test_figures_answer_no_gate_that_is_peoples(desk: Desk, seen: Path) -> None:
    commit(desk, STABLE, desk.read(STABLE).replace(WAITS, WAITS.replace("default", "security")))
    lines = good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert lines[:2] == [
        "stable 1.4.0 to 25 %: hold on",
        "  the gate security is people's to answer, not that of figures: "
        './inv pass stable 25 --evidence "…" --version 1.4.0',
    ]


# --- again ------------------------------------------------------------------------------------------------------------


def test_typed_again_nothing_changes_and_other_figures_change_the_same_proposal(desk: Desk, seen: Path) -> None:
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    head = shown(desk, 1)["head"]
    lines = good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert "nothing changed: proposal 1 says this already" in lines
    assert lines[-2] == "  proposal 1 says so already"
    assert shown(desk, 1)["head"] == head
    lines = good(desk.inv("promote", *record(seen, stable=(700, 11))))
    assert "changed proposal 1: Pass stable 1.4.0 for 25 %" in lines
    assert "11 of 700" in proposed(desk, 1)[0]


def test_once_merged_it_is_not_proposed_again(desk: Desk, seen: Path) -> None:
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    good(desk.inv("approve", "1", "--as", "Bea"))
    good(desk.inv("merge", "1"))
    said = good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert said == ["no gated step is due; ./inv next says what comes"]


def test_what_somebody_approved_stays_as_it_is_whatever_the_newer_figures(desk: Desk, seen: Path) -> None:
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    good(desk.inv("approve", "1", "--as", "Bea"))
    lines = good(desk.inv("promote", *record(seen, stable=(700, 11))))
    assert lines[-2] == "  proposal 1 is approved with the figures of its time, and stays as it is"
    assert shown(desk, 1)["missing"] == []


def test_what_was_approved_is_made_anew_where_main_is_in_its_way(desk: Desk, seen: Path) -> None:
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    good(desk.inv("approve", "1", "--as", "Bea"))
    good(desk.inv("critical", "stable", "1.3.0", "--reason", "opens files of strangers", "--commit"))
    lines = good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert "changed proposal 1: Pass stable 1.4.0 for 25 %" in lines
    assert shown(desk, 1)["missing"][0].startswith("1 more approval of ")


def test_the_proposal_of_another_is_left_to_them(desk: Desk, seen: Path) -> None:
    desk.git("config", "user.name", "Bea")
    good(desk.inv("pass", "stable", "25", "--evidence", "I looked at all of them", "--pr"))
    desk.git("config", "user.name", "A Maintainer")
    lines = good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert lines[-2] == "  proposal 1 by Bea is open for it, and left to them"
    assert "I looked at all of them" in proposed(desk, 1)[0]


def test_where_somebody_wants_a_hold_no_pass_is_proposed(desk: Desk, seen: Path) -> None:
    good(desk.inv("hold", "stable", "--reason", "crashes at start", "--pr"))
    lines = good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert lines[-2] == "  proposal 1 would hold it; no pass is proposed"
    good(desk.inv("approve", "1", "--as", "Bea"))
    good(desk.inv("merge", "1"))
    assert good(desk.inv("promote", *record(seen, stable=GOOD))) == ["no gated step is due; ./inv next says what comes"]


def test_a_pass_that_the_gate_takes_back_is_told_of(desk: Desk, seen: Path) -> None:
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    against = "proposal 1 would pass it all the same: ./inv close 1"
    lines = good(desk.inv("promote", *record(seen, stable=(612, 30))))
    assert lines[-2] == f"  proposal 2 says so; {against}"
    good(desk.inv("close", "2"))
    lines = good(desk.inv("promote", *record(seen, stable=(100, 2))))
    assert lines[-2] == f"  nothing is proposed; {against}"


# --- auto-promote -----------------------------------------------------------------------------------------------------


def test_without_the_channels_word_nothing_is_merged_even_when_approved(desk: Desk, seen: Path) -> None:
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    good(desk.inv("approve", "1", "--as", "Bea"))
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert shown(desk, 1)["state"] == "open"


def test_auto_promote_merges_what_people_approved_and_nothing_before(desk: Desk, seen: Path) -> None:
    auto_promoting(desk)
    main = desk.git("rev-parse", "main")
    lines = good(desk.inv("promote", *record(seen, stable=GOOD)))
    head = shown(desk, 1)["head"]
    assert lines[-2] == (
        f"  proposal 1 says so; not merged: 1 more approval of {head[:12]}; "
        f"the approval of @espice/release for {STABLE}"
    )
    assert desk.git("rev-parse", "main") == main
    good(desk.inv("approve", "1", "--as", "Bea"))
    lines = good(desk.inv("promote", *record(seen, stable=(700, 11))))
    assert lines[-2].endswith("stays as it is; merged, as the channel says auto-promote")
    assert "Approved-by: Bea" in desk.git("log", "-1", "--format=%b", "main")
    assert desk.read(STABLE).splitlines()[-1].startswith("  - {pass: 25, ")


@pytest.mark.parametrize("figures", [(612, 60), (100, 2), (0, 0)])
def test_auto_promote_merges_nothing_that_the_gate_does_not_say_any_more(
    desk: Desk, seen: Path, figures: tuple[int, int]
) -> None:
    auto_promoting(desk)
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    good(desk.inv("approve", "1", "--as", "Bea"))
    main = desk.git("rev-parse", "main")
    good(desk.inv("promote", *record(seen, stable=figures)))
    assert desk.git("rev-parse", "main") == main
    assert shown(desk, 1)["state"] == "open"


def test_auto_promote_never_merges_a_hold(desk: Desk, seen: Path) -> None:
    auto_promoting(desk)
    good(desk.inv("promote", *record(seen, stable=(612, 60))))
    good(desk.inv("approve", "1", "--as", "Bea"))
    lines = good(desk.inv("promote", *record(seen, stable=(612, 60))))
    assert lines[-2] == "  proposal 1 is approved with the figures of its time, and stays as it is"
    assert shown(desk, 1)["state"] == "open"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("docs/more.md", "# More"),
        (STABLE, '  - {critical: {below: 1.3.0}, at: "2026-11-22T14:00:00Z", reason: "opens files of strangers"}'),
    ],
)
def test_auto_promote_merges_only_that_step(desk: Desk, seen: Path, path: str, line: str) -> None:
    """More was pushed to its branch, and others agreed to that."""
    auto_promoting(desk)
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    there = shown(desk, 1)
    before = snapshot.at_commit(desk.repo, there["head"], [path]).get(path, b"")
    assert isinstance(before, bytes)
    changed = {STABLE: desk.git("show", f"{there['head']}:{STABLE}").encode(), path: before + f"{line}\n".encode()}
    head = branches.commit(desk.repo, "main", changed, there["title"])
    Local(desk.repo, "A Maintainer").propose(Wanted(there["branch"], head, there["title"], there["body"]))
    for who in ("Bea", "Carl"):
        good(desk.inv("approve", "1", "--head", head[:12], "--as", who))
    assert shown(desk, 1)["missing"] == []
    lines = good(desk.inv("promote", *record(seen, stable=GOOD)))
    assert lines[-2].endswith("; not merged, for it does not do that step alone; people may")
    assert shown(desk, 1)["state"] == "open"


def test_a_dry_run_merges_nothing_either(desk: Desk, seen: Path) -> None:
    auto_promoting(desk)
    good(desk.inv("promote", *record(seen, stable=GOOD)))
    good(desk.inv("approve", "1", "--as", "Bea"))
    good(desk.inv("promote", *record(seen, stable=GOOD), "--dry-run"))
    assert shown(desk, 1)["state"] == "open"


def test_at_github_a_schedule_proposes_a_person_approves_and_the_schedule_merges(
    desk: Desk,
    seen: Path,
    place: AtGitHub,  # noqa: F811
) -> None:
    auto_promoting(desk)
    desk.git("push", "-q", str(place.hub.bare.folder), "main")
    figures = record(seen, stable=GOOD)
    (said,) = machine(place.inv("bot", "promote", *figures, "--json"))
    assert (said["proposal"], said["status"]) == (1, 0)
    assert [pull.title for pull in place.hub.pulls()] == ["Pass stable 1.4.0 for 25 %"]
    main = place.hub.bare.tip("refs/heads/main")
    (said,) = machine(place.inv("bot", "promote", *figures, "--json"))
    assert "says so already; not merged: 1 more approval" in said["done"]
    assert place.hub.bare.tip("refs/heads/main") == main
    good(place.inv("bea", "approve", "1", "--head", place.hub.pulls()[0].head))
    (said,) = machine(place.inv("bea", "promote", *figures, "--json"))
    assert said["done"] == "proposal 1 by bot is open for it, and left to them"
    (said,) = machine(place.inv("bot", "promote", *figures, "--json"))
    assert said["done"].endswith("; merged, as the channel says auto-promote")
    assert "Approved-by: bea" in desk.git("log", "-1", "--format=%b", str(place.hub.bare.tip("refs/heads/main")))


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_what_is_wrong_in_the_samples_is_told_with_its_line_and_nothing_is_proposed(desk: Desk, seen: Path) -> None:
    seen.write_text(
        "samples:\n"
        "  stable/1.4.0:\n"
        '    - {hour: "2026-11-20T15:00:00Z", outcomes: 10, failures: 11}\n'
        '    - {hour: "2026-11-20T15:00:00Z", outcomes: 10, failures: 0}\n'
        '    - {hour: "2026-11-20T15:30:00Z", outcomes: 10, failures: 0}\n'
        '    - {hour: "2099-11-20T15:00:00Z", outcomes: 10, failures: 0}\n'
    )
    said = desk.inv("promote", "--samples", str(seen))
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines()[:4] == [
        f"{seen}:3: samples.stable/1.4.0.0.failures: 11 failures are more than 10 outcomes; "
        "count a failure among the outcomes, and an installation once",
        f"{seen}:4: samples.stable/1.4.0.1.hour: stands here twice; add the two up",
        f"{seen}:5: samples.stable/1.4.0.2.hour: is no whole hour; write when the hour began",
        f"{seen}:6: samples.stable/1.4.0.3.hour: has not come yet; write hours that began",
    ]
    seen.write_text("samples:\n  stable/1.4.0:\n    - {hour: yesterday, outcomes: -1, failed: 0}\n")
    said = desk.inv("promote", "--samples", str(seen))
    assert said.status == 1
    for part in (f"{seen}:3: samples.stable/1.4.0.0.hour: ", "0.outcomes: ", "0.failed: ", "0.failures: "):
        assert part in said.err
    seen.unlink()
    said = desk.inv("promote", "--samples", str(seen))
    assert (said.status, said.err) == (
        2,
        f"{seen} cannot be read: No such file or directory; name another file by --samples\n",
    )


def test_a_laptop_reads_what_it_keeps(desk: Desk) -> None:
    folder = desk.repo / ".state"
    folder.mkdir(exist_ok=True)
    record(folder / "samples.json", stable=GOOD)
    assert good(desk.inv("promote", "--dry-run"))[0] == "stable 1.4.0 to 25 %: promote"


def test_a_channel_that_is_none_is_told(desk: Desk) -> None:
    said = desk.inv("promote", "--channel", "stabel")
    assert (said.status, said.err) == (2, "--channel stabel: there is none; did you mean stable?\n")


def test_interrupted_or_unreachable_it_leaves_nothing_half(
    desk: Desk, seen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs, before = desk.git("for-each-ref"), lying_here(desk)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    def away(*_: object) -> None:
        raise Unreachable("nobody answers")

    for stop in (interrupted, away):
        with monkeypatch.context() as patched:
            patched.setattr(Local, "propose", stop)
            try:
                assert desk.inv("promote", *record(seen, stable=GOOD)).status == 1
            except KeyboardInterrupt:
                assert stop is interrupted
        assert (desk.git("for-each-ref"), lying_here(desk)) == (refs, before)
    assert "opened proposal 1: Pass stable 1.4.0 for 25 %" in good(desk.inv("promote", *record(seen, stable=GOOD)))

"""The verbs that begin a rollout and add lines to it."""

from dataclasses import replace
from typing import Any

import pytest

from delivery.rules.edit import Edit, critical, hold, lift, pass_, raise_, resume, start
from delivery.rules.facts import Below, Critical, Hold, Pass, Resume, Rollout, Step
from delivery.rules.read import read
from tests.unit.rules import worlds
from tests.unit.rules.grounds import BASE, PATH, filed, last, made, refused
from tests.unit.rules.worlds import at, step, world

SEEN = "a full update from 1.4.0 on all targets"
NEW = "releases/rollouts/stable/1.5.0.yaml"
READY = world({"stable/1.3.0": [step(100, -2)], "beta/1.5.0": [step(100)]})


# --- start --------------------------------------------------------------------------------------------------------


def test_a_start_is_one_new_file_with_its_schema_its_salt_and_its_first_step() -> None:
    ground = filed(facts=READY)
    edit = start(ground, "stable", "1.5.0", at(1), evidence=SEEN)
    assert (edit.path, edit.before, edit.summary) == (NEW, None, "Start stable 1.5.0 at 1 %")
    assert edit.after.decode() == (
        "# yaml-language-server: $schema=../../../schemas/rollout.json\n"
        "rollout: stable/1.5.0\n"
        "salt: stable-1.5.0\n"
        "targets: all\n"
        "steps:\n"
        f'  - {{at: "2026-11-25T13:00:00Z", percent: 1, evidence: "{SEEN}"}}\n'
    )
    assert made(ground, edit).facts.rollouts["stable/1.5.0"].value == Rollout(
        "stable/1.5.0", "stable-1.5.0", "all", (Step(at(1), 1, evidence=SEEN),)
    )


def test_a_start_says_all_that_a_first_step_may_say() -> None:
    ground = filed(facts=world({"stable/1.3.0": [step(10, -2)], "beta/1.5.0": [step(100)]}))
    edit = start(
        ground,
        "stable",
        "1.5.0",
        at(1),
        share=10,
        evidence=SEEN,
        only=["linux-x86_64"],
        supersedes="1.3.0",
        over="24h",
        because="1.3.0 loses files",
    )
    step_ = Step(at(1), 10, over="24h", evidence=SEEN, because="1.3.0 loses files")
    assert made(ground, edit).facts.rollouts["stable/1.5.0"].value == Rollout(
        "stable/1.5.0", "stable-1.5.0", ("linux-x86_64",), (step_,), "1.3.0"
    )


def test_a_started_rollout_is_raised_by_a_line_of_its_own() -> None:
    ground = filed(facts=READY)
    begun = made(ground, start(ground, "stable", "1.5.0", at(1), evidence=SEEN))
    edit = raise_(begun, "stable", 10, at(2))
    assert edit.after == (begun.files[NEW] + b'  - {at: "2026-11-25T14:00:00Z", percent: 10}\n')


def test_no_salt_is_used_twice() -> None:
    facts = world({"stable/1.4.0": [step(10)], "beta/1.5.0": [step(100)]}, salts={"stable/1.4.0": "stable-1.5.0"})
    edit = start(filed(facts=facts), "stable", "1.5.0", at(1), share=0)
    assert edit.facts.rollouts["stable/1.5.0"].value.salt == "stable-1.5.0-2"


@pytest.mark.parametrize(
    ("said", "more", "message"),
    [
        (("stabel", "1.5.0"), {}, "releases/channels/: there is no channel stabel; did you mean stable?"),
        (("stable", "1.6.0"), {}, "releases/versions/: there is no version 1.6.0; did you mean 1.5.0?"),
        (
            ("stable", "1.3.0"),
            {},
            "releases/rollouts/stable/1.3.0.yaml: 1.3.0 has its rollout on stable already; add to it: ./inv raise",
        ),
        (
            ("stable", "1.5.0"),
            {"evidence": None},
            f"{NEW}: steps.0.evidence: a first step above 0 needs the evidence of a full update through stable-next; "
            "say by --evidence what was seen",
        ),
        (
            ("stable", "1.5.0"),
            {"only": ["linux-x86"]},
            "product.yaml:4: there is no target linux-x86; did you mean linux-x86_64?",
        ),
        (
            ("stable", "1.5.0"),
            {"over": "soon"},
            f'{NEW}:6: steps.0.over: "soon" is not a duration in hours or days such as 72h or 14d; write one',
        ),
    ],
)
def test_a_start_that_makes_no_sense_is_refused_with_its_mend(
    said: tuple[str, str], more: dict[str, Any], message: str
) -> None:
    assert refused(start, filed(facts=READY), *said, at(1), **{"evidence": SEEN, **more}) == message


# --- raise, pass, hold, resume ------------------------------------------------------------------------------------


def test_a_raise_can_take_its_time() -> None:
    ground = filed()
    edit = raise_(ground, "stable", 25, at(2), over="48h")
    assert last(made(ground, edit)) == Step(at(2), 25, over="48h")
    assert edit.after.endswith(b'  - {at: "2026-11-25T14:00:00Z", percent: 25, over: 48h}\n')


def test_a_raise_never_lowers() -> None:
    mend = "lower it by ./inv hold stable --percent 7, or name a higher percent"
    assert refused(raise_, filed(), "stable", 7, at(2)) == f"{PATH}: 7 % is less than the 10 % in force; {mend}"


def test_a_superseded_rollout_is_not_meant() -> None:
    facts = world({"stable/1.3.0": [step(10, -2)], "stable/1.4.0": [step(10)]}, supersedes={"stable/1.4.0": "1.3.0"})
    assert raise_(filed(facts=facts), "stable", 25, at(2)).path == PATH


def test_a_hold_keeps_nothing_unless_told() -> None:
    ground = filed()
    assert last(made(ground, hold(ground, "stable", at(0), "crashes"))) == Hold(0, at(0), "crashes")
    assert last(made(ground, hold(ground, "stable", at(0), "crashes", share=10))) == Hold(10, at(0), "crashes")


def test_a_hold_keeps_at_most_what_is_in_force() -> None:
    assert refused(hold, filed(), "stable", at(0), "crashes", share=25) == (
        f"{PATH}: a hold at 25 % would keep more than the 10 % in force; hold it at 10 or less"
    )


def test_a_full_rollout_can_be_held_when_none_is_under_way() -> None:
    edit = hold(filed(facts=world({"stable/1.3.0": [step(100)]})), "stable", at(0), "crashes")
    assert edit.path == "releases/rollouts/stable/1.3.0.yaml"


def test_a_held_rollout_is_not_held_again_at_the_same_percent() -> None:
    held = world({**BASE, "stable/1.4.0": [step(10), worlds.hold(0)]})
    assert refused(hold, filed(facts=held), "stable", at(0), "crashes", version="1.4.0") == (
        f"{PATH}: it is held at 0 % already; hold it at less, or leave it"
    )


def test_a_resume_ends_a_hold() -> None:
    ground = filed(facts=world({**BASE, "stable/1.4.0": [step(10), worlds.hold(0)]}))
    edit = resume(ground, "stable", 10, at(0), "mended")
    assert last(made(ground, edit)) == Resume(10, at(0), "mended")
    assert edit.summary == "Resume stable 1.4.0 at 10 %"


def test_what_is_not_held_is_not_resumed() -> None:
    assert refused(resume, filed(), "stable", 10, at(0), "mended") == (
        "releases/rollouts/stable/: no rollout is held on stable; raise it instead: ./inv raise"
    )


def test_a_pass_lets_its_step_through() -> None:
    ground = filed(facts=world({**BASE, "stable/1.4.0": [step(10), step(25, -0.5, "default")]}))
    edit = pass_(ground, "stable", 25, at(0), "none failed")
    assert last(made(ground, edit)) == Pass(25, at(0), "none failed")


def test_without_a_waiting_step_nothing_passes() -> None:
    assert refused(pass_, filed(), "stable", 25, at(0), "none failed") == (
        "releases/rollouts/stable/: no step waits for a pass on stable; raise it first: ./inv raise"
    )


# --- critical -----------------------------------------------------------------------------------------------------


def test_a_critical_line_goes_to_the_rollout_under_way() -> None:
    ground = filed()
    edit = critical(ground, "stable", "1.3.2", at(0), "opens files of strangers")
    assert last(made(ground, edit)) == Critical(Below("1.3.2"), at(0), "opens files of strangers")
    assert edit.summary == "Make stable 1.4.0 critical below 1.3.2"
    assert edit.after.endswith(
        b'  - {critical: {below: 1.3.2}, at: "2026-11-25T12:00:00Z", reason: "opens files of strangers"}\n'
    )


def _critical(ground: Any) -> Edit:
    return critical(ground, "stable", "1.3.2", at(0), "x files")


@pytest.mark.parametrize(
    ("lines", "below", "message"),
    [
        ([step(10)], "1.5.0", "{}: 1.4.0 cannot be critical below 1.5.0, which is above it; write at most 1.4.0"),
        ([step(10)], "soon", "{}: soon is not a version such as 1.4.0 or 1.5.0-beta.1; write one after --below"),
        (
            [step(10), worlds.hold(0)],
            "1.3.2",
            "{}: 1.4.0 is held, and a hold is stronger; resume it first: ./inv resume",
        ),
        ([step(0)], "1.3.2", "{}: 1.4.0 has no step above 0 in force; raise it first: ./inv raise"),
        (
            [step(10), worlds.critical("1.3.2")],
            "1.3.1",
            "{}:6: it is critical below 1.3.2 already; name a higher version, or leave it",
        ),
    ],
)
def test_a_critical_line_that_would_do_nothing_is_refused(lines: list[Any], below: str, message: str) -> None:
    ground = filed(facts=world({**BASE, "stable/1.4.0": lines}))
    said = refused(critical, ground, "stable", below, at(0), "opens files of strangers", version="1.4.0")
    assert said == message.format(PATH)


def test_what_was_lifted_is_not_in_the_way_of_a_raise() -> None:
    ground = filed(facts=world(BASE, withdrawals=[worlds.withdrawal("1.4.0")]))
    ground = made(ground, lift(ground, "withdrawal", "1.4.0", at(0), "it was another program"))
    assert raise_(ground, "stable", 25, at(2)).path == PATH


def test_the_rules_are_kept_against_what_is_merged_not_against_what_lies_here() -> None:
    ground = filed(facts=world({**BASE, "stable/1.4.0": [step(1, -1)]}))
    merged = filed(facts=world({"stable/1.3.0": [step(100, -2)]}, versions=["1.4.0"]))
    assert "would take effect at once" in refused(raise_, replace(ground, base=merged.facts), "stable", 10, at(0))
    assert raise_(ground, "stable", 10, at(0)).path == PATH


FOLLOWS = b"channel: beta\ntitle: Beta\nladder: [10, 100]\nfollows: stable\n"


def test_a_hold_is_a_hold_beside_a_raise_that_is_not_merged_yet() -> None:
    ground = filed()
    files = {**ground.files, "releases/channels/beta.yaml": FOLLOWS}
    merged, _ = read(files)
    assert merged
    ground = made(replace(ground, files=files), raise_(replace(ground, facts=merged, files=files), "stable", 25, at(0)))
    edit = hold(replace(ground, base=merged), "beta", at(0), "crashes")
    assert edit.path == "releases/rollouts/beta/1.4.0.yaml"
    assert "beta, which follows stable, does not offer everyone 1.4.0" in "\n".join(map(str, edit.problems))

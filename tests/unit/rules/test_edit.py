"""The verbs: one line or one file more, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.append import append
from delivery.rules.edit import EditRefused, hold, proof, raise_
from delivery.rules.facts import Hold, Step
from tests.unit.rules import worlds
from tests.unit.rules.grounds import BASE, HEAD, PATH, TEN, filed, last, made, refused
from tests.unit.rules.worlds import at, step, world


def raised(text: str) -> str:
    """What a raise to 25 % two hours after noon makes of this file."""
    edit = raise_(filed(text), "stable", 25, at(2))
    assert edit.before == text.encode()
    return edit.after.decode()


# --- people's files stay theirs -----------------------------------------------------------------------------------

LINE = '{at: "2026-11-25T14:00:00Z", percent: 25}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f"{HEAD}steps:\n{TEN}", f"{HEAD}steps:\n{TEN}  - {LINE}\n", id="flow items in a block"),
        pytest.param(f"{HEAD}steps:\n{TEN}".rstrip(), f"{HEAD}steps:\n{TEN}  - {LINE}", id="no newline at the end"),
        pytest.param(
            f"# Why.\n{HEAD}steps: # in time\n{TEN[:-1]} # the first\n# to be continued\n",
            f"# Why.\n{HEAD}steps: # in time\n{TEN[:-1]} # the first\n  - {LINE}\n# to be continued\n",
            id="comments everywhere",
        ),
        pytest.param(
            f"steps:\n{TEN}\n\n{HEAD}", f"steps:\n{TEN}  - {LINE}\n\n\n{HEAD}", id="steps that are not the last key"
        ),
        pytest.param(
            f"{HEAD}steps:\n{TEN.lstrip()}", f"{HEAD}steps:\n{TEN.lstrip()}- {LINE}\n", id="items at the margin"
        ),
        pytest.param(
            f'{HEAD}steps:\n    - at: "2026-11-25T11:00:00Z"\n      percent: 10\n\n# end\n',
            f'{HEAD}steps:\n    - at: "2026-11-25T11:00:00Z"\n      percent: 10\n'
            '    - at: "2026-11-25T14:00:00Z"\n      percent: 25\n\n# end\n',
            id="block items",
        ),
        pytest.param(
            f"{HEAD}steps:\n{TEN}".replace("\n", "\r\n"),
            f"{HEAD}steps:\n{TEN}  - {LINE}\n".replace("\n", "\r\n"),
            id="the newlines of Windows",
        ),
        pytest.param(f"{HEAD}steps: [{TEN[4:-1]}]\n", f"{HEAD}steps: [{TEN[4:-1]}, {LINE}]\n", id="all on one line"),
        pytest.param(
            f"{HEAD}steps: [\n  {TEN[4:-1]}, # the first\n]\n",
            f"{HEAD}steps: [\n  {TEN[4:-1]}, # the first\n  {LINE},\n]\n",
            id="brackets over lines, comma at the end",
        ),
        pytest.param(
            f"{HEAD}steps: [\n  {TEN[4:-1]} # the first\n]\n",
            f"{HEAD}steps: [\n  {TEN[4:-1]}, # the first\n  {LINE}\n]\n",
            id="brackets over lines, no comma at the end",
        ),
    ],
)
def test_a_raise_adds_its_line_in_the_style_of_the_file_and_keeps_all_the_rest(before: str, after: str) -> None:
    assert raised(before) == after


@given(
    st.lists(st.sampled_from(["", "# a note", "# - {percent: 100}", "   # indented"]), max_size=3),
    st.sampled_from(["", " # to the right", "   "]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_an_edit_only_ever_inserts(below: list[str], right: str, newline: str, ends: bool) -> None:
    text = f"{HEAD}steps:\n{TEN[:-1]}{right}\n" + "".join(f"{line}\n" for line in below)
    text = (text if ends else text.rstrip("\n")).replace("\n", newline)
    after = raised(text)
    place = len(after) - len(text)
    assert any(after[:i] + after[i + place :] == text for i in range(len(text) + 1))


def test_an_edit_adds_exactly_one_line_to_the_facts() -> None:
    ground = filed()
    edit = raise_(ground, "stable", 25, at(2), gate="default", because="asked: by many")
    old, new = ground.facts.rollouts["stable/1.4.0"].value, edit.facts.rollouts["stable/1.4.0"].value
    assert made(ground, edit).facts == edit.facts
    assert new == replace(old, steps=(*old.steps, Step(at(2), 25, gate="default", because="asked: by many")))
    assert edit.path == PATH
    assert edit.summary == "Raise stable 1.4.0 to 25 %"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30))
def test_whatever_the_reason_it_is_kept_word_for_word_or_refused(reason: str) -> None:
    ground = filed()
    try:
        edit = hold(ground, "stable", at(0), reason)
    except EditRefused:
        return
    assert last(made(ground, edit)) == Hold(0, at(0), reason)


def test_text_that_yaml_could_misread_is_quoted() -> None:
    edit = hold(filed(), "stable", at(0), "no")
    assert edit.after.endswith(b'\n  - {hold: 0, at: "2026-11-25T12:00:00Z", reason: "no"}\n')


def test_a_reason_of_two_lines_is_refused() -> None:
    assert refused(hold, filed(), "stable", at(0), "it\ncrashes").endswith(
        'steps.1.reason: "it\\ncrashes" is not a sentence on one line, not empty; write one'
    )


def test_files_that_are_not_what_the_facts_were_read_from_are_refused() -> None:
    ground = filed()
    other = {**ground.files, PATH: ground.files[PATH].replace(b"percent: 10", b"percent: 1")}
    assert refused(raise_, replace(ground, files=other), "stable", 25, at(2)) == (
        f"{PATH}: would say something else than was meant; edit it by hand, and look at ./inv plan"
    )


def test_an_edit_that_would_lose_a_comment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(data: bytes, name: str, item: Any) -> bytes:
        return append(data.replace(b"# Why.\n", b""), name, item)

    monkeypatch.setattr(proof, "append", careless)
    assert refused(raise_, filed(f"# Why.\n{HEAD}steps:\n{TEN}"), "stable", 25, at(2)) == (
        f"{PATH}: would say something else than was meant; edit it by hand, and look at ./inv plan"
    )


# --- raise --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "more", "message"),
    [
        (("stabel", 25), {}, "releases/channels/: there is no channel stabel; did you mean stable?"),
        (
            ("stable", 10),
            {},
            f"{PATH}:6: steps.1.percent: 10 is not above 10 in line 5; write a hold to lower it, or a higher percent",
        ),
        (
            ("stable", 30),
            {},
            f"{PATH}:6: steps.1.percent: 30 is not on the ladder of stable; write 1, 10, 25, 50 or 100",
        ),
        (
            ("stable", 140),
            {},
            f"{PATH}:6: steps.1.percent: 140 is above 100; write a whole number of percent from 0 to 100",
        ),
        (
            ("stable", 25),
            {"gate": "defualt"},
            f"{PATH}:6: steps.1.gate: releases/policy.yaml has no gate defualt; did you mean default?",
        ),
        (("beta", 25), {}, "releases/rollouts/beta/: there is nothing to raise on beta; start one: ./inv start"),
        (
            ("stable", 25),
            {"version": "1.4.1"},
            "releases/rollouts/stable/: 1.4.1 has no rollout on stable; did you mean 1.4.0?",
        ),
    ],
)
def test_a_raise_that_makes_no_sense_is_refused_with_its_mend(
    said: tuple[Any, ...], more: dict[str, Any], message: str
) -> None:
    assert refused(raise_, filed(), *said, at(2), **more) == message


def test_a_step_before_its_predecessor_is_refused() -> None:
    assert refused(raise_, filed(), "stable", 25, at(-1.5)) == (
        f"{PATH}:6: steps.1.at: 2026-11-25T10:30:00Z is not after 2026-11-25T11:00:00Z in line 5; "
        "write the lines in the order of their times"
    )


def test_a_held_rollout_is_not_raised_but_resumed() -> None:
    held = world({**BASE, "stable/1.4.0": [step(10), worlds.hold(0)]})
    assert refused(raise_, filed(facts=held), "stable", 25, at(2)) == (
        f"{PATH}:7: steps.2: stands behind the hold in line 6, which voids it; write a resume before it"
    )


def test_a_step_that_waits_for_its_pass_is_not_written_twice() -> None:
    waiting = world({**BASE, "stable/1.4.0": [step(10), step(25, -0.5, "default")]})
    assert refused(raise_, filed(facts=waiting), "stable", 25, at(2)) == (
        f"{PATH}:6: the step to 25 % is written already and waits for its pass; "
        "pass it once its gate is met: ./inv pass"
    )


def test_two_rollouts_that_could_be_meant_are_both_named() -> None:
    two = world({"stable/1.3.0": [step(10)], "stable/1.4.0": [step(10)]})
    assert refused(raise_, filed(facts=two), "stable", 25, at(2)) == (
        "releases/rollouts/stable/: 1.4.0 and 1.3.0 could be meant; say which by --version"
    )


def test_a_held_rollout_does_not_make_the_one_after_it_ambiguous() -> None:
    two = world({"stable/1.3.0": [step(10), worlds.hold(0)], "stable/1.4.0": [step(10)]})
    assert raise_(filed(facts=two), "stable", 25, at(2)).path == PATH


def test_an_old_partial_rollout_that_a_newer_full_one_hides_is_not_meant() -> None:
    hidden = world({"stable/1.2.0": [step(10)], "stable/1.3.0": [step(100)], "stable/1.4.0": [step(10)]})
    assert raise_(filed(facts=hidden), "stable", 25, at(2)).path == PATH


def test_a_withdrawn_version_is_not_raised() -> None:
    gone = world(BASE, withdrawals=[worlds.withdrawal("1.4.0")])
    assert refused(raise_, filed(facts=gone), "stable", 25, at(2), version="1.4.0") == (
        f"{PATH}: 1.4.0 is withdrawn or stopped by releases/withdrawals/1.4.0.yaml:1; ship a mended version instead"
    )


def test_what_was_wrong_before_does_not_stand_in_the_way_of_a_hold() -> None:
    wrong = world({**BASE, "beta/1.4.0": [step(30)]}, salts={"beta/1.4.0": "stable-1.4.0"})
    assert hold(filed(facts=wrong), "stable", at(0), "crashes").path == PATH

"""The verbs that bound what may happen, each one new file; lifts of them; the end of an experiment."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from delivery.rules.edit import Edit, Ground, barrier, block, conclude, deadend, freeze, lift, notice
from delivery.rules.facts import Barrier, Block, Deadend, Filed, Freeze, Notice, Outcome
from tests.unit.rules import worlds
from tests.unit.rules.grounds import filed, made, refused
from tests.unit.rules.worlds import at, step, world

GTK = ("linux-gtk-crash", ">=1.2.0 <1.3.1", ">=1.4.0 <1.4.2", "crashes", "@linux", "2027-01-31")
FULL = world({"stable/1.3.0": [step(100, -2)], "stable/1.4.0": [step(100)]})


def blocked(ground: Ground) -> Edit:
    return block(ground, *GTK)


def noticed(ground: Ground) -> Edit:
    return notice(ground, "reinstall", "<1.3.0", at(0), "Please reinstall.", url="https://espice.app/reinstall")


def test_a_block_is_one_new_file() -> None:
    edit = blocked(filed(facts=FULL))
    assert (edit.path, edit.before, edit.summary) == (
        "releases/blocks/linux-gtk-crash.yaml",
        None,
        "Block linux-gtk-crash",
    )
    assert edit.after.decode() == (
        "# yaml-language-server: $schema=../../schemas/block.json\n"
        "block: linux-gtk-crash\n"
        'from: ">=1.2.0 <1.3.1"\n'
        'to: ">=1.4.0 <1.4.2"\n'
        "targets: all\n"
        "effect: block\n"
        "reason: crashes\n"
        'owner: "@linux"\n'
        'review-by: "2027-01-31"\n'
    )


@pytest.mark.parametrize(
    ("verb", "kind", "name", "fact"),
    [
        (
            lambda ground: block(ground, *GTK, only=["linux-x86_64"], effect="warn"),
            "blocks",
            "linux-gtk-crash",
            Block(*GTK[:3], ("linux-x86_64",), "warn", *GTK[3:]),
        ),
        (
            lambda ground: barrier(ground, "1.4.0", "1.4.0", "converts projects"),
            "barriers",
            "1.4.0",
            Barrier("1.4.0", "1.4.0", "all", "converts projects"),
        ),
        (
            lambda ground: deadend(made(ground, noticed(ground)), "1.3.0", "its updater crashes", "reinstall"),
            "deadends",
            "1.3.0",
            Deadend("1.3.0", "its updater crashes", "reinstall"),
        ),
        (
            lambda ground: freeze(ground, "2026-holidays", at(24), at(48), "nobody is in"),
            "freezes",
            "2026-holidays",
            Freeze("2026-holidays", ("beta", "stable"), at(24), at(48), "nobody is in"),
        ),
        (
            noticed,
            "notices",
            "reinstall",
            Notice(
                "reinstall",
                ("beta", "stable"),
                "<1.3.0",
                at(0),
                "Please reinstall.",
                "https://espice.app/reinstall",
            ),
        ),
    ],
)
def test_a_fence_adds_exactly_its_fact(verb: Callable[[Ground], Edit], kind: str, name: str, fact: Any) -> None:
    ground = filed(facts=FULL)
    edit = verb(ground)
    assert getattr(edit.facts, kind)[name].value == fact
    if kind != "deadends":
        assert made(ground, edit).facts == replace(ground.facts, **{kind: {name: getattr(edit.facts, kind)[name]}})


@pytest.mark.parametrize(
    ("verb", "kind", "name"),
    [
        (blocked, "block", "linux-gtk-crash"),
        (lambda ground: barrier(ground, "1.4.0", "1.4.0", "converts projects"), "barrier", "1.4.0"),
        (lambda ground: freeze(ground, "holidays", at(24), at(48), "nobody is in"), "freeze", "holidays"),
        (noticed, "notice", "reinstall"),
    ],
)
def test_every_fence_can_be_lifted(verb: Callable[[Ground], Edit], kind: str, name: str) -> None:
    ground = filed(facts=FULL)
    fenced = made(ground, verb(ground))
    edit = lift(fenced, kind, name, at(0), "no longer so")
    assert edit.after == fenced.files[edit.path] + b'lifted: {at: "2026-11-25T12:00:00Z", reason: "no longer so"}\n'
    made(fenced, edit)


@pytest.mark.parametrize(
    ("verb", "said", "message"),
    [
        (
            block,
            ("Gtk crash", *GTK[1:]),
            'releases/blocks/Gtk crash.yaml:2: block: "Gtk crash" is not '
            "a name of lower-case letters, digits, dots and dashes; write one",
        ),
        (
            block,
            (GTK[0], "1.2.x", *GTK[2:]),
            'releases/blocks/linux-gtk-crash.yaml:3: from: "1.2.x" is not a range such as ">=1.2.0 <1.3.1"; write one',
        ),
        (
            barrier,
            ("1.4.1", "1.4.1", "converts projects"),
            "releases/versions/: there is no version 1.4.1; did you mean 1.4.0?",
        ),
        (
            freeze,
            ("holidays", at(48), at(24), "nobody is in"),
            "releases/freezes/holidays.yaml: until: would end at 2026-11-26T12:00:00Z, "
            "not after it begins at 2026-11-27T12:00:00Z; name a later --until",
        ),
        (
            conclude,
            ("dark", "treatment", at(0), "better"),
            "releases/experiments/: there is no experiment dark; add an experiment first",
        ),
    ],
)
def test_a_fence_that_makes_no_sense_is_refused(verb: Callable[..., Edit], said: tuple[Any, ...], message: str) -> None:
    assert refused(verb, filed(facts=FULL), *said) == message


def test_an_edit_never_leads_out_of_its_folder() -> None:
    assert "is not a name" in refused(block, filed(facts=FULL), "../../product", *GTK[1:])


def test_what_exists_is_not_written_over_whatever_the_case_of_its_name() -> None:
    ground = filed(facts=FULL)
    known = {**ground.files, "releases/blocks/Linux-GTK-crash.yaml": b""}
    assert refused(block, replace(ground, files=known), *GTK) == (
        "releases/blocks/Linux-GTK-crash.yaml: exists already; look at what it says"
    )


# --- conclude -----------------------------------------------------------------------------------------------------


def tried(**more: Any) -> Ground:
    """An experiment runs."""
    fact = replace(worlds.experiment("dark", 10, {"theme": "dark"}), **more)
    facts = replace(FULL, experiments={"dark": Filed("releases/experiments/dark.yaml", fact)})
    return replace(filed(facts=FULL), facts=facts, files={**worlds.files(facts)})


def test_a_conclusion_adds_the_decision() -> None:
    ground = tried()
    edit = conclude(ground, "dark", "treatment", at(0), "fewer crashes")
    assert edit.after == ground.files[edit.path] + (
        b'decision: {keep: treatment, at: "2026-11-25T12:00:00Z", reason: "fewer crashes"}\n'
    )
    assert edit.facts.experiments["dark"].value.decision == Outcome("treatment", at(0), "fewer crashes")


def test_a_conclusion_keeps_an_arm_that_there_is_and_comes_once() -> None:
    path = "releases/experiments/dark.yaml:1: "
    assert refused(conclude, tried(), "dark", "treatmnt", at(0), "better") == (
        f"{path}has no arm treatmnt; did you mean treatment?"
    )
    decided = tried(decision=Outcome("control", at(-1), "no difference"))
    assert refused(conclude, decided, "dark", "treatment", at(0), "better") == (
        f"{path}is decided already: control is kept; leave it"
    )

"""How the rules are kept: listed once, one sentence each, all run, nothing left out."""

import inspect
import time
from collections.abc import Mapping
from types import ModuleType

import pytest

from delivery.rules import checks
from delivery.rules.check import CHECKS, check
from delivery.rules.checks import (
    artifacts,
    barriers,
    blocks,
    channels,
    experiments,
    freezes,
    keys,
    lines,
    merged,
    reach,
    removals,
    rollouts,
    steps,
    versions,
)
from delivery.rules.checks.change import Change
from tests.unit.rules.files import (
    FULL,
    NEW,
    NOW,
    POLICY,
    ROLLOUT,
    TEXTS,
    edited,
    facts,
    files,
    rollout,
    said,
    version,
    with_lines,
)

THEMES = (
    *(artifacts, versions, channels, rollouts, lines, steps, freezes),
    *(barriers, blocks, removals, experiments, merged, reach, keys),
)


def rules_of(theme: ModuleType) -> list[str]:
    """The public functions a theme defines that take a change."""
    return [
        name
        for name, function in vars(theme).items()
        if inspect.isfunction(function) and function.__module__ == theme.__name__ and not name.startswith("_")
        and list(inspect.signature(function).parameters) == ["change"]
    ]  # fmt: skip


def test_every_rule_is_listed_once() -> None:
    listed = [rule.__name__ for rule in CHECKS]
    assert sorted(listed) == sorted(name for theme in THEMES for name in rules_of(theme))
    assert checks.__doc__


@pytest.mark.parametrize("rule", CHECKS, ids=lambda rule: rule.__name__)
def test_every_rule_is_one_sentence(rule: object) -> None:
    sentence = inspect.getdoc(rule) or ""
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert "\n" not in sentence


def test_problems_of_all_rules_come_at_once_and_in_order() -> None:
    given = edited(ROLLOUT, "gate: default", "gate: x") | {NEW: TEXTS[NEW].replace("linux-x86_64", "bsd").encode()}
    told = check(facts(given))
    assert list(told) == sorted(told)
    assert {problem.path for problem in told} == {NEW, ROLLOUT}


def test_rules_that_need_a_time_or_an_environment_are_silent_without() -> None:
    ahead = with_lines('hold: 0, at: "2099-01-01T00:00:00Z", reason: x')
    assert check(facts(ahead)) == ()
    assert len(check(facts(ahead), now=NOW)) == 1
    assert len(check(facts(ahead), environment="staging")) == 2


def test_everything_is_new_without_a_base() -> None:
    found = facts(files())
    assert [number for number, _ in Change(found).new_lines("stable/1.4.0")] == [0, 1, 2]
    assert list(Change(found, found).new_lines("stable/1.4.0")) == []


def test_gates_that_steps_still_name_stay_in_the_policy() -> None:
    assert said(edited(POLICY, "default:", "other:")) == [
        f"{ROLLOUT}:6: steps.1.gate: releases/policy.yaml has no gate default; the gates are other"
    ]


def many(count: int) -> Mapping[str, bytes]:
    """A repository with this many versions, each rolled out to all."""
    more: dict[str, str | None] = {}
    for number in range(count):
        name = f"0.{number}.0"
        more[f"releases/versions/{name}.yaml"] = version(name)
        more[f"releases/rollouts/stable/{name}.yaml"] = rollout(f"stable/{name}", FULL)
    return files(more)


def test_checking_does_not_slow_down_with_history() -> None:
    def seconds(count: int) -> float:
        found = facts(many(count))
        start = time.process_time()
        assert check(found, found, now=NOW) == ()
        return time.process_time() - start

    seconds(5)
    assert seconds(200) < 20 * max(seconds(20), 0.001)

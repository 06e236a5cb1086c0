"""What the decision does, as a specification: given this change of facts, this client at this time gets this answer.

A scenario is a file of scenarios/: the `change` of the miniature repository (which check lets through, unless it says
why it is `unchecked`), what the `plan` calls it, and clients with their answers. A client is on stable, on Linux, with
the target's first bundle, at noon of 2026-11-25, unless it says otherwise.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from delivery.rules.assemble import assemble
from delivery.rules.compile import NEXT, Table, compile
from delivery.rules.decide import Offer, Request, bundle_for, decide
from delivery.rules.facts import Facts
from delivery.rules.plan import plan
from delivery.rules.precedence import precedence
from tests.world.world import NOON, case, cases, changed, errors_of, facts, moment, repository

CASES = cases("scenarios")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_scenario_is_answered_as_it_says(path: Path, bless: bool) -> None:
    said = case(path)
    base, now = repository(), moment(said.get("now", NOON))
    after = changed(base, said.get("change", {}))
    if "unchecked" not in said:
        assert errors_of(base, after, now) == []
    before, merged = facts(base), facts(after)
    table = compile(assemble(merged, "laptop"))
    found = [effect(before, merged, said), *(answer(table, each["client"], said) for each in said["asked"])]
    if bless:
        rewrite(path, found)
        return
    assert found == [said["plan"], *(each["answer"] for each in said["asked"])]


def test_there_are_at_least_twenty_five_of_them_and_each_asks_somebody() -> None:
    assert len(CASES) >= 25
    assert all(case(path)["scenario"] and case(path)["asked"] for path in CASES)


def test_together_they_change_every_kind_of_fact() -> None:
    kinds = {part.split("/")[1] for path in CASES for part in case(path).get("change", {})}
    assert kinds >= {"versions", "channels", "rollouts", "withdrawals", "stops", "barriers", "deadends", "blocks",
                     "freezes", "experiments", "flags", "notices", "policy.yaml"}  # fmt: skip


def answer(table: Table, client: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """What this client is answered, in one line."""
    target = client.get("target", "linux-x86_64")
    request = Request(
        channel=client.get("channel", "stable"),
        target=target,
        bundle=bundle_for(table.targets[target], client.get("bundle")) or "",
        version=client["has"],
        cohort=client.get("cohort"),
        manual=client.get("manual", False),
        failed=client.get("failed"),
        os=client.get("os"),
        accepts=frozenset(client.get("accepts", "").split()),
    )
    given = decide(table, request, moment(client.get("at", said.get("now", NOON))))
    until = f", until {given.until:%Y-%m-%dT%H:%M:%SZ}" if given.until else ""
    if isinstance(given, Offer):
        warned = "".join(f", warned that it {warning.reason}" for warning in given.warnings)
        return f"{given.version} ({given.rule.value}) by {given.fact}{until}{warned}"
    of = f" of {given.version} by {given.fact}" if given.version else f" by {given.fact}" if given.fact else ""
    return f"nothing ({given.reason.value}){of}{until}"


def effect(before: Facts, after: Facts, said: Mapping[str, Any]) -> str:
    """What the plan calls the change, and who moves from what to what (on the channels themselves)."""
    catalogs = assemble(before, "laptop"), assemble(after, "laptop")
    made = plan(*catalogs, moment(said.get("now", NOON)), after.policy.value)
    moves = {
        (change.channel, move.before, move.after)
        for change in made.changes
        for move in change.moves
        if change.failed is None and not change.channel.endswith(NEXT)
    }
    words = [f"{channel} {was or 'nothing'} -> {becomes or 'nothing'}" for channel, was, becomes in _sorted(moves)]
    return f"{made.effect.value}: {', '.join(words)}" if words else made.effect.value


def _sorted(moves: set[tuple[str, str | None, str | None]]) -> Iterator[tuple[str, str | None, str | None]]:
    yield from sorted(moves, key=lambda move: (move[0], *(precedence(version or "0.0.0-0") for version in move[1:])))


def rewrite(path: Path, found: list[str]) -> None:
    """The same scenario with these answers in the place of those it has, one a line."""
    answers, lines = iter(found), []
    for line in path.read_text().splitlines(keepends=True):
        key = next((key for key in ("plan:", "    answer:") if line.startswith(key)), None)
        lines.append(f"{key} {json.dumps(next(answers), ensure_ascii=False)}\n" if key else line)
    assert next(answers, None) is None, f"{path} has fewer answers than clients"
    path.write_text("".join(lines))

"""The lines of facts that an answer stands on: the one that decided it, and what that one needed to be in force."""

from collections.abc import Iterator

from delivery.rules.explain import Explanation
from delivery.rules.facts import Facts
from delivery.rules.timeline import pass_of


def grounds(facts: Facts, explained: Explanation) -> dict[str, str]:
    """`path:line` -> what it came to, in a sentence: the deciding line first, then those of every other candidate.

    A gated step stands on its pass too: without it, the step would only be a plan.
    """
    why = {finding.fact: finding.why for finding in reversed(explained.findings)}
    decided = explained.decision.fact
    found: dict[str, str] = {}
    for fact in dict.fromkeys((decided, *(finding.fact for finding in explained.findings))):
        if fact:
            found[fact] = why.get(fact, explained.why)
            found.update(_passes(facts, fact))
    return found


def _passes(facts: Facts, fact: str) -> Iterator[tuple[str, str]]:
    path = fact.rpartition(":")[0]
    for filed in (filed for filed in facts.rollouts.values() if filed.path == path):
        for number in range(len(filed.value.steps)):
            passed = pass_of(filed.value, number) if filed.at("steps", number) == fact else None
            if passed is not None:
                yield filed.at("steps", passed), "its gate was passed"

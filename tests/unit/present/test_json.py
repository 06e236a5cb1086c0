"""The shape that scripts and the console read: keys are added, never renamed or removed."""

from hypothesis import given

from delivery.present import json
from delivery.rules.catalog import sha256
from delivery.rules.decide import Request, decide
from delivery.rules.explain import explanation
from delivery.rules.facts import Facts
from delivery.rules.plan import plan
from delivery.rules.problem import Problem, Severity
from tests.examples import examples
from tests.unit.rules.worlds import NOON, catalog, step, table, world
from tests.unit.rules.worlds_at_random import worlds

FILE = "ESpice_1.4.0_linux-x86_64.deb"
TEN = {"stable/1.3.0": [step(100)], "stable/1.4.0": [step(10)]}


def test_a_plan() -> None:
    after = world({**TEN, "stable/1.4.0": [step(10), step(25, 2), step(50, 3, "default")]})
    found = plan(catalog(world(TEN)), catalog(after), NOON, after.policy.value)
    cells = [{"target": "linux-x86_64", "bundle": "appimage"}, {"target": "linux-x86_64", "bundle": "deb"}]
    said = json.plan(found)
    assert len(said.pop("sections")) == 4
    assert [each["failed"] for each in said.pop("after_failure")] == ["1.3.0"]
    assert said == {
        "environment": "laptop",
        "now": "2026-11-25T12:00:00+00:00",
        "is_empty": False,
        "effect": "wider",
        "narrower": False,
        "approvals": 2,
        "why": [],
        "catalog": {"before": found.before, "after": found.after},
        "hash": found.hash,
        "changes": [
            {
                "channel": "stable",
                "targets": cells,
                "cohorts": 150,
                "without_cohort": False,
                "band": {"version": "1.4.0", "from": 10, "below": 25},
                "asks": "automatic",
                "since": "2026-11-25T14:00:00+00:00",
                "until": None,
                "one_by_one": False,
                "failed": None,
                "accepts": "any",
                "systems": None,
                "moves": [
                    move(None, "1.3.0", "1.3.0", unless=["1.4.0", "1.3.0"]),
                    move("1.3.0", "1.4.0", None, unless=["1.4.0"]),
                ],
            }
        ],
        "populations": [
            {
                "who": "stable, all targets, below 1.4.0: cohorts in 10-25 % of 1.4.0 (150 of 1,000), automatic checks",
                "before": "1.3.0 (or nothing)",
                "after": "1.4.0",
                "when": "from Wed 2026-11-25 14:00 UTC",
            }
        ],
        "ahead": [],
        "newcomers": [
            {
                "channel": "stable",
                "targets": cells,
                "before": "1.3.0",
                "after": "1.3.0",
                "since": "2026-11-25T12:00:00+00:00",
                "until": None,
            }
        ],
        "downloads": [],
        "flags": [],
        "flag_rules": [],
        "notices": [],
        "halts_ended": [],
        "blocks": [],
        "crossings": [],
        "stuck": [],
        "promises": [
            {"what": "nobody is downgraded", "kept": True},
            {"what": "nobody is stranded", "kept": True},
            {"what": "nobody crosses channels", "kept": True},
            {"what": "nothing published changes", "kept": True},
        ],
        "waiting": [
            {
                "channel": "stable",
                "version": "1.4.0",
                "stays": 25,
                "percent": 50,
                "gate": "default",
                "fact": "releases/rollouts/stable/1.4.0.yaml:7",
            }
        ],
        "costs": [
            {
                "channel": "stable",
                "version": "1.4.0",
                "since": "2026-11-25T14:00:00+00:00",
                "installations": 150,
                "bytes": 150_000,
                "peak": 3 * 150 / (12 * 3600),
                "out_of": 1000,
            }
        ],
        "reverse": ['./inv hold stable --version 1.4.0 --reason "…"'],
    }


def move(least: str | None, below: str, before: str | None, unless: list[str]) -> dict[str, object]:
    return {
        "from": least,
        "below": below,
        "before": before,
        "after": "1.4.0",
        "wider": True,
        "warned": [],
        "warnings": [],
        "back": False,
        "unless_failed": unless,
    }


def test_problems() -> None:
    found = [Problem("a.yaml", 3, "b", "is wrong", "mend it"), Problem("a.yaml", 4, "", "x", "y", Severity.warning)]
    assert json.problems(found) == {
        "problems": [
            {
                "path": "a.yaml",
                "line": 3,
                "field": "b",
                "what": "is wrong",
                "mend": "mend it",
                "severity": "error",
            },
            {"path": "a.yaml", "line": 4, "field": "", "what": "x", "mend": "y", "severity": "warning"},
        ],
        "errors": 1,
        "warnings": 1,
    }


def test_an_offer_and_a_refusal() -> None:
    looked_up = table(world({"stable/1.4.0": [step(10)]}))
    fact = "releases/rollouts/stable/1.4.0.yaml:5"
    asked = Request("stable", "linux-x86_64", "deb", "1.3.0", 17)
    assert json.decision(decide(looked_up, asked, NOON)) == {
        "offer": "1.4.0",
        "said": "cohort",
        "version": "1.4.0",
        "fact": fact,
        "until": None,
        "artifact": {"file": FILE, "size": 1000, "sha256": sha256(FILE.encode())},
        "warnings": [],
    }
    assert json.decision(decide(looked_up, Request("stable", "linux-x86_64", "deb", "1.3.0"), NOON)) == {
        "offer": None,
        "said": "no-cohort",
        "version": "1.4.0",
        "fact": fact,
        "until": None,
        "artifact": None,
        "warnings": [],
    }


def test_an_explanation_names_the_commits_that_the_caller_knows() -> None:
    looked_up = table(world(TEN))
    asked = Request("stable", "linux-x86_64", "deb", "1.2.0", 437)
    said = json.explanation(explanation(looked_up, asked, NOON), {"releases/rollouts/stable/1.4.0.yaml:5": "abc"})
    assert said["why"] == "1.3.0 is at 100 %"
    assert said["decision"]["offer"] == "1.3.0"
    assert [(each["version"], each["said"], each["commit"]) for each in said["findings"]] == [
        ("1.4.0", "later-cohort", "abc"),
        ("1.3.0", "everyone", None),
    ]


@examples(15)
@given(worlds(), worlds())
def test_every_plan_can_be_printed_for_machines(before: Facts, after: Facts) -> None:
    assert json.text(json.plan(plan(catalog(before), catalog(after), NOON, after.policy.value)))

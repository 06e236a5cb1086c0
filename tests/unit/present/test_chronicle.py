"""What was, who did it and what comes, as it is printed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from delivery.present import chronicle
from delivery.present.chronicle import Line, Row
from delivery.rules.agenda import Event, Gated, Kind
from delivery.rules.plan import plan
from tests.unit.rules.worlds import NOON, catalog, hold, step, world

AT = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Commit:
    id: str
    author: str = "A Person"
    at: datetime = AT
    subject: str = "Raise stable to 25 % (#12)"
    pull_request: int | None = 12


ONE, OTHER = Commit("a" * 40), Commit("b" * 40, "A Merger")


def test_history_says_who_when_and_what() -> None:
    row = Row(ONE, "wider", "stable: 1.3.0 → 1.4.0", ("stable",), ("releases/x.yaml",))
    assert chronicle.history([row]).plain.splitlines() == [
        "aaaaaaaaaaaa, Wed 2026-11-25 23:30 UTC, A Person: Raise stable to 25 % (#12)",
        "    wider: stable: 1.3.0 → 1.4.0",
        "1 change",
    ]
    assert chronicle.history_json([row]) == {
        "history": [
            {
                "commit": "a" * 40,
                "at": "2026-11-25T23:30:00+00:00",
                "author": "A Person",
                "subject": "Raise stable to 25 % (#12)",
                "pull_request": 12,
                "effect": "wider",
                "summary": "stable: 1.3.0 → 1.4.0",
                "channels": ["stable"],
                "paths": ["releases/x.yaml"],
            }
        ]
    }


def test_blame_names_the_merge_only_where_it_is_another_commit() -> None:
    lines = [Line("x.yaml:3", "  - {percent: 10}", "it is at 10 %", ONE, by) for by in (ONE, OTHER)]
    once = [
        "it is at 10 %",
        "    x.yaml:3: - {percent: 10}",
        "    aaaaaaaaaaaa, Wed 2026-11-25 23:30 UTC, A Person: Raise stable to 25 % (#12)",
    ]
    merge = "    merged: bbbbbbbbbbbb, Wed 2026-11-25 23:30 UTC, A Merger: Raise stable to 25 % (#12)"
    assert chronicle.blame(lines).plain.splitlines() == [*once, *once, merge]


def test_the_agenda_has_the_offices_own_weekday_and_time() -> None:
    step_ = Event(AT, Kind.step, "stable/1.4.0 to 25 %", "x.yaml:9", ("stable",))
    day = Event(datetime(2026, 12, 1, tzinfo=UTC), Kind.flag_expires, "the flag plot expires", "y.yaml:3",
                all_day=True, but="nobody knows")  # fmt: skip
    waits = Gated(AT, "stable/1.4.0 to 50 %", "default", "x.yaml:10")
    offices = {"berlin": "Europe/Berlin", "denver": "America/Denver"}
    assert chronicle.agenda([step_, day], [waits], offices).plain.splitlines() == [
        "when                      berlin     denver     what",
        "Wed 2026-11-25 23:30 UTC  Thu 00:30  Wed 16:30  stable/1.4.0 to 25 %",
        "Tue 2026-12-01                                  the flag plot expires (nobody knows)",
        "Wed 2026-11-25 23:30 UTC  Thu 00:30  Wed 16:30  "
        "stable/1.4.0 to 50 %, no earlier and not before its pass (gate default)",
    ]
    assert chronicle.agenda([], [], offices).plain == "nothing comes by itself"
    assert chronicle.agenda_json([step_, day], [waits]) == {
        "events": [
            {
                "at": "2026-11-25T23:30:00+00:00",
                "weekday": "Wednesday",
                "all_day": False,
                "kind": "step",
                "what": "stable/1.4.0 to 25 %",
                "but": None,
                "channels": ["stable"],
                "fact": "x.yaml:9",
            },
            {
                "at": "2026-12-01",
                "weekday": "Tuesday",
                "all_day": True,
                "kind": "flag-expires",
                "what": "the flag plot expires",
                "but": "nobody knows",
                "channels": [],
                "fact": "y.yaml:3",
            },
        ],
        "waiting": [
            {
                "not_before": "2026-11-25T23:30:00+00:00",
                "what": "stable/1.4.0 to 50 %",
                "gate": "default",
                "fact": "x.yaml:10",
            }
        ],
    }


def test_a_change_in_one_sentence() -> None:
    before, after = (catalog(world({"stable/1.3.0": [step(100)], "stable/1.4.0": lines})) for lines in ([], [step(10)]))
    policy = world({}).policy.value
    said = chronicle.sentence(plan(before, after, NOON, policy))
    assert said.startswith("stable, all targets, below 1.4.0: ")
    assert said.count("→") == 1
    assert chronicle.sentence(plan(before, before, NOON, policy)) == "nobody is offered anything else"
    held = catalog(world({"stable/1.3.0": [step(100)], "stable/1.4.0": [step(10), hold()]}))
    assert "1.4.0 → " in chronicle.sentence(plan(after, held, NOON, policy))

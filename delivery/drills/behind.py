"""Drills of what installations do not wait for, and of more of them than usual."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from delivery.drills import flood
from delivery.drills.drill import EITHER, Act, Drill, Shown, Stage
from delivery.drills.fleet import PAUSE_S, Fleet
from delivery.drills.subject import Subject
from delivery.laptop.faults import Fault
from delivery.laptop.processes import Recipe, end_all, launch

TIMES = 50  # as many requests as usual
LEAST = 1000  # answers that a flood must have got, or it was none
MANY = 1000  # addresses


def _stop_the_database(subject: Subject, _: Fleet) -> None:
    subject.await_listening("database")  # it may still be starting
    subject.hold()
    subject.kill("database")
    subject.await_listening("database", listening=False)


def _fail_the_queue(subject: Subject, _: Fleet) -> None:
    subject.fail(Fault("error", "* sqs *"))
    subject.await_met()


def _flood(addresses: int) -> Act:
    def act(subject: Subject, fleet: Fleet) -> None:
        rate = TIMES * len(fleet.kinds) / PAUSE_S
        host, _, port = fleet.updates.rpartition("/")[2].partition(":")
        its = fleet.kinds[0].request
        target, _, arch = its.target.partition("-")
        path = f"/v1/update/{its.channel}/{target}/{arch}/{its.version}?bundle={its.bundle}&alone=flood-"
        command = (sys.executable, str(flood.__file__), host, port, path, f"{rate:.0f}", str(addresses))
        log = subject.places.log("flood")
        log.unlink(missing_ok=True)  # of the one before
        process = launch(Recipe("flood", command, log, {}, subject.repo))
        subject.undo(end_all, [process])
        subject.await_(lambda: bool(log.read_text()), "the flood has begun")

    return act


def shown(said: Mapping[str, Any], *, many: bool) -> Shown:
    """What a flood's last words tell. From many addresses, nobody may have been refused for what others asked."""
    answers = {status: count for status, count in sorted(said["answers"].items()) if status.isdecimal()}
    total, refused = sum(answers.values()), answers.get("429", 0)
    told = ", ".join(f"{count} times {status}" for status, count in answers.items())
    note = f"the flood was answered {total / said['seconds']:.0f} times a second, {said['best']:.0f} at best: {told}"
    lacks = [] if total >= LEAST else [f"it was answered {total} times only; {LEAST} are the least for a flood"]
    if many and refused:
        lacks.append(f"{refused} were refused as too many for one address")
    return Shown((note,), tuple(lacks))


def _shown(subject: Subject, *, many: bool) -> Shown:
    return shown(json.loads(subject.places.log("flood").read_text().splitlines()[-1]), many=many)


DRILLS = (
    Drill(
        "database-down",
        "the database is gone",
        "nobody who asks for updates notices",
        (Stage("there is no database", _stop_the_database),),
    ),
    Drill(
        "queue-down",
        "the queue of events answers with errors",
        "nobody who asks for updates notices",
        (Stage("the queue says 500", _fail_the_queue),),
    ),
    Drill(
        "flood",
        f"one address asks {TIMES} times as often as all others together, or as often as it is answered",
        "everybody else is answered all the time, if need be by the static manifest",
        (Stage("the flood", _flood(1), EITHER, most=6.0, shows=lambda subject: _shown(subject, many=False)),),
    ),
    Drill(
        "flood-of-many",
        f"{MANY} addresses do the same together: no limit of one address holds them off",
        "everybody else is answered all the time, if need be by the static manifest",
        (Stage("the flood", _flood(MANY), EITHER, most=6.0, shows=lambda subject: _shown(subject, many=True)),),
        needs_linux=True,
    ),
)

"""Drills of what installations do not wait for, and of more of them than usual."""

import sys

from delivery.drills import flood
from delivery.drills.drill import EITHER, Drill, Stage
from delivery.drills.fleet import PAUSE_S, Fleet
from delivery.drills.subject import Subject
from delivery.laptop.faults import Fault
from delivery.laptop.processes import Recipe, end_all, launch

TIMES = 50  # as many requests as usual


def _stop_the_database(subject: Subject, _: Fleet) -> None:
    subject.hold()
    subject.kill("database")


def _fail_the_queue(subject: Subject, _: Fleet) -> None:
    subject.fail(Fault("error", "* sqs *"))
    subject.await_met()


def _flood(subject: Subject, fleet: Fleet) -> None:
    rate = TIMES * len(fleet.kinds) / PAUSE_S
    host, _, port = fleet.updates.rpartition("/")[2].partition(":")
    its = fleet.kinds[0].request
    target, _, arch = its.target.partition("-")
    path = f"/v1/update/{its.channel}/{target}/{arch}/{its.version}?bundle={its.bundle}&alone=flood-"
    command = (sys.executable, str(flood.__file__), host, port, path, f"{rate:.0f}")
    process = launch(Recipe("flood", command, subject.places.log("flood"), {}, subject.repo))
    subject.undo(end_all, [process])
    subject.await_(lambda: bool(subject.places.log("flood").read_text()), "the flood has begun")


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
        (Stage("the flood", _flood, EITHER, most=6.0),),
    ),
)

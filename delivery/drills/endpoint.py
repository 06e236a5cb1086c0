"""Drills of what answers: endpoint processes, their clock, and the edge before them."""

import time
from datetime import timedelta

from delivery.drills.drill import ANYBODY, EITHER, STATIC, Act, Drill, Stage
from delivery.drills.fleet import Fleet
from delivery.drills.shifted import SHIFT
from delivery.drills.subject import NoDrill, Subject
from delivery.endpoint.wsgi import OFTEN_S
from delivery.laptop.runtime import served
from delivery.present.drill import Rung

NAME = "endpoint-"
_NOWHERE = "http://updates.invalid"  # RFC 6761: no resolver ever knows a name of this kind


def fall_back(what: str, act: Act, answers: frozenset[Rung] = STATIC) -> Stage:
    """Everybody is sent to the static manifest."""
    return Stage(what, act, answers, Rung.static)


def start_anew(subject: Subject, _: Fleet) -> None:
    """Every endpoint forgets what it has seen."""
    subject.start_anew(NAME)


def _hang(subject: Subject, _: Fleet) -> None:
    subject.hold()
    subject.freeze(NAME)


def _lose_the_edge(subject: Subject, _: Fleet) -> None:
    subject.hold()
    subject.kill("edge")


def _lose_the_name(subject: Subject, fleet: Fleet) -> None:
    subject.undo(setattr, fleet, "updates", fleet.updates)
    fleet.updates = _NOWHERE


def _shift(days: int) -> Act:
    def act(subject: Subject, _: Fleet) -> None:
        command = [*served("delivery.drills.shifted:build", subject.port(NAME)), "--factory"]
        env = {SHIFT: str(timedelta(days=days).total_seconds()), "PYTHONPATH": str(subject.repo)}
        subject.run_instead(NAME, command, env)
        subject.await_answer(NAME)

    return act


def _fill_the_disk(subject: Subject, _: Fleet) -> None:
    if not subject.tells(NAME):
        raise NoDrill("the endpoint writes no log, so no disk can be full for it")
    subject.no_files(*subject.pids(NAME))
    time.sleep(2 * OFTEN_S)  # until it would tell that again
    if subject.tells(NAME):
        raise NoDrill("the endpoint goes on writing its log")


def _fill_the_disk_of_the_edge(subject: Subject, _: Fleet) -> None:
    subject.no_files(subject.edge_instead())


DRILLS = (
    Drill(
        "endpoint-killed",
        "the endpoint is killed",
        "the static manifest answers until it was started again",
        (fall_back("the endpoint is dead", lambda subject, _: subject.kill(NAME), EITHER),),
    ),
    Drill(
        "endpoints-killed",
        "every endpoint is killed, again and again",
        "the static manifest answers everybody",
        (fall_back("endpoints die as soon as they start", lambda subject, _: subject.kill_on(NAME), EITHER),),
    ),
    Drill(
        "endpoint-hangs",
        "the endpoint takes requests and never answers",
        "the static manifest answers, after the installation's own timeout",
        (fall_back("the endpoint hangs", _hang),),
    ),
    Drill(
        "edge-killed",
        "the edge is killed, and with it the updates and the downloads host",
        "nobody answers, nobody is told anything wrong, and all is as before when it is back",
        (Stage("there is no edge", _lose_the_edge, ANYBODY, Rung.nobody),),
    ),
    Drill(
        "dns-lost",
        "the name of the updates host does not resolve",
        "the static manifest answers, from its own host",
        (fall_back("the name is unknown", _lose_the_name),),
    ),
    Drill(
        "clock-ahead",
        "the endpoint's clock is two days ahead",
        "it answers nothing by that clock; the static manifest does",
        (fall_back("the clock is two days ahead", _shift(2)),),
    ),
    Drill(
        "clock-behind",
        "the endpoint's clock is two days behind",
        "it answers nothing by that clock; the static manifest does",
        (fall_back("the clock is two days behind", _shift(-2)),),
    ),
    Drill(
        "disk-full",
        "disks take nothing more: first the endpoint's, then the edge's too",
        "the endpoint goes on without its log; nginx hands out nothing that it cannot keep, so nobody answers then",
        (
            Stage("the endpoint cannot write its log", _fill_the_disk),
            Stage("the edge cannot write its cache", _fill_the_disk_of_the_edge, ANYBODY, Rung.nobody),
        ),
        needs_linux=True,
    ),
)

"""Drills of what goes live: applies that are killed half-way, and a build that does not start."""

from collections.abc import Callable

from delivery.drills.brake import halted, some
from delivery.drills.drill import Drill, Stage
from delivery.drills.fleet import Fleet
from delivery.drills.subject import NoDrill, Subject
from delivery.laptop.faults import Fault
from delivery.rules.catalog import HEAD_KEY

_ENTRY = "delivery/endpoint/main.py"
_LONG = 60.0


def _narrow(subject: Subject, _: Fleet) -> None:
    channel, version = some(subject)
    typed = ("stop", channel, "--version", version, "--reason", "a drill")
    _kill_mid_apply(subject, lambda: subject.commit(*typed))


def _widen(subject: Subject, _: Fleet) -> None:
    _kill_mid_apply(subject, lambda: subject.back("HEAD~1"))


def _kill_mid_apply(subject: Subject, change: Callable[[], None]) -> None:
    """Let an apply come as far as the head, and no further; then wait until another one came through."""
    subject.fail(Fault("hang", f"PUT s3 /{subject.names.catalog}/{HEAD_KEY}", _LONG))
    change()
    subject.await_met()
    if subject.is_live():
        raise NoDrill("HEAD went live before its apply could be killed")
    subject.kill("worker")
    subject.work_again()
    subject.await_live()


def _break_the_build(subject: Subject, _: Fleet) -> None:
    subject.commit_file(_ENTRY, '\nraise SystemExit("a drill")\n')
    subject.await_refused()


DRILLS = (
    Drill(
        "apply-killed",
        "the apply of a commit is killed half-way: one that takes away, then one that gives back",
        "the endpoint answers all the time; what was taken away is offered to nobody once the next apply came through",
        (
            Stage("a version was stopped by an apply that was killed and begun again", _narrow, never=halted),
            Stage("the stop was taken back by an apply that was killed and begun again", _widen),
        ),
    ),
    Drill(
        "broken-build",
        "a commit goes live whose endpoint does not start",
        "the endpoint of the commit before answers all the time",
        (Stage("the commit is refused", _break_the_build),),
    ),
)

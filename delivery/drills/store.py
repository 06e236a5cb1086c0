"""Drills of where head and catalog lie: the bucket fails, is slow, hangs, cuts short, or holds other bytes."""

from delivery.drills.drill import EITHER, Act, Drill, Stage
from delivery.drills.endpoint import NAME, fall_back, start_anew
from delivery.drills.fleet import Fleet
from delivery.drills.scratch import GIVE_UP_S
from delivery.drills.subject import Subject
from delivery.laptop.faults import Fault, Mode

LAST_GOOD_S = 3.0  # to watch the last good catalog answer: well below GIVE_UP_S
# An answer waits 0.3 s for a look (Settings.budget), which takes 2 s here; the rest is for a machine with much to do.
WITHOUT_WAITING_S = 1.0
_LONG = 3600.0


def _fail(mode: Mode, seconds: float = _LONG) -> Act:
    def act(subject: Subject, _: Fleet) -> None:
        subject.fail(Fault(mode, f"GET s3 /{subject.names.catalog}/*", seconds))
        subject.await_met()
        if mode in ("error", "truncated"):
            subject.await_trouble(NAME)

    return act


def _go_on(_: Subject, __: Fleet) -> None:
    """Nothing more: it lasts."""


def _corrupt_the_catalog(subject: Subject, _: Fleet) -> None:
    key = subject.catalog_key()
    data = subject.read(key)
    subject.write(key, data.replace(b'"', b"'", 1))
    subject.await_look(NAME)


def _last_good(what: str, act: Act) -> Stage:
    return Stage(what, act, most=LAST_GOOD_S)


def _gives_up(what: str) -> Stage:
    long = f"for longer than the {GIVE_UP_S} s after which it gives up here (elsewhere 300 s)"
    return fall_back(f"{what}, {long}", _go_on, EITHER)


_THEN_STATIC = "the last good catalog answers; when nothing was confirmed for too long, the static manifest does"
_FORGETFUL = "the last good catalog answers; from a process that never had it, everybody goes to the static manifest"

DRILLS = (
    Drill(
        "store-errors",
        "the catalog's bucket answers with errors",
        _THEN_STATIC,
        (_last_good("the bucket says 500", _fail("error")), _gives_up("the bucket says 500")),
    ),
    Drill(
        "store-hangs",
        "the catalog's bucket takes requests and never answers",
        _THEN_STATIC,
        (_last_good("the bucket hangs", _fail("hang")), _gives_up("the bucket hangs")),
    ),
    Drill(
        "store-slow",
        "the catalog's bucket takes a second for each answer",
        f"the last good catalog answers without waiting for it, and stays confirmed for longer than {GIVE_UP_S} s",
        (Stage("the bucket is slow", _fail("slow", 1.0), least=GIVE_UP_S + 1, within=WITHOUT_WAITING_S),),
    ),
    Drill(
        "store-truncated",
        "the catalog's bucket cuts its answers short",
        _FORGETFUL,
        (
            _last_good("the bucket cuts objects short", _fail("truncated")),
            fall_back("the endpoint is a new process, which has only halves", start_anew),
        ),
    ),
    Drill(
        "catalog-corrupt",
        "the live catalog has other bytes than the head says",
        _FORGETFUL,
        (
            _last_good(
                "the catalog's bytes were changed, and who has them does not ask for them", _corrupt_the_catalog
            ),
            fall_back("the endpoint is a new process, which reads the changed bytes", start_anew),
        ),
    ),
)

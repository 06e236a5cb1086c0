"""Drills of the signed head: old, not signed, signed wrongly, of another environment, or come back from the past."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from delivery.drills.drill import Act, Drill, Stage
from delivery.drills.endpoint import NAME, fall_back, start_anew
from delivery.drills.fleet import Fleet
from delivery.drills.store import LAST_GOOD_S
from delivery.drills.subject import Subject
from delivery.laptop import keys
from delivery.rules.catalog import HEAD_KEY, object_key
from delivery.rules.head import peek, seal


def _unsigned(subject: Subject, _: Fleet) -> None:
    envelope = json.loads(subject.read(HEAD_KEY))
    subject.write(HEAD_KEY, json.dumps({**envelope, "signatures": []}).encode())


def _wrong_signature(subject: Subject, _: Fleet) -> None:
    """Says another serial, below the signature of the one that it was."""
    envelope = json.loads(subject.read(HEAD_KEY))
    says = json.loads(base64.b64decode(envelope["payload"]))
    says["serial"] += 1
    envelope["payload"] = base64.b64encode(json.dumps(says).encode()).decode()
    subject.write(HEAD_KEY, json.dumps(envelope).encode())


def _wrong_environment(subject: Subject, _: Fleet) -> None:
    head = subject.head()
    other = replace(head, environment="staging", serial=head.serial + 1)
    subject.write(HEAD_KEY, seal(other, keys.head_signer()))


def _older(subject: Subject, _: Fleet) -> None:
    """What was live before, to the byte; its facts would offer what is stopped now."""
    envelope, catalog = subject.older
    head = peek(envelope, subject.facts().product.value.head_keys("laptop"))
    subject.write(object_key(head.sha256), catalog)
    subject.write(HEAD_KEY, envelope)


def _expired(subject: Subject, _: Fleet) -> None:
    """The same, kept by somebody until its time was over, and given to a process that never saw a newer one."""
    head = peek(subject.older[0], subject.facts().product.value.head_keys("laptop"))
    ended = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    old = replace(head, issued=ended - (head.expires - head.issued), expires=ended)
    subject.write(HEAD_KEY, seal(old, keys.head_signer()))
    subject.start_anew(NAME)


def _seen(act: Act) -> Act:
    """Do it, and wait until the endpoint has seen it: else nothing would be broken yet."""

    def seen(subject: Subject, fleet: Fleet) -> None:
        act(subject, fleet)
        subject.await_trouble(NAME)

    return seen


def _drill(name: str, what: str, act: Act) -> Drill:
    return Drill(
        name,
        what,
        "the last good catalog answers; from a process that never had it, everybody goes to the static manifest",
        (
            Stage(what, _seen(act), most=LAST_GOOD_S),
            fall_back("the endpoint is a new process, which knows no other head", start_anew),
        ),
    )


DRILLS = (
    Drill(
        "head-older",
        "the head is one that was live before",
        "the last good catalog answers: a process believes no head older than one it has seen",
        (Stage("the head is an older one", _seen(_older), most=LAST_GOOD_S),),
    ),
    _drill("head-unsigned", "the head is not signed", _unsigned),
    _drill("head-wrong-signature", "the head is not what was signed", _wrong_signature),
    _drill("head-wrong-environment", "the head is signed, but for another environment", _wrong_environment),
    Drill(
        "head-replayed",
        "an older head comes back, first to those that know a newer one, then to a new process",
        "the last good catalog answers; a new process believes no head whose time is over, and everybody goes to the "
        "static manifest",
        (
            Stage("the head is an older one", _seen(_older), most=LAST_GOOD_S),
            fall_back("the endpoint is a new process, and the older head has expired", _expired),
        ),
    ),
)

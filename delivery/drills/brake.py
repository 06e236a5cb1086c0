"""Drills of the brake: a halt is in force, and then its override is damaged, taken back, or gone."""

from dataclasses import replace
from datetime import UTC, datetime

from delivery.deploy.halt import Place, Wanted, pull
from delivery.drills.drill import EITHER, STATIC, Drill, Stage
from delivery.drills.endpoint import NAME, start_anew
from delivery.drills.fleet import Fleet
from delivery.drills.judge import Halts
from delivery.drills.kinds import partial
from delivery.drills.store import LAST_GOOD_S
from delivery.drills.subject import NoDrill, Subject
from delivery.laptop import keys
from delivery.laptop.moto import Moto
from delivery.present.drill import Rung
from delivery.rules.brake import OVERRIDE_KEY, Halt, Override, seal


def some(subject: Subject) -> tuple[str, str]:
    """A channel and a version that only some are offered. Raises NoDrill: there is none."""
    found = partial(subject.table(), datetime.now(UTC))
    if found is None:
        raise NoDrill("no rollout of HEAD is partial, so nobody would see it end; ./inv start or raise one first")
    return found


def halted(subject: Subject) -> Halts:
    """What is halted."""
    return frozenset({some(subject)})


def _another(subject: Subject) -> str:
    channel, _ = some(subject)
    return next(each for each in subject.table().catalog.channels if each != channel)


def _halted_both(subject: Subject) -> Halts:
    return halted(subject) | {(_another(subject), None)}


def _override(subject: Subject) -> Override:
    channel, version = some(subject)
    now = datetime.now(UTC).replace(microsecond=0)
    halt = Halt("drill", channel, (version,), now, "a drill")
    return Override(subject.facts().product.value.product, "laptop", 2, now, (halt,))


def _halt(subject: Subject, fleet: Fleet) -> None:
    """Written past all tools, so static manifests do not know of it: it halts what they do not offer."""
    channel, version = some(subject)
    its = {kind.name for kind in fleet.kinds if kind.request.channel == channel}
    subject.undo(subject.start_anew, NAME)  # a process never lets go of a halt that no fact has decided
    subject.write(OVERRIDE_KEY, seal(_override(subject), keys.brake_signer()))
    began = fleet.now()

    def is_obeyed() -> bool:
        last = {ask.kind: ask.offered for ask in fleet.since(began) if ask.kind in its}
        return len(last) == len(its) and version not in last.values()

    subject.await_(is_obeyed, f"{version} is offered to nobody on {channel}")


def _damage(subject: Subject, _: Fleet) -> None:
    subject.write(OVERRIDE_KEY, subject.read(OVERRIDE_KEY).replace(b'"sig"', b'"gis"'))
    subject.await_trouble(NAME)


def _take_back(subject: Subject, _: Fleet) -> None:
    older = replace(_override(subject), number=1, halts=())
    subject.write(OVERRIDE_KEY, seal(older, keys.brake_signer()))
    subject.await_trouble(NAME)


def _lose(subject: Subject, _: Fleet) -> None:
    subject.delete(OVERRIDE_KEY)
    subject.await_look(NAME)


def _halt_another(subject: Subject, fleet: Fleet) -> None:
    """By the brake's own hand; and then processes that know no more than what it wrote."""
    moto, product = Moto(subject.places.aws), subject.facts().product.value
    stores = moto.objects(subject.names.catalog), moto.objects(subject.names.downloads)
    place = Place(product, "laptop", *stores, subject.url("updates"), subject.url("downloads"))
    pull(place, Wanted(_another(subject), None, "a drill"), keys.brake_signer, datetime.now(UTC))
    start_anew(subject, fleet)


_HALT = Stage("a version is halted", _halt, never=halted)

DRILLS = (
    Drill(
        "override-corrupt",
        "the override of a halt is damaged",
        "the halt stays; a process that never had it sends everybody to the static manifest",
        (
            _HALT,
            Stage("the override is damaged", _damage, never=halted, most=LAST_GOOD_S),
            Stage(
                "the endpoint is a new process, which knows that something is halted, and not what",
                start_anew,
                STATIC,
                Rung.static,
                never=halted,
            ),
        ),
    ),
    Drill(
        "override-replayed",
        "an older override without the halt comes back, and then there is none at all",
        "the halt stays: a process believes no override older than one it has seen, nor that there is none; and the "
        "next halt finds it again",
        (
            _HALT,
            Stage("the override is an older one, without the halt", _take_back, never=halted, most=LAST_GOOD_S),
            Stage("the override is gone", _lose, never=halted, most=LAST_GOOD_S / 2),
            Stage(
                "another channel is halted, and the endpoint is a new process",
                _halt_another,
                EITHER,
                never=_halted_both,
            ),
        ),
    ),
)

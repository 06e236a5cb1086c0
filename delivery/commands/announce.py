"""announce: tell the world, once, what is live for everyone."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from delivery.announce.claims import Claim, Claims, State, claimed, here_or_at_github
from delivery.announce.send import BadAddress, Place
from delivery.announce.tell import Told, ended, tell
from delivery.commands import live
from delivery.commands.desk import ROOT, Usage, command, err, out, print_json
from delivery.deploy import halt
from delivery.deploy.obey import in_force
from delivery.engines.stack import EngineError
from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.present.words import moment
from delivery.proposals import choose
from delivery.proposals.forge import ForgeError
from delivery.rules.announce import Announcement, planned, variable
from delivery.rules.brake import braked
from delivery.rules.compile import compile
from delivery.rules.expected import listed
from delivery.rules.facts import Facts
from delivery.rules.problem import Refused
from delivery.rules.read import read
from delivery.rules.shapes import Environment
from infra.names import Names


@dataclass(frozen=True, slots=True)
class World:
    """What HEAD says is told where, and what is live in an environment."""

    facts: Facts
    environment: Environment

    def planned(self) -> tuple[Announcement, ...]:
        """As it is at this moment. Raises Usage, Refused, EngineError."""
        product = self.facts.product.value
        place = live.reached(Names.of(product, self.environment)).place(product)
        override = in_force(place, self.facts)
        catalog = halt.standing(place).catalog
        return planned(self.facts, compile(braked(catalog, override)), datetime.now(UTC))

    def name(self, wanted: Announcement) -> str:
        """Of its claim."""
        return f"{self.environment}/{wanted.name}/{wanted.to}"


@command
def announce(environment: str, to: str, again: str, sent: str, *, dry_run: bool, as_json: bool) -> int:
    """Tell what is due and was not told; status 1 if some of it was not, or may or may not have been."""
    world = World(_facts(), live.environment(environment))
    wanted = _wanted(world, to, again, sent)
    claims = here_or_at_github(ROOT, choose.forge(ROOT))
    told = list(_told(world, claims, wanted, again=bool(again), sent=bool(sent), dry_run=dry_run))
    if as_json:
        print_json([_machine(each) for each in told])
    else:
        for each in told:
            (err if each.wrong else out).print(_line(each, dry_run), markup=False)
        if not told:
            out.print("nothing is to be told", markup=False)
    return 1 if any(each.wrong for each in told) else 0


def _told(
    world: World, claims: Claims, wanted: Sequence[Announcement], *, again: bool, sent: bool, dry_run: bool
) -> Iterator[Told]:
    """Each, whatever becomes of the others."""
    known = claims.read()
    for each in wanted:
        claim = known.get(world.name(each))
        settled = ended(each, claim) if claim and not again else None
        if sent:
            yield _noted(world, claims, each, claim, dry_run=dry_run)
        elif settled:
            yield settled
        elif each.at > datetime.now(UTC):
            yield Told(each, None, f"is to be told {moment(each.at)}, if everyone may have it still")
        elif dry_run:
            yield Told(each, None, "would be told")
        else:
            yield _tried(world, claims, each, again=again)


def _tried(world: World, claims: Claims, wanted: Announcement, *, again: bool) -> Told:
    name = variable(wanted.to)
    try:
        place = Place(name, os.environ.get(name, ""))
        return tell(claims, world.name(wanted), wanted, place, lambda: wanted in world.planned(), again=again)
    except BadAddress as error:
        return Told(wanted, None, str(error), wrong=True)
    except EngineError as error:
        return Told(wanted, State.failed, f"{error}; it was not told", wrong=True)
    except (ForgeError, NoHistory) as error:
        return Told(wanted, State.sending, f"{error}; the next ./inv announce says what became of it", wrong=True)


def _noted(world: World, claims: Claims, wanted: Announcement, claim: Claim | None, *, dry_run: bool) -> Told:
    if dry_run:
        return Told(wanted, None, "would be noted as told")
    if not claims.move(world.name(wanted), claim, claimed(State.sent)):
        return Told(wanted, None, "another run did something with it at this moment; type it again", wrong=True)
    return Told(wanted, State.sent, "is noted as told")


def _wanted(world: World, to: str, again: str, sent: str) -> Sequence[Announcement]:
    """All that is due, or what was named. Raises Usage."""
    named = again or sent
    if again and sent:
        raise Usage("--again and --sent: name one of them; the first tells it anew, the second notes that it was told")
    if named and not to:
        raise Usage(f"{'--again' if again else '--sent'} {named}: say where by --to, such as --to mastodon")
    found = [each for each in world.planned() if to in ("", each.to) and named in ("", each.name)]
    channels = [filed.value.announce for filed in world.facts.channels.values()]
    places = sorted({place for each in channels if each for place in each.to})
    if to and to not in places:
        raise Usage(f"--to {to}: no channel announces there; {_named(places)}")
    if named and not any(each.at <= datetime.now(UTC) for each in found):
        raise Usage(f"{named} is not due at {to}; ./inv announce --dry-run lists what is")
    return found


def _named(places: Sequence[str]) -> str:
    return f"there is {listed(places, 'and')}" if places else "none of them announces anywhere"


def _facts() -> Facts:
    facts, problems = read(snapshot.at_commit(ROOT, "HEAD"))
    if facts is None:
        raise Refused(problems)
    return facts


def _line(told: Told, dry_run: bool) -> str:
    each = told.announcement
    text = f"\n{_indented(each.text)}" if dry_run and told.state is not State.sent else ""
    return f"{each.channel} {each.version} to {each.to}: {told.says}{text}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())


def _machine(told: Told) -> Mapping[str, object]:
    """Keys are added, never renamed or removed; `state` is null where nothing was begun."""
    each = told.announcement
    return {
        "channel": each.channel,
        "version": each.version,
        "to": each.to,
        "since": f"{each.since:%Y-%m-%dT%H:%M:%SZ}",
        "at": f"{each.at:%Y-%m-%dT%H:%M:%SZ}",
        "state": told.state,
        "wrong": told.wrong,
        "says": told.says,
        "title": each.title,
        "text": each.text,
    }

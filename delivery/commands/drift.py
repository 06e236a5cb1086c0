"""drift: what is live, compared with what HEAD says. For people, and for a schedule by its exit status."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

from delivery.commands import wished
from delivery.commands.desk import ROOT, Usage, command, out, print_json
from delivery.commands.live import Live, in_the_cloud, on_the_laptop
from delivery.commands.stacks import sited
from delivery.commands.watch import watched
from delivery.commands.wished import Wish
from delivery.deploy import steps
from delivery.deploy.guards import Guarded
from delivery.deploy.history import public_history
from delivery.deploy.obey import in_force
from delivery.deploy.override import MEND, NotInForce
from delivery.deploy.steps import Prepared
from delivery.drift import answers, brake, objects, resources
from delivery.drift.answers import Unanswered
from delivery.drift.found import Drift
from delivery.drift.objects import Read
from delivery.rules.brake import Override, braked
from delivery.rules.compile import Table, compile
from delivery.rules.shapes import Environment
from infra.stacks import Kind

PARTS = ("resources", "objects", "artifacts", "answers")
PATIENCE = 10.0  # seconds that an answer may take


@command
def drift(environment: str, only: list[str], as_json: bool) -> int:
    """Exit status 0 where nothing differs, 1 where something does."""
    parts = _parts(only)
    wish = _wish(environment)
    live, now = _live(wish), datetime.now(UTC)
    found: list[Drift] = []
    for part, differing in _compared(parts, wish, live, now):
        with watched(f"comparing {part}"):
            for each in differing:
                found.append(each)
                if not as_json:
                    out.print(str(each), markup=False)
    if as_json:
        print_json(
            {"environment": environment, "compared": parts, "drift": [dataclasses.asdict(each) for each in found]}
        )
    else:
        differences = f"{len(found)} difference{'s' if len(found) != 1 else ''}" if found else "nothing differs"
        out.print(f"{environment}: {differences} ({', '.join(parts)} compared)", markup=False)
    return 1 if found else 0


def _parts(only: list[str]) -> list[str]:
    named = [part for each in only for part in each.split(",")]
    for part in named:
        if part not in PARTS:
            raise Usage(f"--only {part}: there is {', '.join(PARTS)}")
    return [part for part in PARTS if part in named] or list(PARTS)


def _wish(environment: str) -> Wish:
    named, kind = wished.named(environment)
    if kind is not Kind.platform:
        raise Usage(f"{environment}: drift looks at a whole environment; name {named}")
    return Wish.of_head(named)


def _live(wish: Wish) -> Live:
    """Raises Usage, EngineError: nothing runs here, or there are no credentials."""
    if wish.environment == "laptop":
        return on_the_laptop(wish.names)
    return in_the_cloud(wish.names, wished.cloud(wish))


def _compared(parts: list[str], wish: Wish, live: Live, now: datetime) -> Iterator[tuple[str, Iterator[Drift]]]:
    """Each part with what differs in it; HEAD's facts are prepared once for all of them."""
    if "resources" in parts:
        yield "resources", _resources(wish.environment)
    if parts == ["resources"]:
        return
    prepared = steps.prepare(wish.files, wish.files, wish.environment, now)
    mend = f"./inv apply {Kind.live.of(wish.environment)} puts back what HEAD says"
    held = _held(wish, live)
    if "objects" in parts:
        yield "objects", _objects(wish, live, prepared, held, now, mend)
    if "artifacts" in parts:
        shelves: Mapping[str, Read] = {name: live.read(name) for name in (wish.names.archive, wish.names.downloads)}
        yield "artifacts", objects.artifacts(shelves, prepared.facts, lambda _: None)
    if "answers" in parts:
        yield "answers", _answers(live, prepared, held, now, mend)


@dataclass(frozen=True, slots=True)
class Held:
    """The live override, if there is one; `doubt` is why what lies there is not believed, if it is not."""

    override: Override | None = None
    doubt: str | None = None

    def table(self, prepared: Prepared) -> Table:
        """What the endpoint decides from, under it."""
        return compile(braked(prepared.catalog, self.override))

    def incomparable(self, what: str) -> Drift:
        """Said of what cannot be right or wrong while nobody knows what is halted."""
        return Drift("override", f"is believed by nobody: {self.doubt}; so {what} cannot be compared", MEND)


def _held(wish: Wish, live: Live) -> Held:
    try:
        return Held(in_force(live.place(wish.product), wish.facts))
    except NotInForce as refused:
        return Held(doubt=refused.why)


def _objects(wish: Wish, live: Live, prepared: Prepared, held: Held, now: datetime, mend: str) -> Iterator[Drift]:
    product, read = wish.product, live.read(wish.names.catalog)
    yield from objects.catalog(read, prepared.data, prepared.sha256, mend)
    trusted = product.head_keys(wish.environment)
    yield from objects.head(read, trusted, product.product, wish.environment, prepared.sha256, now, mend)
    if held.doubt:
        yield held.incomparable("static manifests")
        return
    yield from brake.halts(held.override, prepared.catalog, wish.environment)
    history = public_history(ROOT, wish.commit, wish.environment, now)
    yield from objects.history(read, history, mend)
    meant = steps.publication(prepared, b"", live.downloads, now, history, held.override).manifests
    yield from objects.manifests(live.read(wish.names.downloads), meant, mend)


def _answers(live: Live, prepared: Prepared, held: Held, now: datetime, mend: str) -> Iterator[Drift]:
    if held.doubt:
        yield held.incomparable("answers")
        return
    with requests.Session() as session:
        yield from answers.answers(held.table(prepared), now, _asker(session, live.updates), mend)


def _resources(environment: Environment) -> Iterator[Drift]:
    for kind in Kind:
        name = kind.of(environment)
        with sited(environment, kind) as site:
            yield from resources.changed(name, site.engine.refresh(site.stack, preview=True))
            yield from resources.waiting(name, Guarded(site.engine).preview(site.stack))


def _asker(session: requests.Session, host: str) -> Callable[[str], str | None]:
    def ask(path: str) -> str | None:
        try:
            answer = session.get(f"{host}{path}", timeout=PATIENCE)
            if answer.status_code == requests.codes.no_content:
                return None
            answer.raise_for_status()
            return str(answer.json()["version"])
        except (requests.RequestException, ValueError, KeyError) as error:
            raise Unanswered(str(error)) from None

    return ask

"""mirror: the static manifests that are live, once more as assets of a release at GitHub, for the worst of days.

What is written is what lies on the downloads host at this moment, to the byte, and no manifest that offers what the
brake holds: neither a run that comes late nor a halt that is not finished brings anything back. And what is there
already and offers what is halted goes before anything is read of the downloads host, which may be what is away.
"""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

from delivery.artifacts.manifests import manifests
from delivery.commands import live
from delivery.commands.desk import ROOT, Usage, command, err, out, print_json
from delivery.deploy import halt as halting
from delivery.deploy.halt import AT_ONCE, NEVER, Place
from delivery.deploy.obey import in_force
from delivery.engines.stack import EngineError
from delivery.history import snapshot
from delivery.proposals import choose
from delivery.proposals.github_assets import Change, Meant, Notice, at_github
from delivery.rules.brake import Halt, pending
from delivery.rules.compile import compile
from delivery.rules.facts import Facts
from delivery.rules.problem import Refused
from delivery.rules.read import read
from delivery.rules.shapes import Environment
from infra.names import Names

_FOLDER = "v1/update/"
_BODY = (
    "Nothing to install: these files tell installations which version is theirs, where neither the update endpoint nor "
    "the downloads host answers. They are what lies there, to the byte; `./inv mirror` keeps them so, and removes what "
    "else is put here. It is a pre-release, so that nobody takes it for the latest version."
)
_DONE = {"put": "put there", "replace": "replaced", "remove": "removed"}


@dataclass
class Manifests:
    """What is live in an environment, by the names that it has as assets.

    `withheld` are those that were left out at the last look, since they offer what is halted; `untold` says of what
    could not be read then why not.
    """

    place: Place
    facts: Facts
    withheld: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    def forbidden(self, there: Collection[str], read: Callable[[str], bytes]) -> Iterator[str]:
        """Those that offer what is halted, or cannot be read while anything is on their channel.

        Raises EngineError: nobody knows what is halted.
        """
        halts = self._halts()
        for name in there:
            key = _key(name)
            if key and any(_channel(name) == each.channel for each in halts) and halting.offers(read(name), key, halts):
                yield name

    def meant(self, there: Collection[str]) -> Meant:
        """Also of channels and targets that are live no more, while assets of them are there.

        The brake is looked at after the manifests: one that was read before a halt is measured by it too. Raises
        EngineError: nobody knows what is live, or what is halted.
        """
        ought = {asset_name(key): key for key in self._keys()}
        keys = {name: key for name in there if (key := _key(name))} | ought
        is_due = [name in ought for name in keys]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            read = dict(zip(keys, threads.map(self._read, keys.values(), is_due), strict=True))
        override = in_force(self.place, self.facts)
        halts = pending(override, halting.standing(self.place).catalog)
        found = {name: data for name, data in read.items() if isinstance(data, bytes)}
        why = {name: error for name, error in read.items() if isinstance(error, EngineError)}
        self.untold = list(dict.fromkeys(map(str, why.values())))
        self.withheld = [name for name, data in found.items() if halting.offers(data, keys[name], halts)]
        return Meant({name: data for name, data in found.items() if name not in self.withheld}, why)

    def _read(self, key: str, is_due: bool) -> bytes | EngineError | None:
        """What lies there; None where nothing does, and nothing has to; why it cannot be told."""
        try:
            found = self.place.downloads.read(key)
        except EngineError as error:
            return error
        if found is None and is_due:
            mend = f"./inv apply {self.place.environment}-live puts it there"
            return EngineError(f"{self.place.downloads_url}/{key} is not there; {mend}")
        return found.data if found else None

    def _halts(self) -> Collection[Halt]:
        """Those that hold, by the newest override that is to be believed; where nobody knows which are decided, all."""
        try:
            stands = halting.standing(self.place)
        except EngineError:
            override = in_force(self.place, self.facts)
            return override.halts if override else ()
        return pending(stands.override, stands.catalog)

    def _keys(self) -> Collection[str]:
        table = compile(halting.standing(self.place).catalog)
        return manifests(table, NEVER, self.place.downloads_url, self.place.product.product).keys()


@command
def mirror(environment: str, *, dry_run: bool, as_json: bool) -> int:
    """Status 1 where a manifest was left out, for it offers what is halted, or could not be read."""
    named = live.environment(environment)
    if named == "laptop" and choose.api() == choose.PUBLIC:
        raise Usage("laptop: its manifests lead to this machine only, so they are mirrored to no GitHub but a stand-in")
    assets, source = at_github(ROOT, _notice(named)), _source(named)
    changes = assets.compared(source) if dry_run else tuple(_told(each, as_json) for each in assets.follow(source))
    if as_json:
        said = {"environment": named, "tag": _tag(named), "changes": [asdict(each) for each in changes]}
        print_json({**said, "withheld": source.withheld, "untold": source.untold})
    else:
        for each in changes if dry_run else ():
            out.print(f"would {each.does} {each.name}", markup=False)
        out.print(_summary(named, changes, dry_run, is_whole=not source.untold), markup=False)
    for name in source.withheld:
        mend = f"./inv halts --environment {named} says what; type that halt again"
        err.print(f"{name} is left out: the downloads host still offers what is halted; {mend}", markup=False)
    for sentence in source.untold:
        err.print(f"left as it is at GitHub: {sentence}", markup=False)
    return 1 if source.withheld or source.untold else 0


def asset_name(key: str) -> str:
    """Of a static manifest, as `endpoints` of the app's configuration has it: <channel>-<os>-<arch>-<bundle>.json."""
    return key.removeprefix(_FOLDER).replace("/", "-")


def _key(name: str) -> str | None:
    """The other way round: only channels have dashes of their own."""
    parts = name.rsplit("-", 3)
    return f"{_FOLDER}{'/'.join(parts)}" if len(parts) == 4 else None


def _channel(name: str) -> str:
    return name.rsplit("-", 3)[0]


def _source(environment: Environment) -> Manifests:
    facts, problems = read(snapshot.at_commit(ROOT, "HEAD"))
    if facts is None:
        raise Refused(problems)
    product = facts.product.value
    return Manifests(live.reached(Names.of(product, environment)).place(product), facts)


def _tag(environment: Environment) -> str:
    """The one that apps in the world are configured with is production's."""
    return "manifests" if environment == "production" else f"manifests-{environment}"


def _notice(environment: Environment) -> Notice:
    return Notice(_tag(environment), f"Update manifests of {environment}", _BODY)


def _told(change: Change, as_json: bool) -> Change:
    """As soon as it is so."""
    (err if as_json else out).print(f"{_DONE[change.does]}: {change.name}", markup=False)
    return change


def _summary(environment: Environment, changes: Collection[Change], dry_run: bool, *, is_whole: bool) -> str:
    if dry_run and changes:
        return "dry run: nothing was written"
    what = f"{environment}: the release {_tag(environment)} is what is live"
    if not is_whole:
        return f"{what}, as far as that can be read"
    return f"{what} now" if changes else what

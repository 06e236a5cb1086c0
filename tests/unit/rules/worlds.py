"""Small worlds of facts for tests: a few words in, the real types out.

`world(rollouts={"stable/1.4.0": [step(10)]})` has every version it names, built for every target and signed by the
demo key, and every channel. Times are whole hours after NOON; negative ones lie in the past.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from delivery.rules.append import whole
from delivery.rules.assemble import assemble
from delivery.rules.catalog import Catalog, sha256
from delivery.rules.compile import Table, compile
from delivery.rules.facts import (
    Approvals,
    Arm,
    Artifact,
    Audience,
    Barrier,
    Below,
    Block,
    Channel,
    Critical,
    Deadend,
    Experiment,
    Facts,
    Filed,
    Guardrail,
    Hold,
    Key,
    Keys,
    Lifted,
    Line,
    Pass,
    Place,
    Policy,
    Product,
    Resume,
    Rollout,
    Scope,
    Source,
    Spot,
    Step,
    Stop,
    Target,
    Version,
    Withdrawal,
)
from delivery.rules.read import KINDS

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
LADDER = (1, 10, 25, 50, 100)
DEMO_KEY = "ABCDEF0123456789"
LINUX = {"linux-x86_64": ("appimage", "deb")}
ALL_TARGETS = {"windows-x86_64": ("nsis", "msi"), "darwin-aarch64": ("app",), **LINUX}


def at(hours: float) -> datetime:
    """That many hours after NOON."""
    return NOON + timedelta(hours=hours)


def step(percent: int, hours: float = -1, gate: str | None = None, over: str | None = None) -> Step:
    """A step that began an hour ago, unless told otherwise."""
    return Step(at=at(hours), percent=percent, gate=gate, over=over)


def passed(percent: int, hours: float = -1) -> Pass:
    """The pass of the gated step to this percent."""
    return Pass(pass_=percent, at=at(hours), evidence="612 installs, none failed")


def hold(percent: int = 0, hours: float = -0.5) -> Hold:
    """A hold that was decided half an hour ago."""
    return Hold(hold=percent, at=at(hours), reason="crashes at start")


def resume(percent: int, hours: float = -0.25) -> Resume:
    """The end of a hold."""
    return Resume(resume=percent, at=at(hours), reason="it was another program")


def critical(below: str, hours: float = -0.5) -> Critical:
    """A critical line for those below this version."""
    return Critical(critical=Below(below), at=at(hours), reason="opens files of strangers")


def withdrawal(
    version: str, *channels: str, instead: str | None = None, installed: str | None = None, lifted: bool = False
) -> Withdrawal:
    """A withdrawal from these channels; from stable when none is named."""
    return Withdrawal(
        withdraw=version,
        channels=channels or ("stable",),
        at=at(-0.5),
        reason="loses files",
        downloads="hide",
        offer_instead=instead,
        installed=installed,
        lifted=LIFTED if lifted else None,
    )


def stop(channel: str, *versions: str, lifted: bool = False) -> Stop:
    """A stop of these versions on a channel; of all when none is named."""
    scope = Scope(channel, versions or None)
    return Stop(stop=scope, at=at(-0.5), reason="under investigation", lifted=LIFTED if lifted else None)


def barrier(version: str, below: str | None = None, *targets: str, lifted: bool = False) -> Barrier:
    """A barrier for all below it (or below another version), on these targets; on all when none is named."""
    return Barrier(version, below or version, targets or "all", "converts projects", lifted=LIFTED if lifted else None)


def deadend(version: str, lifted: bool = False) -> Deadend:
    """A version that cannot update itself."""
    return Deadend(version, "its updater crashes", "reinstall", lifted=LIFTED if lifted else None)


def block(
    source: str, to: str, *targets: str, effect: Literal["block", "warn"] = "block", lifted: bool = False
) -> Block:
    """A block of updates from one range to another, named for both."""
    name = "".join(letter if letter.isalnum() else "-" for letter in f"{source} {to} {effect}").strip("-")
    ended = LIFTED if lifted else None
    return Block(name, source, to, targets or "all", effect, "crashes", "@core", "2027-01-31", lifted=ended)


def holdback(
    rollout: str, percent: int, hours: tuple[float, float] = (-1, 100), versions: str = ">=0.0.0"
) -> Experiment:
    """An experiment that keeps a share of a channel's cohorts back from a rollout."""
    name = f"without-{rollout.replace('/', '-')}"
    return Experiment(
        experiment=name,
        layer="rollouts",
        salt=name,
        audience=Audience(rollout.partition("/")[0], versions, percent),
        start=at(hours[0]),
        end=at(hours[1]),
        guardrails=(Guardrail("crash-free", least=0.99),),
        holdback=rollout,
    )


def experiment(name: str, percent: int, flags: Mapping[str, str]) -> Experiment:
    """An experiment with flags on stable: half of the share gets them."""
    return Experiment(
        experiment=name,
        layer=name,
        salt=name,
        audience=Audience("stable", ">=0.0.0", percent),
        start=at(-1),
        end=at(100),
        guardrails=(Guardrail("crash-free", least=0.99),),
        arms={"control": Arm(50), "treatment": Arm(50, flags)},
    )


LIFTED = Lifted(at(-0.25), "it was another program")


def world(
    rollouts: Mapping[str, Sequence[Line]],
    *,
    withdrawals: Iterable[Withdrawal] = (),
    stops: Iterable[Stop] = (),
    versions: Iterable[str] = (),
    targets: Mapping[str, tuple[str, ...]] = LINUX,
    unsigned: Iterable[str] = (),
    salts: Mapping[str, str] | None = None,
    supersedes: Mapping[str, str] | None = None,
    only: Mapping[str, tuple[str, ...]] | None = None,
    minimum_os: Mapping[str, str] | None = None,
    barriers: Iterable[Barrier] = (),
    deadends: Iterable[Deadend] = (),
    blocks: Iterable[Block] = (),
    experiments: Iterable[Experiment] = (),
) -> Facts:
    """Facts with these rollouts. `versions` adds ones that no rollout names; `unsigned` ones have no signature.

    By rollout: `salts`, `supersedes`, and `only` its targets. By version: `minimum_os`, of every system.
    """
    named = {name.partition("/")[2] for name in rollouts} | set(versions)
    unsigned = set(unsigned)
    return Facts(
        product=Filed("product.yaml", _product(targets)),
        policy=Filed("releases/policy.yaml", Policy(Approvals(1, 1, 2), {"default": "few installs failed"})),
        versions={name: _version(name, targets, name not in unsigned, minimum_os or {}) for name in sorted(named)},
        channels={name: _channel(name) for name in {"stable", "beta"} | {n.partition("/")[0] for n in rollouts}},
        rollouts={
            name: _rollout(name, lines, (salts or {}).get(name), (supersedes or {}).get(name), (only or {}).get(name))
            for name, lines in rollouts.items()
        },
        withdrawals={fact.withdraw: Filed(f"releases/withdrawals/{fact.withdraw}.yaml", fact) for fact in withdrawals},
        stops={f"2026-11-25-{n}-{fact.stop.channel}": _stop(n, fact) for n, fact in enumerate(stops)},
        barriers={fact.barrier: Filed(f"releases/barriers/{fact.barrier}.yaml", fact) for fact in barriers},
        deadends={fact.deadend: Filed(f"releases/deadends/{fact.deadend}.yaml", fact) for fact in deadends},
        blocks={fact.block: Filed(f"releases/blocks/{fact.block}.yaml", fact) for fact in blocks},
        experiments={
            fact.experiment: Filed(f"releases/experiments/{fact.experiment}.yaml", fact) for fact in experiments
        },
    )


def catalog(facts: Facts) -> Catalog:
    """The laptop's catalog of these facts."""
    return assemble(facts, "laptop")


def table(facts: Facts) -> Table:
    """The laptop's table of these facts."""
    return compile(catalog(facts))


def signature(key: str = DEMO_KEY) -> str:
    """A text of the form of Tauri's signatures that names this key (it signs nothing)."""
    raw = base64.b64encode(b"ED" + bytes.fromhex(key)[::-1] + bytes(64)).decode()
    return base64.b64encode(f"untrusted comment: demo\n{raw}\ntrusted comment: demo\n{raw}\n".encode()).decode()


def _product(targets: Mapping[str, tuple[str, ...]]) -> Product:
    return Product(
        product="espice",
        title="ESpice",
        environments={"laptop": Place("espice.localhost"), "production": Place("espice.app")},
        targets={name: Target(name, updates, ()) for name, updates in targets.items()},
        keys=Keys((Key(DEMO_KEY, "AAAA", ("laptop",), "demo"),), ()),
    )


def _version(
    name: str, targets: Mapping[str, tuple[str, ...]], signed: bool, minimum_os: Mapping[str, str]
) -> Filed[Version]:
    artifacts = {
        target: {bundle: _artifact(f"ESpice_{name}_{target}.{bundle}", signed) for bundle in bundles}
        for target, bundles in targets.items()
    }
    source = Source("espice/espice", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "https://ci.espice.app/1")
    fact = Version(name, at(-100), source, f"Notes of {name}.", artifacts)
    if (least := minimum_os.get(name)) is not None:
        fact = replace(fact, minimum_os={"windows": least, "macos": least, "linux": least})
    return Filed(f"releases/versions/{name}.yaml", fact)


def _artifact(file: str, signed: bool) -> Artifact:
    return Artifact(file, 1000, sha256(file.encode()), signature() if signed else None)


def _channel(name: str) -> Filed[Channel]:
    return Filed(f"releases/channels/{name}.yaml", Channel(name, name.title(), LADDER))


def _rollout(
    name: str, lines: Sequence[Line], salt: str | None, supersedes: str | None, only: tuple[str, ...] | None
) -> Filed[Rollout]:
    marks: dict[Spot, int] = {("steps",): 4} | {("steps", number): 5 + number for number in range(len(lines))}
    fact = Rollout(name, salt or name.replace("/", "-"), only or "all", tuple(lines), supersedes)
    return Filed(f"releases/rollouts/{name}.yaml", fact, marks)


def _stop(number: int, fact: Stop) -> Filed[Stop]:
    return Filed(f"releases/stops/2026-11-25-{number}-{fact.stop.channel}.yaml", fact)


def files(facts: Facts) -> dict[str, bytes]:
    """The files that say these facts, one key a line."""
    kinds = (getattr(facts, kind.folder) for kind in KINDS)
    every = [facts.product, facts.policy, *(filed for kind in kinds for filed in kind.values())]
    return {filed.path: whole(filed.value) for filed in every}

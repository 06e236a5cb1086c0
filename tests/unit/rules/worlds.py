"""Small worlds of facts for tests: a few words in, the real types out.

`world(rollouts={"stable/1.4.0": [step(10)]})` has every version it names, built for every target and signed by the
demo key, and every channel. Times are whole hours after NOON; negative ones lie in the past.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from delivery.rules.append import whole
from delivery.rules.assemble import assemble
from delivery.rules.catalog import Catalog
from delivery.rules.compile import Table, compile
from delivery.rules.facts import (
    Approvals,
    Artifact,
    Channel,
    Facts,
    Filed,
    Hold,
    Key,
    Keys,
    Line,
    Pass,
    Place,
    Policy,
    Product,
    Resume,
    Rollout,
    Scope,
    Source,
    Step,
    Stop,
    Target,
    Version,
    Withdrawal,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
LADDER = (1, 10, 25, 50, 100)
DEMO_KEY = "ABCDEF0123456789"
LINUX = {"linux-x86_64": ("appimage", "deb")}
ALL_TARGETS = {"windows-x86_64": ("nsis", "msi"), "darwin-aarch64": ("app",), **LINUX}


def at(hours: float) -> datetime:
    """That many hours after NOON."""
    return NOON + timedelta(hours=hours)


def step(percent: int, hours: float = -1, gate: str | None = None) -> Step:
    """A step that began an hour ago, unless told otherwise."""
    return Step(at=at(hours), percent=percent, gate=gate)


def passed(percent: int, hours: float = -1) -> Pass:
    """The pass of the gated step to this percent."""
    return Pass(pass_=percent, at=at(hours), evidence="612 installs, none failed")


def hold(percent: int = 0, hours: float = -0.5) -> Hold:
    """A hold that was decided half an hour ago."""
    return Hold(hold=percent, at=at(hours), reason="crashes at start")


def resume(percent: int, hours: float = -0.25) -> Resume:
    """The end of a hold."""
    return Resume(resume=percent, at=at(hours), reason="it was another program")


def withdrawal(version: str, *channels: str) -> Withdrawal:
    """A withdrawal from these channels; from stable when none is named."""
    return Withdrawal(
        withdraw=version, channels=channels or ("stable",), at=at(-0.5), reason="loses files", downloads="hide"
    )


def stop(channel: str, *versions: str) -> Stop:
    """A stop of these versions on a channel; of all when none is named."""
    return Stop(stop=Scope(channel, versions or None), at=at(-0.5), reason="under investigation")


def world(
    rollouts: Mapping[str, Sequence[Line]],
    *,
    withdrawals: Iterable[Withdrawal] = (),
    stops: Iterable[Stop] = (),
    versions: Iterable[str] = (),
    targets: Mapping[str, tuple[str, ...]] = LINUX,
    unsigned: Iterable[str] = (),
    salts: Mapping[str, str] | None = None,
) -> Facts:
    """Facts with these rollouts. `versions` adds ones that no rollout names; `unsigned` ones have no signature."""
    named = {name.partition("/")[2] for name in rollouts} | set(versions)
    unsigned = set(unsigned)
    return Facts(
        product=Filed("product.yaml", _product(targets)),
        policy=Filed("releases/policy.yaml", Policy(Approvals(1, 1, 2), {"default": "few installs failed"})),
        versions={name: _version(name, targets, name not in unsigned) for name in sorted(named)},
        channels={name: _channel(name) for name in {"stable", "beta"} | {n.partition("/")[0] for n in rollouts}},
        rollouts={name: _rollout(name, lines, (salts or {}).get(name)) for name, lines in rollouts.items()},
        withdrawals={fact.withdraw: Filed(f"releases/withdrawals/{fact.withdraw}.yaml", fact) for fact in withdrawals},
        stops={f"2026-11-25-{n}-{fact.stop.channel}": _stop(n, fact) for n, fact in enumerate(stops)},
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


def _version(name: str, targets: Mapping[str, tuple[str, ...]], signed: bool) -> Filed[Version]:
    artifacts = {
        target: {
            bundle: Artifact(f"ESpice_{name}_{target}.{bundle}", 1000, "0" * 64, signature() if signed else None)
            for bundle in bundles
        }
        for target, bundles in targets.items()
    }
    source = Source("espice/espice", "0" * 40, "https://ci.espice.app/1")
    return Filed(f"releases/versions/{name}.yaml", Version(name, at(-100), source, f"Notes of {name}.", artifacts))


def _channel(name: str) -> Filed[Channel]:
    return Filed(f"releases/channels/{name}.yaml", Channel(name, name.title(), LADDER))


def _rollout(name: str, lines: Sequence[Line], salt: str | None) -> Filed[Rollout]:
    marks = {("steps",): 4} | {("steps", number): 5 + number for number in range(len(lines))}
    fact = Rollout(rollout=name, salt=salt or name.replace("/", "-"), targets="all", steps=tuple(lines))
    return Filed(f"releases/rollouts/{name}.yaml", fact, marks)


def _stop(number: int, fact: Stop) -> Filed[Stop]:
    return Filed(f"releases/stops/2026-11-25-{number}-{fact.stop.channel}.yaml", fact)


def files(facts: Facts) -> dict[str, bytes]:
    """The files that say these facts, one key a line."""
    kinds = (facts.versions, facts.channels, facts.rollouts, facts.withdrawals, facts.stops)
    every = [facts.product, facts.policy, *(filed for kind in kinds for filed in kind.values())]
    return {filed.path: whole(filed.value) for filed in every}

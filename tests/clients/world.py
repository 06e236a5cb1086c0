"""Facts in which every state of a rollout is there at once, each on a channel of its own."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

from delivery.artifacts import fact, samples
from delivery.deploy import steps
from delivery.history import snapshot
from delivery.laptop import keys
from delivery.rules.compile import ranks
from tests.laptop.system import now

START = now(-3 * 24 * 60)
LATER = now(-2 * 24 * 60)
LAST = now(-24 * 60)
NEVER = now(30 * 24 * 60)

MADE = ("1.4.0+2", "1.4.1", "2.0.0")
"""Versions besides those of the repository. 2.0.0 needs an operating system of its own."""


def at(percent: int, moment: str = START) -> dict[str, object]:
    """A step."""
    return {"at": moment, "percent": percent, "evidence": "1.3.0 updates through its next channel"}


EVERYONE = [at(10), {"at": LATER, "percent": 100}]
A_TENTH = [at(10)]
HELD = [at(10), {"hold": 0, "at": LATER, "reason": "crashes on start"}]

CHANNELS: dict[str, dict[str, list[dict[str, object]]]] = {
    "not-started": {"1.4.0": [at(10, NEVER)]},
    "partial": {"1.4.0": A_TENTH},
    "everyone": {"1.4.0": EVERYONE},
    "held": {"1.4.0": HELD},
    "resumed": {"1.4.0": [*HELD, {"resume": 10, "at": LAST, "reason": "it was a driver"}]},
    "stopped": {"1.4.0": EVERYONE},
    "part-stopped": {"1.4.0": EVERYONE},
    "withdrawn": {"1.4.0": EVERYONE},
    "reissued": {"1.4.0": EVERYONE, "1.4.1": A_TENTH},
    "superseded": {"1.4.0": A_TENTH, "1.4.1": A_TENTH},
    "critical": {"1.4.0": [at(10), {"critical": {"below": "1.3.1"}, "at": LATER, "reason": "it loses files"}]},
    "builds": {"1.4.0": EVERYONE, "1.4.0+2": EVERYONE},
    "systems": {"1.4.0": EVERYONE, "2.0.0": EVERYONE},
    "halted": {"1.4.0": EVERYONE},
}
"""Rollouts by channel, besides 1.2.0 and 1.3.0, which everybody gets on each."""


def cohort(channel: str, rank: int, version: str = "1.4.0") -> int:
    """The cohort that the rollout reaches as the rank-th: 99 is the last that 10 % cover."""
    return ranks(_salt(channel, version)).index(rank)


def _salt(channel: str, version: str) -> str:
    return f"{channel}-{version.replace('+', '-')}"


def write(repo: Path) -> None:
    """Put them into a checkout, beside what it has."""
    releases = repo / "releases"
    files = snapshot.in_worktree(repo)
    product = steps.prepare(files, files, "laptop", datetime.now(UTC)).facts.product.value
    for version in MADE:
        made = samples.release(product, version, _moment(START), "For the tests.", keys.artifact_key())
        only = replace(made, artifacts={"linux-x86_64": made.artifacts["linux-x86_64"]})
        if version == "2.0.0":
            only = replace(only, minimum_os={"linux": "6.1"})
        (releases / f"versions/{version}.yaml").write_bytes(fact.to_yaml(only))
    policy = yaml.safe_load((releases / "policy.yaml").read_text())
    policy["ungated"] |= dict.fromkeys(CHANNELS, 100)
    _put(releases / "policy.yaml", policy)
    for channel, rollouts in CHANNELS.items():
        _put(releases / f"channels/{channel}.yaml", {"channel": channel, "title": channel, "ladder": [10, 100]})
        for version, lines in ({"1.2.0": EVERYONE, "1.3.0": EVERYONE} | rollouts).items():
            supersedes = {"supersedes": "1.4.0"} if (channel, version) == ("superseded", "1.4.1") else {}
            name = f"{channel}/{version}"
            rollout = {"rollout": name, "salt": _salt(channel, version), "targets": "all", **supersedes, "steps": lines}
            _put(releases / f"rollouts/{name}.yaml", rollout)
    for name, said in OTHERS.items():
        _put(releases / f"{name}.yaml", said)


OTHERS: dict[str, dict[str, object]] = {
    f"stops/{LAST[:10]}-stopped": {"stop": {"channel": "stopped"}, "at": LAST, "reason": "reports of data loss"},
    f"stops/{LAST[:10]}-part-stopped": {
        "stop": {"channel": "part-stopped", "versions": ["1.4.0"]},
        "at": LAST,
        "reason": "reports of data loss",
    },
    "withdrawals/1.4.0": {
        "withdraw": "1.4.0",
        "channels": ["reissued", "withdrawn"],
        "at": LAST,
        "reason": "corrupts project files",
        "downloads": "hide",
        "offer-instead": "1.3.0",
        "installed": "reissue-as 1.4.1",
    },
    "barriers/1.3.0": {
        "barrier": "1.3.0",
        "applies-below": "1.3.0",
        "targets": ["linux-x86_64"],
        "reason": "it is the last that reads the project files of 1.2",
    },
    "blocks/linux-gtk-crash": {
        "block": "linux-gtk-crash",
        "from": "=1.3.5",
        "to": "=1.4.0",
        "targets": ["linux-x86_64"],
        "effect": "block",
        "reason": "settings written by 1.3.5 crash the file dialog",
        "owner": "the desktop team",
        "review-by": NEVER[:10],
    },
    "blocks/linux-slow-start": {
        "block": "linux-slow-start",
        "from": "=1.3.6",
        "to": "=1.4.0",
        "targets": ["linux-x86_64"],
        "effect": "warn",
        "reason": "the first start takes minutes",
        "owner": "the desktop team",
        "review-by": NEVER[:10],
    },
}


def _put(file: Path, said: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=1000))


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

"""A small repository of facts as files, for tests of what people write: edit a text in it, and see what is said."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from delivery.rules.check import check
from delivery.rules.facts import Facts
from delivery.rules.read import read

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OURS, THEIRS = "ABCDEF0123456789", "0011223344556677"

PRODUCT = "product.yaml"
POLICY = "releases/policy.yaml"
OLD, NEW = "releases/versions/1.3.0.yaml", "releases/versions/1.4.0.yaml"
STABLE = "releases/channels/stable.yaml"
DONE, ROLLOUT = "releases/rollouts/stable/1.3.0.yaml", "releases/rollouts/stable/1.4.0.yaml"
WITHDRAWAL = "releases/withdrawals/1.3.0.yaml"
STOP = "releases/stops/2026-11-24-stable.yaml"

FULL = 'at: "2026-10-01T14:00:00Z", percent: 100, because: tried, evidence: updated'


def signature(file: str, version: str, key: str = OURS) -> str:
    """A text of the form of Tauri's signatures (it signs nothing)."""
    raw = base64.b64encode(b"ED" + bytes.fromhex(key)[::-1] + bytes(64)).decode()
    comment = f"trusted comment: timestamp:1\tfile:{file}\tversion:{version}"
    return base64.b64encode(f"untrusted comment: x\n{raw}\n{comment}\n{raw}\n".encode()).decode()


def version(name: str, key: str = OURS) -> str:
    """A version with one signed artifact, in nine lines and a few."""
    file = f"ESpice_{name}.AppImage"
    return f"""\
version: {name}
published: "2026-11-10T11:40:00Z"
source: {{repository: espice/espice, commit: "{"a" * 40}", run: "https://ci.espice.app/1"}}
notes: Better.
artifacts:
  linux-x86_64:
    appimage:
      file: {file}
      size: 280064
      sha256: "{hashlib.sha256(file.encode()).hexdigest()}"
      signature: {signature(file, name, key)}
"""


def rollout(name: str, *lines: str) -> str:
    """A rollout; its first line is the file's line 5."""
    head = f"rollout: {name}\nsalt: {name.replace('/', '-')}\ntargets: all\nsteps:\n"
    return head + "".join(f"  - {{{line}}}\n" for line in lines)


TEXTS: Mapping[str, str] = {
    PRODUCT: f"""\
product: espice
title: ESpice
environments: {{laptop: {{domain: espice.localhost}}, production: {{domain: espice.app}}}}
targets:
  linux-x86_64: {{title: Linux, updates: [appimage, deb], installs: [flatpak]}}
keys:
  artifacts:
    - {{id: {OURS}, public: AAAA, trusted-in: [laptop], note: the demo key}}
  heads: []
""",
    POLICY: "approvals: {narrower: 1, next-step: 1, wider: 2}\ngates: {default: No worse than before.}\n"
    "ungated: {stable: 100, beta: 100}\n",
    OLD: version("1.3.0"),
    NEW: version("1.4.0"),
    STABLE: "channel: stable\ntitle: Stable\nladder: [1, 10, 25, 50, 100]\n",
    "releases/channels/beta.yaml": "channel: beta\ntitle: Beta\nladder: [10, 100]\n",
    DONE: rollout("stable/1.3.0", FULL),
    ROLLOUT: rollout(
        "stable/1.4.0",
        'at: "2026-11-20T14:00:00Z", percent: 1, evidence: updated',
        'at: "2026-11-23T14:00:00Z", percent: 10, gate: default',
        'pass: 10, at: "2026-11-23T14:30:00Z", evidence: all well',
    ),
}


def files(changes: Mapping[str, str | None] | None = None) -> dict[str, bytes]:
    """The repository with these files written, or removed (None)."""
    merged = {**TEXTS, **(changes or {})}
    return {path: text.encode() for path, text in merged.items() if text is not None}


def edited(path: str, old: str, new: str) -> dict[str, bytes]:
    """The repository with one text in one file replaced."""
    assert TEXTS[path].count(old) == 1, f"{old!r} should stand once in {path}"
    return files({path: TEXTS[path].replace(old, new)})


def with_lines(*lines: str) -> dict[str, bytes]:
    """The repository with these lines added to the rollout of 1.4.0; the first is line 8 of its file."""
    return files({ROLLOUT: TEXTS[ROLLOUT] + "".join(f"  - {{{line}}}\n" for line in lines)})


def with_only(*lines: str) -> dict[str, bytes]:
    """The repository with these lines, and no others, in the rollout of 1.4.0; the first is line 5 of its file."""
    return files({ROLLOUT: rollout("stable/1.4.0", *lines)})


def facts(given: Mapping[str, bytes]) -> Facts:
    """The facts in these files, which have no problem."""
    found, problems = read(given)
    assert found is not None, problems
    return found


def said(given: Mapping[str, bytes], environment: str | None = None, now: datetime = NOW) -> list[str]:
    """What reading and checking says of these files, when nothing is merged yet."""
    problems = read(given)[1]
    return [str(problem) for problem in problems or check(facts(given), environment=environment, now=now)]


def said_onto(base: Mapping[str, bytes], given: Mapping[str, bytes], now: datetime = NOW) -> list[str]:
    """What checking says of these files when they are to be merged onto the base."""
    return [str(problem) for problem in check(facts(given), facts(base), now=now)]


def errors(told: Iterable[str]) -> list[str]:
    """Without what is only warned of."""
    return [each for each in told if not each.endswith("(warning)")]


def fact(folder: str, name: str, *lines: str) -> dict[str, str | None]:
    """One file more, of these lines."""
    return {f"releases/{folder}/{name}.yaml": "".join(f"{line}\n" for line in lines)}


def released(name: str, *ways: tuple[str, str], **more: str) -> dict[str, str | None]:
    """A version more. `ways` are its targets and bundles (linux-x86_64 appimage without), `more` replaces texts."""
    text = version(name)
    if ways:
        text = text[: text.index("artifacts:\n")] + "artifacts:\n"
        for target in dict(ways):
            text += f"  {target}:\n" + "".join(
                artifact(name, target, bundle) for where, bundle in ways if where == target
            )
    for old, new in more.items():
        text = text.replace(f"{old}: {_said(text, old)}", f"{old}: {new}")
    return {f"releases/versions/{name}.yaml": text}


def artifact(name: str, target: str, bundle: str) -> str:
    """The lines of a signed artifact."""
    file = f"ESpice_{name}_{target}.{bundle}"
    digest = hashlib.sha256(file.encode()).hexdigest()
    return f'    {bundle}: {{file: {file}, size: 280064, sha256: "{digest}", signature: {signature(file, name)}}}\n'


def rolled_out(name: str, *lines: str) -> dict[str, str | None]:
    """A rollout more; at 100 % since October without lines."""
    return {f"releases/rollouts/{name}.yaml": rollout(name, *(lines or (FULL,)))}


def _said(text: str, key: str) -> str:
    return next(line.partition(": ")[2] for line in text.splitlines() if line.strip().startswith(f"{key}: "))

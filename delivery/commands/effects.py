"""What each change of the main line did to users: the plan between two commits, in a word and a sentence.

A plan is a function of two sets of facts, a moment and the code that makes it, so it is made once and kept under
.state/, where it may be deleted at any time.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.progress import track

from delivery.commands.desk import ROOT, err
from delivery.history import mainline
from delivery.history.catalogs import Known, Unknown, known
from delivery.history.mainline import Entry
from delivery.present import chronicle
from delivery.present.chronicle import UNREADABLE, Row
from delivery.rules.plan import plan
from delivery.rules.read import File

_KEPT = Path(".state") / "history.json"
_CODE = ("delivery/rules/**/*.py", "delivery/present/words.py", "delivery/present/chronicle.py")


def rows(ref: str, environment: str, since: datetime) -> list[Row]:
    """One for each commit from then on that changed facts, newest first, with what it did when it was merged."""
    line = mainline.entries(ROOT, ref)
    effects = _Effects(line, environment)
    live = effects.newest_readable([entry for entry in line if entry.commit.at < since])
    found = []
    later = [entry for entry in line if entry.commit.at >= since]
    try:
        for entry in track(later, "what each change did", console=err, transient=True, disable=not err.is_terminal):
            effect = effects.of(live, entry)
            channels = {*effect.channels, *_named(entry.paths)}
            found.append(Row(entry.commit, effect.effect, effect.summary, tuple(sorted(channels)), entry.paths))
            live = live if effect.effect == UNREADABLE else entry
    finally:
        effects.keep()  # what is found out is not lost when somebody does not want to wait
    return found[::-1]


def _named(paths: Sequence[str]) -> Iterator[str]:
    """The channels whose own files these are."""
    for path in paths:
        match path.split("/"):
            case ["releases", "rollouts", channel, _]:
                yield channel
            case ["releases", "channels", file]:
                yield file.removesuffix(".yaml")


@dataclass(frozen=True, slots=True)
class _Effect:
    effect: str
    summary: str
    channels: tuple[str, ...]


class _Effects:
    """What was found out before, and what must be found out now."""

    def __init__(self, line: Sequence[Entry], environment: str) -> None:
        self._line, self._environment, self._code = line, environment, _code()
        self._kept: dict[str, Any] = _kept(self._code)
        self._files: dict[str, Mapping[str, File]] = {}
        self._read: dict[str, Known | Unknown] = {}

    def of(self, before: Entry | None, after: Entry) -> _Effect:
        """What the change from one to the other did when it was merged."""
        moment = after.commit.at.isoformat()
        key = f"{self._environment} {moment} {before.digest if before else None} {after.digest}"
        if key not in self._kept:
            self._kept[key] = asdict(self._plan(before, after))
        kept = self._kept[key]
        return _Effect(kept["effect"], kept["summary"], tuple(kept["channels"]))

    def newest_readable(self, earlier: Sequence[Entry]) -> Entry | None:
        """What was live after these."""
        return next((entry for entry in reversed(earlier) if isinstance(self._known(entry), Known)), None)

    def keep(self) -> None:
        """Keep it for the next time. Two at once do no harm: the last one's is kept."""
        file = ROOT / _KEPT
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(f".{os.getpid()}")
        half.write_text(json.dumps({"code": self._code, "effects": self._kept}))
        os.replace(half, file)

    def _plan(self, before: Entry | None, after: Entry) -> _Effect:
        old, new = self._known(before) if before else None, self._known(after)
        if isinstance(new, Unknown):
            return _Effect(UNREADABLE, f"not as today's code reads facts: {new.problems[0]}", ())
        catalog = old.catalog if isinstance(old, Known) else None
        made = plan(catalog, new.catalog, after.commit.at, new.facts.policy.value)
        return _Effect(made.effect.value, chronicle.sentence(made), tuple(sorted({c.channel for c in made.changes})))

    def _known(self, entry: Entry) -> Known | Unknown:
        """Read when first asked for; git is asked once, for all commits from that one on."""
        name = entry.digest
        if name not in self._files:
            rest = self._line[self._line.index(entry) :]
            self._files |= {each.digest: files for each, files in zip(rest, mainline.files(ROOT, rest), strict=True)}
        if name not in self._read:
            self._read = dict([*self._read.items()][-1:])  # a change needs two
            self._read[name] = known(self._files[name], self._environment)
        return self._read[name]


def _kept(code: str) -> dict[str, Any]:
    """What was found out by the same code; nothing if there is no such file, or half of one."""
    try:
        said = json.loads((ROOT / _KEPT).read_text())
        return dict(said["effects"]) if said["code"] == code else {}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def _code() -> str:
    """The digest of everything that an effect depends on besides facts."""
    files = sorted(path for pattern in _CODE for path in ROOT.glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()

"""bump: the next version of this repository, from what was committed since the tag of the last one.

Two files, CHANGELOG.md and pyproject.toml, in one change; `tag` makes it a version once that is merged.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Unpack, cast, get_args

from delivery.commands.desk import ROOT, Usage, command, out, print_json, put
from delivery.commands.hand_over import EITHER, How, hand_over, refuse_if_changed
from delivery.commands.propose import Main, changed, on_main, propose
from delivery.history import changelog, snapshot
from delivery.history.changelog import CHANGELOG, PATHS, PROJECT, Commit, Entries, Part
from delivery.proposals.tags import Tags, tags
from delivery.rules.expected import listed
from delivery.rules.problem import Problem, Refused
from delivery.rules.read import File

_BRANCH = "bump"  # one at a time: typed again, it changes the proposal that is open
_WHY = "Merged, ./inv tag makes it a version."


@dataclass(frozen=True, slots=True)
class Bump:
    """A new version, what changed in it, and the files that say so."""

    version: str
    part: Part
    entries: Entries
    files: Mapping[str, bytes]

    @property
    def summary(self) -> str:
        """What the commit is called."""
        return f"Make it version {self.version}"


@command
def bump(part: str, *, as_json: bool, **how: Unpack[How]) -> int:
    """Raises Refused, ForgeError, NoHistory."""
    if how["commit"] and how["pr"]:
        raise Usage(EITHER)
    if part not in ("", *get_args(Part)):
        raise Usage(f"--part {part}: is no part of a version; write {listed(get_args(Part), 'or')}")
    main, now = on_main() if how["pr"] else None, datetime.now(UTC)
    files = main.files(*PATHS) if main else snapshot.in_worktree(ROOT, PATHS)
    before = version_of(files)
    commits = _commits(tags(ROOT, main.forge) if main else Tags(ROOT), before, main.commit if main else "HEAD")
    made = _made(files, before, commits, cast("Part", part) or changelog.part(commits), now.date()) if commits else None
    with out.capture() if as_json else contextlib.nullcontext():
        if made:
            status = _handed_over(made, files, main, now, how)
        else:
            status = 0
            out.print(f"nothing to do: since v{before} only facts changed", markup=False)
    if as_json:
        new = {"version": made.version, "part": made.part, "entries": made.entries} if made else {"version": None}
        print_json({"before": before, **new, "status": status})
    return status


def version_of(files: Mapping[str, File]) -> str:
    """What pyproject.toml says. Raises Refused."""
    try:
        return changelog.version(_text(files, PROJECT))
    except ValueError as error:
        raise _refused(PROJECT, str(error)) from None


def _commits(kept: Tags, before: str, onto: str) -> tuple[Commit, ...]:
    """Those of this software since the version before. Raises Refused: that one has no tag."""
    at = kept.at(f"v{before}")
    if at is None:
        mend = "./inv tag makes it, once it is merged; one that was made elsewhere comes by git fetch --tags"
        raise Refused((Problem(PROJECT, 0, "version", f"is {before}, which has no tag v{before} yet", mend),))
    return changelog.of_software(changelog.since(ROOT, at, snapshot.commit_id(ROOT, onto)))


def _made(files: Mapping[str, File], before: str, commits: Sequence[Commit], part: Part, day: date) -> Bump:
    """Raises Refused."""
    entries = changelog.grouped(commits)
    try:
        version = changelog.following(before, part)
        project = changelog.with_version(_text(files, PROJECT), version)
    except ValueError as error:
        raise _refused(PROJECT, str(error)) from None
    text = changelog.added(_text(files, CHANGELOG), version, day, entries)
    return Bump(version, part, entries, {PROJECT: project.encode(), CHANGELOG: text.encode()})


def _handed_over(made: Bump, files: Mapping[str, File], main: Main | None, now: datetime, how: How) -> int:
    for path in made.files if how["commit"] else ():
        refuse_if_changed(path, files.get(path))
    out.print(changelog.section(made.files[CHANGELOG].decode(), made.version), markup=False)
    out.print()
    if how["dry_run"]:
        out.print(f"dry run: version {made.version} was not {'proposed' if main else 'written'}", markup=False)
        return 0
    if main:
        return propose(main, changed(main, _BRANCH, made.files, made.summary, _WHY), now)
    for path, data in made.files.items():
        put(ROOT / path, data)
    return hand_over({path: path not in files for path in made.files}, made.summary, _WHY, commit=how["commit"])


def _text(files: Mapping[str, File], path: str) -> str:
    """As UTF-8; empty where it is not there. Raises Refused."""
    try:
        return files.get(path, b"").decode()
    except UnicodeDecodeError:
        raise _refused(path, "is no UTF-8 text") from None


def _refused(path: str, what: str) -> Refused:
    return Refused((Problem(path, 0, "", what, "mend it by hand, then type it again"),))

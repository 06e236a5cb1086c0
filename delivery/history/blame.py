"""Who wrote a line of a fact, and which commit of the main line brought it in."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from delivery.history.git import NoHistory, git
from delivery.history.mainline import Commit
from delivery.history.snapshot import commit_id


@dataclass(frozen=True, slots=True)
class Wrote:
    """A line as it stands, the commit that wrote it (`at`: when it was written), and the one that made it true.

    The two differ where a branch was merged: `merged` is the merge, whose subject names the pull request.
    """

    text: str
    by: Commit
    merged: Commit


def wrote(repo: Path, ref: str, path: str, lines: Collection[int]) -> Mapping[int, Wrote]:
    """Who wrote these lines (from 1) of this file, as they stand at `ref`.

    Raises NoHistory: no such ref, file or line. In a shallow clone the oldest commit stands for all before it.
    """
    by, merged = _blamed(repo, ref, path, lines, "author"), _blamed(repo, ref, path, lines, "committer")
    return {line: Wrote(text, commit, merged[line][1]) for line, (text, commit) in by.items()}


def line_commit(repo: Path, ref: str, path: str, line: int) -> str:
    """The id of the commit that wrote this line. Raises NoHistory, as `wrote` does."""
    return _blamed(repo, ref, path, [line], "author")[line][1].id


def _blamed(repo: Path, ref: str, path: str, lines: Collection[int], whose: str) -> Mapping[int, tuple[str, Commit]]:
    """Each line and its commit; the committer's (with whose time) is looked for among first parents only."""
    commit = commit_id(repo, ref)
    wanted = [word for line in sorted(lines) for word in ("-L", f"{line},{line}")]
    follow = ["--first-parent"] if whose == "committer" else []
    try:
        said = git(repo, "blame", "--porcelain", "--encoding=UTF-8", *follow, *wanted, commit, "--", path)
    except NoHistory:
        raise NoHistory(f"{path} has no line {_listed(lines)} at {ref}; look at git log -- {path}") from None
    return dict(_parsed(said.decode(errors="replace").split("\n"), whose))


def _parsed(printed: list[str], whose: str) -> Iterator[tuple[int, tuple[str, Commit]]]:
    """Of each line `<commit> <line before> <line>`, what was not yet said of that commit, and a tab and its text."""
    known: dict[str, dict[str, str]] = {}
    name, number = "", 0
    for each in filter(None, printed):
        if each.startswith("\t"):
            said = known[name]
            at = datetime.fromtimestamp(int(said[f"{whose}-time"]), UTC)
            yield number, (each[1:], Commit(name, at, said["author"], said["summary"]))
            name = ""
        elif not name:
            name, _, line, *_ = each.split()
            number = int(line)
            known.setdefault(name, {})
        else:
            key, _, value = each.partition(" ")
            known[name][key] = value


def _listed(lines: Collection[int]) -> str:
    return " or ".join(str(line) for line in sorted(lines))

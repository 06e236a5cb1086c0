"""The first-parent line of a branch: each commit on it that changed facts, in order, and the files it left.

That line is what was live, commit by commit: what a merge brought in is one change, made when it was merged. git is
asked once for who changed which file into which blob, and once for the blobs; nothing is read twice.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from delivery.history.git import NoHistory, git, line, log
from delivery.history.snapshot import PATHS, blobs, commit_id, file_of, refuse_shallow
from delivery.rules.read import FOLDER, PRODUCT, File

_LOG = (
    "-z",
    "--first-parent",
    "--diff-merges=first-parent",
    "--reverse",
    "--root",
    "--no-renames",
    "--raw",
    "--no-abbrev",
)
_FORMAT = "%x01%H%x00%ct%x00%an%x00%s"
_FACTS = (*PATHS, f":(exclude){FOLDER}README.md")
_GONE = "000000"
_SUBMODULE = "160000"
_PULL_REQUEST = re.compile(r"^Merge pull request #([0-9]+)\b|\(#([0-9]+)\)$")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. `at` is its committer's time: on a first-parent line, when it was merged."""

    id: str
    at: datetime
    author: str
    subject: str

    @property
    def pull_request(self) -> int | None:
        """The number of its pull request, where the subject says it as forges write it."""
        found = _PULL_REQUEST.search(self.subject)
        return int(found[1] or found[2]) if found else None


@dataclass(frozen=True, slots=True)
class Blob:
    """A file as a tree has it: its mode, and the name of its bytes."""

    mode: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A commit that changed facts, the paths it changed, and all the files of facts that it left.

    Two entries with one `digest` left the same files.
    """

    commit: Commit
    paths: tuple[str, ...]
    tree: Mapping[str, Blob] = field(repr=False)
    digest: str


def entries(repo: Path, ref: str) -> tuple[Entry, ...]:
    """Every commit on the first-parent line of this ref that changed facts, oldest first.

    Raises NoHistory, also in a shallow clone, which lacks what came before.
    """
    refuse_shallow(repo)
    printed = log(repo, _FORMAT, *_LOG, commit_id(repo, ref), "--", *_FACTS)
    found, tree = [], dict[str, Blob]()
    for commit, changes in _parsed(printed):
        tree = {path: blob for path, blob in {**tree, **changes}.items() if blob.mode != _GONE}
        found.append((commit, tuple(sorted(changes)), tree))
    digests = _digests(repo, [commit.id for commit, _, _ in found])
    return tuple(Entry(*each, digest) for each, digest in zip(found, digests, strict=True))


def files(repo: Path, wanted: Sequence[Entry]) -> Iterator[Mapping[str, File]]:
    """The files of facts that each of these entries left, as `snapshot.at_commit` gives them."""
    names = {blob.name for entry in wanted for blob in entry.tree.values() if blob.mode != _SUBMODULE}
    data = blobs(repo, [name.encode() for name in sorted(names)])
    for entry in wanted:
        yield {path: file_of(blob.mode, data.get(blob.name.encode(), b"")) for path, blob in entry.tree.items()}


def as_of(repo: Path, ref: str, at: datetime) -> str:
    """The commit that was at the tip of this ref's first-parent line at a moment: the newest not after it.

    Raises NoHistory, also if the line began later.
    """
    refuse_shallow(repo)
    tip = commit_id(repo, ref)
    found = line(repo, "rev-list", "--first-parent", "--max-count=1", f"--min-age={int(at.timestamp())}", tip)
    if not found:
        raise NoHistory(f"{ref} has no commit as old as {at:%Y-%m-%dT%H:%M:%SZ}; name a later time, or a commit")
    return found


def _parsed(printed: bytes) -> Iterator[tuple[Commit, Mapping[str, Blob]]]:
    """The commits that git printed, each with the blobs it put at its paths.

    By place alone: \\1 id, time, author, subject, and then pairs of a change and its path until the next \\1.
    """
    words = deque(printed.split(b"\0"))
    while words and words[0].startswith(b"\1"):
        name, seconds, author, subject = (words.popleft() for _ in range(4))
        at = datetime.fromtimestamp(int(seconds), UTC)
        commit = Commit(name[1:].decode(), at, author.decode(errors="replace"), subject.decode(errors="replace"))
        yield commit, dict(_changes(words))


def _changes(words: deque[bytes]) -> Iterator[tuple[str, Blob]]:
    """`:<mode before> <mode> <blob before> <blob> <status>`, and the path."""
    while words and (change := words[0].strip()).startswith(b":"):
        _, mode, _, name, _ = change.decode().split()
        words.popleft()
        yield words.popleft().decode(errors="surrogateescape"), Blob(mode, name)


def _digests(repo: Path, commits: Sequence[str]) -> list[str]:
    """What git calls the folder of facts and product.yaml in each commit."""
    asked = "".join(f"{commit}:{path}\n" for commit in commits for path in (FOLDER.rstrip("/"), PRODUCT))
    said = git(repo, "cat-file", "--batch-check=%(objectname)", given=asked.encode()).decode().splitlines()
    names = ["" if name.endswith(" missing") else name for name in said]
    return [f"{folder}:{product}" for folder, product in zip(names[::2], names[1::2], strict=True)]

"""Who wrote a line of a fact, and when: the commit that last touched it."""

from pathlib import Path

from delivery.history.git import NoHistory, git
from delivery.history.snapshot import commit_id


def line_commit(repo: Path, ref: str, path: str, line: int) -> str:
    """The id of the commit that wrote this line (from 1) of this file, as it stands at `ref`.

    Raises NoHistory: no such ref, file or line. In a shallow clone the oldest commit stands for all before it.
    """
    commit = commit_id(repo, ref)
    try:
        said = git(repo, "blame", "--porcelain", "-L", f"{line},{line}", commit, "--", path)
    except NoHistory:
        raise NoHistory(f"{path} has no line {line} at {ref}; look at git log -- {path}") from None
    return said.split(None, 1)[0].decode()

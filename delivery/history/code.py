"""Which paths of a commit are its code, and a name for them."""

import hashlib
from pathlib import Path

from delivery.history.git import git

CODE = ("delivery", "infra", "policies", "runbooks", "engine/go.mod", "Pulumi.yaml", "requirements/all.txt")
DECIDES = ("delivery/rules", "delivery/endpoint")  # of it, what can answer the same facts differently


def code_hash(repo: Path, commit: str) -> str:
    """A name for the code of this commit: equal for commits that differ in facts only. Raises NoHistory."""
    return hashlib.sha256(git(repo, "ls-tree", commit, "--", *CODE)).hexdigest()[:16]

"""The builds of a commit: read from git, so what is not committed is in none, and the same commit is the same build."""

from collections.abc import Mapping
from pathlib import Path

from delivery.deploy.build import APPS, Zip, build
from delivery.deploy.build_libraries import NoLibraries, libraries
from delivery.history import snapshot
from delivery.history.git import git

CODE = "delivery"
FAR = 200  # commits, at about 30 ms each


def for_lambda(repo: Path, ref: str, app: str) -> Zip:
    """An app of this commit as Lambda runs it: with its libraries.

    Raises:
        NoHistory: there is no such commit.
        NoLibraries: the wheels that the commit's lock names are not to be had.
    """
    its, lock = APPS[app], f"requirements/{APPS[app].requirements}.txt"
    files = snapshot.at_commit(repo, ref, [CODE, lock])
    if lock not in files:
        raise NoLibraries(f"{lock} is not in {ref}; ./inv lock writes it, commit it")
    return build(its, files, libraries(files[lock], its.services))


def for_laptop(repo: Path, ref: str) -> Mapping[str, Zip]:
    """Every app of this commit, by name, without libraries: the laptop's processes have those of the checkout."""
    files = snapshot.at_commit(repo, ref, [CODE])
    return {name: build(app, files) for name, app in APPS.items()}


def found_for_laptop(repo: Path, ref: str, sha256: str) -> Zip | None:
    """The laptop's build of that digest, made again from the newest commit up to `ref` that has it; None if none does.

    So a laptop that pins a build needs nothing but history to start from nothing. The last `FAR` commits of code count.
    """
    for commit in git(repo, "log", f"--max-count={FAR}", "--format=%H", ref, "--", CODE).decode().split():
        for made in for_laptop(repo, commit).values():
            if made.sha256 == sha256:
                return made
    return None

"""Tags of this repository: where proposals are, they are; at GitHub each has a release, too, which people read.

A tag is made by nobody, at the moment of its commit: whoever makes it, at whatever time, makes the very same object, so
two at once do no harm. One that is there is never moved.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from delivery.history.git import git, log
from delivery.proposals import branches, choose
from delivery.proposals.branches import Move
from delivery.proposals.forge import Forge, Moved
from delivery.proposals.github import GitHub
from delivery.proposals.github_api import Api, Deed, NotFound, Patience, Taken
from delivery.proposals.github_git import Remote

_RIGHT = "Contents: write"


class Release(msgspec.Struct, frozen=True):
    """A release at GitHub, as far as it is told."""

    html_url: str


@dataclass(frozen=True, slots=True)
class Tags:
    """Those of this repository, or of the one at `remote`. Raises ForgeError, NoHistory."""

    repo: Path
    remote: Remote | None = None

    def at(self, name: str) -> str | None:
        """What a tag is at, and it is in this repository afterwards; None: there is no such tag."""
        ref = f"refs/tags/{name}"
        if self.remote is None:
            return branches.tips(self.repo, ref).get(ref)
        found = self.remote.tip(ref)
        if found:
            self.remote.fetch(found)
        return found

    def put(self, name: str, commit: str, says: str) -> bool:
        """An annotated tag at this commit; False where there was one of this name."""
        if self.at(name):
            return False
        made, ref = self._made(name, commit, says), f"refs/tags/{name}"
        try:
            if self.remote is None:
                branches.advance(self.repo, name, Move(ref, None, made))
            else:
                self.remote.put(ref, made, None)
        except Moved:
            if not self.at(name):
                raise
            return False
        return True

    def _made(self, name: str, commit: str, says: str) -> str:
        when = int(log(self.repo, "%ct", "--no-walk", commit))
        who = branches.nobody(when)
        by = f"{who['GIT_COMMITTER_NAME']} <{who['GIT_COMMITTER_EMAIL']}> {when} +0000"
        said = f"object {commit}\ntype commit\ntag {name}\ntagger {by}\n\n{says.strip()}\n"
        return git(self.repo, "mktag", given=said.encode()).decode().strip()


@dataclass(frozen=True, slots=True)
class Published:
    """The releases of this repository at GitHub. Raises ForgeError."""

    api: Api

    def put(self, tag: str, body: str) -> tuple[str, bool]:
        """Where the release of this tag is, and whether it was made now; one that is there is left as it is."""
        with suppress(NotFound):
            return self._there(tag), False
        said = {"tag_name": tag, "name": tag, "body": body}
        try:
            return self.api.send(
                Deed(f"make the release {tag}", _RIGHT), "POST", "releases", Release, **said
            ).html_url, True
        except Taken:  # another run was quicker
            return self._there(tag), False

    def _there(self, tag: str) -> str:
        return self.api.get(Deed("show the release", _RIGHT), f"releases/tags/{tag}", Release).html_url


def tags(repo: Path, forge: Forge) -> Tags:
    """Where proposals are."""
    return Tags(repo, forge.remote if isinstance(forge, GitHub) else None)


def published(repo: Path) -> Published | None:
    """None where this repository is not at GitHub, and so has no releases."""
    name = choose.at_github(repo)
    if name is None:
        return None
    token = choose.token(f"the releases of {name} are at GitHub", f"with the right {_RIGHT} in {name}")
    return Published(Api(choose.api(), name, token, Patience()))

"""A GitHub with one repository: what it does with pull requests, issues, comments, reviews and statuses.

Branches and commits are real, in a bare repository. A pull request follows its branch as on GitHub: when it is looked
at, it is where its branch is, and closed once that is gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from typing import Any, TypeVar

from tests.github.bare import Bare
from tests.github.faults import Fault
from tests.github.kept import Issue, Person, Pull, Remark, Review, Status, now
from tests.github.setup import Setup
from tests.github.shapes import refused
from tests.github.shelf import Asset, Release, Shelf

TITLE, BODY, DESCRIPTION = 256, 65_536, 140  # characters, at most
LISTED = 250  # commits of a pull request, at most

T = TypeVar("T", Remark, Review)


class Refused(Exception):  # noqa: N818 - named for what it says
    """An error as GitHub answers it."""

    def __init__(self, status: int, words: str, *errors: str | Mapping[str, str]) -> None:
        super().__init__(words)
        self.status = status
        self.body = refused(words, status, errors)


def invalid(resource: str, name: str, code: str, message: str = "") -> Refused:
    """A 422 of one field."""
    said = {"resource": resource, "field": name, "code": code}
    return Refused(422, "Validation Failed", {**said, "message": message} if message else said)


@dataclass
class Hub:
    """`name` is owner/name; `people` who has which token. All of it may be changed at any time."""

    bare: Bare
    name: str
    people: dict[str, Person]
    issues: list[Issue] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    teams: dict[str, set[str]] = field(default_factory=dict)  # org/team -> logins
    shelf: Shelf = field(default_factory=Shelf)  # the app's
    own: Shelf = field(default_factory=lambda: Shelf(""))  # this repository's
    setup: Setup = field(default_factory=Setup)
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)  # method and path of each request
    wrong: list[str] = field(default_factory=list)  # what is said here otherwise than GitHub says it
    lock: RLock = field(default_factory=RLock)
    ids: Iterator[int] = field(default_factory=lambda: count(1000))

    # --- pull requests ----------------------------------------------------------------------------------------

    def pulls(self) -> list[Pull]:
        """Where they are now, the newest first."""
        found = [each for each in reversed(self.issues) if isinstance(each, Pull)]
        for each in found:
            self._follow(each)
        return found

    def pull(self, number: int) -> Pull:
        return next((each for each in self.pulls() if each.number == number), None) or _missing()

    def open_pull(self, who: Person, said: Mapping[str, Any]) -> Pull:
        owner = self.name.partition("/")[0]
        branch, base = said["head"].removeprefix(f"{owner}:"), said["base"]
        head, main = self.bare.tip(f"refs/heads/{branch}"), self.bare.tip(f"refs/heads/{base}")
        if not head or not main:
            raise invalid("PullRequest", "base" if head else "head", "invalid")
        if any(each.state == "open" and (each.branch, each.home) == (branch, self.name) for each in self.pulls()):
            words = f"A pull request already exists for {owner}:{branch}."
            raise Refused(422, "Validation Failed", {"resource": "PullRequest", "code": "custom", "message": words})
        if self.bare.is_behind(head, main):
            words = f"No commits between {base} and {branch}"
            raise Refused(422, "Validation Failed", {"resource": "PullRequest", "code": "custom", "message": words})
        self._check(said)
        made = self._pull(who.login, said["title"], said.get("body"), branch, head, self.name)
        made.base = base
        return made

    def fork_pull(self, login: str, commit: str, branch: str, title: str) -> Pull:
        """Somebody's, from a branch of their own repository."""
        return self._pull(login, title, None, branch, commit, f"{login}/{self.name.partition('/')[2]}")

    def update_pull(self, who: Person, number: int, said: Mapping[str, Any]) -> Pull:
        pull = self.pull(number)
        self._may(who, pull.author)
        if said.get("state") == "open" and pull.merged:
            raise invalid("PullRequest", "state", "custom", "state cannot be changed. The pull request is merged.")
        self._check({"title": pull.title, **said})
        for key, value in said.items():
            setattr(pull, key, value)
        return pull

    def merge(self, who: Person, number: int, said: Mapping[str, Any]) -> str:
        pull = self.pull(number)
        self._may(who)
        if said.get("sha", pull.head) != pull.head:
            raise Refused(409, "Head branch was modified. Review and try the merge again.")
        title = (
            said.get("commit_title") or f"Merge pull request #{number} from {pull.home.partition('/')[0]}/{pull.branch}"
        )
        text = f"{title}\n\n{said.get('commit_message', pull.title)}".strip()
        commit = self.bare.merge(self.base(pull), pull.head, text, who.login) if pull.state == "open" else None
        if commit is None:
            raise Refused(405, "Pull Request is not mergeable")
        self.bare.set(f"refs/heads/{pull.base}", commit)
        pull.state, pull.merged, pull.merged_by, pull.merged_as = "closed", now(), who.login, commit
        return commit

    def base(self, pull: Pull) -> str:
        """The commit that it is to be merged to."""
        return self.bare.tip(f"refs/heads/{pull.base}") or ""

    def is_mergeable(self, pull: Pull) -> bool:
        return pull.state == "open" and self.bare.merged(self.base(pull), pull.head) is not None

    # --- what people say --------------------------------------------------------------------------------------

    def issue(self, who: Person, said: Mapping[str, Any]) -> Issue:
        self._check(said)
        made = Issue(len(self.issues) + 1, who.login, said["title"], said.get("body"))
        self.issues.append(made)
        return made

    def of(self, things: Sequence[T], number: int) -> list[T]:
        """Those of one issue or pull request, the oldest first."""
        if not any(each.number == number for each in self.issues):
            _missing()
        return [each for each in things if each.number == number]

    def say(self, who: Person, number: int, body: str) -> Remark:
        self.of(self.remarks, number)
        self._check({"title": "-", "body": body})
        made = Remark(next(self.ids), number, who.login, body)
        self.remarks.append(made)
        return made

    def rewrite(self, who: Person, remark: int, body: str) -> Remark:
        """Whoever may write here may do so to anybody's."""
        found = next((each for each in self.remarks if each.id == remark), None) or _missing()
        self._may(who, found.author)
        self._check({"title": "-", "body": body})
        found.body = body
        return found

    def review(self, who: Person, number: int, said: Mapping[str, Any]) -> Review:
        """Anybody who can see a repository can review in it."""
        pull = self.pull(number)
        state = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}[said["event"]]
        if pull.author == who.login and state != "COMMENTED":
            raise Refused(422, "Unprocessable Entity", "Review Can not approve your own pull request")
        commit = said.get("commit_id", pull.head)
        if not self.bare.has(commit):
            raise Refused(422, "Unprocessable Entity", "The commit_id is not part of the pull request")
        made = Review(next(self.ids), number, who.login, state, said.get("body", ""), commit)
        self.reviews.append(made)
        return made

    def tell(self, who: Person, commit: str, said: Mapping[str, Any]) -> Status:
        self._may(who)
        if not self.bare.has(commit):
            raise Refused(422, f"No commit found for SHA: {commit}")
        if len(said.get("description") or "") > DESCRIPTION:
            raise invalid("Status", "description", "custom", "description is too long (maximum is 140 characters)")
        context = said.get("context", "default")
        kept = {**dict.fromkeys(("description", "target_url")), **said, "context": context}
        made = Status(next(self.ids), commit, who.login, kept)
        self.statuses.append(made)
        return made

    def words(self, commit: str) -> list[Status]:
        """All that were ever said of it, the newest first."""
        return [each for each in reversed(self.statuses) if each.commit == commit]

    def newest(self, commit: str) -> list[Status]:
        """Of each context the newest."""
        return list({each.said["context"]: each for each in reversed(self.words(commit))}.values())

    def permission(self, login: str) -> str:
        """None of programs: GitHub knows them as no users."""
        found = next((each for each in self.people.values() if each.login == login), None)
        return found.permission if found and not login.endswith("[bot]") else _missing()

    def commits(self, number: int) -> list[tuple[str, str | None, str | None]]:
        """Of a pull request, the oldest first: each with the accounts that the mails of its two people belong to."""
        pull = self.pull(number)
        made = self.bare.commits(self.base(pull), pull.head)[:LISTED]
        return [(commit, self._account(author), self._account(committer)) for commit, author, committer in made]

    def is_in(self, who: Person, team: str, login: str) -> bool:
        """Whether somebody is in a team; told to no token that may not read members."""
        if not who.sees_members:
            raise Refused(403, "Resource not accessible by integration")
        return login.casefold() in {each.casefold() for each in self.teams.get(team, ())}

    def _account(self, mail: str) -> str | None:
        return next((each.login for each in self.people.values() if mail in each.mails), None)

    # --- branches ---------------------------------------------------------------------------------------------

    def ref(self, ref: str) -> str:
        return self.bare.tip(f"refs/{ref}") or _missing()

    def drop(self, who: Person, ref: str) -> None:
        self._may(who)
        if not self.bare.tip(f"refs/{ref}"):
            raise Refused(422, "Reference does not exist")
        self.pulls()  # those of it stay where it was
        self.bare.drop(f"refs/{ref}")

    # --- releases ---------------------------------------------------------------------------------------------

    def release(self, who: Person, shelf: Shelf, said: Mapping[str, Any]) -> Release:
        """A new one, at the end of main unless its tag is there."""
        self._may(who)
        tag = said["tag_name"]
        if shelf.tagged(tag):
            raise invalid("Release", "tag_name", "already_exists")
        commit = shelf.tags.setdefault(tag, self.bare.tip("refs/heads/main") or "")
        more = {key: said[key] for key in ("draft", "prerelease") if key in said}
        made = Release(tag, commit, said.get("body"), [], title=said.get("name", ""), **more)
        shelf.releases.append(made)
        return made

    def take(self, who: Person, release: Release, name: str, data: bytes) -> Asset:
        """An asset of it."""
        self._may(who)
        self._is_free(release, name)
        release.assets.append(Asset(name, data))
        return release.assets[-1]

    def rename(self, who: Person, release: Release, asset: Asset, said: Mapping[str, Any]) -> Asset:
        self._may(who)
        if (name := said.get("name", asset.name)) != asset.name:
            self._is_free(release, name)
            asset.name = name
        return asset

    def discard(self, who: Person, release: Release, asset: Asset) -> None:
        self._may(who)
        if release.immutable:
            raise Refused(422, "Cannot delete asset from an immutable release")
        release.assets.remove(asset)

    def _is_free(self, release: Release, name: str) -> None:
        if any(each.name == name for each in release.assets):
            raise invalid("ReleaseAsset", "name", "already_exists")

    def _pull(self, author: str, title: str, body: str | None, branch: str, head: str, home: str) -> Pull:
        made = Pull(len(self.issues) + 1, author, title, body, branch=branch, head=head, home=home)
        self.bare.set(f"refs/pull/{made.number}/head", head)
        self.issues.append(made)
        return made

    def _follow(self, pull: Pull) -> None:
        if pull.state != "open" or pull.home != self.name:
            return
        tip = self.bare.tip(f"refs/heads/{pull.branch}")
        if tip is None:
            pull.state = "closed"
        elif tip != pull.head:
            pull.head = tip
            self.bare.set(f"refs/pull/{pull.number}/head", tip)

    def _check(self, said: Mapping[str, Any]) -> None:
        if not str(said.get("title", "")).strip():
            raise invalid("Issue", "title", "missing_field")
        for key, most in (("title", TITLE), ("body", BODY)):
            if len(said.get(key) or "") > most:
                raise invalid("Issue", key, "custom", f"{key} is too long (maximum is {most} characters)")

    def _may(self, who: Person, author: str | None = None) -> None:
        if not who.writes and who.login != author:
            raise Refused(403, "Resource not accessible by personal access token")


def _missing() -> Any:
    raise Refused(404, "Not Found")

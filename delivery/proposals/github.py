"""Proposals as pull requests on GitHub. Every name and number is GitHub's; nothing of it is kept here.

Whoever asks twice gets one: before something is made, it is looked for, and so it is where no answer came.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from urllib.parse import quote, urlsplit

import msgspec

from delivery.proposals import branches
from delivery.proposals.choose import PUBLIC
from delivery.proposals.forge import (
    MAIN,
    Approval,
    Check,
    Comment,
    ForgeError,
    Moved,
    NoProposal,
    Proposal,
    State,
    Unreachable,
    Untold,
    Verdict,
    Wanted,
)
from delivery.proposals.github_api import Api, Deed, NoRight, NotFound, Patience
from delivery.proposals.github_git import Remote
from delivery.proposals.owners import by_name

_SAYS = 140  # characters of a status's description, GitHub's limit
_OPINIONS = {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}  # a comment is none, and a pending review not said yet
_PERSON = "User"  # and not "Bot"
_MAY_MERGE = {"admin", "write"}
_READ = "Pull requests: read"
_WRITE = "Pull requests: write"
_CONTENTS = "Contents: write"
_ISSUES = "Issues: write"
_OPEN = "open"
_LISTED = 250  # commits of a pull request, at most


class _Who(msgspec.Struct):
    login: str
    type: str


class _Repository(msgspec.Struct):
    full_name: str


class _End(msgspec.Struct):
    ref: str
    sha: str
    label: str
    repo: _Repository | None  # None where a fork was deleted


class _Pull(msgspec.Struct):
    number: int
    title: str
    state: str
    created_at: datetime
    html_url: str
    head: _End
    base: _End
    body: str | None
    user: _Who | None  # None where an account was deleted; so below
    merged_at: datetime | None
    merge_commit_sha: str | None


class _Comment(msgspec.Struct):
    id: int
    user: _Who | None
    body: str | None = None


class Review(msgspec.Struct):
    """What somebody said of a pull request at one of its commits."""

    user: _Who | None
    state: str
    commit_id: str | None
    submitted_at: datetime | None = None
    body: str | None = None


class _Status(msgspec.Struct):
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: _Who | None


class _Issue(msgspec.Struct):
    title: str
    html_url: str
    created_at: datetime
    user: _Who | None
    body: str | None = None


class _Object(msgspec.Struct):
    sha: str


class _Ref(msgspec.Struct):
    object: _Object


class _Merged(msgspec.Struct):
    sha: str


class _Permission(msgspec.Struct):
    permission: str


class _Me(msgspec.Struct):
    login: str


class _Viewer(msgspec.Struct):
    viewer: _Me


class _Graph(msgspec.Struct):
    data: _Viewer


class _Hand(msgspec.Struct):
    login: str = ""  # GitHub has an empty thing where it knows no account


class _Commit(msgspec.Struct):
    author: _Hand | None
    committer: _Hand | None


class _Membership(msgspec.Struct):
    state: str


class _Made(msgspec.Struct):
    """Something of which nothing more need be known."""


class GitHub:
    """The pull requests of the repository `name` (owner/name) at this API, for whom the token belongs to. See Forge.

    `repo` is a clone of it: what is read there is fetched here, what is proposed is pushed from here, by `remote`.
    """

    def __init__(self, repo: Path, name: str, api: str, token: str, patience: Patience | None = None) -> None:
        token = token.strip()
        self._name = name
        self._members: dict[tuple[str, str], bool | None] = {}  # by team and login
        self._api = Api(api, name, token, patience or Patience())
        self.remote = Remote(repo, f"{_host(api)}/{name}.git", token)

    def me(self) -> str:
        return self._me

    def main(self) -> str:
        commit = self._tip(MAIN)
        if commit is None:
            raise ForgeError(f"{self._name} has no branch {MAIN} on GitHub that this token may see")
        self.remote.fetch(commit)
        return commit

    def propose(self, wanted: Wanted) -> Proposal:
        if wanted.branch == MAIN:
            raise ForgeError(f"{MAIN} is what proposals are merged to; name another branch")
        found = self._open(wanted.branch)
        tip = self._tip(wanted.branch)
        if tip and not found:
            self._refuse_others(wanted, tip)
        if tip != wanted.commit:
            self.remote.push(wanted.branch, wanted.commit, tip)
        made = self._update(found.number, wanted) if found else self._create(wanted, is_new=tip is None)
        return replace(self._read(made), head=wanted.commit)  # GitHub itself may see the push a moment later

    def proposal(self, number: int) -> Proposal:
        found = self._read(self._pull(number))
        self.remote.fetch(found.head)
        return found

    def proposals(self, state: State = State.open) -> Sequence[Proposal]:
        asked = _OPEN if state is State.open else "closed"
        found = self._api.every(Deed("list the pull requests", _READ), "pulls", _Pull, state=asked, base=MAIN)
        return [each for each in map(self._read, found) if each.state is state]

    def comments(self, number: int) -> Sequence[Comment]:
        deed = Deed(f"list the comments of #{number}", _READ)
        with self._of(number):
            return [*map(self._comment, self._api.every(deed, f"issues/{number}/comments", _Comment))]

    def say(self, number: int, body: str) -> Comment:
        deed = Deed(f"comment on #{number}", _WRITE)
        try:
            with self._of(number):
                return self._comment(self._api.send(deed, "POST", f"issues/{number}/comments", _Comment, body=body))
        except Unreachable:
            ours = [each for each in self.comments(number) if each.is_ours]
            if ours and ours[-1].body == body:
                return ours[-1]
            raise

    def rewrite(self, comment: Comment, body: str) -> None:
        if comment.author != self._me:  # GitHub would let whoever may write here
            whose = f"by {comment.author}, not by {self._me}"
            raise ForgeError(f"comment {comment.number} is {whose}; write one of your own")
        deed = Deed(f"rewrite comment {comment.number}", _WRITE)
        self._api.send(deed, "PATCH", f"issues/comments/{comment.number}", _Made, body=body)

    def approvals(self, number: int) -> Sequence[Approval]:
        """Of those only who may merge here: anybody may review in public, and no program agrees as people do."""
        deed = Deed(f"list the reviews of #{number}", _READ)
        with self._of(number):
            reviews = self._api.every(deed, f"pulls/{number}/reviews", Review)
        return [each for each in newest(reviews) if self._may_merge(each.by)]

    def approve(self, number: int, head: str, says: str) -> None:
        self._at(number, head)
        if any((each.by, each.head, each.says) == (self._me, head, says) for each in self.approvals(number)):
            return
        said = {"commit_id": head, "event": "APPROVE", "body": says}
        self._api.send(Deed(f"approve #{number}", _WRITE), "POST", f"pulls/{number}/reviews", _Made, **said)

    def makers(self, number: int) -> Collection[str]:
        """By their accounts, which GitHub knows by the mails in commits; and its opener."""
        pull = self._pull(number)
        deed = Deed(f"list the commits of #{number}", _READ)
        commits = self._api.every(deed, f"pulls/{number}/commits", _Commit)
        if len(commits) >= _LISTED:
            raise ForgeError(f"#{number} has {_LISTED} commits or more, and GitHub lists no others; make it of fewer")
        hands = (each for commit in commits for each in (commit.author, commit.committer))
        return {_login(pull.user), *(each.login for each in hands if each and each.login)}

    def covers(self, owner: str, by: str) -> bool:
        """Who is in a team says GitHub, once."""
        if "/" not in owner:
            return by_name(owner, by)
        key = owner.casefold(), by.casefold()
        if key not in self._members:
            self._members[key] = self._is_member(owner, by)
        found = self._members[key]
        if found is None:
            mend = f"give it the right Members: read in {owner.removeprefix('@').partition('/')[0]}"
            raise Untold(f"whether {by} is in {owner} may not be read with this token: {mend}")
        return found

    def tell(self, head: str, check: Check) -> None:
        deed = Deed(f"set {check.name} on {head[:12]}", "Commit statuses: write")
        said = {"state": check.verdict, "context": check.name, "description": _short(check.says)}
        self._api.send(deed, "POST", f"statuses/{head}", _Made, **said, target_url=check.url)

    def checks(self, head: str) -> Sequence[Check]:
        deed = Deed(f"list the checks of {head[:12]}", "Commit statuses: read")
        found = self._api.every(deed, f"commits/{head}/statuses", _Status)  # the newest first
        return [*map(_check, {each.context: each for each in reversed(found)}.values())]

    def merge(self, number: int, head: str, message: str, onto: str | None = None) -> str:
        """GitHub takes no word on where main is; the rule that branches be up to date closes that moment there."""
        pull = self._at(number, head)
        if pull.state != _OPEN:
            raise ForgeError(f"#{number} is {self._read(pull).state} already; nothing is left to merge")
        if onto and self._tip(MAIN) != onto:
            raise Moved("main has moved in the meantime; read the proposal again, then try again")
        merged_as = self._merge(number, head, message)
        with suppress(ForgeError):  # it is merged all the same, and whoever proposes there again takes the branch over
            self._drop(pull)
        return merged_as

    def close(self, number: int) -> None:
        pull = self._pull(number)
        self._api.send(Deed(f"close #{number}", _WRITE), "PATCH", f"pulls/{number}", _Made, state="closed")
        self._drop(pull)

    def open_issue(self, title: str, body: str) -> str:
        before = self._issues(title, body)
        deed = Deed("open an issue", _ISSUES)
        try:
            return self._api.send(deed, "POST", "issues", _Issue, title=title, body=body).html_url
        except Unreachable:
            if made := self._issues(title, body) - before:
                return made.pop()
            raise

    def issue(self, title: str, since: datetime) -> str | None:
        deed, moment = Deed("list the issues", _ISSUES), f"{since:%Y-%m-%dT%H:%M:%SZ}"
        listed = self._api.every(deed, "issues", _Issue, state="all", since=moment)
        found = (each for each in listed if each.title == title and each.created_at >= since)
        return next((each.html_url for each in found), None)

    # --- what GitHub has ----------------------------------------------------------------------------------------

    @cached_property
    def _me(self) -> str:
        """By GraphQL: an App's token may not ask the REST API for its own name."""
        deed = Deed("say whose token this is", "Metadata: read")
        return self._api.ask_graph(deed, "{viewer{login}}", _Graph).data.viewer.login

    def _tip(self, branch: str) -> str | None:
        deed = Deed(f"say where {branch} is", "Contents: read")
        try:
            return self._api.get(deed, f"git/ref/heads/{quote(branch)}", _Ref).object.sha
        except NotFound:
            return None

    def _open(self, branch: str) -> _Pull | None:
        """The open one of a branch of this repository: a fork may have one of the same name."""
        deed = Deed(f"list the pull requests of {branch}", _READ)
        head = f"{self._name.partition('/')[0]}:{branch}"
        found = self._api.every(deed, "pulls", _Pull, state=_OPEN, base=MAIN, head=head)
        return next(filter(_is_here, found), None)

    def _pull(self, number: int) -> _Pull:
        with self._of(number):
            found = self._api.get(Deed(f"show #{number}", _READ), f"pulls/{number}", _Pull)
        if found.base.ref != MAIN:
            raise NoProposal(f"#{number} is to be merged to {found.base.ref}, not to {MAIN}: it is no proposal")
        return found

    def _at(self, number: int, head: str) -> _Pull:
        found = self._pull(number)
        if found.head.sha != head:
            raise Moved(f"#{number} is at {found.head.sha[:12]} by now, not at {head[:12]}; read it again")
        return found

    @contextmanager
    def _of(self, number: int) -> Iterator[None]:
        try:
            yield
        except NotFound:
            raise NoProposal(f"{self._name} has no proposal #{number} on GitHub that this token may see") from None

    def _issues(self, title: str, body: str) -> set[str]:
        """Where ours of these words are that are open."""
        listed = self._api.every(Deed("list the issues", _ISSUES), "issues", _Issue, state=_OPEN)
        ours = (each for each in listed if _login(each.user) == self._me)
        return {each.html_url for each in ours if (each.title, each.body) == (title, body)}

    def _may_merge(self, login: str) -> bool:
        deed = Deed(f"say what {login} may do", "Metadata: read")
        try:
            found = self._api.get(deed, f"collaborators/{quote(login, safe='')}/permission", _Permission)
        except NotFound:
            return False
        return found.permission in _MAY_MERGE

    def _is_member(self, owner: str, by: str) -> bool | None:
        """None: this token may not know."""
        org, _, team = owner.removeprefix("@").partition("/")
        path = f"orgs/{quote(org, safe='')}/teams/{quote(team, safe='')}/memberships/{quote(by, safe='')}"
        try:
            deed = Deed(f"say whether {by} is in {owner}", "Members: read")
            return self._api.elsewhere(deed, path, _Membership).state == "active"
        except NotFound:
            return False
        except NoRight:
            return None

    # --- what is done there -------------------------------------------------------------------------------------

    def _refuse_others(self, wanted: Wanted, tip: str) -> None:
        """A branch without a pull request may be what we pushed before we were killed, and else is somebody's."""
        repo = self.remote.repo
        self.remote.fetch(tip)
        own = branches.own(repo, tip, wanted.commit)
        if own and not (len(own) == 1 and branches.is_like(repo, tip, wanted.commit)):
            raise branches.taken(wanted.branch)

    def _create(self, wanted: Wanted, *, is_new: bool) -> _Pull:
        """A new branch goes again where there is nothing to propose in it, as where main has it by now."""
        deed = Deed(f"open a pull request for {wanted.branch}", _WRITE)
        said = {"title": wanted.title, "body": wanted.body, "head": wanted.branch, "base": MAIN}
        try:
            return self._api.send(deed, "POST", "pulls", _Pull, **said)
        except ForgeError as error:
            if found := self._open(wanted.branch):  # no answer came, or somebody else was first
                return self._update(found.number, wanted)
            if is_new and not isinstance(error, Unreachable | NoRight):
                with suppress(ForgeError):
                    self._drop_branch(wanted.branch)
            raise

    def _update(self, number: int, wanted: Wanted) -> _Pull:
        deed = Deed(f"update #{number}", _WRITE)
        return self._api.send(deed, "PATCH", f"pulls/{number}", _Pull, title=wanted.title, body=wanted.body)

    def _merge(self, number: int, head: str, message: str) -> str:
        title, _, body = message.partition("\n")
        said = {"sha": head, "merge_method": "merge", "commit_title": title, "commit_message": body.strip()}
        deed = Deed(f"merge #{number}", _CONTENTS)
        try:
            return self._api.send(deed, "PUT", f"pulls/{number}/merge", _Merged, **said).sha
        except Unreachable:
            pull = self._pull(number)
            if pull.merged_at and pull.merge_commit_sha and pull.head.sha == head:
                return pull.merge_commit_sha
            raise

    def _drop(self, pull: _Pull) -> None:
        """Take its branch away, if it is one of this repository."""
        if _is_here(pull):
            self._drop_branch(pull.head.ref)

    def _drop_branch(self, branch: str) -> None:
        self._api.drop(Deed(f"delete {branch}", _CONTENTS), f"git/refs/heads/{quote(branch)}")

    # --- as the port has it -------------------------------------------------------------------------------------

    def _read(self, pull: _Pull) -> Proposal:
        merged = pull.merged_at is not None
        return Proposal(
            pull.number,
            pull.head.ref if _is_here(pull) else pull.head.label,  # owner:branch, never taken for one of ours
            pull.head.sha,
            pull.title,
            pull.body or "",
            _login(pull.user),
            State.merged if merged else State(pull.state),
            pull.created_at,
            pull.html_url,
            pull.merge_commit_sha if merged else None,
            not _is_here(pull),
        )

    def _comment(self, comment: _Comment) -> Comment:
        author = _login(comment.user)
        return Comment(comment.id, author, comment.body or "", author == self._me)


def newest(reviews: Sequence[Review]) -> Sequence[Approval]:
    """Of each person the newest opinion, where that is a yes. A dismissed one is an opinion: it was taken back."""
    given: dict[str, Approval | None] = {}
    for at, each in sorted(((each.submitted_at, each) for each in reviews if each.submitted_at), key=itemgetter(0)):
        if each.user and each.user.type == _PERSON and each.state in _OPINIONS:
            agrees = each.state == "APPROVED" and each.commit_id  # None where that commit is gone
            given[each.user.login] = Approval(each.user.login, agrees, at, each.body or "") if agrees else None
    return [each for each in given.values() if each]


def _is_here(pull: _Pull) -> bool:
    """Whether its branch is in the repository that it is to be merged in, and not in somebody's fork."""
    return bool(pull.head.repo and pull.head.repo == pull.base.repo)


def _check(status: _Status) -> Check:
    verdict = Verdict.failure if status.state == "error" else Verdict(status.state)
    return Check(status.context, verdict, status.description or "", status.target_url, _login(status.creator))


def _login(who: _Who | None) -> str:
    return who.login if who else "ghost"


def _short(says: str) -> str:
    return says if len(says) <= _SAYS else f"{says[: _SAYS - 1]}…"


def _host(api: str) -> str:
    """Where the repositories are whose API this is: GitHub's own has a name of its own, an enterprise's a path."""
    return "https://github.com" if api.rstrip("/") == PUBLIC else f"{urlsplit(api).scheme}://{urlsplit(api).netloc}"

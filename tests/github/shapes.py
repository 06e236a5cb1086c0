"""What the stand-in keeps, as GitHub's REST API shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.github.kept import Issue, Pull, Remark, Review, Status, now
from tests.github.shelf import Asset, Release

Shape = dict[str, Any]

_USER_URLS = "events followers following gists organizations received_events repos starred subscriptions"
_URLS = """archive assignees blobs branches collaborators comments commits compare contents contributors deployments
downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels
languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags
teams trees"""
_COUNTS = "forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count"
_HAS = "has_downloads has_issues has_pages has_projects has_wiki"
_RUN_URLS = "artifacts cancel check_suite jobs logs rerun workflow"
_NULL = "description homepage language license mirror_url"


@dataclass(frozen=True, slots=True)
class Shapes:
    """Everything of one repository; `api` is where its API is, `web` where people read it."""

    api: str
    web: str
    name: str

    def user(self, login: str | None) -> Shape | None:
        """None of a deleted account."""
        if login is None:
            return None
        urls = {f"{each}_url": f"{self.api}/users/{login}/{each}" for each in _USER_URLS.split()}
        kind = "Bot" if login.endswith("[bot]") else "User"
        return {
            **urls,
            **_named(login),
            "login": login,
            "gravatar_id": "",
            "site_admin": False,
            "type": kind,
            "avatar_url": f"{self.web}/{login}.png",
            "html_url": f"{self.web}/{login}",
            "url": f"{self.api}/users/{login}",
        }

    def repository(self, name: str | None = None, at: datetime | None = None) -> Shape:
        """This repository, or a fork of it."""
        name = name or self.name
        url, page, when = f"{self.api}/repos/{name}", f"{self.web}/{name}", _moment(at)
        owner, _, short = name.partition("/")
        return {
            **_named(name),
            **{f"{each}_url": f"{url}/{each}" for each in _URLS.split()},
            **dict.fromkeys(_COUNTS.split(), 0),
            **dict.fromkeys(_HAS.split(), True),
            **dict.fromkeys(_NULL.split()),
            **dict.fromkeys(("archived", "disabled", "private"), False),
            **dict.fromkeys(("created_at", "pushed_at", "updated_at"), when),
            **dict.fromkeys(("clone_url", "git_url", "ssh_url", "svn_url"), f"{page}.git"),
            "name": short,
            "full_name": name,
            "owner": self.user(owner),
            "fork": name != self.name,
            "default_branch": "main",
            "html_url": page,
            "url": url,
        }

    def whole_repository(self, merging: Mapping[str, Any]) -> Shape:
        """By itself; how it merges is told to those only who may write."""
        counts = dict.fromkeys(("network_count", "subscribers_count"), 0)
        return {**self.repository(at=now()), **counts, "has_discussions": False, **merging}

    def environment(self, said: Mapping[str, Any]) -> Shape:
        """`said` has its name and what protects it, with reviewers as @login or @owner/team."""
        rules = [
            {**_named(each["type"]), **each, "reviewers": [self._reviewer(name) for name in each["reviewers"]]}
            if "reviewers" in each
            else {**_named(each["type"]), **each}
            for each in said["protection_rules"]
        ]
        page, at = f"{self.web}/{self.name}/deployments", "2026-11-20T10:00:00Z"
        url = self._url(f"environments/{said['name']}")
        times = dict.fromkeys(("created_at", "updated_at"), at)
        return {**_named(said["name"]), **said, **times, "protection_rules": rules, "url": url, "html_url": page}

    def _reviewer(self, name: str) -> Shape:
        _, team, slug = name.removeprefix("@").partition("/")
        if not team:
            return {"type": "User", "reviewer": self.user(name.removeprefix("@"))}
        urls = dict.fromkeys(("url", "members_url", "html_url", "repositories_url"), f"{self.web}/teams/{slug}")
        words = {"description": None, "permission": "push", "parent": None, "type": "organization"}
        return {"type": "Team", "reviewer": {**_named(slug), **urls, **words, "name": slug, "slug": slug}}

    def ref(self, ref: str, commit: str) -> Shape:
        url = self._url(f"git/{ref}")
        made = {"type": "commit", "sha": commit, "url": self._url(f"git/commits/{commit}")}
        return {"ref": ref, "node_id": ref, "url": url, "object": made}

    def pull(self, pull: Pull, base: str) -> Shape:
        """As in a list; `base` is the commit that its base is at."""
        url, page = self._url(f"pulls/{pull.number}"), f"{self.web}/{self.name}/pull/{pull.number}"
        issue = self._url(f"issues/{pull.number}")
        urls = {
            "comments_url": f"{issue}/comments",
            "commits_url": f"{url}/commits",
            "html_url": page,
            "issue_url": issue,
            "review_comment_url": f"{url}/comments{{/number}}",
            "review_comments_url": f"{url}/comments",
            "statuses_url": self._url(f"statuses/{pull.head}"),
        }
        links = {name.removesuffix("_url"): {"href": each} for name, each in urls.items()}
        return {
            **self._issue(pull),
            **urls,
            "_links": {**links, "self": {"href": url}},
            "url": url,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "head": self._end(pull.home, pull.branch, pull.head),
            "base": self._end(self.name, pull.base, base),
            "merged_at": _moment(pull.merged),
            "merge_commit_sha": pull.merged_as,
            "auto_merge": None,
            "draft": False,
        }

    def whole_pull(self, pull: Pull, base: str, mergeable: bool) -> Shape:
        """By itself."""
        counts = dict.fromkeys(("additions", "changed_files", "comments", "commits", "deletions", "review_comments"), 0)
        return {
            **self.pull(pull, base),
            **counts,
            "maintainer_can_modify": False,
            "mergeable": mergeable,
            "mergeable_state": "clean" if mergeable else "dirty",
            "merged": pull.merged is not None,
            "merged_by": self.user(pull.merged_by),
        }

    def issue(self, issue: Issue) -> Shape:
        """An issue, or a pull request as one."""
        url, kind = self._url(f"issues/{issue.number}"), "pull" if isinstance(issue, Pull) else "issues"
        page = f"{self.web}/{self.name}/{kind}/{issue.number}"
        pull = dict.fromkeys(("diff_url", "html_url", "patch_url", "url"), page)
        return {
            **self._issue(issue),
            **{f"{each}_url": f"{url}/{each}" for each in ("comments", "events", "labels")},
            **({"pull_request": pull} if isinstance(issue, Pull) else {}),
            "comments": 0,
            "html_url": page,
            "repository_url": self._url("").rstrip("/"),
            "url": url,
        }

    def remark(self, remark: Remark) -> Shape:
        page = f"{self.web}/{self.name}/pull/{remark.number}#issuecomment-{remark.id}"
        return {
            **_named(remark.id),
            "url": self._url(f"issues/comments/{remark.id}"),
            "html_url": page,
            "issue_url": self._url(f"issues/{remark.number}"),
            "user": self.user(remark.author),
            "body": remark.body,
            "created_at": _moment(remark.created),
            "updated_at": _moment(remark.created),
            "author_association": "NONE",
        }

    def commit(self, commit: str, author: str | None, committer: str | None) -> Shape:
        """As a pull request lists it, told apart from the names in it: the accounts that GitHub knows behind them."""
        url, page = self._url(f"commits/{commit}"), f"{self.web}/{self.name}/commit/{commit}"
        tree = {"sha": commit, "url": self._url(f"git/trees/{commit}")}
        inner = {"author": None, "committer": None, "comment_count": 0, "message": "-", "tree": tree, "url": url}
        return {
            "sha": commit,
            "node_id": commit,
            "url": url,
            "html_url": page,
            "comments_url": f"{url}/comments",
            "commit": inner,
            "author": self.user(author) or {},
            "committer": self.user(committer) or {},
            "parents": [],
        }

    def review(self, review: Review) -> Shape:
        page = f"{self.web}/{self.name}/pull/{review.number}#pullrequestreview-{review.id}"
        url = self._url(f"pulls/{review.number}")
        return {
            **_named(review.id),
            "user": self.user(review.author),
            "body": review.body,
            "state": review.state,
            "commit_id": review.commit,
            "submitted_at": _moment(review.at),
            "html_url": page,
            "pull_request_url": url,
            "_links": {"html": {"href": page}, "pull_request": {"href": url}},
            "author_association": "NONE",
        }

    def status(self, status: Status) -> Shape:
        return {
            **_named(status.id),
            **status.said,
            "avatar_url": f"{self.web}/{status.author}.png",
            "url": self._url(f"statuses/{status.commit}"),
            "creator": self.user(status.author),
            "created_at": _moment(status.at),
            "updated_at": _moment(status.at),
        }

    def permission(self, login: str, permission: str) -> Shape:
        user = {**(self.user(login) or {}), "role_name": permission}
        return {"permission": permission, "role_name": permission, "user": user}

    def release(self, release: Release) -> Shape:
        url, page = self._url(f"releases/{release.id}"), f"{self.web}/{self.name}/releases/tag/{release.tag}"
        return {
            **_named(release.id),
            **dict.fromkeys(("tarball_url", "zipball_url"), f"{page}.tar"),
            "url": url,
            "assets_url": f"{url}/assets",
            "upload_url": f"{elsewhere(url)}/assets{{?name,label}}",
            "html_url": page,
            "tag_name": release.tag,
            "target_commitish": release.commit,
            "name": release.title or release.tag,
            "body": release.body,
            "draft": release.draft,
            "prerelease": release.prerelease,
            "immutable": release.immutable,
            "created_at": _moment(release.at),
            "published_at": None if release.draft else _moment(release.at),
            "author": self.user("ada"),
            "assets": [self.asset(each, release) for each in release.assets],
        }

    def asset(self, asset: Asset, release: Release) -> Shape:
        return {
            **_named(asset.id),
            "url": self._url(f"releases/assets/{asset.id}"),
            "browser_download_url": f"{self.web}/{self.name}/releases/download/{release.tag}/{asset.name}",
            "name": asset.name,
            "label": None,
            "state": asset.state,
            "content_type": "application/octet-stream",
            "size": len(asset.data),
            "digest": asset.digest,
            "download_count": 0,
            "created_at": _moment(asset.at),
            "updated_at": _moment(asset.at),
            "uploader": self.user("ada"),
        }

    def tag(self, name: str, commit: str) -> Shape:
        urls = dict.fromkeys(("tarball_url", "zipball_url"), self._url(f"tarball/{name}"))
        return {**urls, "name": name, "node_id": name, "commit": {"sha": commit, "url": self._url(f"commits/{commit}")}}

    def run(self, number: int, commit: str) -> Shape:
        url, at = self._url(f"actions/runs/{number}"), "2026-11-20T10:00:00Z"
        return {
            **_named(number),
            **{f"{each}_url": f"{url}/{each}" for each in _RUN_URLS.split()},
            **dict.fromkeys(("head_repository", "repository"), self.repository()),
            "url": url,
            "html_url": f"{self.web}/{self.name}/actions/runs/{number}",
            "head_branch": "main",
            "head_sha": commit,
            "head_commit": None,
            "run_number": 1,
            "display_title": "Release",
            "event": "push",
            "status": "completed",
            "conclusion": "success",
            "path": ".github/workflows/release.yml",
            "workflow_id": 1,
            "created_at": at,
            "updated_at": at,
            "pull_requests": [],
        }

    def _issue(self, issue: Issue) -> Shape:
        """What issues and pull requests share."""
        return {
            **_named(issue.number),
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "user": self.user(issue.author),
            "state": issue.state,
            "created_at": _moment(issue.created),
            "updated_at": _moment(issue.created),
            "closed_at": None if issue.state == "open" else _moment(issue.created),
            "assignee": None,
            "assignees": [],
            "labels": [self._label(name) for name in issue.labels],
            "milestone": None,
            "locked": False,
            "active_lock_reason": None,
            "author_association": "NONE",
        }

    def _label(self, name: str) -> Shape:
        said = {"name": name, "description": None, "color": "ededed", "default": False}
        return {**_named(name), **said, "url": self._url(f"labels/{name}")}

    def _end(self, home: str, branch: str, commit: str) -> Shape:
        owner = home.partition("/")[0]
        return {
            "label": f"{owner}:{branch}",
            "ref": branch,
            "sha": commit,
            "user": self.user(owner),
            "repo": self.repository(home),
        }

    def _url(self, path: str) -> str:
        return f"{self.api}/repos/{self.name}/{path}"


def elsewhere(url: str) -> str:
    """The same at another host, as where GitHub takes and keeps assets is one."""
    return url.replace("127.0.0.1", "localhost")


def refused(words: str, status: int, errors: Sequence[str | Mapping[str, str]] = ()) -> Shape:
    """An error."""
    more = {"errors": [*errors]} if errors else {}
    return {"message": words, **more, "documentation_url": "https://docs.github.com/rest", "status": str(status)}


def _named(key: str | int) -> Shape:
    number = key if isinstance(key, int) else sum(key.encode())
    return {"id": number, "node_id": f"node-{key}"}


def _moment(at: datetime | None) -> str | None:
    return at and at.strftime("%Y-%m-%dT%H:%M:%SZ")

"""The stand-in for GitHub: what it answers is as GitHub publishes it, and it tells where anything is not."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
import requests

from delivery.history.git import NoHistory, git
from tests.github import server
from tests.github.extract import EXTRACT, OPERATIONS, extract
from tests.github.faults import Fault
from tests.github.kept import Person
from tests.github.schema import wrong_answer, wrong_request
from tests.github.server import StandIn, stand_in
from tests.github.shapes import Shapes

NAME = "espice/delivery"
REPO = f"/repos/{NAME}"
COMMENTS = "/repos/{owner}/{repo}/issues/{issue_number}/comments"
PEOPLE = {"a-token": Person("ada"), "b-token": Person("bo"), "r-token": Person("dee", "read")}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[StandIn]:
    """One with a branch beside main, and no clone."""
    clone = tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(clone))
    with stand_in(tmp_path / "github", NAME, PEOPLE) as found:
        for branch in ("main", "change"):
            (clone / "file").write_text(branch)
            git(clone, "add", "file")
            git(clone, "-c", "user.name=Ada", "-c", "user.email=ada@espice.app", "commit", "--quiet", "-m", branch)
            git(clone, "push", "--quiet", str(found.hub.bare.folder), f"HEAD:refs/heads/{branch}")
        yield found


def ask(running: StandIn, method: str, path: str, said: object = None, by: str = "a-token") -> requests.Response:
    """Anything."""
    headers = {"Authorization": f"Bearer {by}"}
    return requests.request(method, f"{running.api}{path}", json=said, headers=headers, timeout=10)


def opened(running: StandIn) -> int:
    """A pull request."""
    said = {"title": "Change", "head": "change", "base": "main"}
    return int(ask(running, "POST", f"{REPO}/pulls", said).json()["number"])


def test_the_extract_is_small_and_has_each_operation() -> None:
    kept = json.loads(EXTRACT.read_bytes())
    assert sorted((method, path) for path, methods in kept["paths"].items() for method in methods) == sorted(OPERATIONS)
    assert EXTRACT.stat().st_size < 300_000


def test_the_extract_of_an_extract_is_the_same() -> None:
    kept = json.loads(EXTRACT.read_bytes())
    assert extract(kept) == kept


def test_each_operation_is_answered(running: StandIn) -> None:
    served = server.Flask("again")
    server._serve(served, running.hub, Shapes("", "", NAME), Event())
    answered = {rule.endpoint for rule in served.url_map.iter_rules()}
    assert {f"{method.upper()} {path}" for method, path in OPERATIONS} <= answered


def test_an_answer_that_lacks_what_github_says_is_found() -> None:
    assert wrong_answer("GET", COMMENTS, 200, []) is None
    assert wrong_answer("GET", COMMENTS, 200, [{"id": 1}]) == (
        f"GET {COMMENTS} 200: $[0]: 'node_id' is a required property"
    )
    assert wrong_answer("GET", COMMENTS, 200, {}) == f"GET {COMMENTS} 200: $: {{}} is not of type 'array'"
    assert wrong_answer("GET", COMMENTS, 201, []) == f"GET {COMMENTS} never answers 201"


def test_a_request_that_github_would_not_understand_is_found() -> None:
    assert wrong_request("POST", COMMENTS, {"body": "hello"}) is None
    assert wrong_request("POST", COMMENTS, {"text": "hello"}) == "$: 'body' is a required property"


def test_what_is_not_as_github_has_it_fails_whoever_ran_it(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="'head' is a required property"),
        stand_in(tmp_path, NAME, PEOPLE) as found,
    ):
        ask(found, "POST", f"{REPO}/pulls", {"title": "Change", "base": "main"})


@pytest.mark.parametrize("token", ["", "c-token"])
def test_nobody_without_a_token_is_told_anything(running: StandIn, token: str) -> None:
    reply = ask(running, "GET", f"{REPO}/pulls", by=token)
    assert (reply.status_code, reply.json()["message"]) == (401, "Bad credentials")
    with pytest.raises(NoHistory):
        git(running.hub.bare.folder, "-c", "credential.helper=", "ls-remote", address(running, token))


def test_git_is_spoken_over_http(running: StandIn, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--branch=change", address(running, "r-token"), "again")
    assert (tmp_path / "again" / "file").read_text() == "change"
    with pytest.raises(NoHistory, match="403"):
        git(tmp_path / "again", "push", "--quiet", "origin", "HEAD:refs/heads/other")
    git(tmp_path / "again", "push", "--quiet", address(running, "b-token"), "HEAD:refs/heads/other")
    assert running.hub.bare.tip("refs/heads/other") == running.hub.bare.tip("refs/heads/change")


def address(running: StandIn, token: str) -> str:
    """Where git finds it."""
    return running.api.replace("://", f"://x-access-token:{token}@") + f"/{NAME}.git"


def test_a_pull_request_follows_its_branch_and_is_closed_with_it(running: StandIn) -> None:
    number, bare = opened(running), running.hub.bare
    main, change = bare.tip("refs/heads/main") or "", bare.tip("refs/heads/change") or ""
    second = bare.merge(main, change, "Again", "ada") or ""
    bare.set("refs/heads/change", second)
    seen = ask(running, "GET", f"{REPO}/pulls/{number}").json()
    assert (seen["head"]["sha"], seen["state"]) == (second, "open")
    for status in (204, 422):
        assert ask(running, "DELETE", f"{REPO}/git/refs/heads/change").status_code == status
    assert ask(running, "GET", f"{REPO}/pulls/{number}").json()["state"] == "closed"
    assert bare.tip(f"refs/pull/{number}/head") == second


def test_a_merge_without_words_has_github_s(running: StandIn) -> None:
    number = opened(running)
    commit = ask(running, "PUT", f"{REPO}/pulls/{number}/merge", {}).json()["sha"]
    said = git(running.hub.bare.folder, "log", "-1", "--format=%an %B", commit).decode().strip()
    assert said == f"ada Merge pull request #{number} from espice/change\n\nChange"
    assert ask(running, "GET", f"{REPO}/pulls/{number}").json()["merged_by"]["login"] == "ada"


def test_what_there_is_nothing_of_is_not_found(running: StandIn) -> None:
    for path in (f"{REPO}/pulls/9", f"{REPO}/issues/9/comments", "/repos/espice/other/pulls", "/zen"):
        assert ask(running, "GET", path).status_code == 404
    assert ask(running, "PATCH", f"{REPO}/issues/comments/9", {"body": "-"}).status_code == 404


def test_what_github_refuses_is_refused_in_its_words(running: StandIn) -> None:
    number, head = opened(running), running.hub.bare.tip("refs/heads/change")
    pull = {"title": "Change", "head": "change", "base": "main"}
    refused = {
        ("pulls", "A pull request already exists for espice:change."): pull,
        ("pulls", "No commits between main and main"): {**pull, "head": "main"},
        (f"issues/{number}/comments", "body is too long (maximum is 65536 characters)"): {"body": "x" * 65_537},
        (f"statuses/{head}", "description is too long (maximum is 140 characters)"): {
            "state": "success",
            "description": "x" * 141,
        },
    }
    for (path, words), said in refused.items():
        reply = ask(running, "POST", f"{REPO}/{path}", said)
        assert (reply.status_code, reply.json()["message"]) == (422, "Validation Failed")
        assert [each["message"] for each in reply.json()["errors"]] == [words]
    reply = ask(running, "POST", f"{REPO}/statuses/{'0' * 40}", {"state": "success"})
    assert (reply.status_code, reply.json()["message"]) == (422, f"No commit found for SHA: {'0' * 40}")


def test_a_fault_lasts_for_its_times_only(running: StandIn) -> None:
    running.hub.faults.append(Fault(500, times=2, path="/pulls"))
    assert [ask(running, "GET", f"{REPO}/pulls").status_code for _ in range(3)] == [500, 500, 200]


def test_of_each_name_a_release_has_one_asset(running: StandIn) -> None:
    made = ask(running, "POST", f"{REPO}/releases", {"tag_name": "manifests", "prerelease": True}).json()
    twice = ask(running, "POST", f"{REPO}/releases", {"tag_name": "manifests"})
    assert twice.json()["errors"] == [{"resource": "Release", "field": "tag_name", "code": "already_exists"}]
    at = made["upload_url"].removesuffix("{?name,label}").removeprefix(running.api.replace("127.0.0.1", "localhost"))
    first, second = (ask(running, "POST", f"{at}?name={name}", {}).json() for name in ("a.json", "b.json"))
    taken = [{"resource": "ReleaseAsset", "field": "name", "code": "already_exists"}]
    assert ask(running, "POST", f"{at}?name=a.json", {}).json()["errors"] == taken
    asset = f"{REPO}/releases/assets/{second['id']}"
    assert ask(running, "PATCH", asset, {"name": "a.json"}).json()["errors"] == taken
    assert ask(running, "DELETE", asset, by="r-token").status_code == 403
    assert [ask(running, "DELETE", asset).status_code for _ in range(2)] == [204, 404]
    listed = ask(running, "GET", f"{REPO}/releases/{made['id']}/assets").json()
    assert [(each["id"], each["name"], each["size"]) for each in listed] == [(first["id"], "a.json", 2)]

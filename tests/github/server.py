"""The stand-in for GitHub over HTTP: as much of its APIs as proposals use, and git itself, at one address.

Whatever is said to it or answered by it is held against what GitHub publishes; what differs is in `hub.wrong`, and a
test that leaves anything there fails. Requests are told apart by token, as at GitHub, and carried out one by one.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from flask import Flask, Response, g, jsonify, request, send_file
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.serving import make_server

from tests.github.bare import Bare
from tests.github.faults import Fault
from tests.github.hub import Hub, Refused
from tests.github.kept import Person
from tests.github.schema import wrong_answer, wrong_request
from tests.github.shapes import Shape, Shapes, elsewhere, refused
from tests.github.shelf import Asset, Release, Shelf

_PAGE, _MOST = 30, 100  # things on one page, and at most
_STORE = "/store/"
_DOWNLOAD = "/releases/download/"
_WEB = "https://github.com"  # where people read of the other repository; nobody asks there
_VIEWER = re.compile(r"\s*(query\s*)?\{\s*viewer\s*\{\s*login\s*\}\s*\}\s*")


@dataclass(frozen=True, slots=True)
class StandIn:
    """A running one: where its API is, and what it keeps."""

    api: str
    hub: Hub


@contextmanager
def stand_in(folder: Path, name: str, people: Mapping[str, Person]) -> Iterator[StandIn]:
    """One that keeps its repository at `folder`/owner/name.git, a new and empty one if none is there yet.

    `people` are by token. Fails at the end where something was not as GitHub has it.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    bare = Bare(folder / f"{name}.git")
    bare.make()
    hub, ends = Hub(bare, name, dict(people)), Event()
    app = _App(name)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    api = f"http://127.0.0.1:{server.server_port}"
    _serve(app, hub, Shapes(api, api, name), ends)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield StandIn(api, hub)
    finally:
        ends.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert not hub.wrong, f"not as GitHub has it: {hub.wrong}"


class _App(Flask):
    """Addresses of a repository are compiled once, for that takes longer than most tests; who answers differs."""

    maps: ClassVar[dict[str, Map]] = {}

    def __init__(self, name: str) -> None:
        super().__init__(__name__, static_folder=None)
        self.url_map = self.maps.setdefault(name, self.url_map)
        self.compiled = {(rule.rule, rule.endpoint) for rule in self.url_map.iter_rules()}

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *how: Any, **options: Any
    ) -> None:
        """As Flask does, but for an address that is known."""
        name = endpoint or view_func.__name__
        if (rule, name) in self.compiled:
            self.view_functions[name] = view_func
        else:
            super().add_url_rule(rule, name, view_func, *how, **options)


def _serve(app: Flask, hub: Hub, shapes: Shapes, ends: Event) -> None:
    _guard(app, hub, ends)
    _answer_git(app, hub)
    route = _routes(app, hub, hub.name)
    _serve_pulls(route, hub, shapes)
    _serve_people(route, hub, shapes)
    _serve_words(route, hub, shapes)
    _serve_commits(route, hub, shapes)
    _serve_setup(route, hub, shapes)
    _serve_rules(route, hub, shapes)
    homes = {
        hub.name: Home(hub.own, shapes),
        hub.shelf.name: Home(hub.shelf, replace(shapes, name=hub.shelf.name, web=_WEB)),
    }
    both = _routes(app, hub, *homes)
    _serve_releases(both, hub, homes)
    _serve_assets(both, hub, homes)
    _serve_builds(both, homes)
    _store(app, hub)

    @app.post("/graphql")
    def viewer() -> Response:
        if not _VIEWER.fullmatch(request.get_json()["query"]):
            raise Refused(400, "only {viewer{login}} is known here")
        return jsonify(data={"viewer": {"login": g.who.login}})


T = TypeVar("T")

Route = Callable[[str, str], Callable[[Callable[..., Any]], None]]


@dataclass(frozen=True, slots=True)
class Home:
    """A repository's releases, and how it tells them."""

    shelf: Shelf
    shapes: Shapes


def _routes(app: Flask, hub: Hub, *names: str) -> Route:
    """How an operation of these repositories is served: `path` is as GitHub publishes it."""

    def route(method: str, path: str) -> Callable[[Callable[..., Any]], None]:
        def register(view: Callable[..., Any]) -> None:
            def answer(**named: Any) -> Response:
                if "owner" in named:
                    g.name = f"{named.pop('owner')}/{named.pop('repo')}"
                    if g.name not in names:
                        raise Refused(404, "Not Found")
                said = request.get_json(silent=True)
                if wrong := said is not None and wrong_request(method, path, said):
                    hub.wrong.append(f"{method} {path}: {wrong}")
                with hub.lock:
                    answered, status = _answered(view, named if said is None else {**named, "said": said})
                if wrong := wrong_answer(method, path, status, answered):
                    hub.wrong.append(wrong)
                reply = jsonify(answered) if status != 204 else Response()
                reply.status_code = status
                reply.headers.extend(g.get("links", {}))
                return reply

            app.add_url_rule(_rule(path), f"{method} {path}", answer, methods=[method])

        return register

    return route


def _rule(path: str) -> str:
    """GitHub's way of writing a path as Flask's."""
    kinds = {"ref": "path:ref", "pull_number": "int:pull_number", "issue_number": "int:issue_number"}
    return re.sub(r"\{(\w+)\}", lambda found: f"<{kinds.get(found[1], found[1])}>", path)


def _answered(view: Callable[..., Any], named: Mapping[str, Any]) -> tuple[Any, int]:
    try:
        answer = view(**named)
    except Refused as error:
        return error.body, error.status
    return answer if isinstance(answer, tuple) else (answer, 200)


# --- who asks, and what goes wrong --------------------------------------------------------------------------------


def _guard(app: Flask, hub: Hub, ends: Event) -> None:
    @app.before_request
    def admit() -> Response | None:
        hub.asked.append((request.method, request.path))
        g.fault = next((each for each in hub.faults if each.meets(request.method, request.path)), None)
        if g.fault:
            ends.wait(g.fault.slow_s)
            g.fault.meanwhile()
            if not g.fault.done and g.fault.status:
                return _broken(g.fault, g.fault.status)
        if request.path.startswith((_STORE, f"/{hub.name}{_DOWNLOAD}")):
            return None
        g.who = hub.people.get(_token())
        if g.who is None:
            reply = jsonify(refused("Bad credentials", 401))
            reply.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
            reply.status_code = 401
            return reply
        return None

    @app.after_request
    def lose(reply: Response) -> Response:
        return _lost(g.fault, reply) if g.get("fault") else reply

    @app.errorhandler(Refused)
    def refuse(error: Refused) -> tuple[Shape, int]:
        return error.body, error.status

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> tuple[Shape, int]:
        return refused("Not Found" if error.code == 404 else str(error), error.code or 500), error.code or 500


def _token() -> str:
    if request.authorization and request.authorization.type == "basic":
        return request.authorization.password or ""
    return request.headers.get("Authorization", "").partition(" ")[2]


def _broken(fault: Fault, status: int) -> Response:
    """GitHub's own errors are JSON; what stands before it answers in HTML."""
    if not 400 <= status < 500:
        return Response("<html>Unicorn!</html>", status, mimetype="text/html", headers=dict(fault.headers))
    reply = jsonify(refused(fault.words, status))
    reply.status_code = status
    reply.headers.extend(fault.headers)
    return reply


def _lost(fault: Fault, reply: Response) -> Response:
    """What comes of an answer on its way."""
    if fault.cut is None:
        return _broken(fault, fault.status or 500) if fault.done else reply
    reply.direct_passthrough = False
    whole = reply.get_data()
    reply.set_data(whole[: fault.cut])
    reply.headers["Content-Length"] = str(len(whole))
    return reply


def _answer_git(app: Flask, hub: Hub) -> None:
    @app.route(f"/{hub.name}.git/<path:service>", methods=["GET", "POST"])
    def talk(service: str) -> Response:
        who: Person = g.who
        if not who.writes and "git-receive-pack" in request.full_path:
            return Response("Permission denied", 403)
        asked = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": f"/{hub.bare.folder.name}/{service}",
            "QUERY_STRING": request.query_string.decode(),
            "CONTENT_TYPE": request.content_type or "",
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        }
        with hub.lock:
            status, headers, answer = hub.bare.over_http(asked, request.get_data(), who.login, who.writes)
        return Response(answer, status, headers=[*headers])


# --- operations -----------------------------------------------------------------------------------------------------


def _serve_pulls(route: Route, hub: Hub, shapes: Shapes) -> None:
    at = "/repos/{owner}/{repo}/pulls"

    @route("GET", at)
    def pulls() -> Any:
        state, head, base = (request.args.get(key, "") for key in ("state", "head", "base"))
        found = [
            each
            for each in hub.pulls()
            if (state or "open") in (each.state, "all")
            and head in ("", f"{each.home.partition('/')[0]}:{each.branch}")
            and base in ("", each.base)
        ]
        return [shapes.pull(each, hub.base(each)) for each in _page(found)]

    @route("POST", at)
    def open_pull(said: Mapping[str, Any]) -> Any:
        return _whole(hub.open_pull(g.who, said)), 201

    @route("GET", f"{at}/{{pull_number}}")
    def pull(pull_number: int) -> Any:
        return _whole(hub.pull(pull_number))

    @route("PATCH", f"{at}/{{pull_number}}")
    def update_pull(pull_number: int, said: Mapping[str, Any]) -> Any:
        return _whole(hub.update_pull(g.who, pull_number, said))

    @route("PUT", f"{at}/{{pull_number}}/merge")
    def merge(pull_number: int, said: Mapping[str, Any]) -> Any:
        commit = hub.merge(g.who, pull_number, said)
        return {"sha": commit, "merged": True, "message": "Pull Request successfully merged"}

    @route("GET", f"{at}/{{pull_number}}/reviews")
    def reviews(pull_number: int) -> Any:
        return [shapes.review(each) for each in _page(hub.of(hub.reviews, pull_number))]

    @route("POST", f"{at}/{{pull_number}}/reviews")
    def review(pull_number: int, said: Mapping[str, Any]) -> Any:
        return shapes.review(hub.review(g.who, pull_number, said))

    def _whole(pull: Any) -> Shape:
        return shapes.whole_pull(pull, hub.base(pull), hub.is_mergeable(pull))


def _serve_people(route: Route, hub: Hub, shapes: Shapes) -> None:
    @route("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/commits")
    def commits(pull_number: int) -> Any:
        return [shapes.commit(*each) for each in _page(hub.commits(pull_number))]

    @route("GET", "/orgs/{org}/teams/{team_slug}/memberships/{username}")
    def membership(org: str, team_slug: str, username: str) -> Any:
        if not hub.is_in(g.who, f"{org}/{team_slug}", username):
            raise Refused(404, "Not Found")
        return {"url": f"{shapes.api}{request.path}", "role": "member", "state": "active"}

    @route("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission")
    def permission(username: str) -> Any:
        return shapes.permission(username, hub.permission(username))


def _serve_words(route: Route, hub: Hub, shapes: Shapes) -> None:
    at = "/repos/{owner}/{repo}/issues"

    @route("GET", at)
    def issues() -> Any:
        hub.pulls()
        state, label = request.args.get("state", "open"), request.args.get("labels")
        found = [each for each in reversed(hub.issues) if state in (each.state, "all")]
        return [shapes.issue(each) for each in _page([each for each in found if label in (None, *each.labels)])]

    @route("POST", at)
    def issue(said: Mapping[str, Any]) -> Any:
        return shapes.issue(hub.issue(g.who, said)), 201

    @route("GET", f"{at}/{{issue_number}}/comments")
    def remarks(issue_number: int) -> Any:
        return [shapes.remark(each) for each in _page(hub.of(hub.remarks, issue_number))]

    @route("POST", f"{at}/{{issue_number}}/comments")
    def say(issue_number: int, said: Mapping[str, Any]) -> Any:
        return shapes.remark(hub.say(g.who, issue_number, said["body"])), 201

    @route("PATCH", f"{at}/comments/{{comment_id}}")
    def rewrite(comment_id: str, said: Mapping[str, Any]) -> Any:
        return shapes.remark(hub.rewrite(g.who, int(comment_id), said["body"]))


def _serve_commits(route: Route, hub: Hub, shapes: Shapes) -> None:
    at = "/repos/{owner}/{repo}"

    @route("GET", f"{at}/git/ref/{{ref}}")
    def ref(ref: str) -> Any:
        return shapes.ref(f"refs/{ref}", hub.ref(ref))

    @route("DELETE", f"{at}/git/refs/{{ref}}")
    def drop(ref: str) -> Any:
        hub.drop(g.who, ref)
        return None, 204

    @route("GET", f"{at}/commits/{{ref}}/statuses")
    def statuses(ref: str) -> Any:
        return [shapes.status(each) for each in _page(hub.words(ref))]

    @route("POST", f"{at}/statuses/{{sha}}")
    def tell(sha: str, said: Mapping[str, Any]) -> Any:
        made = hub.tell(g.who, sha, said)
        return shapes.status(made), 201


def _serve_setup(route: Route, hub: Hub, shapes: Shapes) -> None:
    at = "/repos/{owner}/{repo}"

    @route("GET", at)
    def repository() -> Any:
        return shapes.whole_repository(hub.setup.repository if g.who.writes else {})

    @route("GET", f"{at}/actions/permissions")
    def permissions() -> Any:
        return _to_admins(hub.setup.permissions)

    @route("GET", f"{at}/actions/permissions/workflow")
    def workflow() -> Any:
        return _to_admins(hub.setup.workflow)

    @route("GET", f"{at}/actions/permissions/selected-actions")
    def selected() -> Any:
        if hub.setup.permissions["allowed_actions"] != "selected":
            raise Refused(409, "Conflict")
        return _to_admins(hub.setup.selected)


def _to_admins(said: Shape) -> Shape:
    if g.who.permission != "admin":
        raise Refused(403, "Resource not accessible by personal access token")
    return said


def _serve_rules(route: Route, hub: Hub, shapes: Shapes) -> None:
    at = "/repos/{owner}/{repo}"

    @route("GET", f"{at}/rulesets")
    def rulesets() -> Any:
        short = {"id", "name", "target", "source_type", "source", "enforcement"}
        return [{key: each[key] for key in each.keys() & short} for each in _page(hub.setup.rulesets)]

    @route("GET", f"{at}/rulesets/{{ruleset_id}}")
    def ruleset(ruleset_id: str) -> Any:
        found = next((each for each in hub.setup.rulesets if each["id"] == int(ruleset_id)), None)
        if found is None:
            raise Refused(404, "Not Found")
        return {key: each for key, each in found.items() if key != "bypass_actors" or g.who.permission == "admin"}

    @route("GET", f"{at}/environments")
    def environments() -> Any:
        found = hub.setup.environments
        return {"total_count": len(found), "environments": [shapes.environment(each) for each in _page(found)]}

    @route("GET", f"{at}/environments/{{environment_name}}/deployment-branch-policies")
    def branches(environment_name: str) -> Any:
        found = hub.setup.branches[environment_name]
        listed = [{"id": 1, "node_id": each, "name": each} for each in _page(found)]
        return {"total_count": len(found), "branch_policies": listed}


def _serve_releases(route: Route, hub: Hub, homes: Mapping[str, Home]) -> None:
    at = "/repos/{owner}/{repo}/releases"

    @route("GET", at)
    def releases() -> Any:
        home = homes[g.name]
        seen = [each for each in reversed(home.shelf.releases) if g.who.writes or not each.draft]
        return [home.shapes.release(each) for each in _page(seen)]

    @route("POST", at)
    def make(said: Mapping[str, Any]) -> Any:
        home = homes[g.name]
        return home.shapes.release(hub.release(g.who, home.shelf, said)), 201

    @route("GET", f"{at}/tags/{{tag}}")
    def tagged(tag: str) -> Any:
        home = homes[g.name]
        return home.shapes.release(_there(home.shelf.tagged(tag)))

    @route("GET", f"{at}/{{release_id}}/assets")
    def assets(release_id: str) -> Any:
        home = homes[g.name]
        release = _numbered(home.shelf, release_id)
        return [home.shapes.asset(each, release) for each in _page(release.assets)]

    @route("POST", f"{at}/{{release_id}}/assets")
    def take(release_id: str, said: object = None) -> Any:  # noqa: ARG001 - the bytes count, not what they say
        home = homes[g.name]
        release = _numbered(home.shelf, release_id)
        made = hub.take(g.who, release, request.args["name"], request.get_data())
        return home.shapes.asset(made, release), 201


def _serve_assets(route: Route, hub: Hub, homes: Mapping[str, Home]) -> None:
    at = "/repos/{owner}/{repo}/releases/assets/{asset_id}"

    @route("GET", at)
    def asset(asset_id: str) -> Any:
        found, release = _asset(homes, asset_id)
        if request.headers.get("Accept") != "application/octet-stream":
            return homes[g.name].shapes.asset(found, release)
        g.links = _kept(found)
        return {}, 302

    @route("PATCH", at)
    def rename(asset_id: str, said: Mapping[str, Any]) -> Any:
        found, release = _asset(homes, asset_id)
        return homes[g.name].shapes.asset(hub.rename(g.who, release, found, said), release)

    @route("DELETE", at)
    def discard(asset_id: str) -> Any:
        found, release = _asset(homes, asset_id)
        hub.discard(g.who, release, found)
        return None, 204


def _serve_builds(route: Route, homes: Mapping[str, Home]) -> None:
    at = "/repos/{owner}/{repo}"

    @route("GET", f"{at}/tags")
    def tags() -> Any:
        home = homes[g.name]
        return [home.shapes.tag(*each) for each in _page([*home.shelf.tags.items()])]

    @route("GET", f"{at}/actions/runs")
    def runs() -> Any:
        home, commit = homes[g.name], request.args["head_sha"]
        found = home.shelf.runs.get(commit, [])
        listed = [home.shapes.run(each, commit) for each in _page(found)]
        return {"total_count": len(found), "workflow_runs": listed}

    @route("GET", f"{at}/attestations/{{subject_digest}}")
    def attestations(subject_digest: str) -> Any:
        bundles = homes[g.name].shelf.attested.get(subject_digest.removeprefix("sha256:"))
        if not bundles:
            raise Refused(404, "Not Found")
        return {"attestations": [{"bundle": each, "repository_id": 1} for each in _page(bundles)]}


def _there(found: T | None) -> T:
    if found is None:
        raise Refused(404, "Not Found")
    return found


def _numbered(shelf: Shelf, number: str) -> Release:
    return _there(next((each for each in shelf.releases if each.id == int(number)), None))


def _asset(homes: Mapping[str, Home], number: str) -> tuple[Asset, Release]:
    shelf = homes[g.name].shelf
    return _there(shelf.asset(int(number))), _there(shelf.of(int(number)))


def _kept(asset: Asset) -> Shape:
    """The headers of an answer that leads to its bytes."""
    return {"Location": f"{elsewhere(request.host_url)}{_STORE[1:]}{asset.id}?jwt=secret"}


def _store(app: Flask, hub: Hub) -> None:
    """Where the bytes of assets lie: whoever has the address gets them, and a token beside it is refused.

    Installations, which have no token, are led there from the address that an asset has by its name.
    """

    @app.get(f"{_STORE}<int:number>")
    def stored(number: int) -> Response:
        found = hub.shelf.asset(number) or hub.own.asset(number)
        if request.authorization or found is None:
            return Response("Only one auth mechanism allowed", 400)
        return send_file(BytesIO(found.data), "application/octet-stream", conditional=True)

    @app.get(f"/{hub.name}{_DOWNLOAD}<tag>/<name>")
    def named(tag: str, name: str) -> Response:
        release = hub.own.tagged(tag)
        found = [each for each in release.assets if each.name == name] if release else []
        if not found or found[0].state != "uploaded":
            return Response("<html>Not Found</html>", 404, mimetype="text/html")
        return Response(status=302, headers=_kept(found[0]))


def _page(things: Sequence[Any]) -> Sequence[Any]:
    """The page that is asked for; the answer's Link says where the next is."""
    number, size = request.args.get("page", 1, int), min(request.args.get("per_page", _PAGE, int), _MOST)
    if len(things) > number * size:
        rest = urlencode({**request.args, "page": number + 1})
        g.links = {"Link": f'<{request.base_url}?{rest}>; rel="next"'}
    return things[(number - 1) * size : number * size]

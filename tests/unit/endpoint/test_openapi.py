"""The API's description: true, valid, and the same for programs and for people."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from flask import Flask
from openapi_spec_validator import validate

from delivery.endpoint import check
from delivery.endpoint.documents import create_documents
from delivery.endpoint.openapi import PROMISE, document, kind
from delivery.endpoint.operations import Operation, Parameter, Reply, refused, register, rule
from delivery.endpoint.update import UPDATE_CHECK, Update
from tests.attacks.served import published
from tests.unit.endpoint.parts import EARLY, SETTINGS, Clock, World

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    """The document as it is served: it needs no head."""
    response = World().get("/v1/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    found: dict[str, Any] = response.get_json()
    return found


@pytest.fixture(scope="module")
def page() -> str:
    """The page as it is served."""
    return World().get("/v1/docs").get_data(as_text=True)


# -- operations ---------------------------------------------------------------------------------------------------


def an_operation(path: str, *parameters: Parameter) -> Operation:
    return Operation(path, "one", "One", "It is one.", "Ones", {}, parameters)


def test_flasks_rule_is_made_from_the_described_path() -> None:
    words = Parameter("kind", "path", "Which.", "rss", msgspec.Raw)
    assert rule(an_operation("/v1/a/{kind}", words)) == "/v1/a/<string:kind>"


def test_a_path_that_may_be_one_of_some_words_is_nothing_else() -> None:
    from typing import Literal

    app = Flask("test", static_folder=None)
    feed = an_operation("/f/{kind}", Parameter("kind", "path", "Which.", "rss", Literal["rss", "json-feed"]))
    register(app, feed, lambda kind: f"as {kind}")
    client = app.test_client()
    assert [client.get(f"/f/{name}").status_code for name in ("rss", "json-feed", "atom")] == [200, 200, 404]


def test_a_path_and_its_parameters_must_name_the_same() -> None:
    with pytest.raises(ValueError, match=r"^/v1/a/\{x\}: describe exactly these parameters of the path: x$"):
        rule(an_operation("/v1/a/{x}"))


# -- the document -------------------------------------------------------------------------------------------------


def test_the_document_is_valid_openapi(api: dict[str, Any]) -> None:
    assert api["openapi"] == "3.1.0"
    validate(api)


def test_every_path_that_flask_answers_is_described_and_no_other(api: dict[str, Any]) -> None:
    rules = create_documents(World().source, SETTINGS, Clock(), lambda _: None).url_map.iter_rules()
    routed = {re.sub(r"<[^:>]+:(\w+)>", r"{\1}", each.rule) for each in rules}
    assert routed == set(api["paths"]) - {UPDATE_CHECK.path}


def test_what_any_page_may_read_says_so_and_answers_preflights(world: World, api: dict[str, Any]) -> None:
    shared = {path for path, methods in api["paths"].items() if "options" in methods}
    assert {"/v1/releases", "/v1/openapi.json"} <= shared
    assert not shared & {UPDATE_CHECK.path, "/v1/docs", "/healthz", "/readyz"}
    assert world.get("/v1/openapi.json", method="OPTIONS").status_code == 204
    assert world.get("/v1/docs", method="OPTIONS").status_code == 405
    for path in shared:
        for reply in api["paths"][path]["get"]["responses"].values():
            assert "Access-Control-Allow-Origin" in reply["headers"] or reply["description"] == "A fault of ours."


def test_the_update_check_is_described_as_it_is_read(api: dict[str, Any]) -> None:
    said = api["paths"][UPDATE_CHECK.path]["parameters"]
    assert UPDATE_CHECK.path.startswith(check.PREFIX)
    assert sorted(each["name"] for each in said if each["in"] == "query") == sorted(check._KEYS)


def test_an_offer_is_what_the_document_says(world: World) -> None:
    world.publish()
    offer = msgspec.json.decode(world.check(cohort=EARLY).data, type=Update)
    assert offer.version == "1.4.0"
    assert set(world.check().get_json()) == set(UPDATE_CHECK.answers[next(iter(UPDATE_CHECK.answers))].example)


def test_every_example_has_the_shape_of_what_it_is_one_of(api: dict[str, Any]) -> None:
    found = 0
    for methods in api["paths"].values():
        get = methods["get"]
        bodies = [body for reply in get["responses"].values() for body in reply.get("content", {}).values()]
        for said in [*methods.get("parameters", []), *bodies]:
            if "example" in said:
                schema = {**said["schema"], "components": api["components"]}
                jsonschema.Draft202012Validator(schema).validate(said["example"])
                found += 1
    assert found > 10


@pytest.mark.parametrize("path", World().get("/v1/openapi.json").get_json()["paths"])
def test_what_stands_there_as_an_example_can_be_asked(api: dict[str, Any], path: str) -> None:
    said = api["paths"][path].get("parameters", [])
    named = path.format(**{each["name"]: each["example"] for each in said if each["in"] == "path"})
    headers = {each["name"]: each["example"] for each in said if each["in"] == "header"}
    queries = ["", *(f"{each['name']}={each['example']}" for each in said if each["in"] == "query")]
    world = published()
    for query in queries:
        response = world.client.get(f"{named}?{query}", headers=headers)
        assert response.status_code in (200, 204, 302), query
        assert str(response.status_code) in api["paths"][path]["get"]["responses"]


def test_head_is_described_like_get_and_without_bodies(api: dict[str, Any]) -> None:
    for methods in api["paths"].values():
        assert methods["head"]["responses"].keys() == methods["get"]["responses"].keys()
        assert not any("content" in reply for reply in methods["head"]["responses"].values())


def test_every_error_is_a_problem(api: dict[str, Any]) -> None:
    for path, methods in api["paths"].items():
        replies = methods["get"]["responses"]
        assert "500" in replies
        for status, reply in replies.items():
            media = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
            assert status < "400" or path == "/readyz" or reply["content"] == media, (path, status)


def test_what_has_an_etag_may_be_asked_for_on_condition() -> None:
    tagged = Reply("It.", Update, headers={"ETag": "Its name."})
    made = document([Operation("/a", "a", "A", "An A.", "As", {200: tagged, 404: refused("None.")})])  # type: ignore[dict-item]
    get = made["paths"]["/a"]["get"]
    assert list(get["responses"]) == ["200", "304", "404", "500"]
    assert [each["name"] for each in made["paths"]["/a"]["parameters"]] == ["If-None-Match"]


@pytest.mark.parametrize("path", ["/v1/openapi.json", "/v1/docs"])
def test_the_description_is_cacheable_and_not_sent_twice(world: World, path: str) -> None:
    first = world.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=30"
    again = world.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_promise_is_the_same_in_the_document_on_the_page_and_in_the_docs(api: dict[str, Any], page: str) -> None:
    written = " ".join((ROOT / "docs/api.md").read_text().split())
    for sentence in PROMISE:
        assert f"- {sentence}" in api["info"]["description"]
        assert sentence in page
        assert sentence in written, f"docs/api.md, Promise, lacks: {sentence}"


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/Update"}, "Update"),
        ({"type": "integer", "minimum": 0, "maximum": 999}, "integer 0 to 999"),
        ({"type": "array", "items": {"type": "string", "format": "date-time"}}, "list of date-time"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"enum": ["rss", "atom"]}, "rss or atom"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object, each value number"),
        ({}, "anything"),
    ],
)
def test_a_shape_is_told_in_a_few_words(schema: dict[str, Any], words: str) -> None:
    assert kind(schema) == words


# -- the page -----------------------------------------------------------------------------------------------------


class Seen(HTMLParser):
    """What is on the page: its tags, ids, links, and the text of its style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.named: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.ids += [said["id"]] if "id" in said else []
        self.links += [said["href"]] if "href" in said else []
        self.named += [said["aria-labelledby"]] if "aria-labelledby" in said else []
        self.inline += [name for name in said if name == "style" or name.startswith("on")]


def test_the_page_shows_every_operation_and_every_shape(api: dict[str, Any], page: str) -> None:
    seen = Seen(page)
    for path, methods in api["paths"].items():
        assert path in page
        assert methods["get"]["operationId"] in seen.ids
    assert set(api["components"]["schemas"]) <= set(seen.ids)


def test_the_page_is_sound_for_everybody(page: str) -> None:
    seen = Seen(page)
    assert len(seen.ids) == len(set(seen.ids))
    assert all(link.removeprefix("#") in seen.ids for link in seen.links if link.startswith("#"))
    assert set(seen.named) <= set(seen.ids)
    assert seen.tags.count("main") == seen.tags.count("h1") == 1
    assert '<html lang="en">' in page
    assert page.startswith("<!doctype html>")
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_the_page_loads_nothing_and_runs_nothing(page: str) -> None:
    seen = Seen(page)
    assert not {"script", "img", "link", "iframe", "form", "object"} & set(seen.tags)
    assert seen.inline == []
    policy = World().get("/v1/docs").headers["Content-Security-Policy"]
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def test_what_an_operation_says_cannot_become_markup() -> None:
    from delivery.endpoint import openapi

    app = Flask("test", static_folder=None)
    operation = Operation("/x", "x", "<script>1</script>", "<b>", "<i>", {})
    openapi.register(app, operation)
    page = app.test_client().get("/v1/docs").get_data(as_text=True)
    assert "&lt;script&gt;" in page
    assert not {"script", "b", "i"} & set(Seen(page).tags)


def test_the_document_is_json_that_a_diff_can_show(api: dict[str, Any]) -> None:
    data = World().get("/v1/openapi.json").data
    assert json.loads(data) == api
    assert data.count(b"\n") > 200
    assert data.endswith(b"}\n")

"""What all public documents have in common: named, kept as long as they are true, and readable by any page."""

from dataclasses import replace
from datetime import timedelta

import pytest

from delivery.endpoint.reads.history import KEY
from delivery.rules.timeline import Stage
from tests.unit.endpoint.parts import CATALOG, COMMIT, CRASH, NOW, World, offering
from tests.unit.endpoint.reads.test_history import written

DOCUMENTS = [
    "/v1/releases",
    "/v1/releases/1.4.0",
    "/v1/channels",
    "/v1/history",
    "/v1/feeds/stable.rss",
    "/v1/feeds/stable.atom",
    "/v1/feeds/stable.json",
    "/v1/status",
    "/v1/catalog",
    "/v1/head",
    "/v1/override",
]
DECIDED = [path for path in DOCUMENTS if path not in ("/v1/catalog", "/v1/head", "/v1/override")]
LINKS = ["/download/stable/linux-x86_64", "/download/stable/auto"]


@pytest.fixture
def world() -> World:
    world = World()
    world.publish()
    world.store.objects[KEY] = written()
    world.halt()
    return world


@pytest.mark.parametrize("path", DOCUMENTS)
def test_the_same_moment_gives_the_same_bytes_which_are_not_sent_twice(world: World, path: str) -> None:
    first, again = world.get(path), world.get(path)
    assert (first.status_code, first.data) == (200, again.data)
    assert first.headers["Cache-Control"] == "public, max-age=30"
    assert (first.headers["ESpice-Serial"], first.headers["ESpice-Commit"]) == ("7", COMMIT)
    kept = world.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (kept.status_code, kept.data) == (304, b"")
    assert kept.headers["Cache-Control"] == "public, max-age=30"
    assert kept.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", [*DOCUMENTS, *LINKS])
def test_head_says_what_get_says_without_the_body(world: World, path: str) -> None:
    get, head = world.get(path), world.get(path, "HEAD")
    skip = ("ESpice-Request", "Date")
    assert (head.status_code, head.data) == (get.status_code, b"")
    assert [each for each in head.headers if each[0] not in skip] == [
        each for each in get.headers if each[0] not in skip
    ]


@pytest.mark.parametrize("path", [*DECIDED, LINKS[0]])
def test_nothing_is_kept_past_the_moment_at_which_it_may_change(world: World, path: str) -> None:
    rollout = offering("1.4.0", 10)
    fact = "releases/rollouts/stable/1.4.0.yaml:9"
    soon, later = (Stage(NOW + timedelta(seconds=seconds), 1000, False, fact) for seconds in (20, 25))
    offerings = (
        replace(offering("1.5.0-beta.1", 10, channel="beta"), stages=(later,)),
        offering("1.3.0", 100),
        replace(rollout, stages=(*rollout.stages, soon)),
    )
    world.publish(replace(CATALOG, offerings=offerings))
    before = world.get(path)
    assert before.headers["Cache-Control"] == "public, max-age=20"
    world.clock.passes(seconds=21)
    after = world.get(path)
    assert after.headers["Cache-Control"] == "public, max-age=4"
    if path not in ("/v1/history", "/v1/status"):  # which say nothing of what is to come
        assert (before.data, before.headers.get("Location")) != (after.data, after.headers.get("Location"))


@pytest.mark.parametrize("path", DOCUMENTS)
def test_nothing_is_kept_longer_than_the_head_is_believed(world: World, path: str) -> None:
    world.publish(expires=NOW + timedelta(seconds=7))
    assert world.get(path).headers["Cache-Control"] == "public, max-age=7"


@pytest.mark.parametrize("path", [*DOCUMENTS, *LINKS])
def test_without_a_head_that_may_be_believed_everything_is_503(path: str) -> None:
    response = World().get(path)
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert (response.headers["Retry-After"], response.headers["Cache-Control"]) == ("30", "no-store")


# -- the override -------------------------------------------------------------------------------------------------


def test_the_override_is_told_as_it_was_published_and_404_says_that_nothing_was_ever_halted(world: World) -> None:
    world.halt(CRASH)
    assert world.get("/v1/override").data == world.store.objects["catalog/override.json"]
    plain = World()
    plain.publish()
    response = plain.get("/v1/override")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert response.get_json()["detail"] == "there is no override: nothing was ever halted"


# -- pages of other sites -----------------------------------------------------------------------------------------

READABLE = [*DOCUMENTS, "/v1/openapi.json"]


@pytest.mark.parametrize("path", READABLE)
def test_any_page_may_read_a_document_and_its_name(world: World, path: str) -> None:
    response = world.client.get(path, headers={"Origin": "https://elsewhere.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response.headers["Access-Control-Expose-Headers"].split(", ")
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Vary" not in response.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/releases/9.9.9", 404),
        ("GET", "/v1/releases?limit=x", 400),
        ("GET", "/v1/feeds/nightly.atom", 404),
        ("GET", "/v1/feeds/stable.html", 404),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/", 404),
        ("POST", "/v1/releases", 405),
        ("DELETE", "/v1/catalog", 405),
    ],
)
def test_any_page_may_read_why_it_was_refused(world: World, method: str, path: str, status: int) -> None:
    response = world.get(path, method)
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", READABLE)
def test_a_preflight_is_answered_and_kept_for_a_day(world: World, path: str) -> None:
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    response = world.client.open(path, method="OPTIONS", headers=asked)
    assert (response.status_code, response.data) == (204, b"")
    said = {name: value for name, value in response.headers if name.startswith("Access-Control-")}
    assert said == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, HEAD",
        "Access-Control-Allow-Headers": "If-None-Match",
        "Access-Control-Max-Age": "86400",
    }


@pytest.mark.parametrize("path", [*LINKS, "/healthz", "/readyz", "/v1/docs", "/v1/update/stable/linux/x86_64/1.2.0"])
def test_what_no_page_needs_no_page_may_read(world: World, path: str) -> None:
    assert "Access-Control-Allow-Origin" not in world.get(path).headers
    assert world.get(path, "OPTIONS").status_code == 405


@pytest.mark.parametrize("path", ["/", "/nothing", "/v1", "/v2/releases", "/download/", "/v1/update/"])
def test_what_is_no_document_s_path_is_not_readable_either(world: World, path: str) -> None:
    assert "Access-Control-Allow-Origin" not in world.get(path).headers


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_written_here(world: World, path: str, method: str) -> None:
    response = world.get(path, method)
    assert (response.status_code, response.content_type) == (405, "application/problem+json")
    assert {"GET", "HEAD"} <= set(response.headers["Allow"].split(", "))

"""Health, the public documents, and errors: JSON always, and safe to show in a browser."""

import base64

import pytest

from delivery.endpoint.source import Source
from delivery.rules.catalog import HEAD_KEY, object_key, sha256
from delivery.rules.head import Head, unseal
from tests.unit.endpoint.parts import COMMIT, KEY, NOW, World, unnamed


def test_healthz_is_up_even_when_nothing_can_be_answered() -> None:
    response = World().get("/healthz")
    assert (response.status_code, response.get_json()) == (200, {"up": True})
    assert response.headers["Cache-Control"] == "no-store"


def test_readyz_says_from_which_head_it_answers(world: World) -> None:
    head = world.publish()
    world.clock.passes(seconds=5)
    world.check()
    world.clock.passes(seconds=4)
    response = world.get("/readyz")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.get_json() == {
        "ready": True,
        "serial": 7,
        "commit": COMMIT,
        "catalog": head.sha256,
        "age_s": 9,
        "override": None,
        "expires": "2026-11-28T12:00:00Z",
        "confirmed_s_ago": 4,
        "trouble": None,
        "degraded": [],
    }


@pytest.mark.parametrize("path", ["/readyz", "/v1/catalog", "/v1/head"])
def test_what_needs_a_head_is_503_without_one(path: str) -> None:
    response = World().get(path)
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert response.headers["Retry-After"] == "30"


def test_anyone_can_check_the_published_catalog_against_the_published_head(world: World) -> None:
    envelope, catalog = world.get("/v1/head").data, world.get("/v1/catalog").data
    head = unseal(envelope, [KEY], "espice", "staging", NOW)
    assert isinstance(head, Head)
    assert sha256(catalog) == head.sha256
    assert envelope == world.store.objects[HEAD_KEY]
    assert catalog == world.store.objects[object_key(head.sha256)]


@pytest.mark.parametrize("path", ["/v1/catalog", "/v1/head"])
def test_a_document_is_not_sent_again_to_who_has_it(world: World, path: str) -> None:
    first = world.get(path)
    assert first.content_type == "application/json"
    assert first.headers["Cache-Control"] == "public, max-age=30"
    again = world.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/update", 404),
        ("GET", "/v1//head", 404),
        ("GET", "/healthz/", 404),
        ("GET", "/%00<script>", 404),
        ("POST", "/healthz", 405),
        ("OPTIONS", "/readyz", 405),
        ("DELETE", "/v1/catalog", 405),
    ],
)
def test_errors_are_problems_and_never_html(world: World, method: str, path: str, status: int) -> None:
    response = world.get(path, method=method)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    problem = response.get_json()
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert problem["instance"] == f"urn:espice:request:{response.headers['ESpice-Request']}"
    assert problem["status"] == status
    if status == 405:
        assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/v1/head", "/v1/update/stable/linux/x86_64/1.2.0"])
def test_a_fault_of_ours_is_a_problem_that_says_nothing_of_our_insides(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(Source, "answering", broken)
    response = world.get(path)
    assert (response.status_code, response.content_type) == (500, "application/problem+json")
    assert b"hunter2" not in response.data
    assert [line["error"] for line in world.said] == ["RuntimeError"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/head", "/v1/update/", "/v1/update/stable/linux/x86_64/1.2.0"])
def test_no_two_answers_have_the_same_name_even_where_their_bytes_are_remembered(world: World, path: str) -> None:
    names = {world.get(path, method).headers["ESpice-Request"] for method in ("GET", "GET", "HEAD", "POST")}
    assert len(names) == 4
    assert all(len(name) == 24 and set(name) <= set("0123456789abcdef") for name in names)


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/v1/head", "/v1/update/", "/v1/update/a/b/c/d"])
def test_every_answer_is_guarded_and_keyed_by_its_url_alone(world: World, path: str) -> None:
    response = world.get(path)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not {"Set-Cookie", "Vary", "Content-Encoding", "Server"} & set(response.headers.keys())


def test_no_header_of_a_request_changes_an_update_answer(world: World) -> None:
    path = "/v1/update/stable/linux/x86_64/1.2.0"
    plain = world.get(path)
    odd = world.client.get(
        path,
        headers={
            "X-Forwarded-Host": "evil.example",
            "Host": "evil.example",
            "Accept": "text/html",
            "Accept-Encoding": "gzip",
            "ESpice-Request": "mine",
            "If-None-Match": "*",
            "Range": "bytes=0-1",
            "Authorization": "Basic " + base64.b64encode(b"a:b").decode(),
        },
    )
    assert (odd.status_code, odd.data, unnamed(odd)) == (200, plain.data, unnamed(plain))

"""The app behind AWS's HTTP API, by events as payload format 2.0 has them."""

import base64
import gzip
import json
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from delivery.endpoint import source
from delivery.endpoint.gateway import respond
from delivery.rules.catalog import Catalog, Release, to_bytes
from delivery.rules.facts import Artifact
from tests.unit.endpoint.parts import CATALOG, EARLY, World, offering, release

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def event(path: str, query: str = "", method: str = "GET", **more: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"accept": "application/json", "host": "updates.espice.app", "x-forwarded-proto": "https"},
        "requestContext": {
            "domainName": "updates.espice.app",
            "requestId": "JKJaXmPLvHcESHA=",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "stage": "$default",
        },
        "isBase64Encoded": False,
        **more,
    }


@pytest.fixture
def app(world: World) -> "WSGIApplication":
    return world.app


def test_an_update_check_through_lambda_is_the_same_answer(world: World, app: "WSGIApplication") -> None:
    direct = world.check(cohort=EARLY)
    reply = respond(app, event("/v1/update/stable/linux/x86_64/1.2.0", f"cohort={EARLY}"))
    assert (reply["statusCode"], reply["isBase64Encoded"]) == (200, False)
    assert reply["body"].encode() == direct.data
    expected = {name.lower(): value for name, value in direct.headers.items()}
    assert reply["headers"] == {**expected, "espice-request": "JKJaXmPLvHcESHA="}


def test_an_empty_answer_stays_empty(app: "WSGIApplication") -> None:
    reply = respond(app, event("/v1/update/stable/linux/x86_64/1.4.0"))
    assert (reply["statusCode"], reply["body"], reply["isBase64Encoded"]) == (204, "", False)
    assert "content-type" not in reply["headers"]


def test_flask_answers_through_lambda_too(app: "WSGIApplication") -> None:
    assert respond(app, event("/readyz"))["statusCode"] == 200
    assert respond(app, event("/nowhere"))["headers"]["content-type"] == "application/problem+json"
    assert respond(app, event("/readyz", method="POST", body="eA==", isBase64Encoded=True))["statusCode"] == 405


@pytest.mark.parametrize(
    "path", ["/v1/update/beta/linux/x86_64/1.5.0-beta.1+7", "/v1/update/beta/linux/x86_64/1.5.0-beta.1%2B7"]
)
def test_a_plus_survives_whether_aws_hands_the_path_decoded_or_not(app: "WSGIApplication", path: str) -> None:
    reply = respond(app, event(path))
    assert (reply["statusCode"], reply["headers"]["espice-reason"]) == (204, "current")


def test_the_request_arrives_as_wsgi_has_it() -> None:
    seen: dict[str, Any] = {}

    def echo(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        seen.update(environ, read=environ["wsgi.input"].read())
        start_response("200 OK", [("Set-Cookie", "a"), ("Set-Cookie", "b"), ("Content-Type", "image/png")])
        return [b"\x89", b"PNG"]

    body = base64.b64encode(b"\x00\xff").decode()
    reply = respond(echo, event("/a%2Fb%C3%A9", "c=%41&d", "POST", body=body, isBase64Encoded=True))
    assert seen["PATH_INFO"] == "/a/b\xc3\xa9"  # bytes as latin-1, as PEP 3333 wants them
    assert (seen["QUERY_STRING"], seen["REQUEST_METHOD"]) == ("c=%41&d", "POST")
    assert (seen["read"], seen["CONTENT_LENGTH"]) == (b"\x00\xff", "2")
    assert (seen["HTTP_HOST"], seen["wsgi.url_scheme"]) == ("updates.espice.app", "https")
    assert reply == {
        "statusCode": 200,
        "headers": {"set-cookie": "a,b", "content-type": "image/png"},
        "body": base64.b64encode(b"\x89PNG").decode(),
        "isBase64Encoded": True,
    }


# -- a large catalog ----------------------------------------------------------------------------------------------

MOST = 6 * 2**20  # bytes of JSON that Lambda takes for an answer
CHANNELS = ("alpha", "beta", "stable")


def large(versions: int) -> Catalog:
    """So many versions, each on three channels, with hashes and signatures that no packing makes shorter."""
    draw = random.Random(7)  # noqa: S311 - the same bytes each time

    def its(artifact: Artifact) -> Artifact:
        signature = artifact.signature and base64.b64encode(draw.randbytes(300)).decode()
        return replace(artifact, sha256=draw.randbytes(32).hex(), signature=signature)

    def built(version: str) -> Release:
        made = release(version)
        artifacts = {name: {kind: its(one) for kind, one in all_.items()} for name, all_ in made.artifacts.items()}
        return replace(made, artifacts=artifacts)

    names = [f"1.{minor}.0" for minor in range(versions)]
    offerings = tuple(offering(name, 1, 10, 100, channel=channel) for channel in CHANNELS for name in names)
    return replace(CATALOG, channels=CHANNELS, releases={name: built(name) for name in names}, offerings=offerings)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked here is how large an answer is; a busy machine may take its time to load a thousand versions."""
    monkeypatch.setattr(source, "PATIENCE_S", 60.0)


@pytest.mark.usefixtures("patient")
def test_a_catalog_of_a_thousand_versions_fits_lambdas_answer_with_room_left(world: World) -> None:
    catalog = large(1000)
    world.publish(catalog)
    plain = to_bytes(catalog)
    assert len(json.dumps({"body": plain.decode()})) > MOST

    asked = event("/v1/catalog", headers={"accept-encoding": "br;q=1.0, gzip;q=0.8"})
    reply = respond(world.app, asked)
    assert len(json.dumps(reply)) < MOST * 0.8
    headers = reply["headers"]
    assert (reply["statusCode"], reply["isBase64Encoded"]) == (200, True)
    assert (headers["content-type"], headers["content-encoding"]) == ("application/json", "gzip")
    assert (headers["vary"], headers["cache-control"]) == ("Accept-Encoding", "public, max-age=30")
    assert gzip.decompress(base64.b64decode(reply["body"])) == plain
    again = event("/v1/catalog", headers={"accept-encoding": "gzip", "if-none-match": headers["etag"]})
    assert respond(world.app, again)["statusCode"] == 304

    for said in ({}, {"accept-encoding": "identity"}, {"accept-encoding": "gzip;q=0"}):
        refused = respond(world.app, event("/v1/catalog", headers=said))
        assert (refused["statusCode"], refused["headers"]["content-type"]) == (406, "application/problem+json")
        assert json.loads(refused["body"])["detail"] == (
            f"the catalog has {len(plain):,} bytes, and at most 4,000,000 are sent as they are; accept gzip"
        )
        assert (refused["headers"]["vary"], refused["headers"]["cache-control"]) == ("Accept-Encoding", "no-store")
        assert refused["headers"]["access-control-allow-origin"] == "*"


def test_a_usual_catalog_is_sent_as_it_is_whatever_is_accepted(world: World) -> None:
    said = [respond(world.app, event("/v1/catalog", headers={"accept-encoding": each})) for each in ("gzip", "")]
    assert {each["body"] for each in said} == {to_bytes(CATALOG).decode()}
    assert not any({"content-encoding", "vary"} & set(each["headers"]) for each in said)


@pytest.mark.usefixtures("patient")
def test_no_other_document_of_a_thousand_versions_is_too_large_for_lambda(world: World) -> None:
    world.publish(large(1000))
    for path, query in (("/v1/releases", "limit=200"), ("/v1/channels", ""), ("/v1/feeds/stable.rss", "")):
        reply = respond(world.app, event(path, query))
        assert reply["statusCode"] == 200
        assert len(json.dumps(reply)) < MOST * 0.8

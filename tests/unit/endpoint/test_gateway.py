"""The app behind AWS's HTTP API, by events as payload format 2.0 has them."""

import base64
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from delivery.endpoint.gateway import respond
from tests.unit.endpoint.parts import EARLY, World

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

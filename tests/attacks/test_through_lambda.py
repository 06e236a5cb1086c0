"""What reaches the app where no edge and no server stand before it: events of the HTTP API, with anything in them."""

import base64

from hypothesis import example, given
from hypothesis import strategies as st

from delivery.endpoint.gateway import respond
from tests.attacks.front import CHECK, MARK
from tests.attacks.served import published
from tests.attacks.test_through_the_edge import CLIMBING, ODD
from tests.unit.endpoint.test_gateway import event

APP = published().app
TEXT = st.text(st.characters(codec="utf-8"), max_size=60) | st.just(MARK)
PATH = st.sampled_from([*CLIMBING, *ODD, CHECK, "/v1/releases", "/v1/feeds/stable.rss", "/download/stable/auto"])
HEADER = st.sampled_from(
    [
        "accept",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "if-none-match",
        "if-modified-since",
        "range",
        "sec-ch-ua-platform",
        "transfer-encoding",
        "user-agent",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-http-method-override",
    ]
)
PAGE = "/v1/docs"


@given(
    PATH | TEXT.map(lambda text: f"/{text}"),
    TEXT,
    st.dictionaries(HEADER, TEXT, max_size=5),
    st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "DELETE", "TRACE"]),
    st.binary(max_size=40),
)
@example("/v1/head", "", {"host": "a b"}, "GET", b"")
@example("/v1/head", "", {"host": "[::1"}, "GET", b"")
@example("/v1/head", "", {"x-forwarded-port": "no port"}, "GET", b"")
@example("/v1/head", "", {"x-forwarded-proto": "javascript"}, "GET", b"")
@example("/v1/head", "", {"content-length": "-1"}, "POST", b"x")
@example("/v1/head", "", {"if-none-match": '"' * 999}, "GET", b"")
@example("/v1/head", "", {"range": "bytes=0-0, 1-1,-1"}, "GET", b"")
@example("/v1/head", "", {"if-modified-since": MARK}, "GET", b"")
@example("/v1/releases", "limit=" + "9" * 5_000, {}, "GET", b"")
@example("/v1/releases", "limit=\u0661", {}, "GET", b"")
@example("/v1/releases", "a=1&" * 2_000, {}, "GET", b"")
def test_no_event_whatsoever_gets_a_fault_a_page_or_its_own_words(
    path: str, query: str, headers: dict[str, str], method: str, body: bytes
) -> None:
    sent = base64.b64encode(body).decode()
    asked = event(path, query, method, headers=headers, body=sent, isBase64Encoded=True)
    answer = respond(APP, asked)
    assert answer["statusCode"] < 500
    assert path.startswith(PAGE) or "html" not in answer["headers"].get("content-type", "")
    assert MARK not in str(answer)
    if answer["statusCode"] == 405:
        assert "GET" in answer["headers"]["allow"]

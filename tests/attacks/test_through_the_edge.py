"""What strangers may send to the edge, byte by byte, and what must hold whatever they send."""

import socket
from email import message_from_bytes

import pytest

from tests.attacks.front import CHECK, MARK, Answer, Front, read, request, sent_to
from tests.unit.endpoint.parts import EARLY, LATE

pytestmark = pytest.mark.laptop

JSON = ("application/json", "application/problem+json")


def is_harmless(answer: Answer) -> None:
    """No fault, no page, and nothing of what was sent."""
    assert answer.status < 500
    assert answer.kind in (*JSON, "")
    assert answer.kind or not answer.body
    assert MARK not in answer.everything()
    assert "html" not in answer.everything().lower()
    assert "Location" not in answer.headers


# -- paths --------------------------------------------------------------------------------------------------------

CLIMBING = [
    "/v1/update/../head",
    "/v1/update/../../etc/passwd",
    "/v1/update/%2e%2e/head",
    "/v1/update/%2E%2E%2Fhead",
    "/v1/update/.%2e/head",
    "/v1/update/%2E./head",
    "/v1/update/stable/..%2f..%2fhead",
    "/..%5c..%5cetc",
    "/v1/%252e%252e/head",
]
ODD = [
    "/",
    "//v1/head",
    "/v1//head",
    "/v1/./head",
    "/v1/head/",
    "/v1/head;a=1",
    "/v1/head%20",
    "/V1/HEAD",
    "/%76%31/head",
    "/v1%2fhead",
    "\\v1\\head",
    "/v1/head#" + MARK,
    f"/{MARK}",
    f"/v1/update/{MARK}",
    f"/v1/update/{MARK}/linux/x86_64/1.2.0",
    f"/v1/update/stable/linux/x86_64/{MARK}",
    "/v1/update/stable%2flinux/x86_64/1.2.0",
    "/v1/update/stable/linux/x86_64/1%252e2.0",
    "/v1/update/stable/linux/x86_64/1.2.0'--",
    "/v1/update/stable/linux/x86_64/1.2.0%0d%0aX-Bad:%20" + MARK,
    "/v1/update/////",
    "/v1/update/%ff%fe/linux/x86_64/1.2.0",
    "/%zz",
    "/%",
    "/metrics",
    "/.env",
    "/.git/config",
    "/cdn-cgi/" + MARK,
    "/favicon.ico",
    "*",
    "v1/head",
    "http://evil.example/v1/head",
    "https://updates.espice.localhost/v1/head",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("target", CLIMBING)
def test_a_path_that_climbs_gets_nowhere(front: Front, target: str) -> None:
    answer = front.get(target)
    is_harmless(answer)
    assert answer.status in (204, 400, 404)


@pytest.mark.parametrize("target", ODD)
def test_an_odd_path_gets_an_answer_without_harm(front: Front, target: str) -> None:
    is_harmless(front.get(target))


@pytest.mark.parametrize("end", [b"\x00", b"%00", b"\xff\xfe", b"\xc0\xaf", b"\r", b"\x7f", b"\x1b[2J"])
def test_bytes_that_are_no_text_get_an_answer_without_harm(front: Front, end: bytes) -> None:
    is_harmless(front.get(CHECK.encode() + end))
    is_harmless(front.get(CHECK.encode() + b"?cohort=" + end))


@pytest.mark.parametrize("size", [3_000, 10_000, 64_000, 1_000_000])
@pytest.mark.parametrize("where", ["/v1/update/stable/linux/x86_64/", CHECK + "?failed=", CHECK + "?"])
def test_a_version_or_query_without_end_is_refused_in_few_words(front: Front, where: str, size: int) -> None:
    answer = _patiently(front, request(where + "1" * size, f"Host: {front.host}"))
    is_harmless(answer)
    assert answer.status == 414
    assert len(answer.body) < 300


def _patiently(front: Front, data: bytes) -> Answer:
    """Sends more than may be read: what is refused half-way was answered all the same."""
    with front.connect() as connection:
        sent_to(connection, data)
        return read(connection)


# -- hosts and headers --------------------------------------------------------------------------------------------

POISON = [
    f"X-Forwarded-Host: {MARK}.example",
    f"X-Host: {MARK}.example",
    f"Forwarded: host={MARK}.example;proto=http",
    f"X-Original-URL: /{MARK}",
    f"X-Rewrite-URL: /{MARK}",
    f"X-Forwarded-Proto: {MARK}",
    f"X-Forwarded-For: {MARK}",
    f"X-Forwarded-Prefix: /{MARK}",
    f"X-HTTP-Method-Override: {MARK}",
    "X-HTTP-Method-Override: DELETE",
    "X-Method-Override: POST",
    f"Accept: text/html, {MARK}",
    f"Accept-Language: {MARK}",
    "Accept-Encoding: gzip, br",
    f"User-Agent: {MARK}",
    f"Referer: https://{MARK}.example/",
    f"Origin: https://{MARK}.example",
    f"Cookie: a={MARK}",
    f"Authorization: Basic {MARK}",
    f"CF-Connecting-IP: {MARK}",
    f"Cf-Access-Jwt-Assertion: {MARK}",
    f"ESpice-Request: {MARK}",
    f"Via: 1.1 {MARK}",
    "Cache-Control: no-cache",
    "Pragma: no-cache",
    "Range: bytes=0-0, 1-1, 2-2",
    "If-None-Match: *",
    "Expect: 100-continue",
    "Upgrade: h2c",
    "TE: trailers",
]
KEPT = ("Cache-Control", "ESpice-Serial", "ESpice-Reason", "ESpice-Fact", "Content-Type")


@pytest.mark.parametrize("path", [CHECK, "/v1/head", "/v1/catalog", "/v1/openapi.json"])
@pytest.mark.parametrize("header", POISON)
def test_no_header_poisons_what_others_get(front: Front, header: str, path: str) -> None:
    """Attacker first, so that their answer would be the one that is kept; then somebody asks for the same URL."""
    own = f"{path}?poison={POISON.index(header)}"
    attacked = front.get(own, header)
    plain = front.get(f"{path}?plain={POISON.index(header)}")
    victim = front.get(own)
    assert attacked.status in (200, 204, 206, 304, 416)
    assert MARK not in attacked.everything()
    assert (victim.status, victim.body) == (plain.status, plain.body) == (200, plain.body)
    assert [victim.headers[name] for name in KEPT] == [plain.headers[name] for name in KEPT]


def test_a_fault_that_an_attacker_provokes_is_never_kept_for_others(front: Front) -> None:
    for sent in (["Host: a", "Host: b"], ["Transfer-Encoding: nonsense"], [f"X-Long: {'a' * 20_000}"]):
        refused = front.get(f"{CHECK}?provoked={len(sent[0])}", *sent)
        assert 400 <= refused.status < 600
        assert refused.headers["Cache-Control"] == "no-store"
        assert front.get(f"{CHECK}?provoked={len(sent[0])}").status == 200


@pytest.mark.parametrize(
    "host",
    [f"{MARK}.example", "", "updates.espice.localhost.evil.example", "127.0.0.1", "localhost", f"a b{MARK}", "[::1]"],
)
def test_no_other_host_is_served_by_name(front: Front, host: str) -> None:
    with front.connect(front.by_name) as connection:
        connection.sendall(request(CHECK, f"Host: {host}"))
        answer = read(connection)
    is_harmless(answer)
    assert answer.status in (400, 421)


@pytest.mark.parametrize(
    "hosts",
    [
        ["Host: updates.espice.localhost", f"Host: {MARK}.example"],
        ["Host: updates.espice.localhost, evil.example"],
        ["Host: updates.espice.localhost/../"],
        ["Host: updates.espice.localhost@evil.example"],
        ["Host:"],
        [],
    ],
    ids=["two", "list", "path", "user", "empty", "none"],
)
def test_who_is_asked_is_said_once_or_the_request_is_refused(front: Front, hosts: list[str]) -> None:
    with front.connect(front.by_name) as connection:
        connection.sendall(request(CHECK, *hosts))
        answer = read(connection)
    is_harmless(answer)
    assert answer.status in (400, 421)


def test_a_url_with_a_host_of_its_own_is_not_kept_for_others(front: Front) -> None:
    evil = front.get(f"http://{MARK}.example{CHECK}?absolute=1")
    is_harmless(evil)
    assert front.get(f"{CHECK}?absolute=1").status == 200


def test_a_flood_of_headers_is_refused_or_ignored(front: Front) -> None:
    for number, statuses in ((80, [200]), (100, [200, 431])):
        many = front.get(CHECK, *(f"X-{each}: {MARK}" for each in range(number)))
        is_harmless(many)
        assert many.status in statuses
    for sent in ([f"X-Long: {MARK * 6_500}"], [f"X-{number}: {'a' * 600}" for number in range(1_000)]):
        with front.connect() as connection:
            sent_to(connection, request(CHECK, f"Host: {front.host}", *sent))
            refused = read(connection)
        is_harmless(refused)
        assert refused.status == 431


@pytest.mark.parametrize(
    "line",
    ["X-Bad\x00: a", "X-Bad: a\x00b", "X Bad: a", ": a", "X-Bad : a", "X-Bad: \xff\xfe", " folded", "X-Bad: a\rb"],
)
def test_a_header_that_is_none_gets_an_answer_without_harm(front: Front, line: str) -> None:
    is_harmless(front.get(CHECK, line.encode("latin-1")))


# -- methods and bodies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "PURGE", "BAD"])
@pytest.mark.parametrize("path", [CHECK, "/v1/head", "/v1/docs", "/healthz"])
def test_nothing_can_be_written_or_purged_by_strangers(front: Front, method: str, path: str) -> None:
    answer = front.get(path, method=method)
    is_harmless(answer)
    assert answer.status in (400, 405)


@pytest.mark.parametrize("path", [CHECK, "/v1/head", "/v1/catalog", "/v1/docs", "/v1/openapi.json", "/v1/nothing"])
def test_head_is_get_without_a_body(front: Front, path: str) -> None:
    got = front.get(path)
    with front.connect() as connection:
        connection.sendall(request(path, f"Host: {front.host}", method="HEAD"))
        head, end, body = everything(connection).partition(b"\r\n\r\n")
    assert (end, body) == (b"\r\n\r\n", b"")  # as it came over the wire: a client would not even look for a body
    status, _, lines = head.partition(b"\r\n")
    assert int(status.split()[1]) == got.status
    headers = message_from_bytes(lines)
    said = ("Content-Type", "Content-Length", "Content-Security-Policy", "ESpice-Serial", "Cache-Control")
    assert [headers[name] for name in said] == [got.headers[name] for name in said]


def test_a_body_on_a_get_counts_for_nothing(front: Front) -> None:
    with_body = request(CHECK, f"Host: {front.host}", "Content-Length: 10", body=b"0123456789")
    assert front.send(with_body).status == 200
    huge = front.get(CHECK, "Content-Length: 99999999999")
    is_harmless(huge)
    assert huge.status == 413


SMUGGLED = f"GET /{MARK} HTTP/1.1\r\nHost: updates.espice.localhost\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([f"Content-Length: {len(SMUGGLED) + 5}", "Transfer-Encoding: chunked"], b"0\r\n\r\n" + SMUGGLED),
        (["Transfer-Encoding: chunked", "Content-Length: 5"], b"0\r\n\r\n" + SMUGGLED),
        (["Transfer-Encoding: chunked, identity"], b"0\r\n\r\n" + SMUGGLED),
        (["Transfer-Encoding: xchunked"], b"0\r\n\r\n" + SMUGGLED),
        (["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], b"0\r\n\r\n" + SMUGGLED),
        (["Content-Length: 5", "Content-Length: 6"], b"01234" + SMUGGLED),
        (["Content-Length: +5"], b"01234" + SMUGGLED),
        (["Content-Length: -1"], SMUGGLED),
        (["Content-Length: 5, 5"], b"01234" + SMUGGLED),
        (["Transfer-Encoding: chunked"], b"zz\r\n" + SMUGGLED),
        (["Transfer-Encoding: chunked"], b"ffffffffffffffffff\r\n" + SMUGGLED),
        (["Transfer-Encoding: chunked"], b"5;a=b\n01234\n0\n\n" + SMUGGLED),
        (["Transfer-Encoding:\x0bchunked"], b"0\r\n\r\n" + SMUGGLED),
        (["Content-Length: 0", "X: a\r\nTransfer-Encoding : chunked"], b"0\r\n\r\n" + SMUGGLED),
    ],
)
def test_no_second_request_is_smuggled_behind_a_first(front: Front, headers: list[str], body: bytes) -> None:
    """Without "Connection: close", so that what follows would be read as a request if it could be."""
    lines = [f"GET {CHECK} HTTP/1.1", f"Host: {front.host}", *headers, "", ""]
    with front.connect() as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1") + body)
        connection.settimeout(2)
        came = everything(connection)
    for part in came.split(b"HTTP/1.1 ")[1:]:
        assert part[:3] in (b"200", b"400", b"405", b"413", b"501", b"404"), part
    assert MARK.encode() not in came
    assert b"html" not in came.lower()
    # Nobody else gets the answer to what was smuggled.
    assert [front.get(f"{CHECK}?after={number}").status for number in range(5)] == [200] * 5


def everything(connection: socket.socket) -> bytes:
    """All that comes until the other side is done, or says nothing for a while."""
    came = b""
    try:
        while part := connection.recv(65_536):
            came += part
    except TimeoutError:
        pass
    return came


@pytest.mark.parametrize(
    "line",
    [
        b"GET",
        b"GET /",
        b"GET / HTTP/9.9",
        b"GET / HTTP/2.0",
        b"GET  /  HTTP/1.1",
        b"get /healthz HTTP/1.1",
        b"PRI * HTTP/2.0\r\n\r\nSM",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\x00" * 64,
        b"GET / HTTP/1.1\r\nHost",
        b"<html>",
    ],
)
def test_what_is_no_http_is_refused_without_a_page(front: Front, line: bytes) -> None:
    with front.connect() as connection:
        connection.sendall(line + b"\r\n\r\n")
        connection.settimeout(2)
        came = everything(connection)
    assert b"html" not in came.lower()
    assert came[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 505") or came.startswith(b"{")  # HTTP/0.9 has no headers


def test_what_is_said_twice_in_a_query_counts_once_and_alike_for_everybody(front: Front) -> None:
    twice = [front.get(f"{CHECK}?cohort={LATE}&cohort={EARLY}&bundle=deb&bundle=msi") for _ in range(2)]
    assert {each.headers["ESpice-Reason"] for each in twice} == {twice[0].headers["ESpice-Reason"]}
    assert b'"version":"1.3.0"' in twice[0].body


def test_the_one_page_has_its_own_policy_and_nothing_else_is_a_page(front: Front) -> None:
    page = front.get("/v1/docs")
    assert (page.status, page.kind) == (200, "text/html")
    assert page.headers.get_all("Content-Security-Policy") == [page.headers["Content-Security-Policy"]]
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    for near in ("/v1/docs/", "/v1/docs/x", "/V1/docs", "/v1/Docs", "/v1/docs.html", "/v1//docs"):
        is_harmless(front.get(near))

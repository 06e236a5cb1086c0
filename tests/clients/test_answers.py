"""What a server may say, well or badly: both clients take the same for the same, and ask the same next.

Each case is one answer of the first endpoint; the second always has version 9.9.9. None of it needs a laptop.
"""

import gzip
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from clients.reference.installation import Installation
from delivery.laptop import keys
from tests.clients.both import Answer, Both, Failure, Offer, reference
from tests.unit.clients.host import Host

OFFER = {"version": "1.4.0", "url": "https://d.example/x", "signature": "c2ln"}
ENTRY = {"url": "https://d.example/y", "signature": "c2ln"}
NEXT = {**OFFER, "version": "9.9.9"}
TIMEOUT = 3.0
BRIEF = 2.0  # where the client is to give up; still enough for an answer on a machine that does much else
LIST = ["1.4.0", "notes", None, None, "https://d.example/x", "c2ln"]


def app(host: Host, **changes: Any) -> Installation:
    """An AppImage of 1.3.0 with two endpoints."""
    endpoints = (f"{host.url}/a", f"{host.url}/b")
    base = Installation("1.3.0", "linux", "x86_64", "appimage", endpoints, keys.artifact_public_key(), timeout=TIMEOUT)
    return replace(base, **changes)


def agreed(both: Both, host: Host, asks: Installation, body: Any, status: int = 200, **headers: str) -> Answer:
    """What both say to this answer, after the same requests with the same headers."""
    host.says("/a", status, body if isinstance(body, bytes) else json.dumps(body).encode(), **headers)
    host.says("/b", 200, json.dumps(NEXT).encode())
    real, heard = both.real(asks), list(host.asked)
    host.asked.clear()
    assert (reference(asks), host.asked) == (real, heard)
    return real


def went_on(answer: Answer) -> bool:
    """Whether the second endpoint was the one that answered."""
    return isinstance(answer, Offer) and answer.version == "9.9.9"


@pytest.mark.parametrize(
    "version",
    [
        *("1.4.0", "v1.4.0", "vv1.4.0", "V1.4.0", " 1.4.0", "1.4.0 ", "1.4", "1.4.0.0", "1.04.0", "", "latest"),
        *("1.3.0", "1.3.0+1", "1.3.0+0", "1.3.0-beta.1", "1.2.9", "0.0.0", "1.4.0-", "1.4.0-01", "1.4.0+01", "1.4.0+"),
        *("18446744073709551615.0.0", "18446744073709551616.0.0", "1.4.0-" + "9" * 40, "1.4.0-" + "a" * 200),
        *(None, 1, 1.5, True, [], {}),
    ],
)
def test_a_version_is_taken_or_not(both: Both, host: Host, version: Any) -> None:
    agreed(both, host, app(host), {**OFFER, "version": version})


@pytest.mark.parametrize(
    ("current", "announced", "newer"),
    [
        ("1.3.0", "1.3.0+1", True),
        ("1.3.0+1", "1.3.0", False),
        ("1.3.0+1", "1.3.0+2", True),
        ("1.3.0+2", "1.3.0+10", True),
        ("1.3.0+9", "1.3.0+09", True),
        ("1.3.0+a", "1.3.0+9", False),
        ("1.3.0-beta.2", "1.3.0-beta.10", True),
        ("1.3.0-beta10", "1.3.0-beta2", True),
        ("1.3.0-nightly.1", "1.3.0-beta.9", False),
        ("1.3.0-beta.1+5", "1.3.0", True),
    ],
)
def test_the_higher_version_is_the_same_for_both(
    both: Both, host: Host, current: str, announced: str, newer: bool
) -> None:
    answer = agreed(both, host, app(host, current=current), {**OFFER, "version": announced})
    assert isinstance(answer, Offer) is newer


@pytest.mark.parametrize(
    "moment",
    [
        *("2026-11-25T14:00:00Z", "2026-11-25 14:00:00Z", "2026-11-25t14:00:00z", "2026-11-25x14:00:00+02:00"),
        *("2026-11-25é14:00:00Z", "2026-11-25T14:00:00", "2026-11-25", "", "2026-11-25T14:00:00+0200", "now"),
        *("2026-11-25T14:00Z", "2026-02-31T14:00:00Z", "2026-11-25T24:00:00Z", "2026-11-25T14:00:00.Z"),
        *("2026-11-25T14:00:00.1234567890123Z", "2026-11-25T14:00:00+24:00", "2026-11-25T14:00:00+23:59"),
        *("2026-11-25T14:00:00+01:60", "2026-11-25T14:00:00-00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        *(
            "2026-06-30T23:59:60Z",
            "2026-11-25T14:00:60Z",
            " 2026-11-25T14:00:00Z",
            "\uff12026-11-25T14:00:00Z",
            7,
            None,
        ),
    ],
)
def test_a_moment_is_read_or_not(both: Both, host: Host, moment: Any) -> None:
    agreed(both, host, app(host), {**OFFER, "pub_date": moment})


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://d.example",
            "HTTPS://D.Example/X",
            "https://d.example:443/x",
            "http://d.example:8080/x",
            "//d.example",
        ),
        *("https://d.example/a b", "https://d.example/é?q=ü", "https://d.example/a/../b", "https://d.example/a%2fb"),
        *(
            "  https://d.example/x  ",
            "https://d.example/x\ny",
            "",
            "x/y",
            "https:",
            "https://",
            "https:///x",
            "http:d.e",
        ),
        *(
            "mailto:x@y",
            "ftp://d.example/x",
            "https://u:p@d.example/x",
            "https://d.example/x#f",
            "https://d.example/x?",
        ),
        *("https://d.example\\x", "https://d.example/{a}?{b}", "https://[::1]/x", "https://d.example:99999/x"),
        *("https://d example/x", "https://münchen.example/x", "https://d.example/%zz", "https://d.example/'\"<>?'\"<>"),
        *("https://1.2.3/x", "file:///etc/passwd", "data:text/plain,x", 7, None),
    ],
)
def test_a_url_is_spelled_the_same_or_refused(both: Both, host: Host, url: Any) -> None:
    agreed(both, host, app(host), {**OFFER, "url": url})


@pytest.mark.parametrize(
    "body",
    [
        {**OFFER, "notes": "Line one\nété"},
        {**OFFER, "notes": None},
        {**OFFER, "notes": 7},
        {**OFFER, "signature": 7},
        {**OFFER, "signature": None},
        {**OFFER, "name": "1.4.0"},
        {"name": "1.4.0", "url": OFFER["url"], "signature": "c2ln"},
        {"version": "1.4.0", "url": OFFER["url"]},
        {"version": "1.4.0", "signature": "c2ln"},
        {"url": OFFER["url"], "signature": "c2ln"},
        {**OFFER, "critical": True, "more": {"a": [1, 2.5, 1e300, 2**63, 2**64]}},
        {**OFFER, "platforms": None},
        {**OFFER, "platforms": {}},
        {**OFFER, "platforms": {}, "version": "1.3.0"},
        {**OFFER, "platforms": []},
        {"version": "1.4.0", "platforms": {"linux-x86_64": ENTRY}},
        {
            "version": "1.4.0",
            "platforms": {"linux-x86_64-appimage": ENTRY, "linux-x86_64": {**ENTRY, "signature": "z"}},
        },
        {"version": "1.4.0", "platforms": {"linux-x86_64-deb": ENTRY}},
        {"version": "1.4.0", "platforms": {"linux-x86_64": {**ENTRY, "size": 7}}},
        {"version": "1.4.0", "platforms": {"linux-x86_64": ENTRY, "windows-x86_64": {**ENTRY, "url": ""}}},
        {"version": "1.0.0", "platforms": {"linux-x86_64": ENTRY, "windows-x86_64": {"url": "https://d.example/z"}}},
        {"version": "1.4.0", "platforms": {"linux-x86_64": ["https://d.example/y", "c2ln"]}},
        {"version": "1.4.0", "platforms": {"linux-x86_64": ["https://d.example/y", "c2ln", "z"]}},
        {"version": "0.0.0", "platforms": {}},
        {},
        LIST,
        LIST[:-1],
        [*LIST, 1],
        [],
        "1.4.0",
        1,
        None,
        True,
    ],
    ids=json.dumps,
)
def test_a_schema_is_met_or_not(both: Both, host: Host, body: Any) -> None:
    agreed(both, host, app(host), body)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<!doctype html><title>Just a moment</title>", b"\xef\xbb\xbf{}", b"\xff", b"\x00", b"null", b"nul"),
        *(b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1e400}', b'{"a": 1e5}', b'{"a": -0}', b'{"a": 01}', b'{"a": .5}'),
        *(b'{"a": 1' + b"0" * zeros + b"}" for zeros in (300, 400, 5000)),
        *(
            b'{"a": 5.}',
            b'{"a": +5}',
            b'{"a": -}',
            b"{'a': 1}",
            b'{"a": 1,}',
            b"/**/{}",
            b"{}{}",
            b"\x0b{}",
            b" \r\n\t{} ",
        ),
        *(b'{"a": "\\ud800"}', b'{"a": "\\ud83d\\ude00"}', b'{"a": "\\udc00"}', b'{"a": "\xed\xa0\x80"}'),
        *(b'{"a": "\x01"}', b'{"a": "\t"}', b'{"a": "\\x"}', b'{"a": "\\u00e"}'),
        *(b"[" * deep + b"]" * deep for deep in (126, 127, 128)),
        b'{"version": "1.4.0", "version": "1.0.0", "url": "https://d.example/x", "signature": "s"}',
        b'{"a": 12345678901234567890}',
        b'{"a": -9223372036854775809}',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_is_no_json_ends_the_ladder_and_what_is_some_does_not(both: Both, host: Host, body: bytes) -> None:
    answer = agreed(both, host, app(host), body)
    assert answer == Failure("Reqwest") or answer is None or went_on(answer)


@pytest.mark.parametrize(
    "status", [201, 202, 203, 205, 206, 300, 304, 400, 401, 403, 404, 410, 418, 421, 429, 500, 502, 503, 504, 599, 999]
)
def test_only_a_success_is_an_answer(both: Both, host: Host, status: int) -> None:
    answer = agreed(both, host, app(host), OFFER, status, Retry_After="30")
    assert went_on(answer) is (status >= 300)


def test_a_204_ends_the_ladder(both: Both, host: Host) -> None:
    assert agreed(both, host, app(host), b"", 204) is None


TARGETS = ("b?x={y}#z", "", "/a", "http://127.0.0.1:1/x", "ftp://d.example/x", "http://[::bad/", "/\u00fc")


@pytest.mark.parametrize(
    ("status", "target"),
    [*((status, "/b") for status in (300, 301, 302, 303, 304, 307, 308)), *((302, target) for target in TARGETS)],
)
def test_a_redirect_is_followed_or_not(both: Both, host: Host, status: int, target: str) -> None:
    agreed(both, host, app(host), b"", status, Location=target)


@pytest.mark.parametrize(("hops", "reached"), [(10, True), (11, False)])
def test_ten_redirects_are_followed_and_no_more(both: Both, host: Host, hops: int, reached: bool) -> None:
    for hop in range(hops - 1):
        host.says(f"/hop{hop}", 302, Location=f"/hop{hop + 1}")
    host.says(f"/hop{hops - 1}", 200, json.dumps(OFFER).encode())
    assert went_on(agreed(both, host, app(host), b"", 302, Location="/hop0")) is not reached


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (json.dumps(OFFER).encode(), {"Content_Encoding": "gzip"}),
        (gzip.compress(json.dumps(OFFER).encode()), {"Content_Encoding": "gzip"}),
        (json.dumps(OFFER).encode(), {"Content_Type": "text/html; charset=utf-16"}),
    ],
    ids=["said to be compressed", "compressed", "said to be HTML"],
)
def test_no_header_says_how_a_body_is_read(both: Both, host: Host, body: bytes, headers: dict[str, str]) -> None:
    agreed(both, host, app(host), body, 200, **headers)


def test_a_body_that_breaks_off_ends_the_ladder(both: Both, host: Host) -> None:
    """So whoever answers must have the whole answer before it says 200."""
    assert agreed(both, host, app(host), OFFER, Content_Length="1000") == Failure("Reqwest")


def test_a_refusal_whose_body_breaks_off_does_not(both: Both, host: Host) -> None:
    assert went_on(agreed(both, host, app(host), OFFER, 503, Content_Length="1000"))


def test_the_timeout_counts_until_the_body_is_read(both: Both, host: Host) -> None:
    """And a body that comes too slowly ends the ladder as well, where a head that never comes does not."""
    host.drips("/a", json.dumps(OFFER).encode(), pause=0.2)
    host.says("/b", 200, json.dumps(NEXT).encode())
    asks = app(host, timeout=BRIEF)
    assert both.say(asks) == Failure("Reqwest")
    host.says("/a", 0)
    assert went_on(both.say(asks))


def test_without_a_timeout_a_slow_answer_is_waited_for(both: Both, host: Host) -> None:
    host.drips("/a", json.dumps(OFFER).encode(), pause=0.01)
    began = time.monotonic()
    assert isinstance(both.say(app(host, timeout=None)), Offer)
    assert time.monotonic() - began > 2 * 0.01 * len(json.dumps(OFFER))


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ((503, b""), (404, b""), "ReleaseNotFound"),
        ((200, b"{}"), (404, b""), "Serialization"),
        ((404, b""), (200, b"{}"), "Serialization"),
        ((0, b""), (200, b"{}"), "Serialization"),
        ((200, b"{}"), (0, b""), "Reqwest"),
        ((503, b""), (200, b"<html>"), "Reqwest"),
        ((503, b""), (200, b'{"version": "1.4.0", "platforms": {}}'), "TargetsNotFound"),
    ],
)
def test_when_all_fail_the_last_failure_worth_telling_is_told(
    both: Both, host: Host, first: tuple[int, bytes], second: tuple[int, bytes], kind: str
) -> None:
    host.says("/a", *first)
    host.says("/b", *second)
    answer = both.say(app(host, timeout=BRIEF))
    assert isinstance(answer, Failure)
    assert answer.kind == kind


def test_nothing_listens_anywhere(both: Both, host: Host) -> None:
    assert both.say(app(host, endpoints=("http://127.0.0.1:1/a", "http://127.0.0.1:1/b"))) == Failure("Reqwest")


def test_without_an_endpoint_both_say_so(both: Both, host: Host) -> None:
    asked = both.say(app(host, endpoints=()))
    assert asked == Failure("EmptyEndpoints", "Updater does not have any endpoints set.")


@pytest.mark.parametrize("bundle", ["unknown", "appimage", "deb", "rpm"])
@pytest.mark.parametrize("custom_target", [None, "linux-x86_64", "kiosk"])
def test_both_ask_by_the_same_urls_and_look_for_the_same_platforms(
    both: Both, host: Host, bundle: str, custom_target: str | None
) -> None:
    names = "{{target}}/{{arch}}/{{current_version}}?bundle={{bundle_type}}&old={{bundle_type%7D%7D&channel={{channel}}"
    asks = app(
        host,
        current="1.0.0-b.1+5",
        bundle=bundle,
        custom_target=custom_target,
        endpoints=(f"{host.url}/{names}", f"{host.url}/{{{{channel}}}}/%7B%7Bbundle_type%7D%7D", f"{host.url}/a"),
        headers=(("X-Office", "7"), ("Accept", "application/vnd.espice")),
    )
    kinds = ("linux-x86_64", "linux-x86_64-deb", "linux-x86_64-rpm", "linux-x86_64-appimage")
    platforms = {name: {**ENTRY, "url": f"https://d.example/{name}"} for name in kinds}
    answer = agreed(both, host, asks, {"version": "1.4.0", "platforms": platforms})
    if custom_target == "kiosk":
        words = "the platform `kiosk` was not found in the response `platforms` object"
        assert answer == Failure("TargetNotFound", words)
    assert len(host.asked) == 3

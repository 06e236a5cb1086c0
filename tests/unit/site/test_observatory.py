"""The Observatory's rules as tests/observatory.py has them, on answers that are known to be good or bad."""

from dataclasses import replace

import pytest

from infra.edge import headers
from infra.edge.site import NOT_FOUND
from tests.observatory import Answer, grade

POLICY = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'self'; script-src 'self' 'sha256-YQ=='\">"
GOOD = Answer(
    "https://espice.app/",
    {name.lower(): (value,) for name, value in {**headers.SAID, **headers.OF_PAGES}.items()},
    f"<!doctype html>{POLICY}<script src='/assets/a-1.js'></script>",
    ("http://espice.app/", "https://espice.app/"),
)


def with_header(name: str, *values: str) -> Answer:
    return replace(GOOD, headers={**GOOD.headers, name: values})


def test_what_the_edge_says_of_a_page_is_an_a_plus():
    found = grade(GOOD)
    assert (found.grade, found.score) == ("A+", 140)


def test_so_is_the_page_for_what_is_not_there():
    assert grade(replace(GOOD, body=NOT_FOUND)).grade == "A+"


@pytest.mark.parametrize(
    ("policy", "result"),
    [
        ("default-src 'none'", "csp-none"),
        ("default-src 'self'", "csp-no-unsafe"),
        ("default-src 'self'; style-src 'unsafe-inline'", "csp-unsafe-style"),
        ("default-src 'self'; script-src 'unsafe-inline'", "csp-unsafe-inline"),
        ("default-src 'self'; script-src 'unsafe-inline' 'sha256-YQ=='", "csp-no-unsafe"),
        ("default-src 'self'; script-src https:", "csp-unsafe-inline"),
        ("default-src 'self'; script-src data:", "csp-unsafe-inline"),
        ("img-src 'self'", "csp-unsafe-inline"),
        ("default-src 'self'; script-src 'unsafe-eval'", "csp-unsafe-eval"),
        ("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'", "csp-no-unsafe"),
        ("default-src 'self'; connect-src http://example.com", "csp-insecure"),
        ("default-src 'self'; img-src http://example.com", "csp-insecure-passive"),
        ("default-src 'self'; default-src 'none'", "csp-invalid"),
    ],
)
def test_a_policy_is_as_good_as_its_worst_source(policy, result):
    answer = replace(GOOD, body=f'<meta http-equiv="Content-Security-Policy" content="{policy}">')
    assert grade(answer).results["content-security-policy"] == result


def test_without_any_policy_a_page_gets_no_a():
    found = grade(replace(with_header("content-security-policy"), body=""))
    assert found.results["content-security-policy"] == "csp-missing"
    assert found.results["x-frame-options"] == "frame-missing"
    assert (found.score, found.grade) == (55, "C")


def test_a_meta_cannot_say_who_frames_a_page():
    body = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'self'; frame-ancestors 'none'\">"
    found = grade(replace(with_header("content-security-policy"), body=body))
    assert found.results["x-frame-options"] == "frame-missing"


@pytest.mark.parametrize(
    ("name", "value", "what", "result"),
    [
        ("strict-transport-security", "", "strict-transport-security", "hsts-missing"),
        ("strict-transport-security", "max-age=300", "strict-transport-security", "hsts-short"),
        ("strict-transport-security", "includeSubDomains", "strict-transport-security", "hsts-invalid"),
        ("strict-transport-security", "max-age=31536000", "strict-transport-security", "hsts-long"),
        ("x-content-type-options", "", "x-content-type-options", "type-missing"),
        ("x-content-type-options", "sniff", "x-content-type-options", "type-invalid"),
        ("referrer-policy", "", "referrer-policy", "referrer-missing"),
        ("referrer-policy", "unsafe-url", "referrer-policy", "referrer-unsafe"),
        ("referrer-policy", "whatever", "referrer-policy", "referrer-invalid"),
        ("cross-origin-resource-policy", "cross-origin", "cross-origin-resource-policy", "corp-cross-origin"),
        ("cross-origin-opener-policy", "everybody", "cross-origin-opener-policy", "coop-invalid"),
        ("access-control-allow-origin", "*", "cross-origin-resource-sharing", "cors-public"),
        ("x-frame-options", "DENY", "x-frame-options", "frame-by-csp"),
        ("set-cookie", "a=b", "cookies", "cookies-insecure-but-hsts"),
        ("set-cookie", "session=b; Secure", "cookies", "cookies-session-readable"),
        ("set-cookie", "session=b; Secure; HttpOnly; SameSite=Lax", "cookies", "cookies-samesite"),
    ],
)
def test_each_header_is_judged_by_itself(name, value, what, result):
    assert grade(with_header(name, *filter(None, [value]))).results[what] == result


def test_whoever_lets_every_origin_read_with_credentials_loses_half():
    answer = with_header("access-control-allow-origin", "https://evil.example")
    answer = replace(answer, headers={**answer.headers, "access-control-allow-credentials": ("true",)})
    assert grade(answer).score == 50


@pytest.mark.parametrize(
    ("route", "result"),
    [
        (("http://espice.app/",), "redirection-missing"),
        (("http://espice.app/", "http://espice.app/x"), "redirection-not-to-https"),
        (("http://espice.app/", "http://espice.app/x", "https://espice.app/x"), "redirection-not-first"),
        (("http://espice.app/", "https://www.espice.app/"), "redirection-off-host"),
    ],
)
def test_who_types_http_is_led_to_https_at_once_and_on_the_same_host(route, result):
    assert grade(replace(GOOD, route=route)).results["redirection"] == result


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("<script src='https://cdn.example/a.js'></script>", "sri-missing"),
        ("<script src='http://cdn.example/a.js'></script>", "sri-missing-and-insecure"),
        ("<script src='https://cdn.example/a.js' integrity='sha256-YQ=='></script>", "sri-all"),
        ("<script>1</script>", "sri-not-needed"),
    ],
)
def test_what_others_serve_is_loaded_by_its_digest(script, result):
    assert grade(replace(GOOD, body=script)).results["subresource-integrity"] == result


def test_bonuses_are_granted_only_to_whom_little_was_taken():
    found = grade(with_header("strict-transport-security"))
    assert (found.score, found.grade) == (80, "B+")

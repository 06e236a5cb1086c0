"""Only whom Cloudflare Access names is let in, and its word is proved."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from delivery.console import access
from delivery.console.access import CloudflareAccess, Denied, Unproved
from delivery.console.settings import Access
from tests.unit.console.parts import STAFF, Team

NOW = datetime.now(UTC)
STRANGE = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def gate(team: Team) -> CloudflareAccess:
    return CloudflareAccess(team.access)


def denial(gate: CloudflareAccess, token: str | None) -> str:
    with pytest.raises(Denied) as caught:
        gate.who(token)
    return str(caught.value)


def test_the_person_whom_access_names_is_let_in(gate: CloudflareAccess, team: Team) -> None:
    assert gate.who(team.token()) == STAFF


@pytest.mark.parametrize("token", [None, ""])
def test_who_came_around_access_is_not(gate: CloudflareAccess, token: str | None) -> None:
    assert denial(gate, token) == "only Cloudflare Access leads here"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"aud": ["another application"]}, "InvalidAudienceError"),
        ({"aud": None}, "MissingRequiredClaimError"),
        ({"iss": "https://another.cloudflareaccess.com"}, "InvalidIssuerError"),
        ({"iss": None}, "MissingRequiredClaimError"),
        ({"exp": NOW - timedelta(minutes=1)}, "ExpiredSignatureError"),
        ({"exp": None}, "MissingRequiredClaimError"),
        ({"nbf": NOW + timedelta(hours=1)}, "ImmatureSignatureError"),
        ({"iat": NOW + timedelta(hours=1)}, "ImmatureSignatureError"),
        ({"email": None}, "MissingRequiredClaimError"),
        ({"key": STRANGE}, "InvalidSignatureError"),
        ({"kid": "unheard", "key": STRANGE}, "PyJWKClientError"),
    ],
)
def test_a_word_that_is_not_accesss_for_this_console_now_does_not_hold(
    gate: CloudflareAccess, team: Team, change: dict[str, Any], why: str
) -> None:
    assert denial(gate, team.token(**change)) == f"the word of Cloudflare Access does not hold: {why}"


def test_no_other_way_of_signing_counts(gate: CloudflareAccess, team: Team) -> None:
    """Neither none, nor the public key taken for a shared secret, nor text that is no JWT."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "first"}).encode()).decode().rstrip("=")
    unsigned = f"{head}.{team.token().split('.')[1]}."
    shared = team.token(key="a shared secret that is long enough for HS256", algorithm="HS256")
    for token in (unsigned, shared, "a.b.c", "a", "\x00", "é.é.é", "." * 9000):
        assert denial(gate, token).startswith("the word of Cloudflare Access does not hold: ")


def test_a_forged_word_says_nothing_of_itself_in_the_answer(gate: CloudflareAccess, team: Team) -> None:
    assert "script" not in denial(gate, team.token(kid="<script>", key=STRANGE))


def test_keys_are_asked_for_once(gate: CloudflareAccess, team: Team) -> None:
    for _ in range(5):
        gate.who(team.token())
    assert team.asked == 1


def test_a_new_key_is_found_and_forgers_do_not_make_us_ask_all_the_time(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "AGAIN_S", 0)
    gate = CloudflareAccess(team.access)
    gate.who(team.token())
    team.new_key("second")
    assert gate.who(team.token("second")) == STAFF
    assert team.asked == 2
    monkeypatch.undo()
    gate = CloudflareAccess(team.access)
    for _ in range(20):
        denial(gate, team.token(kid="unheard", key=STRANGE))
    assert team.asked == 3


def test_without_the_keys_nobody_is_let_in_and_it_is_not_their_fault(gate: CloudflareAccess, team: Team) -> None:
    team.down = True
    with pytest.raises(Unproved, match="the keys of Cloudflare Access cannot be had now"):
        gate.who(team.token())
    team.down = False
    assert gate.who(team.token()) == STAFF


def test_keys_that_were_had_once_outlast_an_outage_of_an_hour(gate: CloudflareAccess, team: Team) -> None:
    gate.who(team.token())
    team.down = True
    assert gate.who(team.token()) == STAFF


def test_keys_are_where_cloudflare_has_them_unless_it_is_said_otherwise() -> None:
    assert Access("espice", "aud").keys_url == "https://espice.cloudflareaccess.com/cdn-cgi/access/certs"
    assert Access("espice", "aud", "http://127.0.0.1:1/certs").keys_url == "http://127.0.0.1:1/certs"

"""Which answer ends the ladder of endpoints, and which only leads to the next."""

import json

import pytest

from clients.reference.check import Update, UpToDate, check
from clients.reference.errors import EmptyEndpoints, ReleaseNotFound, Reqwest, Serialization, TargetsNotFound

OFFER = json.dumps({"version": "1.4.0", "url": "https://d.example/x", "signature": "c2ln"}).encode()


def test_the_first_valid_release_wins_and_nobody_else_is_asked(host, app):
    host.says("/a", 200, OFFER)
    found = check(app())
    assert isinstance(found, Update)
    assert (found.version, found.url, found.asked) == ("1.4.0", "https://d.example/x", f"{host.url}/a")
    assert [path for path, _ in host.asked] == ["/a"]


def test_a_204_ends_the_ladder(host, app):
    host.says("/a", 204)
    host.says("/b", 200, OFFER)
    assert check(app()) == UpToDate(f"{host.url}/a", None)


@pytest.mark.parametrize("body", [b"", b"<html>", b'\xef\xbb\xbf{"version":"1.4.0"}', b'{"version": NaN}', b"\xff"])
def test_a_2xx_that_is_no_json_ends_the_ladder_with_an_error(host, app, body):
    host.says("/a", 200, body)
    host.says("/b", 200, OFFER)
    with pytest.raises(Reqwest, match="error decoding response body"):
        check(app())


@pytest.mark.parametrize("status", [301, 304, 400, 403, 404, 500, 503])
def test_any_other_status_leads_to_the_next_endpoint(host, app, status):
    host.says("/a", status, b"{}", Retry_After="30")
    host.says("/b", 200, OFFER)
    assert isinstance(check(app()), Update)
    assert [path for path, _ in host.asked] == ["/a", "/b"]


def test_another_schema_leads_to_the_next_endpoint(host, app):
    host.says("/a", 200, b"{}")
    host.says("/b", 200, OFFER)
    assert isinstance(check(app()), Update)


def test_a_dead_endpoint_leads_to_the_next(host, app):
    host.says("/b", 200, OFFER)
    assert isinstance(check(app(endpoints=("http://127.0.0.1:1/a", f"{host.url}/b"))), Update)


def test_a_hanging_endpoint_leads_to_the_next_only_by_timeout(host, app):
    host.says("/a", 0)
    host.says("/b", 200, OFFER)
    assert isinstance(check(app(timeout=0.1)), Update)


def test_bad_statuses_alone_are_release_not_found(host, app):
    host.says("/a", 503, Retry_After="30")
    with pytest.raises(ReleaseNotFound, match="Could not fetch a valid release JSON from the remote"):
        check(app())


def test_a_wrong_schema_is_remembered_past_a_later_404(host, app):
    host.says("/a", 200, b'{"version": "1.4.0"}')
    with pytest.raises(Serialization, match="the `url` field was not set"):
        check(app())


def test_a_network_error_is_remembered_past_a_later_404(host, app):
    with pytest.raises(Reqwest, match="error sending request"):
        check(app(endpoints=("http://127.0.0.1:1/a", f"{host.url}/b")))


def test_an_app_without_endpoints_is_told_so(app):
    with pytest.raises(EmptyEndpoints):
        check(app(endpoints=()))


def test_redirects_are_followed_ten_times_and_no_more(host, app):
    for number in range(11):
        host.says(f"/{number}", 302, Location=f"/{number + 1}")
    host.says("/11", 200, OFFER)
    assert isinstance(check(app(endpoints=(f"{host.url}/1",))), Update)
    with pytest.raises(Reqwest):
        check(app(endpoints=(f"{host.url}/0",)))


def test_a_request_carries_only_what_the_plugin_sends(host, app):
    host.says("/a", 204)
    check(app())
    [(_, headers)] = host.asked
    assert headers.keys() == {"host", "accept", "user-agent"}
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("tauri-plugin-updater/")


@pytest.mark.parametrize(
    ("current", "announced", "newer"),
    [
        ("1.3.0", "1.3.0", False),
        ("1.4.0", "1.3.0", False),
        ("1.3.0", "0.0.0", False),
        ("1.3.0-beta.2", "1.3.0", True),
        ("1.3.0", "1.3.0+1", True),  # build metadata counts in Rust
        ("1.3.0", "v1.3.1", True),
    ],
)
def test_only_a_higher_version_is_an_update(host, app, current, announced, newer):
    host.says("/a", 200, OFFER.replace(b"1.4.0", announced.encode()))
    assert isinstance(check(app(current=current)), Update) is newer


def test_a_manifest_without_this_platform_is_an_error_only_for_who_would_update(host, app):
    host.says("/a", 200, b'{"version": "1.3.0", "platforms": {}}')
    assert check(app()) == UpToDate(f"{host.url}/a", "1.3.0")
    host.says("/a", 200, b'{"version": "1.3.1", "platforms": {}}')
    with pytest.raises(TargetsNotFound, match=r'`\["linux-x86_64-appimage", "linux-x86_64"\]`'):
        check(app())


def test_a_body_that_breaks_off_ends_the_ladder(host, app):
    """The plugin reads the body outside of what leads on to the next endpoint."""
    host.says("/a", 200, OFFER, Content_Length="1000")
    host.says("/b", 200, OFFER)
    with pytest.raises(Reqwest, match="error decoding response body"):
        check(app())


def test_nobody_reads_the_body_of_a_refusal(host, app):
    host.says("/a", 503, b"half", Content_Length="1000")
    with pytest.raises(ReleaseNotFound):
        check(app())


def test_the_app_s_own_headers_are_sent_too_and_its_accept_is_kept(host, app):
    host.says("/a", 204)
    check(app(headers=(("Accept", "application/vnd.espice"), ("X-Office", "7"))))
    [(_, headers)] = host.asked
    assert (headers["accept"], headers["x-office"]) == ("application/vnd.espice", "7")

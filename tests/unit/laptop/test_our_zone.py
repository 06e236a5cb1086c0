"""Our own zone, as infra/edge has it, realised in a ledger and carried out by a real nginx."""

from http.client import HTTPConnection
from math import ceil
from time import sleep

import pytest
import requests

from infra.edge import limits
from tests.unit.laptop.edge_records import api, bucket
from tests.unit.laptop.zone import NAMES, realised

pytestmark = pytest.mark.laptop


@pytest.fixture(scope="module")
def zone(tmp_path_factory):
    """Our zone."""
    return realised(tmp_path_factory.mktemp("zone"))


@pytest.fixture
def edge(start, zone):
    """Our zone in front of an API and two buckets."""
    return before(start, zone)


def before(start, zone):
    """A zone in front of an API and two buckets."""
    buckets = bucket(NAMES.downloads_host, "downloads"), bucket(NAMES.site_host, "site")
    return start(api(NAMES.updates_host), *buckets, zone)


def at(edge, answer: requests.Response) -> str:
    """Where a redirect leads, by name."""
    return answer.headers["Location"].replace(f":{edge.ports.edge}", "")


def test_www_leads_to_the_domain_itself(edge):
    moved = edge.by_name(NAMES.www_host, "/docs/?a=b")
    assert (moved.status_code, at(edge, moved)) == (301, "http://espice.localhost/docs/?a=b")


def test_a_latest_link_leads_to_the_endpoint_which_decides(edge):
    moved = edge.by_name(NAMES.downloads_host, "/latest/stable/windows-x86_64")
    assert (moved.status_code, at(edge, moved)) == (
        302,
        "http://updates.espice.localhost/download/stable/windows-x86_64",
    )


def test_where_an_answer_leads_is_reached_on_a_laptop_too(edge, origins):
    origins[0].status = 302
    elsewhere = "https://github.com/espice"
    for path in ("https://espice.localhost/download/?channel=stable", elsewhere):
        origins[0].headers = {"Location": path}
        moved = edge.by_name(NAMES.updates_host, "/download/stable/auto")
        assert at(edge, moved) == path.replace("https://espice.localhost", "http://espice.localhost")
    assert edge.get(NAMES.updates_host, "/download/stable/auto").headers["Location"] == elsewhere


def test_the_site_serves_folders_and_a_page_for_what_is_not_there(edge, origins):
    assert at(edge, edge.by_name(NAMES.site_host, "/docs")) == "http://espice.localhost/docs/"
    assert edge.get(NAMES.site_host, "/docs/").status_code == 200
    assert origins[2].asked[-1][0] == "/site/docs/index.html"
    origins[2].status = 404
    missing = edge.get(NAMES.site_host, "/nowhere.html")
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "text/html")
    assert "There is no such page" in missing.text
    assert edge.get(NAMES.downloads_host, "/nowhere").headers["Content-Type"] == "application/problem+json"


def test_what_no_client_sends_is_refused_and_events_are_not(edge):
    host = NAMES.updates_host
    assert edge.ask("DELETE", host, "/v1/catalog").status_code == 405
    assert edge.ask("POST", host, "/v1/catalog", data="{}").status_code == 405
    assert edge.ask("POST", host, "/v1/events", data="{}").status_code == 200
    assert edge.get(host, f"/v1/{'x' * 2100}").status_code == 414
    for climbs in ("/v1/%252e%252e/%2e%2e%2fx", "/v1/.%2e/x", "/v1/%2E./x", "/v1/%2e%2E/x"):
        assert exactly(edge, climbs) == 400
    refused = edge.ask("DELETE", host, "/v1/catalog")
    assert refused.json()["detail"] == "this is read with GET or HEAD"
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("status", "kept"), [(500, True), (503, True), (502, False), (504, False), (522, False)])
def test_where_nothing_answers_programs_get_a_problem_and_the_endpoints_own_words_stay(edge, origins, status, kept):
    origins[0].status, origins[0].body = status, b"<html>none</html>"
    origins[0].headers = {"Content-Type": "text/html"}
    answer = edge.get(NAMES.updates_host, "/v1/update/stable/linux/x86_64/1.2.0")
    assert answer.status_code == status
    if kept:
        assert answer.text == "<html>none</html>"
    else:
        assert answer.headers["Content-Type"] == "application/json"
        assert (answer.json()["type"], answer.json()["title"]) == ("about:blank", "No answer")


def test_every_answer_has_the_security_headers_and_says_nothing_of_what_runs_behind(edge, origins):
    origins[0].headers = {"X-Powered-By": "snakes", "Apigw-Requestid": "1"}
    for host in (NAMES.updates_host, NAMES.downloads_host, NAMES.site_host):
        answer = edge.get(host, "/")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not {"X-Powered-By", "Apigw-Requestid", "Server"} & set(answer.headers)
    assert edge.get(NAMES.updates_host).headers["Content-Security-Policy"].startswith("default-src 'none'")
    page = edge.get(NAMES.site_host, "/").headers
    assert page["Content-Security-Policy"].startswith("frame-ancestors 'none'; base-uri 'none'")
    assert (page["Cross-Origin-Opener-Policy"], page["Cross-Origin-Resource-Policy"]) == ("same-origin", "same-origin")


def test_a_page_may_ask_the_downloads_host_for_manifests_also_for_one_that_is_not_there(edge):
    for path in ("/v1/update/stable/linux/x86_64.json", "/v1/history.json"):
        assert edge.get(NAMES.downloads_host, path).headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in edge.get(NAMES.downloads_host, "/espice/1.6.0/a.msi").headers


def test_answers_are_kept_as_the_origin_says(edge, origins):
    origins[0].headers = {"Cache-Control": "public, max-age=30"}
    first, again = [edge.get(NAMES.updates_host, "/v1/a").headers for _ in range(2)]
    assert (first["CF-Cache-Status"], "Age" in first) == ("MISS", False)
    assert (again["CF-Cache-Status"], int(again["Age"]) <= 20) == ("HIT", True)


def test_a_kept_answer_says_how_old_it_is(edge, origins):
    origins[0].headers = {"Cache-Control": "public, max-age=30"}
    edge.get(NAMES.updates_host, "/v1/old")
    sleep(1.1)
    assert int(edge.get(NAMES.updates_host, "/v1/old").headers["Age"]) >= 1


SMALLER = 50  # times, the office and its limit alike: what counts is how the one stands to the other


def test_an_office_behind_one_address_never_meets_the_limit(start, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "ANSWERS", limits.ANSWERS // SMALLER)
    edge = before(start, realised(tmp_path))
    asks = {
        "update checks": ("GET", "/v1/update/stable/linux/x86_64/1.2.0"),
        "events": ("POST", "/v1/events"),
        "downloads": ("GET", "/download/stable/auto"),
        "documents": ("GET", "/v1/releases"),
    }
    for what, number in limits.OFFICE.items():
        method, path = asks[what]
        times = ceil(number / SMALLER)
        assert asked_often(edge, path, times, method) == [200] * times
    rest = asked_often(edge, "/v1/events", 2 * limits.ANSWERS, "POST")  # a minute may begin anew meanwhile
    assert rest[-1] == 429


def test_the_console_has_a_limit_of_its_own(start, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "BY_HAND", 5)
    edge = before(start, realised(tmp_path))
    assert asked_often(edge, "/v1/events", 20, "POST") == [200] * 20


def test_who_asks_for_documents_without_end_is_told_to_wait_and_what_a_cache_answers_is_not_counted(
    start, tmp_path, monkeypatch, origins
):
    monkeypatch.setattr(limits, "ANSWERS", 20)
    edge = before(start, realised(tmp_path))
    origins[0].headers = {"Cache-Control": "public, max-age=30"}
    assert [edge.get(NAMES.updates_host, "/v1/channels").status_code for _ in range(30)] == [200] * 30
    origins[0].headers = {"Cache-Control": "no-store"}
    found = asked_often(edge, "/download/stable/auto", 25)
    assert (found[:19], found[-1]) == ([200] * 19, 429)
    refused = edge.get(NAMES.updates_host, "/v1/channels")
    assert (refused.status_code, refused.headers["Content-Type"]) == (429, "application/json")
    assert refused.json() == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "too many requests from this address; wait a minute",
    }
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert int(refused.headers["Retry-After"]) > 0
    check = edge.get(NAMES.updates_host, "/v1/update/stable/linux/x86_64/1.2.0")
    assert (check.status_code, "Access-Control-Allow-Origin" in check.headers) == (429, False)
    assert edge.get(NAMES.downloads_host, "/espice/1.4.0/ESpice_1.4.0_amd64.deb").status_code == 200


def exactly(edge, path):
    """The status of the updates host for this very path: requests would tidy it up."""
    connection = HTTPConnection("127.0.0.1", edge.ports.hosts[NAMES.updates_host], timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def asked_often(edge, path, times, method="GET"):
    """The statuses of so many answers, none of which the cache could know."""
    url = f"http://127.0.0.1:{edge.ports.hosts[NAMES.updates_host]}{path}"
    with requests.Session() as session:
        return [session.request(method, url, params={"n": n}, timeout=5).status_code for n in range(times)]

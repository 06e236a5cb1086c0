"""The generated configuration in a real nginx, in front of origins that can be changed and killed."""

import time
from collections import Counter

import pytest
import requests

from delivery.laptop.edge import purge
from tests.unit.laptop.edge_records import api, bucket, cache, headers, redirects, zone

pytestmark = pytest.mark.laptop

UPDATES, DOWNLOADS = "updates.espice.localhost", "downloads.espice.localhost"


def status(response: requests.Response) -> str:
    return response.headers["CF-Cache-Status"]


def test_a_host_is_reached_by_its_own_port_and_by_name_and_no_other_host_is(start, origins):
    edge = start(api(UPDATES))
    assert edge.get(UPDATES, "/v1/x?cohort=5").text == "one"
    assert edge.by_name(UPDATES).text == "one"
    assert origins[0].asked == [("/v1/x?cohort=5", UPDATES), ("/", UPDATES)]
    stranger = edge.by_name("elsewhere.example")
    assert (stranger.status_code, stranger.headers["Content-Type"]) == (421, "application/problem+json")


def test_requests_are_shared_by_the_aliass_weights(start):
    edge = start(api(UPDATES, live="1", weights={"2": 0.25}))
    with requests.Session() as session:
        url = f"http://127.0.0.1:{edge.ports.hosts[UPDATES]}/"
        answers = Counter(session.get(url, timeout=5).text for _ in range(400))
    assert 60 <= answers["two"] <= 140
    assert answers["one"] + answers["two"] == 400


def test_without_a_rule_nothing_is_cached(start, origins):
    origins[0].headers = {"Cache-Control": "public, max-age=60"}
    edge = start(api(UPDATES))
    assert [status(edge.get(UPDATES)) for _ in range(2)] == ["DYNAMIC", "DYNAMIC"]


def test_an_answer_is_kept_for_as_long_as_the_origin_says_and_by_its_whole_uri(start, origins):
    origins[0].headers = {"Cache-Control": "public, max-age=1"}
    edge = start(api(UPDATES), zone(cache({"edgeTtl": {"mode": "bypass_by_default"}}, f'http.host eq "{UPDATES}"')))
    assert [status(edge.get(UPDATES, "/a?cohort=1")) for _ in range(2)] == ["MISS", "HIT"]
    assert status(edge.get(UPDATES, "/a?cohort=2")) == "MISS"
    time.sleep(2.1)
    origins[0].body = b"newer"
    after = edge.get(UPDATES, "/a?cohort=1")
    assert (status(after), after.text) == ("EXPIRED", "newer")


def test_a_204_is_cached_like_any_answer(start, origins):
    origins[0].status, origins[0].headers = 204, {"Cache-Control": "public, max-age=30"}
    edge = start(api(UPDATES), zone(cache({})))
    assert [(each.status_code, status(each)) for each in (edge.get(UPDATES), edge.get(UPDATES))] == [
        (204, "MISS"),
        (204, "HIT"),
    ]


def test_an_answer_without_a_lifetime_is_not_kept(start):
    edge = start(api(UPDATES), zone(cache({"edgeTtl": {"mode": "bypass_by_default"}})))
    assert [status(edge.get(UPDATES)) for _ in range(2)] == ["MISS", "MISS"]


def test_a_lifetime_of_the_rules_own_overrides_the_origins(start, origins):
    origins[0].headers = {"Cache-Control": "no-store"}
    edge = start(api(UPDATES), zone(cache({"edgeTtl": {"mode": "override_origin", "default": 60}})))
    assert [status(edge.get(UPDATES)) for _ in range(2)] == ["MISS", "HIT"]


def test_the_last_rule_that_matches_wins(start, origins):
    origins[0].headers = {"Cache-Control": "public, max-age=60"}
    both = cache({})
    [private] = cache({"cache": False}, 'starts_with(http.request.uri.path, "/private")')["rules"]
    both["rules"].append(private | {"ref": "private"})
    edge = start(api(UPDATES), zone(both))
    assert [status(edge.get(UPDATES, "/public")) for _ in range(2)] == ["MISS", "HIT"]
    assert [status(edge.get(UPDATES, "/private/x")) for _ in range(2)] == ["DYNAMIC", "DYNAMIC"]


def test_a_stale_answer_is_never_served_even_if_the_origin_would_allow_it(start, origins):
    origins[0].headers = {"Cache-Control": "public, max-age=1, stale-if-error=600, stale-while-revalidate=600"}
    edge = start(api(UPDATES), zone(cache({})))
    assert edge.get(UPDATES).text == "one"
    time.sleep(2.1)
    origins[0].stop()
    assert edge.get(UPDATES).status_code == 502


def test_a_purge_empties_the_cache(start, origins, tmp_path):
    origins[0].headers = {"Cache-Control": "public, max-age=60"}
    edge = start(api(UPDATES), zone(cache({})))
    edge.get(UPDATES)
    origins[0].body = b"newer"
    assert edge.get(UPDATES).text == "one"
    purge(tmp_path / "an edge" / "cache")
    assert [edge.get(UPDATES).text for _ in range(2)] == ["newer", "newer"]
    assert status(edge.get(UPDATES)) == "HIT"


def test_a_purge_by_prefix_leaves_what_lies_elsewhere(start, origins, tmp_path):
    origins[0].headers = {"Cache-Control": "public, max-age=60"}
    edge = start(api(UPDATES), zone(cache({})))
    paths = ("/v1/a?cohort=1", "/v1/b", "/v2/a")
    for path in paths:
        edge.get(UPDATES, path)
    purge(tmp_path / "an edge" / "cache", [f"{UPDATES}/v1/a", "another.test"])
    assert [status(edge.get(UPDATES, path)) for path in paths] == ["MISS", "HIT", "HIT"]


def test_a_dead_origin_is_a_502_with_a_problem_that_nobody_keeps(start, origins):
    edge = start(api(UPDATES), zone(cache({"edgeTtl": {"mode": "override_origin", "default": 60}})))
    origins[0].stop()
    dead = edge.get(UPDATES)
    assert (dead.status_code, dead.headers["Content-Type"]) == (502, "application/problem+json")
    assert dead.json() == {"type": "about:blank", "title": "The origin does not answer", "status": 502}
    assert dead.headers["Cache-Control"] == "no-store"


def test_an_endpoints_own_503_passes_as_it_is(start, origins):
    origins[0].status, origins[0].body = 503, b'{"title":"no head"}'
    own = start(api(UPDATES)).get(UPDATES)
    assert (own.status_code, own.text) == (503, '{"title":"no head"}')


def test_headers_are_set_and_removed_everywhere_even_on_errors(start, origins):
    origins[0].headers = {"X-Powered-By": "snakes", "Server": "me"}
    rule = headers({"X-Powered-By": {"operation": "remove"}, "X-Frame-Options": {"operation": "set", "value": "DENY"}})
    edge = start(api(UPDATES), zone(rule))
    answer = edge.get(UPDATES)
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert not {"X-Powered-By", "Server"} & set(answer.headers)
    origins[0].stop()
    assert edge.get(UPDATES).headers["X-Frame-Options"] == "DENY"


def test_a_header_for_some_paths_leaves_the_origins_own_elsewhere(start, origins):
    origins[0].headers = {"X-Robots-Tag": "all"}
    where = 'starts_with(http.request.uri.path, "/v1/") and ends_with(http.request.uri.path, ".json")'
    edge = start(api(UPDATES), zone(headers({"X-Robots-Tag": {"operation": "set", "value": "none"}}, where)))
    assert edge.get(UPDATES, "/v1/a.json").headers["X-Robots-Tag"] == "none"
    assert edge.get(UPDATES, "/v1/a.txt").headers["X-Robots-Tag"] == "all"


def test_a_redirect_answers_for_its_paths_only(start):
    how = {"statusCode": 302, "targetUrl": {"value": "https://espice.app/new"}, "preserveQueryString": True}
    edge = start(api(UPDATES), zone(redirects(how, 'http.request.uri.path eq "/old"')))
    moved = edge.get(UPDATES, "/old?x=1")
    assert (moved.status_code, moved.headers["Location"]) == (302, "https://espice.app/new?x=1")
    assert edge.get(UPDATES, "/older").text == "one"


def test_a_rule_for_one_host_does_not_touch_another(start):
    rule = headers({"X-Only": {"operation": "set", "value": "updates"}}, f'http.host eq "{UPDATES}"')
    edge = start(api(UPDATES), bucket(DOWNLOADS, "downloads"), zone(rule))
    assert edge.get(UPDATES).headers["X-Only"] == "updates"
    assert "X-Only" not in edge.get(DOWNLOADS).headers


def test_a_bucket_answers_by_key_without_the_query_and_says_nothing_of_s3(start, origins):
    storage = origins[2]
    storage.headers = {"ETag": '"abc"', "x-amz-version-id": "7", "Accept-Ranges": "bytes"}
    answer = start(bucket(DOWNLOADS, "downloads")).get(DOWNLOADS, "/espice/a%20b+c.zip?versions")
    assert storage.asked[-1][0] == "/downloads/espice/a%20b+c.zip"
    assert answer.headers["ETag"] == '"abc"'
    assert not [name for name in answer.headers if name.lower().startswith("x-amz")]


@pytest.mark.parametrize("code", [403, 404])
def test_what_is_not_in_a_bucket_is_a_404_with_a_problem(start, origins, code):
    origins[2].status, origins[2].body = code, b"<Error><BucketName>downloads</BucketName></Error>"
    missing = start(bucket(DOWNLOADS, "downloads")).get(DOWNLOADS, "/nothing")
    assert missing.status_code == 404
    assert missing.json() == {"type": "about:blank", "title": "There is nothing here", "status": 404}


def test_a_part_of_an_object_is_served_from_the_cache(start, origins):
    origins[2].body, origins[2].headers = bytes(range(100)), {"Cache-Control": "public, max-age=60", "ETag": '"e"'}
    edge = start(bucket(DOWNLOADS, "downloads"), zone(cache({})))
    first = edge.get(DOWNLOADS, "/a", headers={"Range": "bytes=10-19"})
    again = edge.get(DOWNLOADS, "/a", headers={"Range": "bytes=-5"})
    assert (first.status_code, first.content) == (206, bytes(range(10, 20)))
    assert (again.status_code, again.content, status(again)) == (206, bytes(range(95, 100)), "HIT")
    assert edge.get(DOWNLOADS, "/a", headers={"If-None-Match": '"e"'}).status_code == 304


def test_a_bucket_can_only_be_read(start, origins):
    edge = start(bucket(DOWNLOADS, "downloads"))
    url = f"http://127.0.0.1:{edge.ports.hosts[DOWNLOADS]}/a"
    assert requests.put(url, data=b"x", timeout=5).status_code == 405
    assert origins[2].asked == []

"""Each of Cloudflare's phases in a real nginx: redirects, rewrites, firewall, limits, error pages, Access."""

import http.client
import time

import jwt
import pytest

from infra.edge import firewall as infra_firewall
from infra.names import Names
from tests.unit.laptop.edge_records import (
    access,
    api,
    bucket,
    cache,
    errors,
    firewall,
    headers,
    limits,
    nowhere,
    redirects,
    rewrites,
    zone,
)

pytestmark = pytest.mark.laptop

UPDATES, SITE, WWW = "updates.espice.localhost", "espice.localhost", "www.espice.localhost"
PATH = "http.request.uri.path"


def as_it_is(edge, path: str, sent: dict[str, str] | None = None) -> http.client.HTTPResponse:
    """Asks with exactly this path, which requests would tidy up."""
    connection = http.client.HTTPConnection("127.0.0.1", edge.ports.hosts[UPDATES], timeout=5)
    connection.request("GET", path, headers=sent or {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def echo(expression: str) -> dict:
    """A ruleset that tells in a header what an expression works out to."""
    return headers({"X-Said": {"operation": "set", "expression": expression}})


# -- redirects ----------------------------------------------------------------------------------------------------


def test_a_redirect_works_its_target_out_and_leads_to_where_that_host_is_on_the_laptop(start):
    latest = {
        "statusCode": 302,
        "preserveQueryString": True,
        "targetUrl": {
            "expression": f'wildcard_replace(http.request.full_uri, r"https://{SITE}/latest/*", '
            f'r"https://{UPDATES}/download/${{1}}")'
        },
    }
    edge = start(api(UPDATES), bucket(SITE, "site"), zone(redirects(latest, f'starts_with({PATH}, "/latest/")')))
    own = edge.get(SITE, "/latest/stable/linux?a=b")
    named = edge.by_name(SITE, "/latest/stable/linux")
    port = edge.ports.hosts[UPDATES]
    assert (own.status_code, own.headers["Location"]) == (302, f"http://127.0.0.1:{port}/download/stable/linux?a=b")
    assert named.headers["Location"] == f"http://{UPDATES}:{edge.ports.edge}/download/stable/linux"


def test_a_redirect_to_elsewhere_is_left_as_it_is(start):
    how = {"targetUrl": {"expression": f'concat("https://espice.app", {PATH})'}, "statusCode": 301}
    moved = start(nowhere(WWW), zone(redirects(how))).by_name(WWW, "/a?b=c")
    assert (moved.status_code, moved.headers["Location"]) == (301, "https://espice.app/a")


def test_the_first_redirect_that_matches_wins(start):
    both = redirects({"targetUrl": {"value": "https://one"}})
    both["rules"].append(redirects({"targetUrl": {"value": "https://two"}})["rules"][0] | {"ref": "two"})
    assert start(api(UPDATES), zone(both)).get(UPDATES).headers["Location"] == "https://one"


def test_a_name_without_an_origin_answers_only_by_rules(start):
    answer = start(nowhere(WWW)).by_name(WWW)
    assert (answer.status_code, answer.json()["title"]) == (522, "There is no origin behind this name")


# -- rewrites -----------------------------------------------------------------------------------------------------

INDEX = rewrites({"path": {"expression": f'concat({PATH}, "index.html")'}}, f'ends_with({PATH}, "/")')


def test_a_folder_is_its_index_for_the_origin_and_for_later_phases(start, origins):
    origins[2].headers = {"Cache-Control": "public, max-age=60"}
    edge = start(bucket(SITE, "site"), zone(INDEX, cache({}, f'ends_with({PATH}, ".html")'), echo(PATH)))
    first, again = edge.get(SITE, "/docs/?x=1"), edge.get(SITE, "/docs/index.html")
    assert [asked for asked, _ in origins[2].asked] == ["/site/docs/index.html"] * 2
    assert {each.headers["X-Said"] for each in (first, again)} == {"/docs/index.html"}
    assert edge.get(SITE, "/docs/?x=1").headers["CF-Cache-Status"] == "HIT"


def test_what_is_not_rewritten_reaches_the_origin_as_it_was_sent(start, origins):
    as_it_is(start(api(UPDATES), zone(INDEX)), "/%7Ea//b%2Fc?d=%20")
    assert origins[0].asked == [("/%7Ea//b%2Fc?d=%20", UPDATES)]


# -- the rule language --------------------------------------------------------------------------------------------


EXPRESSIONS = [
    (PATH, "/a.b/C%2Fd.TXT"),
    (f"lower({PATH})", "/a.b/c%2fd.txt"),
    (f"{PATH}.extension", "txt"),
    ("raw.http.request.uri.path", "/%61.b//x/../C%2fd.TXT"),
    ("http.request.uri", "/a.b/C%2Fd.TXT?q=1&q=2&e="),
    ("http.request.uri.query", "q=1&q=2&e="),
    ("http.request.full_uri", f"https://{UPDATES}/a.b/C%2Fd.TXT?q=1&q=2&e="),
    ("http.request.method", "GET"),
    ("http.user_agent", "tester"),
    ('http.request.headers["x-two"][0]', "one"),
    ('http.request.uri.args["q"][1]', "2"),
    (f'concat("<", http.host, {PATH}, ">")', f"<{UPDATES}/a.b/C%2Fd.TXT>"),
    (f"substring({PATH}, 1, 4)", "a.b"),
    (f'regex_replace({PATH}, "^/([a-z.]+)/(.*)$", "/${{2}}/${{1}}")', "/C%2Fd.TXT/a.b"),
    (f'wildcard_replace({PATH}, "/A.B/*.txt", "/${{1}}")', "/C%2Fd"),
    (f'wildcard_replace({PATH}, "/A.B/*.txt", "/${{1}}", "s")', "/a.b/C%2Fd.TXT"),
    ("to_string(http.response.code)", "200"),
    ('url_decode(http.request.headers["x-coded"][0])', "a b/c"),
]


def test_expressions_work_out_as_at_cloudflare(start):
    told = {f"X-{n}": {"operation": "set", "expression": each} for n, (each, _) in enumerate(EXPRESSIONS)}
    edge = start(api(UPDATES), zone(headers(told)))
    sent = {"User-Agent": "tester", "X-Two": "one", "X-Coded": "a%20b%2Fc"}
    answer = as_it_is(edge, "/%61.b//x/../C%2fd.TXT?q=1&q=2&e=", sent)
    assert [(each, answer.headers[f"X-{n}"]) for n, (each, _) in enumerate(EXPRESSIONS)] == EXPRESSIONS


CONDITIONS = [
    ("true", True),
    ("ssl", True),
    ('http.host eq "updates.espice.localhost"', True),
    ('http.host ne "updates.espice.localhost"', False),
    ('http.host in {"a" "updates.espice.localhost"}', True),
    ('not http.host in {"a" "b"}', True),
    (f'{PATH} contains "/a"', True),
    (f'{PATH} contains "b/"', False),
    (f'{PATH} matches "^/a/[b-d]$"', True),
    (f'{PATH} wildcard "/A/*"', True),
    (f'{PATH} strict wildcard "/A/*"', False),
    (f'{PATH} wildcard "/a"', False),
    (f'starts_with({PATH}, "/a/") and ends_with({PATH}, "b")', True),
    (f'{PATH} eq "/" or {PATH} eq "/a/b" and http.request.method eq "PUT"', False),
    (f'({PATH} eq "/" or {PATH} eq "/a/b") and http.request.method eq "GET"', True),
    ('http.request.method eq "GET" xor ssl', False),
    ("len(http.request.uri) gt 5", True),
    ("len(http.request.uri) le 5", False),
    ("http.response.code in {200..299 404}", True),
    ("http.response.code in {300..399}", False),
    ('any(http.request.headers["accept"][*] contains "json")', True),
    ('any(http.request.headers["nothing"][*] contains "json")', False),
    ('http.request.headers["nothing"][0] eq ""', False),
    ('http.request.headers["nothing"][0] ne "a"', False),
    ('any(http.request.headers.names[*] eq "accept")', True),
]


def test_conditions_hold_as_at_cloudflare(start):
    rules = headers({})
    rules["rules"] = [
        headers({f"X-{n}": {"operation": "set", "value": "yes"}}, each)["rules"][0] | {"ref": f"r{n}"}
        for n, (each, _) in enumerate(CONDITIONS)
    ]
    answer = start(api(UPDATES), zone(rules)).get(UPDATES, "/a/b?q=1", headers={"Accept": "application/json"})
    assert [(each, f"X-{n}" in answer.headers) for n, (each, _) in enumerate(CONDITIONS)] == CONDITIONS


# -- firewall -----------------------------------------------------------------------------------------------------

BLOCKED = {"response": {"statusCode": 405, "contentType": "application/json", "content": '{"error":"read it"}'}}


def test_what_is_blocked_never_reaches_the_origin(start, origins):
    edge = start(api(UPDATES), zone(firewall(("block", BLOCKED, 'not http.request.method in {"GET" "HEAD"}'))))
    refused = edge.ask("DELETE", UPDATES, "/")
    assert (refused.status_code, refused.json(), refused.headers["Content-Type"]) == (
        405,
        {"error": "read it"},
        "application/json",
    )
    assert refused.headers["Cache-Control"] == "no-store"
    assert edge.get(UPDATES).text == "one"
    assert len(origins[0].asked) == 1


@pytest.mark.parametrize("path", ["/metrics", "/metrics?a=b", "/%6Detrics", "/./metrics", "/a/../metrics"])
def test_nobody_reads_the_counts_of_an_endpoint_through_the_edge(start, origins, path):
    rules = infra_firewall.rules(Names("espice", "laptop", "espice.localhost"))
    [expression] = [rule["expression"] for rule in rules if rule["ref"] == "block-metrics"]
    edge = start(api(UPDATES), zone(firewall(("block", BLOCKED, expression))))
    assert as_it_is(edge, path).status == 405
    assert origins[0].asked == []
    assert edge.get(UPDATES, "/metrics/of/others").text == "one"


def test_a_block_without_words_is_a_403_in_json(start):
    refused = start(api(UPDATES), zone(firewall(("block", {}, "true")))).get(UPDATES)
    assert (refused.status_code, refused.json()) == (403, {"error": "this request is refused"})


def test_a_path_that_climbs_is_seen_as_it_was_sent(start):
    raw = 'raw.http.request.uri.path contains "/.."'
    edge = start(api(UPDATES), zone(firewall(("block", {}, raw))))
    assert as_it_is(edge, "/a/../b").status == 403


def test_skipping_spares_the_rest_of_the_firewall_and_only_when_told(start):
    spared = ("skip", {"ruleset": "current"}, f'{PATH} eq "/a"')
    products = ("skip", {"products": ["bic"]}, f'{PATH} eq "/b"')
    edge = start(api(UPDATES), zone(firewall(spared, products, ("block", {}, "true"))))
    assert [edge.get(UPDATES, path).status_code for path in ("/a", "/b", "/c")] == [200, 403, 403]


def test_no_error_page_replaces_what_the_firewall_says(start):
    page = errors({"content": "<p>sorry</p>", "contentType": "text/html"})
    assert start(api(UPDATES), zone(page, firewall(("block", {}, "true")))).get(UPDATES).status_code == 403


# -- rate limits --------------------------------------------------------------------------------------------------


def test_who_asks_too_often_waits_and_others_do_not(start):
    by_name = {"characteristics": ["cf.colo.id", 'http.request.headers["x-me"]']}
    edge = start(api(UPDATES), zone(limits({**by_name, "requestsPerPeriod": 3, "mitigationTimeout": 60})))

    def ask(name):
        return edge.get(UPDATES, "/", headers={"X-Me": name})

    # A window may end in between: then as many again are let through, once.
    answers = [ask("a") for _ in range(8)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].json() == {"error": "too many requests; wait a little"}
    assert ask("b").status_code == 200


def test_a_limit_holds_for_its_paths_only(start):
    edge = start(api(UPDATES), zone(limits({"requestsPerPeriod": 1, "mitigationTimeout": 60}, f'{PATH} eq "/a"')))
    assert {edge.get(UPDATES, "/b").status_code for _ in range(6)} == {200}
    assert edge.get(UPDATES, "/a").status_code == 200
    assert [edge.get(UPDATES, "/a").status_code for _ in range(3)][-1] == 429
    assert edge.get(UPDATES, "/b").status_code == 200


def test_what_the_cache_answers_does_not_count_when_only_the_origin_does(start, origins):
    origins[0].headers = {"Cache-Control": "public, max-age=60"}
    rate = {"requestsPerPeriod": 2, "mitigationTimeout": 60, "requestsToOrigin": True}
    edge = start(api(UPDATES), zone(cache({}), limits(rate)))
    assert {edge.get(UPDATES, "/a").status_code for _ in range(10)} == {200}
    assert [edge.get(UPDATES, f"/{number}").status_code for number in range(8)][-1] == 429


def test_a_skip_rule_spares_the_limits(start):
    spared = firewall(("skip", {"phases": ["http_ratelimit"]}, 'http.request.headers["x-me"][0] eq "probe"'))
    edge = start(api(UPDATES), zone(spared, limits({"requestsPerPeriod": 1, "mitigationTimeout": 60})))
    assert {edge.get(UPDATES, headers={"X-Me": "probe"}).status_code for _ in range(5)} == {200}
    assert [edge.get(UPDATES).status_code for _ in range(4)][-1] == 429


# -- error pages --------------------------------------------------------------------------------------------------

NOT_FOUND = errors(
    {"content": "<h1>Not found</h1>", "contentType": "text/html", "statusCode": 404},
    f'http.host eq "{SITE}" and http.response.code eq 404',
)


def test_an_error_page_replaces_the_body_of_what_is_not_there(start, origins):
    origins[2].status, origins[2].headers = 404, {"ETag": '"x"'}
    missing = start(bucket(SITE, "site"), zone(NOT_FOUND)).get(SITE, "/nothing")
    assert (missing.status_code, missing.text) == (404, "<h1>Not found</h1>")
    assert missing.headers["Content-Type"] == "text/html"
    assert "ETag" not in missing.headers


def test_an_error_page_leaves_other_hosts_and_other_answers_alone(start, origins):
    origins[0].status, origins[0].body = 404, b'{"error":"none"}'
    edge = start(api(UPDATES), bucket(SITE, "site"), zone(NOT_FOUND))
    assert edge.get(UPDATES).text == '{"error":"none"}'
    assert edge.get(SITE, "/there").text == "hello"


def test_a_long_body_passes_whole_where_there_are_error_pages(start, origins):
    origins[2].body = bytes(range(256)) * 8000
    edge = start(bucket(SITE, "site"), zone(NOT_FOUND))
    assert edge.get(SITE, "/big").content == origins[2].body


# -- Access -------------------------------------------------------------------------------------------------------

STAFF = access(UPDATES, {"email": {"email": "ada@espice.app"}}, {"emailDomain": {"domain": "espice.localhost"}})


def told(edge, origins, **more) -> dict:
    """What the origin is told about who asks, proved by the keys that the edge tells."""
    edge.get(UPDATES, **more)
    keys = jwt.PyJWKClient(f"http://127.0.0.1:{edge.ports.edge}/cdn-cgi/access/certs")
    token = origins[0].last["cf-access-jwt-assertion"]
    issuer = "https://espice.cloudflareaccess.com"
    key = keys.get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=["RS256"], audience="a" * 64, issuer=issuer)


def test_the_origin_is_told_who_asks_in_a_signed_word(start, origins):
    claims = told(start(api(UPDATES), STAFF), origins)
    assert claims["email"] == "ada@espice.app"
    assert claims["exp"] - claims["iat"] == 12 * 3600
    assert abs(claims["iat"] - time.time()) < 60


def test_who_signs_in_as_somebody_else_is_somebody_else(start, origins):
    edge = start(api(UPDATES), STAFF)
    signed_in = edge.get(UPDATES, "/cdn-cgi/access/login?email=bob%40espice.localhost")
    assert (signed_in.status_code, signed_in.headers["Location"]) == (302, "/")
    assert told(edge, origins, cookies=signed_in.cookies)["email"] == "bob@espice.localhost"


def test_who_is_not_let_in_never_reaches_the_origin(start, origins):
    edge = start(api(UPDATES), STAFF)
    left = edge.get(UPDATES, "/cdn-cgi/access/logout")
    stranger = edge.get(UPDATES, "/cdn-cgi/access/login?email=eve%40espice.app")
    for cookies, who in ((left.cookies, "nobody"), (stranger.cookies, "eve@espice.app")):
        refused = edge.get(UPDATES, cookies=cookies)
        assert refused.status_code == 403
        assert refused.json()["title"].startswith(f"{who} may not see this")
    assert origins[0].asked == []


def test_nobody_can_bring_an_identity_of_their_own(start, origins):
    forged = {"Cf-Access-Jwt-Assertion": "forged"}
    start(api(UPDATES)).get(UPDATES, headers=forged)
    assert "cf-access-jwt-assertion" not in origins[0].last
    claims = told(start(api(UPDATES), STAFF), origins, headers=forged)
    assert claims["email"] == "ada@espice.app"

"""What the realised clouds mean for the edge: pure reading of records and rules."""

import pytest

from delivery.laptop.edge import EdgeError, Ports, nginx_conf, runtime
from delivery.laptop.providers.cloudflare import rules
from delivery.laptop.providers.cloudflare.expression import Condition, ExpressionError, parse
from delivery.laptop.providers.cloudflare.rules import RuleError
from tests.unit.laptop.edge_records import api, bucket, cache, headers, joined, redirects

HOST = "updates.espice.localhost"


def test_an_api_leads_through_mapping_route_integration_and_alias_to_weighed_versions():
    found = runtime(api(HOST, live="1", weights={"2": 0.25}))
    [host] = found.hosts
    assert (host.name, host.function, host.bucket) == (HOST, "updates:live", "")
    assert [(each.version, each.weight, each.environment) for each in found.endpoints] == [
        ("1", 0.75, {"VERSION": "1"}),
        ("2", 0.25, {"VERSION": "2"}),
    ]
    assert [str(each.code) for each in found.endpoints] == ["/code/1.zip", "/code/2.zip"]


def test_a_version_with_no_weight_does_not_run():
    assert [each.version for each in runtime(api(HOST, live="1", weights={"2": 0.0})).endpoints] == ["1"]


def test_a_custom_domain_leads_to_its_bucket_unless_it_is_disabled():
    records = joined(bucket("downloads.espice.localhost", "downloads"), bucket("old.espice.localhost", "old", False))
    assert [(each.name, each.bucket) for each in runtime(records).hosts] == [
        ("downloads.espice.localhost", "downloads")
    ]


def test_records_that_are_not_proxied_are_names_only():
    records = api(HOST)
    records["cloudflare:index/dnsRecord:DnsRecord"]["caa"] = {"name": "espice.localhost", "type": "CAA"}
    assert [each.name for each in runtime(records).hosts] == [HOST]


def test_a_proxied_name_that_leads_nowhere_is_an_error():
    records = api(HOST)
    records["cloudflare:index/dnsRecord:DnsRecord"]["r"]["content"] = "elsewhere.example"
    with pytest.raises(EdgeError) as caught:
        runtime(records)
    assert str(caught.value) == (
        f"the proxied record {HOST} points to elsewhere.example, which is nothing here; "
        "point it to an API's target domain name"
    )


def test_an_alias_of_a_version_that_was_never_published_is_an_error():
    with pytest.raises(EdgeError) as caught:
        runtime(api(HOST, live="9"))
    assert str(caught.value) == "updates:live names version 9, which was never published; there is 1, 2"


def test_an_api_without_a_mapping_is_an_error():
    records = api(HOST)
    records.pop("aws:apigatewayv2/apiMapping:ApiMapping")
    with pytest.raises(EdgeError, match=f"there is no ApiMapping with domainName {HOST}; add one"):
        runtime(records)


def test_an_endpoint_that_was_not_started_is_an_error(tmp_path):
    with pytest.raises(EdgeError, match="version 1 of updates:live has no port"):
        nginx_conf(runtime(api(HOST)), Ports(1), tmp_path, "127.0.0.1:1", as_root=False)


def test_only_root_asks_nginx_to_stay_root(tmp_path):
    assert "user root;" not in nginx_conf(runtime({}), Ports(1), tmp_path, "127.0.0.1:1", as_root=False)
    assert "user root;" in nginx_conf(runtime({}), Ports(1), tmp_path, "127.0.0.1:1", as_root=True)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("true", Condition()),
        ("(true)", Condition()),
        ('http.host eq "a.b"', Condition(frozenset({"a.b"}))),
        ('(http.host eq "a.b")', Condition(frozenset({"a.b"}))),
        ('http.request.uri.path eq "/a"', Condition(path="(?=/a$)")),
        ('starts_with(http.request.uri.path, "/a.b")', Condition(path=r"(?=/a\.b)")),
        ('ends_with(http.request.uri.path,".zip")', Condition(path=r"(?=.*\.zip$)")),
        (
            '(http.host eq "a.b" and starts_with(http.request.uri.path, "/x")) and true',
            Condition(frozenset({"a.b"}), "(?=/x)"),
        ),
    ],
)
def test_an_expression_says_which_hosts_and_paths(text, condition):
    assert parse(text) == condition


@pytest.mark.parametrize(
    "text",
    [
        "",
        "false",
        'http.host ne "a"',
        'http.host eq "a" or http.host eq "b"',
        'not http.host eq "a"',
        'http.host eq "a',
        'http.host eq "a" and',
        'http.host eq "a" true',
        '(http.host eq "a"',
        'starts_with(http.host, "a")',
        'http.request.uri.path contains "/a"',
        'http.host in {"a" "b"}',
        'http.host eq "a\\"b"',
    ],
)
def test_an_expression_beyond_the_subset_is_an_error(text):
    with pytest.raises(ExpressionError, match="is not understood"):
        parse(text)


def test_the_error_says_where_and_what_is_known():
    with pytest.raises(ExpressionError) as caught:
        parse('http.host ne "a"')
    assert str(caught.value).startswith(
        "the expression 'http.host ne \"a\"' is not understood at 'ne'; the laptop knows http.host eq"
    )


@pytest.mark.parametrize(
    ("ruleset", "message"),
    [
        (cache({"cache_key": {}}), "rule r: the laptop does not carry out cache_key; it knows cache, edgeTtl"),
        (cache({"browserTtl": {"mode": "bypass"}}), "carries out browserTtl only as {'mode': 'respect_origin'}"),
        (cache({"edgeTtl": {"mode": "override_origin"}}), "without saying for how long; give default, in seconds"),
        (headers({"A": {"operation": "set", "expression": "x"}}), "header A: the laptop sets headers to plain values"),
        (headers({"A": {"operation": "add", "value": "x"}}), "header A: the laptop sets headers to plain values"),
        (headers({"A": {"operation": "set", "value": 'a"b'}}), "the laptop cannot write 'a\"b'; leave out quotes"),
        (redirects({"targetUrl": {"expression": "x"}}), "the laptop redirects to plain URLs only"),
        (cache({}) | {"phase": "http_ratelimit"}, "ruleset rules: the laptop carries out zone rulesets of the phases"),
        (cache({}) | {"kind": "root"}, "ruleset rules: the laptop carries out zone rulesets of the phases"),
    ],
)
def test_a_rule_that_the_edge_cannot_carry_out_is_an_error_that_names_it(ruleset, message):
    with pytest.raises(RuleError) as caught:
        rules.read(ruleset)
    assert message in str(caught.value)
    assert str(caught.value).startswith("ruleset rules")


def test_a_disabled_rule_does_nothing():
    ruleset = cache({"cache_key": {}})
    ruleset["rules"][0]["enabled"] = False
    assert rules.read(ruleset).caches == ()

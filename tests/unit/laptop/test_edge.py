"""What the realised clouds mean for the edge: pure reading of records and rules."""

from pathlib import Path

import pytest

from delivery.laptop.edge import EdgeError, Ports, nginx_conf, runtime
from delivery.laptop.edge.served import Application, seconds
from delivery.laptop.providers.cloudflare.rulesets import RuleError
from tests.unit.laptop.edge_records import access, api, bucket, cache, headers, joined, nowhere, redirects, zone

HOST = "updates.espice.localhost"
SCRIPTS = Path("scripts")


def test_an_api_leads_through_mapping_route_integration_and_alias_to_weighed_versions():
    found = runtime(api(HOST, live="1", weights={"2": 0.25}))
    [host] = found.hosts
    assert (host.name, host.function, host.bucket) == (HOST, "updates:live", "")
    assert [(each.version, each.weight, each.environment) for each in found.endpoints] == [
        ("1", 0.75, {"VERSION": "1"}),
        ("2", 0.25, {"VERSION": "2"}),
    ]
    assert [str(each.code) for each in found.endpoints] == ["/code/1.zip", "/code/2.zip"]


@pytest.mark.parametrize("weights", [{"2": 0.0}, None])
def test_the_newest_version_runs_before_it_has_a_share(weights):
    found = runtime(api(HOST, live="1", weights=weights)).endpoints
    assert {each.version: each.weight for each in found} == {"1": 1.0, "2": 0.0}


def test_an_older_version_without_a_share_does_not_run():
    assert [(each.version, each.weight) for each in runtime(api(HOST, live="2")).endpoints] == [("2", 1.0)]


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
        nginx_conf(runtime(api(HOST)), Ports(1), tmp_path, SCRIPTS, "127.0.0.1:1", as_root=False)


def test_only_root_asks_nginx_to_stay_root(tmp_path):
    assert "user root;" not in nginx_conf(runtime({}), Ports(1), tmp_path, SCRIPTS, "127.0.0.1:1", as_root=False)
    assert "user root;" in nginx_conf(runtime({}), Ports(1), tmp_path, SCRIPTS, "127.0.0.1:1", as_root=True)


def test_a_proxied_name_of_the_discard_prefix_is_answered_by_rules_only():
    assert [(each.name, each.function, each.bucket) for each in runtime(nowhere("www.x")).hosts] == [("www.x", "", "")]


def test_an_application_says_who_is_let_in_and_for_how_long():
    includes = [{"email": {"email": "a@b.c"}}, {"emailDomain": {"domain": "espice.app"}}]
    assert runtime(access("console.x", *includes)).applications == (
        Application("console.x", "a" * 64, 12 * 3600, ("a@b.c",), ("espice.app",), everybody=False),
    )
    assert runtime(access("console.x", {"everyone": {}})).applications[0].everybody


def test_an_application_with_a_policy_that_is_nowhere_is_an_error():
    records = access("console.x")
    records.pop("cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy")
    with pytest.raises(EdgeError, match=r"^the application console has the policy p, which is nowhere; make it$"):
        runtime(records)


@pytest.mark.parametrize(("text", "number"), [("12h", 43_200), ("1h30m", 5_400), ("45s", 45)])
def test_a_duration_is_a_number_of_seconds(text, number):
    assert seconds(text) == number


@pytest.mark.parametrize("text", ["", "12", "h", "12h!", "twelve"])
def test_what_is_no_duration_is_an_error(text):
    with pytest.raises(ValueError, match=r"is no duration; write it as 12h or 1h30m$"):
        seconds(text)


def test_rules_of_several_rulesets_come_together():
    found = runtime(zone(cache({}), headers({"A": {"operation": "remove"}}))).rules
    assert (len(found.caches), len(found.headers), len(found.redirects)) == (1, 1, 0)


def test_a_ruleset_that_cannot_be_carried_out_is_named():
    with pytest.raises(RuleError) as caught:
        runtime(zone(redirects({"targetUrl": {}})))
    assert str(caught.value) == (
        "ruleset rules: rules[0].actionParameters.fromValue.targetUrl needs a value or an expression, and not both"
    )

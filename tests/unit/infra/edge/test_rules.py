"""The zone's rules: that Cloudflare reads them as they are meant, and what each does."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import octorules_wirefilter as wirefilter
import pytest

from delivery.endpoint import check, cors
from delivery.endpoint.openapi import DOCS
from infra.edge import cache, firewall, headers, limits, problem, redirects, site
from infra.edge.zone import RULESETS, SETTINGS
from infra.names import Names
from tests.unit.infra.recorder import DOMAINS

NAMES = Names("espice", "production", "espice.app")
RULES = {rule["ref"]: (phase, rule) for phase, rules in RULESETS.values() for rule in rules(NAMES)}
EVERYWHERE = pytest.mark.parametrize("environment", sorted(DOMAINS))
# What Cloudflare knows as an action of each phase.
ACTIONS = {
    "http_request_dynamic_redirect": {"redirect"},
    "http_request_transform": {"rewrite"},
    "http_request_firewall_custom": {"block", "skip"},
    "http_ratelimit": {"block"},
    "http_request_cache_settings": {"set_cache_settings"},
    "http_response_headers_transform": {"rewrite"},
    "http_custom_errors": {"serve_error"},
}


def values(part: Any) -> Iterator[str]:
    """Every expression inside a rule's parameters: those that make a text."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "expression":
                yield value
            else:
                yield from values(value)


@pytest.mark.parametrize("ref", RULES)
def test_cloudflares_own_parser_takes_every_expression(ref):
    rule = RULES[ref][1]
    assert wirefilter.parse_expression(rule["expression"]).get("error") is None
    for value in values(rule["action_parameters"]):
        assert wirefilter.parse_expression(f'{value} eq ""').get("error") is None


@pytest.mark.parametrize("ref", RULES)
def test_no_expression_needs_more_than_a_pro_zone_has(ref):
    phase, rule = RULES[ref]
    parsed = wirefilter.parse_expression(rule["expression"])
    assert parsed["regex_literals"] == []
    if phase == "http_ratelimit":
        assert set(parsed["fields"]) <= {"http.host", "http.request.uri.path"}
        assert rule["ratelimit"]["period"] <= 60


def test_a_pro_zone_has_room_for_all_rules():
    most = {"http_ratelimit": 2, "http_request_firewall_custom": 20, "http_request_cache_settings": 25}
    counted = {phase: len(rules(NAMES)) for phase, rules in RULESETS.values()}
    assert all(count <= most.get(phase, 25) for phase, count in counted.items())


@EVERYWHERE
def test_a_phase_has_one_ruleset_and_every_rule_its_own_ref(platforms, environment):
    rulesets = [each.inputs for each in platforms[environment].of("Ruleset").values()]
    assert sorted(each["phase"] for each in rulesets) == sorted(ACTIONS)
    refs = [rule["ref"] for each in rulesets for rule in each["rules"]]
    assert len(refs) == len(set(refs)) == len(RULES)
    for each in rulesets:
        assert {rule["action"] for rule in each["rules"]} == ACTIONS[each["phase"]]


def test_the_edge_keeps_an_answer_as_long_as_its_origin_says_and_never_longer():
    *kept, never = cache.rules(NAMES)
    assert [rule["expression"] for rule in kept] == [
        'http.host eq "updates.espice.app"',
        'http.host eq "downloads.espice.app"',
        'http.host eq "espice.app"',
    ]
    for rule in kept:
        assert rule["action_parameters"] == {
            "cache": True,
            "edge_ttl": {"mode": "bypass_by_default"},
            "browser_ttl": {"mode": "respect_origin"},
            "serve_stale": {"disable_stale_while_updating": True},
        }
    assert (never["expression"], never["action_parameters"]) == (
        'http.host eq "console.espice.app"',
        {"cache": False},
    )


def test_no_challenge_ever_meets_an_installation():
    skip = firewall.rules(NAMES)[0]
    assert skip["expression"] == 'http.host in {"updates.espice.app" "downloads.espice.app"}'
    assert {"http_request_sbfm", "http_request_firewall_managed"} == set(skip["action_parameters"]["phases"])
    assert {"bic", "securityLevel", "uaBlock"} <= set(skip["action_parameters"]["products"])
    assert "http_ratelimit" not in skip["action_parameters"]["phases"]
    challenges = [ref for ref, (_, rule) in RULES.items() if "challenge" in rule["action"]]
    assert challenges == []


@pytest.mark.parametrize("rule", [*firewall.rules(NAMES)[1:], *limits.rules(NAMES)], ids=lambda rule: rule["ref"])
def test_whoever_is_refused_is_told_why_as_a_problem(rule):
    response = rule["action_parameters"]["response"]
    status, said = response["status_code"], json.loads(response["content"])
    assert response["content_type"] == "application/json"
    assert 400 <= status < 500
    assert list(said) == ["type", "title", "status", "detail"]
    assert (said["type"], said["title"], said["status"]) == ("about:blank", HTTPStatus(status).phrase, status)
    assert said["detail"]
    assert len(response["content"].encode()) < 2 * 1024  # the most that Cloudflare takes


def test_where_nothing_answers_programs_get_no_page_and_the_endpoints_own_words_stay():
    [rule] = problem.error_rules(NAMES)
    assert rule["expression"] == (
        'http.host in {"updates.espice.app" "downloads.espice.app"} '
        "and http.response.code ge 500 and not http.response.code in {500 503}"
    )
    said = rule["action_parameters"]
    assert (said["content_type"], "status_code" in said) == ("application/json", False)
    assert json.loads(said["content"]) == {
        "type": "about:blank",
        "title": "No answer",
        "detail": "nothing answers here now; ask again later",
    }


def test_a_page_may_read_why_the_edge_refused_it_a_document():
    rule = headers.rules(NAMES)[2]
    assert rule["expression"] == (
        'http.host eq "updates.espice.app" and starts_with(http.request.uri.path, "/v1/") '
        'and not starts_with(http.request.uri.path, "/v1/update/") and http.response.code ge 400'
    )
    allowed = {"Access-Control-Allow-Origin": {"operation": "set", "value": "*"}}
    assert rule["action_parameters"]["headers"] == allowed
    assert (cors.READS, check.PREFIX) == (headers.READS, headers.CHECKS)


def test_any_page_may_read_the_manifests_and_no_page_an_artifact():
    rule = headers.rules(NAMES)[3]
    assert rule["expression"] == ('http.host eq "downloads.espice.app" and starts_with(http.request.uri.path, "/v1/")')
    allowed = {"Access-Control-Allow-Origin": {"operation": "set", "value": "*"}}
    assert rule["action_parameters"]["headers"] == allowed


def test_a_page_is_framed_by_nobody_and_says_itself_what_it_loads():
    rule = headers.rules(NAMES)[4]
    assert rule["expression"] == 'http.host eq "espice.app"'
    said = {name: how["value"] for name, how in rule["action_parameters"]["headers"].items()}
    policy = dict(part.split(maxsplit=1) for part in said["Content-Security-Policy"].split("; "))
    assert policy == {
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
        "form-action": "'self' https://github.com",
    }
    assert said["Cross-Origin-Opener-Policy"] == said["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(said["Permissions-Policy"].split(", "))


def test_updates_and_downloads_are_read_and_only_events_are_sent():
    method = firewall.rules(NAMES)[1]
    assert method["expression"] == (
        'http.host in {"updates.espice.app" "downloads.espice.app"} '
        'and not http.request.method in {"GET" "HEAD" "OPTIONS"} '
        'and not (http.host eq "updates.espice.app" and http.request.method eq "POST" '
        'and http.request.uri.path eq "/v1/events")'
    )


def test_a_whole_office_behind_one_address_is_never_refused():
    console, answers = limits.rules(NAMES)
    assert limits.OFFICE == {"update checks": 5_000, "events": 5_000, "downloads": 10_000, "documents": 80}
    assert (answers["expression"], console["expression"]) == (
        'http.host eq "updates.espice.app"',
        'http.host eq "console.espice.app"',
    )
    assert answers["ratelimit"]["requests_per_period"] > 1.33 * sum(limits.OFFICE.values())
    assert console["ratelimit"]["requests_per_period"] < answers["ratelimit"]["requests_per_period"] / 10
    for rule in (console, answers):
        assert rule["ratelimit"]["requests_to_origin"] is True
        assert rule["ratelimit"]["characteristics"] == ["ip.src", "cf.colo.id"]


def test_data_may_load_nothing_and_be_framed_by_nobody():
    everywhere, data, *_ = headers.rules(NAMES)
    said = {name: how.get("value") for name, how in everywhere["action_parameters"]["headers"].items()}
    assert said == {
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Powered-By": None,
        "Apigw-Requestid": None,
    }
    assert data["expression"] == (
        'http.host in {"updates.espice.app" "downloads.espice.app"} '
        f'and not (http.host eq "updates.espice.app" and http.request.uri.path eq "{DOCS.path}")'
    )
    policy = data["action_parameters"]["headers"]["Content-Security-Policy"]
    assert policy == {"operation": "set", "value": "default-src 'none'; frame-ancestors 'none'"}


def test_names_lead_where_people_mean():
    led = {
        rule["ref"]: (
            rule["action_parameters"]["from_value"]["status_code"],
            rule["action_parameters"]["from_value"]["target_url"]["expression"],
        )
        for rule in redirects.rules(NAMES)
    }
    assert led == {
        "redirect-www": (301, 'concat("https://espice.app", http.request.uri.path)'),
        "redirect-latest": (
            302,
            'wildcard_replace(http.request.uri.path, r"/latest/*", r"https://updates.espice.app/download/${1}")',
        ),
        "redirect-folder": (301, 'concat("https://espice.app", http.request.uri.path, "/")'),
    }


def test_the_page_for_what_is_not_there_is_small_and_runs_nothing():
    [rule] = site.error_rules(NAMES)
    content = rule["action_parameters"]["content"]
    assert len(content.encode()) < 10 * 1024  # the most that Cloudflare takes
    assert "<script" not in content
    assert 'style="' not in content
    style = content.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"content=\"default-src 'none'; style-src 'sha256-{digest}'\"" in content
    assert rule["action_parameters"]["status_code"] == 404


@EVERYWHERE
def test_the_zones_settings_are_set(platforms, environment):
    stack = platforms[environment]
    found = {each.inputs["settingId"]: each.inputs["value"] for each in stack.of("ZoneSetting").values()}
    assert found == SETTINGS
    assert (found["min_tls_version"], found["always_online"], found["0rtt"]) == ("1.2", "off", "off")
    assert stack.of("TieredCache")["tiered-cache"].inputs["value"] == "on"
    assert stack.of("ZoneDnssec")["dnssec"].inputs["status"] == "active"
    assert stack.of("BotManagement")["bots"].inputs["fightMode"] is False

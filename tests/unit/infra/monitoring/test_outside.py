"""Eyes outside, the probe among them."""

import json

import pytest

from delivery.endpoint.check import parse
from delivery.history import snapshot
from delivery.rules.read import read
from infra.monitoring import probe
from tests.unit.infra.recorder import DOMAINS, ROOT

EVERYWHERE = pytest.mark.parametrize("environment", sorted(DOMAINS))


@EVERYWHERE
def test_both_rungs_are_asked_from_outside_by_both_clouds(platforms, environment):
    domain = DOMAINS[environment]
    asked = {f"updates.{domain}": "/readyz", f"downloads.{domain}": "/v1/history.json"}
    checks = [each.inputs for each in platforms[environment].of("HealthCheck").values()]
    assert {each["fqdn"]: each["resourcePath"] for each in checks} == asked
    assert {(each["type"], each["port"]) for each in checks} == {("HTTPS", 443)}
    checks = [each.inputs for each in platforms[environment].of("Healthcheck").values()]
    assert {each["address"]: each["httpConfig"]["path"] for each in checks} == asked
    assert all(each["httpConfig"]["expectedCodes"] == ["200"] for each in checks)
    assert not any(each["httpConfig"]["followRedirects"] or each["httpConfig"]["allowInsecure"] for each in checks)


@EVERYWHERE
def test_cloudflare_tells_when_its_eyes_see_nothing_and_of_certificates(platforms, environment):
    policies = {name: each.inputs for name, each in platforms[environment].of("NotificationPolicy").items()}
    assert {name: each["alertType"] for name, each in policies.items()} == {
        "updates-down": "health_check_status_notification",
        "downloads-down": "health_check_status_notification",
        "edge-certificate": "universal_ssl_event_type",
        "origin-pull-certificate": "zone_aop_custom_certificate_expiration_type",
    }
    assert policies["updates-down"]["filters"]["statuses"] == ["Unhealthy"]


@EVERYWHERE
def test_the_probe_runs_the_endpoints_build_every_minute_and_is_told_where_to_ask(platforms, environment):
    stack, base = platforms[environment], f"https://updates.{DOMAINS[environment]}"
    function, endpoint = stack.of("Function")["probe"].inputs, stack.of("Function")["updates"].inputs
    assert function["handler"] == "delivery.endpoint.probe.handler"
    for same in ("s3Bucket", "s3Key", "sourceCodeHash", "environment"):
        assert function[same] == endpoint[same]
    schedule = stack.of("Schedule")["probe-schedule"].inputs
    assert schedule["scheduleExpression"] == "rate(1 minute)"
    assert json.loads(schedule["target"]["input"]) == {
        "check": f"{base}/v1/update/stable/linux/x86_64/0.0.1?bundle=appimage",
        "head": f"{base}/v1/head",
    }
    assert schedule["target"]["retryPolicy"]["maximumRetryAttempts"] == 0


def test_what_the_probe_asks_for_is_there_among_the_facts():
    facts, problems = read(snapshot.in_worktree(ROOT))
    assert facts, problems
    path, _, query = probe.CHECK.partition("?")
    asked = parse(path, query, facts.product.value.targets)
    assert asked
    assert asked.channel in facts.channels
    assert asked.target in facts.product.value.targets
    assert asked.bundle == facts.product.value.targets[asked.target].updates[0]


@EVERYWHERE
def test_the_probe_may_write_its_log_and_nothing_else(platforms, environment):
    policy = json.loads(platforms[environment].of("RolePolicy")["probe-permissions"].inputs["policy"])
    [statement] = policy["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert statement["Resource"].endswith(f":log-group:/aws/lambda/espice-{environment}-probe:*")

"""Who is let in to the console."""

from dataclasses import replace

import pulumi_cloudflare as cloudflare
import pytest

from infra.access import Access
from tests.unit.infra.recorder import DOMAINS, infra_of, record


@pytest.mark.parametrize("environment", sorted(DOMAINS))
def test_one_application_stands_before_all_of_the_console(platforms, environment):
    [application] = platforms[environment].of("ZeroTrustAccessApplication").values()
    account = infra_of(environment).cloudflare.account
    assert {key: value for key, value in application.inputs.items() if key != "policies"} == {
        "accountId": account,
        "name": f"espice-{environment}-console",
        "type": "self_hosted",
        "domain": f"console.{DOMAINS[environment]}",
        "sessionDuration": "12h",
        "httpOnlyCookieAttribute": True,
        "sameSiteCookieAttribute": "lax",
        "appLauncherVisible": False,
    }
    assert [each["precedence"] for each in application.inputs["policies"]] == [1]


def test_staff_is_a_domain_or_an_address_and_nobody_else(names):
    infra = infra_of("staging")
    infra = replace(infra, console=replace(infra.console, staff=("@espice.example", "visitor@partner.example")))
    provider = lambda: cloudflare.Provider("cloudflare")  # noqa: E731 - a program may make resources, a test may not
    stack = record("staging", lambda: Access("access", names=names("staging"), config=infra, provider=provider()))
    [policy] = stack.of("ZeroTrustAccessPolicy").values()
    assert policy.inputs["decision"] == "allow"
    assert policy.inputs["includes"] == [
        {"emailDomain": {"domain": "espice.example"}},
        {"email": {"email": "visitor@partner.example"}},
    ]
    assert "excludes" not in policy.inputs
    assert "requires" not in policy.inputs


def test_the_console_is_told_which_application_to_believe(platforms):
    assert "console-aud" in platforms["staging"].exports

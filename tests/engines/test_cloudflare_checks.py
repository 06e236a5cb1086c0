"""What Cloudflare or the laptop's edge would not take is refused at preview time, before anything is applied."""

import pulumi
import pulumi_cloudflare as cloudflare
import pytest
from pulumi_aws import sns

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.registry import plan_only_packages
from delivery.laptop.providers.server import serve
from tests.engines.certificates import pem, self_signed
from tests.engines.programs import stack

ZONE = "0" * 32
ACCOUNT = "1" * 32
NEVER_STALE = {"disable_stale_while_updating": True}


@pytest.fixture(scope="module")
def addresses():
    handle = serve(plan_only_packages(), plan_only=True)
    yield handle.addresses
    handle.stop()


@pytest.fixture
def errors(addresses, tmp_path):
    """The errors of previewing a program, each without the resource that it begins with."""
    engine = EmbeddedEngine(tmp_path, addresses)
    return lambda program: [error.split(": ", 1)[1] for error in engine.preview(stack(program)).errors]


def ruleset(name, phase, *rules, after=()):
    opts = pulumi.ResourceOptions(depends_on=list(after))
    return cloudflare.Ruleset(name, zone_id=ZONE, name=name, kind="zone", phase=phase, rules=list(rules), opts=opts)


def cache_rule(expression="true", ref="r1", **parameters):
    settings = {"cache": True, "serve_stale": NEVER_STALE} | parameters
    return {"ref": ref, "expression": expression, "action": "set_cache_settings", "action_parameters": settings}


def rule(action, expression="true", ratelimit=None, **parameters):
    return {
        "ref": "r1",
        "expression": expression,
        "action": action,
        "action_parameters": parameters,
        "ratelimit": ratelimit,
    }


def record(**values):
    return lambda: cloudflare.DnsRecord("record", **{"zone_id": ZONE, "name": "a.espice.app", "ttl": 60, **values})


# -- rulesets -----------------------------------------------------------------------------------------------------


def test_two_rulesets_in_one_phase_of_a_zone_are_refused(errors):
    def program():
        one = ruleset("one", "http_request_cache_settings", cache_rule())
        ruleset("two", "http_request_cache_settings", cache_rule(), after=[one])

    assert errors(program) == [
        "zoneId, accountId, kind, phase: is the same as that of one, and there can be only one; merge the two"
    ]


def test_two_rulesets_in_two_phases_are_fine(errors):
    def program():
        ruleset("one", "http_request_cache_settings", cache_rule())
        header = {"X-Frame-Options": {"operation": "set", "value": "DENY"}}
        ruleset("two", "http_response_headers_transform", rule("rewrite", headers=header))

    assert errors(program) == []


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (
            'htp.host eq "x"',
            "at character 1: htp.host is unknown; did you mean http.host? "
            "(the parser has 211 names, Cloudflare may have more)",
        ),
        ('http.host eq "x" and', "at its end: expected identifier character; finish it there"),
        (
            'http.host in {"a" 5}',
            "at character 19: invalid digit found in string while parsing with radix 16; mend it there",
        ),
        (
            'http.host eq "x" or\nlen(http.hst) gt 5',
            "at character 5 of line 2: http.hst is unknown; did you mean http.host? "
            "(the parser has 211 names, Cloudflare may have more)",
        ),
    ],
)
def test_an_expression_that_cloudflares_parser_rejects_says_where_and_why(errors, expression, reason):
    def program():
        ruleset("cache", "http_request_cache_settings", cache_rule(expression))

    [error] = errors(program)
    assert error == f"rules[0].expression: Cloudflare does not take {expression!r}, {reason}"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (
            "ip.src in {10.0.0.0/8}",
            "Cloudflare takes 'ip.src in {10.0.0.0/8}', but the laptop's edge does not know it at '10.0.0.0/8}'; "
            "say it another way, or teach delivery/laptop/providers/cloudflare/language.py",
        ),
        (
            "ip.src.asnum eq 1",
            "it reads ip.src.asnum, which the laptop's edge cannot work out; "
            "say it another way, or teach delivery/laptop/edge",
        ),
        (
            "http.response.code eq 404",
            "reads http.response.code, but in this phase there is no answer yet; take it out",
        ),
        (
            'regex_replace(http.host, "a", "b") eq "b"',
            "uses regex_replace, which Cloudflare has for targets only; compare instead",
        ),
    ],
)
def test_an_expression_that_the_edge_cannot_work_out_is_refused(errors, expression, reason):
    def program():
        ruleset("cache", "http_request_cache_settings", cache_rule(expression))

    assert errors(program) == [f"rules[0].expression: {reason}"]


def test_rules_need_a_ref_of_their_own(errors):
    def program():
        nameless = cache_rule() | {"ref": None}
        ruleset("cache", "http_request_cache_settings", cache_rule(), nameless, cache_rule())

    [both] = errors(program)
    assert both == (
        "rules[1].ref: is missing; name the rule, or Cloudflare takes it for a new one at every change; "
        "rules[2].ref: is 'r1', as that of rules[0]; give each rule its own"
    )


RATE = {"characteristics": ["cf.colo.id", "ip.src"], "period": 60, "requests_per_period": 5}


@pytest.mark.parametrize(
    ("phase", "wrong", "message"),
    [
        (
            "http_request_cache_settings",
            rule("redirect", from_value={"target_url": {"value": "https://a"}}),
            "action: is 'redirect', which this phase does not have at the laptop's edge; use set_cache_settings",
        ),
        (
            "http_request_cache_settings",
            cache_rule(cache_key={"cache_deception_armor": True}),
            "actionParameters.cacheKey: is nothing that the laptop's edge does for set_cache_settings; "
            "did you mean cache?",
        ),
        (
            "http_request_cache_settings",
            cache_rule(edge_ttl={"mode": "override_origin"}),
            "actionParameters.edgeTtl.default: is missing; say for how many seconds",
        ),
        (
            "http_request_cache_settings",
            cache_rule(serve_stale={"disable_stale_while_updating": False}),
            "actionParameters.serveStale: lets old answers out; the laptop's edge never does: "
            "set disable_stale_while_updating",
        ),
        (
            "http_request_cache_settings",
            cache_rule(browser_ttl={"mode": "bypass"}),
            "actionParameters.browserTtl.mode: is 'bypass'; the laptop's edge carries out respect_origin only",
        ),
        (
            "http_request_dynamic_redirect",
            rule("redirect", from_value={"target_url": {"value": "https://a"}, "status_code": 200}),
            "actionParameters.fromValue.statusCode: is 200; give 301, 302, 303, 307 or 308",
        ),
        (
            "http_request_dynamic_redirect",
            rule("redirect", from_value={"target_url": {"expression": 'http.host eq "a"'}}),
            "actionParameters.fromValue.targetUrl.expression: Cloudflare does not take 'http.host eq \"a\"', "
            "at its end: it does not work out to a text; give one that does",
        ),
        (
            "http_request_dynamic_redirect",
            rule("redirect", from_value={"target_url": {"value": "a", "expression": "http.host"}}),
            "actionParameters.fromValue.targetUrl: needs a value or an expression, and not both",
        ),
        (
            "http_request_dynamic_redirect",
            rule("redirect"),
            "actionParameters.fromValue: is missing; the action redirect needs it",
        ),
        (
            "http_request_firewall_custom",
            rule("skip", phases=["http_request_origin"]),
            "actionParameters.phases: has 'http_request_origin'; only http_ratelimit, http_request_sbfm, "
            "http_request_firewall_managed can be skipped",
        ),
        (
            "http_request_firewall_custom",
            rule("block", response={"status_code": 200, "content": "", "content_type": "text/plain"}),
            "actionParameters.response.statusCode: is 200; give one from 400 to 499",
        ),
        (
            "http_request_firewall_custom",
            rule("managed_challenge"),
            "action: is 'managed_challenge', which this phase does not have at the laptop's edge; use block, skip",
        ),
        ("http_ratelimit", rule("block"), "ratelimit: is missing; say how many requests in how long"),
        (
            "http_ratelimit",
            rule("block", ratelimit=RATE | {"period": 61}),
            "ratelimit.period: is 61; give one of 10, 60, 120, 300, 600, 3600 seconds",
        ),
        (
            "http_ratelimit",
            rule("block", ratelimit=RATE | {"characteristics": ["ip.src"]}),
            "ratelimit.characteristics: lacks cf.colo.id, by which Cloudflare always counts; add it",
        ),
        (
            "http_ratelimit",
            rule("block", ratelimit=RATE | {"counting_expression": "true"}),
            "ratelimit.countingExpression: is not carried out by the laptop's edge; count requests",
        ),
        (
            "http_custom_errors",
            rule("serve_error", content="x", content_type="text/plain", status_code=200),
            "actionParameters.statusCode: is 200; give one from 400 to 999",
        ),
        (
            "http_response_headers_transform",
            rule("rewrite", headers={"A": {"operation": "remove", "value": "x"}}),
            "actionParameters.headers.A: is removed, so it takes no value; leave it out",
        ),
    ],
)
def test_a_rule_that_nobody_would_carry_out_is_refused(errors, phase, wrong, message):
    assert errors(lambda: ruleset("rules", phase, wrong)) == [f"rules[0].{message}"]


def test_a_phase_that_the_edge_does_not_have_is_refused(errors):
    [error] = errors(lambda: ruleset("rules", "http_request_origin", rule("route")))
    assert error.startswith(
        "phase: is 'http_request_origin', which the laptop's edge does not carry out; it knows http_"
    )


def test_a_rule_with_parts_that_are_not_known_yet_is_not_judged_and_the_others_are(errors):
    def program():
        topic = sns.Topic("t", name="t")
        unknown = cache_rule(topic.arn.apply(lambda arn: f'http.host eq "{arn}"'))
        ruleset("cache", "http_request_cache_settings", unknown, cache_rule("nonsense", ref="r2"))

    [error] = errors(program)
    assert error.startswith("rules[1].expression: Cloudflare does not take 'nonsense', at character 1:")


# -- DNS ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"type": "A", "content": "1.2.3"}, "content: is '1.2.3'; give an IPv4 address"),
        ({"type": "A", "content": "::1"}, "content: is '::1'; give an IPv4 address"),
        ({"type": "AAAA", "content": "1.2.3.4"}, "content: is '1.2.3.4'; give an IPv6 address"),
        ({"type": "CNAME", "content": "b.app."}, "content: is 'b.app.'; give a domain name without a dot at its end"),
        ({"type": "MX", "content": "mail.app"}, "priority: is missing; a MX record needs one, 0 to 65535"),
        (
            {"type": "TXT", "content": "v=spf1 -all"},
            "content: is 'v=spf1 -all'; put it in double quotes, as Cloudflare hands it back, or every preview differs",
        ),
        (
            {"type": "CAA", "content": "x"},
            "data: is what a CAA record holds, instead of content; give it, and no content",
        ),
        (
            {"type": "CAA", "data": {"flags": 0, "tag": "isue", "value": "x"}},
            "data.tag: is 'isue'; give issue, issuewild or iodef",
        ),
        ({"type": "A"}, "content: is what a A record holds; give it, and no data"),
        (
            {"type": "A", "content": "1.2.3.4", "proxied": True},
            "ttl: is 60; Cloudflare takes only 1 (automatic) for proxied records",
        ),
        (
            {"type": "MX", "content": ".", "priority": 0, "proxied": True, "ttl": 1},
            "proxied: is not for MX records; only A, AAAA, CNAME are proxied",
        ),
        ({"type": "A", "content": "1.2.3.4", "ttl": 5}, "ttl: is 5; give 1 (automatic) or 30 to 86400 seconds"),
        (
            {"type": "A", "content": "1.2.3.4", "name": "@"},
            "name: is '@', which Cloudflare hands back as the domain; write the domain, or every preview differs",
        ),
        (
            {"type": "A", "content": "1.2.3.4", "name": "a.app."},
            "name: is 'a.app.', no domain name; write it whole and without a dot at its end",
        ),
    ],
)
def test_a_record_that_cloudflare_would_not_take_is_refused(errors, values, message):
    assert errors(record(**values)) == [message]


@pytest.mark.parametrize(
    "values",
    [
        {"type": "A", "content": "1.2.3.4"},
        {"type": "AAAA", "content": "100::", "proxied": True, "ttl": 1},
        {"type": "CNAME", "content": "_b.acm-validations.aws", "name": "_a.espice.app"},
        {"type": "MX", "content": ".", "priority": 0},
        {"type": "TXT", "content": '"v=DKIM1; p="', "name": "*._domainkey.espice.app"},
        {"type": "CAA", "data": {"flags": 0, "tag": "issue", "value": "pki.goog"}},
    ],
)
def test_a_right_record_is_taken(errors, values):
    assert errors(record(**values)) == []


def test_the_same_record_twice_is_refused(errors):
    def program():
        one = cloudflare.DnsRecord("one", zone_id=ZONE, name="a.app", type="A", content="1.2.3.4", ttl=60)
        after = pulumi.ResourceOptions(depends_on=[one])
        cloudflare.DnsRecord("two", zone_id=ZONE, name="a.app", type="A", content="1.2.3.4", ttl=300, opts=after)

    assert errors(program) == [
        "zoneId, type, name, content, data: is the same as that of one, and there can be only one; merge the two"
    ]


def test_a_record_whose_content_is_not_known_yet_is_judged_by_the_rest(errors):
    def program():
        topic = sns.Topic("t", name="t")
        cloudflare.DnsRecord("r", zone_id=ZONE, name="a.app", type="A", content=topic.arn, proxied=True, ttl=60)

    assert errors(program) == ["ttl: is 60; Cloudflare takes only 1 (automatic) for proxied records"]


# -- the others ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("min_tls", "1.2", "settingId: is 'min_tls', which no zone has; did you mean min_tls_version?"),
        ("ssl", "stric", "value: is 'stric'; ssl takes off, flexible, full, strict, origin_pull"),
        ("http3", True, "value: is True; http3 takes on, off"),
    ],
)
def test_a_zone_setting_takes_only_its_own_values(errors, setting, value, message):
    program = lambda: cloudflare.ZoneSetting("s", zone_id=ZONE, setting_id=setting, value=value)  # noqa: E731
    assert errors(program) == [message]


def application(**values):
    return lambda: cloudflare.ZeroTrustAccessApplication(
        "app",
        **{
            "account_id": ACCOUNT,
            "name": "app",
            "type": "self_hosted",
            "domain": "a.app",
            "policies": [{"id": "p", "precedence": 1}],
            **values,
        },
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"zone_id": ZONE}, "accountId: or zoneId says where it is; give one of them"),
        ({"type": "saas"}, "type: is 'saas'; the laptop has self_hosted applications only"),
        ({"domain": "a.app/b"}, "domain: is 'a.app/b'; give a host, without a path"),
        ({"policies": []}, "policies: is missing; without one nobody is let in"),
        ({"session_duration": "12 hours"}, "sessionDuration: is '12 hours'; write it as 12h or 1h30m"),
    ],
)
def test_an_application_that_the_edge_could_not_guard_is_refused(errors, values, message):
    assert errors(application(**values)) == [message]


def test_a_policy_knows_only_who_is_let_in(errors):
    def program():
        values = {"account_id": ACCOUNT, "name": "p", "decision": "allow"}
        cloudflare.ZeroTrustAccessPolicy("p", **values, includes=[{"geo": {"country_code": "DE"}}])

    assert errors(program) == ["includes[0]: has geo; the laptop knows one of email, emailDomain, everyone in each"]


def test_a_certificate_that_the_key_does_not_belong_to_is_refused(errors):
    (own, certificate), (other, _) = self_signed(), self_signed()

    def pull(certificate, key):
        return lambda: cloudflare.AuthenticatedOriginPullsCertificate(
            "c", zone_id=ZONE, certificate=certificate, private_key=key
        )

    assert errors(pull(certificate, pem(own))) == []
    assert errors(pull(certificate, pem(other))) == [
        "privateKey: is not the certificate's; give the key that it was made with"
    ]
    assert errors(pull("nonsense", pem(own))) == [
        "certificate: is no certificate in PEM form; give one, from BEGIN to END CERTIFICATE"
    ]


def test_a_health_check_asks_for_codes_that_there_are(errors):
    def program():
        config = {"path": "/healthz", "expected_codes": ["2**"]}
        cloudflare.Healthcheck("h", zone_id=ZONE, name="h", address="a.app", type="HTTPS", http_config=config)

    assert errors(program) == ["httpConfig.expectedCodes: has '2**'; write 200 or 2xx"]


def test_a_notification_tells_somebody(errors):
    def program():
        kind = "health_check_status_notification"
        cloudflare.NotificationPolicy(
            "n", account_id=ACCOUNT, name="n", alert_type=kind, mechanisms={"emails": []}, enabled=True
        )

    assert errors(program) == ["mechanisms: names nobody; give emails, webhooks or pagerduties"]

"""Nothing is reached without TLS, and not by TLS older than 1.2."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pulumi_policy import PolicyResource

from policies.buckets import BUCKET
from policies.permissions import statements, told
from policies.policy import Resource, each, is_about, known, of_type, together

RECORD = "cloudflare:index/dnsRecord:DnsRecord"
SETTING = "cloudflare:index/zoneSetting:ZoneSetting"
NEW_ENOUGH = ("1.2", "1.3")
SETTINGS = {"ssl": ("strict",), "min_tls_version": NEW_ENOUGH, "always_use_https": ("on",)}
"""What a zone must be set to, for which a setting alone is not enough: it must also be there."""


def refuses_plain(policy: str, service: str, things: Collection[str]) -> bool:
    """Whether a resource's policy denies all of its service to everybody who comes without TLS.

    `things` are the ends of the ARNs that it must speak of, such as that of a bucket and that of its objects.
    """
    return any(
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"})
        and not {"*", f"{service}:*"}.isdisjoint(told(statement, "Action"))
        and all(any(on == "*" or on.endswith(thing) for on in told(statement, "Resource")) for thing in things)
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in statements(policy)
    )


def _refuse_plain(
    resources: Sequence[PolicyResource], what: str, policy: str, key: str, called: str, ends: Collection[str]
) -> Iterator[tuple[PolicyResource, str]]:
    """`called` is the property with the resource's name, which `ends` of ARNs contain."""
    service = what.removeprefix("aws:").partition("/")[0]
    policies = of_type(resources, policy)
    for resource in of_type(resources, what):
        own = [each_one for each_one in policies if is_about(each_one, key, resource)]
        texts = [known(each_one.props, "policy") for each_one in own]
        name = known(resource.props, called)
        things = [end.format(name) for end in ends] if name else []
        if not own or not all(text is None or refuses_plain(text, service, things) for text in texts):
            kind = policy.rsplit(":", 1)[1]
            yield (
                resource,
                f"it can be reached without TLS; give it a {kind} that denies all where aws:SecureTransport is false",
            )


def _buckets(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    ends = (":::{}", ":::{}/*")
    return _refuse_plain(resources, BUCKET, "aws:s3/bucketPolicy:BucketPolicy", "bucket", "bucket", ends)


def _queues(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    return _refuse_plain(
        resources, "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy", "queueUrl", "name", (":{}",)
    )


def _zones(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    said = {
        (known(each_one.props, "zoneId"), known(each_one.props, "settingId"))
        for each_one in of_type(resources, SETTING)
    }
    zones = {known(record.props, "zoneId"): record for record in of_type(resources, RECORD)}
    for zone, record in zones.items():
        for setting in SETTINGS:
            if (zone, setting) not in said:
                yield record, f"its zone does not say {setting}; add that ZoneSetting"


def _setting(setting: Resource) -> Iterator[str]:
    name, value = setting.props.get("settingId"), setting.props.get("value")
    allowed = SETTINGS.get(str(name), (value,))
    if value not in allowed:
        yield f"{name} is {value}, which lets browsers and installations do without good TLS; set {allowed[0]}"


def _r2_host(domain: Resource) -> Iterator[str]:
    if domain.props.get("minTls") not in NEW_ENOUGH:
        yield "it takes TLS 1.0; set min_tls to 1.2"


def _database(group: Resource) -> Iterator[str]:
    said = {parameter.get("name"): parameter.get("value") for parameter in group.props.get("parameters") or []}
    if str(said.get("rds.force_ssl")) != "1":
        yield "it lets clients in without TLS; set the parameter rds.force_ssl to 1"


POLICIES = (
    together("buckets-over-tls", "Buckets are reached over TLS only.", _buckets),
    together("queues-over-tls", "Queues are reached over TLS only.", _queues),
    together("zones-over-tls", "Zones say that they want TLS 1.2 at least.", _zones),
    each("zone-settings", "Zones are set to TLS 1.2 at least.", {SETTING}, _setting),
    each("r2-hosts", "R2 is served by TLS 1.2 at least.", {"cloudflare:index/r2CustomDomain:R2CustomDomain"}, _r2_host),
    each("databases-over-tls", "Databases insist on TLS.", {"aws:rds/parameterGroup:ParameterGroup"}, _database),
)

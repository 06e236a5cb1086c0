"""Cloudflare's account is the ledger: what is on record is what is there, for drift, imports, and killed runs."""

from collections.abc import Mapping
from functools import partial

import pulumi_cloudflare as cloudflare
import pytest
from pulumi import Output, ResourceOptions

from delivery.engines.backend import Backend
from delivery.engines.cli import needed
from delivery.engines.engine_pulumi import PulumiEngine
from delivery.laptop.providers.cloudflare import HANDLERS
from delivery.laptop.providers.ledger import Ledger
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from tests.engines.certificates import pem, self_signed
from tests.engines.programs import stack

pytestmark = pytest.mark.slow

ZONE, ACCOUNT = "0" * 32, "1" * 32
HOST = "a.espice.app"
KEY, CERTIFICATE = self_signed()


def everything(ids: Mapping[str, str]) -> None:
    """Every Cloudflare type that the laptop realises; those that have an id are imported by it."""
    _zone(ids)
    _rules(ids)
    _access(ids)
    _watch()
    bucket = cloudflare.R2Bucket(
        "bucket", account_id=ACCOUNT, name="downloads", location="weur", opts=_known(ids, "bucket")
    )
    cloudflare.R2CustomDomain(
        "domain",
        account_id=ACCOUNT,
        bucket_name=bucket.name,
        domain=HOST,
        enabled=True,
        zone_id=ZONE,
        min_tls="1.2",
        opts=_known(ids, "domain"),
    )


def _known(ids: Mapping[str, str], name: str) -> ResourceOptions:
    return ResourceOptions(import_=ids.get(name))


def _zone(ids: Mapping[str, str]) -> None:
    cloudflare.ZoneSetting("tls", zone_id=ZONE, setting_id="min_tls_version", value="1.2", opts=_known(ids, "tls"))
    cloudflare.TieredCache("tiered", zone_id=ZONE, value="on", opts=_known(ids, "tiered"))
    cloudflare.ZoneDnssec("dnssec", zone_id=ZONE, status="active", opts=_known(ids, "dnssec"))
    cloudflare.BotManagement("bots", zone_id=ZONE, fight_mode=False, enable_js=False)
    cloudflare.UrlNormalizationSettings("urls", zone_id=ZONE, scope="incoming", type="cloudflare")
    cloudflare.DnsRecord("a", zone_id=ZONE, name=HOST, type="A", content="1.2.3.4", ttl=60, opts=_known(ids, "a"))
    caa = {"flags": 0, "tag": "issue", "value": "pki.goog"}
    cloudflare.DnsRecord(
        "caa", zone_id=ZONE, name="espice.app", type="CAA", data=caa, ttl=3600, opts=_known(ids, "caa")
    )
    cloudflare.AuthenticatedOriginPullsCertificate("pull", zone_id=ZONE, certificate=CERTIFICATE, private_key=pem(KEY))
    cloudflare.AuthenticatedOriginPullsSettings("pulls", zone_id=ZONE, enabled=True)


def _rules(ids: Mapping[str, str]) -> None:
    blocks = [{"ref": ref, "expression": f'http.host eq "{ref}"', "action": "block"} for ref in ("one", "two")]
    phase = "http_request_firewall_custom"
    cloudflare.Ruleset(
        "firewall", zone_id=ZONE, name="firewall", kind="zone", phase=phase, rules=blocks, opts=_known(ids, "firewall")
    )


def _access(ids: Mapping[str, str]) -> None:
    policy = cloudflare.ZeroTrustAccessPolicy(
        "staff",
        account_id=ACCOUNT,
        name="staff",
        decision="allow",
        includes=[{"email": {"email": "a@b.c"}}],
        opts=_known(ids, "staff"),
    )
    cloudflare.ZeroTrustAccessApplication(
        "console",
        account_id=ACCOUNT,
        name="console",
        type="self_hosted",
        domain=HOST,
        session_duration="12h",
        policies=[{"id": policy.id, "precedence": 1}],
        opts=_known(ids, "console"),
    )


def _watch() -> None:
    check = cloudflare.Healthcheck("check", zone_id=ZONE, name="check", address=HOST, type="HTTPS")
    hook = cloudflare.NotificationPolicyWebhooks(
        "hook", account_id=ACCOUNT, name="hook", url="https://espice.app/hook", secret="hook-s3cret"
    )
    cloudflare.NotificationPolicy(
        "tell",
        account_id=ACCOUNT,
        name="tell",
        enabled=True,
        alert_type="health_check_status_notification",
        filters={"health_check_ids": [check.id]},
        mechanisms={"webhooks": [{"id": hook.id}], "emails": [{"id": Output.from_input("a@b.c")}]},
    )


EVERYTHING = stack(partial(everything, {}))


@pytest.fixture
def applied(laptop):
    """The embedded engine, after everything was made."""
    outcome = laptop.apply(EVERYTHING)
    assert outcome.errors == ()
    return laptop


@pytest.fixture
def by_hand(ledger):
    """Changes a record behind everybody's back."""

    def change(kind: str, **values) -> None:
        [token] = [each for each in HANDLERS if each.endswith(f":{kind}")]
        identity, record = next(iter(Ledger(ledger).read()[token].items()))
        Ledger(ledger).put(token, identity, record | values)

    return change


def changes(outcome) -> list[tuple[str, str, tuple[str, ...]]]:
    assert outcome.errors == ()
    return [(step.urn.rsplit("::", 1)[1], step.operation.value, step.changed) for step in outcome.changes]


@pytest.mark.usefixtures("applied")
def test_every_type_that_there_is_is_tried_here(ledger):
    assert set(HANDLERS) <= set(Ledger(ledger).read())


def test_right_after_an_apply_nothing_differs(applied):
    assert changes(applied.refresh(EVERYTHING, preview=True)) == []
    assert changes(applied.preview(EVERYTHING)) == []


@pytest.mark.parametrize(
    ("kind", "values", "name"),
    [
        ("ZoneSetting", {"value": "1.0"}, "tls"),
        ("TieredCache", {"value": "off"}, "tiered"),
        ("R2CustomDomain", {"enabled": False}, "domain"),
        ("ZeroTrustAccessPolicy", {"includes": [{"everyone": {}}]}, "staff"),
        ("AuthenticatedOriginPullsCertificate", {"privateKey": "sha256:another"}, "pull"),
    ],
)
def test_one_change_by_hand_shows_as_that_property_of_that_resource(applied, by_hand, kind, values, name):
    by_hand(kind, **values)
    assert changes(applied.refresh(EVERYTHING, preview=True)) == [(name, "update", tuple(values))]


def test_rules_in_another_order_are_another_ruleset(applied, by_hand, ledger):
    [record] = Ledger(ledger).read()["cloudflare:index/ruleset:Ruleset"].values()
    by_hand("Ruleset", rules=record["rules"][::-1])
    assert changes(applied.refresh(EVERYTHING, preview=True)) == [("firewall", "update", ("rules",))]


def test_what_somebody_deleted_shows_as_gone(applied, ledger, storage):
    [identity] = Ledger(ledger).read()["cloudflare:index/ruleset:Ruleset"]
    Ledger(ledger).drop("cloudflare:index/ruleset:Ruleset", identity)
    storage.delete_bucket(Bucket="downloads")
    gone = changes(applied.refresh(EVERYTHING, preview=True))
    assert sorted((name, operation) for name, operation, _ in gone) == [("bucket", "delete"), ("firewall", "delete")]


@pytest.mark.usefixtures("applied")
def test_no_secret_is_on_record(ledger):
    text = ledger.read_text()
    assert "hook-s3cret" not in text
    assert "PRIVATE KEY" not in text


def test_a_second_try_finds_what_the_first_one_made(applied, ledger):
    before = Ledger(ledger).read()
    applied.forget("laptop")
    assert applied.apply(EVERYTHING).errors == ()
    assert Ledger(ledger).read() == before


def test_destroying_leaves_nothing(applied, ledger, storage):
    assert applied.destroy(EVERYTHING).errors == ()
    assert {token: records for token, records in Ledger(ledger).read().items() if records} == {}
    assert storage.list_buckets()["Buckets"] == []


BY_NAME = {
    "a": ("DnsRecord", "{zone}/{id}"),
    "caa": ("DnsRecord", "{zone}/{id}"),
    "tls": ("ZoneSetting", "{zone}/min_tls_version"),
    "tiered": ("TieredCache", "{zone}"),
    "dnssec": ("ZoneDnssec", "{zone}"),
    "firewall": ("Ruleset", "zones/{zone}/{id}"),
    "bucket": ("R2Bucket", "{account}/downloads/default"),
    "domain": ("R2CustomDomain", "{account}/downloads/{id}"),
    "staff": ("ZeroTrustAccessPolicy", "{account}/{id}"),
    "console": ("ZeroTrustAccessApplication", "accounts/{account}/{id}"),
}


@pytest.mark.engine
def test_an_existing_zone_is_imported_by_id_and_previews_as_unchanged(applied, moto, ledger, tmp_path):
    """The real engine, with no state, takes over what the other one has made."""
    ids = {name: existing(name, applied) for name in BY_NAME}
    before = Ledger(ledger).read()
    handle = serve(packages(moto, ledger))
    backend = Backend.on_disk(tmp_path / "backend", tmp_path / "passphrase")
    real = PulumiEngine(needed(), tmp_path / "real", backend, "espice", handle.addresses)
    try:
        taken = real.apply(stack(partial(everything, ids)))
        assert {name for name, operation, _ in changes(taken) if operation == "import"} == set(BY_NAME)
        assert changes(real.preview(EVERYTHING)) == []
        assert Ledger(ledger).read() == before
    finally:
        handle.stop()


def existing(name: str, engine) -> str:
    """The id by which an import names it, as the documentation of Cloudflare's provider has it."""
    kind, way = BY_NAME[name]
    token = f"cloudflare:index/{kind[0].lower()}{kind[1:]}:{kind}"
    resources = engine.deployment("laptop")["deployment"]["resources"]
    [found] = [each for each in resources if each["urn"].endswith(f"{token}::{name}")]
    return way.format(zone=ZONE, account=ACCOUNT, id=found["id"])

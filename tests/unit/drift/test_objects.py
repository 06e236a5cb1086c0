"""Objects in the buckets, each changed by hand behind everybody's back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from securesystemslib.signer import CryptoSigner

from delivery.commands.desk import ROOT
from delivery.deploy import steps
from delivery.drift import objects
from delivery.drift.found import Drift
from delivery.laptop import keys
from delivery.rules import load
from delivery.rules.catalog import download_path
from delivery.rules.facts import Product, Withdrawal
from delivery.rules.head import LIFETIME, Head, seal
from infra.names import HEAD_KEY, HISTORY_KEY, PUBLIC_HISTORY, catalog_key
from tests.unit.rules.files import files

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
READY = steps.prepare(files(), None, "laptop", NOW)
PRODUCT = READY.facts.product.value
OWN = load.parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)[0].value  # type: ignore[union-attr]
TRUSTED = OWN.head_keys("laptop")
MEND = "./inv apply laptop-live"


def signed(sha256: str = READY.sha256, age: timedelta = timedelta(0), by: CryptoSigner | None = None) -> bytes:
    issued = NOW - age
    return seal(
        Head(PRODUCT.product, "laptop", 7, "c" * 40, sha256, issued, issued + LIFETIME), by or keys.head_signer()
    )


def heads(data: bytes | None) -> list[Drift]:
    store = {HEAD_KEY: data}
    return list(objects.head(store.get, TRUSTED, PRODUCT.product, "laptop", READY.sha256, NOW, MEND))


def test_a_catalog_with_other_bytes_or_none_is_named() -> None:
    def found(data: bytes | None) -> list[str]:
        store = {catalog_key(READY.sha256): data}
        return [each.what for each in objects.catalog(store.get, READY.data, READY.sha256, MEND)]

    assert found(READY.data) == []
    assert found(READY.data + b" ") == [f"holds other bytes ({len(READY.data) + 1}) than HEAD says ({len(READY.data)})"]
    assert found(None) == ["is not there"]


def test_a_public_history_that_is_not_the_one_on_the_downloads_host_is_named() -> None:
    def found(data: bytes | None, meant: dict[str, bytes]) -> list[Drift]:
        return list(objects.history({HISTORY_KEY: data}.get, meant, MEND))

    meant = {PUBLIC_HISTORY: b"{}"}
    assert found(b"{}", meant) == found(None, {}) == []
    where = "public history, for the endpoint"
    assert found(None, meant) == [Drift(where, "is not there", MEND)]
    assert found(b"[1]", meant) == [Drift(where, "holds other bytes (3) than HEAD says (2)", MEND)]


def test_a_good_head_is_silent() -> None:
    assert heads(signed()) == []


def test_a_head_that_is_missing_or_signed_by_somebody_else_is_named() -> None:
    assert heads(None) == [Drift("head", "is not there, so nothing is offered to anybody", MEND)]
    stranger = CryptoSigner.generate_ed25519()
    assert heads(signed(by=stranger)) == [Drift("head", "is believed by nobody: no trusted key signed it", MEND)]


def test_a_head_that_names_another_catalog_is_named() -> None:
    what = f"names the catalog {'a' * 12} of commit {'c' * 9}, not {READY.sha256[:12]}"
    assert heads(signed(sha256="a" * 64)) == [Drift("head", what, MEND)]


def test_a_head_that_was_not_signed_anew_is_named_a_day_before_it_expires() -> None:
    assert heads(signed(age=timedelta(hours=47))) == []
    assert [each.what for each in heads(signed(age=timedelta(hours=49)))] == [
        "expires at 2026-11-27 11:00 UTC and was not signed anew"
    ]


def test_each_manifest_that_changed_or_went_is_named() -> None:
    meant = {"v1/a.json": b"a", "v1/b.json": b"b", "v1/c.json": b"c"}
    there = {"v1/a.json": b"a", "v1/b.json": b"x"}
    assert [str(each) for each in objects.manifests(there.get, meant, MEND)] == [
        f"manifest v1/b.json: holds other bytes (1) than HEAD says (1); {MEND}",
        f"manifest v1/c.json: is not there; {MEND}",
    ]


def test_artifacts_are_read_whole_in_each_bucket() -> None:
    asked: list[str] = []
    found = list(
        objects.artifacts({"archive": lambda _: b"other", "downloads": lambda _: None}, READY.facts, asked.append)
    )
    each = [
        artifact for filed in READY.facts.versions.values() for b in filed.value.artifacts.values() for artifact in b
    ]
    assert len(found) == 2 * len(each) == 2 * len(asked)
    assert {drift.what.split("…")[0] for drift in found if drift.where.startswith("artifact archive")} == {
        "has sha256 d9298a10d1b0"
    }
    assert {drift.what for drift in found if drift.where.startswith("artifact downloads")} == {"is not there"}
    assert all(drift.where.startswith(f"artifact archive/{key}") for drift, key in zip(found[::2], asked, strict=True))
    assert asked[0].startswith(download_path(PRODUCT.product, next(iter(READY.facts.versions)), ""))


def test_files_that_are_served_to_nobody_need_not_be_there() -> None:
    version, channels = next(iter(READY.facts.versions)), tuple(READY.facts.channels)
    gone = Withdrawal(version, channels, NOW, "It does harm.", "gone")
    filed = replace(next(iter(READY.facts.versions.values())), value=gone)
    facts = replace(READY.facts, withdrawals={version: filed})  # type: ignore[dict-item] # only its value is read
    found = list(objects.artifacts({"archive": lambda _: b"x", "downloads": lambda _: None}, facts, lambda _: None))
    missing = [drift.where for drift in found if drift.what == "is not there"]
    assert missing
    assert not [where for where in missing if f"/{version}/" in where]
    assert [drift for drift in found if drift.where.startswith(f"artifact archive/{PRODUCT.product}/{version}/")]

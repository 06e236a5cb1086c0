"""Signing and verifying: what may be published, and what each flaw says."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import minisign
import pytest

from delivery.artifacts import fact, samples
from delivery.artifacts.sign import sign
from delivery.artifacts.verify import verify
from delivery.laptop import keys
from delivery.rules.signature import comment_fields, key_id

PUBLISHED = datetime(2026, 11, 20, 10, tzinfo=UTC)
FILE = "ESpice_9.8.7_amd64.deb"
DATA = samples.build("ESpice", "9.8.7", "linux-x86_64", "deb")
RE_SIGN = "sign the file with: tauri signer sign --app-version VERSION FILE"


@pytest.fixture(scope="module")
def sound(demo_key):
    return fact.artifact(FILE, DATA, sign(DATA, FILE, "9.8.7", PUBLISHED, demo_key))


@pytest.fixture
def flaws(product):
    """What is said of an artifact, as field: what; mend."""

    def said(artifact, version="9.8.7", bundle="deb", data=DATA, environment="laptop"):
        found = verify(artifact, version, bundle, data, product.artifact_keys(environment))
        return [f"{flaw.field}: {flaw.what}; {flaw.mend}" for flaw in found]

    return said


def test_the_same_build_is_signed_the_same(demo_key, sound):
    assert sign(DATA, FILE, "9.8.7", PUBLISHED, demo_key) == sound.signature


def test_a_signature_reads_as_tauri_s_own(sound, product):
    text = base64.b64decode(sound.signature).decode()
    assert text.startswith("untrusted comment: signature from tauri secret key\nRUS")  # base64 of ED: prehashed
    assert text.endswith("==\n")
    assert comment_fields(sound.signature) == {"timestamp": "1795168800", "file": FILE, "version": "9.8.7"}
    assert key_id(sound.signature) in product.artifact_keys("laptop")


def test_what_is_sound_has_no_flaw(flaws, sound):
    assert flaws(sound) == []


def test_what_nobody_updates_to_needs_no_signature(flaws, sound):
    assert flaws(replace(sound, signature=None)) == []


def test_other_bytes_of_the_same_size_are_found_by_digest_and_signature(flaws, sound):
    other = DATA[:-1] + b"!"
    found = hashlib.sha256(other).hexdigest()
    assert flaws(sound, data=other) == [
        f"sha256: {FILE} has sha256 {found}, the fact says {sound.sha256}; "
        "build the fact from the very file that is uploaded; never edit one of the two",
        f"signature: the signature does not fit the bytes of {FILE}; {RE_SIGN}",
    ]


def test_another_size_is_named(flaws, sound):
    assert flaws(replace(sound, size=7)) == [
        f"size: {FILE} has {len(DATA)} bytes, the fact says 7; "
        "build the fact from the very file that is uploaded; never edit one of the two"
    ]


def test_a_file_under_another_bundle_is_named(flaws, sound):
    assert flaws(sound, bundle="appimage") == [
        f"file: {FILE} is filed as appimage but looks like deb; file it under its own bundle, or build appimage"
    ]


def test_bytes_of_no_kind_are_named(flaws, demo_key):
    page = b"<html>not found</html>"
    artifact = fact.artifact(FILE, page, sign(page, FILE, "9.8.7", PUBLISHED, demo_key))
    assert flaws(artifact, data=page) == [
        f"file: {FILE} is filed as deb but is of no kind that we ship; file it under its own bundle, or build deb"
    ]


def test_a_key_that_is_trusted_elsewhere_only_is_not_trusted_here(flaws, sound):
    assert flaws(sound, environment="production") == [
        f"signature: {FILE} is signed by key {key_id(sound.signature)}, which is not trusted here; "
        "sign it with a key that product.yaml trusts in this environment"
    ]


def test_another_key_under_a_trusted_id_does_not_verify(flaws, sound, demo_key):
    forged = minisign.KeyPair.generate().secret_key
    forged._keynum_sk.key_id[:] = demo_key._keynum_sk.key_id
    signature = sign(DATA, FILE, "9.8.7", PUBLISHED, forged)
    assert flaws(replace(sound, signature=signature)) == [
        f"signature: the signature does not fit the bytes of {FILE}; {RE_SIGN}"
    ]


def test_a_signature_for_another_version_is_named(flaws, sound):
    assert flaws(sound, version="9.8.8") == [
        f"signature: the signature of {FILE} names version 9.8.7, not 9.8.8; {RE_SIGN}"
    ]


def test_a_signature_without_version_and_file_is_named(flaws, sound, demo_key):
    bare = base64.b64encode(bytes(demo_key.sign(DATA, trusted_comment="timestamp:1"))).decode()
    assert flaws(replace(sound, signature=bare)) == [
        f"signature: the signature of {FILE} names no version, not 9.8.7; {RE_SIGN}",
        f"signature: the signature of {FILE} names no file, not {FILE}; {RE_SIGN}",
    ]


def test_a_signature_of_the_old_kind_is_refused(flaws, sound, demo_key):
    said = f"file:{FILE}\tversion:9.8.7"
    old = base64.b64encode(bytes(demo_key.sign(DATA, prehash=False, trusted_comment=said))).decode()
    assert flaws(replace(sound, signature=old)) == [
        f"signature: the signature does not fit the bytes of {FILE}; {RE_SIGN}"
    ]


def test_a_text_that_is_no_signature_is_named(flaws, sound):
    assert flaws(replace(sound, signature="aGVsbG8=")) == [
        f"signature: the signature of {FILE} is none: "
        f"it has fewer than the four lines of a minisign signature; {RE_SIGN}"
    ]


def test_every_demo_build_of_this_repository_verifies_from_its_sample_bytes(facts, product):
    """So the facts under releases/ are true on every machine, and no artifact has to lie in git."""
    trusted = product.artifact_keys("laptop")
    for filed in facts.versions.values():
        version = filed.value
        for target, bundles in version.artifacts.items():
            for bundle, artifact in bundles.items():
                data = samples.build(product.title, version.version, target, bundle)
                assert verify(artifact, version.version, bundle, data, trusted) == (), artifact.file


def test_demo_keys_are_trusted_on_the_laptop_only_and_are_two(product):
    signer = keys.head_signer()
    assert [key.id for key in product.head_keys("laptop")] == [signer.public_key.keyid]
    assert [key.public for key in product.artifact_keys("laptop").values()] == [keys.artifact_public_key()]
    demo = {signer.public_key.keyid, *product.artifact_keys("laptop")}
    for environment in ("staging", "production"):
        trusted = {*product.artifact_keys(environment), *(key.id for key in product.head_keys(environment))}
        assert not trusted & demo

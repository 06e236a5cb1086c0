"""Attestations are verified as Sigstore's own library does it, by roots of trust of our own, without a network."""

import json
from base64 import b64decode, b64encode

import pytest

from delivery.artifacts import attested
from delivery.artifacts.attested import Attestor, DoesNotHold
from tests.unit.artifacts.attesting import Sigstore

APP = "espice/espice"
COMMIT = "2591df7790c6774a2e2089450479311aecb14163"
SHA256 = "ab" * 32
OURS = Sigstore()
ATTESTOR = Attestor(APP, COMMIT, OURS.root())


def said(bundle, sha256=SHA256, attestor=ATTESTOR):
    with pytest.raises(DoesNotHold) as caught:
        attestor.verify(bundle, sha256)
    return str(caught.value)


def test_an_attestation_of_these_bytes_from_this_commit_of_this_repository_holds():
    ATTESTOR.verify(OURS.attest(SHA256, APP, COMMIT), SHA256)


def test_one_of_other_bytes_does_not():
    assert said(OURS.attest("cd" * 32, APP, COMMIT)) == "it is of other bytes"
    assert said(OURS.attest(SHA256, APP, COMMIT, kind="text/plain")) == "it is of other bytes"


def test_one_of_another_repository_commit_or_issuer_does_not():
    where = "Certificate's OIDCSourceRepositoryURI does not match"
    assert said(OURS.attest(SHA256, "eve/espice", COMMIT)) == (
        f"{where} (got https://github.com/eve/espice, expected https://github.com/espice/espice)"
    )
    other = "c" * 40
    assert said(OURS.attest(SHA256, APP, other)) == (
        f"Certificate's OIDCSourceRepositoryDigest does not match (got {other}, expected {COMMIT})"
    )
    assert said(OURS.attest(SHA256, APP, COMMIT, issuer="https://accounts.espice.localhost")) == (
        f"Certificate's OIDCIssuerV2 does not match (got https://accounts.espice.localhost, expected {attested.ISSUER})"
    )


def test_one_that_another_authority_vouches_for_does_not():
    assert said(Sigstore().attest(SHA256, APP, COMMIT)).startswith("failed to build timestamp certificate chain: ")
    stranger = Sigstore()
    for ours, what in (
        (Sigstore(OURS.authority, stranger.certificates, OURS.signatures), "failed to verify SCT"),
        (Sigstore(OURS.authority, OURS.certificates, stranger.signatures), "invalid log entry: checkpoint"),
    ):
        assert said(ours.attest(SHA256, APP, COMMIT)).startswith(what)


def test_one_whose_words_were_changed_after_it_was_signed_does_not():
    bundle = OURS.attest("cd" * 32, APP, COMMIT)
    payload = json.loads(b64decode(bundle["dsseEnvelope"]["payload"]))
    payload["subject"][0]["digest"]["sha256"] = SHA256
    bundle["dsseEnvelope"]["payload"] = b64encode(json.dumps(payload).encode()).decode()
    assert said(bundle) == "DSSE: invalid signature"


@pytest.mark.parametrize("at", ["certificate", "tlogEntries"])
def test_one_that_lacks_a_part_does_not(at):
    bundle = OURS.attest(SHA256, APP, COMMIT)
    del bundle["verificationMaterial"][at]
    assert said(bundle)
    assert said({})


def test_one_in_no_public_log_is_told_apart():
    bundle = OURS.attest(SHA256, APP, COMMIT)
    assert attested.is_public(bundle)
    del bundle["verificationMaterial"]["tlogEntries"]
    assert not attested.is_public(bundle)
    assert not attested.is_public({})


def test_the_public_roots_come_with_the_library_and_trust_none_of_ours():
    root = attested.trusted_root()
    assert root.get_fulcio_certs()
    assert said(OURS.attest(SHA256, APP, COMMIT), attestor=Attestor(APP, COMMIT, root)).startswith(
        "failed to build timestamp certificate chain: "
    )

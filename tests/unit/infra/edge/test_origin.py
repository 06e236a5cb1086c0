"""How Cloudflare proves itself to the API."""

import hashlib

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from delivery.laptop import keys
from infra.edge.origin import split
from tests.unit.infra.recorder import DOMAINS, infra_of

pytestmark = pytest.mark.slow

EVERYWHERE = pytest.mark.parametrize("environment", sorted(DOMAINS))


@EVERYWHERE
def test_the_hosts_of_the_api_take_the_authorities_and_cloudflare_shows_the_certificate(platforms, environment):
    stack = platforms[environment]
    shown, authorities = split(infra_of(environment).cloudflare.origin_pull)
    [certificate] = stack.of("AuthenticatedOriginPullsCertificate").values()
    assert certificate.inputs["certificate"] == shown
    [trusted] = stack.of("BucketObjectv2").values()
    assert trusted.inputs["content"] == authorities
    assert trusted.inputs["key"] == f"trust/{hashlib.sha256(authorities.encode()).hexdigest()}.pem"
    [pulls] = stack.of("AuthenticatedOriginPullsSettings").values()
    assert pulls.inputs["enabled"] is True
    assert certificate.urn in pulls.dependencies


@EVERYWHERE
def test_every_host_of_the_api_asks_for_that_certificate(platforms, environment):
    hosts = platforms[environment].of("DomainName")
    assert set(hosts) == {"updates-domain", "console-domain"}
    for host in hosts.values():
        assert set(host.inputs["mutualTlsAuthentication"]) == {"truststoreUri"}


def test_the_private_key_is_a_secret(platforms):
    [certificate] = platforms["staging"].of("AuthenticatedOriginPullsCertificate").values()
    assert certificate.inputs["privateKey"] != "the origin-pull-key"
    assert "the origin-pull-key" in repr(certificate.inputs["privateKey"])


def test_the_laptops_key_is_that_of_the_laptops_certificate_which_its_authority_signed():
    shown, authority = (each.encode() for each in split(infra_of("laptop").cloudflare.origin_pull))
    certificate, root = load_pem_x509_certificate(shown), load_pem_x509_certificate(authority)
    key = load_pem_private_key(keys.secrets()["origin-pull-key"].encode(), password=None)
    raw = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert key.public_key().public_bytes(*raw) == certificate.public_key().public_bytes(*raw)
    certificate.verify_directly_issued_by(root)

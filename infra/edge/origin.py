"""How Cloudflare proves to the API that it is Cloudflare, asking for this zone: a client certificate of our own.

The one that Cloudflare has by itself would prove no more than that some customer of Cloudflare's asks.
"""

from __future__ import annotations

import hashlib

import pulumi
import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions
from pulumi_aws import s3

from infra.host import Clouds
from infra.names import Names, trust_key

SECRET = "origin-pull-key"  # noqa: S105 - its name in the stack file


_END = "-----END CERTIFICATE-----\n"


def split(certificates: str) -> tuple[str, str]:
    """The certificate that is shown, which comes first, and the authorities behind it; each as PEM."""
    shown, end, authorities = certificates.partition(_END)
    return shown + end, authorities


class OriginPull(pulumi.ComponentResource):
    """The certificate that Cloudflare shows, and the store of authorities whose certificates the API's hosts take.

    `certificates` as in the stack file; the private key of the first is the stack's secret `espice:origin-pull-key`.
    `truststore` is the S3 address that a host's domain is given. It is named by its content: API Gateway reads a store
    once, when it is named.
    """

    def __init__(self, name: str, *, names: Names, zone: str, certificates: str, clouds: Clouds) -> None:
        super().__init__("espice:infra:OriginPull", name)
        certificate, authorities = split(certificates)
        options = ResourceOptions(parent=self, provider=clouds.cloudflare)
        shown = cloudflare.AuthenticatedOriginPullsCertificate(
            "origin-pull-certificate",
            zone_id=zone,
            certificate=certificate,
            private_key=pulumi.Config("espice").require_secret(SECRET),
            opts=options,
        )
        cloudflare.AuthenticatedOriginPullsSettings(
            "origin-pulls",
            zone_id=zone,
            enabled=True,
            opts=ResourceOptions(parent=self, provider=clouds.cloudflare, depends_on=[shown]),
        )
        key = trust_key(hashlib.sha256(authorities.encode()).hexdigest())
        store = s3.BucketObjectv2(
            "origin-pull-trust",
            bucket=names.builds,
            key=key,
            content=authorities,
            content_type="application/x-pem-file",
            opts=ResourceOptions(parent=self, provider=clouds.aws),
        )
        self.truststore = pulumi.Output.concat("s3://", store.bucket, "/", store.key)
        self.register_outputs({"truststore": self.truststore})

"""A desk whose HEAD is live in two buckets of moto, in whichever environment a test says, with its brake."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from delivery.commands.halt import Site
from delivery.deploy import steps
from delivery.deploy.freshen import Edge, PurgeRefused
from delivery.deploy.halt import Place
from delivery.deploy.objects import Bucket
from delivery.history import snapshot
from delivery.laptop import keys
from delivery.rules import brake
from delivery.rules.brake import OVERRIDE_KEY, Override
from delivery.rules.catalog import HEAD_KEY, object_key
from delivery.rules.head import LIFETIME, Head, seal
from delivery.rules.shapes import Environment
from tests.unit.commands.desk import Desk

CATALOG, DOWNLOADS = "catalog", "downloads"
CLOSED = "http://127.0.0.1:9"  # nobody listens there


def s3(aws: str) -> Any:
    """A client of moto's that has both buckets."""
    config = Config(s3={"addressing_style": "path"})
    told = {"region_name": "us-east-1", "aws_access_key_id": "t", "aws_secret_access_key": "t", "config": config}
    made = boto3.client("s3", endpoint_url=aws, **told)
    for bucket in (CATALOG, DOWNLOADS):
        made.create_bucket(Bucket=bucket)
    return made


class Live:
    """The desk's HEAD, live behind an edge that keeps nothing."""

    def __init__(self, desk: Desk, client: Any, environment: Environment = "laptop") -> None:
        self.desk, self.s3, self.refuses, self.serial, self.environment = desk, client, False, 0, environment
        product = self.apply()
        stores = Bucket(client, CATALOG), Bucket(client, DOWNLOADS)
        place = Place(product, environment, *stores, CLOSED, CLOSED)
        self.site = Site(place, Edge(self.purge, ("updates",), 0.0, 30.0, ""), keys.brake_signer)

    def apply(self) -> Any:
        """What HEAD says goes live."""
        given, now = snapshot.at_commit(self.desk.repo, "HEAD"), datetime.now(UTC)
        prepared, self.serial = steps.prepare(given, given, self.environment, now), self.serial + 1
        commit = snapshot.commit_id(self.desk.repo, "HEAD")
        head = Head("espice", self.environment, self.serial, commit, prepared.sha256, now, now + LIFETIME)
        self.s3.put_object(Bucket=CATALOG, Key=object_key(prepared.sha256), Body=prepared.data)
        self.s3.put_object(Bucket=CATALOG, Key=HEAD_KEY, Body=seal(head, keys.head_signer()))
        return prepared.facts.product.value

    def purge(self, prefixes: Sequence[str]) -> None:  # noqa: ARG002 - Purge names it
        """Of the edge."""
        if self.refuses:
            raise PurgeRefused("Cloudflare refused to purge: status 503")

    def override(self) -> Override:
        """As it lies there."""
        data = self.s3.get_object(Bucket=CATALOG, Key=OVERRIDE_KEY)["Body"].read()
        return brake.unseal(data, self.site.place.product.brake_keys(self.environment), "espice", self.environment)

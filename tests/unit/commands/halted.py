"""A desk whose HEAD is live in two buckets of moto, in whichever environment a test says, with its brake."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
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
from delivery.rules.facts import Product
from delivery.rules.head import LIFETIME, Head, seal
from delivery.rules.load import parse
from delivery.rules.read import PRODUCT
from delivery.rules.shapes import Environment
from tests.unit.commands.desk import Desk

CATALOG, DOWNLOADS = "catalog", "downloads"
CLOSED = "http://127.0.0.1:9"  # nobody listens there


def client(aws: str) -> Any:
    """Of S3, as moto has it."""
    config = Config(s3={"addressing_style": "path"})
    told = {"region_name": "us-east-1", "aws_access_key_id": "t", "aws_secret_access_key": "t", "config": config}
    return boto3.client("s3", endpoint_url=aws, **told)


def place(repo: Path, aws: str, environment: Environment) -> Place:
    """Where it is live, for whoever brakes."""
    filed, _ = parse(PRODUCT, snapshot.at_commit(repo, "HEAD", [PRODUCT])[PRODUCT], Product)
    assert filed
    stores = Bucket(client(aws), CATALOG), Bucket(client(aws), DOWNLOADS)
    return Place(filed.value, environment, *stores, CLOSED, CLOSED)


class Live:
    """The desk's HEAD, live behind an edge that keeps nothing."""

    def __init__(self, desk: Desk, aws: str, environment: Environment = "laptop") -> None:
        self.desk, self.aws, self.environment = desk, aws, environment
        self.s3, self.refuses, self.serial = client(aws), False, 0
        for bucket in (CATALOG, DOWNLOADS):
            self.s3.create_bucket(Bucket=bucket)
        self.apply()
        self.site = Site(
            place(desk.repo, aws, environment), Edge(self.purge, ("updates",), 0.0, 30.0, ""), keys.brake_signer
        )

    def apply(self) -> None:
        """What HEAD says goes live."""
        given, now = snapshot.at_commit(self.desk.repo, "HEAD"), datetime.now(UTC)
        prepared, self.serial = steps.prepare(given, given, self.environment, now), self.serial + 1
        commit = snapshot.commit_id(self.desk.repo, "HEAD")
        head = Head("espice", self.environment, self.serial, commit, prepared.sha256, now, now + LIFETIME)
        self.s3.put_object(Bucket=CATALOG, Key=object_key(prepared.sha256), Body=prepared.data)
        self.s3.put_object(Bucket=CATALOG, Key=HEAD_KEY, Body=seal(head, keys.head_signer()))

    def purge(self, prefixes: Sequence[str]) -> None:  # noqa: ARG002 - Purge names it
        """Of the edge."""
        if self.refuses:
            raise PurgeRefused("Cloudflare refused to purge: status 503")

    def override(self) -> Override:
        """As it lies there."""
        data = self.s3.get_object(Bucket=CATALOG, Key=OVERRIDE_KEY)["Body"].read()
        return brake.unseal(data, self.site.place.product.brake_keys(self.environment), "espice", self.environment)

"""The bootstrap against a real protocol (moto over HTTP): once, again, and after somebody's hand."""

import json
from typing import Any

import boto3
import pytest

from delivery.deploy.bootstrap import State, bootstrap
from infra.names import Names

pytestmark = pytest.mark.slow

NAMES = Names("espice", "staging", "espice-staging.app")


@pytest.fixture
def clients(aws: str) -> dict[str, Any]:
    told = {"endpoint_url": aws, "region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    return {name: boto3.client(name, **told) for name in ("s3", "kms")}


def run(clients: dict[str, Any]) -> dict[str, State]:
    return {done.what: done.state for done in bootstrap(NAMES, clients["s3"], clients["kms"])}


def test_the_first_time_makes_everything(clients: dict[str, Any]) -> None:
    done = run(clients)
    assert set(done.values()) == {State.made}
    assert list(done) == [
        "bucket espice-staging-state",
        "bucket espice-staging-state: versioning",
        "bucket espice-staging-state: encryption",
        "bucket espice-staging-state: no public access",
        "bucket espice-staging-state: TLS only",
        "bucket espice-staging-state: old states for 90 days",
        "key alias/espice-staging-secrets",
        "key alias/espice-staging-secrets: a new one each year",
    ]


def test_the_second_time_finds_it_all_and_changes_nothing(clients: dict[str, Any]) -> None:
    run(clients)
    assert set(run(clients).values()) == {State.there}
    assert len(clients["kms"].list_keys()["Keys"]) == 1


def test_what_somebody_undid_is_mended_and_named(clients: dict[str, Any]) -> None:
    run(clients)
    s3, bucket = clients["s3"], NAMES.state
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    open_to_all = {"Version": "2012-10-17", "Statement": []}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(open_to_all))
    changed = {what: state for what, state in run(clients).items() if state is not State.there}
    assert changed == {f"bucket {bucket}: versioning": State.mended, f"bucket {bucket}: TLS only": State.mended}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert "OnlyOverTls" in s3.get_bucket_policy(Bucket=bucket)["Policy"]

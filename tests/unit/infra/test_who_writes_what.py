"""ADR 0001, held against the stacks that write and the roles that may."""

import re
from typing import Any

import pytest

from infra.names import Names
from infra.roles import roles
from tests.unit.infra.iam import allowed
from tests.unit.infra.recorder import ROOT, infra_of

COLUMNS = ("object", "where", "writer", "role", "mutable")
NAMES = Names("espice", "staging", "espice-staging.app")
INFRA = infra_of("staging")
ROLES = {role.does: list(role.parts.values()) for role in roles(NAMES, INFRA)}
# What a request says of itself when it may only add, and with which key it works.
ADDS = {"s3:if-none-match": "*"}
SAMPLES = {
    "sha256": "ab" * 32,
    "product": "espice",
    "version": "1.6.0",
    "file": "ESpice_1.6.0_x64.msi",
    "env": "staging",
    "bucket": "catalog",
    "account": INFRA.aws.account,
    "region": "us-east-1",
    "date": "2026/11/23",
}


def table() -> list[dict[str, str]]:
    """The rows, by column."""
    text = (ROOT / "docs/adr/0001-who-writes-what.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows[2:]]


def objects(change: str = "") -> list[Any]:
    """An ARN and the only writer's role, for each row about objects in S3 that says this about their change."""
    found = []
    for row in table():
        if row["where"].startswith("S3 ") and change in row["mutable"]:
            bucket, key = re.findall("`([^`]+)`", row["where"])
            sample = re.sub("<([a-z0-9]+)>", lambda its: SAMPLES[its[1]], key)
            arn = f"arn:aws:s3:::{getattr(NAMES, bucket)}/{sample}"
            found.append(pytest.param(arn, row["role"].strip("`"), id=row["object"]))
    return found


@pytest.mark.parametrize(("arn", "writer"), objects())
def test_each_object_can_be_written_by_its_only_writer_and_by_no_other(arn, writer):
    can = {does for does, policies in ROLES.items() if allowed(policies, "s3:PutObject", arn, ADDS)}
    assert can == {writer} - {"nobody"}


@pytest.mark.parametrize(("arn", "writer"), objects("`If-None-Match: *`"))
def test_what_may_never_change_can_be_neither_overwritten_nor_deleted(arn, writer):
    assert writer in ROLES
    for action in ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"):
        assert {does for does, policies in ROLES.items() if allowed(policies, action, arn)} == set()


def can(action: str, arn: str) -> set[str]:
    return {does for does, policies in ROLES.items() if allowed(policies, action, arn)}


@pytest.mark.parametrize(
    "action",
    [
        "CreateBucket",
        "PutBucketPolicy",
        "PutBucketVersioning",
        "PutLifecycleConfiguration",
        "PutBucketPublicAccessBlock",
    ],
)
def test_a_bucket_is_changed_by_whoever_applies_its_stack_and_by_no_other(action):
    for bucket in (NAMES.archive, NAMES.catalog, NAMES.logs):
        assert can(f"s3:{action}", f"arn:aws:s3:::{bucket}") == {"platform-deploy"}
    for bucket in (NAMES.builds, NAMES.state):  # the ground's, and the bootstrap's: a person's
        assert can(f"s3:{action}", f"arn:aws:s3:::{bucket}") == set()


def test_no_role_deletes_a_bucket_and_the_platform_says_where_the_builds_are_logged():
    for bucket in (NAMES.archive, NAMES.catalog, NAMES.logs, NAMES.builds, NAMES.state):
        assert can("s3:DeleteBucket", f"arn:aws:s3:::{bucket}") == set()
    assert can("s3:PutBucketLogging", f"arn:aws:s3:::{NAMES.builds}") == {"platform-deploy"}
    assert can("s3:PutBucketLogging", f"arn:aws:s3:::{NAMES.state}") == set()


def test_no_role_goes_round_the_archives_lock():
    arn = f"arn:aws:s3:::{NAMES.archive}/espice/1.6.0/file"
    for action in ("s3:BypassGovernanceRetention", "s3:PutObjectRetention", "s3:PutObjectLegalHold"):
        assert {does for does, policies in ROLES.items() if allowed(policies, action, arn)} == set()


@pytest.mark.parametrize(
    ("alias", "signers"),
    [(NAMES.head_key, {"live-deploy"}), (NAMES.brake_key, {"brake"}), (NAMES.secrets_key, set())],
)
def test_who_releases_signs_the_head_and_who_brakes_the_override_and_nobody_signs_anything_else(alias, signers):
    key = f"arn:aws:kms:us-east-1:{INFRA.aws.account}:key/1234"
    said = {"kms:ResourceAliases": alias}
    assert {does for does, policies in ROLES.items() if allowed(policies, "kms:Sign", key, said)} == signers


def test_who_brakes_reads_what_is_live_and_writes_the_override_alone():
    catalog = f"arn:aws:s3:::{NAMES.catalog}"
    for key in ("override.json", "head.json", f"{64 * 'a'}.json"):
        assert "brake" in can("s3:GetObject", f"{catalog}/catalog/{key}")
    assert "brake" in can("s3:ListBucket", catalog)  # or what is not there would look forbidden
    assert can("s3:GetObjectVersion", f"{catalog}/catalog/override.json") == {"brake", "live-deploy", "preview"}
    written = {f"{catalog}/catalog/override.json"}
    for bucket in (NAMES.archive, NAMES.builds, NAMES.state, NAMES.logs, NAMES.catalog):
        for key in ("catalog/override.json", "catalog/head.json", f"catalog/{64 * 'a'}.json", "x"):
            arn = f"arn:aws:s3:::{bucket}/{key}"
            assert ("brake" in can("s3:PutObject", arn)) == (arn in written)
            assert "brake" not in can("s3:DeleteObject", arn) | can("s3:DeleteObjectVersion", arn)


def test_who_releases_reads_the_override_and_cannot_write_it():
    override = f"arn:aws:s3:::{NAMES.catalog}/catalog/override.json"
    assert {"live-deploy", "preview"} <= can("s3:GetObject", override)
    assert can("s3:PutObject", override) == {"brake"}


def test_the_live_stack_writes_its_rows_and_nothing_else(lives, publication):
    rows = {row["object"]: row["where"] for row in table() if row["writer"] == "stack `<env>-live`"}
    assert set(rows) == {"catalog", "head", "static manifest", "public history", "public history, for the endpoint"}
    patterns = [
        re.escape(re.findall("`([^`]+)`", rows[what])[1]).replace("<sha256>", "[0-9a-f]{64}")
        for what in ("catalog", "head")
    ]
    written = set(lives["staging", True].of("BucketObjectv2")) - set(publication.manifests)
    assert sorted(written) == sorted(key for key in written if any(re.fullmatch(each, key) for each in patterns))
    assert len(written) == len(patterns)


def test_the_platform_writes_one_object_whose_name_is_its_digest(platforms):
    [written] = platforms["staging"].of("BucketObjectv2").values()
    assert written.inputs["bucket"] == NAMES.builds
    assert re.fullmatch(r"trust/[0-9a-f]{64}\.pem", written.inputs["key"])

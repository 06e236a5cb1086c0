"""Buckets: closed, encrypted, kept, and watched."""

import json

import pytest

from tests.unit.infra.recorder import DOMAINS

EVERYWHERE = pytest.mark.parametrize("environment", sorted(DOMAINS))
OVER_TLS = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Sid": "OnlyOverTls"}


def lifecycle(stack, bucket) -> dict[str, dict]:
    """The rules by which a bucket forgets, by id."""
    rules = stack.of("BucketLifecycleConfiguration")[f"{bucket}-lifecycle"].inputs["rules"]
    return {rule["id"]: {key: rule[key] for key in set(rule) - {"id", "status", "filter"}} for rule in rules}


@EVERYWHERE
def test_every_private_bucket_is_closed_encrypted_versioned_and_reached_over_tls_only(platforms, grounds, environment):
    for stack in (platforms[environment], grounds[environment]):
        assert stack.of("Bucket")
        for bucket in stack.of("Bucket"):
            access = stack.of("BucketPublicAccessBlock")[f"{bucket}-access"].inputs
            closed = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
            assert all(access[what] is True for what in closed)
            [rule] = stack.of("BucketServerSideEncryptionConfiguration")[f"{bucket}-encryption"].inputs["rules"]
            assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
            versioning = stack.of("BucketVersioning")[f"{bucket}-versioning"].inputs["versioningConfiguration"]
            assert versioning == {"status": "Enabled"}
            owner = stack.of("BucketOwnershipControls")[f"{bucket}-owner"].inputs["rule"]
            assert owner == {"objectOwnership": "BucketOwnerEnforced"}
            arn = f"arn:aws:s3:::espice-{environment}-{bucket}"
            statements = json.loads(stack.of("BucketPolicy")[f"{bucket}-policy"].inputs["policy"])["Statement"]
            assert statements[0] == OVER_TLS | {
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
            assert len(statements) == (2 if bucket == "logs" else 1)


@EVERYWHERE
def test_nobody_deletes_from_the_archive_before_its_time(platforms, inputs, environment):
    stack, keep = platforms[environment], inputs(environment).infra.keep
    assert stack.of("Bucket")["archive"].inputs["objectLockEnabled"] is True
    rule = stack.of("BucketObjectLockConfiguration")["archive-lock"].inputs["rule"]
    assert rule == {"defaultRetention": {"mode": "GOVERNANCE", "days": keep.archive_locked}}
    assert lifecycle(stack, "archive") == {
        "abandoned-uploads": {"abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}},
        "seldom-read": {"transitions": [{"days": keep.archive_at_hand, "storageClass": "GLACIER_IR"}]},
    }


@EVERYWHERE
def test_what_was_replaced_is_forgotten_in_time(platforms, grounds, inputs, environment):
    days = {"noncurrentVersionExpiration": {"noncurrentDays": inputs(environment).infra.keep.old_catalogs}}
    assert lifecycle(platforms[environment], "catalog")["replaced-versions"] == days
    assert lifecycle(grounds[environment], "builds")["replaced-versions"] == days


@EVERYWHERE
def test_who_asks_private_buckets_is_logged_where_only_s3_writes_and_forgotten_in_time(platforms, inputs, environment):
    stack, infra = platforms[environment], inputs(environment).infra
    logged = {each.inputs["bucket"]: each.inputs["targetPrefix"] for each in stack.of("BucketLogging").values()}
    assert logged == {f"espice-{environment}-{bucket}": f"{bucket}/" for bucket in ("archive", "builds", "catalog")}
    assert {each.inputs["targetBucket"] for each in stack.of("BucketLogging").values()} == {
        f"espice-{environment}-logs"
    }
    assert json.loads(stack.of("BucketPolicy")["logs-policy"].inputs["policy"])["Statement"][1] == {
        "Sid": "TakeAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::espice-{environment}-logs/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": infra.aws.account}},
    }
    assert lifecycle(stack, "logs")["forgotten"] == {
        "expiration": {"days": infra.keep.access_logs},
        "noncurrentVersionExpiration": {"noncurrentDays": 1},
    }


@EVERYWHERE
def test_the_public_buckets_are_r2s_each_under_its_host_over_tls(platforms, environment):
    stack, domain = platforms[environment], DOMAINS[environment]
    hosts = {
        each.inputs["bucketName"]: (each.inputs["domain"], each.inputs["minTls"], each.inputs["enabled"])
        for each in stack.of("R2CustomDomain").values()
    }
    assert hosts == {
        f"espice-{environment}-downloads": (f"downloads.{domain}", "1.2", True),
        f"espice-{environment}-site": (domain, "1.2", True),
    }

"""Everything that is kept is encrypted where it lies.

Not named here, since nothing else is possible: R2, KMS, log groups, backup vaults, the environment of functions. Topics
are left as they are: alarms, which name nothing but themselves, cannot be published under a topic key of AWS's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_policy import PolicyResource

from policies.buckets import BUCKET
from policies.policy import Resource, each, is_about, of_type, together

ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ALGORITHMS = ("AES256", "aws:kms", "aws:kms:dsse")


def _are_encrypted(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    encryptions = of_type(resources, ENCRYPTION)
    for bucket in of_type(resources, BUCKET):
        if not any(is_about(each_one, "bucket", bucket) for each_one in encryptions):
            yield bucket, "it says nothing of encryption; give it a BucketServerSideEncryptionConfiguration"


def _names_an_algorithm(encryption: Resource) -> Iterator[str]:
    for rule in encryption.props.get("rules") or []:
        algorithm = (rule.get("applyServerSideEncryptionByDefault") or {}).get("sseAlgorithm")
        if algorithm not in ALGORITHMS:
            yield f"one of its rules encrypts by {algorithm or 'nothing'}; name one of {', '.join(ALGORITHMS)}"


def _is_encrypted_database(database: Resource) -> Iterator[str]:
    if database.props.get("storageEncrypted") is not True:
        yield "its storage is not encrypted, and cannot be later; set storage_encrypted"


def _is_encrypted_queue(queue: Resource) -> Iterator[str]:
    if queue.props.get("sqsManagedSseEnabled") is not True and not queue.props.get("kmsMasterKeyId"):
        yield "its messages are not encrypted; set sqs_managed_sse_enabled, or a kms_master_key_id"


POLICIES = (
    together("encrypted-buckets", "Every bucket in S3 is encrypted.", _are_encrypted),
    each("encrypted-by", "Buckets are encrypted by an algorithm of S3's.", {ENCRYPTION}, _names_an_algorithm),
    each("encrypted-databases", "Every database is encrypted.", {"aws:rds/instance:Instance"}, _is_encrypted_database),
    each("encrypted-queues", "Every queue is encrypted.", {"aws:sqs/queue:Queue"}, _is_encrypted_queue),
)

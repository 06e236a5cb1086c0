"""What is lost by mistake can be brought back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_policy import PolicyResource

from policies.buckets import BUCKET
from policies.policy import Resource, each, is_about, is_kept, known, of_type, together

DATABASE = "aws:rds/instance:Instance"
SELECTION = "aws:backup/selection:Selection"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


def _can_be_restored(database: Resource) -> Iterator[str]:
    if not database.props.get("backupRetentionPeriod"):
        yield "it cannot be restored to a moment; set backup_retention_period to a number of days"
    if not is_kept(database):
        return
    if database.props.get("deletionProtection") is not True:
        yield "AWS would delete it when asked to; set deletion_protection"
    if database.props.get("skipFinalSnapshot") or not database.props.get("finalSnapshotIdentifier"):
        yield "nothing would be left of it; set final_snapshot_identifier, and not skip_final_snapshot"


def _are_copied(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    selections = of_type(resources, SELECTION)
    for database in of_type(resources, DATABASE):
        if not any(_selects(selection, database) for selection in selections):
            yield database, "no backup plan has it; name it in a backup.Selection"


def _selects(selection: PolicyResource, database: PolicyResource) -> bool:
    arn = known(database.props, "arn")
    resources = known(selection.props, "resources") or []
    return database in selection.property_dependencies.get("resources", []) or (arn is not None and arn in resources)


def _keep_versions(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    versionings = of_type(resources, VERSIONING)
    for bucket in of_type(resources, BUCKET):
        if not any(is_about(each_one, "bucket", bucket) for each_one in versionings):
            yield bucket, "what is overwritten in it is gone; give it a BucketVersioning"


def _is_enabled(versioning: Resource) -> Iterator[str]:
    if (versioning.props.get("versioningConfiguration") or {}).get("status") != "Enabled":
        yield "what is overwritten in the bucket is gone; set the status Enabled"


POLICIES = (
    each("restorable-databases", "Databases can be restored to any moment.", {DATABASE}, _can_be_restored),
    together("copied-databases", "Databases have a backup plan.", _are_copied),
    together("versioned-buckets", "Buckets keep versions.", _keep_versions),
    each("versions-on", "Versioning is enabled.", {VERSIONING}, _is_enabled),
)

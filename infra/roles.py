"""The roles of workflows and of people, and what each may do: its row of ADR 0001, and no more.

Pure. The ground stack makes them, which no workflow applies: so none of them can make itself mightier, and what the
platform's apply makes stays within a boundary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from delivery.endpoint.metrics import NAMESPACE
from infra import permissions
from infra.config import Aws, InfraConfig
from infra.names import HEAD_KEY, HISTORY_KEY, OVERRIDE_KEY, Names, log_group
from infra.permissions import Statement
from infra.reach import ANYTHING, Reach, arn, bucket_arn, functions, ground, platform
from infra.stacks import PROJECT, Kind


@dataclass(frozen=True, slots=True)
class Role:
    """A role: `does` is what `Names.role` calls it, `trust` says who takes it on, `parts` are its policies by name."""

    does: str
    description: str
    trust: str
    parts: Mapping[str, str]


def roles(names: Names, infra: InfraConfig) -> tuple[Role, ...]:
    """Every role of an environment. Those for GitHub are each taken on from an environment of GitHub's that is its own.

    Only `preview` has two: what it is for, and what writes the facts of halts, which reads what is live. Only the
    brake's is for people, too: it takes away, and a workflow that could give may not have it.
    """
    aws, environment = infra.aws, names.environment

    def workflow(does: str, description: str, parts: Mapping[str, Sequence[Statement]], *environments: str) -> Role:
        documents = {part: permissions.document(*statements) for part, statements in parts.items()}
        return Role(does, description, permissions.assumed_from_github(aws, infra.github, *environments), documents)

    return (
        workflow(
            "preview",
            "Looks at everything, changes nothing.",
            _preview(names, aws),
            f"{environment}-preview",
            f"{environment}-backfill",
        ),
        workflow("platform-deploy", "Applies the platform stack.", _platform(names, aws), environment),
        workflow(
            "live-deploy",
            "Applies the live stack.",
            {"all": [*_state(names, aws, Kind.live.of(environment)), *_live(names, aws)]},
            f"{environment}-live",
        ),
        workflow("publish", "Adds artifacts to the archive.", {"all": _publish(names)}, f"{environment}-publish"),
        Role(
            "brake",
            "Stops what is offered.",
            permissions.either(
                permissions.assumed_by_people(aws, infra.aws.brake),
                permissions.assumed_from_github(aws, infra.github, f"{environment}-brake"),
            ),
            {"all": permissions.document(*_brake(names, aws))},
        ),
    )


def boundary(names: Names, aws: Aws) -> str:
    """What any role can do at most that an apply of the platform makes: functions, the copier, the schedule."""
    interfaces = (
        "AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces"
        " DescribeSubnets UnassignPrivateIpAddresses"
    )
    copies = [arn(aws, "rds", f"db:{names.database}"), arn(aws, "rds", "snapshot:*")]
    logs = [arn(aws, "logs", f"log-group:{log_group(name)}:*") for name in functions(names)]
    return permissions.document(
        _allow("ReadCatalog", "s3", "GetObject", [bucket_arn(names.catalog, "catalog/*")]),
        _allow("TellAbsent", "s3", "ListBucket", [bucket_arn(names.catalog)]),
        _allow("WriteLog", "logs", "CreateLogStream PutLogEvents", logs),
        _allow("TakeEvents", "sqs", "DeleteMessage GetQueueAttributes ReceiveMessage", [arn(aws, "sqs", names.events)]),
        _allow("SignIn", "rds-db", "connect", [arn(aws, "rds-db", "dbuser:*/*")]),
        _allow("StandInTheNetwork", "ec2", interfaces, ANYTHING),
        _allow("RunTheProbe", "lambda", "InvokeFunction", [arn(aws, "lambda", f"function:{names.probe}:*")]),
        _allow(
            "Copy",
            "rds",
            "AddTagsToResource CreateDBSnapshot DeleteDBSnapshot DescribeDBInstances DescribeDBSnapshots"
            " ListTagsForResource ModifyDBInstance",
            copies,
        ),
        _allow("Keep", "backup", "DescribeBackupVault", [arn(aws, "backup", f"backup-vault:{names.vault}")]),
        # What a bucket's policy allows a session by its name, no boundary takes away but by such a word.
        _never(names),
    )


def _preview(names: Names, aws: Aws) -> dict[str, list[Statement]]:
    """What all stacks are made of, their states, and the archive, which drift reads through.

    It decrypts the secrets there: no preview does without.
    """
    state = [
        _allow("ReadState", "s3", "GetObject", [bucket_arn(names.state, ".pulumi/*")]),
        _allow("FindState", "s3", "ListBucket", [bucket_arn(names.state)]),
        _secrets(aws, names, "Decrypt DescribeKey"),
        _allow("ReadLive", "s3", "GetObject GetObjectTagging", [bucket_arn(names.catalog, "catalog/*")]),
        _allow("ReadOverrides", "s3", "GetObjectVersion", [bucket_arn(names.catalog, OVERRIDE_KEY)]),
        _allow("FindOverrides", "s3", "ListBucketVersions", [bucket_arn(names.catalog)]),
        _allow("ReadArtifacts", "s3", "GetObject", [bucket_arn(names.archive, "*")]),
    ]
    made = (*platform(names, aws), *ground(names, aws))
    return {"state": state, **_parts((reach, reach.to_look()) for reach in made)}


def _platform(names: Names, aws: Aws) -> dict[str, list[Statement]]:
    own = {"state": [*_state(names, aws, Kind.platform.of(names.environment)), _never(names)]}
    reach = platform(names, aws)
    return {**own, **_parts([*((it, it.to_look()) for it in reach), *((it, it.to_change()) for it in reach)])}


def _never(names: Names) -> Statement:
    """Who sets the buckets' policies, or runs what it made, is denied outright to write what users get."""
    return {
        "Sid": "NeverWhatUsersGet",
        "Effect": "Deny",
        "Action": ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"],
        "Resource": [bucket_arn(bucket, "*") for bucket in (names.archive, names.catalog, names.logs)],
    }


def _live(names: Names, aws: Aws) -> list[Statement]:
    """The objects of the facts, the override only to read, and the key that signs the head and nothing else."""
    replaced = [bucket_arn(names.catalog, key) for key in (HEAD_KEY, HISTORY_KEY)]
    catalogs = [bucket_arn(names.catalog, f"catalog/{64 * '?'}.json")]
    return [
        _allow("WriteHead", "s3", "GetObject GetObjectTagging PutObject", replaced),
        # The provider deletes an object with all its versions.
        _allow(
            "WriteCatalogs", "s3", "DeleteObject DeleteObjectVersion GetObject GetObjectTagging PutObject", catalogs
        ),
        # Older versions too: one that was put back or taken away is told by them.
        _allow("ReadOverride", "s3", "GetObject GetObjectVersion", [bucket_arn(names.catalog, OVERRIDE_KEY)]),
        _allow("FindFacts", "s3", "ListBucket ListBucketVersions", [bucket_arn(names.catalog)]),
        {
            **_allow("CountTick", "cloudwatch", "PutMetricData", ANYTHING),
            "Condition": {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        },
        _signs("SignHead", aws, names.head_key),
    ]


def _publish(names: Names) -> list[Statement]:
    """Only what is not there yet: an object that is there is never written again."""
    new = _allow("AddArtifacts", "s3", "PutObject", [bucket_arn(names.archive, "*")])
    return [
        {**new, "Condition": {"Null": {"s3:if-none-match": "false"}}},
        _allow("ReadArtifacts", "s3", "GetObject", [bucket_arn(names.archive, "*")]),
        _allow("FindArtifacts", "s3", "ListBucket", [bucket_arn(names.archive)]),
    ]


def _brake(names: Names, aws: Aws) -> list[Statement]:
    """The override, its older versions where one was broken, what is live only to read, and the override's key."""
    override = [bucket_arn(names.catalog, OVERRIDE_KEY)]
    return [
        _allow("Override", "s3", "GetObject GetObjectVersion PutObject", override),
        _allow("ReadLive", "s3", "GetObject", [bucket_arn(names.catalog, "catalog/*")]),
        # Or S3 says of what is not there that it is forbidden.
        _allow("FindLive", "s3", "ListBucket ListBucketVersions", [bucket_arn(names.catalog)]),
        _signs("SignOverride", aws, names.brake_key),
    ]


def _signs(what: str, aws: Aws, alias: str) -> Statement:
    signs = _allow(what, "kms", "GetPublicKey Sign", [arn(aws, "kms", "key/*")])
    return {**signs, "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}}


def _state(names: Names, aws: Aws, stack: str) -> list[Statement]:
    """One stack's state, history, copies and lock in the engine's bucket, and the key of the secrets in it."""
    places = (
        f"stacks/{PROJECT}/{stack}.json*",
        f"stacks/{PROJECT}/{stack}.pulumi-tags",
        f"history/{PROJECT}/{stack}/*",
        f"backups/{PROJECT}/{stack}/*",
        f"locks/organization/{PROJECT}/{stack}/*",
    )
    objects = [bucket_arn(names.state, f".pulumi/{place}") for place in places]
    return [
        _allow("WriteState", "s3", "DeleteObject GetObject PutObject", objects),
        _allow("ReadState", "s3", "GetObject", [bucket_arn(names.state, ".pulumi/meta.yaml")]),
        _allow("FindState", "s3", "ListBucket", [bucket_arn(names.state)]),
        _secrets(aws, names, "Decrypt DescribeKey Encrypt"),
    ]


def _secrets(aws: Aws, names: Names, actions: str) -> Statement:
    with_key = _allow("Secrets", "kms", actions, [arn(aws, "kms", "key/*")])
    return {**with_key, "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": names.secrets_key}}}


def _parts(reached: Iterable[tuple[Reach, list[str]]]) -> dict[str, list[Statement]]:
    """Statements by the policy that they go into: AWS takes 6,144 characters in one."""
    parts: dict[str, list[Statement]] = {}
    for reach, actions in reached:
        if actions:
            changes = actions == reach.to_change()
            statement: Statement = {
                "Sid": ("Change" if changes else "See") + reach.what,
                "Effect": "Allow",
                "Action": actions,
                "Resource": list(reach.on),
            }
            if changes and reach.when:
                statement["Condition"] = dict(reach.when)
            parts.setdefault(reach.part, []).append(statement)
    return parts


def _allow(what: str, service: str, actions: str, on: Sequence[str]) -> Statement:
    named = [f"{service}:{action}" for action in actions.split()]
    return {"Sid": what, "Effect": "Allow", "Action": named, "Resource": list(on)}

"""Who may do what in AWS: policy documents as JSON text. Pure; every ARN is known beforehand because every name is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from infra.config import Aws, GitHub
from infra.names import CATALOG_PREFIX, Names

Statement = dict[str, Any]


def document(*statements: Statement) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def only_over_tls(bucket: str) -> str:
    """Nobody reaches the bucket without TLS."""
    return document(_over_tls(bucket))


def takes_access_logs(bucket: str, account: str) -> str:
    """S3 itself writes there, for buckets of this account; nobody reaches it without TLS."""
    return document(
        _over_tls(bucket),
        {
            "Sid": "TakeAccessLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        },
    )


def _over_tls(bucket: str) -> Statement:
    return {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def assumed_by(service: str, account: str) -> str:
    """A role that only this service takes on, and only on behalf of this account."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
    )


def boundary_arn(names: Names, aws: Aws) -> str:
    """The policy within which every role stays that the platform's apply makes; it may make none without."""
    return f"arn:aws:iam::{aws.account}:policy/{names.boundary}"


def assumed_from_github(aws: Aws, github: GitHub, *environments: str) -> str:
    """A role that workflows of one repository take on, in a job that GitHub says runs in one of these environments.

    A branch or a pull request is never enough: their workflows are whatever somebody pushed. The repository's ids are
    what counts: a name can be given to somebody else. In newer repositories they also stand behind the names in the
    subject (owner@1/name@2), so there the pattern leaves room for them.
    """
    owner, _, name = github.repository.partition("/")
    said = "token.actions.githubusercontent.com"
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{aws.account}:oidc-provider/{said}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{said}:aud": "sts.amazonaws.com",
                    f"{said}:repository_id": github.repository_id,
                    f"{said}:repository_owner_id": github.owner_id,
                },
                "StringLike": {f"{said}:sub": [f"repo:{owner}*/{name}*:environment:{each}" for each in environments]},
            },
        }
    )


def assumed_by_people(aws: Aws, users: Sequence[str]) -> str:
    """A role that these IAM users take on, each with a second factor shown within the hour."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{aws.account}:user/{user}" for user in users]},
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
                "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
            },
        }
    )


def either(*trusts: str) -> str:
    """A role that is taken on in any of these ways."""
    return document(*(statement for trust in trusts for statement in json.loads(trust)["Statement"]))


def signing_key(aws: Aws, signer: str) -> str:
    """One role signs with the key, and nobody else, whatever IAM allows them; the account only keeps it."""
    return document(
        {
            "Sid": "Keep",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
            "Action": [
                "kms:CancelKeyDeletion",
                "kms:CreateAlias",
                "kms:DeleteAlias",
                "kms:DescribeKey",
                "kms:DisableKey",
                "kms:EnableKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:GetPublicKey",
                "kms:ListResourceTags",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UpdateAlias",
                "kms:UpdateKeyDescription",
            ],
            "Resource": "*",  # in a key's own policy: this key
        },
        {
            "Sid": "Sign",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{aws.account}:role/{signer}"},
            "Action": ["kms:GetPublicKey", "kms:Sign"],
            "Resource": "*",
        },
    )


def endpoint(catalog_bucket: str, log_group_arn: str) -> str:
    """The update endpoint reads the catalog and writes its log; it can change nothing that users get.

    S3 says that an object is not there only to those who may list its bucket, and "forbidden" to others: no override
    would look like one that cannot be had. The names in this bucket are all public.
    """
    return document(
        {
            "Sid": "ReadCatalog",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{catalog_bucket}/{CATALOG_PREFIX}*",
        },
        {
            "Sid": "TellAbsent",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{catalog_bucket}",
        },
        {
            "Sid": "WriteLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{log_group_arn}:*",
        },
    )


def queue_arn(aws: Aws, queue: str) -> str:
    """The ARN of one of our queues."""
    return f"arn:aws:sqs:{aws.region}:{aws.account}:{queue}"


def queue_only_over_tls(arn: str) -> str:
    """Nobody reaches the queue without TLS."""
    return document(
        {
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    )


def only_own_buckets(names: Names, account: str) -> str:
    """Whoever comes this way reaches the environment's own buckets, and takes nothing elsewhere."""
    return document(
        {
            "Sid": "OnlyOurBuckets",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"arn:aws:s3:::{names.product}-{names.environment}-*/*",
            "Condition": {"StringEquals": {"aws:ResourceAccount": account}},
        }
    )


def consumer(aws: Aws, queue: str, database: str, user: str, log_group_arn: str) -> str:
    """The consumer empties one queue and signs in to one database (its resource id) as one user.

    What it needs to stand in the private network, only Lambda itself may do with it, not the code that runs there.
    """
    function = f"arn:aws:lambda:{aws.region}:{aws.account}:function:*"
    interfaces = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ]
    return document(
        {
            "Sid": "TakeEvents",
            "Effect": "Allow",
            "Action": ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            "Resource": queue,
        },
        {
            "Sid": "SignIn",
            "Effect": "Allow",
            "Action": "rds-db:connect",
            "Resource": f"arn:aws:rds-db:{aws.region}:{aws.account}:dbuser:{database}/{user}",
        },
        # Lambda asks for all resources here: it makes the interfaces before anybody knows their names.
        {"Sid": "StandInTheNetwork", "Effect": "Allow", "Action": interfaces, "Resource": "*"},
        {
            "Sid": "OnlyLambdaItself",
            "Effect": "Deny",
            "Action": interfaces,
            "Resource": "*",
            "Condition": {"ArnLike": {"lambda:SourceFunctionArn": function}},
        },
        _write_log(log_group_arn),
    )


def only_log(log_group_arn: str) -> str:
    """Nothing but to write its log."""
    return document(_write_log(log_group_arn))


def _write_log(log_group_arn: str) -> Statement:
    return {
        "Sid": "WriteLog",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"{log_group_arn}:*",
    }


def runs(function_arn: str) -> str:
    """A schedule runs one function."""
    return document({"Sid": "Run", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function_arn})


def alarms_and_budgets_may_publish(topic_arn: str, account: str) -> str:
    """What watches this account, and nobody else, publishes to the topic."""
    return document(
        {
            "Sid": "WatchersMayPublish",
            "Effect": "Allow",
            "Principal": {"Service": ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
    )

"""Who may do what in AWS: policy documents as JSON text. Pure; every ARN is known beforehand because every name is."""

from __future__ import annotations

import json
from typing import Any

from infra.names import CATALOG_PREFIX

Statement = dict[str, Any]


def _document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def only_over_tls(bucket: str) -> str:
    """Nobody reaches the bucket without TLS."""
    return _document(_over_tls(bucket))


def takes_access_logs(bucket: str, account: str) -> str:
    """S3 itself writes there, for buckets of this account; nobody reaches it without TLS."""
    return _document(
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
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
    )


def endpoint(catalog_bucket: str, log_group_arn: str) -> str:
    """The update endpoint reads the catalog and writes its log; it can change nothing that users get."""
    return _document(
        {
            "Sid": "ReadCatalog",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{catalog_bucket}/{CATALOG_PREFIX}*",
        },
        {
            "Sid": "WriteLog",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{log_group_arn}:*",
        },
    )


def alarms_may_publish(topic_arn: str, account: str) -> str:
    """CloudWatch alarms of this account, and nobody else, publish to the topic."""
    return _document(
        {
            "Sid": "AlarmsMayPublish",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
    )

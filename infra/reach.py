"""What platform and ground are made of in AWS, as rights: for each kind of thing, which actions look and which change.

Actions stand here one by one, and things by their names: where AWS gives an id instead, by kind; only where AWS knows
no resource at all, a `*`. Nothing here deletes what is kept: archive, catalog, database and vault end by hand alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from infra import permissions
from infra.config import Aws
from infra.names import Names, database_log, log_group

ANYTHING = ("*",)
BACKUP_POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"


@dataclass(frozen=True, slots=True)
class Reach:
    """One kind of thing: `on` are ARNs, `look` and `change` actions without their service; `part` groups kinds.

    `when` limits the changes, as a policy's Condition.
    """

    part: str
    what: str
    service: str
    on: Sequence[str]
    look: str = ""
    change: str = ""
    when: dict[str, Any] = field(default_factory=dict)

    def to_look(self) -> list[str]:
        """The actions that change nothing."""
        return [f"{self.service}:{action}" for action in self.look.split()]

    def to_change(self) -> list[str]:
        """The actions that do."""
        return [f"{self.service}:{action}" for action in self.change.split()]


def platform(names: Names, aws: Aws) -> tuple[Reach, ...]:
    """Everything that an apply of the platform stack reads and writes, besides the engine's own state."""
    return (
        *_storage(names),
        *_compute(names, aws),
        *_identity(names, aws),
        *_telemetry(names, aws),
        *_watch(names, aws),
    )


def ground(names: Names, aws: Aws) -> tuple[Reach, ...]:
    """What the ground stack is made of besides the bucket of builds, only to look at: no workflow changes it."""
    ours, account = names.role("*"), f"arn:aws:iam::{aws.account}"
    github = [f"{account}:oidc-provider/token.actions.githubusercontent.com"]
    keys = [arn(aws, "kms", "key/*")]
    return (
        Reach(
            "ground",
            "GroundRoles",
            "iam",
            [role_arn(aws, ours)],
            "GetRole ListAttachedRolePolicies ListRolePolicies ListRoleTags",
        ),
        Reach(
            "ground",
            "Policies",
            "iam",
            [f"{account}:policy/{ours}"],
            "GetPolicy GetPolicyVersion ListPolicyTags ListPolicyVersions",
        ),
        Reach("ground", "GitHub", "iam", github, "GetOpenIDConnectProvider ListOpenIDConnectProviderTags"),
        Reach("ground", "Keys", "kms", keys, "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags"),
        Reach("ground", "KeysNamed", "kms", ANYTHING, "ListAliases"),
    )


def arn(aws: Aws, service: str, resource: str) -> str:
    """The ARN of something in the environment's account and region."""
    return f"arn:aws:{service}:{aws.region}:{aws.account}:{resource}"


def role_arn(aws: Aws, role: str) -> str:
    """A role's ARN; roles have no region."""
    return f"arn:aws:iam::{aws.account}:role/{role}"


def bucket_arn(bucket: str, keys: str = "") -> str:
    """A bucket's ARN, or with `keys` that of objects in it."""
    return f"arn:aws:s3:::{bucket}/{keys}" if keys else f"arn:aws:s3:::{bucket}"


def functions(names: Names) -> tuple[str, ...]:
    """Every Lambda function; its role has its name."""
    return (names.function, names.console, names.consumer, names.probe)


def made_roles(names: Names) -> tuple[str, ...]:
    """The roles that an apply of the platform makes, all within the boundary."""
    return (*functions(names), names.vault, f"{names.probe}-schedule")


def _storage(names: Names) -> tuple[Reach, ...]:
    buckets = [bucket_arn(each) for each in (names.archive, names.catalog, names.logs)]
    builds = [bucket_arn(names.builds)]
    look = (
        "GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging"
        " GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPublicAccessBlock"
        " GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration"
        " GetLifecycleConfiguration GetReplicationConfiguration ListBucket ListBucketVersions"
    )
    return (
        Reach(
            "storage",
            "Buckets",
            "s3",
            buckets,
            look,
            "CreateBucket PutBucketLogging PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy"
            " PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration"
            " PutLifecycleConfiguration",
        ),
        # It is the ground's bucket; only where its access log goes is said by the platform, which has that bucket.
        Reach("storage", "BucketOfBuilds", "s3", builds, look, "PutBucketLogging"),
        Reach(
            "storage",
            "Builds",
            "s3",
            [bucket_arn(names.builds, "*")],
            "GetObject GetObjectTagging GetObjectVersion",
        ),
        Reach(
            "storage",
            "NewBuilds",
            "s3",
            [bucket_arn(names.builds, "*.zip")],
            change="PutObject",
            when={"Null": {"s3:if-none-match": "false"}},
        ),
        Reach(
            "storage",
            "Truststore",
            "s3",
            [bucket_arn(names.builds, "trust/*")],
            change="PutObject DeleteObject DeleteObjectVersion",
        ),
    )


def _compute(names: Names, aws: Aws) -> tuple[Reach, ...]:
    each = [arn(aws, "lambda", f"function:{name}{more}") for name in functions(names) for more in ("", ":*")]
    logs = (*map(log_group, functions(names)), database_log(names.database))
    groups = [arn(aws, "logs", f"log-group:{log}{more}") for log in logs for more in ("", ":*")]
    of_consumer = {"ArnLike": {"lambda:FunctionArn": arn(aws, "lambda", f"function:{names.consumer}*")}}
    apis, domains = (
        [f"arn:aws:apigateway:{aws.region}::/{path}{more}" for more in ("", "/*")] for path in ("apis", "domainnames")
    )
    return (
        Reach(
            "compute",
            "Functions",
            "lambda",
            each,
            "GetAlias GetFunction GetFunctionCodeSigningConfig GetFunctionConfiguration GetPolicy ListTags"
            " ListVersionsByFunction",
            "AddPermission CreateAlias CreateFunction DeleteAlias DeleteFunction InvokeFunction PublishVersion"
            " RemovePermission TagResource UpdateAlias UpdateFunctionCode UpdateFunctionConfiguration",
        ),
        Reach(
            "compute",
            "QueueReaders",
            "lambda",
            [arn(aws, "lambda", "event-source-mapping:*")],
            "GetEventSourceMapping ListTags",
            "DeleteEventSourceMapping UpdateEventSourceMapping",
            of_consumer,
        ),
        Reach("compute", "NewQueueReaders", "lambda", ANYTHING, change="CreateEventSourceMapping", when=of_consumer),
        Reach(
            "compute", "Logs", "logs", groups, "ListTagsForResource", "CreateLogGroup DeleteLogGroup PutRetentionPolicy"
        ),
        Reach("compute", "LogsSeen", "logs", ANYTHING, "DescribeLogGroups"),
        Reach("compute", "Gateway", "apigateway", [*apis, *domains], "GET", "DELETE PATCH POST PUT"),
        # Asked for besides POST and PATCH where a domain asks callers for certificates.
        Reach(
            "compute",
            "DomainsTrust",
            "apigateway",
            domains,
            change="AddCertificateToDomain RemoveCertificateFromDomain",
        ),
        Reach(
            "compute",
            "Certificates",
            "acm",
            [arn(aws, "acm", "certificate/*")],
            "DescribeCertificate ListTagsForCertificate",
            "AddTagsToCertificate DeleteCertificate",
        ),
        Reach("compute", "NewCertificates", "acm", ANYTHING, change="RequestCertificate"),
    )


def _identity(names: Names, aws: Aws) -> tuple[Reach, ...]:
    """Roles of functions: made only within the boundary, which nothing here can take off again."""
    roles = [role_arn(aws, role) for role in made_roles(names)]
    within = {"StringEquals": {"iam:PermissionsBoundary": permissions.boundary_arn(names, aws)}}
    services = ["backup.amazonaws.com", "lambda.amazonaws.com", "scheduler.amazonaws.com"]
    own = ["ops.apigateway.amazonaws.com", "rds.amazonaws.com"]
    return (
        Reach(
            "identity",
            "Roles",
            "iam",
            roles,
            "GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies ListRoleTags",
            "DeleteRole TagRole UpdateAssumeRolePolicy",
        ),
        Reach("identity", "NewRoles", "iam", roles, change="CreateRole DeleteRolePolicy PutRolePolicy", when=within),
        Reach(
            "identity",
            "BackupsPolicy",
            "iam",
            [role_arn(aws, names.vault)],
            change="AttachRolePolicy DetachRolePolicy",
            when={"ArnEquals": {"iam:PolicyARN": BACKUP_POLICY}, **within},
        ),
        Reach(
            "identity",
            "HandOver",
            "iam",
            roles,
            change="PassRole",
            when={"StringEquals": {"iam:PassedToService": services}},
        ),
        Reach(
            "identity",
            "OfServices",
            "iam",
            [f"arn:aws:iam::{aws.account}:role/aws-service-role/{service}/*" for service in own],
            change="CreateServiceLinkedRole",
            when={"StringEquals": {"iam:AWSServiceName": own}},
        ),
    )


def _telemetry(names: Names, aws: Aws) -> tuple[Reach, ...]:
    queues = [arn(aws, "sqs", queue) for queue in (names.events, names.events_failed)]
    network = ("vpc", "subnet", "route-table", "security-group", "security-group-rule", "vpc-endpoint")
    database = [arn(aws, "rds", f"{kind}:{names.database}") for kind in ("db", "subgrp")]
    database.append(arn(aws, "rds", f"pg:{names.database}-*"))  # its name ends with the version of PostgreSQL
    plans = [arn(aws, "backup", what) for what in (f"backup-vault:{names.vault}", "backup-plan:*")]
    return (
        Reach(
            "telemetry",
            "Queues",
            "sqs",
            queues,
            "GetQueueAttributes GetQueueUrl ListQueueTags",
            "CreateQueue DeleteQueue SetQueueAttributes TagQueue",
        ),
        Reach(
            "telemetry",
            "NetworkSeen",
            "ec2",
            ANYTHING,
            "DescribeNetworkAcls DescribeNetworkInterfaces DescribePrefixLists DescribeRouteTables"
            " DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets DescribeVpcEndpoints DescribeVpcs",
        ),
        Reach(
            "telemetry",
            "Network",
            "ec2",
            [arn(aws, "ec2", f"{kind}/*") for kind in network],
            "DescribeVpcAttribute",
            "AssociateRouteTable AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateRouteTable"
            " CreateSecurityGroup CreateSubnet CreateTags CreateVpc CreateVpcEndpoint DeleteRouteTable"
            " DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints DisassociateRouteTable"
            " ModifySecurityGroupRules ModifySubnetAttribute ModifyVpcAttribute ModifyVpcEndpoint"
            " RevokeSecurityGroupEgress RevokeSecurityGroupIngress",
        ),
        Reach(
            "telemetry",
            "Database",
            "rds",
            database,
            "DescribeDBInstances DescribeDBParameterGroups DescribeDBParameters DescribeDBSubnetGroups"
            " ListTagsForResource",
            "AddTagsToResource CreateDBInstance CreateDBParameterGroup CreateDBSubnetGroup DeleteDBParameterGroup"
            " ModifyDBInstance ModifyDBParameterGroup ModifyDBSubnetGroup RebootDBInstance RemoveTagsFromResource"
            " ResetDBParameterGroup",
        ),
        # The provider looks for an instance by RDS's own id, which is a search among all.
        Reach("telemetry", "DatabasesSeen", "rds", [arn(aws, "rds", "db:*")], "DescribeDBInstances"),
        # An instance that names no options gets RDS's default ones, and making it asks for those too.
        Reach(
            "telemetry",
            "DatabasesOptions",
            "rds",
            [arn(aws, "rds", "og:default:postgres-*")],
            change="CreateDBInstance ModifyDBInstance",
        ),
        Reach(
            "telemetry",
            "DatabasesOwnSecret",
            "secretsmanager",
            [arn(aws, "secretsmanager", "secret:rds!*")],
            change="CreateSecret TagResource",
        ),
        # For the master's password RDS looks, in the caller's name, at the key that it shall lie under.
        Reach(
            "telemetry",
            "DatabasesKeys",
            "kms",
            [arn(aws, "kms", "key/*")],
            change="DescribeKey",
            when={"StringEquals": {"kms:ViaService": f"rds.{aws.region}.amazonaws.com"}},
        ),
        Reach(
            "telemetry",
            "Copies",
            "backup",
            plans,
            "DescribeBackupVault GetBackupPlan GetBackupSelection ListTags",
            "CreateBackupPlan CreateBackupSelection CreateBackupVault DeleteBackupPlan DeleteBackupSelection"
            " PutBackupVaultLockConfiguration TagResource UpdateBackupPlan",
        ),
        Reach("telemetry", "CopiesPlace", "backup-storage", ANYTHING, change="MountCapsule"),
    )


def _watch(names: Names, aws: Aws) -> tuple[Reach, ...]:
    alarms = [arn(aws, "cloudwatch", f"alarm:{names.alarm('*')}")]
    dashboards = [f"arn:aws:cloudwatch::{aws.account}:dashboard/{names.dashboard}"]
    topics = [arn(aws, "sns", f"{topic}{more}") for topic in (names.pages, names.tickets) for more in ("", ":*")]
    schedules = [arn(aws, "scheduler", what) for what in (f"schedule-group/{names.probe}", f"schedule/{names.probe}/*")]
    checks = ["arn:aws:route53:::healthcheck/*"]
    budget = [f"arn:aws:budgets::{aws.account}:budget/{names.alarm('*')}"]
    return (
        Reach(
            "watch",
            "Alarms",
            "cloudwatch",
            alarms,
            "ListTagsForResource",
            "DeleteAlarms PutMetricAlarm TagResource",
        ),
        # CloudWatch refuses both for composite alarms where they are allowed on less than everything.
        Reach("watch", "CompositeAlarms", "cloudwatch", ANYTHING, "DescribeAlarms", "PutCompositeAlarm"),
        Reach("watch", "Dashboards", "cloudwatch", dashboards, "GetDashboard", "DeleteDashboards PutDashboard"),
        Reach(
            "watch",
            "Topics",
            "sns",
            topics,
            "GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource",
            "CreateTopic DeleteTopic SetTopicAttributes Subscribe TagResource",
        ),
        Reach("watch", "Subscriptions", "sns", ANYTHING, "GetSubscriptionAttributes", "Unsubscribe"),
        Reach(
            "watch",
            "Schedules",
            "scheduler",
            schedules,
            "GetSchedule GetScheduleGroup ListTagsForResource",
            "CreateSchedule CreateScheduleGroup DeleteSchedule DeleteScheduleGroup TagResource UpdateSchedule",
        ),
        Reach(
            "watch",
            "HealthChecks",
            "route53",
            checks,
            "GetHealthCheck ListTagsForResource",
            "ChangeTagsForResource DeleteHealthCheck UpdateHealthCheck",
        ),
        Reach("watch", "NewHealthChecks", "route53", ANYTHING, change="CreateHealthCheck"),
        Reach("watch", "Budget", "budgets", budget, "ListTagsForResource ViewBudget", "ModifyBudget TagResource"),
    )

"""For each policy a program that violates it, with what is then said, and one that does not.

Every resource carries the name of its case, so that all cases fit into one stack.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions
from pulumi_aws import (
    Provider,
    backup,
    budgets,
    cloudwatch,
    iam,
    lambda_,
    rds,
    s3,
    sns,
    sqs,
)

ZONE, ACCOUNT = "1" * 32, "2" * 32


@dataclass(frozen=True)
class Clouds:
    """How the resources of a case are made: by an explicit provider, in the stack's own account."""

    aws: ResourceOptions
    cloudflare: ResourceOptions
    zone: str = ZONE

    @classmethod
    def make(cls) -> "Clouds":
        return cls(
            ResourceOptions(provider=Provider("aws", region="us-east-1")),
            ResourceOptions(provider=cloudflare.Provider("cloudflare")),
        )

    @property
    def protected(self) -> "Clouds":
        return replace(
            self,
            aws=ResourceOptions(provider=self.aws.provider, protect=True),
            cloudflare=ResourceOptions(provider=self.cloudflare.provider, protect=True),
        )


Program = Callable[[Clouds], object]


@dataclass(frozen=True)
class Case:
    policy: str
    wrong: Program
    said: tuple[str, ...]
    """What is said of the wrong one, without the policy's name at the end."""
    right: Program


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="arn:aws:s3:::shelf/*", **more) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def bucket(name: str, clouds: Clouds, *, without: str = "", denied: str = "s3:*", on: str = "/*") -> s3.Bucket:
    """A bucket as it should be, but for one of its companions, or for what is denied without TLS."""
    made = s3.Bucket(name, bucket=f"espice-{name}", opts=clouds.protected.aws)
    plain = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": denied,
        "Resource": [f"arn:aws:s3:::espice-{name}", f"arn:aws:s3:::espice-{name}{on}"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    companions = {
        "access": lambda: s3.BucketPublicAccessBlock(
            f"{name}-access",
            bucket=made.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=clouds.aws,
        ),
        "encryption": lambda: s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=made.bucket,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=clouds.aws,
        ),
        "versioning": lambda: s3.BucketVersioning(
            f"{name}-versioning",
            bucket=f"espice-{name}",  # named, not linked: both are seen
            versioning_configuration={"status": "Enabled"},
            opts=clouds.aws,
        ),
        "policy": lambda: s3.BucketPolicy(
            f"{name}-policy", bucket=made.bucket, policy=document(plain), opts=clouds.aws
        ),
    }
    for what, make in companions.items():
        if what != without:
            make()
    return made


def database(name: str, clouds: Clouds, *, copied: bool = True, **changes) -> None:
    settings = {
        "identifier": f"espice-{name}",
        "instance_class": "db.t4g.micro",
        "storage_encrypted": True,
        "backup_retention_period": 7,
        "deletion_protection": True,
        "final_snapshot_identifier": f"espice-{name}-last",
    }
    made = rds.Instance(name, **(settings | changes), opts=clouds.protected.aws)
    if copied:
        backup.Selection(
            f"{name}-copies",
            name=f"espice-{name}",
            plan_id="plan",
            iam_role_arn="arn:aws:iam::123456789012:role/backup",
            resources=[made.arn],
            opts=clouds.aws,
        )


def queue(name: str, clouds: Clouds, *, encrypted: bool = True, action: str = "sqs:*", on: str = "") -> None:
    """A queue as it should be, but for this; `on` is another queue of which its policy speaks."""
    made = sqs.Queue(name, name=f"espice-{name}", sqs_managed_sse_enabled=encrypted, opts=clouds.aws)
    plain = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": action,
        "Resource": f"arn:aws:sqs:us-east-1:123456789012:espice-{on or name}",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    sqs.QueuePolicy(f"{name}-policy", queue_url=made.id, policy=document(plain), opts=clouds.aws)


def zone(name: str, clouds: Clouds, **changes) -> None:
    settings = {"ssl": "strict", "min_tls_version": "1.2", "always_use_https": "on"} | changes
    zone_id = name.encode().hex().ljust(32, "0")[:32]
    cloudflare.DnsRecord(
        name, zone_id=zone_id, name=f"{name}.espice.app", type="A", content="192.0.2.1", ttl=1, opts=clouds.cloudflare
    )
    for setting, value in settings.items():
        if value is not None:
            cloudflare.ZoneSetting(
                f"{name}-{setting}", zone_id=zone_id, setting_id=setting, value=value, opts=clouds.cloudflare
            )


def r2_host(name: str, clouds: Clouds, *, of: str = "espice-staging-downloads", min_tls: str | None = "1.2") -> None:
    cloudflare.R2CustomDomain(
        name,
        account_id=ACCOUNT,
        bucket_name=of,
        zone_id=ZONE,
        domain=f"{name}.espice.app",
        enabled=True,
        min_tls=min_tls,
        opts=clouds.cloudflare,
    )


def parameters(name: str, clouds: Clouds, forced: str) -> None:
    rds.ParameterGroup(
        name,
        name=f"espice-{name}",
        family="postgres18",
        parameters=[{"name": "rds.force_ssl", "value": forced}],
        opts=clouds.aws,
    )


def may(name: str, clouds: Clouds, *statements: dict) -> None:
    iam.RolePolicy(name, name=f"espice-{name}", role="somebody", policy=document(*statements), opts=clouds.aws)


def role(name: str, clouds: Clouds, *statements: dict, **more) -> None:
    iam.Role(name, name=f"espice-{name}", assume_role_policy=document(*statements), opts=clouds.aws, **more)


def workflow(**said: str) -> dict:
    """A trust of GitHub's workflows, with these conditions."""
    issuer = "token.actions.githubusercontent.com"
    return {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{issuer}:{key}": value for key, value in said.items()}},
    }


REPOSITORY = "repo:espice/delivery"
OURS = {
    "aud": "sts.amazonaws.com",
    "sub": f"{REPOSITORY}:environment:production-preview",
    "repository_id": "1",
    "repository_owner_id": "2",
}
UNREVIEWED = {
    "any-branch": "*",
    "one-branch": "ref:refs/heads/x",
    "any-pull": "pull_request",
    "any-environment": "environment:*",
    "like-production": "environment:production*",
}


def alarm(name: str, clouds: Clouds, description: str, told: bool = True) -> None:
    cloudwatch.MetricAlarm(
        name,
        name=f"espice-{name}",
        alarm_description=description,
        alarm_actions=["arn:aws:sns:us-east-1:123456789012:espice-alarms"] if told else None,
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        opts=clouds.aws,
    )


RUNBOOK = "Installations get errors. Open runbooks/updates-failing.md"


def windows(name: str, clouds: Clouds, *, rule: str) -> None:
    """An alarm of two windows, which tell nobody themselves."""
    alarm(f"{name}-long", clouds, RUNBOOK, told=False)
    cloudwatch.CompositeAlarm(
        name,
        alarm_name=f"espice-{name}",
        alarm_description=RUNBOOK,
        alarm_rule=rule,
        alarm_actions=["arn:aws:sns:us-east-1:123456789012:espice-alarms"],
        opts=clouds.aws,
    )


def notification(name: str, clouds: Clouds, addresses: list[str]) -> None:
    cloudflare.NotificationPolicy(
        name,
        account_id=ACCOUNT,
        name=f"espice-{name}",
        alert_type="universal_ssl_event_type",
        enabled=True,
        mechanisms={"emails": [{"id": address} for address in addresses]},
        opts=clouds.cloudflare,
    )


def budget(name: str, clouds: Clouds, topics: list[str]) -> None:
    budgets.Budget(
        name,
        name=f"espice-{name}",
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount="10",
        limit_unit="USD",
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "notification_type": "ACTUAL",
                "threshold": 80,
                "threshold_type": "PERCENTAGE",
                "subscriber_sns_topic_arns": topics,
            }
        ],
        opts=clouds.aws,
    )


def function(name: str, clouds: Clouds, *, log: str) -> None:
    lambda_.Function(name, name=f"espice-{name}", role="arn:aws:iam::123456789012:role/espice", opts=clouds.aws, **CODE)
    cloudwatch.LogGroup(f"{name}-log", name=log, retention_in_days=30, opts=clouds.aws)


CODE = {"runtime": "python3.13", "handler": "app.handler", "s3_bucket": "builds", "s3_key": "app.zip"}


def called(name: str, clouds: Clouds, principal: str, source: str | None) -> None:
    lambda_.Permission(
        name,
        statement_id=f"espice-{name}",
        action="lambda:InvokeFunction",
        function="espice",
        principal=principal,
        source_arn=source,
        opts=clouds.aws,
    )


CASES = (
    Case(
        "closed-buckets",
        lambda clouds: bucket("open", clouds, without="access"),
        (
            "aws:s3/bucket:Bucket open: nothing keeps the public out; "
            "give it a BucketPublicAccessBlock with all four set",
        ),
        lambda clouds: bucket("closed", clouds),
    ),
    Case(
        "closed-for-good",
        lambda clouds: s3.BucketPublicAccessBlock("ajar", bucket="b", block_public_acls=True, opts=clouds.aws),
        (
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock ajar: blockPublicPolicy, ignorePublicAcls, "
            "restrictPublicBuckets must be true, or the bucket can be opened to the public",
        ),
        lambda clouds: bucket("shut", clouds),
    ),
    Case(
        "no-acls",
        lambda clouds: s3.BucketObjectv2("page", bucket="b", key="k", acl="public-read", opts=clouds.aws),
        (
            "aws:s3/bucketObjectv2:BucketObjectv2 page: the ACL public-read gives it to others; "
            "leave acl out, a bucket policy says who may read",
        ),
        lambda clouds: s3.BucketObjectv2("sheet", bucket="b", key="k", opts=clouds.aws),
    ),
    Case(
        "served-buckets",
        lambda clouds: r2_host("secrets", clouds, of="espice-staging-state"),
        (
            "cloudflare:index/r2CustomDomain:R2CustomDomain secrets: it makes the bucket espice-staging-state public, "
            "but only those of downloads and of the site are; take it away",
        ),
        lambda clouds: r2_host("downloads", clouds),
    ),
    Case(
        "own-hosts",
        lambda clouds: cloudflare.R2ManagedDomain(
            "dev", account_id=ACCOUNT, bucket_name="b", enabled=True, opts=clouds.cloudflare
        ),
        (
            "cloudflare:index/r2ManagedDomain:R2ManagedDomain dev: r2.dev serves without the zone's rules; "
            "serve the bucket under a host of its own",
        ),
        lambda clouds: cloudflare.R2ManagedDomain(
            "no-dev", account_id=ACCOUNT, bucket_name="b", enabled=False, opts=clouds.cloudflare
        ),
    ),
    Case(
        "encrypted-buckets",
        lambda clouds: bucket("clear", clouds, without="encryption"),
        (
            "aws:s3/bucket:Bucket clear: it says nothing of encryption; "
            "give it a BucketServerSideEncryptionConfiguration",
        ),
        lambda clouds: bucket("sealed", clouds),
    ),
    Case(
        "encrypted-by",
        lambda clouds: s3.BucketServerSideEncryptionConfiguration(
            "hollow",
            bucket="b",
            rules=[{"bucket_key_enabled": True}],
            opts=clouds.aws,
        ),
        (
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration hollow: "
            "one of its rules encrypts by nothing; name one of AES256, aws:kms, aws:kms:dsse",
        ),
        lambda clouds: bucket("by-aes", clouds),
    ),
    Case(
        "encrypted-databases",
        lambda clouds: database("bare", clouds, storage_encrypted=False),
        ("aws:rds/instance:Instance bare: its storage is not encrypted, and cannot be later; set storage_encrypted",),
        lambda clouds: database("dressed", clouds),
    ),
    Case(
        "encrypted-queues",
        lambda clouds: queue("postcards", clouds, encrypted=False),
        (
            "aws:sqs/queue:Queue postcards: its messages are not encrypted; "
            "set sqs_managed_sse_enabled, or a kms_master_key_id",
        ),
        lambda clouds: queue("letters", clouds),
    ),
    Case(
        "buckets-over-tls",
        lambda clouds: (
            bucket("plain", clouds, without="policy"),
            bucket("unread", clouds, denied="s3:Get*"),
            bucket("emptied", clouds, on="/some/*"),
        ),
        tuple(
            f"aws:s3/bucket:Bucket {name}: it can be reached without TLS; "
            "give it a BucketPolicy that denies all where aws:SecureTransport is false"
            for name in ("plain", "unread", "emptied")
        ),
        lambda clouds: bucket("armoured", clouds),
    ),
    Case(
        "queues-over-tls",
        lambda clouds: (queue("half", clouds, action="sqs:Send*"), queue("other", clouds, on="half")),
        tuple(
            f"aws:sqs/queue:Queue {name}: it can be reached without TLS; "
            "give it a QueuePolicy that denies all where aws:SecureTransport is false"
            for name in ("half", "other")
        ),
        lambda clouds: queue("whole", clouds),
    ),
    Case(
        "zones-over-tls",
        lambda clouds: zone("old", clouds, min_tls_version=None),
        ("cloudflare:index/dnsRecord:DnsRecord old: its zone does not say min_tls_version; add that ZoneSetting",),
        lambda clouds: zone("new", clouds),
    ),
    Case(
        "zone-settings",
        lambda clouds: zone("lax", clouds, ssl="flexible"),
        (
            "cloudflare:index/zoneSetting:ZoneSetting lax-ssl: ssl is flexible, "
            "which lets browsers and installations do without good TLS; set strict",
        ),
        lambda clouds: zone("tight", clouds, min_tls_version="1.3"),
    ),
    Case(
        "r2-hosts",
        lambda clouds: r2_host("ancient", clouds, min_tls="1.0"),
        ("cloudflare:index/r2CustomDomain:R2CustomDomain ancient: it takes TLS 1.0; set min_tls to 1.2",),
        lambda clouds: r2_host("modern", clouds),
    ),
    Case(
        "databases-over-tls",
        lambda clouds: parameters("trusting", clouds, "0"),
        (
            "aws:rds/parameterGroup:ParameterGroup trusting: it lets clients in without TLS; "
            "set the parameter rds.force_ssl to 1",
        ),
        lambda clouds: parameters("strict", clouds, "1"),
    ),
    Case(
        "named-actions",
        lambda clouds: may(
            "mighty",
            clouds,
            allow(["s3:*", "s3:GetObject"]),
            {"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::shelf"},
        ),
        (
            "aws:iam/rolePolicy:RolePolicy mighty: the action s3:* allows what nobody has thought of; name each action",
            "aws:iam/rolePolicy:RolePolicy mighty: NotAction allows what nobody has thought of; name what is allowed",
        ),
        lambda clouds: may("modest", clouds, allow("s3:GetObject"), {"Effect": "Deny", "Action": "*", "Resource": "*"}),
    ),
    Case(
        "named-resources",
        lambda clouds: may(
            "far",
            clouds,
            allow(["s3:GetObject", "cloudwatch:PutMetricData"], "*"),
            allow("s3:PutObject", "arn:aws:s3:::*"),
        ),
        (
            "aws:iam/rolePolicy:RolePolicy far: s3:GetObject on * reaches everything in the account; "
            "name the resources",
            "aws:iam/rolePolicy:RolePolicy far: s3:PutObject on arn:aws:s3:::* reaches everything in the account; "
            "name the resources",
        ),
        lambda clouds: may("near", clouds, allow("s3:GetObject"), allow("cloudwatch:PutMetricData", "*")),
    ),
    Case(
        "named-principals",
        lambda clouds: role(
            "anyone", clouds, {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        ),
        ("aws:iam/role:Role anyone: everybody in the world is let in; name who may",),
        lambda clouds: role(
            "someone",
            clouds,
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ),
    ),
    Case(
        "named-callers",
        lambda clouds: (called("by-all", clouds, "*", None), called("by-some", clouds, "s3.amazonaws.com", None)),
        (
            "aws:lambda/permission:Permission by-all: everybody in the world may call the function; name who may",
            "aws:lambda/permission:Permission by-some: any account's resource of that service may call the function; "
            "name the source_arn",
        ),
        lambda clouds: called("by-api", clouds, "apigateway.amazonaws.com", "arn:aws:execute-api:us-east-1:1:a/*/*"),
    ),
    Case(
        "our-workflows",
        lambda clouds: (
            role("any-repo", clouds, workflow(**OURS | {"sub": "repo:*"})),
            role("renamed", clouds, workflow(aud=OURS["aud"], sub=OURS["sub"])),
            *(
                role(name, clouds, workflow(**OURS | {"sub": f"{REPOSITORY}:{subject}"}))
                for name, subject in UNREVIEWED.items()
            ),
        ),
        (
            "aws:iam/role:Role any-repo: its sub begins with a wildcard; begin with the repository",
            "aws:iam/role:Role renamed: workflows of others may take on the role; "
            "pin repository_id, repository_owner_id",
            *(
                f"aws:iam/role:Role {name}: whoever pushes a branch may take on the role; "
                "end its sub with :environment: and one's name"
                for name in UNREVIEWED
            ),
        ),
        lambda clouds: role("ours", clouds, workflow(**OURS)),
    ),
    Case(
        "own-permissions",
        lambda clouds: iam.RolePolicyAttachment(
            "lord", role="lord", policy_arn="arn:aws:iam::aws:policy/AdministratorAccess", opts=clouds.aws
        ),
        (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment lord: AWS itself decides what AdministratorAccess "
            "allows; write a policy of our own, or list it with its reason",
        ),
        lambda clouds: iam.RolePolicyAttachment(
            "servant", role="servant", policy_arn="arn:aws:iam::123456789012:policy/servant", opts=clouds.aws
        ),
    ),
    Case(
        "protected",
        lambda clouds: cloudflare.R2Bucket("lost", account_id=ACCOUNT, name="espice-downloads", opts=clouds.cloudflare),
        (
            "cloudflare:index/r2Bucket:R2Bucket lost: it holds what cannot be made again, and is not protected; "
            "set protect=names.kept",
        ),
        lambda clouds: (
            cloudflare.R2Bucket("site", account_id=ACCOUNT, name="espice-site", opts=clouds.cloudflare),
            bucket("kept", clouds),
        ),
    ),
    Case(
        "restorable-databases",
        lambda clouds: database(
            "mortal",
            clouds,
            backup_retention_period=0,
            deletion_protection=False,
            final_snapshot_identifier=None,
        ),
        (
            "aws:rds/instance:Instance mortal: it cannot be restored to a moment; "
            "set backup_retention_period to a number of days",
            "aws:rds/instance:Instance mortal: AWS would delete it when asked to; set deletion_protection",
            "aws:rds/instance:Instance mortal: nothing would be left of it; "
            "set final_snapshot_identifier, and not skip_final_snapshot",
        ),
        lambda clouds: database("immortal", clouds),
    ),
    Case(
        "copied-databases",
        lambda clouds: database("single", clouds, copied=False),
        ("aws:rds/instance:Instance single: no backup plan has it; name it in a backup.Selection",),
        lambda clouds: database("double", clouds),
    ),
    Case(
        "versioned-buckets",
        lambda clouds: bucket("forgetful", clouds, without="versioning"),
        ("aws:s3/bucket:Bucket forgetful: what is overwritten in it is gone; give it a BucketVersioning",),
        lambda clouds: bucket("mindful", clouds),
    ),
    Case(
        "versions-on",
        lambda clouds: s3.BucketVersioning(
            "paused", bucket="b", versioning_configuration={"status": "Suspended"}, opts=clouds.aws
        ),
        (
            "aws:s3/bucketVersioning:BucketVersioning paused: what is overwritten in the bucket is gone; "
            "set the status Enabled",
        ),
        lambda clouds: bucket("running", clouds),
    ),
    Case(
        "logs-end",
        lambda clouds: cloudwatch.LogGroup("endless", name="/espice/endless", opts=clouds.aws),
        ("aws:cloudwatch/logGroup:LogGroup endless: it keeps everything for ever; set retention_in_days",),
        lambda clouds: cloudwatch.LogGroup("month", name="/espice/month", retention_in_days=30, opts=clouds.aws),
    ),
    Case(
        "logs-are-ours",
        lambda clouds: function("unheard", clouds, log="/aws/lambda/espice-misspelt"),
        (
            "aws:lambda/function:Function unheard: Lambda would make a log that is kept for ever; "
            "add the LogGroup /aws/lambda/espice-unheard",
        ),
        lambda clouds: function("heard", clouds, log="/aws/lambda/espice-heard"),
    ),
    Case(
        "runbooks",
        lambda clouds: (
            alarm("helpless", clouds, "Something is wrong."),
            alarm("misled", clouds, "Something is wrong. Open runbooks/no-such-thing.md"),
        ),
        (
            "aws:cloudwatch/metricAlarm:MetricAlarm helpless: its description does not end with the runbook; "
            "end it with: Open runbooks/<what>.md",
            "aws:cloudwatch/metricAlarm:MetricAlarm misled: there is no runbooks/no-such-thing.md; "
            "write it, or name another",
        ),
        lambda clouds: alarm("helped", clouds, RUNBOOK),
    ),
    Case(
        "targets",
        lambda clouds: windows("burning", clouds, rule='ALARM("espice-another")'),
        ("aws:cloudwatch/metricAlarm:MetricAlarm burning-long: nobody is told; give it alarm_actions",),
        lambda clouds: windows("watched", clouds, rule='ALARM("espice-watched-long")'),
    ),
    Case(
        "notified",
        lambda clouds: notification("mute", clouds, []),
        ("cloudflare:index/notificationPolicy:NotificationPolicy mute: nobody is told; give it mechanisms",),
        lambda clouds: notification("loud", clouds, ["somebody@espice.app"]),
    ),
    Case(
        "budgeted",
        lambda clouds: budget("spent", clouds, []),
        ("aws:budgets/budget:Budget spent: one of its notifications has no subscriber; name a topic",),
        lambda clouds: budget("saved", clouds, ["arn:aws:sns:us-east-1:123456789012:espice-alarms"]),
    ),
    Case(
        "names",
        lambda clouds: sns.Topic("nameless", opts=clouds.aws),
        ("aws:sns/topic:Topic nameless: its name is made up by the provider; give it a name of infra/names.py",),
        lambda clouds: sns.Topic("named", name="espice-named", opts=clouds.aws),
    ),
    Case(
        "providers",
        lambda _: sns.Topic("strayed", name="espice-strayed"),
        ("aws:sns/topic:Topic strayed: it takes whatever account there is; give it an explicit provider",),
        lambda clouds: sns.Topic("told", name="espice-told", opts=clouds.aws),
    ),
)


def together(*programs: Program) -> Callable[[], None]:
    """One Pulumi program of these."""

    def program() -> None:
        clouds = Clouds.make()
        for each in programs:
            each(clouds)

    return program

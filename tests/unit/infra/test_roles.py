"""What roles may do: actions that there are, on resources that they know, and nothing by a pattern of actions."""

import json
import re

import pytest
from policy_sentry.querying.actions import get_action_data

from infra import permissions
from infra.function import log_arn
from infra.names import Names
from infra.reach import ANYTHING, ground, made_roles, platform
from infra.roles import boundary, roles
from tests.unit.infra.iam import actions, allowed, named
from tests.unit.infra.recorder import DOMAINS, infra_of

NAMES = Names("espice", "production", "espice.app")
INFRA = infra_of("production")
ROLES = {role.does: role for role in roles(NAMES, INFRA)}
DOCUMENTS = {f"{does} {part}": text for does, role in ROLES.items() for part, text in role.parts.items()}
DOCUMENTS["boundary"] = boundary(NAMES, INFRA.aws)
BOUND = {"iam:PermissionsBoundary": permissions.boundary_arn(NAMES, INFRA.aws)}


def known_arns(action: str) -> set[str]:
    """The kinds of resources that an action works on, as AWS documents it; `*` where it knows none."""
    service, name = action.split(":")
    found = get_action_data(service, name)
    assert found, f"there is no action {action}"
    return {each["resource_arn_format"] for each in found[service]}


def is_one(arn: str, kind: str) -> bool:
    """Whether an ARN of ours is one of this kind, such as arn:${Partition}:s3:::${BucketName}."""
    pattern = "".join(".*" if part.startswith("${") else re.escape(part) for part in re.split(r"(\$\{\w+\})", kind))
    return kind != "*" and re.fullmatch(pattern, arn) is not None


@pytest.mark.parametrize("what", DOCUMENTS)
def test_every_action_is_one_that_there_is_written_in_full(what):
    assert [action for action in actions(DOCUMENTS[what]) if "*" in action or not known_arns(action)] == []


@pytest.mark.parametrize("what", DOCUMENTS)
def test_every_policy_is_short_enough_for_aws(what):
    assert len(json.dumps(json.loads(DOCUMENTS[what]), separators=(",", ":"))) <= 6144


# The list of CloudWatch's actions knows resources for these; the calls' own documentation asks for all of them.
OF_ALL = {"cloudwatch:DescribeAlarms", "cloudwatch:PutCompositeAlarm"}


@pytest.mark.parametrize(
    "reach", [*platform(NAMES, INFRA.aws), *ground(NAMES, INFRA.aws)], ids=lambda reach: reach.what
)
def test_an_action_stands_by_the_resources_that_it_works_on(reach):
    for action in (*reach.to_look(), *reach.to_change()):
        kinds = known_arns(action)
        if reach.on == ANYTHING:
            assert kinds == {"*"} or action in OF_ALL, f"{action} can be limited to {kinds}"
        else:
            assert any(is_one(arn, kind) for arn in reach.on for kind in kinds), f"{action} knows only {kinds}"


# What an apply asks AWS to make each type that the platform registers.
MAKES = {
    "acm/certificate": "acm:RequestCertificate",
    "acm/certificateValidation": "acm:DescribeCertificate",
    "apigatewayv2/api": "apigateway:POST",
    "apigatewayv2/apiMapping": "apigateway:POST",
    "apigatewayv2/domainName": "apigateway:POST",
    "apigatewayv2/integration": "apigateway:POST",
    "apigatewayv2/route": "apigateway:POST",
    "apigatewayv2/stage": "apigateway:POST",
    "backup/plan": "backup:CreateBackupPlan",
    "backup/selection": "backup:CreateBackupSelection",
    "backup/vault": "backup:CreateBackupVault",
    "backup/vaultLockConfiguration": "backup:PutBackupVaultLockConfiguration",
    "budgets/budget": "budgets:ModifyBudget",
    "cloudwatch/compositeAlarm": "cloudwatch:PutCompositeAlarm",
    "cloudwatch/dashboard": "cloudwatch:PutDashboard",
    "cloudwatch/logGroup": "logs:CreateLogGroup",
    "cloudwatch/metricAlarm": "cloudwatch:PutMetricAlarm",
    "ec2/defaultSecurityGroup": "ec2:RevokeSecurityGroupIngress",
    "ec2/routeTable": "ec2:CreateRouteTable",
    "ec2/routeTableAssociation": "ec2:AssociateRouteTable",
    "ec2/securityGroup": "ec2:CreateSecurityGroup",
    "ec2/subnet": "ec2:CreateSubnet",
    "ec2/vpc": "ec2:CreateVpc",
    "ec2/vpcEndpoint": "ec2:CreateVpcEndpoint",
    "iam/role": "iam:CreateRole",
    "iam/rolePolicy": "iam:PutRolePolicy",
    "iam/rolePolicyAttachment": "iam:AttachRolePolicy",
    "lambda/alias": "lambda:CreateAlias",
    "lambda/eventSourceMapping": "lambda:CreateEventSourceMapping",
    "lambda/function": "lambda:CreateFunction",
    "lambda/permission": "lambda:AddPermission",
    "rds/instance": "rds:CreateDBInstance",
    "rds/parameterGroup": "rds:CreateDBParameterGroup",
    "rds/subnetGroup": "rds:CreateDBSubnetGroup",
    "route53/healthCheck": "route53:CreateHealthCheck",
    "s3/bucket": "s3:CreateBucket",
    "s3/bucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3/bucketLogging": "s3:PutBucketLogging",
    "s3/bucketObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3/bucketObjectv2": "s3:PutObject",
    "s3/bucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3/bucketPolicy": "s3:PutBucketPolicy",
    "s3/bucketPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3/bucketServerSideEncryptionConfiguration": "s3:PutEncryptionConfiguration",
    "s3/bucketVersioning": "s3:PutBucketVersioning",
    "scheduler/schedule": "scheduler:CreateSchedule",
    "scheduler/scheduleGroup": "scheduler:CreateScheduleGroup",
    "sns/topic": "sns:CreateTopic",
    "sns/topicPolicy": "sns:SetTopicAttributes",
    "sns/topicSubscription": "sns:Subscribe",
    "sqs/queue": "sqs:CreateQueue",
    "sqs/queuePolicy": "sqs:SetQueueAttributes",
    "sqs/redriveAllowPolicy": "sqs:SetQueueAttributes",
    "sqs/redrivePolicy": "sqs:SetQueueAttributes",
    "vpc/securityGroupEgressRule": "ec2:AuthorizeSecurityGroupEgress",
    "vpc/securityGroupIngressRule": "ec2:AuthorizeSecurityGroupIngress",
}


def test_the_platforms_role_may_make_every_type_that_the_platform_registers(platforms):
    registered = {each.type.split(":")[1] for each in platforms["production"].resources if each.type.startswith("aws:")}
    assert registered == set(MAKES)
    may = {action for reach in platform(NAMES, INFRA.aws) for action in (*reach.to_look(), *reach.to_change())}
    assert set(MAKES.values()) <= may


# Where AWS looks up what is named by us: each ARN that making a thing asks for, by type and from its inputs.
AT = {
    "backup/vault": "backup:{region}:{account}:backup-vault:{name}",
    "budgets/budget": "budgets::{account}:budget/{name}",
    "cloudwatch/compositeAlarm": "cloudwatch:{region}:{account}:alarm:{alarmName}",
    "cloudwatch/dashboard": "cloudwatch::{account}:dashboard/{dashboardName}",
    "cloudwatch/logGroup": "logs:{region}:{account}:log-group:{name}",
    "cloudwatch/metricAlarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "iam/role": "iam::{account}:role/{name}",
    "iam/rolePolicy": "iam::{account}:role/{role}",
    "lambda/function": "lambda:{region}:{account}:function:{name}",
    "rds/instance": "rds:{region}:{account}:db:{identifier}"
    " rds:{region}:{account}:pg:{parameterGroupName}"
    " rds:{region}:{account}:subgrp:{dbSubnetGroupName}"
    " rds:{region}:{account}:og:default:postgres-{engineVersion}",
    "rds/parameterGroup": "rds:{region}:{account}:pg:{name}",
    "rds/subnetGroup": "rds:{region}:{account}:subgrp:{name}",
    "s3/bucket": "s3:::{bucket}",
    "s3/bucketLogging": "s3:::{bucket}",
    "s3/bucketObjectv2": "s3:::{bucket}/{key}",
    "s3/bucketPolicy": "s3:::{bucket}",
    "s3/bucketVersioning": "s3:::{bucket}",
    "scheduler/schedule": "scheduler:{region}:{account}:schedule/{groupName}/{name}",
    "scheduler/scheduleGroup": "scheduler:{region}:{account}:schedule-group/{name}",
    "sns/topic": "sns:{region}:{account}:{name}",
    "sqs/queue": "sqs:{region}:{account}:{name}",
}
# What identifies these, AWS makes up itself; a name of ours is a label.
IDENTIFIED = {
    "acm/certificate",
    "apigatewayv2/api",
    "apigatewayv2/stage",
    "backup/plan",
    "backup/selection",
    "ec2/securityGroup",
    "lambda/alias",
}


def test_whatever_the_platform_calls_by_name_its_role_may_make_under_that_name(platforms):
    policies = list(ROLES["platform-deploy"].parts.values())
    made = [each for each in platforms["production"].resources if each.type.startswith("aws:")]
    called = {each.type.split(":")[1] for each in made if {"name", "identifier", "bucket"} & set(each.inputs)}
    assert called - IDENTIFIED <= {kind for kind in MAKES if kind in AT or kind.startswith("s3/")}
    asked = [
        (MAKES[kind], f"arn:aws:{where.format(region=INFRA.aws.region, account=INFRA.aws.account, **each.inputs)}")
        for each in made
        if (kind := each.type.split(":")[1]) in AT
        for where in AT[kind].split()
    ]
    assert {action for action, _ in asked} == {MAKES[kind] for kind in AT}
    assert [each for each in asked if not allowed(policies, *each, BOUND)] == []


def test_a_preview_sees_every_alarm_and_whichever_database_rds_means():
    policies = list(ROLES["preview"].parts.values())
    assert allowed(policies, "cloudwatch:DescribeAlarms", "*")
    assert allowed(policies, "rds:DescribeDBInstances", f"arn:aws:rds:us-east-1:{INFRA.aws.account}:db:*")


def test_a_domain_may_ask_for_certificates_and_a_database_keep_its_masters_password():
    policies = list(ROLES["platform-deploy"].parts.values())
    for domain in ("domainnames", f"domainnames/{NAMES.updates_host}"):
        for action in ("AddCertificateToDomain", "RemoveCertificateFromDomain"):
            assert allowed(policies, f"apigateway:{action}", f"arn:aws:apigateway:us-east-1::/{domain}")
    start = f"us-east-1:{INFRA.aws.account}"
    for action in ("CreateSecret", "TagResource"):
        assert allowed(policies, f"secretsmanager:{action}", f"arn:aws:secretsmanager:{start}:secret:rds!db-1")
    key = f"arn:aws:kms:{start}:key/1234"
    assert allowed(policies, "kms:DescribeKey", key, {"kms:ViaService": "rds.us-east-1.amazonaws.com"})
    assert not allowed(policies, "kms:DescribeKey", key)


def test_what_runs_for_the_platform_writes_nothing_that_users_get_even_where_a_bucket_lets_it():
    for bucket in (NAMES.archive, NAMES.catalog, NAMES.logs):
        for action in ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"):
            some = f"arn:aws:s3:::{bucket}/some"
            let = permissions.document({"Effect": "Allow", "Action": action, "Resource": some})
            assert allowed([let], action, some)
            assert not allowed([let, DOCUMENTS["boundary"]], action, some)


def test_the_live_role_counts_its_ticks_and_in_no_other_namespace():
    policies = list(ROLES["live-deploy"].parts.values())
    assert allowed(policies, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "ESpice"})
    assert not allowed(policies, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/Lambda"})


def test_preview_looks_and_never_changes():
    harmless = re.compile(r"[\w-]+:(Describe|Get|List|View|GET$|Decrypt$)\w*")
    looks = [action for text in ROLES["preview"].parts.values() for action in actions(text)]
    assert looks
    assert [action for action in looks if not harmless.fullmatch(action)] == []


@pytest.mark.parametrize(
    ("does", "environments"),
    [
        ("preview", ["production-preview", "production-backfill"]),
        ("platform-deploy", ["production"]),
        ("live-deploy", ["production-live"]),
        ("publish", ["production-publish"]),
        ("brake", ["production-brake"]),
    ],
)
def test_a_workflow_takes_on_a_role_from_its_own_environment_of_this_repository_alone(does, environments):
    said = "token.actions.githubusercontent.com"
    trusts = json.loads(ROLES[does].trust)["Statement"]
    assert [trust for trust in trusts if "Federated" in trust["Principal"]] == [
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{INFRA.aws.account}:oidc-provider/{said}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{said}:aud": "sts.amazonaws.com",
                    f"{said}:repository_id": INFRA.github.repository_id,
                    f"{said}:repository_owner_id": INFRA.github.owner_id,
                },
                "StringLike": {
                    f"{said}:sub": [f"repo:espice*/espice-delivery*:environment:{each}" for each in environments]
                },
            },
        }
    ]


def test_only_the_brake_is_for_people_too_and_for_those_with_a_second_factor():
    trusts = {does: json.loads(role.trust)["Statement"] for does, role in ROLES.items()}
    assert {does: len(each) for does, each in trusts.items() if len(each) != 1} == {"brake": 2}
    trust = trusts["brake"][0]
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{INFRA.aws.account}:root"}
    assert trust["Condition"] == {
        "ArnEquals": {
            "aws:PrincipalArn": [f"arn:aws:iam::{INFRA.aws.account}:user/{user}" for user in INFRA.aws.brake]
        },
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
    }


def test_no_role_changes_a_role_of_the_ground_or_takes_the_boundary_off():
    ground = [f"arn:aws:iam::{INFRA.aws.account}:role/{NAMES.role(does)}" for does in ROLES]
    policies = [text for role in ROLES.values() for text in role.parts.values()]
    for action in (
        "CreateRole",
        "PutRolePolicy",
        "AttachRolePolicy",
        "UpdateAssumeRolePolicy",
        "PassRole",
        "DeleteRole",
    ):
        assert not any(allowed(policies, f"iam:{action}", arn, BOUND) for arn in ground)
    made = [f"arn:aws:iam::{INFRA.aws.account}:role/{role}" for role in made_roles(NAMES)]
    for action in ("PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"):
        assert not any(allowed(policies, f"iam:{action}", arn, BOUND) for arn in made)


def test_a_role_is_made_within_the_boundary_or_not_at_all():
    policies = list(ROLES["platform-deploy"].parts.values())
    for role in made_roles(NAMES):
        arn = f"arn:aws:iam::{INFRA.aws.account}:role/{role}"
        for action in ("iam:CreateRole", "iam:PutRolePolicy"):
            assert allowed(policies, action, arn, BOUND)
            assert not allowed(policies, action, arn)


@pytest.mark.parametrize("environment", sorted(DOMAINS))
def test_every_role_that_the_platform_makes_is_one_it_may_make_and_carries_the_boundary(platforms, names, environment):
    stack, mine = platforms[environment], names(environment)
    arn = permissions.boundary_arn(mine, infra_of(environment).aws)
    made = {role.inputs["name"]: role.inputs.get("permissionsBoundary") for role in stack.of("Role").values()}
    assert made == dict.fromkeys(made_roles(mine), arn)


def test_whatever_a_role_of_the_platform_is_allowed_the_boundary_allows(platforms, names):
    mine, aws = names("staging"), infra_of("staging").aws
    written = [each.inputs["policy"] for each in platforms["staging"].of("RolePolicy").values()]
    # Two are written only when the database and the probe are there; here they are unknown.
    known = [document for document in written if document.startswith("{")]
    assert len(written) - len(known) == 2
    known.append(permissions.runs(f"arn:aws:lambda:{aws.region}:{aws.account}:function:{mine.probe}:live"))
    log = log_arn(aws, mine.consumer)
    known.append(permissions.consumer(aws, permissions.queue_arn(aws, mine.events), "db-1234", "events", log))
    limit = boundary(mine, aws)
    for document in known:
        for statement in json.loads(document)["Statement"]:
            if statement["Effect"] == "Allow":
                on = statement["Resource"]
                for arn in on if isinstance(on, list) else [on]:
                    beyond = [action for action in named(statement) if not allowed([limit], action, arn)]
                    assert beyond == [], f"on {arn}"

"""Nobody may do more than is said word by word: no wildcard among actions, none that is a whole service's resources.

What is allowed all the same stands in the two lists here, each with its reason; a longer list is a reviewed change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.policy import Resource, each

Statement = Mapping[str, Any]

EVERYWHERE: Mapping[str, str] = {
    "acm:RequestCertificate": "has no resource level",
    "backup-storage:MountCapsule": "has no resource level",
    "cloudwatch:DescribeAlarms": "CloudWatch shows composite alarms only to those who may see all alarms",
    "cloudwatch:PutCompositeAlarm": "CloudWatch lets only those make one who may make any",
    "cloudwatch:PutMetricData": "has no resource level",
    "ec2:AssignPrivateIpAddresses": "Lambda joins a VPC under the function's own role, and asks for every interface",
    "ec2:CreateNetworkInterface": "Lambda joins a VPC under the function's own role, and asks for every interface",
    "ec2:DeleteNetworkInterface": "Lambda joins a VPC under the function's own role, and asks for every interface",
    "ec2:DescribeNetworkAcls": "has no resource level",
    "ec2:DescribeNetworkInterfaces": "has no resource level",
    "ec2:DescribePrefixLists": "has no resource level",
    "ec2:DescribeRouteTables": "has no resource level",
    "ec2:DescribeSecurityGroupRules": "has no resource level",
    "ec2:DescribeSecurityGroups": "has no resource level",
    "ec2:DescribeSubnets": "has no resource level",
    "ec2:DescribeVpcEndpoints": "has no resource level",
    "ec2:DescribeVpcs": "has no resource level",
    "ec2:UnassignPrivateIpAddresses": "Lambda joins a VPC under the function's own role, and asks for every interface",
    "kms:ListAliases": "has no resource level",
    "lambda:CreateEventSourceMapping": "has no resource level; a condition limits it to one function",
    "logs:DescribeLogGroups": "has no resource level",
    "route53:CreateHealthCheck": "has no resource level",
    "sns:GetSubscriptionAttributes": "has no resource level",
    "sns:Unsubscribe": "has no resource level",
}
"""Actions that may be allowed on every resource, and why."""

OF_AWS: Mapping[str, str] = {
    "service-role/AWSBackupServiceRolePolicyForBackup": "what AWS Backup needs changes with AWS Backup",
}
"""Policies written by AWS, wildcards and all, that a role may have, and why."""

WORKFLOWS = "token.actions.githubusercontent.com"
PINNED = ("aud", "sub", "repository_id", "repository_owner_id")
_OF_ENVIRONMENT = re.compile(r"repo:.+:environment:[^*?:]+")

_GIVEN = {
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
}
"""Documents that say what their holder may do."""

_LET_IN = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
    "aws:lambda/permission:Permission": "",
    "aws:iam/role:Role": "assumeRolePolicy",
}
"""Documents that say who may do something with their holder."""


def statements(policy: str | None) -> list[Statement]:
    """The statements of a policy document."""
    found = json.loads(policy or "{}").get("Statement", [])
    return found if isinstance(found, list) else [found]


def told(statement: Statement, key: str) -> list[str]:
    """What a statement says of actions or resources, of which it may name one without a list."""
    value = statement.get(key, [])
    return [value] if isinstance(value, str) else list(value)


def _allowing(policy: str | None) -> list[Statement]:
    return [statement for statement in statements(policy) if statement.get("Effect") == "Allow"]


def _says_actions(resource: Resource) -> Iterator[str]:
    for statement in _allowing(resource.props.get((_GIVEN | _LET_IN)[resource.resource_type])):
        for key in ("NotAction", "NotResource", "NotPrincipal"):
            if key in statement:
                yield f"{key} allows what nobody has thought of; name what is allowed"
        for action in told(statement, "Action"):
            if "*" in action or "?" in action:
                yield f"the action {action} allows what nobody has thought of; name each action"


def _says_resources(resource: Resource) -> Iterator[str]:
    for statement in _allowing(resource.props.get(_GIVEN[resource.resource_type])):
        wide = [arn for arn in told(statement, "Resource") if arn == "*" or arn.split(":", 5)[-1] == "*"]
        actions = [action for action in told(statement, "Action") if action not in EVERYWHERE]
        if wide and actions:
            yield f"{', '.join(actions)} on {wide[0]} reaches everything in the account; name the resources"


def _lets_in_somebody(resource: Resource) -> Iterator[str]:
    for statement in _allowing(resource.props.get(_LET_IN[resource.resource_type])):
        principal = statement.get("Principal")
        if principal == "*" or (isinstance(principal, Mapping) and "*" in told(principal, "AWS")):
            yield "everybody in the world is let in; name who may"


def _lets_in_a_service(permission: Resource) -> Iterator[str]:
    if permission.props.get("principal") == "*":
        yield "everybody in the world may call the function; name who may"
    elif not permission.props.get("sourceArn"):
        yield "any account's resource of that service may call the function; name the source_arn"


def _trusts_our_workflows(role: Resource) -> Iterator[str]:
    for statement in _allowing(role.props.get("assumeRolePolicy")):
        principal = statement.get("Principal")
        federated = told(principal, "Federated") if isinstance(principal, Mapping) else []
        if not any(WORKFLOWS in each_one for each_one in federated):
            continue
        conditions = statement.get("Condition", {}).values()
        said = {key.removeprefix(f"{WORKFLOWS}:"): value for each_one in conditions for key, value in each_one.items()}
        missing = [key for key in PINNED if key not in said]
        if missing:
            yield f"workflows of others may take on the role; pin {', '.join(missing)}"
        if any(subject.startswith("*") or subject == "repo:*" for subject in told(said, "sub")):
            yield "its sub begins with a wildcard; begin with the repository"
        elif not all(_OF_ENVIRONMENT.fullmatch(subject) for subject in told(said, "sub")):
            yield "whoever pushes a branch may take on the role; end its sub with :environment: and one's name"


def _has_no_foreign_policy(resource: Resource) -> Iterator[str]:
    arns = [resource.props.get("policyArn"), *(resource.props.get("managedPolicyArns") or [])]
    for arn in filter(None, arns):
        owner, _, name = arn.partition(":policy/")
        if owner.endswith(":aws") and name not in OF_AWS:
            yield f"AWS itself decides what {name} allows; write a policy of our own, or list it with its reason"


_DOCUMENTS = {kind for kind, key in (_GIVEN | _LET_IN).items() if key}

POLICIES = (
    each("named-actions", "Every action that is allowed is named.", _DOCUMENTS, _says_actions),
    each("named-resources", "What is allowed, is allowed on named resources.", set(_GIVEN), _says_resources),
    each(
        "named-principals",
        "Nobody is let in who is not named.",
        {kind for kind, key in _LET_IN.items() if key},
        _lets_in_somebody,
    ),
    each(
        "named-callers",
        "Functions are called by named callers.",
        {"aws:lambda/permission:Permission"},
        _lets_in_a_service,
    ),
    each("our-workflows", "Only our own workflows take on roles.", {"aws:iam/role:Role"}, _trusts_our_workflows),
    each(
        "own-permissions",
        "What a role may do is written by us.",
        {"aws:iam/role:Role", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"},
        _has_no_foreign_policy,
    ),
)

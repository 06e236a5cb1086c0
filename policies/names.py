"""Every physical thing has the name that the program gave it, and every resource the provider that it was told.

A name that a provider makes up differs from run to run and from engine to engine; a default provider takes any account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pulumi_policy import PolicyResource

from policies.policy import Resource, each, together

NAMED = {
    "aws:apigatewayv2/api:Api": "name",
    "aws:apigatewayv2/stage:Stage": "name",
    "aws:backup/plan:Plan": "name",
    "aws:backup/selection:Selection": "name",
    "aws:backup/vault:Vault": "name",
    "aws:budgets/budget:Budget": "name",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmName",
    "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
    "aws:cloudwatch/logGroup:LogGroup": "name",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
    "aws:ec2/securityGroup:SecurityGroup": "name",
    "aws:iam/policy:Policy": "name",
    "aws:iam/role:Role": "name",
    "aws:iam/rolePolicy:RolePolicy": "name",
    "aws:kms/alias:Alias": "name",
    "aws:lambda/alias:Alias": "name",
    "aws:lambda/function:Function": "name",
    "aws:lambda/permission:Permission": "statementId",
    "aws:rds/instance:Instance": "identifier",
    "aws:rds/parameterGroup:ParameterGroup": "name",
    "aws:rds/subnetGroup:SubnetGroup": "name",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:scheduler/schedule:Schedule": "name",
    "aws:scheduler/scheduleGroup:ScheduleGroup": "name",
    "aws:sns/topic:Topic": "name",
    "aws:sqs/queue:Queue": "name",
    "cloudflare:index/r2Bucket:R2Bucket": "name",
}
"""The property of each type that a provider would make up if it were left out."""

MADE_UP = r"-[0-9a-f]{7}"


def _has_a_name(resource: Resource) -> Iterator[str]:
    key = NAMED[resource.resource_type]
    value = resource.props.get(key)
    if not value or re.fullmatch(re.escape(resource.name) + MADE_UP, str(value)):
        yield f"its {key} is made up by the provider; give it a name of infra/names.py"


def _are_told(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    for resource in resources:
        if resource.provider is not None and resource.provider.name.startswith("default"):
            yield resource, "it takes whatever account there is; give it an explicit provider"


POLICIES = (
    each("names", "Everything is named by the program.", NAMED, _has_a_name),
    together("providers", "Every resource has a provider that was told where it may act.", _are_told),
)

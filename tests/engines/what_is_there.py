"""Everything that lies in AWS, of the kinds that the program makes: to see what an apply made, and what is left."""

import functools
from collections.abc import Callable, Iterator
from typing import Any

import boto3

from tests.engines.every_type import ACCOUNT

# Service, operation, the key of the answer, the field that names a thing.
_LISTED = (
    ("acm", "list_certificates", "CertificateSummaryList", "CertificateArn"),
    ("apigatewayv2", "get_apis", "Items", "ApiId"),
    ("apigatewayv2", "get_domain_names", "Items", "DomainName"),
    ("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName"),
    ("backup", "list_backup_plans", "BackupPlansList", "BackupPlanId"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    ("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("ec2", "describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"),
    ("kms", "list_aliases", "Aliases", "AliasName"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("logs", "describe_metric_filters", "metricFilters", "filterName"),
    ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
    ("rds", "describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupName"),
    ("route53", "list_health_checks", "HealthChecks", "Id"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("scheduler", "list_schedules", "Schedules", "Name"),
    ("scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
)


def clients(moto: str) -> Callable[[str], Any]:
    """boto3's clients by service, each made once."""
    secret = {"aws_access_key_id": "laptop", "aws_secret_access_key": "laptop"}
    return functools.cache(lambda service: boto3.client(service, endpoint_url=moto, region_name="us-east-1", **secret))


def everything_in(aws: Callable[[str], Any]) -> set[str]:
    """Each thing as `service key name`. What waits for its deletion, and nobody can use, counts as gone."""
    return {
        *_named(aws),
        *(f"sqs Queues {url}" for url in aws("sqs").list_queues().get("QueueUrls", [])),
        *(f"budgets {each['BudgetName']}" for each in aws("budgets").describe_budgets(AccountId=ACCOUNT)["Budgets"]),
        *(f"iam Policies {each['Arn']}" for each in aws("iam").list_policies(Scope="Local")["Policies"]),
        *(f"ec2 VpcEndpoints {endpoint}" for endpoint in _endpoints(aws("ec2"))),
        *(f"kms Keys {key}" for key in _usable_keys(aws("kms"))),
    }


def _named(aws: Callable[[str], Any]) -> Iterator[str]:
    for service, operation, key, name in _LISTED:
        for each in getattr(aws(service), operation)().get(key, []):
            yield f"{service} {key} {each[name]}"


def _usable_keys(kms: Any) -> Iterator[str]:
    for each in kms.list_keys()["Keys"]:
        key = kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"]
        if key["Description"] != "Default key" and key["KeyState"] != "PendingDeletion":  # AWS's own, in moto
            yield each["KeyId"]


def _endpoints(ec2: Any) -> Iterator[str]:
    for each in ec2.describe_vpc_endpoints()["VpcEndpoints"]:
        if each["State"] != "deleted":
            yield each["VpcEndpointId"]

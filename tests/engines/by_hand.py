"""What somebody could do by hand behind the back of `every_type`: by resource, the call and what a refresh must say.

What it must say is the input that differs, or `gone`.
"""

# ruff: noqa: ARG001, ARG005 - every change is given the same

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.engines.every_type import ACCOUNT, BUILDS, allow, trust

GONE = "gone"
Clients = Callable[[str], Any]
Ids = Mapping[str, str]


def _lifecycle(aws: Clients, ids: Ids) -> None:
    rule = {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    aws("s3").put_bucket_lifecycle_configuration(Bucket="archive", LifecycleConfiguration={"Rules": [rule]})


def _encryption(aws: Clients, ids: Ids) -> None:
    by = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    aws("s3").put_bucket_encryption(Bucket="archive", ServerSideEncryptionConfiguration={"Rules": [by]})


def _access(aws: Clients, ids: Ids) -> None:
    block = {"BlockPublicAcls": True, "BlockPublicPolicy": False}
    aws("s3").put_public_access_block(Bucket="archive", PublicAccessBlockConfiguration=block)


def _ownership(aws: Clients, ids: Ids) -> None:
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    aws("s3").put_bucket_ownership_controls(Bucket="archive", OwnershipControls=rules)


def _lock(aws: Clients, ids: Ids) -> None:
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    aws("s3").put_object_lock_configuration(Bucket="archive", ObjectLockConfiguration=lock)


def _code(aws: Clients, ids: Ids) -> None:
    aws("lambda").update_function_code(FunctionName="updates", S3Bucket=BUILDS, S3Key="other.zip")


def _weights(aws: Clients, ids: Ids) -> None:
    weights = {"AdditionalVersionWeights": {"1": 0.5}}
    aws("lambda").update_alias(FunctionName="updates", Name="live", FunctionVersion="$LATEST", RoutingConfig=weights)


def _alarm(aws: Clients, ids: Ids) -> None:
    client = aws("cloudwatch")
    [alarm] = client.describe_alarms(AlarmNames=["queue-old"])["MetricAlarms"]
    kept = ("AlarmName", "AlarmDescription", "MetricName", "Namespace", "Statistic", "Dimensions", "Period")
    kept += ("EvaluationPeriods", "ComparisonOperator", "TreatMissingData", "AlarmActions", "OKActions")
    client.put_metric_alarm(**{name: alarm[name] for name in kept}, Threshold=1_000_000)


def _burning(aws: Clients, ids: Ids) -> None:
    client = aws("cloudwatch")
    [alarm] = client.describe_alarms(AlarmNames=["burning"])["MetricAlarms"]
    kept = {name: alarm[name] for name in ("AlarmName", "EvaluationPeriods", "ComparisonOperator", "Threshold")}
    alarm["Metrics"][0]["Expression"] = "0"
    client.put_metric_alarm(**kept, Metrics=alarm["Metrics"])


def _route(aws: Clients, ids: Ids) -> None:
    client = aws("ec2")
    gateway = client.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=ids["net"])
    client.create_route(RouteTableId=ids["table"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)


def _opened(aws: Clients, ids: Ids) -> None:
    everybody = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    aws("ec2").authorize_security_group_ingress(GroupId=ids["closed"], IpPermissions=everybody)


def _redrive(aws: Clients, ids: Ids) -> None:
    client, url = aws("sqs"), ids["queue"]
    kept = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "RedrivePolicy"])["Attributes"]
    redrive = json.dumps(json.loads(kept["RedrivePolicy"]) | {"maxReceiveCount": 1})
    client.set_queue_attributes(QueueUrl=url, Attributes=kept | {"RedrivePolicy": redrive})


def _failed(aws: Clients, ids: Ids) -> None:
    attributes = {"MessageRetentionPeriod": "60"}
    aws("sqs").set_queue_attributes(QueueUrl=ids["failed"], Attributes=attributes)


def _budget(aws: Clients, ids: Ids) -> None:
    client = aws("budgets")
    [notice] = client.describe_notifications_for_budget(AccountId=ACCOUNT, BudgetName="month")["Notifications"]
    client.delete_notification(AccountId=ACCOUNT, BudgetName="month", Notification=notice)


def _schedule(aws: Clients, ids: Ids) -> None:
    client = aws("scheduler")
    there = client.get_schedule(GroupName="probes", Name="probe")
    kept = ("GroupName", "Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    client.update_schedule(**{name: there[name] for name in kept}, State="DISABLED")


def _sns(attribute: str, value: str) -> Callable[[Clients, Ids], None]:
    def change(aws: Clients, ids: Ids) -> None:
        aws("sns").set_topic_attributes(TopicArn=ids["topic"], AttributeName=attribute, AttributeValue=value)

    return change


def _instance(aws: Clients, ids: Ids) -> None:
    aws("rds").modify_db_instance(DBInstanceIdentifier="telemetry", BackupRetentionPeriod=0, ApplyImmediately=True)


def _metric(aws: Clients, ids: Ids) -> None:
    counted = {"metricName": "Failed", "metricNamespace": "ESpice", "metricValue": "1", "defaultValue": 0}
    aws("logs").put_metric_filter(
        logGroupName="/aws/lambda/updates", filterName="failures", filterPattern="", metricTransformations=[counted]
    )


CHANGES: dict[str, tuple[Callable[[Clients, Ids], Any], str]] = {
    "lock": (_lock, "rule"),
    "logs-policy": (lambda aws, ids: aws("s3").delete_bucket_policy(Bucket="logs"), GONE),
    "versioning": (
        lambda aws, ids: aws("s3").put_bucket_versioning(
            Bucket="archive", VersioningConfiguration={"Status": "Suspended"}
        ),
        "versioningConfiguration",
    ),
    "ownership": (_ownership, "rule"),
    "access": (_access, "blockPublicPolicy"),
    "encryption": (_encryption, "rules"),
    "logging": (lambda aws, ids: aws("s3").put_bucket_logging(Bucket="archive", BucketLoggingStatus={}), GONE),
    "lifecycle": (_lifecycle, "rules"),
    "text": (
        lambda aws, ids: aws("s3").put_object(Bucket="logs", Key="text", Body=b"others", CacheControl="no-cache"),
        "content",
    ),
    "file": (lambda aws, ids: aws("s3").put_object(Bucket="logs", Key="file", Body=b"others"), "source"),
    "boundary": (
        lambda aws, ids: aws("iam").create_policy_version(
            PolicyArn=ids["boundary"], PolicyDocument=allow("s3:PutObject", Resource="*"), SetAsDefault=True
        ),
        "policy",
    ),
    "role": (
        lambda aws, ids: aws("iam").update_assume_role_policy(RoleName="role", PolicyDocument=trust("ec2")),
        "assumeRolePolicy",
    ),
    "role-policy": (
        lambda aws, ids: aws("iam").put_role_policy(
            RoleName="role", PolicyName="reads", PolicyDocument=allow("s3:*", Resource="*")
        ),
        "policy",
    ),
    "attachment": (
        lambda aws, ids: aws("iam").detach_role_policy(RoleName="role", PolicyArn=ids["boundary"]),
        GONE,
    ),
    "github": (
        lambda aws, ids: aws("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=ids["github"]),
        GONE,
    ),
    "key": (lambda aws, ids: aws("kms").disable_key(KeyId=ids["key"]), "isEnabled"),
    "alias": (lambda aws, ids: aws("kms").delete_alias(AliasName="alias/head"), GONE),
    "function": (_code, "sourceCodeHash"),
    "live": (_weights, "functionVersion, routingConfig"),
    "queue-policy": (
        lambda aws, ids: aws("sqs").set_queue_attributes(QueueUrl=ids["queue"], Attributes={"Policy": ""}),
        GONE,
    ),
    "redrive": (_redrive, "redrivePolicy"),
    "failed": (_failed, "messageRetentionSeconds"),
    "source": (
        lambda aws, ids: aws("lambda").update_event_source_mapping(UUID=ids["source"], BatchSize=1),
        "batchSize",
    ),
    "invoke": (
        lambda aws, ids: aws("lambda").remove_permission(FunctionName="updates", StatementId="http-api"),
        GONE,
    ),
    "api": (
        lambda aws, ids: aws("apigatewayv2").update_api(ApiId=ids["api"], DisableExecuteApiEndpoint=False),
        "disableExecuteApiEndpoint",
    ),
    "integration": (
        lambda aws, ids: aws("apigatewayv2").update_integration(
            ApiId=ids["api"], IntegrationId=ids["integration"], TimeoutInMillis=50
        ),
        "timeoutMilliseconds",
    ),
    "route": (
        lambda aws, ids: aws("apigatewayv2").update_route(
            ApiId=ids["api"], RouteId=ids["route"], Target="integrations/other"
        ),
        "target",
    ),
    "stage": (
        lambda aws, ids: aws("apigatewayv2").delete_stage(ApiId=ids["api"], StageName="$default"),
        GONE,
    ),
    "mapping": (
        lambda aws, ids: aws("apigatewayv2").delete_api_mapping(
            ApiMappingId=ids["mapping"], DomainName="updates.espice.app"
        ),
        GONE,
    ),
    "domain": (
        lambda aws, ids: aws("apigatewayv2").delete_domain_name(DomainName="updates.espice.app"),
        GONE,
    ),
    "net": (
        lambda aws, ids: aws("ec2").modify_vpc_attribute(VpcId=ids["net"], EnableDnsHostnames={"Value": False}),
        "enableDnsHostnames",
    ),
    "subnet-a": (
        lambda aws, ids: aws("ec2").modify_subnet_attribute(
            SubnetId=ids["subnet-a"], MapPublicIpOnLaunch={"Value": True}
        ),
        "mapPublicIpOnLaunch",
    ),
    "table": (_route, "routes"),
    "linked-a": (lambda aws, ids: aws("ec2").disassociate_route_table(AssociationId=ids["linked-a"]), GONE),
    "closed": (_opened, "ingress"),
    "in": (
        lambda aws, ids: aws("ec2").revoke_security_group_ingress(
            GroupId=ids["database"], SecurityGroupRuleIds=[ids["in"]]
        ),
        GONE,
    ),
    "storage": (
        lambda aws, ids: aws("ec2").modify_vpc_endpoint(
            VpcEndpointId=ids["storage"], PolicyDocument=allow("s3:*", Principal="*", Resource="*")
        ),
        "policy",
    ),
    "subnets": (lambda aws, ids: aws("rds").delete_db_subnet_group(DBSubnetGroupName="telemetry"), GONE),
    "parameters": (
        lambda aws, ids: aws("rds").modify_db_parameter_group(
            DBParameterGroupName="telemetry",
            Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}],
        ),
        "parameters",
    ),
    "instance": (_instance, "backupRetentionPeriod"),
    "vault-lock": (
        lambda aws, ids: aws("backup").delete_backup_vault_lock_configuration(BackupVaultName="vault"),
        GONE,
    ),
    "topic": (_sns("DisplayName", "Nothing"), "displayName"),
    "topic-policy": (_sns("Policy", allow("sns:Publish", Principal="*", Resource="*")), "policy"),
    "told": (lambda aws, ids: aws("sns").unsubscribe(SubscriptionArn=ids["told"]), GONE),
    "log": (
        lambda aws, ids: aws("logs").put_retention_policy(logGroupName="/aws/lambda/updates", retentionInDays=1),
        "retentionInDays",
    ),
    "filter": (_metric, "pattern"),
    "alarm": (_alarm, "threshold"),
    "burning": (_burning, "metricQueries"),
    "dashboard": (
        lambda aws, ids: aws("cloudwatch").put_dashboard(
            DashboardName="health", DashboardBody=json.dumps({"widgets": [{"type": "text"}]})
        ),
        "dashboardBody",
    ),
    "budget": (_budget, "notifications"),
    "ready": (
        lambda aws, ids: aws("route53").update_health_check(HealthCheckId=ids["ready"], ResourcePath="/"),
        "resourcePath",
    ),
    "schedule": (_schedule, "state"),
    "certificate": (lambda aws, ids: aws("acm").delete_certificate(CertificateArn=ids["certificate"]), GONE),
    "proved": (lambda aws, ids: None, GONE),  # with its certificate
}

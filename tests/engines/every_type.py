"""One program with every AWS type that the laptop realises, and how somebody could change each behind its back."""

import io
import json
import zipfile
from typing import Any

import pulumi
from pulumi_aws import (
    acm,
    apigatewayv2,
    backup,
    budgets,
    cloudwatch,
    ec2,
    iam,
    kms,
    lambda_,
    rds,
    route53,
    s3,
    scheduler,
    sns,
    sqs,
    vpc,
)

ACCOUNT = "123456789012"
BUILDS = "builds"


def upload_builds(s3: Any) -> None:
    """The bucket of builds, with the one that the program runs and another."""
    s3.create_bucket(Bucket=BUILDS)
    for text in ("one", "other"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(zipfile.ZipInfo("app.py"), text)
        s3.put_object(Bucket=BUILDS, Key=f"{text}.zip", Body=buffer.getvalue())


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowed(action: str, **more: object) -> dict:
    return {"Effect": "Allow", "Action": action, **more}


def allow(action: str, **more: object) -> str:
    """A policy document with one statement."""
    return policy(allowed(action, **more))


def trust(service: str) -> str:
    return allow("sts:AssumeRole", Principal={"Service": f"{service}.amazonaws.com"})


def everything(build: str):
    """The program; `build` is the key of a zip in the bucket of builds, which is there already."""

    def program() -> None:
        _storage()
        function, role, queue = _compute(build)
        _answer(function)
        _network(role)
        _watch(role, function, queue)

    return program


def _storage() -> None:
    logs = s3.Bucket("logs", bucket="logs", force_destroy=True)
    writer = {"Principal": {"Service": "logging.s3.amazonaws.com"}, "Resource": "arn:aws:s3:::logs/*"}
    written = s3.BucketPolicy(
        "logs-policy",
        bucket=logs.bucket,
        policy=policy(
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            allowed("s3:PutObject", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}, **writer),
        ),
    )
    bucket = s3.Bucket("archive", bucket="archive", object_lock_enabled=True)
    kept = s3.BucketVersioning("versioning", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
    after = pulumi.ResourceOptions(depends_on=[kept])
    s3.BucketObjectLockConfiguration(
        "lock", bucket=bucket.id, rule={"default_retention": {"mode": "GOVERNANCE", "days": 3}}, opts=after
    )
    s3.BucketOwnershipControls("ownership", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"})
    s3.BucketPublicAccessBlock("access", bucket=bucket.id, block_public_acls=True, block_public_policy=True)
    s3.BucketServerSideEncryptionConfiguration(
        "encryption",
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
    )
    s3.BucketLogging(
        "logging",
        bucket=bucket.id,
        target_bucket=logs.id,
        target_prefix="archive/",
        target_object_key_format={"partitioned_prefix": {"partition_date_source": "EventTime"}},
        opts=pulumi.ResourceOptions(depends_on=[written]),
    )
    s3.BucketLifecycleConfiguration(
        "lifecycle",
        bucket=bucket.id,
        rules=[
            {
                "id": "uploads",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            },
            {
                "id": "old",
                "status": "Enabled",
                "filter": {"prefix": "a/"},
                "expiration": {"days": 90},
                "transitions": [{"days": 30, "storage_class": "GLACIER_IR"}],
                "noncurrent_version_expiration": {"noncurrent_days": 5},
                "noncurrent_version_transitions": [{"noncurrent_days": 1, "storage_class": "GLACIER_IR"}],
            },
        ],
        opts=after,
    )
    s3.BucketObjectv2("text", bucket=logs.id, key="text", content="words", cache_control="no-cache")
    s3.BucketObjectv2("file", bucket=logs.id, key="file", source=pulumi.StringAsset("asset"))


def _compute(build: str) -> tuple[lambda_.Function, iam.Role, sqs.Queue]:
    boundary = iam.Policy("boundary", name="boundary", policy=allow("s3:GetObject", Resource="*"))
    role = iam.Role(
        "role",
        name="role",
        description="does all",
        assume_role_policy=trust("lambda"),
        permissions_boundary=boundary.arn,
        max_session_duration=7200,
    )
    iam.RolePolicy("role-policy", name="reads", role=role.name, policy=allow("s3:GetObject", Resource="*"))
    iam.RolePolicyAttachment("attachment", role=role.name, policy_arn=boundary.arn)
    github = "https://token.actions.githubusercontent.com"
    iam.OpenIdConnectProvider("github", url=github, client_id_lists=["sts.amazonaws.com"])
    key = kms.Key("key", description="signs", key_usage="SIGN_VERIFY", customer_master_key_spec="ECC_NIST_P256")
    kms.Alias("alias", name="alias/head", target_key_id=key.key_id)
    function = lambda_.Function(
        "function",
        name="updates",
        role=role.arn,
        runtime="python3.13",
        handler="app.handler",
        architectures=["arm64"],
        s3_bucket=BUILDS,
        s3_key=build,
        timeout=5,
        memory_size=256,
        environment={"variables": {"LEVEL": "info"}},
        publish=True,
    )
    lambda_.Alias(
        "live",
        name="live",
        function_name=function.name,
        function_version=function.version,
        description="answers",
    )
    failed = sqs.Queue("failed", name="failed")
    queue = sqs.Queue("queue", name="queue", visibility_timeout_seconds=60, sqs_managed_sse_enabled=True)
    sqs.QueuePolicy(
        "queue-policy",
        queue_url=queue.id,
        policy=queue.arn.apply(
            lambda arn: allow("sqs:SendMessage", Principal={"Service": "sns.amazonaws.com"}, Resource=arn)
        ),
    )
    sqs.RedrivePolicy(
        "redrive",
        queue_url=queue.id,
        redrive_policy=failed.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 4})),
    )
    sqs.RedriveAllowPolicy(
        "redrive-allow",
        queue_url=failed.id,
        redrive_allow_policy=queue.arn.apply(
            lambda arn: json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]})
        ),
    )
    lambda_.EventSourceMapping(
        "source",
        event_source_arn=queue.arn,
        function_name=function.arn,
        batch_size=100,
        maximum_batching_window_in_seconds=5,
        function_response_types=["ReportBatchItemFailures"],
        scaling_config={"maximum_concurrency": 2},
    )
    return function, role, queue


def _answer(function: lambda_.Function) -> None:
    api = apigatewayv2.Api("api", name="updates", protocol_type="HTTP", disable_execute_api_endpoint=True)
    lambda_.Permission(
        "invoke",
        statement_id="http-api",
        action="lambda:InvokeFunction",
        function=function.name,
        principal="apigateway.amazonaws.com",
        source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
    )
    integration = apigatewayv2.Integration(
        "integration",
        api_id=api.id,
        integration_type="AWS_PROXY",
        integration_method="POST",
        integration_uri=function.invoke_arn,
        payload_format_version="2.0",
        timeout_milliseconds=5000,
    )
    target = pulumi.Output.concat("integrations/", integration.id)
    apigatewayv2.Route("route", api_id=api.id, route_key="$default", target=target)
    stage = apigatewayv2.Stage("stage", api_id=api.id, name="$default", auto_deploy=True)
    certificate = acm.Certificate("certificate", domain_name="updates.espice.app", validation_method="DNS")
    proved = acm.CertificateValidation("proved", certificate_arn=certificate.arn)
    domain = apigatewayv2.DomainName(
        "domain",
        domain_name="updates.espice.app",
        domain_name_configuration={
            "certificate_arn": proved.certificate_arn,
            "endpoint_type": "REGIONAL",
            "security_policy": "TLS_1_2",
        },
        mutual_tls_authentication={"truststore_uri": "s3://builds/trust.pem"},
    )
    apigatewayv2.ApiMapping("mapping", api_id=api.id, domain_name=domain.id, stage=stage.id)


def _network(role: iam.Role) -> None:
    net = ec2.Vpc("net", cidr_block="10.9.0.0/16", enable_dns_hostnames=True, tags={"Name": "net"})
    subnets = [
        ec2.Subnet(
            f"subnet-{zone}",
            vpc_id=net.id,
            cidr_block=f"10.9.{number}.0/24",
            availability_zone=f"us-east-1{zone}",
            tags={"Name": f"net-{zone}"},
        )
        for number, zone in enumerate("ab")
    ]
    table = ec2.RouteTable("table", vpc_id=net.id, tags={"Name": "net"})
    for subnet, zone in zip(subnets, "ab", strict=True):
        ec2.RouteTableAssociation(f"linked-{zone}", route_table_id=table.id, subnet_id=subnet.id)
    ec2.DefaultSecurityGroup("closed", vpc_id=net.id, tags={"Name": "net-closed"})
    reader = ec2.SecurityGroup("reader", name="reader", description="reads", vpc_id=net.id)
    database = ec2.SecurityGroup("database", name="database", description="is read", vpc_id=net.id)
    ports = {"ip_protocol": "tcp", "from_port": 5432, "to_port": 5432}
    vpc.SecurityGroupIngressRule(
        "in", security_group_id=database.id, referenced_security_group_id=reader.id, description="events", **ports
    )
    vpc.SecurityGroupEgressRule(
        "out", security_group_id=reader.id, referenced_security_group_id=database.id, description="events", **ports
    )
    ec2.VpcEndpoint(
        "storage",
        vpc_id=net.id,
        service_name="com.amazonaws.us-east-1.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id],
        policy=allow("s3:GetObject", Principal="*", Resource="arn:aws:s3:::archive/*"),
        tags={"Name": "net-storage"},
    )
    group = rds.SubnetGroup("subnets", name="telemetry", description="both", subnet_ids=[each.id for each in subnets])
    parameters = rds.ParameterGroup(
        "parameters",
        name="telemetry",
        family="postgres18",
        description="TLS only",
        parameters=[{"name": "rds.force_ssl", "value": "1", "apply_method": "immediate"}],
    )
    instance = rds.Instance(
        "instance",
        identifier="telemetry",
        engine="postgres",
        engine_version="18",
        instance_class="db.t4g.micro",
        allocated_storage=20,
        max_allocated_storage=100,
        storage_type="gp3",
        storage_encrypted=True,
        db_name="telemetry",
        username="owner",
        manage_master_user_password=True,
        iam_database_authentication_enabled=True,
        db_subnet_group_name=group.name,
        vpc_security_group_ids=[database.id],
        parameter_group_name=parameters.name,
        publicly_accessible=False,
        multi_az=False,
        port=5432,
        backup_retention_period=7,
        backup_window="03:00-04:00",
        maintenance_window="sun:05:00-sun:06:00",
        copy_tags_to_snapshot=True,
        delete_automated_backups=False,
        deletion_protection=False,
        skip_final_snapshot=True,
        auto_minor_version_upgrade=True,
        enabled_cloudwatch_logs_exports=["postgresql"],
        ca_cert_identifier="rds-ca-rsa2048-g1",
        tags={"Name": "telemetry"},
    )
    vault = backup.Vault("vault", name="vault")
    backup.VaultLockConfiguration("vault-lock", backup_vault_name=vault.name, min_retention_days=7)
    backup.VaultPolicy(
        "vault-policy",
        backup_vault_name=vault.name,
        policy=policy({"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}),
    )
    plan = backup.Plan(
        "plan",
        name="daily",
        rules=[
            {
                "rule_name": "daily",
                "target_vault_name": vault.name,
                "schedule": "cron(0 3 * * ? *)",
                "lifecycle": {"delete_after": 35},
            }
        ],
    )
    backup.Selection("selection", name="database", plan_id=plan.id, iam_role_arn=role.arn, resources=[instance.arn])


def _watch(role: iam.Role, function: lambda_.Function, queue: sqs.Queue) -> None:
    topic = sns.Topic("topic", name="alarms", display_name="Alarms")
    cloudwatch_may = {"Principal": {"Service": "cloudwatch.amazonaws.com"}}
    sns.TopicPolicy(
        "topic-policy",
        arn=topic.arn,
        policy=topic.arn.apply(lambda arn: allow("sns:Publish", Resource=arn, **cloudwatch_may)),
    )
    sns.TopicSubscription("told", topic=topic.arn, protocol="email", endpoint="on-call@espice.app")
    log = cloudwatch.LogGroup("log", name="/aws/lambda/updates", retention_in_days=30)
    cloudwatch.LogMetricFilter(
        "filter",
        name="failures",
        log_group_name=log.name,
        pattern="{ $.failed = true }",
        metric_transformation={"name": "Failed", "namespace": "ESpice", "value": "1", "default_value": "0"},
    )
    told = {"alarm_actions": [topic.arn], "ok_actions": [topic.arn]}
    when = {"comparison_operator": "GreaterThanThreshold", "evaluation_periods": 1}
    cloudwatch.MetricAlarm(
        "alarm",
        name="queue-old",
        alarm_description="Open runbooks/queue.md",
        namespace="AWS/SQS",
        metric_name="ApproximateAgeOfOldestMessage",
        dimensions={"QueueName": queue.name},
        statistic="Maximum",
        period=300,
        threshold=600,
        treat_missing_data="notBreaching",
        **when,
        **told,
    )
    of = {"namespace": "AWS/ApiGateway", "dimensions": {"ApiId": "abc"}, "period": 300, "stat": "Sum"}
    cloudwatch.MetricAlarm(
        "burning",
        name="burning",
        threshold=14.4,
        metric_queries=[
            {"id": "burn", "expression": "failed / total / 0.001", "label": "burn rate", "return_data": True},
            {"id": "failed", "metric": {"metric_name": "5xx", **of}},
            {"id": "total", "metric": {"metric_name": "Count", **of}},
        ],
        **when,
    )
    cloudwatch.CompositeAlarm("page", alarm_name="page", alarm_rule='ALARM("burning")', **told)
    cloudwatch.Dashboard("dashboard", dashboard_name="health", dashboard_body=json.dumps({"widgets": []}))
    notice = {
        "comparison_operator": "GREATER_THAN",
        "notification_type": "ACTUAL",
        "threshold": 80,
        "threshold_type": "PERCENTAGE",
        "subscriber_sns_topic_arns": [topic.arn],
    }
    budgets.Budget(
        "budget",
        name="month",
        budget_type="COST",
        limit_amount="50",
        limit_unit="USD",
        time_unit="MONTHLY",
        notifications=[notice],
    )
    route53.HealthCheck(
        "ready",
        reference_name="updates",
        type="HTTPS",
        fqdn="updates.espice.app",
        port=443,
        resource_path="/readyz",
        request_interval=30,
        failure_threshold=3,
    )
    group = scheduler.ScheduleGroup("group", name="probes")
    scheduler.Schedule(
        "schedule",
        name="probe",
        group_name=group.name,
        schedule_expression="rate(1 minute)",
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": function.arn,
            "role_arn": role.arn,
            "input": "{}",
            "retry_policy": {"maximum_retry_attempts": 0},
        },
    )

"""The way of an event: queue, consumer, network, database, copies."""

import base64
import json
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from delivery.events.settings import Settings
from infra import permissions
from infra.telemetry import consumer
from infra.telemetry.authority import PEM
from infra.telemetry.events import TRIES
from tests.unit.infra.recorder import DOMAINS, infra_of

EVERYWHERE = pytest.mark.parametrize("environment", sorted(DOMAINS))


# --- queues -------------------------------------------------------------------------------------------------------


@EVERYWHERE
def test_events_wait_as_long_as_the_stack_file_says_and_failed_ones_two_weeks(platforms, environment):
    queues = {name: each.inputs for name, each in platforms[environment].of("Queue").items()}
    assert {each["name"]: each["messageRetentionSeconds"] for each in queues.values()} == {
        f"espice-{environment}-events": infra_of(environment).telemetry.kept * 86_400,
        f"espice-{environment}-events-failed": 14 * 86_400,
    }
    assert all(each["sqsManagedSseEnabled"] is True for each in queues.values())


@EVERYWHERE
def test_a_batch_is_hidden_for_six_times_as_long_as_its_consumer_may_run(platforms, environment):
    stack = platforms[environment]
    timeout = stack.of("Function")["consumer"].inputs["timeout"]
    assert stack.of("Queue")["events"].inputs["visibilityTimeoutSeconds"] == 6 * timeout == consumer.HIDDEN


def test_events_outlast_a_night_without_a_database_and_the_queue_outlasts_their_tries():
    tried = TRIES * consumer.HIDDEN / 3600  # hours
    assert tried >= 10
    kept = {each: infra_of(each).telemetry.kept * 24 for each in DOMAINS}
    assert all(tried < hours for hours in kept.values())


@EVERYWHERE
def test_nobody_reaches_a_queue_without_tls(platforms, environment):
    for name, queue in platforms[environment].of("Queue").items():
        [statement] = json.loads(platforms[environment].of("QueuePolicy")[f"{name}-policy"].inputs["policy"])[
            "Statement"
        ]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "sqs:*")
        assert statement["Resource"].endswith(f":{queue.inputs['name']}")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_what_cannot_be_written_ends_beside_the_queue_and_comes_from_no_other(platforms):
    stack = platforms["staging"]
    names = {each.urn: each.name for each in stack.resources}
    redrive, allowed = (
        stack.of("RedrivePolicy")["events-redrive"],
        stack.of("RedriveAllowPolicy")["events-redrive-allowed"],
    )
    assert {names[urn] for urn in redrive.dependencies} >= {"events", "events-failed"}
    assert {names[urn] for urn in allowed.dependencies} >= {"events", "events-failed"}


# --- consumer -----------------------------------------------------------------------------------------------------


@EVERYWHERE
def test_one_bad_event_goes_back_alone(platforms, environment):
    mapping = platforms[environment].of("EventSourceMapping")["consumer-queue"].inputs
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["batchSize"] == infra_of(environment).telemetry.batch
    assert mapping["maximumBatchingWindowInSeconds"] > 0  # else SQS gives no batch of more than ten
    assert mapping["scalingConfig"] == {"maximumConcurrency": consumer.AT_ONCE}


def test_the_consumer_empties_one_queue_and_signs_in_as_one_user():
    aws = infra_of("staging").aws
    policy = json.loads(permissions.consumer(aws, "arn:queue", "db-ABC", "events", "arn:log"))
    allowed = {
        each["Sid"]: (each["Action"], each["Resource"]) for each in policy["Statement"] if each["Effect"] == "Allow"
    }
    assert allowed["TakeEvents"] == (["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], "arn:queue")
    assert allowed["SignIn"] == ("rds-db:connect", "arn:aws:rds-db:us-east-1:000000000000:dbuser:db-ABC/events")
    assert set(allowed) == {"TakeEvents", "SignIn", "StandInTheNetwork", "WriteLog"}
    [denied] = [each for each in policy["Statement"] if each["Effect"] == "Deny"]
    assert denied["Action"] == allowed["StandInTheNetwork"][0]
    assert denied["Condition"] == {
        "ArnLike": {"lambda:SourceFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:*"}
    }


def test_the_consumer_proves_whom_it_signs_in_to():
    certificate = x509.load_pem_x509_certificate(PEM.encode())
    assert "CN=Amazon RDS us-east-1 Root CA RSA2048 G1" in certificate.subject.rfc4514_string()
    certificate.verify_directly_issued_by(certificate)
    # As AWS's bundle has it.
    assert certificate.fingerprint(hashes.SHA256()).hex() == (
        "e4ce41d069f4bdcdb714259058961ee42ed18cf2bf627a3d647aff25437d4b68"
    )


def test_what_the_consumer_is_told_is_small_enough_for_lambda_and_can_be_read_back():
    told = Settings("host.rds.amazonaws.com", 5432, "telemetry", consumer.USER, "us-east-1", PEM)
    assert sum(len(name) + len(value) for name, value in told.to_env().items()) < 4096
    assert Settings.from_env(told.to_env()) == told


# --- network ------------------------------------------------------------------------------------------------------


@EVERYWHERE
def test_nothing_enters_the_network_and_nothing_leaves_it_but_to_our_buckets(platforms, environment):
    stack = platforms[environment]
    for kind in ("InternetGateway", "NatGateway", "EgressOnlyInternetGateway", "Route", "VpcPeeringConnection"):
        assert [each for each in stack.of(kind).values() if each.type.startswith("aws:ec2")] == []
    assert "routes" not in stack.of("RouteTable")["network-routes"].inputs
    assert all(each.inputs["mapPublicIpOnLaunch"] is False for each in stack.of("Subnet").values())
    assert {each.inputs["availabilityZone"] for each in stack.of("Subnet").values()} == {"us-east-1a", "us-east-1b"}
    default = stack.of("DefaultSecurityGroup")["network-default"].inputs
    assert not {"ingress", "egress"} & set(default)
    [endpoint] = stack.of("VpcEndpoint").values()
    assert endpoint.inputs["vpcEndpointType"] == "Gateway"
    [statement] = json.loads(endpoint.inputs["policy"])["Statement"]
    assert statement["Resource"] == f"arn:aws:s3:::espice-{environment}-*/*"
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceAccount": infra_of(environment).aws.account}}


@EVERYWHERE
def test_only_the_consumer_reaches_the_database_and_only_its_port(platforms, environment):
    stack = platforms[environment]
    names = {each.urn: each.name for each in stack.resources}
    rules = [*stack.of("SecurityGroupIngressRule").values(), *stack.of("SecurityGroupEgressRule").values()]
    assert len(rules) == 2
    for rule in rules:
        assert (rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"]) == ("tcp", 5432, 5432)
        assert not {"cidrIpv4", "cidrIpv6", "prefixListId"} & set(rule.inputs)
        assert {names[urn] for urn in rule.dependencies} >= {"database", "consumer-group"}


# --- database -----------------------------------------------------------------------------------------------------


@EVERYWHERE
def test_the_database_is_encrypted_private_and_asks_for_tls_and_no_password(platforms, environment):
    stack = platforms[environment]
    database = stack.of("Instance")["database"].inputs
    assert (database["storageEncrypted"], database["publiclyAccessible"]) == (True, False)
    assert (database["iamDatabaseAuthenticationEnabled"], database["manageMasterUserPassword"]) == (True, True)
    assert not {"password", "passwordWo"} & set(database)
    assert (database["engine"], database["engineVersion"]) == ("postgres", "18")
    parameters = stack.of("ParameterGroup")["database-parameters"].inputs
    assert parameters["family"] == "postgres18"
    assert parameters["parameters"] == [{"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"}]


@EVERYWHERE
def test_the_database_survives_a_mistake_outside_the_laptop(platforms, environment):
    kept, stack = environment != "laptop", platforms[environment]
    config = infra_of(environment).telemetry.database
    database = stack.of("Instance")["database"]
    assert database.protect == kept
    assert database.inputs["deletionProtection"] == kept
    assert database.inputs["skipFinalSnapshot"] == (not kept)
    assert database.inputs.get("finalSnapshotIdentifier") == (f"espice-{environment}-telemetry-final" if kept else None)
    assert database.inputs["backupRetentionPeriod"] == config.restorable > 0
    assert database.inputs["copyTagsToSnapshot"] is True
    for queue in stack.of("Queue").values():
        assert queue.protect == kept


@EVERYWHERE
def test_a_copy_a_day_lies_where_what_deletes_the_database_does_not_reach(platforms, environment):
    stack, days = platforms[environment], infra_of(environment).telemetry.database.vaulted
    [rule] = stack.of("Plan")["database-copies"].inputs["rules"]
    assert rule["lifecycle"] == {"deleteAfter": days}
    locks = [each.inputs["minRetentionDays"] for each in stack.of("VaultLockConfiguration").values()]
    assert locks == ([days] if environment != "laptop" else [])
    assert stack.of("Vault")["database-vault"].protect == (environment != "laptop")


def minutes(time: str) -> int:
    hour, minute = time.split(":")
    return 60 * int(hour) + int(minute)


@EVERYWHERE
def test_the_copy_the_backup_and_the_maintenance_keep_out_of_each_others_way(platforms, environment):
    stack = platforms[environment]
    [rule] = stack.of("Plan")["database-copies"].inputs["rules"]
    database = stack.of("Instance")["database"].inputs
    minute, hour = re.fullmatch(r"cron\((\d+) (\d+) \* \* \? \*\)", rule["schedule"]).groups()
    copied = minutes(f"{hour}:{minute}") + rule["startWindow"] + rule["completionWindow"]
    backup = [minutes(time) for time in database["backupWindow"].split("-")]
    maintenance = [minutes(time[4:]) for time in database["maintenanceWindow"].split("-")]
    assert copied <= backup[0] < backup[1] <= maintenance[0] < maintenance[1] < 24 * 60
    assert copied - rule["completionWindow"] <= maintenance[0] - 60  # RDS begins none in the hour before
    assert rule["completionWindow"] >= 60  # AWS Backup's own least


@EVERYWHERE
def test_the_log_of_the_database_is_forgotten_in_time(platforms, environment):
    log = platforms[environment].of("LogGroup")["database-log"].inputs
    assert log["name"] == f"/aws/rds/instance/espice-{environment}-telemetry/postgresql"
    assert log["retentionInDays"] == infra_of(environment).telemetry.log_days


@EVERYWHERE
def test_the_consumer_runs_its_own_build_in_the_network(platforms, inputs, environment):
    function = platforms[environment].of("Function")["consumer"].inputs
    assert base64.b64decode(function["sourceCodeHash"]).hex() == inputs(environment).builds.consumer.sha256
    assert function["handler"] == "delivery.events.handler.handler"
    assert set(function["vpcConfig"]) == {"subnetIds", "securityGroupIds"}
    assert len(function["vpcConfig"]["subnetIds"]) == 2

"""What the laptop's providers refuse at preview time, before anything is applied."""

import json
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest
from pulumi_aws import apigatewayv2, iam, kms, lambda_, s3, sns, sqs

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.registry import plan_only_packages
from delivery.laptop.providers.server import serve
from tests.engines.programs import stack

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def addresses():
    handle = serve(plan_only_packages(), plan_only=True)
    yield handle.addresses
    handle.stop()


@pytest.fixture
def errors(addresses, tmp_path):
    """The errors of previewing a program."""
    engine = EmbeddedEngine(tmp_path, addresses)
    return lambda program: list(engine.preview(stack(program)).errors)


def test_an_unknown_nested_argument_gets_a_suggestion(errors):
    def program():
        s3.BucketVersioning("v", bucket="b", versioning_configuration={"staus": "Enabled"})

    assert errors(program) == [
        "aws:s3/bucketVersioning:BucketVersioning v: versioningConfiguration.staus: is not an argument here; "
        "did you mean status?; versioningConfiguration.status: is missing; give it a value"
    ]


def test_a_value_outside_the_documented_ones_gets_a_suggestion(errors):
    def program():
        apigatewayv2.Api("api", name="api", protocol_type="HTTPS")

    assert errors(program) == [
        "aws:apigatewayv2/api:Api api: protocolType: is 'HTTPS'; give one of HTTP, WEBSOCKET; did you mean HTTP?"
    ]


def test_a_runtime_that_lambda_does_not_have_is_refused(errors):
    def program():
        lambda_.Function("f", name="f", role="r", s3_bucket="b", s3_key="k", runtime="python9.9")

    [error] = errors(program)
    assert "runtime: is 'python9.9'; give one of" in error
    assert error.endswith("did you mean python3.9?")


def test_a_value_of_the_wrong_type_is_refused(errors):
    def program():
        sns.Topic("t", name="t", fifo_topic="yes")

    assert errors(program) == ["aws:sns/topic:Topic t: fifoTopic: is the str 'yes'; give a value of type bool"]


def test_every_problem_of_a_program_is_told_at_once(errors):
    def program():
        sns.Topic("nameless")
        s3.BucketObjectv2("keyless", bucket="b")

    assert sorted(errors(program)) == [
        "aws:s3/bucketObjectv2:BucketObjectv2 keyless: key: is missing; name the resource explicitly",
        "aws:sns/topic:Topic nameless: name: is missing; name the resource explicitly",
    ]


def test_a_type_that_the_laptop_does_not_realise_is_named_with_the_nearest_one(errors):
    def program():
        sns.PlatformApplication("p", name="p", platform="GCM", platform_credential="x")

    [error] = errors(program)
    assert error.startswith(
        "aws:sns/platformApplication:PlatformApplication p: the laptop's cloud does not realise the type "
        "aws:sns/platformApplication:PlatformApplication; "
    )


def test_a_nested_value_outside_the_documented_ones_gets_a_suggestion(errors):
    def program():
        rule = {"default_retention": {"mode": "GOVERNANCE", "days": "3 days"}}
        s3.BucketObjectLockConfiguration("lock", bucket="b", rule=rule)
        s3.BucketOwnershipControls("o", bucket="b", rule={"object_ownership": "BucketOwnerEnforce"})
        kms.Key("k", description="signs", customer_master_key_spec="ECC_NIST_P255")

    assert sorted(errors(program)) == [
        "aws:kms/key:Key k: customerMasterKeySpec: is 'ECC_NIST_P255'; give one of SYMMETRIC_DEFAULT, RSA_2048, "
        "RSA_3072, RSA_4096, HMAC_224, HMAC_256, HMAC_384, HMAC_512, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, "
        "ECC_SECG_P256K1, ML_DSA_44, ML_DSA_65, ML_DSA_87, SM2, ECC_NIST_EDWARDS25519; did you mean ECC_NIST_P256?",
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration lock: rule.defaultRetention.days: "
        "is the str '3 days'; give a value of type int",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls o: rule.objectOwnership: is 'BucketOwnerEnforce'; "
        "give one of BucketOwnerPreferred, ObjectWriter, BucketOwnerEnforced; did you mean BucketOwnerEnforced?",
    ]


def test_a_missing_nested_argument_is_refused(errors):
    def program():
        sqs.RedrivePolicy("r", queue_url="q", redrive_policy="{}")
        s3.BucketLifecycleConfiguration("l", bucket="b", rules=[{"id": "old"}])

    assert errors(program) == [
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration l: rules[0].status: "
        "is missing; give it a value"
    ]


def test_an_iam_action_that_does_not_exist_is_refused_wherever_a_policy_stands(errors):
    def program():
        statement = {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObjet"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.Policy("p", name="p", policy=policy)
        sqs.QueuePolicy("q", queue_url="u", policy=policy)
        trust = policy.replace("s3:GetObjet", "sts:AssumeRoles").replace("Read", "Assume")
        iam.Role("r", name="r", assume_role_policy=trust)

    wrong = "policy: statement Read: there is no action s3:GetObjet; did you mean s3:GetObject?"
    assert sorted(errors(program)) == [
        f"aws:iam/policy:Policy p: {wrong}",
        "aws:iam/role:Role r: assumeRolePolicy: statement Assume: there is no action sts:AssumeRoles; "
        "did you mean sts:AssumeRole?",
        f"aws:sqs/queuePolicy:QueuePolicy q: {wrong}",
    ]


def test_unknown_values_are_not_judged(errors):
    def program():
        topic = sns.Topic("t", name="t")
        apigatewayv2.Api("api", name="api", protocol_type=topic.arn)

    assert errors(program) == []


def test_a_function_of_aws_that_is_not_there_is_named(errors):
    def program():
        pulumi.runtime.invoke("aws:ec2/getAmi:getAmi", {})

    [error] = errors(program)
    assert "the laptop's cloud has no function aws:ec2/getAmi:getAmi" in error


def test_a_type_that_is_looked_up_before_a_program_uses_its_package_leaves_the_package_whole():
    looked = "from delivery.laptop.providers import schema; schema.failures('aws:iam/role:Role', {'name': 'x'})"
    used = "from pulumi_aws import iam; iam.Role; iam.RolePolicy"
    code = f"from pulumi_aws import iam; {looked}; {used}"  # a program has named the package, and not looked into it
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

"""What the laptop's providers refuse at preview time, before anything is applied."""

import pulumi
import pytest
from pulumi_aws import apigatewayv2, lambda_, s3, sns, sqs

from delivery.deploy.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.registry import plan_only_packages
from delivery.laptop.providers.server import serve
from tests.engines.programs import stack


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
        sqs.Queue("q", name="q")

    [error] = errors(program)
    assert error.startswith("aws:sqs/queue:Queue q: the laptop's cloud does not realise the type aws:sqs/queue:Queue; ")


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

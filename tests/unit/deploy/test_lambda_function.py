"""A function of AWS as deploy meets it, over AWS's own protocol."""

import io
import json
import socket
import zipfile
from base64 import b64encode
from hashlib import sha256
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.response import StreamingBody
from botocore.stub import Stubber

from delivery.deploy.build_versions import LambdaFunction, Published
from delivery.engines.stack import EngineError

NAME = "espice-staging-updates"


def zipped(text: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("handler.py", text)
    return buffer.getvalue()


@pytest.fixture
def client(aws: str) -> Any:
    secret = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("lambda", endpoint_url=aws, region_name="us-east-1", **secret)


def test_versions_are_told_newest_first_by_the_digest_of_their_zips_with_who_answers(client: Any) -> None:
    function = LambdaFunction(client, NAME)
    assert function.published() is None
    iam = boto3.client("iam", endpoint_url=client.meta.endpoint_url, region_name="us-east-1",
                       aws_access_key_id="test", aws_secret_access_key="test")  # fmt: skip
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = zipped(b"one")
    said = {"Runtime": "python3.13", "Handler": "handler.handler", "Code": {"ZipFile": code}, "Publish": True}
    client.create_function(FunctionName=NAME, Role=role, **said)
    one = sha256(code).hexdigest()
    assert function.published() == Published({"1": one})
    client.create_alias(FunctionName=NAME, Name="live", FunctionVersion="1")
    client.update_function_code(FunctionName=NAME, ZipFile=code, Publish=True)
    client.update_alias(FunctionName=NAME, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
    told = function.published()
    assert told == Published({"2": one, "1": one}, "1", {"2": 0.1})
    assert list(told.versions) == ["2", "1"]


def test_one_version_is_asked_by_its_own_name() -> None:
    """moto runs no code, so AWS's answer is played back."""
    client: Any = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t")
    event, answer = {"rawPath": "/v1/head"}, {"statusCode": 200, "headers": {}, "body": "{}"}
    payload = json.dumps(answer).encode()
    with Stubber(client) as stub:
        stub.add_response(
            "invoke",
            {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(payload), len(payload))},
            {"FunctionName": NAME, "Qualifier": "7", "Payload": json.dumps(event).encode()},
        )
        assert LambdaFunction(client, NAME).invoke("7", event) == answer


@pytest.mark.parametrize(
    ("payload", "error", "said"),
    [
        (b'{"errorMessage": "Task timed out after 5.00 seconds"}', "Unhandled", "Task timed out after 5.00 seconds"),
        (b"{}", "Unhandled", "Unhandled"),
        (b"null", None, "what it answers is no JSON object"),
        (b"hello\n{}", None, "what it answers is no JSON object"),
    ],
)
def test_a_version_that_fails_says_how(payload: bytes, error: str | None, said: str) -> None:
    client: Any = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t")
    failed = {"FunctionError": error} if error else {}
    with Stubber(client) as stub:
        stub.add_response(
            "invoke", {"StatusCode": 200, **failed, "Payload": StreamingBody(io.BytesIO(payload), len(payload))}
        )
        assert LambdaFunction(client, NAME).invoke("7", {}) == {"errorMessage": said}


def test_what_aws_refuses_is_a_sentence() -> None:
    client: Any = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t")
    function = LambdaFunction(client, NAME)
    for operation, ask in (
        ("list_versions_by_function", function.published),
        ("invoke", lambda: function.invoke("7", {})),
    ):
        with Stubber(client) as stub:
            stub.add_client_error(operation, "AccessDeniedException", "not you")
            with pytest.raises(EngineError) as refused:
                ask()
        called = "".join(word.capitalize() for word in operation.split("_"))
        assert str(refused.value) == (
            f"AWS does not say what {NAME} has or answers: An error occurred (AccessDeniedException) when calling the "
            f"{called} operation: not you; sign in to its AWS account, and try again"
        )


def test_a_version_that_keeps_aws_waiting_did_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client: Any = boto3.client(
            "lambda",
            region_name="us-east-1",
            endpoint_url=f"http://127.0.0.1:{silent.getsockname()[1]}",
            aws_access_key_id="t",
            aws_secret_access_key="t",
            config=Config(read_timeout=0.2, retries={"total_max_attempts": 1}),
        )
        assert LambdaFunction(client, NAME).invoke("7", {}) == {"errorMessage": "it did not answer in time"}


def test_digests_are_those_that_the_program_writes() -> None:
    from infra.build import Build

    code = b"PK"
    assert Build(sha256(code).hexdigest()).code_hash == b64encode(sha256(code).digest()).decode()

"""A queue of moto handed to a function as Lambda does it: batches, what goes back, and what the queue puts aside."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from delivery.laptop import event_source

pytestmark = pytest.mark.slow

QUEUE = "arn:aws:sqs:us-east-1:123456789012:events"


@pytest.fixture
def sqs(aws: str) -> Iterator[Any]:
    """With a queue that puts aside what came three times, and takes no time to show again what came back."""
    client = boto3.client(
        "sqs", endpoint_url=aws, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="a"
    )
    aside = client.create_queue(QueueName="events-failed")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=aside, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    client.create_queue(QueueName="events", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"})
    yield client
    for name in ("events", "events-failed"):
        client.delete_queue(QueueUrl=url(client, name))


def url(sqs: Any, name: str = "events") -> str:
    return str(sqs.get_queue_url(QueueName=name)["QueueUrl"])


def put(sqs: Any, *bodies: str) -> None:
    for body in bodies:
        sqs.send_message(QueueUrl=url(sqs), MessageBody=body)


def left(sqs: Any, name: str = "events") -> int:
    asked = {"QueueUrl": url(sqs, name), "AttributeNames": ["ApproximateNumberOfMessages"]}
    return int(sqs.get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])


def refuses(*bad: str) -> Any:
    """A handler that sends these bodies back."""

    def handler(event: Mapping[str, Any], _: object) -> dict[str, Any]:
        back = [each["messageId"] for each in event["Records"] if each["body"] in bad]
        return {"batchItemFailures": [{"itemIdentifier": identity} for identity in back]}

    return handler


def broken(*_: object) -> None:
    raise RuntimeError("no database")


def message(body: str = "a", identity: str = "1") -> dict[str, Any]:
    attributes = {"SentTimestamp": "1000", "ApproximateReceiveCount": "1"}
    return {"MessageId": identity, "ReceiptHandle": "r", "Body": body, "MD5OfBody": "m", "Attributes": attributes}


def test_a_message_arrives_as_lambda_hands_it_over(sqs: Any) -> None:
    put(sqs, "hello")
    (came,) = event_source.gather(sqs, url(sqs), 10, 0)
    record = event_source.record(came, QUEUE)
    assert (record["body"], record["eventSource"], record["eventSourceARN"]) == ("hello", "aws:sqs", QUEUE)
    assert record["awsRegion"] == "us-east-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert abs(int(record["attributes"]["SentTimestamp"]) / 1000 - time.time()) < 60
    assert {"messageId", "receiptHandle", "md5OfBody", "messageAttributes"} <= record.keys()


def test_a_batch_is_no_larger_than_asked_for(sqs: Any) -> None:
    sqs.set_queue_attributes(QueueUrl=url(sqs), Attributes={"VisibilityTimeout": "30"})
    put(sqs, *map(str, range(25)))
    assert len(event_source.gather(sqs, url(sqs), 15, 5)) == 15
    assert len(event_source.gather(sqs, url(sqs), 15, 0.1)) == 10
    assert event_source.gather(sqs, url(sqs), 15, 5) == []


@pytest.mark.parametrize(
    ("handler", "partial", "taken"),
    [
        (refuses("bad"), True, ["good"]),
        (refuses(), True, ["good", "bad"]),
        (lambda *_: None, True, ["good", "bad"]),
        (refuses("bad"), False, ["good", "bad"]),
        (broken, True, []),
        (broken, False, []),
        (lambda *_: {"batchItemFailures": [{"itemIdentifier": "never seen"}]}, True, []),
        (lambda *_: {"batchItemFailures": [{}]}, True, []),
    ],
)
def test_what_the_function_did_not_send_back_is_taken(handler: Any, partial: bool, taken: list[str]) -> None:
    messages = [message("good", "1"), message("bad", "2")]
    assert [each["Body"] for each in event_source.hand_over(messages, QUEUE, handler, partial)] == taken


FUNCTION = """
def handler(event, context):
    bad = [each["messageId"] for each in event["Records"] if each["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": identity} for identity in bad]}
"""


def test_the_process_empties_the_queue_and_what_comes_back_too_often_is_put_aside(
    sqs: Any, aws: str, tmp_path: Path
) -> None:
    (tmp_path / "function.py").write_text(FUNCTION)
    put(sqs, "good", "bad", *("more" for _ in range(20)))
    asked = {"queue": QUEUE, "handler": "function.handler", "batch": 100, "window": 0, "partial": True}
    aws_env = {"AWS_ENDPOINT_URL_SQS": aws, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "a"}
    process = subprocess.Popen(
        [sys.executable, "-P", event_source.__file__, json.dumps(asked)],
        env={**os.environ, **aws_env, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 60
        while (left(sqs), left(sqs, "events-failed")) != (0, 1):
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline, (left(sqs), left(sqs, "events-failed"))
            time.sleep(0.2)
    finally:
        process.terminate()
        process.communicate()
    (aside,) = sqs.receive_message(QueueUrl=url(sqs, "events-failed"))["Messages"]
    assert aside["Body"] == "bad"

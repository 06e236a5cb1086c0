"""From a queue to a function, as Lambda's event source mapping does it: `python -P …/event_source.py JSON`.

Runs by itself, from inside the function's own build, so nothing of the checkout is on its path. The JSON says: `queue`
(ARN), `handler`, `batch` (messages at most), `window` (seconds that a batch may wait to become larger) and `partial`
(whether the function says which messages go back). What is not taken is visible again after the queue's own time, and
the queue puts aside what came back too often.
"""

import importlib
import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3

EMPTY = 0.5  # seconds between two looks into an empty queue
MOST = 10  # messages that SQS gives or takes at once
LONGEST = 6 * 2**20  # bytes of a batch

Message = Mapping[str, Any]
Handler = Callable[[Mapping[str, Any], object], Any]


def poll(sqs: Any, asked: Mapping[str, Any], handler: Handler) -> None:
    """Hand over batch after batch, until somebody ends the process."""
    url = sqs.get_queue_url(QueueName=asked["queue"].rpartition(":")[2])["QueueUrl"]
    while True:
        messages = gather(sqs, url, asked["batch"], asked["window"])
        if not messages:
            time.sleep(EMPTY)
            continue
        taken = hand_over(messages, asked["queue"], handler, asked["partial"])
        for first in range(0, len(taken), MOST):
            some = enumerate(taken[first : first + MOST])
            entries = [{"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]} for number, each in some]
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)


def gather(sqs: Any, url: str, batch: int, window: float) -> list[Message]:
    """A batch: full, or as much as came within the window after its first message."""
    messages: list[Message] = []
    began = time.monotonic()
    while len(messages) < batch and sum(len(each["Body"]) for each in messages) < LONGEST:
        most = min(MOST, batch - len(messages))
        names = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
        came = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=most, WaitTimeSeconds=0, **names)
        if not messages:
            began = time.monotonic()
        messages += came.get("Messages", [])
        if not messages or time.monotonic() - began >= window:
            break
        if not came.get("Messages"):
            time.sleep(min(EMPTY, window))
    return messages


def hand_over(messages: list[Message], queue: str, handler: Handler, partial: bool) -> list[Message]:
    """Call the function; the messages that it took. A function that fails, or answers nonsense, took none."""
    records = [record(each, queue) for each in messages]
    try:
        answer = handler({"Records": records}, None)
        back = set(_back(answer)) if partial else set()
    except Exception:
        traceback.print_exc()
        return []
    if not back <= {each["MessageId"] for each in messages}:
        print(f"the function sent back what it was not given: {answer}", file=sys.stderr, flush=True)
        return []
    return [each for each in messages if each["MessageId"] not in back]


def record(message: Message, queue: str) -> dict[str, Any]:
    """A message as Lambda hands it over."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "md5OfBody": message["MD5OfBody"],
        "attributes": message["Attributes"],
        "messageAttributes": message.get("MessageAttributes", {}),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue,
        "awsRegion": queue.split(":")[3],
    }


def _back(answer: Any) -> Iterator[str]:
    for failure in (answer or {}).get("batchItemFailures") or ():
        yield failure["itemIdentifier"]


def main(text: str) -> None:
    """Until the process is ended; a trouble with the queue is told, and tried again."""
    asked = json.loads(text)
    module, _, name = asked["handler"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    sqs = boto3.client("sqs", region_name=asked["queue"].split(":")[3])
    while True:
        try:
            poll(sqs, asked, handler)
        except Exception:
            traceback.print_exc()
            time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1])

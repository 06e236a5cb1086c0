"""One batch of messages: each is written or goes back alone, so that one bad event never holds up the others.

What goes back comes again until the queue has tried often enough and puts it aside, into the dead-letter queue.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from delivery.endpoint.log import Log
from delivery.events.shape import Event, Refused, read
from delivery.events.store import Events, Unfit

Message = Mapping[str, Any]  # as SQS hands it to Lambda
Told = tuple[str, Event]  # the message's id and what it says


def consume(messages: Sequence[Message], events: Events, now: datetime, log: Log) -> tuple[str, ...]:
    """The ids of the messages that go back; all others are written.

    Raises what `events` raises for a trouble that may pass: then nothing is taken from the queue.
    """
    told: list[Told] = []
    back: list[str] = []
    for message in messages:
        try:
            told.append((message["messageId"], read(message["body"], _sent(message))))
        except Refused as refused:
            back.append(message["messageId"])
            log({"event": "refused", "message": message["messageId"], "because": str(refused)[:200]})
    for identity, why in _written(told, events, now, log):
        back.append(identity)
        log({"event": "refused", "message": identity, "because": why[:200]})
    return tuple(back)


def _written(told: Sequence[Told], events: Events, now: datetime, log: Log) -> Iterator[tuple[str, str]]:
    """Write them; those that the database can never keep, found by halves, and why."""
    if not told:
        return
    try:
        new = events.write([event for _, event in told], now)
    except Unfit as unfit:
        if len(told) == 1:
            yield told[0][0], str(unfit)
            return
        middle = len(told) // 2
        yield from _written(told[:middle], events, now, log)
        yield from _written(told[middle:], events, now, log)
        return
    log({"event": "written", "told": len(told), "new": new})


def _sent(message: Message) -> datetime:
    return datetime.fromtimestamp(int(message["attributes"]["SentTimestamp"]) / 1000, UTC)

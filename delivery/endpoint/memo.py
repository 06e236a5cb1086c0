"""Remembers whole answers, ready to be sent, for as long as their bytes stay right.

They belong to one `Live` and go with it. An answer is remembered only while caches may keep it for the longest time:
its bytes say how long that is, and nearer to a moment at which it may change they would say less.
"""

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from delivery.endpoint.answers import Ready
from delivery.endpoint.look import Live

MOST = 16 * 2**20  # bytes, of all answers together; with more than that it begins anew
_EACH = 400  # bytes of an entry's own objects, beside the texts in it

Key = tuple[str, str]  # path and query, as `check.canonical` has them


@dataclass(slots=True)
class Answers:
    """What was answered from this `live`. Threads may share it."""

    live: Live | None
    most: int
    _kept: dict[Key, tuple[datetime, datetime, Ready]] = field(default_factory=dict)
    size: int = 0
    _lock: Lock = field(default_factory=Lock)

    def find(self, key: Key, now: datetime) -> Ready | None:
        """The answer to this check, if it is known and right at this moment."""
        found = self._kept.get(key)
        if found is None or not found[0] <= now <= found[1]:
            return None
        return found[2]

    def keep(self, key: Key, ready: Ready, now: datetime, last: datetime) -> None:
        """Remember what was answered now, up to and including the moment `last`.

        Not for the time before now: a clock may be set back behind a moment at which the answer changed.
        """
        if last < now:
            return
        size = _EACH + len(key[0]) + len(key[1]) + ready.size
        with self._lock:
            if self.size + size > self.most:
                self._kept, self.size = {}, 0
            if size <= self.most:
                self._kept[key] = (now, last, ready)
                self.size += size


class Memo:
    """The answers of one process."""

    def __init__(self, most: int = MOST) -> None:
        self._answers = Answers(None, most)

    def of(self, live: Live) -> Answers:
        """What was answered from this `live`; whatever was answered from another one is forgotten."""
        answers = self._answers
        if answers.live is not live:
            answers = self._answers = Answers(live, answers.most)
        return answers

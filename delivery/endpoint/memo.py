"""Remembers whole answers, ready to be sent, for as long as their bytes stay right.

They belong to one `Live` and go with it. An answer is remembered only while caches may keep it for the longest time:
its bytes say how long that is, and nearer to a moment at which it may change they would say less.
"""

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from delivery.endpoint.answers import Ready
from delivery.endpoint.look import Live
from delivery.rules.decide import Decision, NoOffer

MOST = 2**20  # bytes, of all answers together (some 2,500 URLs); with more than that it begins anew
_EACH = 400  # bytes of an entry's own objects, beside the texts in it

Key = tuple[str, str]  # path and query, as `check.canonical` has them
_Entry = tuple[datetime, datetime, Ready]  # right from the first moment up to and including the second


@dataclass(slots=True)
class Answers:
    """What was answered from this `live`: by URL, and by decision, as most URLs share a few. Threads may share it."""

    live: Live | None
    most: int
    size: int = 0
    _by_url: dict[Key, _Entry] = field(default_factory=dict)
    _by_decision: dict[object, _Entry] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def find(self, key: Key, now: datetime) -> Ready | None:
        """The answer to this check, if it is known and right at this moment."""
        entry = self._by_url.get(key)
        return entry[2] if entry is not None and entry[0] <= now <= entry[1] else None

    def like(self, key: Key, decision: Decision, now: datetime) -> Ready | None:
        """The answer that another check got by the same decision, if it is right at this moment; now known for both."""
        entry = self._by_decision.get(_sign(decision))
        if entry is None or not entry[0] <= now <= entry[1]:
            return None
        self._add(key, entry, 0)
        return entry[2]

    def keep(self, key: Key, decision: Decision, ready: Ready, now: datetime, last: datetime) -> None:
        """Remember what was answered now, up to and including the moment `last`.

        Not for the time before now: a clock may be set back behind a moment at which the answer changed.
        """
        if now <= last and self._add(key, (now, last, ready), ready.size):
            self._by_decision[_sign(decision)] = now, last, ready

    def _add(self, key: Key, entry: _Entry, more: int) -> bool:
        """Whether there was room."""
        size = _EACH + len(key[0]) + len(key[1]) + more
        with self._lock:
            if self.size + size > self.most:
                self._by_url, self._by_decision, self.size = {}, {}, 0
            if size > self.most:
                return False
            self._by_url[key] = entry
            self.size += size
            return True


def _sign(decision: Decision) -> object:
    """All that an answer says of a decision. An artifact is the one in the table, which lives as long as this."""
    if isinstance(decision, NoOffer):
        return decision.reason, decision.fact, decision.until
    return id(decision.artifact), decision.version, decision.rule, decision.fact, decision.until, decision.warnings


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

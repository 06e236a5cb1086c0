"""What a Lambda instance counted, as lines of its log that CloudWatch takes metrics from: one a minute.

Driven by requests, because an instance's threads freeze between them. What it counted after its last line is lost when
it ends; a line for each check would lose nothing, and cost more than the checks.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING, Any

from delivery.endpoint import metrics
from delivery.endpoint.counts import BOUNDS, Counted, Counts
from delivery.endpoint.log import Log, Pace
from delivery.endpoint.source import Source
from delivery.endpoint.wsgi import Clock
from delivery.rules.brake import pending

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EVERY_S = 60.0
_VALUES = 100  # more of them CloudWatch does not read in a line


class Lines:
    """A WSGI app around another one, whose counts it tells."""

    def __init__(
        self, app: "WSGIApplication", counts: Counts, source: Source, environment: str, clock: Clock, log: Log
    ) -> None:
        self._app, self._counts, self._source, self._environment = app, counts, source, environment
        self._clock, self._log = clock, log
        self._pace, self._lock = Pace(), Lock()
        self._told, self._troubled = counts.so_far(), 0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request. The first of an instance is told at once: many an instance has few."""
        answer = self._app(environ, start_response)
        now = self._clock()
        if self._pace.allows("counts", EVERY_S, now):
            self._tell(now)
        return answer

    def _tell(self, now: datetime) -> None:
        with self._lock:
            before, after = self._told, self._counts.so_far()
            troubled = self._source.troubled - self._troubled
            self._told, self._troubled = after, self._source.troubled
        counted, more = since(before, after)
        live = self._source.known.live
        override = live.override.number if live and live.override else 0
        halts = len(pending(live.override, live.table.catalog)) if live else 0
        counted |= {metrics.TROUBLED: troubled, metrics.OVERRIDE: override, metrics.HALTS: halts}
        stands = {"serial": live.head.serial, "age": int((now - live.head.issued).total_seconds())} if live else {}
        self._log({**metrics.line(self._environment, counted, now), **more, **stands})


def since(before: Counted, after: Counted) -> tuple[dict[str, float | list[float]], dict[str, Any]]:
    """What was counted between the two: as metrics, and what else is told of it, which costs nothing."""
    took = [new - old for new, old in zip(after.took, before.took, strict=True)]
    checks = {key: new - before.checks.get(key, 0) for key, new in after.checks.items()}
    reasons = {f"{status} {reason}".rstrip(): number for (status, reason), number in checks.items() if number}
    counted: dict[str, float | list[float]] = {
        metrics.CHECKS: sum(checks.values()),
        metrics.FAILED: sum(number for (status, _), number in checks.items() if status >= 500),
    }
    if any(took):
        counted[metrics.CHECK_TOOK] = [round(1000 * seconds, 3) for seconds in _typical(took)]
    others = sum(after.others.values()) - sum(before.others.values())
    return counted, {"reasons": reasons, "others": others, "remembered": after.remembered - before.remembered}


def _typical(took: list[int]) -> Iterator[float]:
    """At most so many values with the same percentiles as what these buckets hold: each the end of its bucket."""
    ends, upto, total = (*BOUNDS, BOUNDS[-1]), list(accumulate(took)), sum(took)
    count = min(total, _VALUES)
    for place in range(count):
        rank = (place + 0.5) * total / count
        yield next(end for end, number in zip(ends, upto, strict=True) if number >= rank)

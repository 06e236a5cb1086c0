"""What one process counts of its answers: cheap enough for each of 30,000 a second, and read now and then.

Prometheus' own counters cost more than an answer from the memo does; `scrape` and `emf` write these out.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

# Seconds up to which a bucket of the histogram counts, each with what the ones before it have; the last has no end.
BOUNDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything since the process began. `took` has one number more than BOUNDS, and `seconds` is their sum."""

    checks: Mapping[tuple[int, str], int]  # by status and reason
    others: Mapping[int, int]  # requests that were no update checks, by status
    took: tuple[int, ...]  # update checks by how long they took
    seconds: float
    remembered: int  # update checks that were answered from the memo


class Counts:
    """Counts. Threads may share it."""

    def __init__(self) -> None:
        self._checks: Counter[tuple[int, str]] = Counter()
        self._others: Counter[int] = Counter()
        self._took = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0
        self._remembered = 0
        self._lock = Lock()

    def check(self, status: int, reason: str, seconds: float, *, remembered: bool) -> None:
        """One update check was answered; `reason` is one of ours, or empty."""
        key, bucket = (status, reason), bisect_left(BOUNDS, seconds)
        with self._lock:
            self._checks[key] += 1
            self._took[bucket] += 1
            self._seconds += seconds
            self._remembered += remembered

    def other(self, status: int) -> None:
        """One other request was answered."""
        with self._lock:
            self._others[status] += 1

    def so_far(self) -> Counted:
        """All of it, at one moment."""
        with self._lock:
            return Counted(dict(self._checks), dict(self._others), tuple(self._took), self._seconds, self._remembered)

"""What a process counts and stands on, as Prometheus reads it: /metrics. Only on a laptop; the edge lets nobody there.

Imported only where that is set: a Lambda's zip has no prometheus-client.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from delivery.endpoint.counts import BOUNDS, Counts
from delivery.endpoint.source import Source

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PATH = "/metrics"


def page(counts: Counts, source: Source, clock: Callable[[], datetime]) -> "WSGIApplication":
    """Answers with the numbers of this moment, and of this process: memory, processor, files."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(counts, source, clock))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return make_wsgi_app(registry)


class _Numbers(Collector):
    def __init__(self, counts: Counts, source: Source, clock: Callable[[], datetime]) -> None:
        self._counts, self._source, self._clock = counts, source, clock

    def collect(self) -> Iterator[Metric]:
        yield from _counted(self._counts)
        yield _one(CounterMetricFamily, "espice_looks", "Looks at the store.", self._source.looks)
        yield _one(CounterMetricFamily, "espice_looks_troubled", "Looks that were of no use.", self._source.troubled)
        yield from _stood_on(self._source, self._clock())


def _counted(counts: Counts) -> Iterator[Metric]:
    counted = counts.so_far()
    checks = CounterMetricFamily("espice_checks", "Update checks, by what they got.", labels=("status", "reason"))
    for (status, reason), number in sorted(counted.checks.items()):
        checks.add_metric((str(status), reason), number)
    others = CounterMetricFamily("espice_other_requests", "Requests that were no update checks.", labels=("status",))
    for status, number in sorted(counted.others.items()):
        others.add_metric((str(status),), number)
    bounds = [*map(str, BOUNDS), "+Inf"]
    took = HistogramMetricFamily("espice_check_seconds", "How long update checks took, without the server.")
    took.add_metric((), list(zip(bounds, accumulate(counted.took), strict=True)), counted.seconds)
    yield from (checks, others, took)
    yield _one(CounterMetricFamily, "espice_checks_remembered", "Checks answered from the memo.", counted.remembered)


def _stood_on(source: Source, now: datetime) -> Iterator[Metric]:
    known = source.known
    yield _one(GaugeMetricFamily, "espice_look_trouble", "1 while the last look was of no use.", bool(known.trouble))
    if known.confirmed_at:
        ago = (now - known.confirmed_at).total_seconds()
        yield _one(GaugeMetricFamily, "espice_head_confirmed_seconds", "Since the head was last confirmed.", ago)
    if (live := known.live) is None:
        return
    age, left = ((now - live.head.issued).total_seconds(), (live.head.expires - now).total_seconds())
    yield _one(GaugeMetricFamily, "espice_head_serial", "The serial that is answered from.", live.head.serial)
    yield _one(GaugeMetricFamily, "espice_head_age_seconds", "Since the head was signed.", age)
    yield _one(GaugeMetricFamily, "espice_head_left_seconds", "Until the head is believed no more.", left)
    number = live.override.number if live.override else 0
    yield _one(GaugeMetricFamily, "espice_override_number", "The override that is obeyed; 0 for none.", number)


def _one(kind: Callable[..., Metric], name: str, what: str, value: float) -> Metric:
    return kind(name, what, value=value)

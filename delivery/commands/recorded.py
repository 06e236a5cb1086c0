"""What was seen of rollouts, as a file has it: YAML, and so JSON too. docs/promotion.md shows one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from delivery.commands.desk import Usage
from delivery.rules.facts import Filed
from delivery.rules.gate import Sample
from delivery.rules.load import parse
from delivery.rules.problem import Problem, Refused
from delivery.rules.shapes import NAME, STRICT, VERSION, Shape

_Rollout = Annotated[str, Shape(rf"{NAME}/{VERSION}", "<channel>/<version>, such as stable/1.4.0")]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Samples by rollout."""

    __pydantic_config__ = STRICT
    samples: Mapping[_Rollout, tuple[Sample, ...]]

    def of(self, rollout: str) -> Sequence[Sample]:
        """As the port says."""
        return self.samples.get(rollout, ())


def recorded(file: Path, now: datetime) -> Recorded:
    """What a file holds. Raises Usage where it cannot be read, Refused with every problem in it."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Usage(f"{file} cannot be read: {error.strerror}; name another file by --samples") from None
    filed, problems = parse(str(file), data, Recorded)
    problems = problems or tuple(_wrong(filed, now) if filed else ())
    if filed is None or problems:
        raise Refused(problems)
    return filed.value


def _wrong(filed: Filed[Recorded], now: datetime) -> Iterator[Problem]:
    for rollout, samples in filed.value.samples.items():
        hours: set[datetime] = set()
        for number, sample in enumerate(samples):
            for field, what, mend in _told(sample, hours, now):
                place = ("samples", rollout, number, field)
                yield Problem(filed.path, filed.line(*place), ".".join(map(str, place)), what, mend)
            hours.add(sample.hour)


def _told(sample: Sample, hours: set[datetime], now: datetime) -> Iterator[tuple[str, str, str]]:
    if sample.failures > sample.outcomes:
        what = f"{sample.failures} failures are more than {sample.outcomes} outcomes"
        yield "failures", what, "count a failure among the outcomes, and an installation once"
    if sample.hour.replace(minute=0, second=0) != sample.hour:
        yield "hour", "is no whole hour", "write when the hour began"
    if sample.hour > now:
        yield "hour", "has not come yet", "write hours that began"
    if sample.hour in hours:
        yield "hour", "stands here twice", "add the two up"

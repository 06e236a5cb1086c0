"""What all benchmarks share: medians, and one small table with ratios and targets. Asserts nothing about time.

Times belong to a machine, and on a busy one even to a minute; ratios within one run say more.
"""

import time
import timeit
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds that something took, and what it should stay under, where somebody is promised that."""

    what: str
    seconds: float
    target: float | None = None


def typical(call: Callable[[], object], *, rounds: int = 9, calls: int = 1) -> float:
    """The median of some rounds, in seconds a call."""
    return median(timeit.repeat(call, number=calls, repeat=rounds)) / calls


def once(call: Callable[[], object]) -> float:
    """Seconds of the very first call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def show(title: str, figures: Sequence[Figure]) -> None:
    """A table; ratios are to its first line."""
    print(title)
    for figure in figures:
        target = f"   target: under {_readable(figure.target)}" if figure.target else ""
        ratio = f"{figure.seconds / figures[0].seconds:,.1f} x"
        print(f"  {figure.what:<44}{_readable(figure.seconds):>12}{ratio:>14}{target}")


def _readable(seconds: float) -> str:
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"

"""How far something is that takes minutes: a bar where somebody watches, a line now and then where nobody does."""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from rich import progress as bars
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

from delivery.commands.desk import err
from delivery.engines.making import Progress, Tell

EVERY = 15.0  # seconds between two lines where nobody watches

T = TypeVar("T")


def watched(work: Callable[[Tell], T]) -> T:
    """Do it, and show on standard error how far it is."""
    return _by_a_bar(work) if sys.stderr.isatty() else work(_Lines())


def _by_a_bar(work: Callable[[Tell], T]) -> T:
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}")
    with bars.Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bar:
        task = bar.add_task("looking", total=None, count="")

        def tell(progress: Progress) -> None:
            bar.update(
                task,
                description=progress.what,
                completed=progress.done,
                total=progress.total or None,
                count=_count(progress),
            )

        return work(tell)


class _Lines:
    """A line for each step, and one every now and then within it."""

    def __init__(self) -> None:
        self._what = ""
        self._said = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.what == self._what and now - self._said < EVERY:
            return
        self._what, self._said = progress.what, now
        err.print(f"{progress.what} {_count(progress)}".rstrip(), markup=False)


def _count(progress: Progress) -> str:
    of = f" of {progress.total}" if progress.total else ""
    return f"{progress.done}{of}" if progress.done or progress.total else ""

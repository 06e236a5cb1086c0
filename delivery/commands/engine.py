"""engine: gets the real Pulumi engine onto this machine."""

import sys
import time

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from delivery.commands.desk import command, err, out, print_json
from delivery.engines import cli, obtain

EVERY = 15.0  # seconds between two lines where nobody watches


@command
def engine(as_json: bool) -> int:
    """Find it, install it or build it, and say which."""
    got = _watched() if sys.stderr.isatty() else obtain.obtain(_Lines())
    if as_json:
        print_json({"version": cli.version(), "path": str(got.path), "way": got.way, "seconds": round(got.seconds, 1)})
    else:
        out.print(f"pulumi {cli.version()}: {got.way}, {got.seconds:.0f} s: {got.path}", markup=False)
    return 0


def _watched() -> obtain.Got:
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}")
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bar:
        task = bar.add_task("looking", total=None, count="")

        def tell(progress: obtain.Progress) -> None:
            bar.update(
                task,
                description=progress.what,
                completed=progress.done,
                total=progress.total or None,
                count=_count(progress),
            )

        return obtain.obtain(tell)


class _Lines:
    """A line for each step, and one every now and then within it."""

    def __init__(self) -> None:
        self._what = ""
        self._said = 0.0

    def __call__(self, progress: obtain.Progress) -> None:
        now = time.monotonic()
        if progress.what == self._what and now - self._said < EVERY:
            return
        self._what, self._said = progress.what, now
        err.print(f"{progress.what} {_count(progress)}".rstrip(), markup=False)


def _count(progress: obtain.Progress) -> str:
    of = f" of {progress.total}" if progress.total else ""
    return f"{progress.done}{of}" if progress.done or progress.total else ""

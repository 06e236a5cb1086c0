"""Shows an engine at work: a line that moves where somebody watches, plain lines elsewhere. All on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from delivery.commands.desk import err
from delivery.engines.stack import Listener, Operation, Step
from delivery.present import terminal


@contextmanager
def watched(what: str) -> Iterator[Listener]:
    """What is to be told of each step; `what` is being done, such as `applying staging`."""
    if not sys.stderr.isatty():
        yield _tell
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(what)

        def listen(step: Step) -> None:
            progress.advance(task)
            done = int(progress.tasks[task].completed)
            progress.update(task, description=f"{what}: {done} resources, last {step.name}")
            _tell(step)

        yield listen


def _tell(step: Step) -> None:
    if step.operation is not Operation.same:
        err.print(terminal.step(step))


def say(text: str) -> None:
    """A line of progress."""
    err.print(text, markup=False)

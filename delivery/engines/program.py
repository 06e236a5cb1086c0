"""A stack's program as either engine runs it: its failure is told as one sentence, its run is not slowed down."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pulumi


def guarded(program: Callable[[], None], tell: Callable[[str], None]) -> None:
    """Run the program; tell its failure as one sentence that names the line, where Pulumi would print a traceback."""
    try:
        program()
    except pulumi.RunError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        last = next((each for each in reversed(frames) if "site-packages" not in each.filename), frames[-1])
        place = f"{Path(last.filename).name}:{last.lineno}"
        tell(f"the program failed at {place}: {type(error).__name__}: {error}")
        raise pulumi.RunError(str(error)) from error


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without garbage collection for the length of a run: each full one walks the SDK's huge types, at half a run."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

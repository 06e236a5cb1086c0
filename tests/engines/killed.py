"""A run that is killed at one of its calls to AWS: `python -m tests.engines.killed MOTO FOLDER apply|destroy N HOW`.

N counts the calls from 1; HOW is `before` the call reaches AWS or `after` AWS has done it. As by kill -9, nothing is
tidied up. A run with fewer calls ends as usual.
"""

import itertools
import os
import signal
import sys
from pathlib import Path

from botocore.client import BaseClient

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from tests.engines.every_type import everything
from tests.engines.programs import stack


def main() -> None:
    moto, folder, act, number, how = sys.argv[1:]
    _die_at(int(number), how)
    handle = serve(packages(moto, Path(folder) / "ledger.json"))
    engine = EmbeddedEngine(Path(folder) / "engine", handle.addresses)
    outcome = getattr(engine, act)(stack(everything("one.zip")))
    handle.stop()
    sys.exit("\n".join(outcome.errors) or 0)


def _die_at(number: int, how: str) -> None:
    calls, really = itertools.count(1), BaseClient._make_api_call

    def call(self: BaseClient, operation: str, arguments: dict) -> dict:
        is_last = next(calls) == number
        if is_last and how == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = really(self, operation, arguments)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    BaseClient._make_api_call = call


if __name__ == "__main__":
    main()

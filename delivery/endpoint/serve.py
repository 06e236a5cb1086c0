"""Runs the app under granian, one worker, until it is told to end: the laptop's processes and the container alike.

    python -m delivery.endpoint.serve --port 8000 [--host 0.0.0.0] [--app delivery.endpoint.main:app]

At SIGTERM it takes no more connections, answers what it has begun, and ends; nobody waits longer than GRACE_S.
"""

import argparse

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

APP = "delivery.endpoint.main:app"
THREADS = 4  # that answer; more of them only wait for one another, and each answer costs twice as much
GRACE_S = 10  # longer than the slowest answer (source.PATIENCE_S); what hangs beyond is killed


def main() -> None:
    """Serves until a signal."""
    args = _parser().parse_args()
    Granian(
        args.app,
        address=args.host,
        port=args.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=GRACE_S,
    ).serve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="delivery.endpoint.serve", description="Serves an app of ours over HTTP.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--app", default=APP, help=f"module:name of a WSGI app (default: {APP})")
    return parser


if __name__ == "__main__":
    main()

"""The laptop's AWS as a process: `python -m delivery.laptop.aws PORT FOLDER`, moto behind the faults of a folder."""

import os
import signal
import sys
from pathlib import Path

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

from delivery.laptop.faults import Faults, Faulty


def main(port: int, faults: Path) -> None:
    """Serve until told to end."""
    os.environ["MOTO_PORT"] = str(port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = Faulty(DomainDispatcherApplication(create_backend_app), Faults(faults))
    run_simple("127.0.0.1", port, app, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

"""The laptop's AWS as a process: `python -m delivery.laptop.aws PORT FOLDER FILE`, moto behind the faults of a folder.

The file keeps the override.
"""

import os
import signal
import sys
from pathlib import Path

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

from delivery.laptop.faults import Faults, Faulty
from delivery.laptop.kept import Kept


def main(port: int, faults: Path, override: Path) -> None:
    """Serve until told to end."""
    os.environ["MOTO_PORT"] = str(port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = Faulty(Kept(DomainDispatcherApplication(create_backend_app), override), Faults(faults))
    run_simple("127.0.0.1", port, app, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))

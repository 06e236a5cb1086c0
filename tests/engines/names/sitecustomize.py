"""Python starts with this where PYTHONPATH names its folder: some hosts of the internet are on this machine then."""

import os
import socket
from typing import Any

_hosts, _port, _really = os.environ["ESPICE_HOSTS"].split(","), os.environ["ESPICE_HOSTS_PORT"], socket.getaddrinfo


def _found(host: Any, port: Any, *more: Any, **named: Any) -> Any:
    return _really(*(("127.0.0.1", int(_port)) if host in _hosts else (host, port)), *more, **named)


socket.getaddrinfo = _found

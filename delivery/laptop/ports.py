"""Which loopback ports the laptop listens on: the usual ones, or others where those are taken."""

import json
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

USUAL: Mapping[str, int] = {"edge": 8400, "updates": 8401, "downloads": 8402, "site": 8403, "aws": 8404}


def choose(remembered: Path, say: Callable[[str], None]) -> dict[str, int]:
    """A free port for each name: last time's, else the usual one, else any; a taken one is named."""
    last = _remembered(remembered)
    chosen: dict[str, int] = {}
    for name, usual in USUAL.items():
        wished = last.get(name, usual)
        port = wished if is_free(wished) else free()
        if port != wished:
            say(f"port {wished} ({name}) is taken by another program; using {port}")
        chosen[name] = port
    remembered.parent.mkdir(parents=True, exist_ok=True)
    remembered.write_text(json.dumps(chosen))
    return chosen


def is_free(port: int) -> bool:
    """True when this port can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _remembered(path: Path) -> dict[str, int]:
    try:
        return {name: int(port) for name, port in json.loads(path.read_text()).items()}
    except (OSError, ValueError):
        return {}

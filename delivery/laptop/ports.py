"""Which loopback ports the laptop listens on: the usual ones, or others where those are taken.

A chosen port is listened on until the process that it is for starts: two laptops that start at the same time must not
choose the same one and then answer each other's clients.
"""

import json
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

USUAL: Mapping[str, int] = {
    "edge": 8400,
    "updates": 8401,
    "downloads": 8402,
    "site": 8403,
    "aws": 8404,
    "console": 8405,
    "database": 8406,
}
OTHERS = range(10_000, 30_000)
"""Below what systems give to whoever connects: no connection takes the port of a process that is being started anew."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Ports by name, kept from others until they are released."""

    numbers: Mapping[str, int]
    held: Mapping[str, socket.socket]

    def release(self, *names: str) -> None:
        """Let go of these, right before a process listens on them."""
        for name in names:
            self.held[name].close()


def choose(remembered: Path, say: Callable[[str], None]) -> Chosen:
    """A free port for each name: last time's, else the usual one, else any; a taken one is named."""
    last = _remembered(remembered)
    held: dict[str, socket.socket] = {}
    for name, usual in USUAL.items():
        wished = last.get(name, usual)
        taken = hold(wished)
        held[name] = taken or _any()
        if taken is None:
            say(f"port {wished} ({name}) is taken by another program; using {_number(held[name])}")
    numbers = {name: _number(each) for name, each in held.items()}
    remembered.parent.mkdir(parents=True, exist_ok=True)
    remembered.write_text(json.dumps(numbers))
    return Chosen(numbers, held)


def choose_others(remembered: Path) -> None:
    """Let this one take other ports than the usual from its first start on.

    While a part of it is dead, another laptop that starts would take the usual ones and answer in its place.
    """
    remembered.parent.mkdir(parents=True, exist_ok=True)
    remembered.write_text(json.dumps({name: free() for name in USUAL}))


def hold(port: int) -> socket.socket | None:
    """A socket that listens on this port and so keeps it from others; None if it is taken."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just closed is free
    try:
        found.bind(("127.0.0.1", port))
        found.listen()  # two sockets may be bound alike, but only one listens
    except OSError:
        found.close()
        return None
    return found


def free() -> int:
    """A port that nothing listens on."""
    with _any() as found:
        return _number(found)


def _any() -> socket.socket:
    while (found := hold(secrets.choice(OTHERS))) is None:
        continue
    return found


def _number(found: socket.socket) -> int:
    number: int = found.getsockname()[1]
    return number


def _remembered(path: Path) -> dict[str, int]:
    try:
        return {name: int(port) for name, port in json.loads(path.read_text()).items()}
    except (OSError, ValueError):
        return {}

"""A server that runs: where it answers, and what it costs this machine."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """One that runs. `few` and `many` are the paths it is asked for, all of which it answers with 200."""

    name: str
    port: int
    few: Path
    many: Path
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of processor that it and its workers spent so far."""
        return sum(sum(each.cpu_times()[:2]) for each in self._all())

    def memory(self) -> int:
        """Bytes in memory of its largest process: the worker."""
        return max(each.memory_info().rss for each in self._all())

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        return get(self.port, path)

    def _all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def free() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body. Raises OSError or HTTPException."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read()


@contextmanager
def running(
    name: str, port: int, command: Sequence[str], paths: tuple[Path, Path], env: Mapping[str, str], folder: Path
) -> Iterator[Server]:
    """This server, once it answers; it is ended with the block. Its output goes to `folder`.

    Raises SystemExit with its last words where it does not answer.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        said = {**env, "PATH": os.environ["PATH"], "HOME": str(folder)}
        process = subprocess.Popen(command, cwd=folder, env=said, stdout=output, stderr=output)
    try:
        server = Server(name, port, *paths, psutil.Process(process.pid))
        _await(server, process, log)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def _await(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    path, deadline, status = server.few.read_text().split("\n", 1)[0], time.monotonic() + PATIENCE_S, 0
    while time.monotonic() < deadline and process.poll() is None:
        try:
            status, _ = server.get(path)
        except (OSError, HTTPException):
            status = 0
        if status == 200:
            return
        time.sleep(0.05)
    raise SystemExit(f"{server.name} did not answer {path} with 200 (it said {status}): {log.read_text()[-2000:]}")

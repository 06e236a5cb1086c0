"""Load by wrk (https://github.com/wg/wrk), from a file of paths in their order; it asks as fast as it gets answers."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.served.process import Server

SCRIPT = Path(__file__).with_name("paths.lua")
MISSING = (
    "wrk is not on PATH; get it by apt-get install wrk (Debian, Ubuntu), brew install wrk, or from github.com/wg/wrk"
)


@dataclass(frozen=True, slots=True)
class Load:
    """One round: answers a second, seconds within which half and 99 % of them came, processor seconds of each."""

    rate: float
    p50: float
    p99: float
    cpu: float


def wrk() -> str:
    """Where wrk is. Raises SystemExit with how to get it."""
    if found := shutil.which("wrk"):
        return found
    raise SystemExit(MISSING)


def load(server: Server, paths: Path, connections: int, seconds: float) -> Load:
    """One round on this server. Raises SystemExit where an answer was no 200."""
    command = [wrk(), "--threads", "1", "--connections", str(connections), "--duration", f"{max(1, round(seconds))}s"]
    command += ["--script", str(SCRIPT), f"http://127.0.0.1:{server.port}", "--", str(paths)]
    before = server.cpu()
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return read(run.stdout.splitlines()[-1], server.name, server.cpu() - before)


def read(line: str, name: str, cpu: float) -> Load:
    """What the script printed last, for so many processor seconds."""
    said = json.loads(line)
    if said["errors"] or not said["requests"]:
        raise SystemExit(f"{name} did not answer everything with 200: {line}")
    rate = said["requests"] / said["microseconds"] * 1e6
    return Load(rate, said["p50"] / 1e6, said["p99"] / 1e6, cpu / said["requests"])

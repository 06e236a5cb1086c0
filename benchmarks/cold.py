"""How long a fresh instance takes until it can answer: the endpoint's zip alone, in a Python that has nothing else.

    ./inv bench --name cold

Lambda counts the import of the handler as part of a cold start, so it is kept under LIMIT on this machine (its arm64
with 256 MB is slower; what counts is the ratio to a bare Python, and what the import spends where). Wheels are for this
machine's processor, everything else is what `./inv build` ships.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.measure import Figure, once, show
from tests.unit.deploy.zips import HERE, made, unpacked
from tests.unit.endpoint.parts import SETTINGS

LIMIT = 0.7  # seconds
ROUNDS = 7
LONGEST = 8  # lines of the account
_IMPORT = "import delivery.endpoint.handler"


def main() -> None:
    """Unpacks the zip, imports its handler many times, and says what took long."""
    with tempfile.TemporaryDirectory() as scratch:
        home = unpacked(made("endpoint", HERE), Path(scratch))
        bare = _typical("pass", home)
        first = once(lambda: _run(_IMPORT, home))  # Lambda's folder cannot be written: its Python compiles each time
        again = _typical(_IMPORT, home)
        show(
            "cold start, in seconds of a whole process",
            [
                Figure("a Python that does nothing", bare),
                Figure("the very first import, files not in memory", first),
                Figure("import of the handler, compiling", again, LIMIT),
            ],
        )
        print(f"  the handler's own share: {again - bare:.3f} s; where it goes (from -X importtime, alone):")
        for seconds, module in _account(home):
            print(f"    {seconds * 1e3:7.1f} ms  {module}")


def _typical(code: str, home: Path) -> float:
    return median(once(lambda: _run(code, home)) for _ in range(ROUNDS))


def _run(code: str, home: Path, *options: str) -> str:
    """One process, told what Lambda tells; what it says on stderr. -B: nothing compiled is kept."""
    program = f"import sys; sys.path.insert(0, {str(home)!r}); {code}"
    env = {**SETTINGS.to_env(), "PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-I", "-S", "-B", *options, "-c", program]
    return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, check=True).stderr


def _account(home: Path) -> list[tuple[float, str]]:
    """Seconds by top module, the longest first, of what `-X importtime` says each took without what it imports."""
    spent: dict[str, float] = {}
    for line in _run(_IMPORT, home, "-X", "importtime").splitlines():
        own, _, name = (part.strip() for part in line.removeprefix("import time:").split("|"))
        if own.isdigit():
            module = name.split(".")[0]
            spent[module] = spent.get(module, 0.0) + int(own) / 1e6
    return sorted(((seconds, module) for module, seconds in spent.items()), reverse=True)[:LONGEST]


if __name__ == "__main__":
    main()

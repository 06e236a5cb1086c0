"""How long a fact needs from its commit to the edge: `python -m benchmarks.live`.

Starts a laptop in a copy of this repository, holds and resumes a rollout ten times, and asks through nginx, past its
cache, until the new serial answers. The laptop is ended in any case.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import requests

from benchmarks.measure import Figure, once, show
from tests.laptop.system import System, copy_of_this_repository, now, running

COMMITS = 10
PATIENCE = 60.0  # seconds
ROLLOUT = "releases/rollouts/stable/1.4.0.yaml"
LINES = ('{{hold: 0, at: "{at}", reason: a benchmark}}', '{{resume: 10, at: "{at}", reason: a benchmark}}')


def seconds_to_live(system: System, line: str) -> float:
    """From the end of `git commit` to the first answer with its serial."""
    system.append(ROLLOUT, "  - " + line.format(at=now()))
    system.commit("A line of a benchmark")
    began = time.perf_counter()
    serial = system.git("rev-list", "--count", "--first-parent", "HEAD").strip()
    url = f"{system.url('updates')}/v1/update/stable/linux/x86_64/1.2.0"
    while time.perf_counter() - began < PATIENCE:
        answer = requests.get(url, params={"n": time.monotonic_ns()}, timeout=5)
        if answer.headers.get("ESpice-Serial") == serial:
            return time.perf_counter() - began
        time.sleep(0.02)
    raise SystemExit(f"serial {serial} was not live within {PATIENCE:.0f} s: {system.log('up')}")


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        repo = copy_of_this_repository(Path(folder))
        with running(repo) as system:
            spent = []
            for number in range(COMMITS):
                spent.append(seconds_to_live(system, LINES[number % 2]))
                system.await_live()
            warm = System(repo)
            warm.inv("down")
            again = once(lambda: warm.inv("up", "--detach"))
    figures = [
        Figure(f"commit to live, median of {COMMITS}", median(spent), 5.0),
        Figure("the fastest", min(spent)),
        Figure("the slowest", max(spent)),
        Figure("./inv up --detach, warm", again, 10.0),
    ]
    show("Facts on the laptop", figures)


if __name__ == "__main__":
    main()

"""up, down, status."""

import os
import subprocess
import sys
import time
from pathlib import Path

from rich.table import Table

from delivery.commands.desk import ROOT, err, out, print_json
from delivery.laptop import status as reports
from delivery.laptop.places import Places
from delivery.laptop.up import Trouble
from delivery.laptop.up import up as run

READY_WITHIN = 180.0  # seconds that a detached start may take, as the README promises


def say(text: str) -> None:
    """A line of progress."""
    out.print(text, markup=False)


def up(detach: bool, engine: str, with_site: bool) -> int:
    """Run until interrupted, or leave it running."""
    try:
        if detach:
            return _detached(Places(ROOT), engine, with_site)
        run(ROOT, say, engine, with_site=with_site)
    except Trouble as trouble:
        err.print(f"up: {trouble}", markup=False)
        return 1
    except KeyboardInterrupt:
        say("ended; nothing is left running")
    return 0


def _detached(places: Places, engine: str, with_site: bool) -> int:
    """Start `up` in a session of its own and wait until it is ready, showing what it says."""
    if reports.running(places):
        run(places.repo, say, engine)  # refuses, and says where the other one is
    log = places.log("up")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    with log.open("ab") as file:
        child = subprocess.Popen(
            [sys.executable, "-m", "invoke", "up", "--engine", engine, *([] if with_site else ["--no-site"])],
            cwd=places.repo,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        return _await_ready(child, places, log)
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise


def _await_ready(child: subprocess.Popen[bytes], places: Places, log: Path) -> int:
    shown, deadline = 0, time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        text = log.read_text(errors="replace")
        out.print(text[shown:], end="", markup=False)
        shown = len(text)
        if child.poll() is not None:
            return 1
        if reports.running(places).get("phase") == "ready":
            say("running in the background; ./inv down ends it")
            return 0
        time.sleep(0.2)
    child.terminate()
    err.print(f"up: not ready within {READY_WITHIN:.0f} s, so it was ended; see {log}", markup=False)
    return 1


def down() -> int:
    """End it. Nothing running is no error."""
    say("ended; nothing is left running" if reports.down(Places(ROOT)) else "nothing runs here")
    return 0


def status(as_json: bool) -> int:
    """What runs here. Exit status 1 if nothing does."""
    found = reports.status(Places(ROOT))
    if as_json:
        print_json(found)
    elif found["running"]:
        _show(found)
    else:
        say("nothing runs here; ./inv up starts it")
    return 0 if found["running"] else 1


def _show(found: dict[str, object]) -> None:
    live = "yes" if found["head_is_live"] else f"no ({found['phase']})"
    out.print(f"commit {str(found['commit'])[:9]}  serial {found['serial']}  HEAD is live: {live}")
    for line in found["trouble"] if isinstance(found["trouble"], list) else []:
        out.print(f"  {line}", markup=False)
    out.print(reports.of_site(found), markup=False)
    hosts = Table("host", "url", "by name")
    for name, host in dict(found["hosts"]).items():  # type: ignore[call-overload]
        hosts.add_row(name, host["url"], host.get("host", ""))
    processes = Table("process", "pid", "state", "restarts", "log")
    for entry in list(found["processes"]):  # type: ignore[call-overload]
        state = "running" if entry["alive"] else "dead"
        log = os.path.relpath(entry["log"], ROOT)
        processes.add_row(entry["name"], str(entry["pid"]), state, str(entry["restarts"]), log)
    out.print(hosts)
    out.print(processes)

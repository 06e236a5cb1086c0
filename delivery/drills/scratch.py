"""A laptop of its own, from HEAD, in a clone that is thrown away: nobody's own `up` is touched."""

import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from delivery.drills.kinds import most_offered
from delivery.drills.subject import AS_DRILL, NoDrill, Subject, inv
from delivery.history.git import git, line
from delivery.laptop import ports
from delivery.laptop.places import Places
from delivery.laptop.processes import Recipe, end_all, launch
from delivery.laptop.status import down, running
from delivery.rules.catalog import HEAD_KEY

STACK_FILE = "Pulumi.laptop.yaml"
GIVE_UP_S = 6  # after so many seconds this endpoint does what others do after five minutes
_AFTER = re.compile(r"^( +)confirm-after: .*\n", re.MULTILINE)

Say = Callable[[str], None]


@contextmanager
def scratch(repo: Path, say: Say) -> Iterator[Subject]:
    """One that runs until the end of the block, with a version that was live and is stopped now.

    Raises NoDrill: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="espice-drill-") as folder:
        clone = Path(folder) / "espice"
        say("cloning HEAD")
        git(repo, "clone", "-q", "--shared", str(repo), str(clone))
        _give_up_sooner(clone)
        subject = Subject(clone)
        ports.choose_others(subject.places.ports)
        say("starting a laptop of its own")
        up = launch(
            Recipe("up", (sys.executable, "-m", "invoke", "up", "--no-site"), subject.places.log("up"), {}, clone)
        )
        try:
            subject.await_(lambda: _is_ready(subject.places, up), "the laptop is ready")
            _stop_a_version(subject, say)
            yield subject
        finally:
            with _undisturbed():
                subject.mend()
                down(subject.places)
                end_all([up])


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Whoever presses Ctrl-C twice must not keep the first from leaving nothing behind."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _give_up_sooner(clone: Path) -> None:
    file = clone / STACK_FILE
    text, count = _AFTER.subn(rf"\g<0>\g<1>give-up-after: {GIVE_UP_S}\n", file.read_text(), count=1)
    if not count or "give-up-after" in file.read_text():
        raise NoDrill(f"{STACK_FILE} says give-up-after, or no confirm-after: a drill writes the one below the other")
    file.write_text(text)
    line(clone, *AS_DRILL, "commit", "-qam", "Drill: give up sooner")


def _is_ready(places: Places, up: subprocess.Popen[bytes]) -> bool:
    if up.poll() is not None:
        words = places.log("up").read_text(errors="replace").strip()
        raise NoDrill(f"a laptop of HEAD does not start: {words}")
    return bool(running(places).get("phase") == "ready")


def _stop_a_version(subject: Subject, say: Say) -> None:
    """So that there is an older head, and a version that nobody may be offered."""
    subject.older = subject.read(HEAD_KEY), subject.read(subject.catalog_key())
    chosen = most_offered(subject.table(), datetime.now(UTC))
    if chosen is None:
        raise NoDrill("HEAD offers nothing to anybody, so there is nothing to rehearse; start a rollout first")
    channel, version = chosen
    say(f"stopping {version} on {channel}, so that it must never be offered")
    inv(subject.repo, "stop", channel, "--version", version, "--reason", "a drill", "--commit")
    subject.await_live()

"""`./inv up`: starts everything, follows git, and ends everything.

The supervisor of the laptop. It owns the processes (moto as AWS, nginx as the edge, the endpoints, one worker) and the
report that `status` reads; it decides nothing about facts. What a commit means is the worker's business.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from filelock import FileLock, Timeout

from delivery.deploy.asks import serial_of
from delivery.deploy.freshen import NotFresh, settle, show
from delivery.engines import cli
from delivery.engines.stack import EngineError
from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.laptop import follow, fresh, ports, site, status
from delivery.laptop.faults import Faults
from delivery.laptop.places import Places
from delivery.laptop.ports import Chosen
from delivery.laptop.processes import Processes, Recipe, end_leftovers, reload, started
from delivery.laptop.site import ABSENT, Site
from delivery.laptop.worker_client import Worker, WorkerDied

Say = Callable[[str], None]

REAL = "pulumi"
ENGINES = ("embedded", REAL)
TICK = 0.25  # seconds between two looks at git and at the processes
READY_WITHIN = 30.0  # seconds that a process has to answer
HOSTS = ("updates", "downloads", "site", "console")  # each with a port of its own, for who has no DNS for its name

_OF_BUILD = ("function", "version", "sha256", "weight", "port")
_ALWAYS = ("aws", "edge", "worker", site.NAME)  # whatever was realised


class Trouble(Exception):  # noqa: N818 - what the person at the terminal has
    """`up` cannot go on; the text says why and what to do."""


@dataclass(slots=True)
class Laptop:
    """One running laptop."""

    places: Places
    say: Say
    engine: str
    with_site: bool = True
    ports: dict[str, int] = field(default_factory=dict)
    chosen: Chosen | None = None
    processes: Processes = field(default_factory=Processes)
    worker: Worker | None = None
    site: Site | None = None
    sited: str | None = None  # the commit whose site was asked for last
    live: dict[str, Any] = field(default_factory=dict)
    tried: str | None = None  # the last commit that was carried out or refused
    died_at: str | None = None  # the commit at which a worker died once
    following: list[Mapping[str, Any]] = field(default_factory=list)  # what was started and has not answered yet
    trouble: list[str] = field(default_factory=list)
    carried: int = 0  # how many times a commit was carried out or refused
    again: bool = False  # somebody asked by SIGUSR1 to have HEAD applied once more

    def run(self) -> None:
        """Start, follow until interrupted, end."""
        snapshot.commit_id(self.places.repo, "HEAD")  # without a commit there is nothing to start
        self.places.state.mkdir(parents=True, exist_ok=True)
        for name in end_leftovers(status.report(self.places)):
            self.say(f"ended {name}, left over from a run that was killed")
        try:
            signal.signal(signal.SIGUSR1, self._asked)
            self.start()
            while True:
                self.look()
                time.sleep(TICK)
        finally:
            self.end()

    def start(self) -> None:
        """From nothing to the commit that is checked out, live."""
        self.chosen = ports.choose(self.places.ports, self.say)
        self.ports = dict(self.chosen.numbers)
        self.places.endpoints.unlink(missing_ok=True)  # no endpoint runs yet, and others may have taken those ports
        self.say("starting AWS (moto) and the worker")
        self.chosen.release("aws")
        self.processes.start(self._aws())
        self._write("starting")
        commit = snapshot.commit_id(self.places.repo, "HEAD")
        self._worker_for(commit)
        await_answer(f"http://127.0.0.1:{self.ports['aws']}/moto-api/", READY_WITHIN, "moto", self.places.log("aws"))
        self.take(commit) or self.take(commit)  # a worker that died at it gets a second try
        if not self.live:
            self._fall_back(commit)
        self._write("ready")
        self.say(status.summary(self.report("ready")))

    def _fall_back(self, commit: str) -> None:
        """Go live with what was live last, if HEAD cannot: what was live stays live, also over a restart."""
        last, trouble = self.places.last_live(), self.trouble
        if last in (None, commit):
            raise Trouble("the commit that is checked out cannot go live; mend it, commit, and ./inv up again")
        self.say("starting with what was live last instead")
        self.take(last) or self.take(last)
        if not self.live:
            raise Trouble("what was live last cannot go live either; mend HEAD, commit, and ./inv up again")
        self.tried, self.trouble = commit, trouble

    def look(self) -> None:
        """One look at the processes and at git."""
        for name in self.processes.revive(skip=("worker", site.NAME)):
            self.say(f"{name} had died; started it again")
            self._write("ready")
            if name == "aws":
                self.tried = None  # its memory is gone: carry the commit out again
        self._follow()
        self._look_at_site()
        commit = snapshot.commit_id(self.places.repo, "HEAD")
        if commit != self.tried or self.again:
            self.take(commit)
            self._write("ready")

    def take(self, commit: str) -> bool:
        """Carry this commit out, or say why not; what was live stays live. False if it is to be tried again.

        A commit at which the worker dies twice is refused: its code does not start.
        """
        self.say(f"commit {follow.subject(self.places.repo, commit)}")
        began = time.monotonic()
        try:
            again, self.again = self.again, False
            reply = self._worker_for(commit).carry(commit, self.say, again=again)
        except WorkerDied as died:
            self.worker, self.tried = None, None
            self.processes.end("worker")
            if self.died_at != commit:
                self.died_at = commit
                self.say(f"{died}; trying again")
                return False
            reply = {"failed": [str(died)]}
        self.died_at = None
        self.tried, self.carried = commit, self.carried + 1
        self.trouble = reply.get("words") or reply.get("failed") or []
        for line in self.trouble:
            self.say(f"  {line}")
        if "live" not in reply:
            count = f"{len(self.trouble)} problem{'s' if len(self.trouble) != 1 else ''}"
            kept = f"; what was live stays live ({self.live['commit'][:9]})" if self.live else ""
            self.say(f"refused: {count}{kept}")
            return True
        try:
            self._switch(reply["live"])
        except Trouble as trouble:
            if not self.live:
                raise
            self._keep(trouble)
            return True
        others, self.live = bool(self.live), reply["live"]
        self.sited = None  # its site is another, or its bucket lost what it held
        self.places.remember_live(commit)
        if self.trouble:
            self.say("the platform is not what this commit says; its facts are live")
        self._freshen(began, others=others)
        self._start_the_rest()
        return True

    def _keep(self, trouble: Trouble) -> None:
        """Stay with the processes of what was live: what the commit wants does not start."""
        kept = _entries(self.live)
        self.processes.end(*(name for name in self.processes.names() if name not in (*_ALWAYS, *kept)))
        self.trouble = [str(trouble)]
        self.say(f"{trouble}; what was live stays live ({self.live['commit'][:9]})")

    def _asked(self, *_: object) -> None:
        self.again = True

    def end(self) -> None:
        """End every process and take the report away."""
        self.say("ending")
        if self.worker:
            self.worker.close()
        self.processes.end_all()
        self.places.report.unlink(missing_ok=True)

    def report(self, phase: str) -> dict[str, Any]:
        """What `status --json` says."""
        hosts = {name: {"url": f"http://127.0.0.1:{self.ports[name]}"} for name in HOSTS}
        for name, domain in self.live.get("domains", {}).items():
            hosts[name]["host"] = f"http://{domain}:{self.ports['edge']}"
        return {
            "phase": phase,
            "pid": os.getpid(),
            "started": started(os.getpid()),
            "commit": self.live.get("commit"),
            "tried": self.tried,
            "carried": self.carried,
            "outcomes": self.live.get("outcomes", {}),
            "serial": self.live.get("serial"),
            "sha256": self.live.get("sha256"),
            "engine": self.live.get("engine"),
            "hosts": hosts,
            "builds": [{key: entry[key] for key in _OF_BUILD} for entry in self.live.get("endpoints", ())],
            "database": next((entry["url"] for entry in self.live.get("behind", ()) if "url" in entry), None),
            "site": {**(self.site.state if self.site else ABSENT), "url": hosts["site"]["url"]},
            "following": [entry["name"] for entry in self.following],
            "trouble": self.trouble,
            "processes": self.processes.to_json(),
        }

    def _write(self, phase: str) -> None:
        new = self.places.report.with_suffix(".new")
        new.write_text(json.dumps(self.report(phase), indent=1))
        new.replace(self.places.report)

    def _aws(self) -> Recipe:
        Faults(self.places.faults).clear()
        said = str(self.ports["aws"]), str(self.places.faults), str(self.places.override)
        command = (sys.executable, "-m", "delivery.laptop.aws", *said)
        env = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        return Recipe("aws", command, self.places.log("aws"), env, self.places.state)

    def _worker_for(self, commit: str) -> Worker:
        """The worker that runs this commit's code, started anew when the code is another."""
        tree = follow.export(self.places.repo, commit, self.places.trees)
        if self.worker is not None and self.worker.tree == tree and self.worker.alive():
            return self.worker
        if self.worker is not None:
            self.say("the program's code changed: starting a worker from the new code")
            self.worker.close()
            self.processes.end("worker")
        self.worker = Worker.start(tree, self.places, self.ports, self.engine)
        self.processes.adopt(self.worker.recipe, self.worker.process)
        return self.worker

    def _switch(self, live: Mapping[str, Any]) -> None:
        """Bring the processes to what was realised: new ones first, then the edge, then the old ones end.

        At the start only endpoints are waited for: what staff see and what counts events may follow. A build without a
        share is never waited for: it may be one that does not start.
        """
        entries = _entries(live)
        sharing = [entry for entry in live["endpoints"] if entry["weight"]]
        for entry in [entry for entry in sharing if self.live or _answers_installations(entry)]:
            name = entry["name"]
            begun = self.processes.get(name) or self.processes.start(_recipe(entry, self.places))
            health = f"http://127.0.0.1:{entry['port']}/healthz"
            await_answer(health, READY_WITHIN, name, self.places.log(name), begun.process)
        self._edge(live["nginx"])
        self.processes.end(*(name for name in self.processes.names() if name not in (*_ALWAYS, *entries)))

    def _start_the_rest(self) -> None:
        """Start what is not waited for."""
        entries = _entries(self.live)
        new = [entry for name, entry in entries.items() if self.processes.get(name) is None]
        self.following = [*(entry for entry in self.following if entry["name"] in entries), *new]
        for entry in new:
            self._let_go(*(name for name, port in self.ports.items() if port == entry.get("port")))
            self.processes.start(_recipe(entry, self.places))

    def _follow(self) -> None:
        """Say of what was started without waiting for it that it answers now, or that it never will."""
        for entry in [*self.following]:
            name = entry["name"]
            running = self.processes.get(name)
            is_bad = entry.get("weight") == 0 and running and running.process.poll() is not None
            if is_bad or answers(entry):
                self.following.remove(entry)
                self.processes.end(*([name] if is_bad else []))  # it would be started again and again
                self.say(f"{name} does not start; see {self.places.log(name)}" if is_bad else f"{name} is up")
                self._write("ready")

    def _look_at_site(self) -> None:
        """Have the site of what is live built behind everything else, and pass on how far that is."""
        if not self.with_site:
            return
        commit = self.live["commit"]
        if self.sited != commit:
            self._site_for(commit).tell(commit)
            self.sited = commit
        elif self.site and self.site.look(self.say):
            self._write("ready")

    def _site_for(self, commit: str) -> Site:
        """The child that runs this commit's code, started anew when the code is another or it died."""
        tree = follow.export(self.places.repo, commit, self.places.trees)
        if self.site is None or self.site.tree != tree or self.site.process.poll() is not None:
            self.processes.end(site.NAME)
            before = self.site.state if self.site else ABSENT
            self.site = Site.start(tree, self.places, self.ports, before)
            self.processes.adopt(self.site.recipe, self.site.process)
        return self.site

    def _edge(self, nginx: Mapping[str, Any]) -> None:
        running = self.processes.get("edge")
        if running is None:
            self._let_go("edge", *HOSTS)
            begun = self.processes.start(_recipe({"name": "edge", **nginx}, self.places))
            await_port(self.ports["updates"], READY_WITHIN, "edge", self.places.log("edge"))
            if begun.process.poll() is not None:  # then a stranger listens there
                raise Trouble(f"the edge did not start; see {self.places.log('edge')}")
        elif nginx["changed"]:
            reload(running.process.pid)

    def _let_go(self, *names: str) -> None:
        """Of ports that were kept from others for a process that starts now."""
        assert self.chosen is not None  # noqa: S101 - `start` chose before anything was carried out
        self.chosen.release(*names)

    def _freshen(self, began: float, *, others: bool) -> None:
        """Let everyone have what is live; `others`: whether something else was live before.

        Whoever asks anew has it at once. Only then what was on its way to the cache is waited for.
        """
        domains = self.live["domains"]
        caches = fresh.laptop_edge(self.places.edge / "cache", domains["updates"], domains["downloads"])
        check, serial = self.live["probe"], self.live["serial"]
        sharing = [each for each in self.live["endpoints"] if each["weight"] and _answers_installations(each)]
        origins = fresh.origins((each["port"] for each in sharing), check, serial)
        url = f"http://127.0.0.1:{self.ports['updates']}{check}"
        try:
            show(caches, [*origins, serial_of(url, serial, anew=True)])
            self.say(f"live: serial {serial}, {time.monotonic() - began:.1f} s after the commit was seen")
            if others:
                settle(caches, time.monotonic(), [serial_of(url, serial, anew=False)])
        except NotFresh as stale:
            self.trouble = [*self.trouble, str(stale)]
            self.say(f"{stale}; see {self.places.log('edge')}")


def up(repo: Path, say: Say, engine: str, *, with_site: bool = True) -> None:
    """Run the laptop of this checkout by the engine of this name until interrupted; its site is built behind the rest.

    Raises Trouble: one runs already, or it cannot start.
    """
    if engine not in ENGINES:
        raise Trouble(f"there is no engine {engine}; there are {' and '.join(ENGINES)}")
    places = Places(repo)
    with one_at_a_time(places), ended_by_signals():
        try:
            if engine == REAL:
                cli.needed()
            Laptop(places, say, engine, with_site).run()
        except (NoHistory, EngineError) as error:
            raise Trouble(str(error)) from None


@contextlib.contextmanager
def one_at_a_time(places: Places) -> Iterator[None]:
    """Hold the lock of this checkout's laptop."""
    places.state.mkdir(parents=True, exist_ok=True)
    lock = FileLock(places.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        running = status.report(places)
        where = running.get("hosts", {}).get("updates", {}).get("url", "it is still starting")
        raise Trouble(f"one is running already (pid {running.get('pid')}): {where}; ./inv down ends it") from None
    try:
        yield
    finally:
        lock.release()


def await_answer(
    url: str, seconds: float, name: str, log: Path, process: subprocess.Popen[bytes] | None = None
) -> None:
    """Wait until this URL answers with 200, or its process has ended. Raises Trouble with the place of the log."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process and process.poll() is not None:
            raise Trouble(f"{name} ends as soon as it is started; see {log}")
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=2).status_code == 200:
                return
        time.sleep(0.05)
    raise Trouble(f"{name} did not answer within {seconds:.0f} s; see {log}")


def await_port(port: int, seconds: float, name: str, log: Path) -> None:
    """Wait until something listens on this port. Raises Trouble with the place of the log."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise Trouble(f"{name} did not start within {seconds:.0f} s; see {log}")


def answers(entry: Mapping[str, Any]) -> bool:
    """Whether a process listens where it should; one without a port does as soon as it runs."""
    with contextlib.suppress(OSError):
        if "port" in entry:
            socket.create_connection(("127.0.0.1", entry["port"]), timeout=0.2).close()
        return True
    return False


def _entries(live: Mapping[str, Any]) -> dict[str, Any]:
    """What runs besides what always does, by name."""
    return {entry["name"]: entry for entry in (*live["endpoints"], *live.get("behind", ()))}


def _answers_installations(entry: Mapping[str, Any]) -> bool:
    return str(entry["name"]).startswith("endpoint-")


def _recipe(entry: Mapping[str, Any], places: Places) -> Recipe:
    name = str(entry["name"])
    cwd = Path(entry["cwd"]) if entry.get("cwd") else None
    return Recipe(name, tuple(entry["command"]), places.log(name), dict(entry.get("env", {})), cwd)


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end us as Ctrl-C does, so that nothing is left behind."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""The laptop that is broken: every way to break it. Each of them says at once how it is undone; `mend` undoes all.

Processes are named by how their names begin, such as endpoint-.
"""

import json
import math
import os
import re
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

import boto3
import psutil
import requests
from botocore.config import Config

from delivery.history import snapshot
from delivery.history.git import line
from delivery.laptop import edge
from delivery.laptop.faults import Fault, Faults
from delivery.laptop.places import Places
from delivery.laptop.processes import Recipe, end_all, family, launch, started
from delivery.laptop.status import running
from delivery.rules.assemble import assemble
from delivery.rules.catalog import HEAD_KEY, object_key
from delivery.rules.compile import Table, compile
from delivery.rules.facts import Facts
from delivery.rules.head import Head, peek
from delivery.rules.problem import Refused
from delivery.rules.read import read
from infra.names import Names

PATIENCE_S = 120.0  # for what is awaited, on a machine that does other things too
TICK_S = 0.05
WHO = {f"GIT_{role}_{what}": "drill" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
UNSIGNED = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "commit.gpgsign", "GIT_CONFIG_VALUE_0": "false"}


class NoDrill(Exception):  # noqa: N818 - what follows from it
    """The drill cannot go on; the text says why."""


@dataclass
class Subject:
    """One that runs, in a clone that may be thrown away. `older` is the head, sealed, and the catalog it had before."""

    repo: Path
    older: tuple[bytes, bytes] = (b"", b"")
    _undo: ExitStack = field(default_factory=ExitStack)

    def mend(self) -> None:
        """Undo everything, the last first."""
        self._undo.close()

    def undo(self, how: Callable[..., object], *arguments: object) -> None:
        """Something was broken; so it is mended."""
        self._undo.callback(how, *arguments)

    # -- what is there ------------------------------------------------------------------------------------------------

    @cached_property
    def places(self) -> Places:
        """Where it keeps its things."""
        return Places(self.repo)

    @cached_property
    def names(self) -> Names:
        """What its resources are called."""
        return Names.of(self.facts().product.value, "laptop")

    def facts(self) -> Facts:
        """Those of its HEAD. Raises Refused."""
        return _facts(self.repo, self._commit())

    def table(self) -> Table:
        """What its HEAD decides. Raises Refused."""
        return _table(self.repo, self._commit())

    def _commit(self) -> str:
        return line(self.repo, "rev-parse", "HEAD")

    def head(self) -> Head:
        """The live head."""
        return peek(self.read(HEAD_KEY), self.facts().product.value.head_keys("laptop"))

    def url(self, host: str) -> str:
        """Where a host is reached."""
        return str(running(self.places)["hosts"][host]["url"])

    def port(self, name: str) -> int:
        """Where a build's process listens."""
        known: dict[str, int] = json.loads(self.places.endpoints.read_text())
        return next(port for each, port in known.items() if each.startswith(name))

    def await_(self, wanted: Callable[[], bool], what: str) -> None:
        """Wait until it is so. Raises NoDrill."""
        deadline = time.monotonic() + PATIENCE_S
        while not wanted():
            if time.monotonic() > deadline:
                raise NoDrill(f"not within {PATIENCE_S:.0f} s: {what}; see {self.places.log('up')}")
            time.sleep(TICK_S)

    # -- processes ----------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Nothing that dies is started again."""
        supervisor = psutil.Process(running(self.places)["pid"])
        supervisor.suspend()
        self.undo(supervisor.resume)

    def kill(self, name: str) -> None:
        """End these processes, and what they started, without a warning. Raises NoDrill: there is none."""
        if not (found := self._processes(name)):
            raise NoDrill(f"there is no process {name} to be killed")
        _kill(found)

    def kill_on(self, name: str) -> None:
        """Kill them, and whatever is started in their place, again and again."""
        ending = threading.Event()

        def go_on() -> None:
            while not ending.wait(TICK_S):
                _kill(self._processes(name))

        thread = threading.Thread(target=go_on)
        self.undo(thread.join)
        self.undo(ending.set)
        thread.start()

    def freeze(self, name: str) -> None:
        """Let them hang. Raises NoDrill: there is none."""
        if not (found := self._processes(name)):
            raise NoDrill(f"there is no process {name} that could hang")
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                self.undo(_resume, process)

    def start_anew(self, name: str) -> None:
        """Kill them and wait until others answer in their place: they know nothing of what these had seen."""
        self.await_(lambda: bool(self.pids(name)), f"there is {name}")
        before = self.pids(name)
        self.kill(name)
        self.await_(lambda: bool(self._processes(name)) and not before & self.pids(name), f"{name} was started again")
        self.await_answer(name)

    def await_answer(self, name: str) -> None:
        """Wait until they listen."""
        self.await_(lambda: _answers(f"http://127.0.0.1:{self.port(name)}/healthz"), f"{name} answers")

    def await_trouble(self, name: str) -> None:
        """Wait until its last look at the store was of no use: then it has seen what was done there."""
        self.await_(lambda: self._metric(name, "look_trouble") == 1, f"{name} meets what is wrong in the store")

    def await_look(self, name: str) -> None:
        """Wait until it has looked at the store, from beginning to end."""
        before = self._metric(name, "looks_total")
        # The one that was under way may have seen less.
        self.await_(lambda: self._metric(name, "looks_total") >= before + 2, f"{name} looks at the store")

    def _metric(self, name: str, what: str) -> float:
        """A number of its page; nan while it does not answer, which is no number at all."""
        with suppress(requests.RequestException):
            said = requests.get(f"http://127.0.0.1:{self.port(name)}/metrics", timeout=2).text
            found = re.search(rf"^espice_{what} (\S+)$", said, re.MULTILINE)
            return float(found[1]) if found else math.nan
        return math.nan

    def await_listening(self, name: str, *, listening: bool = True) -> None:
        """Wait until something listens on this port of the laptop, or nothing any more."""
        port = json.loads(self.places.ports.read_text())[name]
        self.await_(lambda: _listens(port) is listening, f"{name} {'listens' if listening else 'is gone'}")

    def run_instead(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Another process in the place of this one, which gets this one's variables too, until it is mended."""
        before = self.pids(name)
        env = {**self._processes(name)[0].environ(), **env}
        self.hold()
        self.kill(name)
        self.await_(lambda: not any(map(started, before)), f"{name} is dead")
        recipe = Recipe(name, tuple(command), self.places.log(f"drill-{name}"), env, self.repo)
        process = launch(recipe, restore_signals=False)
        self.undo(end_all, [process])
        return process

    def edge_instead(self) -> int:
        """An edge like the one that runs, but which is not killed by a file that may not grow. Its process id."""
        command = (str(edge.binary()), "-p", str(self.places.edge), "-c", "nginx.conf")
        process = self.run_instead("edge", command, {})
        self.await_(lambda: _answers(f"{self.url('updates')}/healthz"), "the edge answers")
        return process.pid

    def no_files(self, *pids: int) -> None:
        """Whatever these and their children write into a file is refused, as by a full disk."""
        for process in (each for pid in pids for each in family(pid)):
            before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
            self.undo(_limit, process.pid, before)

    def tells(self, name: str) -> bool:
        """Whether it writes into its log what it tells of: a check that is wrongly asked, of which it is asked here."""
        log = self._log_of(name)
        before = log.stat().st_size
        asked = f"http://127.0.0.1:{self.port(name)}/v1/update/stable/linux/x86_64/0.0.0"
        if requests.post(asked, timeout=PATIENCE_S).status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            raise NoDrill(f"{name} takes a POST for an update check")
        return log.stat().st_size > before

    def _log_of(self, name: str) -> Path:
        entries = running(self.places)["processes"]
        return self.places.log(next(entry["name"] for entry in entries if entry["name"].startswith(name)))

    def pids(self, name: str) -> set[int]:
        """The ids of these processes, and of what they started."""
        return {process.pid for process in self._processes(name)}

    def _processes(self, name: str) -> list[psutil.Process]:
        entries = running(self.places).get("processes", ())
        pids = [int(entry["pid"]) for entry in entries if entry["name"].startswith(name)]
        return [process for pid in pids for process in family(pid)]

    # -- objects ------------------------------------------------------------------------------------------------------

    def read(self, key: str) -> bytes:
        """An object of the catalog's bucket."""
        data: bytes = self._s3.get_object(Bucket=self.names.catalog, Key=key)["Body"].read()
        return data

    def write(self, key: str, data: bytes) -> None:
        """Put an object into the catalog's bucket, whatever lies there."""
        self.undo(self._forget, key, self._versions(key))
        self._s3.put_object(Bucket=self.names.catalog, Key=key, Body=data)

    def delete(self, key: str) -> None:
        """Take an object out of the catalog's bucket."""
        self.undo(self._forget, key, self._versions(key))
        self._s3.delete_object(Bucket=self.names.catalog, Key=key)

    def catalog_key(self) -> str:
        """Where the live catalog lies."""
        return object_key(self.head().sha256)

    def fail(self, fault: Fault) -> None:
        """From now on its AWS does this."""
        faults = Faults(self.places.faults)
        self.undo(faults.clear)
        faults.put("drill", fault)

    def await_met(self) -> None:
        """Wait until a request met the fault."""
        self.await_(lambda: Faults(self.places.faults).was_met("drill"), "a request met the fault")

    def work_again(self) -> None:
        """Its AWS does nothing wrong any more."""
        Faults(self.places.faults).clear()

    @cached_property
    def _s3(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{json.loads(self.places.ports.read_text())['aws']}",
            region_name="us-east-1",
            aws_access_key_id="drill",
            aws_secret_access_key="drill",  # noqa: S106 - moto asks for none, boto3 for any
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}),
        )

    def _versions(self, key: str) -> set[str]:
        """The ids of all that ever lay there, marks of deletions too: applies and halts look at older ones."""
        found = self._s3.list_object_versions(Bucket=self.names.catalog, Prefix=key)
        return {each["VersionId"] for what in ("Versions", "DeleteMarkers") for each in found.get(what, ())}

    def _forget(self, key: str, kept: set[str]) -> None:
        """Let no other version have been there than these, whoever wrote it; so the last of them is there again."""
        for version in self._versions(key) - kept:
            self._s3.delete_object(Bucket=self.names.catalog, Key=key, VersionId=version)

    # -- commits ------------------------------------------------------------------------------------------------------

    def commit(self, *typed: str) -> None:
        """Type a verb that writes a fact and commits it."""
        self._back_later()
        inv(self.repo, *typed, "--commit")

    def commit_file(self, path: str, more: str) -> None:
        """Commit a file with more at its end."""
        self._back_later()
        with (self.repo / path).open("a") as file:
            file.write(more)
        line(self.repo, *AS_DRILL, "commit", "-qam", f"Drill: {path}")

    def back(self, commit: str) -> None:
        """Go back to a commit, as only a laptop's history may."""
        line(self.repo, "reset", "-q", "--hard", commit)

    def await_live(self) -> None:
        """Wait until HEAD is live."""
        commit = self._commit()
        self.await_(lambda: running(self.places).get("commit") == commit, "HEAD is live")

    def await_refused(self) -> None:
        """Wait until HEAD was tried. Raises NoDrill: nothing of it was refused."""
        commit = self._commit()
        self.await_(lambda: running(self.places).get("tried") == commit, "HEAD was tried")
        if not running(self.places).get("trouble"):
            raise NoDrill("HEAD was to be refused, and went live")

    def is_live(self) -> bool:
        """Whether HEAD is."""
        return bool(running(self.places).get("commit") == self._commit())

    def _back_later(self) -> None:
        self.undo(self.await_live)
        self.undo(self.back, self._commit())


AS_DRILL = ("-c", "user.name=drill", "-c", "user.email=drill@espice.localhost", "-c", "commit.gpgsign=false")


@cache
def _facts(repo: Path, commit: str) -> Facts:
    facts, problems = read(snapshot.at_commit(repo, commit))
    if facts is None:
        raise Refused(problems)
    return facts


@cache
def _table(repo: Path, commit: str) -> Table:
    return compile(assemble(_facts(repo, commit), "laptop"))


def inv(repo: Path, *typed: str) -> None:
    """Type a task. Raises NoDrill with what it printed."""
    command = [sys.executable, "-m", "invoke", *typed]
    done = subprocess.run(
        command, cwd=repo, env={**os.environ, **WHO, **UNSIGNED}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NoDrill(f"./inv {' '.join(typed)} says: {(done.stdout + done.stderr).strip()}")


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _resume(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.resume()


def _limit(pid: int, limits: tuple[int, int]) -> None:
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def _answers(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(url, timeout=2).status_code == 200
    return False

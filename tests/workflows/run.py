"""Carries out a workflow on this machine as GitHub would: its jobs one after the other, each step of them for real.

What reaches GitHub or a cloud is the place's matter: a stand-in. An action that is not known here is an error, and so
is an expression; nothing is left out in silence.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from tests import nodes
from tests.workflows.expressions import STATUS, Strict, filled, holds
from tests.workflows.files import OURS, ROOT, Yaml, action, legs, workflow

PATIENCE = 400  # seconds that a step may take


class Place(Protocol):
    """Where workflows run: the repository at GitHub, what people set for it there, and the clouds."""

    github: Mapping[str, Any]  # what the context of that name has in every run
    variables: Mapping[str, str]
    secrets: Mapping[str, Mapping[str, str]]  # by environment
    settings: Mapping[str, Mapping[str, str]]  # variables of environments

    def env(self) -> Mapping[str, str]:
        """What a process needs here to reach the stand-ins."""

    def clone(self, folder: Path, commit: str, depth: int, token: str) -> str:
        """Check a commit or main out, and say which commit that is."""

    def token(self, permissions: Mapping[str, str]) -> str:
        """What a job's own token is, with these rights."""

    def app_token(self, key: str, permissions: Mapping[str, str]) -> str:
        """An App's token with these rights, for its private key."""

    def sign_in(self, role: str, environment: str) -> Mapping[str, str]:
        """See that AWS would let a job in this environment of GitHub take the role on; what a process has by it."""


@dataclass
class Step:
    """A step that was carried out: what it printed, and how long it took in seconds."""

    what: str
    status: int = 0
    said: str = ""
    seconds: float = 0.0


@dataclass
class Job:
    """A job that ended: success, failure or skipped."""

    result: str
    outputs: Strict = field(default_factory=Strict)
    steps: list[Step] = field(default_factory=list)
    needs: tuple[str, ...] = ()
    summary: str = ""

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)


@dataclass
class Run:
    """A workflow that ended."""

    jobs: dict[str, list[Job]]  # one for each leg of a matrix

    @property
    def results(self) -> dict[str, str]:
        return {name: _together(found) for name, found in self.jobs.items()}

    def expect_success(self) -> None:
        """Of each job that was not left out."""
        assert {*self.results.values()} <= {"success", "skipped"}, self.said

    @property
    def said(self) -> str:
        """All that was printed."""
        return "\n".join(
            f"{name}: {step.what} -> {step.status} ({step.seconds:.1f} s)\n{step.said}"
            for name, found in self.jobs.items()
            for job in found
            for step in job.steps
        )

    @property
    def summary(self) -> str:
        return "".join(job.summary for found in self.jobs.values() for job in found)

    def seconds(self, name: str) -> float:
        """How long it took until a job had ended, where each began as soon as those it needs had."""
        [*found] = self.jobs[name]
        return max(job.seconds for job in found) + max((self.seconds(each) for each in found[0].needs), default=0.0)


def run(place: Place, name: str, folder: Path, event: str, sha: str, **said: Any) -> Run:
    """Carry it out after an event at a commit.

    `said` are the `inputs` of a dispatch, the `payload` of the event, and `only` the one job that is to be carried out.
    """
    asked, done = workflow(name), Run({})
    only = said.get("only")
    inputs, payload = said.get("inputs"), said.get("payload", {})
    event_said = {"repository": {"name": place.github["repository"].partition("/")[2]}, **payload}
    github = {**place.github, "event_name": event, "sha": sha, "event": event_said, "run_id": "1", "workflow": name}
    base = {"github": Strict(github), "inputs": inputs or {}, "vars": Strict(place.variables), "runner": _RUNNER}
    for job_name, job in _in_order({k: v for k, v in asked["jobs"].items() if only in (None, k)}):
        needs = tuple([job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", ()))
        contexts = {**base, "needs": Strict({each: _needed(done.jobs[each]) for each in needs})}
        before = {done.results[each] for each in _behind(asked["jobs"], needs)}
        status = _status(lambda before=before: before <= {"success"}, lambda before=before: "failure" in before)
        if not holds(job.get("if", ""), contexts, {**_FUNCTIONS, **status}):
            done.jobs[job_name] = [Job("skipped", needs=needs)]
            continue
        done.jobs[job_name] = [
            _Leg(place, folder / f"{job_name}-{number}", asked, job, {**contexts, "matrix": Strict(leg)}).run(needs)
            for number, leg in enumerate(legs(job))
        ]
    return done


def _in_order(jobs: Yaml) -> Iterator[tuple[str, Yaml]]:
    """Each after those that it needs."""
    left = dict(jobs)
    while left:
        name = next(each for each in left if not {*_behind(jobs, (each,))} - {each} & {*left})
        yield name, left.pop(name)


def _behind(jobs: Yaml, names: tuple[str, ...]) -> set[str]:
    """These, and all that they need, and so on."""
    found = set(names)
    for name in names:
        needs = jobs[name].get("needs", ())
        found |= _behind(jobs, (needs,) if isinstance(needs, str) else tuple(needs))
    return found


def _together(found: list[Job]) -> str:
    results = {job.result for job in found}
    return "failure" if "failure" in results else results.pop()


def _needed(found: list[Job]) -> Strict:
    outputs = {name: value for job in found for name, value in job.outputs.items()}
    return Strict(result=_together(found), outputs=outputs)


def _status(well: Callable[[], bool], failed: Callable[[], bool]) -> dict[str, Callable[..., Any]]:
    return dict(zip(STATUS, (well, failed, lambda: False, lambda: True), strict=True))


def _hash_files(*names: str) -> str:
    return sha256(b"".join((ROOT / name).read_bytes() for name in names)).hexdigest()


_RUNNER = Strict(os="Linux")
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {"hashFiles": _hash_files}


class _Leg:
    """One job in one folder, as on a machine that nothing was on before."""

    def __init__(self, place: Place, folder: Path, asked: Yaml, job: Yaml, contexts: Mapping[str, Any]) -> None:
        self.place, self.folder, self.job = place, folder, job
        self.repo, self.home = folder / "repo", folder / "home"
        for each in (self.repo, self.home):
            each.mkdir(parents=True)
        self.permissions: Mapping[str, str] = job["permissions"]
        self.environment = filled(job.get("environment", ""), contexts, _FUNCTIONS)
        self.done = Job("success")
        self.account: Mapping[str, str] = {}
        token = place.token(self.permissions)
        github = Strict({**contexts["github"], "token": token})
        secrets = Strict(place.secrets[self.environment] if self.environment else {})
        variables = Strict({**contexts["vars"], **place.settings.get(self.environment, {})})
        self.contexts = {**contexts, "github": github, "secrets": secrets, "vars": variables}
        self.env = {**self._filled(asked.get("env", {})), **self._filled(job.get("env", {}))}

    def run(self, needs: tuple[str, ...]) -> Job:
        outputs = self._steps(self.job["steps"], {})
        self.done.outputs = Strict(
            {name: filled(text, outputs, _FUNCTIONS) for name, text in self.job.get("outputs", {}).items()}
        )
        self.done.needs = needs
        shutil.rmtree(self.folder)
        return self.done

    def _steps(self, steps: list[Yaml], given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Those of the job, or of an action with these inputs; says what is known after them."""
        contexts = {**self.contexts, **given, "steps": {}}
        well = partial(lambda: self.done.result == "success")
        functions = {**_FUNCTIONS, **_status(well, lambda: not well())}
        for step in steps:
            if holds(step.get("if", ""), contexts, functions):
                outputs = self._step(step, contexts)
                contexts["steps"] = {**contexts["steps"], step.get("id", ""): {"outputs": outputs}}
        return contexts

    def _step(self, step: Yaml, contexts: Mapping[str, Any]) -> Mapping[str, str]:
        used = {name: filled(value, contexts, _FUNCTIONS) for name, value in step.get("with", {}).items()}
        if (uses := step.get("uses", "")).startswith(OURS):
            ours = action(uses)
            inputs = {name: str(each.get("default", "")) for name, each in ours["inputs"].items()}
            self._steps(ours["runs"]["steps"], {"inputs": Strict({**inputs, **used})})
            return {}
        if uses:
            known = uses.partition("@")[0]
            return self._timed(Step(known), lambda: _ACTIONS[known](self, used))
        env = {name: filled(value, contexts, _FUNCTIONS) for name, value in step.get("env", {}).items()}
        noted = Step(step["run"].strip())
        return self._timed(noted, lambda: self._shell(step["run"], env, noted))

    def _timed(self, noted: Step, carry_out: Callable[[], Mapping[str, str]]) -> Mapping[str, str]:
        began = time.monotonic()
        self.done.steps.append(noted)
        try:
            return carry_out()
        finally:
            noted.seconds = time.monotonic() - began
            if noted.status:
                self.done.result = "failure"

    def _shell(self, script: str, env: Mapping[str, str], noted: Step) -> Mapping[str, str]:
        outputs, summary, text = (self.folder / name for name in ("outputs", "summary", "script"))
        for file in (outputs, summary):
            file.write_text("")
        text.write_text(script)
        told = {
            **self.place.env(),
            **self.account,
            "HOME": str(self.home),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(summary),
            **{f"GITHUB_{name.upper()}": self.contexts["github"][name] for name in _TOLD},
        }
        ended = subprocess.run(
            ["bash", "-e", str(text)],
            cwd=self.repo,
            env={**told, **self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        noted.status, noted.said = ended.returncode, ended.stdout
        self.done.summary += summary.read_text()
        return dict(line.split("=", 1) for line in outputs.read_text().splitlines())

    def _filled(self, env: Yaml) -> dict[str, str]:
        return {name: filled(value, self.contexts, _FUNCTIONS) for name, value in env.items()}

    # --- actions of others ------------------------------------------------------------------------------------

    def _checkout(self, used: Mapping[str, str]) -> Mapping[str, str]:
        assert used["persist-credentials"] == "false"
        ref, depth = used.get("ref") or self.contexts["github"]["sha"], int(used.get("fetch-depth", 1))
        commit = self.place.clone(self.repo, ref, depth, self.contexts["github"]["token"])
        _set_up(self.repo)
        return {"commit": commit, "ref": ref}

    def _python(self, used: Mapping[str, str]) -> Mapping[str, str]:
        return {"python-version": used["python-version"]}

    def _cache(self, _: Mapping[str, str]) -> Mapping[str, str]:
        return {"cache-hit": "false"}

    def _aws(self, used: Mapping[str, str]) -> Mapping[str, str]:
        assert self.permissions.get("id-token") == "write"
        self.account = self.place.sign_in(used["role-to-assume"], self.environment)
        return {}

    def _app(self, used: Mapping[str, str]) -> Mapping[str, str]:
        assert used["client-id"]
        rights = {name.removeprefix("permission-"): right for name, right in used.items() if "permission-" in name}
        return {"token": self.place.app_token(used["private-key"], rights)}

    def _upload(self, used: Mapping[str, str]) -> Mapping[str, str]:
        assert all((self.repo / path).exists() for path in used["path"].split())
        return {}


_TOLD = ("api_url", "repository", "sha", "run_id", "server_url", "event_name", "workflow", "ref")
_ACTIONS: Mapping[str, Callable[[_Leg, Mapping[str, str]], Mapping[str, str]]] = {
    "actions/checkout": _Leg._checkout,
    "actions/setup-python": _Leg._python,
    "actions/cache": _Leg._cache,
    "actions/upload-artifact": _Leg._upload,
    "aws-actions/configure-aws-credentials": _Leg._aws,
    "actions/create-github-app-token": _Leg._app,
}


def _set_up(repo: Path) -> None:
    """As ./inv would have set it up on its first use, from this checkout's own environment: that takes a minute.

    So with Node and the site's packages: a job's environment has nothing of how this machine reaches an index.
    """
    nodes.lend(repo)
    here, there = Path(sys.prefix), repo / ".venv"
    there.mkdir(exist_ok=True)
    for name in ("bin", "lib", "pyvenv.cfg"):
        (there / name).symlink_to(here / name)
    asked = f"import runpy; print(runpy.run_path({str(repo / 'inv')!r})['fingerprint'](), end='')"
    said = subprocess.run([there / "bin/python", "-c", asked], capture_output=True, text=True, check=True).stdout
    (there / "requirements.sha256").write_text(said)

"""Tests, lint, locks and benchmarks: the same here, in continuous integration and in a commit hook."""

import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from invoke import Context

ROOT = Path(__file__).resolve().parents[2]
CODE = "delivery infra policies clients tests benchmarks tasks.py inv"

# The markers of tests that need more than Python and git; where it is missing, they say which task gets it.
SUITES = ("engine", "client", "site")

# The rooms of tests without a fast one, which need not even be looked through.
SLOW = ("clients", "laptop", "site")


def test(c: Context, fast: bool, require: str, pattern: str, shard: str) -> int:
    """pytest, in parallel. Returns its exit status."""
    unknown = sorted(set(filter(None, require.split(","))) - set(SUITES))
    if unknown:
        print(f"there is no suite {', '.join(unknown)} to require; suites: {', '.join(SUITES)}", file=sys.stderr)
        return 2
    if shard and not _is_shard(shard):
        print(f"there is no shard {shard}; write which of how many, as in 2/3", file=sys.stderr)
        return 2
    workers = 2 if fast else 3  # on two cores: tests that start the system mostly wait
    parts = [sys.executable, f"-m pytest -q -n {workers} --dist loadgroup"]
    if fast:
        parts += ["-m 'not laptop and not slow'", *(f"--ignore=tests/{each}" for each in SLOW)]
    if pattern:
        parts.append(f"-k {shlex.quote(pattern)}")
    env = {"ESPICE_REQUIRED_SUITES": require, "ESPICE_FAST": str(int(fast)), "ESPICE_SHARD": shard}
    env |= {"PYTHONDONTWRITEBYTECODE": ""}  # pytest keeps what it compiled, or does so again in each of its processes
    return _run(c, " ".join(parts), env=env)


def lint(c: Context) -> int:
    """Every check that needs no run; all of them, even if one fails."""
    commands = [
        f"ruff format --check --quiet {CODE}",
        f"ruff check --quiet {CODE}",
        "mypy --no-error-summary",
        "lint-imports --no-cache",
        "zizmor --offline --quiet .github",
        "actionlint",
    ]
    failed = [command for command in commands if _run(c, command, quiet=command.startswith("lint-imports"))]
    failed += _hosts_in_locks()
    for command in failed:
        print(f"failed: {command}", file=sys.stderr)
    print(f"{len(commands) + 1 - len(failed)} of {len(commands) + 1} checks passed")
    return 1 if failed else 0


def fmt(c: Context) -> int:
    """Format, then fix."""
    return max(_run(c, f"ruff check --quiet --fix {CODE}"), _run(c, f"ruff format --quiet {CODE}"))


def lock(c: Context) -> int:
    """Compile the dependency groups; the small files are subsets of the large one."""
    options = "--quiet --universal --generate-hashes --no-header --no-annotate"
    status = _run(c, f"uv pip compile {options} --group all pyproject.toml -o requirements/all.txt")
    for group in ("bootstrap", "endpoint", "container", "console", "events"):
        constraint = "--constraint requirements/all.txt"
        status = status or _run(
            c, f"uv pip compile {options} {constraint} --group {group} pyproject.toml -o requirements/{group}.txt"
        )
    return status or _run(c, f"uv pip compile {options} --group node pyproject.toml -o requirements/node.txt")


def bench(c: Context, name: str) -> int:
    """Run one benchmark or all."""
    found = [path.stem for path in sorted((ROOT / "benchmarks").glob("*.py")) if path.stem != "measure"]
    if name and name not in found:
        print(f"there is no benchmark {name}; there are {', '.join(found)}", file=sys.stderr)
        return 2
    chosen = [name] if name else found
    return max((_run(c, f"{sys.executable} -m benchmarks.{stem}") for stem in chosen), default=0)


def mutate(c: Context, name: str) -> int:
    """Take each rule away in turn; a script of the tests does it, for nothing here knows a test."""
    return _run(c, f"{sys.executable} -m tests.mutate {shlex.quote(name)}")


def _is_shard(shard: str) -> bool:
    found = re.fullmatch(r"(\d{1,3})/(\d{1,3})", shard, re.ASCII)
    return found is not None and 1 <= int(found[1]) <= int(found[2])


def _hosts_in_locks() -> list[str]:
    """A lock that names a host ties everybody to it."""
    named = [path.name for path in (ROOT / "requirements").glob("*.txt") if re.search(r"https?://", path.read_text())]
    return [f"requirements/{name} names a host; write it by ./inv lock" for name in named]


def _run(c: Context, command: str, *, quiet: bool = False, env: Mapping[str, str] | None = None) -> int:
    with c.cd(str(ROOT)):
        hide = "both" if quiet else None
        result = c.run(command, warn=True, hide=hide, pty=False, in_stream=False, env=dict(env or {}))
    if result is None:
        return 1
    if quiet and result.exited:
        print(result.stdout + result.stderr, file=sys.stderr)
    return int(result.exited)

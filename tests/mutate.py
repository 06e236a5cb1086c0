"""Takes each rule away in turn and sees that a test goes red: `./inv mutate`, or `python -m tests.mutate`.

Of the check: each rule of check.CHECKS is replaced by one that says nothing. Of the decision: each take-away and each
turn, by a small edit of decide.py, compile.py or timeline.py. The edits are made in a copy of the tree, so the checkout
is never touched; the tests that could notice run until the first is red.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RULES = "delivery/rules"
DECIDING = (
    "tests/unit/rules/test_decide.py",
    "tests/unit/rules/test_timeline.py",
    "tests/unit/rules/test_compile.py",
    "tests/unit/rules/test_assemble.py",
    "tests/world/test_scenarios.py",
    "tests/unit/artifacts/test_manifests.py",
    "tests/unit/rules/test_decide_properties.py",
)
SILENT = '\n\ndef {name}(change):  # type: ignore[no-untyped-def]\n    """Says nothing."""\n    return iter(())\n'


@dataclass(frozen=True, slots=True)
class Mutation:
    """One thing taken away: a file, and what becomes of its text."""

    name: str
    path: str
    edit: Callable[[str], str]
    tests: tuple[str, ...]


def replaced(name: str, path: str, old: str, new: str) -> Mutation:
    """A mutation of one text that stands once in a file of the rules."""

    def edit(text: str) -> str:
        if text.count(old) != 1:
            raise SystemExit(
                f"{path} holds {text.count(old)} times what {name!r} takes away; mend tests/mutate.py:\n{old}"
            )
        return text.replace(old, new)

    return Mutation(name, f"{RULES}/{path}", edit, DECIDING)


DECISION = (
    replaced("removed versions are offered", "decide.py", "if candidate.removed:", "if False:"),
    replaced("superseded versions are offered", "decide.py",
             "if candidate.superseded and candidate.superseded[0] <= moment:", "if False:"),
    replaced("blocked edges are offered", "decide.py", "if block.source.holds_key(key):", "if False:"),
    replaced("minimum systems do not count", "decide.py",
             "if candidate.minimum_os is not None and not _is_new_enough", "if False and not _is_new_enough"),
    replaced("no system is new enough", "decide.py", "return stated is not None and stated >= least",
             "return stated is None or stated >= least"),
    replaced("what failed is offered again", "decide.py", "if request.failed == candidate.version:", "if False:"),
    replaced("dead ends are offered", "decide.py",
             "if cell.deadends and (fact := cell.deadends.get(request.version)):",
             "if cell.deadends and (fact := cell.deadends.get(request.version)) and False:"),
    replaced("barriers are passed", "decide.py",
             "elif gateway is not None and (closed or candidate.key > gateway.key):",
             "elif gateway is not None and closed:"),
    replaced("closed barriers are open below", "decide.py", "(closed or candidate.key > gateway.key)",
             "(candidate.key > gateway.key)"),
    replaced("barriers are for everybody", "decide.py", "if gateway.key > key and key < gateway.below",
             "if gateway.key > key"),
    replaced("a barrier elsewhere closes everything", "decide.py",
             "return gateway.candidate is not None and _taken_away", "return gateway.candidate is None or _taken_away"),
    replaced("-next is as the channel", "decide.py", "elif ahead and candidate.version == cell.newest:", "elif False:"),
    replaced("-next is ahead in everything", "decide.py", "elif ahead and candidate.version == cell.newest:",
             "elif ahead:"),
    replaced("0 % is a step", "decide.py", "if stage is None or (stage.permille == 0 and not stage.held):",
             "if stage is None:"),
    replaced("critical passes holds", "decide.py",
             "if not stage.held and (first := _first(candidate, request, key, moment)) is not None:",
             "if (first := _first(candidate, request, key, moment)) is not None:"),
    replaced("nothing is offered instead", "decide.py", "    if candidate.instead:\n        return Rule.instead",
             "    if False:\n        return Rule.instead"),
    replaced("nobody is admitted first", "decide.py", "if version == request.version:", "if False:"),
    replaced("critical is for everybody", "decide.py", "if key < below and since <= moment:", "if since <= moment:"),
    replaced("critical is always", "decide.py", "if key < below and since <= moment:", "if key < below:"),
    replaced("nobody is held back", "decide.py",
             "if not request.manual and (kept := _kept_back(candidate, request, key, moment)) is not None:",
             "if (kept := _kept_back(candidate, request, key, moment)) is not None and False:"),
    replaced("manual checks are held back", "decide.py", "if not request.manual and (kept", "if (kept"),
    replaced("cohorts do not count", "decide.py",
             "if request.cohort is not None and ranks(candidate.salt)[request.cohort] < permille:", "if False:"),
    replaced("one cohort more", "decide.py", "ranks(candidate.salt)[request.cohort] < permille:",
             "ranks(candidate.salt)[request.cohort] <= permille:"),
    replaced("manual passes holds", "decide.py", "    if held:\n        return Reason.held\n", ""),
    replaced("manual does not count", "decide.py", "    if request.manual:\n        return Rule.manual\n", ""),
    replaced("no cohort is the first", "decide.py",
             "return Reason.no_cohort if request.cohort is None else Reason.later_cohort",
             "return Rule.cohort if request.cohort is None else Reason.later_cohort"),
    replaced("downgrades need no accept", "decide.py",
             'if not cell.downgrades or "downgrade" not in request.accepts or', "if not cell.downgrades or"),
    replaced("downgrades pass take-aways", "decide.py",
             "return None if _taken_away(candidate, request, key, moment) else Verdict", "return Verdict"),
    replaced("downgrades need not be at 100 %", "decide.py",
             "if candidate.version == version and _is_for_all(candidate, moment):",
             "if candidate.version == version:"),
    replaced("visitors get what is gone", "decide.py", "if not _gone(each, moment) and _is_for_all(each, moment)",
             "if _is_for_all(each, moment)"),
    replaced("visitors get partial rollouts", "decide.py", "if not _gone(each, moment) and _is_for_all(each, moment)",
             "if not _gone(each, moment)"),
    replaced("warnings are lost", "decide.py", "if each.source.holds_key(key))", "if False)"),
    replaced("targets do not count", "compile.py",
             "if offering.targets is not None and target not in offering.targets:", "if False:"),
    replaced("unsigned bundles are candidates", "compile.py",
             'and artifact.signature:  # nothing unsigned is a candidate', ":"),
    replaced("withdrawals are for every channel", "compile.py", "self.removals.get((channel, version)) or",
             "next((gone for (_, name), gone in self.removals.items() if name == version), None) or"),
    replaced("stops of a channel do not count", "compile.py", " or self.removals.get((channel, None))", ""),
    replaced("holds revive what was superseded", "compile.py", "if each.supersedes and each.began}",
             "if each.supersedes and each.began and any(stage.permille for stage in each.stages)}"),
    replaced("instead revives nothing", "compile.py", "None if instead else self._superseded(offering)",
             "self._superseded(offering)"),
    replaced("reissues admit nobody", "compile.py", "if each.reissue == offering.version:", "if False:"),
    replaced("blocks are for all targets", "compile.py",
             "applies = block.targets is None or target in block.targets", "applies = True"),
    replaced("warnings block", "compile.py", "if block.effect == effect and applies", "if applies"),
    replaced("barriers are for all targets", "compile.py",
             "if barrier.targets is None or target in barrier.targets]", "]"),
    replaced("holdbacks never end", "compile.py", "if cohort is None or not self.start <= moment < self.end:",
             "if cohort is None or not self.start <= moment:"),
    replaced("holdbacks are for every version", "compile.py",
             "ranks(self.salt)[cohort] < self.permille and self.versions.holds_key(version)",
             "ranks(self.salt)[cohort] < self.permille"),
    replaced("12.0 is above 12", "compile.py", 'while len(parts) > 1 and not parts[-1].strip("0"):', "while False:"),
    replaced("gates need no pass", "timeline.py", "return None if found is None else max(",
             "return step.at if found is None else max("),
    replaced("a pass counts before its time", "timeline.py", "else max(step.at, rollout.steps[found].at)",
             "else step.at"),
    replaced("steps overtake", "timeline.py", "if blocked is not None or since is None:", "if since is None:"),
    replaced("holds raise", "timeline.py", "min(reached.permille, most) if reached else 0", "most if reached else 0"),
    replaced("holds keep what was", "timeline.py", "min(reached.permille, most) if reached else 0",
             "reached.permille if reached else 0"),
    replaced("holds wait for the clock", "timeline.py",
             "replace(stage, permille=min(stage.permille, most), held=True, fact=fact) for stage in begun",
             "stage for stage in begun"),
    replaced("holds void nothing", "timeline.py", "if stage.at <= hold.at)", ")"),
    replaced("a hold keeps the pass of a voided step", "timeline.py",
             "        if isinstance(line, Hold):\n            return None\n", ""),
    replaced("ramps are steps", "timeline.py", "return hours(step.over) * 3600 if step.over else 0", "return 0"),
    replaced("ramps go on behind the next line", "timeline.py",
             "            if ends is not None and at > ends:\n                break\n", ""),
    replaced("what is lifted takes away", "assemble.py", "if facts[name].value.lifted is None)", ")"),
    replaced("decided holdbacks go on", "assemble.py", "None if decided else fact.holdback", "fact.holdback"),
)  # fmt: skip


def rules() -> Iterator[Mutation]:
    """Each rule of the check, silenced. The tests of its theme run first, then all tests of rules and of the world."""
    from delivery.rules.check import CHECKS

    for rule in CHECKS:
        path = str(rule.__module__).replace(".", "/") + ".py"
        theme = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/unit/rules").glob("test_check*.py"))
        name = rule.__name__
        own = [test for test in theme if name in (ROOT / test).read_text()]
        yield Mutation(
            f"check: {name}",
            path,
            lambda text, name=name: text + SILENT.format(name=name),  # type: ignore[misc]
            (*own, *(test for test in theme if test not in own), "tests/world/test_wrong_changes.py"),
        )


def is_noticed(mutation: Mutation, tree: Path) -> tuple[bool, str]:
    """Whether a test goes red in this tree, and which (or that none does)."""
    file = tree / mutation.path
    text = file.read_text()
    file.write_text(mutation.edit(text))
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-W", "ignore", "--no-header",
             "-m", "not slow and not laptop", *mutation.tests],
            cwd=tree, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    finally:
        file.write_text(text)
    if run.returncode not in (0, 1):
        raise SystemExit(f"{mutation.name}: the tests could not run\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    red = next((line for line in run.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))), "")
    return run.returncode == 1 and bool(red), red.removeprefix("FAILED ").split(" - ")[0]


def main(pattern: str = "") -> int:
    """Run the mutations whose names hold the pattern; print a line for each, and those that nobody noticed."""
    chosen = [mutation for mutation in (*DECISION, *rules()) if pattern in mutation.name]
    unnoticed = []
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(
            ROOT, tree, ignore=shutil.ignore_patterns(".git", ".state", ".venv", "node_modules", "__pycache__")
        )
        for mutation in chosen:  # all of them before the first runs: a text that moved is found at once
            mutation.edit((tree / mutation.path).read_text())
        for mutation in chosen:
            noticed, test = is_noticed(mutation, tree)
            print(f"{'red  ' if noticed else 'GREEN'}  {mutation.name:60}  {test}", flush=True)
            unnoticed += [] if noticed else [mutation.name]
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} were noticed" + "".join(f"\n  not: {n}" for n in unnoticed))
    return 1 if unnoticed else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2]))

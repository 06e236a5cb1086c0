"""The verbs as people type them: one file each, shown with its plan and staged or committed; or refused."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import tasks
from delivery.artifacts import samples
from delivery.laptop import keys
from delivery.rules.read import read
from tests.laptop.system import copy_of_this_repository, env, git, now

pytestmark = pytest.mark.slow

ROLLOUT = "releases/rollouts/stable/1.4.0.yaml"
BETA = "releases/rollouts/beta/1.4.0.yaml"
WHY = ("--reason", "crashes at start")
BLOCK = ("block", "gtk", "--from", ">=1.2.0 <1.3.1", "--to", ">=1.4.0 <1.4.2", *WHY, "--owner", "@linux")
RELEASE = ("--source-commit", "2591df7790c6774a2e2089450479311aecb14163", "--run", "https://ci.espice.app/1")


@dataclass(frozen=True)
class Said:
    """How a task ended, and what it printed."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Checkout:
    """A copy of this repository, in which tests type."""

    repo: Path

    def inv(self, *arguments: str) -> Said:
        """Type `./inv …`; no task ever answers with a traceback."""
        typed = [sys.executable, "-m", "invoke", *arguments]
        done = subprocess.run(typed, cwd=self.repo, capture_output=True, text=True, check=False, env=env())
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    def changed(self) -> list[str]:
        return git(self.repo, "status", "--porcelain", "--untracked-files=all").splitlines()

    def text(self, path: str) -> str:
        return (self.repo / path).read_text()

    def write(self, path: str, text: str) -> None:
        file = self.repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture(scope="module")
def one_checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(copy_of_this_repository(tmp_path_factory.mktemp("espice")))


@pytest.fixture
def checkout(one_checkout: Checkout) -> Iterator[Checkout]:
    """What a test does in it is taken back."""
    before = git(one_checkout.repo, "rev-parse", "HEAD").strip()
    yield one_checkout
    git(one_checkout.repo, "reset", "-q", "--hard", before)
    git(one_checkout.repo, "clean", "-qfd")


VERBS = "release start raise pass hold resume withdraw stop lift block barrier deadend freeze critical notice conclude"
TYPED = {
    "raise": (("raise", "stable", "25", "--over", "24h", "--at", now(120)), ROLLOUT),
    "hold": (("hold", "stable", *WHY), ROLLOUT),
    "critical": (("critical", "stable", "--below", "1.3.0", *WHY), ROLLOUT),
    "withdraw": (("withdraw", "1.4.0", *WHY), "releases/withdrawals/1.4.0.yaml"),
    "stop": (("stop", "stable", "--version", "1.4.0", *WHY), f"releases/stops/{now()[:10]}-stable.yaml"),
    "lift": (("lift", "withdrawal", "1.4.0-beta.1", *WHY), "releases/withdrawals/1.4.0-beta.1.yaml"),
    "block": ((*BLOCK, "--review-by", "2027-01-31"), "releases/blocks/gtk.yaml"),
    "barrier": (("barrier", "1.3.0", "--below", "1.3.0", *WHY), "releases/barriers/1.3.0.yaml"),
    "freeze": (
        ("freeze", "holidays", "--from", "2027-12-20T00:00:00Z", "--until", "2027-12-31T00:00:00Z", *WHY),
        "releases/freezes/holidays.yaml",
    ),
    "notice": (("notice", "news", "--versions", "<1.3.0", "--text", "Please update."), "releases/notices/news.yaml"),
}


@pytest.mark.parametrize("verb", TYPED)
def test_a_verb_shows_its_lines_and_its_plan_and_with_dry_run_writes_nothing(checkout: Checkout, verb: str) -> None:
    typed, path = TYPED[verb]
    said = checkout.inv(*typed, "--dry-run", "--commit")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"{path}\n+ ")
    assert "Plan for laptop at" in said.out
    assert said.out.endswith("dry run: nothing was written\n")
    assert checkout.changed() == []


@pytest.mark.parametrize("verb", ["raise", "lift", "block"])
def test_a_commit_is_one_file_to_which_lines_were_only_added(checkout: Checkout, verb: str) -> None:
    typed, path = TYPED[verb]
    said = checkout.inv(*typed, "--commit")
    assert (said.status, said.err) == (0, "")
    added, removed, name = git(checkout.repo, "show", "--numstat", "--format=", "HEAD").split()
    assert (int(added) >= 1, removed, name) == (True, "0", path)
    assert checkout.changed() == []
    assert checkout.inv("check", "--base", "HEAD~1").status == 0


def test_without_commit_the_file_is_staged(checkout: Checkout) -> None:
    assert checkout.inv(*TYPED["barrier"][0]).status == 0
    assert checkout.changed() == ["A  releases/barriers/1.3.0.yaml"]


def test_what_installations_get_is_added_to_a_withdrawal_later(checkout: Checkout) -> None:
    assert checkout.inv("withdraw", "1.4.0", *WHY, "--commit").status == 0
    said = checkout.inv("withdraw", "1.4.0", "--installed", "keep")
    assert (said.status, said.err) == (0, "")
    assert "+ installed: keep\n" in said.out


# --- a red day ----------------------------------------------------------------------------------------------------


def test_a_brake_works_beside_facts_that_are_wrong_and_says_so(checkout: Checkout) -> None:
    checkout.write(BETA, checkout.text(BETA) + f'  - {{pass: 50, at: "{now()}", evidence: all well}}\n')
    for brake in (("hold", "stable"), ("withdraw", "1.4.0"), ("stop", "stable")):
        said = checkout.inv(*brake, *WHY, "--dry-run")
        assert (said.status, said.out.splitlines()[-1]) == (0, "dry run: nothing was written")
        assert "these were there before, and do not hold up what takes away; see ./inv check" in said.err
    said = checkout.inv("raise", "stable", "25")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"{BETA}:{len(checkout.text(BETA).splitlines())}: steps.2.pass: no gated step to 50 %")


def test_a_brake_works_beside_a_file_that_cannot_be_read(checkout: Checkout) -> None:
    checkout.write(BETA, "steps: [\n")
    checkout.write("releases/blocks/half.yaml", "block: half\n")
    said = checkout.inv("hold", "stable", *WHY)
    assert said.status == 0
    assert f"{BETA}:2: is not YAML" in said.err
    assert f"M  {ROLLOUT}" in checkout.changed()
    assert checkout.text(BETA) == "steps: [\n"


def test_a_file_that_cannot_be_read_is_never_written_over(checkout: Checkout) -> None:
    checkout.write(ROLLOUT, "steps: [\n")
    said = checkout.inv("hold", "stable", *WHY)
    assert (said.status, checkout.text(ROLLOUT)) == (1, "steps: [\n")
    assert said.err.startswith(f"{ROLLOUT}:2: is not YAML")


# --- what is refused, and what was typed wrong --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        (("raise", "stable", "30", "--gate", "default"), 1, f"{ROLLOUT}:10: steps.3.percent: 30 is not on the ladder"),
        (("raise", "stable", "ten"), 2, "percent ten: is not a whole number from 0 to 100"),
        (
            ("start", "stable", "1.5.0-beta.1"),
            1,
            "releases/rollouts/stable/1.5.0-beta.1.yaml: steps.0.evidence: a first",
        ),
        (("start", "stable", "1.5.0-beta.1", "--targets", ""), 2, "--targets '': a name is missing; write all, or"),
        (("withdraw", "1.4.0"), 2, 'a withdrawal needs its reason; type ./inv withdraw 1.4.0 --reason "…"'),
        (("withdraw", "1.4.0", "--installed", "keep"), 1, "releases/withdrawals/: 1.4.0 is not withdrawn"),
        (("withdraw", "1.4.0", "--downloads", "show", *WHY), 2, "--downloads show: is not allowed here; write keep,"),
        (("lift", "rollout", "stable/1.4.0", *WHY), 2, "a rollout cannot be lifted; write withdrawal, stop, barrier,"),
        (("critical", "stable", "--below", "soon", *WHY), 1, f"{ROLLOUT}: soon is not a version such as 1.4.0"),
        (
            ("freeze", "x", "--from", "monday", "--until", "2027-12-31T00:00:00Z", *WHY),
            2,
            "--from monday: is no UTC time with seconds; write it like 2026-11-25T14:00:00Z",
        ),
        (("release", "1.6.0", "--from", "no", "--notes", "README.md", *RELEASE), 2, "--from no: is no folder"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    checkout: Checkout, typed: tuple[str, ...], status: int, said: str
) -> None:
    found = checkout.inv(*typed)
    assert (found.status, found.out) == (status, "")
    assert found.err.startswith(said)
    assert checkout.changed() == []


# --- release ------------------------------------------------------------------------------------------------------


@pytest.fixture
def built(checkout: Checkout, tmp_path: Path) -> Path:
    """The folder that a build of 1.6.0 leaves behind."""
    files = {path: (checkout.repo / path).read_bytes() for path in ("product.yaml", "releases/policy.yaml")}
    facts, _ = read(files)
    assert facts is not None
    made = samples.release(facts.product.value, "1.6.0", datetime(2026, 11, 22, tzinfo=UTC), "", keys.artifact_key())
    for target, bundles in made.artifacts.items():
        for bundle, artifact in bundles.items():
            (tmp_path / artifact.file).write_bytes(samples.build("ESpice", "1.6.0", target, bundle))
            if artifact.signature:
                (tmp_path / f"{artifact.file}.sig").write_text(artifact.signature)
    return tmp_path


def test_a_release_is_written_from_its_folder_and_started_by_a_verb(
    checkout: Checkout, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    notes = tmp_path_factory.mktemp("notes") / "1.6.0.md"
    notes.write_text("Undo works across sheets.\nFewer crashes.\n")
    typed = ("release", "1.6.0", "--from", str(built), "--notes", str(notes), *RELEASE, "--minimum-os", "macos=12.0")
    said = checkout.inv(*typed, "--commit")
    assert (said.status, said.err) == (0, "")
    assert "nobody is offered anything else" in said.out
    text = checkout.text("releases/versions/1.6.0.yaml")
    assert text.startswith("# yaml-language-server: $schema=")
    assert 'minimum-os:\n  macos: "12.0"\n' in text
    assert "  Undo works across sheets.\n  Fewer crashes.\n" in text
    assert checkout.inv("start", "beta", "1.6.0", "--evidence", "a full update from 1.5.0-beta.1").status == 0
    assert "A  releases/rollouts/beta/1.6.0.yaml" in checkout.changed()


def test_a_wrong_folder_is_told_whole(checkout: Checkout, built: Path) -> None:
    (built / "ESpice_1.6.0_amd64.deb.sig").unlink()
    (built / "ESpice_1.6.0_x64.dmg").rename(built / "ESpice_1.5.9_x64.dmg")
    said = checkout.inv("release", "1.6.0", "--from", str(built), "--notes", "README.md", *RELEASE)
    name = built.name
    assert (said.status, said.out) == (1, "")
    assert said.err.splitlines() == [
        f"{name}: has no dmg for darwin-x86_64; add ESpice_1.6.0_x64.dmg",
        f"{name}/ESpice_1.5.9_x64.dmg: is of 1.5.9 by its name, not of 1.6.0; take it out, or build it anew",
        f"{name}/ESpice_1.6.0_amd64.deb: has no signature beside it: ESpice_1.6.0_amd64.deb.sig; "
        "sign it with: tauri signer sign --app-version VERSION FILE",
        "3 problems",
    ]
    assert checkout.changed() == []


# --- help ---------------------------------------------------------------------------------------------------------


def test_every_verb_says_all_it_takes_and_can_be_tried() -> None:
    found = {task.name: task for task in vars(tasks).values() if hasattr(task, "get_arguments")}
    for verb in VERBS.split():
        arguments = found[verb].get_arguments()
        assert {"dry_run", "commit"} <= {argument.attr_name or argument.name for argument in arguments}
        assert [argument.name for argument in arguments if not argument.help] == []

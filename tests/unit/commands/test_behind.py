"""behind as it is typed: what changed since all of a platform was applied, for people, scripts and later steps."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from delivery.commands import behind
from delivery.commands.stacks import APPLIED
from delivery.commands.wished import Wish
from delivery.engines.stack import EngineError
from tests.unit.commands.desk import Desk, Said

GONE = "1" * 40


@dataclass
class Notes:
    """An engine's, as far as anybody asks here."""

    of: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def tags(self, stack: str) -> Mapping[str, str]:
        return self.of.get(stack, {})


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> Notes:
    made = Notes()
    monkeypatch.setattr(behind, "engine_of", lambda _: made)
    return made


@pytest.fixture
def applied(alone: Desk, notes: Notes) -> str:
    """The commit that both platforms are, and that HEAD is."""
    commit = alone.git("rev-parse", "HEAD").strip()
    notes.of = {"staging": {APPLIED: commit}, "production": {APPLIED: commit, "owner": "somebody"}}
    return commit


def commit(desk: Desk, *paths: str) -> str:
    for path in paths:
        desk.append(path, "# another line")
    desk.git("add", "-A")
    desk.git("commit", "-q", "--allow-empty", "-m", "Change something")
    return desk.git("rev-parse", "HEAD").strip()


def test_what_is_applied_is_not_behind(alone: Desk, applied: str) -> None:
    same = f"nothing that it is made of changed since {applied} was applied"
    assert alone.inv("behind", "staging,production") == Said(0, f"staging: {same}\nproduction: {same}\n", "")


def test_each_path_that_it_is_made_of_is_told_and_folders_with_how_many_files(alone: Desk, applied: str) -> None:
    commit(
        alone,
        "delivery/rules/decide.py",
        "delivery/endpoint/app.py",
        "infra/names.py",
        "product.yaml",
        "Pulumi.staging.yaml",
        "README.md",
    )
    said = alone.inv("behind", "staging,production")
    since = f"changed since {applied} was applied"
    assert said.out.splitlines() == [
        f"staging: behind: delivery (2 files), infra (1 file), Pulumi.staging.yaml and product.yaml {since}",
        f"production: behind: delivery (2 files), infra (1 file) and product.yaml {since}",
    ]
    assert said.status == 0


@pytest.mark.usefixtures("applied")
def test_facts_and_documents_leave_a_platform_as_it_is(alone: Desk) -> None:
    commit(alone, "releases/policy.yaml", "docs/tasks.md", "tests/unit/test_docs.py", "Pulumi.laptop.yaml")
    assert "nothing that it is made of changed" in alone.inv("behind", "staging").out


@pytest.mark.usefixtures("applied")
def test_what_was_changed_and_changed_back_is_as_it_was(alone: Desk) -> None:
    commit(alone, "Pulumi.staging.yaml")
    alone.git("revert", "--no-edit", "HEAD")
    assert "nothing that it is made of changed" in alone.inv("behind", "staging").out


def test_a_file_that_moved_changed_in_both_places(alone: Desk, applied: str) -> None:
    alone.git("mv", "policies/policy.py", "runbooks/policy.py")
    commit(alone)
    assert (
        f"behind: policies (1 file) and runbooks (1 file) changed since {applied}" in alone.inv("behind", "staging").out
    )


def test_machines_are_told_the_same(alone: Desk, applied: str) -> None:
    head = commit(alone, "Pulumi.staging.yaml")
    said = alone.inv("behind", "staging,production", "--json")
    assert (said.status, json.loads(said.out)) == (
        0,
        {
            "stacks": [
                {
                    "stack": "staging",
                    "head": head,
                    "behind": True,
                    "why": f"Pulumi.staging.yaml changed since {applied} was applied",
                    "applied": applied,
                    "changed": ["Pulumi.staging.yaml"],
                },
                {
                    "stack": "production",
                    "head": head,
                    "behind": False,
                    "why": f"nothing that it is made of changed since {applied} was applied",
                    "applied": applied,
                    "changed": [],
                },
            ]
        },
    )


@pytest.mark.usefixtures("applied")
def test_later_steps_of_a_workflow_are_told_below_what_others_said(alone: Desk, tmp_path: Path) -> None:
    commit(alone, "Pulumi.staging.yaml")
    told = tmp_path / "outputs"
    told.write_text("before=1\n")
    assert alone.inv("behind", "staging,production", "--outputs", str(told)).status == 0
    assert told.read_text() == "before=1\nstaging=true\nproduction=false\n"
    nowhere = tmp_path / "no" / "folder"
    assert alone.inv("behind", "staging", "--outputs", str(nowhere)) == Said(
        2, "", f"{nowhere} cannot be written: No such file or directory; name another file\n"
    )


def later(desk: Desk) -> str:
    """A commit that HEAD does not have behind it."""
    before = desk.git("rev-parse", "HEAD").strip()
    found = commit(desk)
    desk.git("reset", "-q", "--hard", before)
    return found


@pytest.mark.parametrize(
    ("noted", "why"),
    [
        (lambda _: None, "no apply of all of it has ended well since one began"),
        (lambda _: GONE, "{noted} was applied, which git does not know here"),
        (lambda _: "main", "{noted} was applied, which git does not know here"),
        (lambda _: "--output=x", "{noted} was applied, which git does not know here"),
        (later, "{noted} was applied, which HEAD does not have behind it"),
    ],
    ids=["nothing", "a commit of nobody", "no commit", "an option", "a commit that is ahead"],
)
def test_where_nobody_can_say_what_is_there_it_is_behind(
    alone: Desk, notes: Notes, noted: Callable[[Desk], str | None], why: str
) -> None:
    found = noted(alone)
    notes.of["staging"] = {} if found is None else {APPLIED: found}
    assert alone.inv("behind", "staging") == Said(0, f"staging: behind: {why.format(noted=found)}\n", "")


@pytest.mark.parametrize(
    ("stack", "hint"),
    [
        ("laptop", ""),
        ("moon", ""),
        ("stagin", " (did you mean staging?)"),
        ("staging-live", " (did you mean staging?)"),
        ("production-ground", " (did you mean production?)"),
    ],
)
def test_only_platforms_in_a_cloud_wait_for_what_they_are_made_of(alone: Desk, stack: str, hint: str) -> None:
    said = alone.inv("behind", f"staging,{stack}")
    what = f"name staging or production{hint}; it is their platforms that wait for what they are made of"
    assert said == Said(2, "", f"{stack}: {what}\n")


@pytest.mark.usefixtures("applied")
def test_what_cannot_be_told_of_one_is_told_of_none(
    alone: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = behind.engine_of

    def refuse(wish: Wish) -> object:
        if wish.environment == "production":
            raise EngineError("the bucket of the engine's state is not there; ./inv bootstrap makes it")
        return engine(wish)

    monkeypatch.setattr(behind, "engine_of", refuse)
    told = tmp_path / "outputs"
    said = alone.inv("behind", "staging,production", "--outputs", str(told))
    assert said == Said(1, "", "the bucket of the engine's state is not there; ./inv bootstrap makes it\n")
    assert not told.exists()


@pytest.mark.parametrize("is_here", [True, False])
def test_a_clone_that_was_cut_short_cannot_tell(alone: Desk, applied: str, notes: Notes, is_here: bool) -> None:
    notes.of["staging"] = {APPLIED: applied if is_here else GONE}
    (alone.repo / ".git/shallow").write_text(f"{applied}\n")
    try:
        said = alone.inv("behind", "staging")
    finally:
        (alone.repo / ".git/shallow").unlink()
    assert said == Said(1, "", f"{alone.repo} is a shallow clone and lacks history; run git fetch --unshallow\n")

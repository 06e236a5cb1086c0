"""./inv bump and ./inv tag as people and workflows type them: a version is a merged change, and then a tag, once."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from delivery.history import changelog
from tests.github.bare import Bare
from tests.github.faults import Fault
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.unit.commands.desk import Desk, Said

pytestmark = pytest.mark.slow

NAME = "espice/delivery"
FILES = ("CHANGELOG.md", "pyproject.toml")
UNTAGGED = (
    "pyproject.toml: version: is 0.1.0, which has no tag v0.1.0 yet; "
    "./inv tag makes it, once it is merged; one that was made elsewhere comes by git fetch --tags"
)


def good(desk: Desk, *typed: str) -> str:
    said = desk.inv(*typed)
    assert (said.status, said.err) == (0, ""), said
    return said.out


def committed(desk: Desk, path: str, subject: str) -> str:
    desk.write(path, f"{subject}\n")
    desk.git("add", path)
    desk.git("commit", "-q", "-m", subject)
    return desk.git("rev-parse", "HEAD").strip()


@pytest.fixture
def here(alone: Desk) -> Desk:
    """A repository whose first version is tagged, with three changes since."""
    good(alone, "tag")
    committed(alone, "delivery/rules/new.py", "Refuse what overlaps")
    committed(alone, "releases/rollouts/stable/9.9.9.yaml", "Start 9.9.9")
    committed(alone, "docs/new.md", "Say it on a page")
    return alone


def section(text: str, version: str) -> list[str]:
    return [line for line in (changelog.section(text, version) or "").splitlines() if line]


PATCH = ["### Facts", "- Refuse what overlaps", "### Documentation", "- Say it on a page"]


def test_a_bump_is_one_commit_of_two_files(here: Desk) -> None:
    before = here.read("CHANGELOG.md")
    said = good(here, "bump", "--commit")
    assert said.splitlines()[-1] == "committed: Make it version 0.1.1"
    assert here.git("show", "--name-only", "--format=%s", "HEAD").split("\n\n") == [
        "Make it version 0.1.1",
        "CHANGELOG.md\npyproject.toml\n",
    ]
    assert section(here.read("CHANGELOG.md"), "0.1.1") == PATCH
    assert f"## 0.1.1 ({datetime.now(UTC).date()})" in here.read("CHANGELOG.md")
    assert changelog.section(before, "0.1.0") == changelog.section(here.read("CHANGELOG.md"), "0.1.0")
    assert changelog.version(here.read("pyproject.toml")) == "0.1.1"
    assert here.changed() == ""


def test_a_word_wins_and_a_dry_run_writes_nothing(here: Desk) -> None:
    assert good(here, "bump", "--dry-run").splitlines()[-1] == "dry run: version 0.1.1 was not written"
    committed(here, "schemas/new.json", "Take one more")
    assert good(here, "bump", "--dry-run").splitlines()[-1] == "dry run: version 0.2.0 was not written"
    assert good(here, "bump", "--part", "major", "--dry-run").splitlines()[-1] == (
        "dry run: version 1.0.0 was not written"
    )
    assert here.changed() == ""
    assert here.inv("bump", "--part", "most") == Said(
        2, "", "--part most: is no part of a version; write major, minor or patch\n"
    )


def test_machines_are_told_the_same(here: Desk) -> None:
    assert json.loads(good(here, "bump", "--json", "--dry-run")) == {
        "before": "0.1.0",
        "version": "0.1.1",
        "part": "patch",
        "entries": {"Facts": ["Refuse what overlaps"], "Documentation": ["Say it on a page"]},
        "status": 0,
    }


def test_staged_it_can_be_taken_back(here: Desk) -> None:
    assert good(here, "bump").splitlines()[-1] == (
        "staged pyproject.toml CHANGELOG.md; commit it, or take it back by "
        "git checkout HEAD -- pyproject.toml && git checkout HEAD -- CHANGELOG.md"
    )
    assert here.inv("bump").err.splitlines()[0] == UNTAGGED.replace("0.1.0", "0.1.1")


def test_a_commit_holds_nothing_that_somebody_else_changed(here: Desk) -> None:
    here.append("CHANGELOG.md", "More by hand.")
    said = here.inv("bump", "--commit")
    assert (said.status, said.err) == (
        2,
        "CHANGELOG.md has changes that are not committed; commit them first, or leave out --commit\n",
    )


def test_where_only_facts_changed_there_is_nothing_to_do(alone: Desk) -> None:
    good(alone, "tag")
    committed(alone, "releases/rollouts/stable/9.9.9.yaml", "Start 9.9.9")
    assert good(alone, "bump", "--commit") == "nothing to do: since v0.1.0 only facts changed\n"
    assert json.loads(good(alone, "bump", "--json")) == {"before": "0.1.0", "version": None, "status": 0}


def test_the_version_before_must_be_tagged(alone: Desk) -> None:
    said = alone.inv("bump")
    assert (said.status, said.err.splitlines()[0]) == (1, UNTAGGED)


def test_a_proposal_is_made_on_main_and_made_anew_where_main_went_on(here: Desk) -> None:
    main = here.git("rev-parse", "HEAD").strip()
    assert "opened proposal 1: Make it version 0.1.1" in good(here, "bump", "--pr")
    assert (here.git("rev-parse", "HEAD").strip(), here.changed()) == (main, "")
    assert "nothing changed: proposal 1 says this already" in good(here, "bump", "--pr")
    committed(here, "schemas/new.json", "Take one more")
    assert "changed proposal 1: Make it version 0.2.0" in good(here, "bump", "--pr")
    assert here.git("diff", "--name-only", "main...bump").split() == [*FILES]


def test_a_tag_is_at_the_merge_that_made_the_version_and_is_made_once(here: Desk) -> None:
    good(here, "bump", "--commit")
    commit = here.git("rev-parse", "HEAD").strip()
    committed(here, "docs/newer.md", "Say more")
    assert good(here, "tag") == f"v0.1.1: tagged {commit}\n"
    made = here.git("rev-parse", "v0.1.1")
    assert here.git("rev-parse", "v0.1.1^{commit}").strip() == commit
    assert here.git("tag", "-l", "--format=%(subject)", "v0.1.1").strip() == "Version 0.1.1"
    assert good(here, "tag") == "v0.1.1: was tagged before\n"
    here.git("tag", "-d", "v0.1.1")
    assert good(here, "tag") == f"v0.1.1: tagged {commit}\n"
    assert here.git("rev-parse", "v0.1.1") == made
    assert json.loads(good(here, "bump", "--json", "--dry-run"))["entries"] == {"Documentation": ["Say more"]}


def test_a_version_that_no_section_is_of_is_not_tagged(alone: Desk) -> None:
    alone.write("pyproject.toml", alone.read("pyproject.toml").replace('"0.1.0"', '"0.3.0"', 1))
    alone.git("commit", "-qam", "Skip some")
    said = alone.inv("tag")
    assert (said.status, said.err.splitlines()[0]) == (
        1,
        "CHANGELOG.md: has no section of 0.3.0, which main is; let ./inv bump write both, or write it by hand",
    )
    assert alone.git("tag") == ""


# --- at GitHub --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AtGitHub:
    """A checkout, the stand-in it was pushed to, and its bare repository there."""

    desk: Desk
    hub: Hub
    bare: Bare

    def tag(self) -> Any:
        return json.loads(good(self.desk, "tag", "--json"))


@pytest.fixture
def place(
    alone: Desk, pushed_to: Callable[[Path], Bare], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AtGitHub]:
    bare = pushed_to(tmp_path / f"{NAME}.git")
    with stand_in(tmp_path, NAME, {"token-of-ada": Person("ada")}) as found:
        for name, value in (("API_URL", found.api), ("REPOSITORY", NAME), ("TOKEN", "token-of-ada")):
            monkeypatch.setenv(f"GITHUB_{name}", value)
        yield AtGitHub(alone, found.hub, bare)


def test_at_github_a_version_is_a_tag_and_a_release(place: AtGitHub) -> None:
    first = place.tag()
    url = first.pop("release")
    assert first == {"version": "0.1.0", "tag": "v0.1.0", "tagged": True, "released": True}
    [release] = place.hub.own.releases
    assert (release.tag, release.body) == ("v0.1.0", changelog.section(place.desk.read("CHANGELOG.md"), "0.1.0"))
    assert place.bare.tip("refs/tags/v0.1.0^{commit}") == place.desk.git("rev-parse", "HEAD").strip()
    assert place.tag() == {"version": "0.1.0", "tag": "v0.1.0", "tagged": False, "release": url, "released": False}
    assert place.desk.git("tag") == ""


def test_what_was_cut_is_finished(place: AtGitHub) -> None:
    place.hub.faults.append(Fault(502, method="POST", path="/releases", done=True))
    said = place.desk.inv("tag")
    assert (said.status, said.out) == (1, "")
    assert said.err == (
        "GitHub did not make the release v0.1.0: it answered 502; try again later; "
        "how far it got is not known; type it again: that is safe\n"
    )
    assert (place.tag()["tagged"], place.tag()["released"]) == (False, False)
    assert len(place.hub.own.releases) == 1


def test_of_several_at_once_one_tags_and_one_releases(place: AtGitHub) -> None:
    with ThreadPoolExecutor(2) as threads:
        runs = [*threads.map(lambda _: place.desk.terminal("tag", "--json"), range(2))]
    assert [run.status for run in runs] == [0, 0], runs
    said = [json.loads(run.out) for run in runs]
    assert sum(each["released"] for each in said) == 1
    assert len(place.hub.own.releases) == 1


def test_a_bump_there_knows_the_tags_there(place: AtGitHub) -> None:
    place.tag()
    committed(place.desk, "tasks.py", "# Type it so")
    place.desk.git("push", "-q", str(place.bare.folder), "main")
    said = place.desk.inv("bump", "--pr")
    assert (said.status, said.err) == (0, ""), said
    [pull] = place.hub.pulls()
    assert (pull.title, pull.branch) == ("Make it version 0.2.0", "bump")
    assert re.search(r"^- \\# Type it so$", said.out, re.MULTILINE)

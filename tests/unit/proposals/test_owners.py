"""CODEOWNERS as GitHub reads it, and our own: nothing that ships or decides is without an owner."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from codeowners import CodeOwners

from delivery.proposals.owners import CODEOWNERS, Owned, by_name, owned, uncovered
from delivery.rules.approvals import is_code, is_fact
from delivery.rules.read import KINDS, POLICY, PRODUCT

ROOT = Path(__file__).parents[3]
OWN = (ROOT / CODEOWNERS).read_text()
FACTS = [
    POLICY,
    PRODUCT,
    "Pulumi.production.yaml",
    *(kind.path(kind.names.replace("<channel>", channel)) for kind in KINDS for channel in ("stable", "beta", "new")),
]


def owners(text: str, path: str) -> tuple[str, ...]:
    return next((each.owners for each in owned(text, [path])), ())


def tracked() -> Sequence[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.split("\0")[:-1]


@pytest.mark.parametrize(
    ("line", "path", "is_owned"),
    [
        ("*", "a/b.py", True),
        ("/releases/", "releases/policy.yaml", True),
        ("/releases/", "docs/releases/policy.yaml", False),
        ("releases/", "docs/releases/policy.yaml", True),
        ("/Pulumi.*.yaml", "Pulumi.laptop.yaml", True),
        ("/Pulumi.*.yaml", "docs/Pulumi.laptop.yaml", False),
        ("/docs/*", "docs/a.md", True),
        ("/docs/*", "docs/adr/a.md", False),
        ("/releases/**/1.4.0.yaml", "releases/rollouts/stable/1.4.0.yaml", True),
        ("*.md", "docs/a.md", True),
        ("/docs/", "Docs/a.md", False),
    ],
)
def test_a_path_is_matched_as_github_matches_it(line: str, path: str, is_owned: bool) -> None:
    assert owners(f"{line} @espice/release\n", path) == (("@espice/release",) if is_owned else ())


def test_the_last_line_that_matches_counts_and_one_that_names_nobody_asks_for_nobody() -> None:
    text = "* @espice/platform\n/releases/ @espice/release\n/releases/notes/\n"
    assert owned(text, ["releases/b.yaml", "inv", "releases/notes/a", "releases/a.yaml"]) == (
        Owned(("@espice/platform",), ("inv",)),
        Owned(("@espice/release",), ("releases/a.yaml", "releases/b.yaml")),
    )


@pytest.mark.parametrize("line", ["!/releases/ @a/b", "/[a-z]* @a/b", "[a @a/b", "[Section]", "# /releases/ @a/b", " "])
def test_lines_that_github_has_no_syntax_for_are_passed_over(line: str) -> None:
    assert owners(f"* @espice/platform\n{line}\n", "releases/a.yaml") == ("@espice/platform",)


def test_a_comment_behind_a_line_names_no_owner() -> None:
    assert owners("/releases/ @espice/release # ask @somebody\n", "releases/a.yaml") == ("@espice/release",)


def test_one_owner_of_several_is_enough_and_each_of_several_lines_needs_one() -> None:
    those = (Owned(("@ada", "@grace"), ("a",)), Owned(("@linus",), ("b", "c")))
    assert uncovered(those, ["Grace"], by_name) == (those[1],)
    assert uncovered(those, ["ada", "linus"], by_name) == ()
    assert uncovered(those, [], by_name) == those


def test_where_teams_are_not_known_anybody_else_speaks_for_them() -> None:
    assert by_name("@espice/release", "A Person")
    assert by_name("@ada", "Ada")
    assert not by_name("@ada", "ada-2")


@pytest.mark.parametrize("path", FACTS)
def test_each_kind_of_fact_has_an_owner_of_its_own(path: str) -> None:
    assert owners(OWN, path)
    _, _, line, _ = CodeOwners(OWN).matching_line(path)
    assert line not in (None, "*", "/releases/")


def test_each_file_that_ships_or_decides_has_an_owner() -> None:
    every = [path for path in tracked() if is_code(path) or is_fact(path)]
    assert len(every) > 500
    assert [path for path in every if not owners(OWN, path)] == []


def test_each_folder_at_the_top_is_named() -> None:
    tops = {path.split("/")[0] for path in tracked() if "/" in path}
    assert [top for top in sorted(tops) if f"\n/{top}/ " not in OWN and f"\n/{top}/\n" not in OWN] == []


def test_each_line_owns_something_and_is_one_that_github_understands() -> None:
    there = [*tracked(), *FACTS]
    lines = [line.split()[0] for line in OWN.splitlines() if line and not line.startswith("#")]
    for line in lines:
        assert any(owners(f"{line} @espice/release", path) for path in there), line


def test_documents_need_no_owner() -> None:
    assert owned(OWN, ["README.md", "docs/api.md", "runbooks/halt.md", "releases/README.md"]) == ()

"""The changelog: an entry for each commit of this software, by what it touches; what people wrote stays."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.history import changelog
from delivery.history.changelog import Commit

DAY = date(2026, 11, 30)
OLD = "# Changelog\n\nWhat changed.\n\n## 0.1.0 (2026-11-23)\n\nThe first version.\n"
RULE = Commit("Refuse what overlaps", ("delivery/rules/checks/change.py", "tests/unit/rules/test_change.py"))
TYPED = Commit("Type it so", ("tasks.py", "docs/tasks.md"))


@pytest.mark.parametrize(
    ("paths", "group"),
    [
        (("delivery/rules/decide.py", "delivery/endpoint/app.py", "docs/x.md"), "Facts"),
        (("delivery/endpoint/app.py", "infra/endpoint.py"), "Endpoint"),
        (("infra/network.py", "Pulumi.production.yaml"), "Infrastructure"),
        (("delivery/laptop/edge.py",), "Laptop"),
        ((".github/workflows/check.yml", "docs/production.md"), "Automation"),
        (("docs/production.md", "tests/unit/test_docs.py"), "Documentation"),
        (("tests/unit/test_docs.py",), "Tests and tools"),
        (("releases/README.md", "pyproject.toml"), "Facts"),
    ],
)
def test_an_entry_stands_under_the_first_group_that_it_touches(paths: tuple[str, ...], group: str) -> None:
    assert changelog.grouped([Commit("Say it", paths)]) == {group: ("Say it",)}


def test_what_only_states_facts_is_no_change_of_this_software() -> None:
    raised = Commit("Raise stable 1.4.0 to 25 %", ("releases/rollouts/stable/1.4.0.yaml",))
    switched = Commit("Let the next build answer", ("Pulumi.production.yaml",))
    assert changelog.of_software([raised, RULE, switched, Commit("Nothing", ())]) == (RULE,)


@pytest.mark.parametrize("path", ["tasks.py", "schemas/rollout.json", "infra/config.py", "docs/openapi.json"])
def test_what_people_type_or_edit_or_installations_get_is_more_than_a_patch(path: str) -> None:
    assert changelog.part([RULE]) == "patch"
    assert changelog.part([RULE, Commit("More", (path,))]) == "minor"


def test_versions_follow_one_another() -> None:
    assert [changelog.following("0.1.9", part) for part in ("major", "minor", "patch")] == ["1.0.0", "0.2.0", "0.1.10"]


def test_a_section_stands_before_the_others() -> None:
    text = changelog.added(OLD, "0.2.0", DAY, changelog.grouped([TYPED, RULE]))
    assert text == (
        "# Changelog\n\nWhat changed.\n\n## 0.2.0 (2026-11-30)\n\n### Facts\n\n- Refuse what overlaps\n\n"
        "### Automation\n\n- Type it so\n\n## 0.1.0 (2026-11-23)\n\nThe first version.\n"
    )
    assert changelog.section(text, "0.2.0") == "### Facts\n\n- Refuse what overlaps\n\n### Automation\n\n- Type it so"
    assert changelog.section(text, "0.1.0") == "The first version."
    assert changelog.section(text, "0.2") is None


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_the_first_section_has_a_heading_of_its_own(end: str) -> None:
    text = changelog.added(f"# Changelog\n\nWhat changed.{end}", "0.2.0", DAY, {"Facts": ("Say it",)})
    assert text == "# Changelog\n\nWhat changed.\n\n## 0.2.0 (2026-11-30)\n\n### Facts\n\n- Say it\n"


def test_what_was_written_for_the_next_version_begins_its_section() -> None:
    text = OLD.replace("## 0.1.0", "## Next\n\nTake care: `up` is `start` now.\n\n## 0.1.0")
    made = changelog.added(text, "0.2.0", DAY, {"Facts": ("Refuse what overlaps",)})
    assert changelog.section(made, "0.2.0") == "Take care: `up` is `start` now.\n\n### Facts\n\n- Refuse what overlaps"
    assert "Next" not in made


def test_a_first_line_is_no_markup_and_calls_nobody() -> None:
    text = changelog.added("", "0.1.0", DAY, {"Facts": ("Thank @ada for *_<b>_*",)})
    assert text.startswith("# Changelog\n\n## 0.1.0 (2026-11-30)\n\n### Facts\n")
    assert text.endswith("- Thank @\u200bada for \\*\\_\\<b\\>\\_\\*\n")


@given(st.lists(st.sampled_from(["words", "### Facts", "- one", "", "## 0.0.1 (2026-01-01)"]), max_size=8))
def test_nothing_that_stands_there_is_lost(lines: list[str]) -> None:
    text = "# Changelog\n" + "".join(f"{line}\n" for line in lines)
    made = changelog.added(text, "0.2.0", DAY, {"Facts": ("Say it",)})
    kept = made.replace("## 0.2.0 (2026-11-30)\n\n### Facts\n\n- Say it\n", "")
    assert [line for line in kept.splitlines() if line] == [line for line in text.splitlines() if line]


def test_only_the_version_changes_in_the_project() -> None:
    project = '[project]\nname = "x"\nversion = "0.1.0"\n\n[tool.other]\nversion = "7"\n'
    assert changelog.with_version(project, "0.2.0") == project.replace("0.1.0", "0.2.0")
    for wrong in ('[tool.other]\nversion = "7"\n[project]\nversion="0.1.0"\n', "[project]\nversion = '0.1.0'\n"):
        with pytest.raises(ValueError, match="does not say its version on a line of its own"):
            changelog.with_version(wrong, "0.2.0")
    with pytest.raises(ValueError, match="says no version"):
        changelog.version("[project]\n")

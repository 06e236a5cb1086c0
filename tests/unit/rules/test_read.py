"""Which path is which fact."""

import pytest

from delivery.rules.read import KINDS, Link, read
from delivery.rules.strays import twins
from tests.unit.rules.files import DONE, NEW, POLICY, PRODUCT, ROLLOUT, STABLE, TEXTS, edited, files, rollout


def said(given: dict[str, bytes]) -> list[str]:
    facts, problems = read(given)
    assert facts is not None or problems
    return [str(problem) for problem in problems]


def test_a_stray_file_keeps_the_facts_from_nothing() -> None:
    facts, problems = read({**files(), "releases/notes.txt": b"x"})
    assert facts == read(files())[0]
    assert len(problems) == 1


def test_every_kind_is_found_by_its_path() -> None:
    facts, problems = read(files())
    assert problems == ()
    assert facts is not None
    assert list(facts.versions) == ["1.3.0", "1.4.0"]
    assert list(facts.rollouts) == ["stable/1.3.0", "stable/1.4.0"]
    assert facts.rollouts["stable/1.4.0"].path == ROLLOUT


def test_files_elsewhere_and_the_readme_are_passed_over() -> None:
    assert said(files({"README.md": "\t", "releases/README.md": "\t", "delivery/x.yaml": "["})) == []


def test_a_file_name_that_differs_from_its_key() -> None:
    assert said(edited(NEW, "version: 1.4.0", "version: 1.4.1")) == [
        'releases/versions/1.4.0.yaml:1: version: says "1.4.1" in a file named for "1.4.0"; '
        "write 1.4.0, or move the file to releases/versions/1.4.1.yaml"
    ]


def test_a_rollout_of_another_channel_than_its_folder() -> None:
    assert said(files({"releases/rollouts/beta/1.4.0.yaml": TEXTS[ROLLOUT]})) == [
        'releases/rollouts/beta/1.4.0.yaml:1: rollout: says "stable/1.4.0" in a file named for "beta/1.4.0"; '
        "write beta/1.4.0, or move the file to releases/rollouts/stable/1.4.0.yaml"
    ]


def test_a_symbolic_link() -> None:
    assert said({**files(), STABLE: Link(b"../../../etc/passwd"), PRODUCT: Link(b"x"), "releases/x": Link(b"..")}) == [
        "product.yaml: is a link to x, not a file; put the fact itself there",
        "releases/channels/stable.yaml: is a link to ../../../etc/passwd, not a file; put the fact itself there",
        "releases/x: is a link to .., not a file; put the fact itself there",
    ]


def test_a_submodule() -> None:
    assert said({**files(), "releases/channels": Link()}) == [
        "releases/channels: is a link, not a file; put the fact itself there"
    ]


def test_a_path_that_leads_out_of_its_folder() -> None:
    assert said(files({"releases/versions/../../etc/1.0.0.yaml": "x", "releases/rollouts/../1.4.0.yaml": "x"})) == [
        "releases/rollouts/../1.4.0.yaml: leads out of its folder; name the file without ..",
        "releases/versions/../../etc/1.0.0.yaml: leads out of its folder; name the file without ..",
    ]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("channels/x.yml", "the names of facts end in .yaml; name it releases/channels/x.yaml"),
        ("channels/x.YAML", "the names of facts end in .yaml; name it releases/channels/x.yaml"),
        ("channels/x.yaml.txt", "the names of facts end in .yaml; name it releases/channels/x.yaml"),
        ("versions/1.4.1", "the names of facts end in .yaml; name it releases/versions/1.4.1.yaml"),
        ("rollouts/stable/1.4.1.json", "the names of facts end in .yaml; name it releases/rollouts/stable/1.4.1.yaml"),
    ],
)
def test_a_file_whose_name_ends_wrong(path: str, words: str) -> None:
    assert said(files({f"releases/{path}": ""})) == [f"releases/{path}: is not a fact: {words}"]


def test_a_second_policy() -> None:
    assert said(files({"releases/policy.yml": ""})) == [
        "releases/policy.yml: is not a fact: the names of facts end in .yaml; name it releases/policy.yaml"
    ]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("rollout/stable/1.5.0.yaml", "rollouts/<channel>/<version>.yaml"),
        ("rollouts/1.5.0.yaml", "rollouts/<channel>/<version>.yaml"),
        ("rollouts/stable/old/1.5.0.yaml", "rollouts/<channel>/<version>.yaml"),
        ("Versions/1.5.0.yaml", "versions/<version>.yaml"),
        ("barrier/1.5.0.yaml", "barriers/<version>.yaml"),
        ("stop/today.yaml", "stops/<date>-<channel>.yaml"),
    ],
)
def test_a_file_beside_its_folder(path: str, place: str) -> None:
    assert said(files({f"releases/{path}": ""})) == [f"releases/{path}: is not a fact; move it to releases/{place}"]


def test_a_file_in_no_known_folder() -> None:
    assert said(files({"releases/todo.txt": ""})) == [
        "releases/todo.txt: is not a fact; move it to the folder of its kind (barriers, blocks, channels, deadends, "
        "experiments, flags, freezes, notices, rollouts, stops, versions or withdrawals), or out of releases/"
    ]


@pytest.mark.parametrize(
    ("name", "whom"),
    [
        ("stable.yaml~", "an editor"),
        (".stable.yaml.swp", "an editor"),
        ("#stable.yaml#", "an editor"),
        ("stable.yaml.bak", "an editor"),
        ("stable.yaml.orig", "a merge or a patch"),
        ("stable.yaml.rej", "a merge or a patch"),
        ("stable_REMOTE_4711.yaml", "a merge or a patch"),
        (".DS_Store", "the file browser"),
        ("Thumbs.db", "the file browser"),
        ("stable (1).yaml", "a copy"),
        ("stable copy.yaml", "a copy"),
        ("Copy of stable.yaml", "a copy"),
        (".gitkeep", "who wanted an empty folder"),
    ],
)
def test_what_tools_leave_behind(name: str, whom: str) -> None:
    path = f"releases/channels/{name}"
    assert said(files({path: TEXTS[STABLE]})) == [f"{path}: is no fact but what {whom} left behind; remove it"]


def test_names_that_differ_only_in_case() -> None:
    low, high = "releases/versions/1.5.0-rc.1.yaml", "releases/versions/1.5.0-RC.1.yaml"
    texts = {path: TEXTS[NEW].replace("1.4.0", path[18:-5]) for path in (low, high)}
    assert said(files(texts)) == [
        f"{low}: differs only in case from {high}: disks of macOS and Windows hold one of them; keep one"
    ]


def test_names_that_differ_only_in_how_accents_are_written() -> None:
    one, other = "releases/flags/caf\u00e9.yaml", "releases/flags/cafe\u0301.yaml"
    assert [str(each) for each in twins([one, other])] == [
        f"{one}: differs only in how its letters are written from {other}: "
        "disks of macOS and Windows hold one of them; keep one"
    ]


def test_a_missing_policy() -> None:
    assert said(files({POLICY: None})) == ["releases/policy.yaml: is missing; restore it from git"]


def test_the_problems_of_all_files_come_at_once_and_sorted() -> None:
    given = files({DONE: rollout("stable/1.3.0", "hold: x"), NEW: "[", POLICY: "approvals: 1\n"})
    places = [problem.split(": ")[0] for problem in said(given)]
    assert places == sorted(places)
    assert {place.split(":")[0] for place in places} == {DONE, NEW, POLICY}


def test_a_kind_names_a_path_and_reads_it_back() -> None:
    for kind in KINDS:
        name = kind.names.replace("<", "").replace(">", "")
        assert kind.name(kind.path(name)) == name

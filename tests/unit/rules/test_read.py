"""Which path is which fact."""

from delivery.rules.read import KINDS, Link, read
from tests.unit.rules.files import DONE, NEW, POLICY, PRODUCT, ROLLOUT, STABLE, TEXTS, edited, files, rollout


def said(given: dict[str, bytes]) -> list[str]:
    facts, problems = read(given)
    assert (facts is None) == bool(problems)
    return [str(problem) for problem in problems]


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


def test_a_file_that_is_not_a_fact() -> None:
    assert said(files({"releases/rollout/stable/1.5.0.yaml": "", "releases/channels/x.yml": ""})) == [
        "releases/channels/x.yml: is not a fact; name it releases/channels/x.yaml",
        "releases/rollout/stable/1.5.0.yaml: is not a fact; move it to releases/rollouts/<channel>/<version>.yaml",
    ]


def test_a_file_in_no_known_folder() -> None:
    assert said(files({"releases/todo.txt": ""})) == [
        "releases/todo.txt: is not a fact; move it to releases/versions/<version>.yaml, "
        "releases/channels/<channel>.yaml, releases/rollouts/<channel>/<version>.yaml, "
        "releases/withdrawals/<version>.yaml or releases/stops/<date>-<channel>.yaml"
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

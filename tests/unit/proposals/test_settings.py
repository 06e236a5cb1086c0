"""The settings that a repository must have: what the file may say, and what is wrong with it."""

import pytest

from delivery.proposals.settings import FILE, Absent, Real, Unread, compare, load
from delivery.rules.problem import Refused


def told(text: str) -> list[str]:
    """Every problem of these settings."""
    with pytest.raises(Refused) as refused:
        load(text.encode())
    return [str(each) for each in refused.value.problems]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("repository:\n  allow-squash: false\n", f"{FILE}:2: repository.allow-squash: "),
        ("repository:\n  allow-squash-merge: maybe\n", f"{FILE}:2: repository.allow-squash-merge: "),
        ("actions:\n  allowed-actions: some\n", f"{FILE}:2: actions.allowed-actions: "),
        ("rulesets:\n  main:\n    include: [main]\n", f"{FILE}:2: rulesets.main.enforcement: "),
        (
            "rulesets:\n  main:\n    enforcement: active\n    include: [main]\n    bypass: [ada]\n",
            f"{FILE}:5: rulesets.main.bypass.0: ",
        ),
        ("environments:\n  production:\n    reviewers: [ada]\n", f"{FILE}:3: environments.production.reviewers.0: "),
    ],
)
def test_what_is_written_wrong_is_told_with_its_line(text: str, place: str) -> None:
    [problem] = told(text)
    assert problem.startswith(place)


def test_a_problem_says_how_to_mend_it() -> None:
    assert told("rulesets:\n  main:\n    enforcement: active\n    include: [main]\n    bypass: [ada]\n") == [
        f'{FILE}:5: rulesets.main.bypass.0: "ada" is not a GitHub App by its number, such as App 1234; write one'
    ]


def test_a_file_that_is_missing_is_told() -> None:
    with pytest.raises(Refused) as refused:
        load(None)
    assert [str(each) for each in refused.value.problems] == [f"{FILE}: is missing; restore it from git"]


def test_the_order_of_a_list_says_nothing() -> None:
    wanted = load(b"environments:\n  production:\n    branches: [main, next]\n")
    spot = ("environments", "production", "branches")
    [same] = compare(wanted, Real("a/b", {spot: ["next", "main"]}, {("environments",): "PAGE"}, ()))
    assert (same.wanted, same.is_, same.mend) == ("main, next", "main, next", "")


@pytest.mark.parametrize("is_", [Absent(), Unread("Actions: read")])
def test_what_is_missing_as_a_whole_is_told_once(is_: object) -> None:
    wanted = load(b"environments:\n  production:\n    branches: [main]\n    prevent-self-review: true\n")
    whole = ("environments", "production")
    [told] = compare(wanted, Real("a/b", {whole: is_}, {("environments",): "PAGE"}, ()))
    assert (told.what, told.at, told.wanted) == ("environments.production", f"{FILE}:2", "as described")

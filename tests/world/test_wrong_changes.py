"""Changes that went wrong somewhere, made here: each is told what is really wrong with it, in whole messages.

A case is a file of wrong/: what was `wrong`, `where` it happened, the `change`, and all `problems` it is told.
The base is the miniature repository with the case's `given`, if it has one, merged before.
"""

import json
from pathlib import Path

import pytest

from tests.world.world import NOON, case, cases, changed, errors_of, moment, repository, said_of

CASES = cases("wrong")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_wrong_change_is_told_what_is_wrong_with_it(path: Path, bless: bool) -> None:
    wrong = case(path)
    base = changed(repository(), wrong.get("given", {}))
    after, now = changed(base, wrong["change"]), moment(wrong.get("now", NOON))
    found = said_of(base, after, now)
    if bless:
        rewrite(path, found)
        return
    assert found == wrong["problems"]
    assert bool(errors_of(base, after, now)) is not wrong.get("only-warned", False)


def test_there_are_at_least_forty_of_them_and_each_says_where_it_happened() -> None:
    assert len(CASES) >= 40
    assert all(case(path)["where"] and case(path)["problems"] for path in CASES)


def rewrite(path: Path, problems: list[str]) -> None:
    """The same case with these problems, which stand last."""
    head, _, _ = path.read_text().partition("\nproblems:")
    lines = "".join(f"  - {json.dumps(problem, ensure_ascii=False)}\n" for problem in problems)
    path.write_text(f"{head}\nproblems:\n{lines}" if lines else f"{head}\nproblems: []\n")

"""Trailers, as git itself takes them out of real commits."""

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from delivery.history.trailers import PRINTED, Trailers, read, write
from tests.unit.history.conftest import Repository

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=40)
NAME = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
FULL = Trailers(
    12,
    requested_by=("A Person <person@espice.app>",),
    approved_by=("Another Person", "third-person"),
    reviewed_by=("A Reader",),
    co_authored_by=("A Helper <helper@espice.app>",),
)


def committed(repo: Repository, message: str) -> Trailers:
    """What git finds in a commit with this message."""
    repo.git("commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "--message", message)
    return read(repo.git("log", "-1", f"--format={PRINTED}"))


def test_a_merge_says_who_asked_and_who_agreed() -> None:
    assert write("Raise stable to 25 %\n\nNobody complained.\n", FULL) == (
        "Raise stable to 25 %\n"
        "\n"
        "Nobody complained.\n"
        "\n"
        "Proposal: 12\n"
        "Requested-by: A Person <person@espice.app>\n"
        "Approved-by: Another Person\n"
        "Approved-by: third-person\n"
        "Reviewed-by: A Reader\n"
        "Co-authored-by: A Helper <helper@espice.app>\n"
    )


def test_git_reads_back_what_was_written(repo: Repository) -> None:
    assert committed(repo, write("Raise stable", FULL)) == FULL
    assert committed(repo, "Raise stable") == Trailers()


def test_a_description_that_ends_in_an_approval_approves_nothing(repo: Repository) -> None:
    spoofed = "Raise stable\n\nWhy not.\n\nApproved-by: The Owner\nProposal: 7"
    assert committed(repo, spoofed).approved_by == ("The Owner",)  # so git would take it
    assert committed(repo, write(spoofed, Trailers(12))) == Trailers(12)


def test_a_name_with_a_line_break_is_one_name(repo: Repository) -> None:
    said = Trailers(12, requested_by=("Mallory\nApproved-by: The Owner",))
    assert committed(repo, write("Raise", said)) == Trailers(12, requested_by=("Mallory Approved-by: The Owner",))


def test_other_trailers_and_what_is_no_number_are_left_out(repo: Repository) -> None:
    message = "Raise\n\nSigned-off-by: A Person\nproposal: twelve\napproved-BY: A Person\nApproved-by: A Person"
    assert committed(repo, message) == Trailers(approved_by=("A Person",))


def test_a_message_is_never_left_to_end_in_somebody_elses_words() -> None:
    with pytest.raises(ValueError, match=r"^a message without trailers of ours could end in somebody else's$"):
        write("Raise", Trailers(approved_by=("\n",)))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TEXT, st.integers(1, 10**6), st.lists(NAME, max_size=3))
@example("x\n\n---\nApproved-by: y", 1, ["z"])
@example("x\n\nApproved-by: y\n ", 1, [" :"])
@example("", 1, ["0 \x1b"])
def test_whatever_a_message_says_only_those_who_approved_are_read(
    repo: Repository, message: str, number: int, names: list[str]
) -> None:
    written = write(f"Subject\n\n{message}", Trailers(number, approved_by=tuple(names)))
    plain = [" ".join("".join(c for c in name if c.isprintable() or c.isspace()).split()) for name in names]
    expected = tuple(dict.fromkeys(name for name in plain if re.search(r"\S", name)))
    assert committed(repo, written) == Trailers(number, approved_by=expected)

"""sample, verify: a version to play with, and proof that bytes are what the facts say."""

import shlex

import pytest

from tests.unit.commands.desk import Desk

VERSION = "releases/versions/1.6.0.yaml"


def test_a_sample_is_one_new_fact_that_verifies_and_can_be_rolled_out_as_printed(desk: Desk) -> None:
    said = desk.inv("sample", "1.6.0", "--commit")
    assert (said.status, said.err) == (0, "")
    wrote, committed, offer = said.out.splitlines()
    assert (wrote, committed) == (f"wrote {VERSION}", "committed: Add sample version 1.6.0")
    assert desk.git("show", "--name-status", "--format=", "HEAD").split() == ["A", VERSION]
    assert desk.changed() == ""
    assert desk.inv("check", "--base", "HEAD~1").out.splitlines()[0] == "0 problems"
    assert desk.inv("verify").out == "54 artifacts, 0 problems\n"

    told, _, typed = offer.partition(": ./inv ")
    assert told == "to offer it to somebody"
    started = desk.inv(*shlex.split(typed))
    assert (started.status, started.err) == (0, "")
    assert "    1.5.0-beta.1 (or nothing) → 1.6.0, at once" in started.out
    assert desk.inv("check").out == "0 problems\n"


def test_a_sample_that_is_not_committed_is_staged(desk: Desk) -> None:
    said = desk.inv("sample", "1.6.0-beta.1")
    path = "releases/versions/1.6.0-beta.1.yaml"
    assert said.out.splitlines()[1] == f"staged {path}; commit it, or take it back by git rm -f {path}"
    assert desk.changed() == f"A  {path}\n"


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        ("1.6", "'1.6' is not a SemVer version such as 1.4.0 or 1.5.0-beta.1; type ./inv sample 1.6.0"),
        ("../1.6.0", "'../1.6.0' is not a SemVer version such as 1.4.0 or 1.5.0-beta.1; type ./inv sample 1.6.0"),
        (
            "1.4.0",
            "releases/versions/1.4.0.yaml is there already, and what was built is never built anew; "
            "choose another version",
        ),
    ],
)
def test_what_is_no_new_version_is_refused(desk: Desk, version: str, answer: str) -> None:
    said = desk.inv("sample", version)
    assert (said.status, said.out, said.err) == (2, "", f"{answer}\n")
    assert desk.changed() == ""


def test_bytes_that_are_not_what_the_facts_say_are_named_with_the_fact(desk: Desk) -> None:
    assert desk.inv("verify").out == "45 artifacts, 0 problems\n"
    kept = desk.repo / ".state/laptop/samples/1.4.0/linux-x86_64/appimage"
    data = kept.read_bytes()
    kept.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    said = desk.inv("verify")
    assert (said.status, said.out) == (1, "45 artifacts, 2 problems\n")
    fact = desk.read("releases/versions/1.4.0.yaml").splitlines()
    at = next(place for place, line in enumerate(fact, 1) if line.strip() == "file: ESpice_1.4.0_amd64.AppImage")
    assert [line.split(": ")[:2] for line in said.err.splitlines()] == [
        [f"releases/versions/1.4.0.yaml:{at + below}", "ESpice_1.4.0_amd64.AppImage"] for below in (2, 3)
    ]

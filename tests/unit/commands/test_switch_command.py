"""./inv switch where nothing of ours runs: what it writes, commits and refuses. tests/laptop has the rest."""

import json

import pytest

from delivery.deploy.build_commit import for_laptop
from tests.unit.commands.desk import Desk

STAGING = "Pulumi.staging.yaml"
A, B = (f"sha256:{letter * 64}" for letter in "ab")


@pytest.fixture(autouse=True)
def _signed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell without any account."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")


def test_a_new_build_goes_all_the_way_by_one_commit_a_step(desk: Desk) -> None:
    steps = (("--next", A), ("--next", B), ("--weight", "0.1"), ("--weight", "0.5"), ("--weight", "1.0"), ("--finish",))
    for step in (*steps, ("--back",)):
        said = desk.inv("switch", "staging", *step, "--commit")
        assert (said.status, said.err) == (0, ""), said
    subjects = desk.git("log", "-7", "--format=%s").splitlines()
    assert subjects == [
        "Go back to sha256:aaaaaaaaaaaa on staging",
        "Make sha256:bbbbbbbbbbbb the live build of staging's update endpoint",
        "Let sha256:bbbbbbbbbbbb answer 100% of staging's requests",
        "Let sha256:bbbbbbbbbbbb answer 50% of staging's requests",
        "Let sha256:bbbbbbbbbbbb answer 10% of staging's requests",
        "Name sha256:bbbbbbbbbbbb the next build of staging's update endpoint",
        "Name sha256:aaaaaaaaaaaa the next build of staging's update endpoint",
    ]
    assert desk.git("log", "-7", "--format=", "--name-only").split() == [STAGING] * 7
    assert desk.git("status", "--porcelain") == ""


def test_a_reason_goes_into_the_commit(desk: Desk) -> None:
    desk.inv("switch", "staging", "--next", A, "--commit")
    desk.inv("switch", "staging", "--next", B, "--commit")
    desk.inv("switch", "staging", "--weight", "0.02", "--because", "it is a holiday", "--commit")
    assert desk.git("log", "-1", "--format=%b").strip() == "it is a holiday"


def test_what_is_in_force_cannot_be_told_without_an_account_and_the_lines_are_written_all_the_same(desk: Desk) -> None:
    said = desk.inv("switch", "staging", "--next", A)
    assert (said.status, said.err) == (0, "")
    assert said.out == (
        "staging: AWS does not say: Unable to locate credentials\n"
        f"{A} is not published there yet, so it was not asked\n"
        "Pulumi.staging.yaml\n"
        f"-      live: sha256:{'0' * 64} # set on first bootstrap\n"
        f"-      next: sha256:{'0' * 64}\n"
        f"+      live: {A} # set on first bootstrap\n"
        f"+      next: {A}\n"
        "staged Pulumi.staging.yaml; commit it, or take it back by git checkout HEAD -- Pulumi.staging.yaml\n"
    )


def test_a_dry_run_writes_nothing_and_machines_get_one_document(desk: Desk) -> None:
    said = desk.inv("switch", "laptop", "--next", "HEAD", "--dry-run", "--json")
    own = for_laptop(desk.repo, "HEAD")["endpoint"].digest
    assert json.loads(said.out) == {
        "stack": "laptop",
        "live": own,
        "next": own,
        "weight": 0.0,
        "published": [],
        "unread": "nothing runs here; ./inv up starts it",
        "probe": None,
    }
    assert desk.git("status", "--porcelain") == ""


def test_without_a_step_it_only_says_what_is_in_force(desk: Desk) -> None:
    said = desk.inv("switch", "laptop")
    assert (said.status, said.err) == (0, "")
    assert said.out == (
        "laptop: nothing runs here; ./inv up starts it\nnewest is not published there yet, so it was not asked\n"
    )


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (("staging-live",), "staging-live runs no builds; name staging\n"),
        (("staging", "--weight", "half"), "--weight half: write a share from 0.0 to 1.0\n"),
        (("staging", "--back", "--finish"), "--finish and --back are steps of their own; take one at a time\n"),
        (("staging", "--finish"), "sha256:000000000000 is live already\n"),
    ],
)
def test_what_was_typed_wrong_is_named(desk: Desk, typed: tuple[str, ...], answer: str) -> None:
    said = desk.inv("switch", *typed)
    assert (said.status, said.out, said.err) == (2, "", answer)


def test_a_commit_holds_nothing_but_the_step(desk: Desk) -> None:
    file = desk.repo / STAGING
    file.write_text(file.read_text() + "# by hand\n")
    said = desk.inv("switch", "staging", "--next", A, "--commit")
    assert said.status == 2
    assert said.err == (
        "Pulumi.staging.yaml has changes that are not committed; commit them first, or leave out --commit\n"
    )

"""./inv switch where nothing of ours runs: what it writes, commits and refuses. tests/laptop has the rest."""

import json
import re

import boto3
import pytest

from delivery.deploy.build_commit import for_laptop
from delivery.deploy.build_versions import LambdaFunction, Published
from delivery.engines.stack import EngineError
from tests.unit.commands.desk import Desk

pytestmark = pytest.mark.slow

STAGING = "Pulumi.staging.yaml"
UNREAD = (
    "AWS does not say what espice-staging-updates has or answers: Unable to locate credentials; "
    "sign in to its AWS account, and try again"
)
A, B = (f"sha256:{letter * 64}" for letter in "ab")


@pytest.fixture(autouse=True)
def _signed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell without any account."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it would remember credentials


@pytest.fixture
def account(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account in which nothing was published yet."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")


@pytest.mark.usefixtures("account")
def test_a_step_is_proposed_onto_main_whatever_lies_here(alone: Desk) -> None:
    alone.append(STAGING, "# mine")
    for digest, done in ((A, "opened"), (B, "changed")):
        said = alone.inv("switch", "staging", "--next", digest, "--pr")
        assert (said.status, said.err) == (0, ""), said
        assert f"{done} proposal 1: Name {digest[:19]} the next build of staging's update endpoint" in said.out
    assert f"{STAGING} is another here than on main, where the proposal stands; it was left alone" in said.out
    diff = alone.git("diff", "main", "switch/staging")
    assert re.findall(r"^\+ +(\w+): (sha256:\w+)", diff, re.MULTILINE) == [("live", B), ("next", B)]
    assert alone.changed() == f" M {STAGING}\n"


@pytest.mark.usefixtures("account")
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


@pytest.mark.usefixtures("account")
def test_a_reason_goes_into_the_commit(desk: Desk) -> None:
    desk.inv("switch", "staging", "--next", A, "--commit")
    desk.inv("switch", "staging", "--next", B, "--commit")
    said = desk.inv("switch", "staging", "--weight", "0.02", "--because", "it is a holiday", "--commit")
    assert f"{B} is not published there yet, so it was not asked\n" in said.out
    assert desk.git("log", "-1", "--format=%b").strip() == "it is a holiday"


def test_what_is_in_force_cannot_be_told_without_an_account_and_the_lines_are_written_all_the_same(desk: Desk) -> None:
    said = desk.inv("switch", "staging", "--next", A)
    assert (said.status, said.err) == (0, "")
    assert said.out == (
        f"staging: {UNREAD}\n"
        f"{A} could not be asked whether it can answer\n"
        "Pulumi.staging.yaml\n"
        f"-      live: sha256:{'0' * 64} # set on first bootstrap\n"
        f"-      next: sha256:{'0' * 64}\n"
        f"+      live: {A} # set on first bootstrap\n"
        f"+      next: {A}\n"
        "staged Pulumi.staging.yaml; commit it, or take it back by git checkout HEAD -- Pulumi.staging.yaml\n"
    )


def test_where_nobody_can_be_asked_no_share_rises_and_every_way_back_is_open(desk: Desk) -> None:
    file = desk.repo / STAGING
    nobody = f"sha256:{'0' * 64}"
    text = file.read_text().replace(f"live: {nobody}", f"live: {A}").replace(f"next: {nobody}", f"next: {B}")
    refused = (1, f"nothing was written: {B} could not be asked whether it can answer\n")
    for weight, step, expected in (
        ("0.0", ("--weight", "0.1"), refused),
        ("1.0", ("--finish",), refused),
        ("0.5", ("--weight", "0.1"), (0, "")),
        ("0.5", ("--back",), (0, "")),
    ):
        file.write_text(re.sub(r"weight: 0\.0", f"weight: {weight}", text))
        before = file.read_text()
        said = desk.inv("switch", "staging", *step)
        assert (said.status, said.err) == expected, (weight, step)
        assert (file.read_text() == before) is (expected == refused)


def test_a_build_that_may_be_seen_and_not_asked_gets_no_share(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise EngineError("AWS does not say; sign in")

    monkeypatch.setattr(LambdaFunction, "published", lambda _: Published({"2": "b" * 64, "1": "a" * 64}, "1"))
    monkeypatch.setattr(LambdaFunction, "invoke", denied)
    for build in (A, B):
        assert desk.inv("switch", "staging", "--next", build).status == 0
    said = desk.inv("switch", "staging", "--weight", "0.1", "--json")
    assert (said.status, said.err) == (1, f"nothing was written: {B} could not be asked whether it can answer\n")
    document = json.loads(said.out)
    assert (document["probe"], document["unread"]) == (None, "AWS does not say; sign in")


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
        "laptop: nothing runs here; ./inv up starts it\nnewest could not be asked whether it can answer\n"
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

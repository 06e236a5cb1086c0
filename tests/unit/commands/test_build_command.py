"""./inv build: what it prints, what it puts where, and that it never puts over anything."""

import hashlib
import json
import re
from typing import Any

import boto3
import pytest

from tests.unit.commands.desk import Desk

BUCKET = "espice-staging-builds"

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(aws: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Staging's bucket of builds on a moto server, and a shell that is signed in there."""
    signed_in = {
        "AWS_ENDPOINT_URL": aws,
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
    }
    for name, value in signed_in.items():
        monkeypatch.setenv(name, value)
    return boto3.client("s3", region_name="us-east-1")


def test_a_build_is_printed_by_its_digest_and_size_and_the_same_again(desk: Desk) -> None:
    said = desk.inv("build", "--app", "endpoint")
    assert (said.status, said.err) == (0, "")
    assert re.fullmatch(r"endpoint   \d\d\.\d of 40 MB  sha256:[0-9a-f]{64}\n", said.out)
    told = json.loads(desk.inv("build", "--app", "endpoint", "--json").out)
    assert told["commit"] == desk.git("rev-parse", "HEAD").strip()
    assert told["builds"]["endpoint"]["digest"] in said.out


def test_it_is_heads_code_that_is_built_and_not_what_lies_here(desk: Desk) -> None:
    before = desk.inv("build", "--app", "endpoint").out
    file = desk.repo / "delivery/endpoint/handler.py"
    file.write_text(file.read_text() + "# not committed\n")
    assert desk.inv("build", "--app", "endpoint").out == before
    desk.git("commit", "-qam", "Another endpoint")
    assert desk.inv("build", "--app", "endpoint").out != before


def test_a_build_is_put_into_the_bucket_once(desk: Desk, bucket: Any) -> None:
    bucket.create_bucket(Bucket=BUCKET)
    first = desk.inv("build", "--app", "endpoint", "--publish", "staging")
    assert first.out.endswith(f"  put into {BUCKET}\n"), first
    digest = first.out.split()[5].removeprefix("sha256:")
    data = bucket.get_object(Bucket=BUCKET, Key=f"{digest}.zip")["Body"].read()
    assert hashlib.sha256(data).hexdigest() == digest
    assert desk.inv("build", "--app", "endpoint", "--publish", "staging").out.endswith(f"  is in {BUCKET} already\n")


def test_without_a_bucket_it_says_what_makes_one(desk: Desk, bucket: Any) -> None:
    assert bucket.list_buckets()["Buckets"] == []  # as in an account where nobody was yet
    said = desk.inv("build", "--app", "endpoint", "--publish", "staging")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"{BUCKET} did not take the build: ")
    assert said.err.endswith(
        "; sign in to the environment's AWS account, and see that ./inv bootstrap made the bucket\n"
    )


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (("--app", "endpiont"), "there is no app endpiont; there are endpoint, console, consumer\n"),
        (("--publish", "laptop"), "--publish laptop: name staging or production; the laptop makes its own builds\n"),
        (("--publish", "prod"), "--publish prod: name staging or production; the laptop makes its own builds\n"),
    ],
)
def test_what_was_typed_wrong_is_named(desk: Desk, typed: tuple[str, ...], answer: str) -> None:
    said = desk.inv("build", *typed)
    assert (said.status, said.out, said.err) == (2, "", answer)

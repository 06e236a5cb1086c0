"""One version is asked as an HTTP API asks it, and judged as installations would have to."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from delivery.deploy.probe import Question, check_path, trouble
from delivery.endpoint.app import create_app
from delivery.endpoint.gateway import respond
from delivery.endpoint.source import Source
from delivery.endpoint.store import StoreError
from delivery.history import snapshot
from delivery.rules.read import read
from tests.unit.deploy.answers import ISSUED, SETTINGS, good, sealed
from tests.unit.infra.recorder import ROOT

QUESTION = Question("/v1/update/beta/darwin/aarch64/0.0.0", SETTINGS)
Answer = dict[str, Any]


def answering(path: str, answer: Answer) -> Callable[[Mapping[str, Any]], Answer]:
    """A sound version, but for this answer."""
    return lambda event: answer if event["rawPath"] == path else good(event)


def test_a_sound_version_has_nothing_against_it() -> None:
    assert trouble(good, QUESTION) == ""


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        (QUESTION.check, {"statusCode": 503, "headers": {}, "body": "{}"}, "the update check got status 503"),
        (
            QUESTION.check,
            {"errorMessage": "Unable to import module: No module named 'flask'", "errorType": "Runtime"},
            "it fails: Unable to import module: No module named 'flask'",
        ),
        (
            QUESTION.check,
            {"statusCode": 204, "headers": {"espice-serial": "6", "espice-reason": "newest"}, "body": ""},
            "the answer is of serial 6, the head of 7",
        ),
        (
            QUESTION.check,
            {"statusCode": 204, "headers": {}, "body": ""},
            "nothing was offered, and not by the endpoint: the answer says no reason; "
            "the answer is of serial nothing, the head of 7",
        ),
        ("/v1/head", {"statusCode": 404, "headers": {}, "body": ""}, "the head got status 404"),
        (
            "/v1/head",
            {"statusCode": 200, "headers": {}, "body": sealed().replace("sig", "gis", 1)},
            "the head is not to be believed: ",
        ),
    ],
)  # fmt: skip
def test_what_installations_could_not_use_is_named(path: str, answer: Answer, why: str) -> None:
    said = trouble(answering(path, answer), QUESTION)
    assert said.startswith(why) if why.endswith(": ") else said == why


def test_a_head_that_has_expired_is_no_answer() -> None:
    late = ISSUED + timedelta(hours=72)
    assert trouble(good, QUESTION, late) == f"the head is not to be believed: it expired at {late.isoformat()}"


def test_the_question_is_one_that_the_gateway_takes_and_no_catalog_refuses() -> None:
    """Asked of the real app without a catalog, it is understood, and answered with the reason why not."""

    class Empty:
        def get(self, _key: str, _etag: str | None) -> Any:
            raise StoreError("there is no catalog yet")

    app = create_app(Source(Empty(), SETTINGS, lambda _: None), SETTINGS, lambda: ISSUED, lambda _: None)
    answers: list[Answer] = []

    def invoke(event: Mapping[str, Any]) -> Answer:
        answers.append(respond(app, json.loads(json.dumps(event))))
        return answers[-1]

    assert trouble(invoke, QUESTION) == "the head got status 503; the update check got status 503"
    assert [json.loads(each["body"])["detail"] for each in answers] == [
        "the override was not taken: there is no catalog yet"
    ] * 2


def test_the_check_is_of_a_channel_and_a_target_that_there_are() -> None:
    facts, problems = read(snapshot.in_worktree(ROOT))
    assert facts, problems
    assert check_path(facts) == QUESTION.check

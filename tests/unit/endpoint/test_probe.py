"""The probe judges the real endpoint's answers as an installation would have to."""

import json
from collections.abc import Iterator
from contextvars import Context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import msgspec
import pytest

from delivery.endpoint import metrics, probe
from delivery.endpoint.probe import Reply, Verdict, Where, judge, run
from delivery.rules.head import LIFETIME
from tests.unit.endpoint.parts import NOW, SETTINGS, World, new_key

WHERE = Where("/v1/update/stable/linux/x86_64/0.0.1?bundle=appimage", "/v1/head")
CURRENT = replace(WHERE, check="/v1/update/stable/linux/x86_64/9.0.0")


def asking(world: World) -> probe.Ask:
    """Asks the endpoint itself, without an edge between."""

    def ask(address: str) -> Reply:
        response = world.get(address)
        return Reply(response.status_code, {name.lower(): value for name, value in response.headers}, response.data)

    return ask


def judged(world: World, where: Where = WHERE, **other: Reply | None) -> Verdict:
    """The verdict on what the endpoint says, with some of it put in the place of another answer."""
    ask = asking(world)
    check = other.get("check", ask(where.check))
    return judge(check, other.get("head", ask(where.head)), world.settings, world.clock.now)


def offered(world: World, **changed: Any) -> Reply:
    """The endpoint's offer, with some keys changed, or taken away by None."""
    real = asking(world)(WHERE.check)
    body = {key: value for key, value in {**json.loads(real.body), **changed}.items() if value is not None}
    return replace(real, body=json.dumps(body).encode())


def test_an_offer_that_can_be_used_is_nothing_to_tell(world: World) -> None:
    assert judged(world) == Verdict((), LIFETIME)


def test_nothing_offered_for_a_reason_is_nothing_to_tell_either(world: World) -> None:
    assert judged(world, CURRENT) == Verdict((), LIFETIME)


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("/v1/update/nightly/linux/x86_64/1.0.0", "the update check was not understood: unknown-channel"),
        ("/v1/update/stable/amiga/m68k/1.0.0", "the update check was not understood: unknown-target"),
        ("/v1/update/stable/linux", "the update check was not understood: malformed"),
        ("/nowhere", "the update check got status 404"),
    ],
)
def test_a_question_that_the_endpoint_does_not_understand_proves_nothing(world: World, check: str, told: str) -> None:
    assert judged(world, replace(WHERE, check=check)).wrong == (told,)


def test_an_endpoint_without_a_catalog_is_told() -> None:
    assert judged(World()) == Verdict(("the head got status 503", "the update check got status 503"), None)


def test_silence_is_told(world: World) -> None:
    assert judged(world, check=None, head=None).wrong == ("the head got no answer", "the update check got no answer")


def test_an_empty_answer_that_is_not_the_endpoints_is_told(world: World) -> None:
    world.clock.passes(minutes=5)
    assert judged(world, check=Reply(204, {})).wrong == (
        "nothing was offered, and not by the endpoint: the answer says no reason",
        "the answer is of serial nothing, the head of 7",
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"signature": None}, "the offer is not what an updater reads: Object missing required field `signature`"),
        ({"signature": ""}, "the offer has no signature"),
        (
            {"pub_date": "soon"},
            "the offer is not what an updater reads: Invalid RFC3339 encoded datetime - at `$.pub_date`",
        ),
        ({"url": "https://elsewhere.example/ESpice"}, "the offer does not lead to the downloads host"),
        ({"platforms": {}}, "the offer has platforms, which an updater takes for a static manifest"),
    ],
)
def test_an_offer_that_an_updater_could_not_use_is_told(world: World, changed: dict[str, Any], told: str) -> None:
    assert judged(world, check=offered(world, **changed)).wrong == (told,)


def test_a_page_of_html_is_told(world: World) -> None:
    assert judged(world, check=Reply(200, {}, b"<html>")).wrong == (
        "the offer is not what an updater reads: JSON is malformed: invalid character (byte 0)",
    )


def test_a_head_that_is_not_to_be_believed_is_told(world: World) -> None:
    _, other = new_key()
    verdict = judge(
        asking(world)(WHERE.check), asking(world)(WHERE.head), replace(SETTINGS, head_keys=(other,)), world.clock.now
    )
    assert verdict == Verdict(("the head is not to be believed: no trusted key signed it",), None)


def test_a_cache_may_lag_behind_a_new_head_but_not_for_long(world: World) -> None:
    old = asking(world)(WHERE.check)
    world.publish(serial=8)
    world.clock.passes(seconds=11)
    assert judged(world, check=old).wrong == ()
    world.clock.passes(seconds=120)
    assert judged(world, check=old).wrong == ("the answer is of serial 7, the head of 8",)


def test_an_answer_newer_than_the_head_that_a_cache_kept_is_right(world: World) -> None:
    world.clock.passes(minutes=5)
    old = asking(world)(WHERE.head)
    world.publish(serial=8)
    world.clock.passes(seconds=11)
    assert judged(world, head=old).wrong == ()


def test_what_was_found_leaves_as_metrics_and_says_why(world: World) -> None:
    world.clock.passes(hours=60)
    line = run(WHERE, SETTINGS, asking(world), world.clock.now)
    took = line.pop(metrics.TOOK)
    assert took >= 0
    assert line == {
        "_aws": {
            "Timestamp": int((NOW + timedelta(hours=60)).timestamp() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "ESpice",
                    "Dimensions": [["Environment"]],
                    "Metrics": [
                        {"Name": "AnswerMilliseconds", "Unit": "Milliseconds"},
                        {"Name": "ValidAnswer", "Unit": "None"},
                        {"Name": "HeadHoursLeft", "Unit": "None"},
                    ],
                }
            ],
        },
        "Environment": "staging",
        "ValidAnswer": 1.0,
        "HeadHoursLeft": 12.0,
        "wrong": [],
    }


def test_where_the_head_is_not_believed_its_hours_are_not_counted() -> None:
    line = run(WHERE, SETTINGS, asking(World()), NOW)
    assert line["ValidAnswer"] == 0.0
    assert "HeadHoursLeft" not in line
    assert line["wrong"] == ["the head got status 503", "the update check got status 503"]


# --- over HTTP ----------------------------------------------------------------------------------------------------


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """The endpoint on a port."""

    class Serve(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            response = world.get(self.path)
            self.send_response(response.status_code)
            for name, value in response.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.data)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_function_asks_over_http_and_logs_one_line(
    world: World, site: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    world.clock.now = datetime.now(UTC)
    world.publish()
    for name, value in SETTINGS.to_env().items():
        monkeypatch.setenv(name, value)
    said = Context().run(probe.handler, {"check": site + WHERE.check, "head": site + WHERE.head}, None)
    assert json.loads(capfd.readouterr().err) == said
    assert (said["wrong"], said["ValidAnswer"], said["Environment"]) == ([], 1.0, "staging")


def test_what_nobody_answers_is_wrong_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SETTINGS.to_env().items():
        monkeypatch.setenv(name, value)
    said = probe.handler({"check": "http://127.0.0.1:9/", "head": "http://127.0.0.1:9/"}, None)
    assert said["wrong"] == ["the head got no answer", "the update check got no answer"]


def test_an_event_that_does_not_say_where_to_ask_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="Object missing required field `head`"):
        probe.handler({"check": "https://updates.example/"}, None)

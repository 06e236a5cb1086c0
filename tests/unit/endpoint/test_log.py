"""The log: one line for each thing worth telling, and never a reason for an answer to fail."""

import json
import os
from contextvars import Context
from datetime import timedelta

import pytest
from werkzeug.test import Client

from delivery.endpoint import naming
from delivery.endpoint.app import create_app
from delivery.endpoint.log import Pace, to_stderr
from delivery.endpoint.naming import begin
from tests.unit.endpoint.parts import NOW, World


def in_a_request(name: str) -> None:
    begin({naming.ENVIRON: name})
    to_stderr({"event": "x", "text": "a\nb"})


def test_a_line_is_json_and_names_the_request_it_is_about(capfd: pytest.CaptureFixture[str]) -> None:
    Context().run(to_stderr, {"event": "look"})
    Context().run(in_a_request, "r-1")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert lines == [{"event": "look"}, {"event": "x", "text": "a\nb", "request": "r-1"}]


@pytest.mark.parametrize("what", ["a full disk", "a closed pipe", "nothing"])
def test_a_log_that_cannot_be_written_fails_no_answer(what: str, world: World) -> None:
    world.client = Client(create_app(world.source, world.settings, world.clock))
    kept = os.dup(2)
    try:
        if what == "a full disk":
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, 2)
            os.close(full)
        elif what == "a closed pipe":
            reading, writing = os.pipe()
            os.close(reading)
            os.dup2(writing, 2)
            os.close(writing)
        else:
            os.close(2)
        with pytest.raises(OSError, match=r"."):
            os.write(2, b"is it so?")
        offered = world.offered()
        refused = world.get("/v1/update/", "POST").status_code
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    assert (offered, refused) == ("1.3.0", 405)


def test_a_pace_counts_for_each_kind_and_goes_on_when_a_clock_is_set_back() -> None:
    pace = Pace()
    asked = [("a", 0), ("b", 0), ("a", 9), ("a", 10), ("a", 11), ("b", 11), ("a", -60)]
    allowed = [pace.allows(kind, 10, NOW + timedelta(seconds=at)) for kind, at in asked]
    assert allowed == [True, True, False, True, False, True, True]

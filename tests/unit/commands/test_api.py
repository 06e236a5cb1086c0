"""What the endpoint answers is written down, and v1 never loses what it promised without a reviewer who sees it."""

import copy
import json
from typing import Any

import pytest

from delivery.commands.api import DOCUMENT, lost, served
from delivery.endpoint.update import UPDATE_CHECK
from tests.unit.commands.desk import Desk
from tests.unit.test_docs import ROOT

NOW: dict[str, Any] = json.loads(served())
UPDATE = "/v1/update/{channel}/{target}/{arch}/{version}"


def test_the_written_document_is_what_is_served_and_nothing_was_taken_away() -> None:
    written = (ROOT / DOCUMENT).read_bytes()
    assert lost(json.loads(written), NOW) == []
    assert written == served(), "run ./inv api"


def test_the_command_writes_it(desk: Desk) -> None:
    desk.write(DOCUMENT, '{"paths": {}, "components": {}}')
    done = desk.inv("api")
    assert (done.status, done.out) == (0, "docs/openapi.json says what the endpoint says.\n")
    assert desk.read(DOCUMENT).encode() == served()


def test_the_command_refuses_to_write_down_a_broken_promise(desk: Desk) -> None:
    promised = copy.deepcopy(NOW)
    promised["paths"]["/v1/wishes"] = promised["paths"]["/v1/head"]
    desk.write(DOCUMENT, json.dumps(promised))
    done = desk.inv("api")
    assert (done.status, done.out) == (1, "")
    assert done.err.splitlines() == [
        "/v1/wishes is gone.",
        "docs/openapi.json is left as it was. Keep these, or make a /v2/; what nobody was ever told may be lost:",
        "remove docs/openapi.json, type ./inv api, and let a reviewer see the difference.",
    ]
    assert desk.read(DOCUMENT) == json.dumps(promised)


def reply(api: dict[str, Any], status: str = "200") -> dict[str, Any]:
    found: dict[str, Any] = api["paths"][UPDATE]["get"]["responses"][status]
    return found


def cohort(api: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in api["paths"][UPDATE]["parameters"] if each["name"] == "cohort")


def shape(api: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api["components"]["schemas"]["Update"]
    return found


TAKEN = {
    f"{UPDATE} is gone.": lambda api: api["paths"].pop(UPDATE),
    f"{UPDATE} does not know cohort in the query any more.": lambda api: cohort(api).update(name="place"),
    f"{UPDATE}, cohort in the query: maximum was 999 and is 99.": lambda api: cohort(api)["schema"].update(maximum=99),
    f"{UPDATE} does not answer 204 any more.": lambda api: api["paths"][UPDATE]["get"]["responses"].pop("204"),
    f"{UPDATE}, 200: the header ESpice-Serial is gone.": lambda api: reply(api)["headers"].pop("ESpice-Serial"),
    f"{UPDATE}, 200: it is not application/json any more.": lambda api: reply(api).update(content={}),
    f"{UPDATE}, 200: the key url is gone.": lambda api: shape(api)["properties"].pop("url"),
    f"{UPDATE}, 200: the key notes is not always there any more.": lambda api: shape(api)["required"].remove("notes"),
    f"{UPDATE}, 200, notes: type was string and is array.": lambda api: shape(api)["properties"]["notes"].update(
        type="array"
    ),
    f"{UPDATE}, 200, warnings: the key reason is gone.": lambda api: api["components"]["schemas"]["Warned"][
        "properties"
    ].pop("reason"),
}


@pytest.mark.parametrize("sentence", TAKEN)
def test_what_is_taken_from_v1_is_named(sentence: str) -> None:
    after = copy.deepcopy(NOW)
    TAKEN[sentence](after)
    assert sentence in lost(NOW, after)


def test_a_word_that_is_never_said_any_more_is_named_and_a_new_one_is_none() -> None:
    before, after = copy.deepcopy(NOW), copy.deepcopy(NOW)
    shape(before)["properties"]["notes"] = {"enum": ["a", "b"]}
    shape(after)["properties"]["notes"] = {"enum": ["b", "c"]}
    assert lost(before, after) == [f"{UPDATE}, 200, notes: it is never a any more."]


def test_what_comes_takes_nothing_away() -> None:
    after = copy.deepcopy(NOW)
    after["paths"]["/v1/wishes"] = after["paths"]["/v1/head"]
    after["paths"][UPDATE]["parameters"].append({"name": "x", "in": "query", "required": False, "schema": {}})
    shape(after)["properties"]["more"] = {"type": "string"}
    shape(after)["required"].append("warnings")
    after["paths"][UPDATE]["get"]["responses"]["410"] = {"description": "Gone."}
    assert lost(NOW, after) == []


def test_what_is_not_of_v1_may_change_at_any_time() -> None:
    after = copy.deepcopy(NOW)
    del after["paths"]["/healthz"]
    assert lost(NOW, after) == []


def test_a_shape_inside_itself_is_compared_once() -> None:
    before = copy.deepcopy(NOW)
    shape(before)["properties"]["inner"] = {"$ref": "#/components/schemas/Update"}
    assert lost(before, before) == []
    assert UPDATE_CHECK.path == UPDATE

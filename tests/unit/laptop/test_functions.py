"""The laptop's Lambda as deploy meets it: versions from the ledger, and one of them run from its own zip."""

from pathlib import Path

import pytest

from delivery.deploy.build import App, build
from delivery.deploy.build_versions import Published
from delivery.laptop import functions
from delivery.laptop.functions import ALIAS, FUNCTION, LaptopFunction, published
from delivery.laptop.places import Places
from delivery.laptop.providers.ledger import Ledger

NAME = "espice-laptop-updates"
APP = App("delivery/endpoint", "endpoint", ())
HANDLER = """
import os
from delivery.rules.word import WORD
def handler(event, context):
    return {"statusCode": 200, "word": WORD, "path": event["rawPath"], "told": os.environ["ESPICE_BUCKET"]}
"""


def version(places: Places, handler: str, word: str) -> dict[str, object]:
    """What the provider records of a published version with this code."""
    files = {"delivery/endpoint/handler.py": handler.encode(), "delivery/rules/word.py": f"WORD = {word!r}".encode()}
    made = build(APP, files)
    code = places.state / f"{made.sha256}.zip"
    code.parent.mkdir(parents=True, exist_ok=True)
    code.write_bytes(made.data)
    said = {"handler": "delivery.endpoint.handler.handler", "environment": {"ESPICE_BUCKET": "catalog"}}
    return {"sha256": made.sha256, "code": str(code), **said}


def function(tmp_path: Path) -> LaptopFunction:
    return LaptopFunction(Places(tmp_path), {"aws": 1}, NAME)


def test_a_version_is_run_from_its_own_zip_with_its_own_variables(tmp_path: Path) -> None:
    places = Places(tmp_path)
    versions = {"1": version(places, HANDLER, "one"), "2": version(places, HANDLER, "two")}
    Ledger(places.ledger).put(FUNCTION, NAME, {"versions": versions})
    for number, word in (("1", "one"), ("2", "two")):
        answer = function(tmp_path).invoke(number, {"rawPath": "/healthz"})
        assert answer == {"statusCode": 200, "word": word, "path": "/healthz", "told": "catalog"}


def test_a_version_that_fails_says_its_last_word(tmp_path: Path) -> None:
    places = Places(tmp_path)
    broken = "def handler(event, context):\n    raise RuntimeError('no catalog')\n"
    Ledger(places.ledger).put(FUNCTION, NAME, {"versions": {"1": version(places, broken, "one")}})
    assert function(tmp_path).invoke("1", {}) == {"errorMessage": "RuntimeError: no catalog"}


def test_what_a_version_prints_is_no_part_of_its_answer(tmp_path: Path) -> None:
    places = Places(tmp_path)
    talking = "import os\nprint('hello')\nos.system('echo there')\n" + HANDLER.replace("return", "print(1)\n    return")
    Ledger(places.ledger).put(FUNCTION, NAME, {"versions": {"1": version(places, talking, "one")}})
    assert function(tmp_path).invoke("1", {"rawPath": "/healthz"})["word"] == "one"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os\nos._exit(0)", "what it answers is no JSON object"),
        ("def handler(event, context):\n    return []", "what it answers is no JSON object"),
        ("import time\ntime.sleep(60)", "it did not answer within 0.5 s"),
    ],
)
def test_a_version_that_answers_nothing_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    if "sleep" in code:
        monkeypatch.setattr(functions, "WITHIN", 0.5)
    places = Places(tmp_path)
    Ledger(places.ledger).put(FUNCTION, NAME, {"versions": {"1": version(places, code, "one")}})
    assert function(tmp_path).invoke("1", {}) == {"errorMessage": said}


def test_versions_are_told_newest_first_with_who_answers() -> None:
    versions = {str(number): {"sha256": f"{number:064x}"} for number in (1, 2, 9, 10)}
    alias = {"functionName": NAME, "functionVersion": "9", "routingConfig": {"additionalVersionWeights": {"10": 0.1}}}
    records = {FUNCTION: {NAME: {"versions": versions}}, ALIAS: {"a": alias, "b": {"functionName": "another"}}}
    told = published(records, NAME)
    assert told == Published({str(n): f"{n:064x}" for n in (10, 9, 2, 1)}, "9", {"10": 0.1})
    assert list(told.versions) == ["10", "9", "2", "1"]


def test_a_function_that_was_never_made_has_published_nothing(tmp_path: Path) -> None:
    assert function(tmp_path).published() is None

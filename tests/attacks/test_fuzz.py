"""Every operation that the API's own description names, asked with whatever that allows and with what it does not."""

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks
from werkzeug.test import TestResponse

from tests.attacks.front import MARK, Front
from tests.attacks.served import published
from tests.examples import examples
from tests.unit.endpoint.parts import World

pytestmark = pytest.mark.slow

WORLD = published()
WITHOUT = World()  # nothing was ever published there
SCHEMA = schemathesis.openapi.from_wsgi("/v1/openapi.json", WORLD.app)
OPERATIONS = {each.ok().path: each.ok() for each in SCHEMA.get_all_operations() if each.ok().method == "get"}
ELSEWHERE = schemathesis.openapi.from_dict(WORLD.get("/v1/openapi.json").get_json())  # the same, for what listens
PAGE = "/v1/docs"
# Words that there are: without them next to nothing would get further than "there is no such channel".
KNOWN = {
    "channel": ["stable", "beta"],
    "target": ["linux-x86_64", "linux", "windows-x86_64-msi", "darwin-aarch64"],
    "arch": ["x86_64", "aarch64"],
    "version": ["1.2.0", "1.3.0", "1.4.0", "1.5.0-beta.1+7"],
}
# What every answer must be: nothing is said here of rejecting, since an update check refuses nobody.
DECLARED = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
EVERY_OPERATION = pytest.mark.parametrize("path", OPERATIONS)


def few(number: int) -> settings:
    """So many examples of each operation."""
    return settings(examples(number), deadline=None, suppress_health_check=list(HealthCheck))


def known(case: Case, data: st.DataObject) -> Case:
    """The case, half of the time with words in its path that there are."""
    for name in case.path_parameters or {}:
        if data.draw(st.booleans()):
            case.path_parameters[name] = data.draw(st.sampled_from(KNOWN[name]))
    return case


def asked(case: Case, world: World = WORLD) -> TestResponse:
    """The case, sent as it is."""
    said = case.as_transport_kwargs()
    return world.client.open(
        said["path"], method=said["method"], query_string=said["query_string"], headers=said["headers"]
    )


def is_sound(status: int, kind: str, path: str) -> None:
    """No fault, and no page but the one."""
    assert status < 500
    assert "html" not in kind or path == PAGE


@EVERY_OPERATION
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_operation_answers_only_as_it_is_described(path: str, mode: GenerationMode) -> None:
    operation = OPERATIONS[path]

    @few(60)
    @given(operation.as_strategy(mode), st.data())
    def fuzz(case: Case, data: st.DataObject) -> None:
        response = (known(case, data) if mode is GenerationMode.POSITIVE else case).call()
        is_sound(response.status_code, response.headers.get("content-type", [""])[0], operation.path)
        case.validate_response(response, checks=DECLARED)

    with suppress(Unsatisfiable):  # what has no parameters cannot be asked wrongly
        fuzz()


@EVERY_OPERATION
def test_no_operation_says_anything_again_that_it_was_told(path: str) -> None:
    operation = OPERATIONS[path]

    @few(25)
    @given(operation.as_strategy(GenerationMode.POSITIVE), st.data())
    def fuzz(case: Case, data: st.DataObject) -> None:
        case.headers = {**(case.headers or {}), "User-Agent": MARK, f"X-{MARK}": MARK, "Referer": f"https://{MARK}/"}
        case.query = {**(case.query or {}), MARK: MARK}
        told = sorted(case.path_parameters or {})
        if told:
            where = data.draw(st.sampled_from(told))
            case.path_parameters = {**case.path_parameters, where: f"{case.path_parameters[where]}{MARK}"}
        response = asked(case)
        is_sound(response.status_code, response.content_type or "", operation.path)
        assert MARK not in response.get_data(as_text=True) + str(response.headers)

    fuzz()


@EVERY_OPERATION
def test_nothing_that_is_asked_gets_into_the_log(path: str) -> None:
    operation = OPERATIONS[path]
    world = published()

    @few(15)
    @given(operation.as_strategy(GenerationMode.POSITIVE))
    def fuzz(case: Case) -> None:
        case.query = {**(case.query or {}), "os": f"{MARK}\n{MARK}", "failed": MARK}
        case.path_parameters = {name: f"{value}{MARK}\x1b[2J" for name, value in (case.path_parameters or {}).items()}
        asked(case, world)
        assert MARK not in str(world.said)

    fuzz()


@EVERY_OPERATION
def test_head_is_get_without_a_body(path: str) -> None:
    operation = OPERATIONS[path]

    @few(15)
    @given(operation.as_strategy(GenerationMode.POSITIVE), st.data())
    def fuzz(case: Case, data: st.DataObject) -> None:
        said = known(case, data).as_transport_kwargs()
        got, headed = (
            WORLD.client.open(said["path"], method=method, query_string=said["query_string"], headers=said["headers"])
            for method in ("GET", "HEAD")
        )
        assert headed.data == b""
        assert headed.status == got.status
        own = {"ESpice-Request", "Date"}  # differ from answer to answer
        assert {k: v for k, v in headed.headers.items() if k not in own} == {
            k: v for k, v in got.headers.items() if k not in own
        }

    fuzz()


@EVERY_OPERATION
def test_no_operation_can_be_written_to(path: str) -> None:
    named = path.format(**{name: values[0] for name, values in KNOWN.items()})
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "PURGE", "GET "):
        response = WORLD.client.open(named, method=method, data=b"{}", headers={"X-HTTP-Method-Override": "GET"})
        assert (response.status_code, response.content_type) == (405, "application/problem+json")
        assert "GET" in response.headers["Allow"]


@EVERY_OPERATION
def test_without_a_head_every_operation_says_so_or_needs_none(path: str) -> None:
    operation = OPERATIONS[path]

    @few(10)
    @given(operation.as_strategy(GenerationMode.POSITIVE))
    def fuzz(case: Case) -> None:
        response = asked(case, WITHOUT)
        assert response.status_code in (200, 204, 302, 304, 404, 503)
        if response.status_code == 503:
            assert response.headers["Retry-After"]
            assert response.content_type == "application/problem+json"
            assert "503" in operation.definition.raw["responses"]

    fuzz()


@pytest.mark.laptop
@EVERY_OPERATION
def test_every_operation_answers_as_it_is_described_through_the_edge(front: Front, path: str) -> None:
    operation = ELSEWHERE[path]["get"]

    @few(12)
    @given(operation.as_strategy(GenerationMode.POSITIVE), st.data())
    def fuzz(case: Case, data: st.DataObject) -> None:
        response = known(case, data).call(base_url=f"http://127.0.0.1:{front.port}", timeout=10, allow_redirects=False)
        is_sound(response.status_code, response.headers.get("content-type", [""])[0], path)

    fuzz()

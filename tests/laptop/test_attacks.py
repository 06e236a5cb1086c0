"""A few of the attacks of tests/attacks, on the whole system as it runs here: edge, endpoint and store."""

from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from tests.attacks.front import CHECK, MARK, Front
from tests.attacks.test_through_the_edge import CLIMBING, ODD, POISON, is_harmless
from tests.laptop.system import System

PAGE = "/v1/docs"


@pytest.fixture
def front(one_system: System) -> Front:
    """The updates host of the running laptop. Attacks leave nothing behind, so nothing is put back."""
    address = urlsplit(one_system.url("updates"))
    return Front("updates.espice.localhost", address.port or 80, address.port or 80)


@pytest.mark.parametrize("target", [*CLIMBING, *ODD, CHECK + "%00", CHECK + "1" * 64_000])
def test_no_path_does_harm(front: Front, target: str) -> None:
    is_harmless(front.get(target))


@pytest.mark.parametrize("header", POISON)
def test_no_header_does_harm(front: Front, header: str) -> None:
    own = f"{CHECK}?attack={POISON.index(header)}"
    attacked, victim = front.get(own, header), front.get(own)
    assert MARK not in attacked.everything()
    assert (victim.status, victim.body) == (front.get(f"{own}&plain").status, front.get(f"{own}&plain").body)


def test_every_operation_answers_only_as_it_is_described(front: Front) -> None:
    url = f"http://127.0.0.1:{front.port}"
    schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of([each.ok().as_strategy(GenerationMode.POSITIVE) for each in schema.get_all_operations()]))
    def fuzz(case: Case) -> None:
        response = case.call(base_url=url, timeout=10, allow_redirects=False)
        kind = response.headers.get("content-type", [""])[0]
        assert response.status_code < 500
        assert "html" not in kind or case.operation.path == PAGE

    fuzz()

"""The endpoint's answers against HEAD's: exact, and silent only when all agree."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from delivery.deploy import steps
from delivery.drift.answers import Ask, Unanswered, answers, path
from delivery.drift.found import Drift
from delivery.endpoint.check import parse
from delivery.rules.compile import Table
from delivery.rules.decide import Offer, Request, decide
from tests.unit.rules.files import with_lines

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MEND = "./inv apply laptop-live"


def table(*lines: str) -> Table:
    return steps.prepare(with_lines(*lines), None, "laptop", NOW).table


def endpoint(live: Table) -> Ask:
    """An endpoint with this catalog, asked as over HTTP."""

    def ask(url: str) -> str | None:
        where = urlsplit(url)
        request = parse(where.path, where.query, live.targets)
        assert request is not None
        said = decide(live, request, NOW)
        return said.version if isinstance(said, Offer) else None

    return ask


def found(meant: Table, ask: Ask) -> list[Drift]:
    return list(answers(meant, NOW, ask, MEND))


AT_25 = 'at: "2026-11-25T12:00:00Z", percent: 25'


def test_an_endpoint_that_has_heads_catalog_does_not_drift() -> None:
    assert found(table(), endpoint(table())) == []


def test_one_that_offers_to_more_cohorts_than_head_says_is_found_with_cohort_and_versions() -> None:
    drift = found(table(), endpoint(table(AT_25)))
    assert drift
    assert all("cohort=" in each.where and each.mend == MEND for each in drift)
    assert {each.what for each in drift} == {
        "is 1.4.0, and HEAD says 1.3.0",
        "is 1.4.0, and HEAD says nothing",
    }


def test_an_endpoint_that_does_not_answer_is_said_once() -> None:
    def ask(_: str) -> str | None:
        raise Unanswered("status 503")

    drift = found(table(), ask)
    assert len(drift) == 1
    assert drift[0].where == "endpoint"
    assert drift[0].what.endswith(": status 503")


@pytest.mark.parametrize("version", ["1.3.0", "1.3.0+build.1", "1.5.0-beta.1"])
def test_what_is_asked_is_what_was_meant(version: str) -> None:
    request = Request(
        "stable", "linux-x86_64", "deb", version, 8, True, "1.4.0", "10.0.19045", frozenset({"downgrade"})
    )
    url = urlsplit(path(request))
    assert parse(url.path, url.query, table().targets) == request
    assert parse_qs(url.query)["cohort"] == ["8"]

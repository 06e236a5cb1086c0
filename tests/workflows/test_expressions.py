"""The expressions that our workflows use, as GitHub documents them."""

from typing import Any

import pytest

from tests.workflows.expressions import Strict, Unknown, evaluated, expressions, filled, holds

NAMES: dict[str, Any] = {
    "github": {"sha": "a1", "event": {"client_payload": {"version": "1.6.0"}}},
    "vars": Strict(STAGING_ACCOUNT="1", PRODUCTION_ACCOUNT="2"),
    "matrix": Strict(account="STAGING_ACCOUNT"),
    "inputs": {"environment": "production"},
    "needs": Strict(staging=Strict(result="failure", outputs={"commit": "c0"})),
}
WENT_WELL = {"success": lambda: True, "failure": lambda: False, "cancelled": lambda: False, "always": lambda: True}
FAILED = {**WENT_WELL, "success": lambda: False, "failure": lambda: True}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("'it''s'", "it's"),
        ("github.sha", "a1"),
        ("github.event.before", None),
        ("github.event.pull_request.base.sha || 'none'", "none"),
        ("inputs.version || github.event.client_payload.version", "1.6.0"),
        ("vars[matrix.account]", "1"),
        ("inputs.environment == 'Production' && vars.PRODUCTION_ACCOUNT || vars.STAGING_ACCOUNT", "2"),
        ("inputs.environment != 'production' && vars.PRODUCTION_ACCOUNT || vars.STAGING_ACCOUNT", "1"),
        ("!cancelled() && (needs.staging.result == 'failure' || false)", True),
        ("needs.staging.outputs['commit']", "c0"),
        ("needs.staging.result == 'success' && needs.production.outputs.before || 'c0'", "c0"),
        ("needs.staging.result || needs.production.result", "failure"),
    ],
)
def test_an_expression_is_what_github_says_it_is(text: str, becomes: object) -> None:
    assert evaluated(text, NAMES, WENT_WELL) == becomes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("secrets.KEY", "secrets is not known here"),
        ("vars.OTHER", "there is no vars.OTHER"),
        ("needs.production.result", "there is no needs.production"),
        ("fromJSON('{}')", "there is no fromJSON() here"),
        ("github.sha > 'a'", "> 'a' is not understood here"),
        ("(github.sha", ") is missing"),
        ("github.sha github.sha", "github was not expected"),
        ("", "its end is not known here"),
    ],
)
def test_what_is_not_known_is_an_error(text: str, why: str) -> None:
    with pytest.raises(Unknown) as refused:
        evaluated(text, NAMES, WENT_WELL)
    assert str(refused.value) == f"{text}: {why}"


def test_texts_are_filled_and_their_expressions_found() -> None:
    text = "role/${{ inputs.environment }}-${{github.sha}}${{ github.event.before }}"
    assert filled(text, NAMES, WENT_WELL) == "role/production-a1"
    assert expressions(text) == ["inputs.environment", "github.sha", "github.event.before"]
    assert filled(True, NAMES, WENT_WELL) == "true"


@pytest.mark.parametrize(
    ("condition", "well", "failed"),
    [
        ("github.sha == 'a1'", True, False),
        ("${{ github.sha == 'a1' }}", True, False),
        ("${{ !cancelled() }}", True, True),
        ("failure()", False, True),
        ("", True, False),
    ],
)
def test_a_condition_without_a_status_means_that_all_went_well(condition: str, well: bool, failed: bool) -> None:
    assert (holds(condition, NAMES, WENT_WELL), holds(condition, NAMES, FAILED)) == (well, failed)

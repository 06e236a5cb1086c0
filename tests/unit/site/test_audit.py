"""Of an audit: what is said of a page that is over its budget, and of what Lighthouse says."""

from dataclasses import replace

from delivery.site.audit import Report, over
from delivery.site.budgets import Budget

BUDGET = Budget("landing", ("/",), ("/",), 98, 100, 98, 98, 1000, 100_000, 10_000)
GOOD = Report(
    "/",
    {"performance": 98, "accessibility": 100, "best-practices": 98, "seo": 98},
    lcp_ms=1000,
    bytes=100_000,
    script_bytes=10_000,
    violations=(),
    lost=("seo: Page is blocked from indexing", "performance: First Contentful Paint"),
)


def test_a_page_that_is_at_its_limits_is_within_them() -> None:
    assert over(BUDGET, GOOD) == ()


def test_a_score_below_its_least_is_said_with_what_cost_it() -> None:
    [said] = over(BUDGET, replace(GOOD, scores={**GOOD.scores, "performance": 97}))
    assert said == "/ has 97 of 100 in performance, and needs 98: First Contentful Paint"


def test_all_that_is_over_is_said_at_once_with_figure_limit_and_mend() -> None:
    heavy = replace(GOOD, lcp_ms=1001, bytes=100_001, script_bytes=10_001, violations=("color-contrast: (dark)",))
    said = over(BUDGET, heavy)
    assert len(said) == 4
    for sentence, figures in zip(
        said, (("1,001", "1,000"), ("100,001", "100,000"), ("10,001", "10,000")), strict=False
    ):
        assert all(each in sentence for each in figures)
    assert said[0].endswith("or preload it")
    assert said[3] == "/ breaks a rule of axe: color-contrast: (dark)"

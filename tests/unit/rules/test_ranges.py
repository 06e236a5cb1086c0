"""Ranges of versions: comparators that must all hold, by the one order of versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.precedence import NotAVersion, precedence
from delivery.rules.ranges import parse

VERSIONS = ("1.2.0", "1.3.0", "1.3.1-rc.1", "1.3.1", "1.4.0-beta.1", "1.4.0", "1.4.0+7", "1.5.0")
SHIPPED = st.sampled_from(VERSIONS)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (">=1.2.0 <1.3.1", ("1.2.0", "1.3.0", "1.3.1-rc.1")),
        (">1.3.0 <=1.4.0", ("1.3.1-rc.1", "1.3.1", "1.4.0-beta.1", "1.4.0")),
        ("=1.4.0", ("1.4.0",)),
        ("<1.2.0", ()),
    ],
)
def test_a_range_holds_what_all_its_comparators_hold(text: str, held: tuple[str, ...]) -> None:
    assert parse(text).expand(reversed(VERSIONS)) == held


def test_below_a_version_are_its_pre_releases_unless_minus_0_leaves_them_out() -> None:
    assert parse("<1.4.0").holds("1.4.0-beta.1")
    assert not parse("<1.4.0-0").holds("1.4.0-beta.1")
    assert parse(">=1.4.0-0").holds("1.4.0-beta.1")


def test_build_metadata_counts_as_it_does_for_the_updater() -> None:
    assert parse(">1.4.0").holds("1.4.0+7")
    assert not parse("=1.4.0").holds("1.4.0+7")


@given(SHIPPED, SHIPPED, SHIPPED)
def test_a_further_comparator_never_holds_more(version: str, least: str, below: str) -> None:
    wide, narrow = parse(f">={least}"), parse(f">={least} <{below}")
    assert wide.holds(version) or not narrow.holds(version)
    assert narrow.holds(version) == (precedence(least) <= precedence(version) < precedence(below))


def test_a_bound_that_is_no_version_is_named() -> None:
    with pytest.raises(NotAVersion, match="'one' is not a SemVer version"):
        parse("<one")

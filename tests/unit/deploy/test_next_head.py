"""When a new head is signed, and that serials only ever rise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.deploy.head import live_head, next_head
from delivery.engines.stack import EngineError
from delivery.rules.facts import Keys, Product
from delivery.rules.head import LIFETIME, RESIGN_AFTER, Head, seal, unseal
from delivery.rules.load import parse
from tests.unit.endpoint.parts import KEY, SIGNER, new_key

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
COMMIT, OTHER_COMMIT = "1" * 40, "2" * 40
CATALOG, OTHER_CATALOG = "a" * 64, "b" * 64
HOUR = timedelta(hours=1)


def product() -> Product:
    """The repository's own, with a head key of these tests."""
    file = Path(__file__).parents[3] / "product.yaml"
    filed, problems = parse("product.yaml", file.read_bytes(), Product)
    assert filed is not None, problems
    return replace(filed.value, keys=Keys(filed.value.keys.artifacts, (KEY,)))


PRODUCT = product()
LIVE = Head("espice", "staging", 7, COMMIT, CATALOG, NOW, NOW + LIFETIME)


def following(live: bytes | None, now: datetime = NOW, serial: int = 7, sha256: str = CATALOG) -> bytes:
    """The head for a catalog and a serial of git, of a commit that has the live one behind it."""
    said = {"commit": OTHER_COMMIT, "serial": serial, "sha256": sha256, "signer": SIGNER, "now": now}
    return next_head(live, PRODUCT, "staging", **said, follows=lambda commit: commit in (COMMIT, OTHER_COMMIT))


def believed(head: bytes, now: datetime = NOW) -> Head:
    return unseal(head, (KEY,), "espice", "staging", now)


@given(st.timedeltas(timedelta(0), RESIGN_AFTER - timedelta(seconds=1)), st.integers(1, 99))
def test_a_head_that_names_the_catalog_stays_to_the_byte(age: timedelta, serial: int) -> None:
    live = seal(LIVE, SIGNER)
    assert following(live, NOW + age, serial) == live


def test_after_twelve_hours_the_same_catalog_is_signed_anew_under_the_next_serial() -> None:
    later = NOW + 12 * HOUR
    head = believed(following(seal(LIVE, SIGNER), later), later)
    assert head == Head("espice", "staging", 8, OTHER_COMMIT, CATALOG, later, later + LIFETIME)


def test_another_catalog_takes_the_serial_that_git_counts() -> None:
    assert believed(following(seal(LIVE, SIGNER), serial=12, sha256=OTHER_CATALOG)).serial == 12


@pytest.mark.parametrize("counted", [1, 6, 7])
def test_where_heads_were_signed_anew_meanwhile_the_serial_still_rises(counted: int) -> None:
    assert believed(following(seal(LIVE, SIGNER), serial=counted, sha256=OTHER_CATALOG)).serial == 8


@pytest.mark.parametrize("sha256", [CATALOG, OTHER_CATALOG])
@pytest.mark.parametrize("counted", [3, 99])
def test_a_commit_that_lacks_the_live_one_does_not_go_live_whatever_its_serial(counted: int, sha256: str) -> None:
    said = {"commit": OTHER_COMMIT, "serial": counted, "sha256": sha256, "signer": SIGNER, "now": NOW}
    with pytest.raises(EngineError) as refused:
        next_head(seal(LIVE, SIGNER), PRODUCT, "staging", **said, follows=lambda _: False)
    assert str(refused.value) == f"live is {COMMIT}, serial 7, which HEAD does not have; git pull"
    with pytest.raises(EngineError):
        next_head(seal(LIVE, SIGNER), PRODUCT, "staging", **said)


def test_on_the_laptop_history_may_be_rewritten_and_the_serial_still_rises() -> None:
    live = seal(replace(LIVE, environment="laptop"), SIGNER)
    trusting = replace(PRODUCT, keys=Keys((), (replace(KEY, trusted_in=("laptop",)),)))
    said = {"commit": OTHER_COMMIT, "serial": 3, "sha256": OTHER_CATALOG, "signer": SIGNER, "now": NOW}
    head = live_head(next_head(live, trusting, "laptop", **said), trusting, "laptop")
    assert head is not None
    assert (head.serial, head.commit) == (8, OTHER_COMMIT)


def test_the_first_head_takes_the_serial_that_git_counts_and_lives_for_72_hours() -> None:
    head = believed(following(None, NOW + timedelta(microseconds=5)))
    assert head == Head("espice", "staging", 7, OTHER_COMMIT, CATALOG, NOW, NOW + timedelta(hours=72))


@pytest.mark.parametrize(
    "foreign",
    [
        seal(replace(LIVE, serial=99), new_key()[0]),
        seal(replace(LIVE, serial=99, product="another"), SIGNER),
        seal(replace(LIVE, serial=99, environment="production"), SIGNER),
    ],
    ids=["another key", "another product", "another environment"],
)
def test_a_head_that_is_not_ours_is_replaced_and_its_serial_not_believed(foreign: bytes) -> None:
    assert believed(following(foreign)).serial == 7


@given(st.binary() | st.just(seal(LIVE, SIGNER)[:-9]))
def test_garbage_in_place_of_the_head_is_replaced(garbage: bytes) -> None:
    assert believed(following(garbage)) == believed(following(None))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20), st.sampled_from([CATALOG, OTHER_CATALOG]))))
def test_however_commits_follow_one_another_every_new_head_has_a_higher_serial(
    runs: list[tuple[int, int, str]],
) -> None:
    live, now = following(None), NOW
    for hours, serial, sha256 in runs:
        before, now = live, now + hours * HOUR
        live = following(before, now, serial, sha256)
        assert believed(live, now).sha256 == sha256  # not expired either
        assert live == before or believed(live, now).serial > believed(before, NOW).serial

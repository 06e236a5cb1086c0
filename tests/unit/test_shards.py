"""The shares of the tests: each test is in one of them, and what stays together is in the same."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tests.shards import divide, share

TOGETHER = (("tests/long.py",), ("tests/a/test_one", "tests/a/test_two"), ("tests/a/",))
NAMES = st.text() | st.sampled_from(("tests/long.py::", "tests/a/test_one.py::", "tests/a/")).flatmap(
    lambda start: st.text().map(start.__add__)
)


@dataclass(frozen=True)
class Named:
    """As much of a test as is looked at."""

    nodeid: str


@given(st.lists(NAMES, unique=True), st.integers(1, 9))
def test_each_test_is_in_one_share_and_in_the_order_of_all(names: list[str], shards: int) -> None:
    tests = [Named(name) for name in names]
    shares = [divide(tests, f"{number}/{shards}", TOGETHER) for number in range(1, shards + 1)]  # type: ignore[arg-type]
    assert sorted((each.nodeid for ours, _ in shares for each in ours)) == sorted(names)
    for ours, others in shares:
        assert ours == [each for each in tests if each in set(ours)]  # type: ignore[comparison-overlap]
        assert others == [each for each in tests if each not in set(ours)]  # type: ignore[comparison-overlap]


def test_what_stays_together_is_in_one_share_and_the_longest_are_in_several() -> None:
    assert {share(f"tests/a/test_{name}.py::{number}", 3, TOGETHER) for name in ("one", "two") for number in "abc"} == {
        2
    }
    assert [share(name, 2, TOGETHER) for name in ("tests/long.py::a", "tests/a/test_two.py::a", "tests/a/b.py::a")] == [
        1, 2, 1,
    ]  # fmt: skip


def test_shares_are_of_one_size_about() -> None:
    found = [share(f"tests/test_{number // 10}.py::test_{number}", 4, ()) for number in range(1000)]
    assert all(200 < found.count(number) < 300 for number in (1, 2, 3, 4))

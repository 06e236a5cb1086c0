"""The benchmarks measure what is real: their made-up facts pass every rule."""

from benchmarks.facts import history, loaded, prepared


def test_the_history_that_is_measured_has_no_problem() -> None:
    files = history(12)
    assert len(loaded(files).versions) == 12
    assert len(prepared(files).catalog.offerings) == 12

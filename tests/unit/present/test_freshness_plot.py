"""The picture of what caches answer."""

from pathlib import Path

from delivery.present.freshness_plot import Curve, save

FLEETS = (1_000, 1_000_000)
CURVES = {name: Curve([0.0, 0.5], [(1_000, 0.01)]) for name in ("one way", "another way", "a third way")}


def drawn(file: Path) -> str:
    save(FLEETS, 1 / 43_200, CURVES, file, "What a cache answers", "in words")
    return file.read_text()


def test_it_names_the_curves_the_axes_and_the_fleets_and_says_in_words_what_it_shows(tmp_path: Path) -> None:
    text = drawn(tmp_path / "a.svg")
    for words in (*CURVES, "share that caches answer", "requests per second at the origin", "1 k", "1 M", "in words"):
        assert words in text


def test_the_same_curves_give_the_same_file(tmp_path: Path) -> None:
    assert drawn(tmp_path / "a.svg") == drawn(tmp_path / "b.svg")

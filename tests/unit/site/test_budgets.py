"""Budgets: which counts for a page, what a page weighs, and what is said of one that is over."""

import gzip
import random
from dataclasses import replace
from pathlib import Path

import pytest

from delivery.rules.problem import Refused
from delivery.site.budgets import PATH, Budgets, load, over, weigh

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def budgets() -> Budgets:
    return load((ROOT / PATH).read_bytes())


def noise(size: int, seed: int = 0) -> str:
    """Text that gzip hardly shortens."""
    return random.Random(seed).randbytes(size // 2).hex()  # noqa: S311 - no secret


def test_ours_has_one_for_every_page_and_the_first_that_matches_counts(budgets: Budgets) -> None:
    kinds = {page: budgets.of(page) for page in ("/", "/download/", "/download/verify/", "/status/", "/docs/1.2/ac/")}
    assert [each and each.kind for each in kinds.values()] == ["landing", "download", "other", "live", "other"]
    assert all(budgets.of(page) == each for each in budgets.kinds for page in each.audited)


def test_a_mistake_is_named_with_its_line() -> None:
    with pytest.raises(Refused, match=rf"{PATH}:5: .*performance"):
        load((ROOT / PATH).read_bytes().replace(b'"performance": 98', b'"performance": 980', 1))


def test_a_page_weighs_what_it_loads_as_it_is_sent(tmp_path: Path) -> None:
    files = {
        "assets/style.css": f"@font-face{{src:url(/assets/sheet.woff2)}}{noise(3000, 1)}",
        "assets/live.js": f'import{{a}}from"./shared.js";const later=()=>import("./later.js");"{noise(2000, 2)}"',
        "assets/shared.js": f'import"./deep.js";"{noise(1000, 3)}"',
        "assets/deep.js": noise(500, 4),
        "assets/later.js": noise(9000, 5),
        "a/index.html": '<link rel="stylesheet" href="/assets/style.css"><script src="/assets/live.js"></script>',
        "index.html": "<style>@font-face{src:url(/assets/font.woff2)}</style>",
        "assets/sheet.woff2": noise(900, 7),
        "assets/font.woff2": noise(700, 6),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def sent(*names: str) -> int:
        return sum(len(gzip.compress(files[f"assets/{each}"].encode(), 6)) for each in names)

    found = weigh(tmp_path)
    assert set(found) == {"/", "/a/"}
    scripts = sent("live.js", "shared.js", "deep.js")
    page = len(gzip.compress(files["a/index.html"].encode(), 6))
    assert (found["/a/"].script_bytes, found["/a/"].bytes) == (scripts, page + sent("style.css") + 900 + scripts)
    assert found["/"].bytes == len(gzip.compress(files["index.html"].encode(), 6)) + 700


def test_what_is_over_is_said_with_both_figures_and_the_mend(tmp_path: Path, budgets: Budgets) -> None:
    (tmp_path / "index.html").write_text(noise(4000))
    weight = weigh(tmp_path)["/"]
    landing = budgets.of("/")
    assert landing is not None
    assert over(replace(landing, bytes=weight.bytes), "/", weight) == ()
    [said] = over(replace(landing, bytes=weight.bytes - 1), "/", weight)
    assert said.startswith(f"/ loads {weight.bytes / 1000:.1f} kB, and pages of kind landing may have")
    assert said.endswith("take something off it, or raise bytes in site/budgets.json")

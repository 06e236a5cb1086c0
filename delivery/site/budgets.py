"""What pages of each kind may weigh and take, as site/budgets.json says it, and what a page is over.

What a page loads is weighed without a browser: its text, its styles with the fonts that they name, its scripts with all
that these import, and what it preloads, each as gzip sends it. Pictures that depend on the screen, and what scripts ask
of the endpoint, only an audit sees.
"""

from __future__ import annotations

import gzip
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Le, MinLen
from pydantic import Field

from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.rules.shapes import STRICT
from delivery.site import finish

PATH = "site/budgets.json"
_PACKED = (".woff2", ".avif", ".webp", ".png", ".jpg")  # gzip takes nothing more off these
_FONT = re.compile(r"""url\(["']?(/[^"')]+\.woff2)["']?\)""")
_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*["'](\.{0,2}/[^"']+\.js)["']""")

Score = Annotated[int, Ge(0), Le(100)]
Positive = Annotated[int, Ge(1)]


@dataclass(frozen=True, slots=True)
class Budget:
    """`pages` are addresses, with * for anything; `audited` are those that stand for them all. Sizes are in bytes."""

    __pydantic_config__ = STRICT
    kind: str
    pages: Annotated[tuple[str, ...], MinLen(1)]
    audited: Annotated[tuple[str, ...], MinLen(1)]
    performance: Score
    accessibility: Score
    best_practices: Annotated[Score, Field(alias="best-practices")]
    seo: Score
    lcp_ms: Annotated[Positive, Field(alias="lcp-ms")]
    bytes: Positive
    script_bytes: Annotated[Positive, Field(alias="script-bytes")]


@dataclass(frozen=True, slots=True)
class Budgets:
    """The first whose `pages` match counts for a page."""

    __pydantic_config__ = STRICT
    kinds: Annotated[tuple[Budget, ...], MinLen(1)]

    def of(self, page: str) -> Budget | None:
        """The budget of a page, such as /docs/install/."""
        return next((each for each in self.kinds if any(fnmatchcase(page, named) for named in each.pages)), None)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a page loads, in bytes as they are sent."""

    bytes: int
    script_bytes: int


def load(text: bytes) -> Budgets:
    """From the bytes of PATH. Raises Refused with every mistake."""
    found, problems = parse(PATH, text, Budgets)
    if found is None:
        raise Refused(problems)
    return found.value


def weigh(build: Path) -> Mapping[str, Weight]:
    """Address -> weight, for every page of a finished build."""
    sizes: dict[str, int] = {}

    def sent(path: str) -> int:
        if path not in sizes:
            data = (build / path).read_bytes()
            sizes[path] = len(data if path.endswith(_PACKED) else gzip.compress(data, 6))
        return sizes[path]

    def weight(page: Path) -> Weight:
        html = page.read_text()
        said = finish.read(html)
        loaded = {*_local(said.links), *_with_imports(build, said.scripts)}
        styles = html, *((build / each).read_text() for each in loaded if each.endswith(".css"))
        loaded |= {font for each in styles for font in _local(_FONT.findall(each))}
        text = sent(page.relative_to(build).as_posix())
        return Weight(text + sum(map(sent, loaded)), sum(sent(each) for each in loaded if each.endswith(".js")))

    return {_address(build, page): weight(page) for page in sorted(build.rglob("index.html"))}


def over(budget: Budget, page: str, weight: Weight) -> tuple[str, ...]:
    """A sentence for each limit that a page's weight is over."""
    return tuple(
        f"{page} {what} {has / 1000:.1f} kB, and pages of kind {budget.kind} may have {limit / 1000:.1f} kB: {mend}"
        for what, has, limit, mend in (
            ("loads", weight.bytes, budget.bytes, "take something off it, or raise bytes in site/budgets.json"),
            (
                "runs scripts of",
                weight.script_bytes,
                budget.script_bytes,
                "import less in its scripts, or raise script-bytes in site/budgets.json",
            ),
        )
        if has > limit
    )


def _address(build: Path, page: Path) -> str:
    folder = page.parent.relative_to(build).as_posix()
    return "/" if folder == "." else f"/{folder}/"


def _local(addresses: Iterable[str]) -> Iterator[str]:
    return (each.removeprefix("/") for each in addresses if each.startswith("/"))


def _with_imports(build: Path, scripts: Iterable[str]) -> set[str]:
    """What these load at once: all that they import, and what that imports."""
    found: set[str] = set()
    wanted = list(_local(scripts))
    while wanted:
        script = wanted.pop()
        if script not in found:
            found.add(script)
            here = posixpath.dirname(script)
            named = _IMPORT.findall((build / script).read_text())
            wanted += [posixpath.normpath(posixpath.join("/", here, each)).removeprefix("/") for each in named]
    return found

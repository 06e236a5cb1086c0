"""What Lighthouse and axe say of pages in the pinned Chromium, and where that is over the budget.

Lighthouse plays a phone on a slow network: its own, 150 ms and 1.6 Mbit/s with a processor at a quarter, but really
slowed down, and not reckoned from a load at full speed. Such a reckoning counts all that came before the first paint as
what the paint waited for, which on this machine is everything, fonts too. axe looks at both themes, on a phone and on a
desk.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error, ViewportSize, sync_playwright

from delivery.engines.making import Progress, Tell
from delivery.site import browser, node
from delivery.site.browser import Browser
from delivery.site.budgets import Budget
from delivery.site.node import Node

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
SCREENS: tuple[ViewportSize, ...] = ({"width": 412, "height": 823}, {"width": 1440, "height": 900})
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")

# Only production may be found by search engines: elsewhere robots.txt keeps them away, and Lighthouse would count that.
_NOT_TO_BE_FOUND = "is-crawlable"


class NoAudit(Exception):  # noqa: N818 - reads as what is wrong
    """A page could not be looked at; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Report:
    """Of one page: scores from 0 to 100 by category, its largest contentful paint, its weight, and what is wrong."""

    page: str
    scores: Mapping[str, int]
    lcp_ms: int
    bytes: int
    script_bytes: int
    violations: tuple[str, ...]  # axe's, each with its first element, and where it is seen
    lost: tuple[str, ...]  # what cost points, each with its category


@dataclass(frozen=True, slots=True)
class Tools:
    """What an audit runs: Node, the folder whose node_modules has Lighthouse, and the browser."""

    node: Node
    packages: Path
    browser: Browser


def audit(host: str, pages: Iterable[str], tools: Tools, tell: Tell, *, is_public: bool) -> Iterator[Report]:
    """A report of each page of this host (no slash at its end). `is_public`: search engines should find it.

    Raises NoAudit.
    """
    wanted = list(pages)
    for done, page in enumerate(wanted):
        tell(Progress(f"looking at {page}", done, len(wanted)))
        said = _lighthouse(f"{host}{page}", tools, is_public=is_public)
        yield _report(page, said, tuple(_axe(f"{host}{page}", tools.browser)))


def over(budget: Budget, report: Report) -> tuple[str, ...]:
    """A sentence for each limit that a page is over, with what to mend."""
    least = {
        "performance": budget.performance,
        "accessibility": budget.accessibility,
        "best-practices": budget.best_practices,
        "seo": budget.seo,
    }
    most = (
        ("paints its largest part after", report.lcp_ms, budget.lcp_ms, "ms", "load less before it, or preload it"),
        ("loads", report.bytes, budget.bytes, "bytes", "take something off it"),
        ("runs scripts of", report.script_bytes, budget.script_bytes, "bytes", "import less in its scripts"),
    )
    return (
        *(
            f"{report.page} has {report.scores[name]} of 100 in {name}, and needs {score}: {_costs(report, name)}"
            for name, score in least.items()
            if report.scores[name] < score
        ),
        *(
            f"{report.page} {what} {has:,} {unit}, and pages of kind {budget.kind} may have {limit:,}: {mend}"
            for what, has, limit, unit, mend in most
            if has > limit
        ),
        *(f"{report.page} breaks a rule of axe: {each}" for each in report.violations),
    )


def _costs(report: Report, category: str) -> str:
    found = [each.removeprefix(f"{category}: ") for each in report.lost if each.startswith(f"{category}: ")]
    return "; ".join(found) or "Lighthouse does not say what costs points"


def _lighthouse(url: str, tools: Tools, *, is_public: bool) -> Mapping[str, Any]:
    flags = " ".join(("--headless", "--no-sandbox", *browser.ARGUMENTS))
    script = tools.packages / "node_modules" / "lighthouse" / "cli" / "index.js"
    told = {**tools.browser.variables, "CHROME_PATH": str(tools.browser.program)}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        words = [url, "--quiet", "--output=json", f"--output-path={report}", f"--chrome-flags={flags}"]
        words += [f"--only-categories={','.join(CATEGORIES)}", "--throttling-method=devtools"]
        if not is_public:
            words.append(f"--skip-audits={_NOT_TO_BE_FOUND}")
        try:
            tools.node.run("", _quiet, script, *words, cwd=tools.packages, **told)
            found: Mapping[str, Any] = json.loads(report.read_text())
        except (node.Failed, OSError, ValueError) as error:
            raise NoAudit(f"Lighthouse could not look at {url}: {error}") from None
    if "runtimeError" in found:
        raise NoAudit(f"Lighthouse could not look at {url}: {found['runtimeError']['message']}")
    return found


def _quiet(_: Progress) -> None:
    """Pages are counted, not the seconds of each."""


def _report(page: str, said: Mapping[str, Any], violations: tuple[str, ...]) -> Report:
    audits, categories = said["audits"], said["categories"]
    requests = audits["network-requests"]["details"]["items"]
    return Report(
        page,
        {name: round(100 * categories[name]["score"]) for name in CATEGORIES},
        round(audits["largest-contentful-paint"]["numericValue"]),
        round(audits["total-byte-weight"]["numericValue"]),
        sum(each["transferSize"] for each in requests if each["resourceType"] == "Script"),
        violations,
        tuple(
            f"{name}: {audits[each['id']]['title']}"
            for name in CATEGORIES
            for each in categories[name]["auditRefs"]
            if each["weight"] and (score := audits[each["id"]]["score"]) is not None and score < 1
        ),
    )


def _axe(url: str, found: Browser) -> Iterator[str]:
    """Each violation once, with where it is seen."""
    seen: dict[str, list[str]] = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=found.program, args=list(browser.ARGUMENTS), env={**os.environ, **found.variables}
        )
        for theme, screen in product(THEMES, SCREENS):
            for said in _violations(url, chromium, theme, screen):
                seen.setdefault(said, []).append(f"{theme}, {screen['width']} px")
        chromium.close()
    return (f"{said} ({'; '.join(where)})" for said, where in seen.items())


def _violations(url: str, chromium: Chromium, theme: Theme, screen: ViewportSize) -> list[str]:
    page = chromium.new_page(color_scheme=theme, reduced_motion="reduce", viewport=screen)
    try:
        page.goto(url, wait_until="load")
        found = Axe().run(page).response["violations"]
    except Error as error:
        raise NoAudit(f"axe could not look at {url}: {error.message}") from None
    finally:
        page.close()
    return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:100]}" for each in found]

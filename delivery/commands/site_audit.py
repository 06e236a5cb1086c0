"""site audit and site budgets: what pages weigh and how they do, against site/budgets.json."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from rich.table import Column, Table

from delivery.commands import live
from delivery.commands.desk import ROOT, Usage, command, err, out, print_json
from delivery.commands.progress import watched
from delivery.engines.making import Tell
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.site import budgets as limits
from delivery.site import node
from delivery.site.audit import CATEGORIES, NoAudit, Report, Tools, over
from delivery.site.audit import audit as audited
from delivery.site.browser import NoBrowser, needed
from delivery.site.budgets import Budget, Budgets

HEADINGS = ("perf", "a11y", "best", "seo")  # of Lighthouse's categories, for a terminal of 80 columns


@command
def audit(pages: Sequence[str], host: str, as_json: bool) -> int:
    """Look at these pages, or at those that stand for all. Exit status 1 if anything is over its budget."""
    budgets = _budgets()
    wanted = list(pages) or [page for each in budgets.kinds for page in each.audited]
    of = {page: _budget(budgets, page) for page in wanted}
    where = _address(host) if host else str(live.running()["hosts"]["site"]["url"])

    def work(tell: Tell) -> list[Report]:
        return list(audited(where, wanted, _tools(tell), tell, is_public=_is_public(where)))

    try:
        reports = watched(work)
    except (NoAudit, NoBrowser, node.NoNode) as error:
        err.print(str(error), markup=False)
        return 1
    wrong = [sentence for report in reports for sentence in over(of[report.page], report)]
    if as_json:
        print_json({"host": where, "pages": [asdict(each) for each in reports], "over": wrong})
    else:
        out.print(_table(reports))
        _say(wrong)
    return 1 if wrong else 0


@command
def budgets(build: str, as_json: bool) -> int:
    """Weigh every page of a finished build, without a browser. Exit status 1 if any is over its budget."""
    folder = Path(build)
    if not (folder / "index.html").exists():
        raise Usage(f"{build}: holds no finished build; ./inv site build --out FOLDER makes one")
    allowed, weights = _budgets(), limits.weigh(folder)
    wrong = [each for page, weight in weights.items() for each in limits.over(_budget(allowed, page), page, weight)]
    if as_json:
        print_json({"pages": {page: asdict(weight) for page, weight in weights.items()}, "over": wrong})
    else:
        heaviest = max(weights, key=lambda page: weights[page].bytes)
        out.print(f"{len(weights)} pages; the heaviest is {heaviest}: {weights[heaviest].bytes / 1000:.1f} kB")
        _say(wrong)
    return 1 if wrong else 0


def _budgets() -> Budgets:
    return limits.load((ROOT / limits.PATH).read_bytes())


def _budget(budgets: Budgets, page: str) -> Budget:
    if not page.startswith("/"):
        raise Usage(f"{page}: write the address of a page from its first slash on, such as /docs/install/")
    found = budgets.of(page)
    if found is None:
        raise Usage(f"{page}: no kind of {limits.PATH} has it; add one whose pages match")
    return found


def _address(host: str) -> str:
    said = urlsplit(host)
    if said.scheme not in ("http", "https") or not said.netloc or said.path.strip("/"):
        raise Usage(f"--host {host}: write an address without a path, such as https://espice.app")
    return f"{said.scheme}://{said.netloc}"


def _is_public(where: str) -> bool:
    """Whether search engines should find it: production alone."""
    filed, problems = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    if filed is None:
        raise Refused(problems)
    return urlsplit(where).hostname == filed.value.environments["production"].domain


def _tools(tell: Tell) -> Tools:
    state = ROOT / ".state"
    program = node.node(state, (ROOT / node.LOCK).read_bytes(), tell)
    packages = node.packages(program, state, node.manifests(ROOT), tell, tools=True)
    return Tools(program, packages, needed())


def _table(reports: Sequence[Report]) -> Table:
    table = Table(Column("page", overflow="fold"))
    for heading in (*HEADINGS, "LCP ms", "kB", "JS kB", "axe"):
        table.add_column(heading, justify="right", min_width=3)
    for each in reports:
        scores = [str(each.scores[name]) for name in CATEGORIES]
        sizes = f"{each.bytes / 1000:.1f}", f"{each.script_bytes / 1000:.1f}"
        table.add_row(each.page, *scores, f"{each.lcp_ms:,}", *sizes, str(len(each.violations)))
    return table


def _say(wrong: Sequence[str]) -> None:
    for each in wrong:
        out.print(each, style="red", markup=False)
    if not wrong:
        out.print("nothing is over its budget")

"""site tools: gets what the site's tests and audits need: Node, the site's packages, the browser that draws pages."""

from functools import partial

from delivery.commands.desk import ROOT, command, err, out, print_json
from delivery.commands.progress import watched
from delivery.engines.making import Tell
from delivery.site import browser, node
from delivery.site.browser import Browser, NoBrowser


@command
def tools(as_json: bool, install: bool) -> int:
    """Find them or get them, and say where the browser is."""
    try:
        found = watched(partial(_obtain, install))
    except (node.NoNode, NoBrowser) as error:
        err.print(str(error), markup=False)
        return 1
    if as_json:
        print_json({"browser": str(found.program), "version": browser.version()})
    else:
        out.print(f"the site's browser: Chromium {browser.version()}: {found.program}", markup=False)
    return 0


def _obtain(install: bool, tell: Tell) -> Browser:
    state = ROOT / ".state"
    program = node.node(state, (ROOT / node.LOCK).read_bytes(), tell)
    packages = node.packages(program, state, node.manifests(ROOT), tell, tools=True)
    return browser.obtain(program.program, packages / "node_modules", tell, install)

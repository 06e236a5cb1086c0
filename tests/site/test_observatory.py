"""Every kind of page is an A+ by the Observatory's rules, from what the laptop's edge really answers.

The laptop is plain http on ports of 127.0.0.1; its headers and pages come from the same rulesets and the same build as
the clouds'. So its own origins are read here as the hosts that they stand for. TLS itself is not seen: that http leads
to https there is a setting of the zone.
"""

import pytest
import requests

from infra.edge.zone import SETTINGS
from tests.observatory import Answer, grade
from tests.site.visitor import Site

# One of each way in which a page is made, and the edge's own.
KINDS = ("/", "/download/", "/docs/", "/search/", "/status/", "/roadmap/", "/feedback/", "/news/", "/there/is/none/")


@pytest.mark.parametrize("path", KINDS)
def test_every_kind_of_page_is_an_a_plus(site: Site, path: str) -> None:
    reply = requests.get(f"{site.url}{path}", timeout=10)
    headers = {name.lower(): (value,) for name, value in reply.headers.items()}
    text = reply.text
    for ours, host in ((site.url, ""), (site.updates, "updates."), (site.downloads, "downloads.")):
        text = text.replace(ours, f"https://{host}espice.app")
    route = (
        ("http://espice.app/", "https://espice.app/")
        if SETTINGS["always_use_https"] == "on"
        else ("http://espice.app/",)
    )
    found = grade(Answer(f"https://espice.app{path}", headers, text, route))
    assert found.grade == "A+", found.results
    assert found.results["content-security-policy"] in ("csp-none", "csp-no-unsafe")

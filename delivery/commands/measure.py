"""site measure: looks at each component as a visitor would, for the status page."""

import json
from datetime import timedelta
from typing import Any

from delivery.commands import live as there
from delivery.commands.desk import ROOT, command, out, print_json
from delivery.history import snapshot
from delivery.rules.facts import Facts
from delivery.rules.problem import Refused
from delivery.rules.read import read
from delivery.site import seen
from delivery.site.data import Hosts
from delivery.site.measure import measure as measured
from delivery.site.seen import Component, Status
from infra.names import Names


@command
def measure(environment: str, as_json: bool) -> int:
    """Exit status 0 if what was seen is written down, good or bad: to wake people is what alarms are for."""
    named = there.environment(environment)
    facts = _facts()
    names = Names.of(facts.product.value, named)
    live = there.in_r2(names)
    hosts = Hosts(site=live.site, updates=live.updates, downloads=live.downloads)
    status = measured(facts, named, hosts, live.objects(names.site))
    looked = [each for each in status.components if each.last.at == status.at]
    if as_json:
        print_json(_machine(status))
    else:
        for each in looked:
            out.print(_line(each), style=None if each.last.good else "red", markup=False)
    return 0


def _facts() -> Facts:
    """Of HEAD. Raises Refused."""
    facts, problems = read(snapshot.at_commit(ROOT, "HEAD"))
    if facts is None:
        raise Refused(problems)
    return facts


def _line(component: Component) -> str:
    last = component.last
    for_ = timedelta(seconds=round((last.at - last.since).total_seconds()))
    return f"{component.component}: {last.said or 'works'}, {last.milliseconds} ms, so for {for_}"


def _machine(status: Status) -> dict[str, Any]:
    """What lies in the bucket now."""
    return dict(json.loads(seen.to_bytes(status)))

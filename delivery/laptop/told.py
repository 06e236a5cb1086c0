"""What a function is told otherwise on a laptop: where its database and the keys of Access really are."""

from collections.abc import Mapping
from dataclasses import replace

from delivery.console.settings import Access
from delivery.endpoint import variables
from delivery.events.settings import Settings as Events


def told(handler: str, environment: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """The variables of a function with this handler, as the clouds have them but for what is elsewhere here."""
    said = _SAID.get(handler.partition(".handler.")[0])
    return {**environment, **(said(environment, ports) if said else {})}


def _console(environment: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """The edge's stand-in for Access tells its keys where the console is."""
    keys = f"http://127.0.0.1:{ports['console']}/cdn-cgi/access/certs"
    return variables.write(replace(Access.from_env(environment), access_keys=keys))


def _events(environment: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """RDS's host is on loopback, where nobody asks who connects."""
    settings = Events.from_env(environment)
    return replace(settings, database_host="127.0.0.1", database_port=ports["database"], database_iam=False).to_env()


_SAID = {"delivery.console": _console, "delivery.events": _events}

"""What all of Cloudflare's types share: to write a thing down in the ledger is to realise it.

What is there is what is on record, so a change of the ledger by hand is drift, and shows as such.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from delivery.engines.wire import Properties, has_unknown
from delivery.laptop.providers.cloudflare.zone import Zone
from delivery.laptop.providers.handler import Handler
from delivery.laptop.providers.ledger import digest_of

Check = Callable[[Properties], Mapping[str, str]]


class Recorded(Handler[Zone]):
    """A type named by some of its inputs; `fixed` are those that only a new resource can change.

    `own_id` is the input that is its id, if Cloudflare gives it no other. What `check` says of an input that is not
    known yet does not count.
    """

    def __init__(
        self,
        kind: str,
        *key: str,
        fixed: tuple[str, ...] | None = None,
        own_id: str = "",
        check: Check | None = None,
    ) -> None:
        self.token = f"cloudflare:index/{kind[:1].lower()}{kind[1:]}:{kind}"
        self.key = key  # type: ignore[misc]
        self._fixed = key if fixed is None else fixed
        self._own_id = own_id
        self._check = check

    def check(self, inputs: Properties) -> Mapping[str, str]:
        found = self._check(inputs) if self._check else {}
        return {path: reason for path, reason in found.items() if not has_unknown(inputs.get(_first(path)))}

    def needs_new(self, changed: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in changed if name in self._fixed)

    def create(self, cloud: Zone, inputs: Properties) -> tuple[str, Properties]:
        identity = inputs[self._own_id] if self._own_id else self._found_or_new(cloud, inputs)
        return identity, self.computed_for(identity, inputs)

    def update(self, cloud: Zone, identity: str, old: Properties, inputs: Properties) -> Properties:
        return self.computed_for(identity, inputs)

    def computed_for(self, identity: str, inputs: Properties) -> Properties:
        """The outputs that Cloudflare works out; the same for the same thing, as nothing else remembers them."""
        return {}

    def named_by(self, identity: str) -> str:
        """Imports name a thing by its account or zone first: zone/record, accounts/account/application."""
        return identity.rsplit("/", 1)[-1]

    def read(self, cloud: Zone, identity: str, outputs: Properties) -> Properties | None:
        record = cloud.ledger.read().get(self.token, {}).get(identity)
        if record is None:
            return None
        kept = {name: value for name, value in record.items() if name not in self.secrets}
        for name in self.secrets & outputs.keys():
            kept[name] = outputs[name] if digest_of(outputs[name]) == record.get(name) else record.get(name)
        return kept

    def _found_or_new(self, cloud: Zone, inputs: Properties) -> str:
        return cloud.find_or_name(self.token, {name: inputs.get(name) for name in self.key})


def _first(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]

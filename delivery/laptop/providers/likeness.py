"""Whether two property values are the same thing to a cloud, and what it answers in the words of the program.

A cloud sorts lists as it likes, writes documents out anew, and fills in what nobody asked for. Told as a change, all
that would drown the one change that somebody made by hand.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from delivery.engines.wire import ARCHIVE, ASSET, UNKNOWN, Properties, signature, walk

_ABSENT: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Likeness:
    """How one type's properties compare. `defaults`: what the cloud takes for inputs that are not given.

    `documents` are inputs that hold JSON: two that say the same are the same, however they are written.
    """

    defaults: Mapping[str, Any] = field(default_factory=dict)
    documents: Collection[str] = ()

    def changed(self, old: Properties, new: Properties) -> tuple[str, ...]:
        """The inputs that differ between two wishes; files by their content, lists also by their order."""
        names = sorted(old.keys() | new.keys())
        return tuple(name for name in names if self._exact(name, old) != self._exact(name, new))

    def settled(self, known: Properties, seen: Properties) -> Properties:
        """What is known, with those properties that were seen to be another as they were seen.

        A seen None is a property that is not there; one that was not looked at stays as it is known.
        """
        other = {name: value for name, value in seen.items() if self._loose(name, known) != self._loose(name, seen)}
        return {name: value for name, value in (known | other).items() if value is not None}

    def _exact(self, name: str, properties: Properties) -> Any:
        value = properties.get(name)
        if any(value == absent and type(value) is type(absent) for absent in _ABSENT):
            value = self.defaults.get(name)
        value = self._parsed(name, value)
        return walk(value, lambda part: part.get("hash") if signature(part) in (ASSET, ARCHIVE) else part)

    def _loose(self, name: str, properties: Properties) -> Any:
        value = properties.get(name)
        return canonical(self._parsed(name, self.defaults.get(name) if value is None else value))

    def _parsed(self, name: str, value: Any) -> Any:
        if name not in self.documents or not isinstance(value, str) or value == UNKNOWN:
            return value
        try:
            return canonical(json.loads(value))
        except ValueError:
            return value


def canonical(value: Any) -> Any:
    """The value without what an absent one would mean as well, its lists sorted, files as their hash."""
    if signature(value) in (ASSET, ARCHIVE):
        return value.get("hash")
    if isinstance(value, Mapping):
        parts = {key: canonical(part) for key, part in value.items()}
        return {key: part for key, part in parts.items() if part is not None} or None
    if isinstance(value, list):
        parts_in_order = sorted((canonical(part) for part in value), key=lambda part: json.dumps(part, sort_keys=True))
        # AWS writes a list of one as its only item, and the other way round.
        return parts_in_order[0] if len(parts_in_order) == 1 else parts_in_order or None
    return value or None

"""Rules of the keys that product.yaml trusts."""

from collections.abc import Iterator

from delivery.rules.checks.change import Change, at
from delivery.rules.problem import Problem

_LISTS = ("artifacts", "heads", "brakes")


def no_key_is_for_two_things(change: Change) -> Iterator[Problem]:
    """A key signs what users install, or heads, or overrides: who holds one of them can do one thing."""
    first: dict[str, str] = {}
    for kind in _LISTS:
        for number, key in enumerate(getattr(change.facts.product.value.keys, kind)):
            for said in (key.id, key.public):
                if first.setdefault(said, kind) != kind:
                    what = f"{key.id} is one of keys.{first[said]}, too"
                    yield at(change.facts.product, ("keys", kind, number), what, "make a key for this alone")
                    break

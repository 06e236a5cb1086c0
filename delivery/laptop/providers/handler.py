"""How one resource type is realised on the laptop: the small interface behind every type, and its defaults.

Property names are Pulumi's own (camelCase). Handlers adopt what exists already under the same explicit name, so a run
that was killed between making a thing and remembering it goes on instead of failing.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from delivery.engines.wire import UNKNOWN, Properties, has_unknown
from delivery.laptop.providers.likeness import Likeness

Cloud = TypeVar("Cloud")


class Handler(Generic[Cloud]):
    """One resource type. `cloud` is what the package's handlers share: clients, ledger."""

    key: ClassVar[tuple[str, ...]] = ()
    """The inputs that name the physical thing: two resources may not agree on them, and a change replaces."""
    replaces: ClassVar[frozenset[str]] = frozenset()
    """Other inputs that only a new resource can change."""
    renews: ClassVar[frozenset[str]] = frozenset()
    """Computed outputs to which an update gives new values: unknown in a preview of one."""
    on_record: ClassVar[bool] = True
    """Whether the ledger keeps its outputs, for the edge to read."""
    computed: ClassVar[frozenset[str]] = frozenset({"region"})
    """Inputs that the cloud fills in when they are not given: to see one there does not mean that it was asked for."""
    secrets: ClassVar[frozenset[str]] = frozenset()
    """Inputs of which the ledger keeps only the digest."""
    likeness: ClassVar[Likeness] = Likeness()
    """When two values of an input are the same to the cloud."""

    def check(self, inputs: Properties) -> Mapping[str, str]:
        """Problems that only this type knows: property to reason, each ending in the mend."""
        return {}

    def create(self, cloud: Cloud, inputs: Properties) -> tuple[str, Properties]:
        """Make it; returns its id and the outputs that are computed. The inputs are outputs anyway."""
        raise NotImplementedError

    def update(self, cloud: Cloud, identity: str, old: Properties, inputs: Properties) -> Properties:
        """Change it; returns the computed outputs. By default, making it again is how it is changed."""
        return self.create(cloud, inputs)[1]

    def delete(self, cloud: Cloud, identity: str, outputs: Properties) -> None:
        """Take it away; one that is gone already is no error. By default there is nothing to undo."""

    def look(self, cloud: Cloud, identity: str, outputs: Properties) -> Properties | None:
        """What there really is, inputs and computed outputs by Pulumi's names; None if it is gone.

        `outputs` are the remembered ones, empty if only the id is known, as in an import. A property that is not looked
        at is left out; one that is not there is None. By default nothing is looked at.
        """
        return outputs

    def read(self, cloud: Cloud, identity: str, outputs: Properties) -> Properties | None:
        """The outputs as they are now: the remembered ones, but for what differs; None if it is gone."""
        seen = self.look(cloud, identity, outputs)
        return None if seen is None else self.likeness.settled(outputs, seen)

    def named_by(self, identity: str) -> str:
        """The thing's own id, from the one by which an import names it."""
        return identity

    def changed(self, old: Properties, new: Properties) -> tuple[str, ...]:
        """The inputs that differ."""
        return self.likeness.changed(old, new)

    def needs_new(self, changed: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in changed if name in self.replaces or name in self.key)

    def preview(self, old: Properties, new: Properties) -> Properties:
        """The outputs that an update would leave, or without `old` a creation; unknown where only doing it can say."""
        kept = {name: UNKNOWN if name in self.renews else value for name, value in old.items()}
        return kept | new

    def identify(self, inputs: Properties) -> tuple[str, ...] | None:
        """The physical name as far as it is known yet."""
        values = tuple(inputs.get(name) for name in self.key)
        return None if not self.key or has_unknown(list(values)) else tuple(map(str, values))


class Explicit(Handler[Cloud]):
    """A type whose physical name must be given: the laptop names nothing by itself, nor should production."""

    def check(self, inputs: Properties) -> Mapping[str, str]:
        return {name: "is missing; name the resource explicitly" for name in self.key if inputs.get(name) is None}


class Wrong(ValueError):  # noqa: N818 - what the argument is
    """The cloud does not take one of the inputs; `property` is its name."""

    def __init__(self, property_: str, reason: str) -> None:
        super().__init__(f"{property_}: {reason}")


class Unfinished(Exception):  # noqa: N818 - what the thing is
    """It was made, and something after that went wrong: it counts as made, and another apply finishes it."""

    def __init__(self, identity: str, computed: Properties) -> None:
        super().__init__(identity)
        self.identity = identity
        self.computed = computed


@contextmanager
def finishing(identity: str, computed: Properties) -> Iterator[None]:
    """What happens here happens to a thing that is made already."""
    try:
        yield
    except Exception as error:
        raise Unfinished(identity, computed) from error


def content(value: Mapping[str, Any]) -> bytes:
    """The bytes of an asset or archive.

    Raises:
        ValueError: it came without its content, as old state does.
    """
    if "text" in value:
        return str(value["text"]).encode()
    if "path" in value:
        return Path(value["path"]).read_bytes()
    raise ValueError("the file came without its content; give the text or a path")

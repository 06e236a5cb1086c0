"""What a type of ours expects at a place: which keys, and what to call the value there.

Reads types only; whether a value is right is pydantic's to say. Both facts and stack files go through here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from delivery.rules.facts import Spot
from delivery.rules.shapes import OneOf

M = TypeVar("M")

_PLAINLY = {
    bool: "true or false",
    dict: "a mapping of keys and values",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "a text",
}


def at(kind: Any, value: Any, spot: Spot) -> Any:
    """The type that a part of `value` should have if the whole is a `kind`; None where nothing is expected."""
    for part in spot:
        kind = _inside(settled(kind, value), part)
        value = _part(value, part)
    return kind


def settled(kind: Any, value: Any) -> Any:
    """The type without its marks; of a union, the member that this value is, if that can be told."""
    kind = _certain(kind)
    if one_of := _one_of(kind):
        return one_of.member(value if isinstance(value, dict) else ())
    if get_origin(kind) is Annotated:
        return settled(get_args(kind)[0], value)
    return None if get_origin(kind) in (Union, UnionType) else kind


def keys(kind: Any, value: Any = None) -> tuple[str, ...]:
    """The keys that a mapping of this type may have; for one that could be several things, those that tell them."""
    one_of = _one_of(kind)
    plain = settled(kind, value)
    if one_of and plain is None:
        return one_of.keys
    return tuple(_hints(plain)) if is_dataclass(plain) else ()


def means(kind: Any) -> str:
    """What to write there, in words: a whole number of percent from 0 to 100."""
    kind = _certain(kind)
    if words := next((mark.means for mark in get_args(kind)[1:] if hasattr(mark, "means")), None):
        return str(words)
    plain = settled(kind, None)
    if get_origin(plain) is Literal:
        return listed([str(choice) for choice in get_args(plain)], "or")
    if _one_of(kind):
        return f"a mapping with {listed(keys(kind), 'or')}"
    if needed := _needed(plain):
        return f"a mapping with {listed(needed, 'and')}"
    return _PLAINLY[base(kind, None)]


def base(kind: Any, value: Any) -> Any:
    """What the type is in YAML: dict, list, str, int, float or bool. Anything else that is written is a text."""
    plain = settled(kind, value)
    if is_dataclass(plain) or _is(plain, Mapping) or _one_of(kind):
        return dict
    if get_origin(plain) is Literal:
        return type(get_args(plain)[0])
    if _is(plain, Sequence) and plain is not str:
        return list
    return plain if plain in _PLAINLY else str


def listed(words: Sequence[str], last: str) -> str:
    """a, b or c."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def marked(kind: Any, mark: type[M]) -> M | None:
    """The mark of this class on a type, if it has one."""
    return next((each for each in get_args(_certain(kind))[1:] if isinstance(each, mark)), None)


def _one_of(kind: Any) -> OneOf | None:
    return marked(kind, OneOf)


def _certain(kind: Any) -> Any:
    """Without the `| None` of what may be left out."""
    members = [member for member in get_args(kind) if member is not NoneType]
    return members[0] if get_origin(kind) in (Union, UnionType) and len(members) == 1 else kind


def _is(kind: Any, abstract: type) -> bool:
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, abstract)


def _inside(kind: Any, part: str | int) -> Any:
    if is_dataclass(kind):
        return _hints(kind).get(str(part))
    if _is(kind, Mapping):
        return get_args(kind)[1]
    return get_args(kind)[0] if _is(kind, Sequence) and get_args(kind) else None


def _part(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def _needed(kind: Any) -> tuple[str, ...]:
    """The keys that a dataclass cannot do without."""
    if not is_dataclass(kind):
        return ()
    needed = [each for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]
    return tuple(_written(kind, each.name) for each in needed)


def _hints(kind: Any) -> dict[str, Any]:
    """A dataclass's types by its keys as they are written in YAML."""
    hints = get_type_hints(kind, include_extras=True)
    return {_written(kind, field.name): hints[field.name] for field in fields(kind)}


def _written(kind: Any, name: str) -> str:
    """The YAML key of a field."""
    return str(getattr(kind, "__pydantic_config__", {}).get("alias_generator", str)(name))

"""What a resource type's arguments must look like, read from the SDK itself: its annotations and documented enums.

The real providers' schemas cannot be had here; their Python SDKs are generated from them. A problem found here is
one that the real provider would report too. It cannot know cross-field rules: a handler's `check` adds some.
"""

from __future__ import annotations

import collections.abc
import difflib
import enum
import functools
import importlib
import inspect
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pulumi import _types

from delivery.engines.wire import ARCHIVE, ASSET, UNKNOWN, signature

_MODULES = {"lambda": "lambda_"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Only a list of quoted words that its sentence ends with is taken: "and any multiple of `60`" is not an enum.
_QUOTED = r"(?:`[^`]+`|\"+[^`\"]+\"+)(?:\s*\([^)]*\))?(?:\s*,?\s*(?:and|or|OR)\s+|\s*,\s*)?"
_OPENINGS = "|".join(
    (
        "(?:[Vv]alid|[Pp]ossible|Available|The only valid) [Vv]alues?(?: is| are)?",
        "Either of the following is supported",
        "The following values are supported",
        "Can be(?: either)?",
        "One of",
    )
)
_ENUM = re.compile(rf"(?:{_OPENINGS})\s*:?\s*((?:{_QUOTED})+)\s*(?:\.|$)")
_MORE = re.compile(rf"Additionally, the values\s+((?:{_QUOTED})+)")
_WORD = re.compile(r"`([^`]+)`|\"+([^`\"]+)\"+")


@dataclass(frozen=True, slots=True)
class Failure:
    """One argument that is wrong: its path, and a sentence that ends in the mend."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Field:
    """One argument: the type as annotated, whether it must be there, and the values the documentation allows."""

    kind: Any
    required: bool
    allowed: tuple[str, ...]


def failures(token: str, inputs: Mapping[str, Any]) -> list[Failure]:
    """Every problem of the inputs of a resource of this type; a type the SDK does not have is one as well."""
    args = _arguments(token)
    if args is None:
        return [Failure("", f"there is no resource type {token} in its SDK")]
    return list(_check_object(args, inputs, ""))


@functools.cache
def arguments(token: str) -> frozenset[str]:
    """The names of the arguments that a type takes; none if its SDK does not have the type."""
    args = _arguments(token)
    return frozenset(_fields(args)) if args else frozenset()


@functools.cache
def _arguments(token: str) -> type | None:
    module = _module(token)
    name = token.rsplit(":", 1)[1]
    return getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args", None)


def _module(token: str) -> ModuleType | None:
    package, path, name = token.split(":")
    folder, _, file = path.partition("/")
    parts = [f"pulumi_{package}"] + ([] if folder == "index" else [_MODULES.get(folder, folder)])
    try:
        # The SDK's packages load when first looked into; one whose part came before itself would stay half loaded.
        getattr(importlib.import_module(".".join(parts)), name, None)
        return importlib.import_module(".".join([*parts, _snake(file or name)]))
    except ModuleNotFoundError:
        return None


def _snake(name: str) -> str:
    # As the SDK's generator does it: r2CustomDomain -> r2_custom_domain, bucketObjectv2 -> bucket_objectv2.
    return _CAMEL.sub("_", name).lower()


@functools.cache
def _fields(args: type) -> Mapping[str, Field]:
    names = _types.input_type_py_to_pulumi_names(args)
    kinds = _types.input_type_types(args)
    parameters = inspect.signature(args.__init__).parameters  # type: ignore[misc]
    return {
        name: Field(
            kind=kinds.get(name, Any),
            required=parameters[python].default is inspect.Parameter.empty,
            allowed=_allowed(kinds.get(name), getattr(args, python).__doc__ or ""),
        )
        for python, name in names.items()
    }


def _allowed(kind: Any, text: str) -> tuple[str, ...]:
    for part in typing.get_args(kind):
        if isinstance(part, type) and issubclass(part, enum.Enum):
            return tuple(str(member.value) for member in part)
    found = _ENUM.search(text)
    if found is None or "also valid" in text:
        return ()
    more = _MORE.search(text)
    words = (one or other for one, other in _WORD.findall(found[1] + (more[1] if more else "")))
    # The documentation's own markup turned underscores into asterisks, and writes a list of one as Terraform does.
    return tuple(word.strip('["]').replace("*", "_") for word in words)


def _check_object(args: type, values: Mapping[str, Any], path: str) -> Iterator[Failure]:
    fields = _fields(args)
    for name in sorted(values.keys() - fields.keys()):
        yield Failure(path + name, f"is not an argument here{_suggest(name, fields)}")
    for name, field in fields.items():
        if values.get(name) is not None:
            yield from _check_value(field.kind, values[name], path + name, field.allowed)
        elif field.required:
            yield Failure(path + name, "is missing; give it a value")


def _check_value(kind: Any, value: Any, path: str, allowed: tuple[str, ...] = ()) -> Iterator[Failure]:
    kind = _plain(kind)
    if value == UNKNOWN or kind is Any:
        return
    origin = typing.get_origin(kind)
    if _types.is_input_type(kind):
        yield from _check_nested(kind, value, path)
    elif origin is collections.abc.Sequence:
        yield from _check_list(typing.get_args(kind)[0], value, path, allowed)
    elif origin is collections.abc.Mapping:
        yield from _check_map(typing.get_args(kind)[1], value, path)
    else:
        yield from _check_scalar(kind, value, path, allowed)


def _check_nested(kind: type, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, Mapping):
        yield Failure(path, f"is {_name(value)}; give an object")
        return
    yield from _check_object(kind, value, f"{path}.")


def _check_list(kind: Any, value: Any, path: str, allowed: tuple[str, ...]) -> Iterator[Failure]:
    if not isinstance(value, list):
        yield Failure(path, f"is {_name(value)}; give a list")
        return
    for index, item in enumerate(value):
        yield from _check_value(kind, item, f"{path}[{index}]", allowed)


def _check_map(kind: Any, value: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, Mapping):
        yield Failure(path, f"is {_name(value)}; give an object")
        return
    for key, item in value.items():
        yield from _check_value(kind, item, f"{path}.{key}")


_SCALARS: Mapping[type, tuple[type, ...]] = {str: (str,), bool: (bool,), int: (int,), float: (int, float)}


def _check_scalar(kind: Any, value: Any, path: str, allowed: tuple[str, ...]) -> Iterator[Failure]:
    if signature(value) in (ASSET, ARCHIVE):
        return
    wanted = _SCALARS.get(kind)
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool)):
        yield Failure(path, f"is {_name(value)} {value!r}; give a value of type {kind.__name__}")
    elif allowed and kind is not bool and str(value) not in allowed:
        yield Failure(path, f"is {value!r}; give one of {', '.join(allowed)}{_suggest(str(value), allowed)}")


def _plain(kind: Any) -> Any:
    """The annotation without Optional, Awaitable and Output, of which every input is a union."""
    if typing.get_origin(kind) is not typing.Union:
        return kind
    parts = [part for part in typing.get_args(kind) if part is not type(None) and not _is_promise(part)]
    scalars = [part for part in parts if not (isinstance(part, type) and issubclass(part, enum.Enum))]
    return scalars[0] if len(scalars) == 1 else Any


def _is_promise(part: Any) -> bool:
    origin = typing.get_origin(part)
    name = getattr(origin or part, "__name__", str(part))
    return origin is collections.abc.Awaitable or name == "Output" or name.endswith("ArgsDict")


def _suggest(word: str, words: collections.abc.Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean {near[0]}?" if near and near[0] != word else ""


def _name(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else f"the {type(value).__name__}"

"""Adds one item to a list, or one key, in a YAML file and leaves every other byte as its author wrote it.

Writes in the style of what stands before it: flow or block, indentation, line endings, with or without a newline at
the end of the file. Proves nothing: `edit` reloads the result, and refuses it where it says anything else than was
meant.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from typing import Any, cast

import yaml

from delivery.rules.shapes import yaml_key
from delivery.rules.tree import grow

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]*")  # no reader of YAML sees a sign of its own in these


class NoSuchList(ValueError):  # noqa: N818 - reads as what is wrong
    """The file has no list of this name at its top."""


def append(data: bytes, name: str, item: Any) -> bytes:
    """These bytes with this dataclass as one more item of the list `name`.

    Raises NoSuchList.
    """
    text = data.decode()
    items = _list(text, name)
    if items.flow_style or not items.value:
        return _in_brackets(text, items, flow(item)).encode()
    pairs = [f"{key}: {flow(part)}" for key, part in _said(item).items()]
    return _below(text, items, pairs if _is_block(items.value[-1]) else [flow(item)], "- ").encode()


def add(data: bytes, name: str, value: Any) -> bytes:
    """These bytes, which hold a mapping, with one more key behind its others."""
    text = data.decode()
    root = _root(text)
    said = f"{name}: {flow(value)}"
    return (_in_brackets(text, root, said) if root.flow_style else _below(text, root, [said])).encode()


def whole(value: Any) -> bytes:
    """A new file that says this dataclass: one key a line, and one line for each item of a list of facts."""
    return "".join(f"{_text(key)}:{_part(part)}\n" for key, part in _said(value).items()).encode()


def flow(value: Any) -> str:
    """A value on one line. Text is quoted wherever some reader of YAML could take it for something else."""
    if is_dataclass(value) or isinstance(value, Mapping):
        pairs = _said(value) if is_dataclass(value) else value
        return "{" + ", ".join(f"{_text(key)}: {flow(part)}" for key, part in pairs.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, datetime):
        return f'"{value:%Y-%m-%dT%H:%M:%SZ}"'
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _part(value: Any) -> str:
    """What stands behind the colon of a key at the top."""
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        return "".join(f"\n  - {flow(item)}" for item in value)
    return f" {flow(value)}"


def _said(value: Any) -> dict[str, Any]:
    """The parts of a fact by their YAML keys, without those that say no more than their absence does."""
    pairs = ((field, getattr(value, field.name)) for field in fields(value))
    return {yaml_key(field.name): part for field, part in pairs if part != _absent(field)}


def _absent(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default  # MISSING is like nothing that a fact holds


def _text(text: str) -> str:
    """Names stand bare, sentences in quotes, as people write them."""
    is_name = _NAME.fullmatch(text) and not grow("", f"[{text}]".encode()).plain
    return text if is_name else json.dumps(text, ensure_ascii=False)


# --- where it goes ------------------------------------------------------------------------------------------------


def _root(text: str) -> yaml.CollectionNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)  # the one in C counts its marks in other units
    return cast("yaml.CollectionNode", root)  # no fact is a scalar


def _list(text: str, name: str) -> yaml.SequenceNode:
    root = _root(text)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == name and isinstance(value, yaml.SequenceNode):
            return value
    raise NoSuchList(f"has no list {name} at its top")


def _below(text: str, around: yaml.CollectionNode, lines: list[str], mark: str = "") -> str:
    """These lines below the last part, which may have a comment behind it."""
    first, last = _last(around)
    newline, margin = _newline(text), _margin(text, first)
    body = mark + f"{newline}{margin}{' ' * len(mark)}".join(lines)
    end = text.find("\n", _end(text, last))
    if end < 0:
        return f"{text}{newline}{margin}{body}"
    return f"{text[: end + 1]}{margin}{body}{newline}{text[end + 1 :]}"


def _in_brackets(text: str, around: yaml.CollectionNode, body: str) -> str:
    """`[…, {…}]`: on the line of the last part, or on one of its own where the parts have theirs."""
    close = around.end_mark.index - 1
    if not around.value:
        return f"{text[:close]}{body}{text[close:]}"
    first, last = _last(around)
    end = _end(text, last)
    line_end = text.find("\n", end, close)
    if line_end < 0:
        return f"{text[:end]}, {body}{text[end:]}"
    comma = text[end:close].lstrip().startswith(",")
    rest = text[end : line_end + 1] if comma else "," + text[end : line_end + 1]
    added = f"{_margin(text, first)}{body}{',' if comma else ''}{_newline(text)}"
    return f"{text[:end]}{rest}{added}{text[line_end + 1 :]}"


def _last(around: yaml.CollectionNode) -> tuple[yaml.Node, yaml.Node]:
    """Where the last part begins and where it ends: a pair's key and value, or an item twice."""
    last = around.value[-1]
    return last if isinstance(around, yaml.MappingNode) else (last, last)


def _end(text: str, node: yaml.Node) -> int:
    """Behind the last character of a node; a block mapping's own mark lies behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and _is_block(node) and node.value:
        return _end(text, _last(node)[1])
    return len(text[: node.end_mark.index].rstrip())


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _margin(text: str, node: yaml.Node) -> str:
    """The white space before the line on which a node begins."""
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    line = text[start : node.start_mark.index]
    return line[: len(line) - len(line.lstrip())]


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"

"""Adds one item to a list in a YAML file and leaves every other byte as its author wrote it.

Writes in the style of the item before it: flow or block, indentation, line endings, with or without a newline at the
end of the file. Proves nothing: `edit` reloads the result, and refuses it where it says anything else than was meant.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from typing import Any

import yaml

from delivery.rules.shapes import yaml_key
from delivery.rules.tree import grow


class NoSuchList(ValueError):  # noqa: N818 - reads as what is wrong
    """The file has no list of this name at its top."""


def append(data: bytes, name: str, item: Any) -> bytes:
    """These bytes with this dataclass as one more item of the list `name`.

    Raises NoSuchList.
    """
    text = data.decode()
    items = _list(text, name)
    if items.flow_style or not items.value:
        return _in_brackets(text, items, item).encode()
    return _below(text, items, item).encode()


def whole(value: Any) -> bytes:
    """A new file that says this dataclass, one key a line."""
    return "".join(f"{key}: {flow(part)}\n" for key, part in _said(value).items()).encode()


def flow(value: Any) -> str:
    """A value on one line. Text is quoted wherever some reader of YAML could take it for something else."""
    if is_dataclass(value) or isinstance(value, Mapping):
        pairs = _said(value) if is_dataclass(value) else value
        return "{" + ", ".join(f"{key}: {flow(part)}" for key, part in pairs.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, datetime):
        return f'"{value:%Y-%m-%dT%H:%M:%SZ}"'
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _said(value: Any) -> dict[str, Any]:
    """The parts of a fact by their YAML keys, without those that say no more than their absence does."""
    pairs = ((field, getattr(value, field.name)) for field in fields(value))
    return {yaml_key(field.name): part for field, part in pairs if part != _absent(field)}


def _absent(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return None if field.default is MISSING else field.default


def _text(text: str) -> str:
    """Names stand bare, sentences in quotes, as people write them."""
    bare = grow("", f"[{text}]".encode(errors="replace"))
    clear = " " not in text and bare.value == [text] and not bare.plain
    return text if clear else json.dumps(text, ensure_ascii=False)


def _list(text: str, name: str) -> yaml.SequenceNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)  # the one in C counts its marks in other units
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == name and isinstance(value, yaml.SequenceNode):
            return value
    raise NoSuchList(f"has no list {name} at its top")


def _below(text: str, items: yaml.SequenceNode, item: Any) -> str:
    """`- …` below the last item, which may have a comment behind it."""
    last = items.value[-1]
    newline = _newline(text)
    margin = _margin(text, last)
    lines = [f"{key}: {flow(part)}" for key, part in _said(item).items()]
    body = f"{newline}{margin}  ".join(lines) if _is_block(last) else flow(item)
    end = text.find("\n", _end(text, last))
    if end < 0:
        return f"{text}{newline}{margin}- {body}"
    return f"{text[: end + 1]}{margin}- {body}{newline}{text[end + 1 :]}"


def _in_brackets(text: str, items: yaml.SequenceNode, item: Any) -> str:
    """`[…, {…}]`: on the line of the last item, or on one of its own where the items have theirs."""
    close = items.end_mark.index - 1
    if not items.value:
        return f"{text[:close]}{flow(item)}{text[close:]}"
    last = items.value[-1]
    end = _end(text, last)
    line_end = text.find("\n", end, close)
    if line_end < 0:
        return f"{text[:end]}, {flow(item)}{text[end:]}"
    comma = text[end:close].lstrip().startswith(",")
    rest = text[end : line_end + 1] if comma else "," + text[end : line_end + 1]
    added = f"{_margin(text, last)}{flow(item)}{',' if comma else ''}{_newline(text)}"
    return f"{text[:end]}{rest}{added}{text[line_end + 1 :]}"


def _end(text: str, node: yaml.Node) -> int:
    """Behind the last character of a node; a block mapping's own mark lies behind the comments that follow it."""
    if _is_block(node) and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(node, yaml.MappingNode) else last)
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

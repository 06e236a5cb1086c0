"""JSON Schemas of the facts, generated from their types, so that editors complete and check while people type.

They help to write; `load` decides: a schema says nothing of quotes, look-alikes, placeholders or other files. Writes
nothing itself (`./inv schemas` does).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from delivery.rules.facts import Policy, Product
from delivery.rules.read import KINDS, POLICY, PRODUCT
from delivery.rules.shapes import yaml_key

SCHEMAS = "schemas/"  # beside releases/, not in it: they follow from code, so they change with code
_DIALECT = "http://json-schema.org/draft-07/schema#"  # the newest that yaml-language-server knows whole
_ONLY = {PRODUCT: Product, POLICY: Policy}  # kinds of which there is one file


def schemas() -> Mapping[str, str]:
    """Every schema as the text of its file, by path."""
    kinds = [*_ONLY.values(), *(kind.type for kind in KINDS)]
    return {_path(kind): schema(kind, kind.__name__.lower()) for kind in kinds}


def schema(kind: Any, called: str) -> str:
    """The text of the schema of any type that `load` reads; `called` is what editors call it."""
    return json.dumps(_schema(kind, called), indent=2, ensure_ascii=False) + "\n"


def schema_line(folder: str) -> str:
    """The first line (with its newline) of every file in a folder of facts: schema_line("rollouts").

    Raises KeyError for a folder that holds no facts.
    """
    kind = {kind.folder: kind for kind in KINDS}[folder]
    return _line(kind.path(kind.names), kind.type)


def _line(path: str, kind: type) -> str:
    return f"# yaml-language-server: $schema={'../' * path.count('/')}{_path(kind)}\n"


def _path(kind: type) -> str:
    return f"{SCHEMAS}{kind.__name__.lower()}.json"


def _schema(kind: Any, called: str) -> dict[str, Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    made = _plainer(adapter.json_schema(by_alias=True, ref_template="#/definitions/{model}"))
    made["definitions"] = made.pop("$defs", {})
    return {"$schema": _DIALECT, "title": f"ESpice: {called}", **made}


def _plainer(schema: Any) -> Any:
    """Without titles that repeat the key, null (no file may write it for what it leaves out) and Python's names."""
    if isinstance(schema, str):
        return re.sub("`([a-z_]+)`", lambda name: f"`{yaml_key(name[1])}`", schema)
    if isinstance(schema, list):
        return [_plainer(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _plainer(part)
        for key, part in schema.items()
        if not (key == "title" and isinstance(part, str)) and not (key == "default" and part is None)
    }
    some = [part for part in kept.get("anyOf", ()) if part != {"type": "null"}]
    return {**{key: part for key, part in kept.items() if key != "anyOf"}, **some[0]} if len(some) == 1 else kept

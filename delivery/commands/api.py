"""api: writes what the endpoint answers as docs/openapi.json, so that a pull request shows what changes for callers."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.test import Client

from delivery.commands.desk import ROOT, command, err, out, put
from delivery.endpoint.app import create_app
from delivery.endpoint.openapi import OPENAPI
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source
from delivery.endpoint.store import StoreError

DOCUMENT = "docs/openapi.json"
HELD = "/v1/"  # what the promise is about

Schema = Mapping[str, Any]


@command
def api() -> int:
    """Write the document, unless v1 would lose something that it promised."""
    file, new = ROOT / DOCUMENT, served()
    taken = lost(json.loads(file.read_bytes()), json.loads(new)) if file.exists() else []
    for each in taken:
        err.print(each, markup=False)
    if taken:
        err.print(f"{DOCUMENT} is left as it was. Keep these, or make a /v2/; what nobody was ever told may be lost:")
        err.print(f"remove {DOCUMENT}, type ./inv api, and let a reviewer see the difference.")
        return 1
    put(file, new)
    out.print(f"{DOCUMENT} says what the endpoint says.")
    return 0


def served() -> bytes:
    """The document as an endpoint serves it that has nothing else to answer from."""
    settings = Settings(
        product="espice",
        title="ESpice",
        environment="laptop",
        bucket="none",
        region="none",
        downloads_url="https://downloads.invalid",
        updates_url="https://updates.invalid",
        site_url="https://site.invalid",
        head_keys=(),
    )
    app = create_app(Source(_Nowhere(), settings), settings, lambda: datetime.now(UTC))
    response: bytes = Client(app).get(OPENAPI.path).data
    return response


class _Nowhere:
    """A store without objects."""

    def get(self, key: str, etag: str | None) -> Any:
        """See ObjectStore."""
        raise StoreError(f"there is no {key} {etag or ''}")


def lost(before: Schema, after: Schema) -> list[str]:
    """What callers of v1 may rely on by one document and not by the other, one sentence each."""
    had, has = _expanded(before["paths"], before), _expanded(after["paths"], after)
    return [
        sentence
        for path, said in had.items()
        if path.startswith(HELD)
        for sentence in _operation(path, said, has.get(path))
    ]


def _expanded(part: Any, document: Schema, above: tuple[str, ...] = ()) -> Any:
    """With what is only named put in its place; a shape inside itself is left out there."""
    if isinstance(part, list):
        return [_expanded(each, document, above) for each in part]
    if not isinstance(part, dict):
        return part
    name = part.get("$ref")
    if name is None:
        return {key: _expanded(each, document, above) for key, each in part.items()}
    if name in above:
        return {}
    _, _, kind, key = name.split("/")
    return _expanded(document["components"][kind][key], document, (*above, name))


def _operation(where: str, old: Schema, new: Schema | None) -> Iterator[str]:
    if new is None:
        yield f"{where} is gone."
        return
    had, has = _parameters(old), _parameters(new)
    for name, schema in had.items():
        if name not in has:
            yield f"{where} does not know {name} any more."
        else:
            yield from _shape(f"{where}, {name}", schema, has[name])
    replies = new["get"]["responses"]
    for status, reply in old["get"]["responses"].items():
        if status not in replies:
            yield f"{where} does not answer {status} any more."
        else:
            yield from _reply(f"{where}, {status}", reply, replies[status])


def _parameters(path: Schema) -> dict[str, Schema]:
    return {f"{each['name']} in the {each['in']}": each["schema"] for each in path.get("parameters", ())}


def _reply(where: str, old: Schema, new: Schema) -> Iterator[str]:
    for header in sorted(old.get("headers", {}).keys() - new.get("headers", {}).keys()):
        yield f"{where}: the header {header} is gone."
    for media, content in old.get("content", {}).items():
        if media not in new.get("content", {}):
            yield f"{where}: it is not {media} any more."
        else:
            yield from _shape(where, content["schema"], new["content"][media]["schema"])


def _shape(where: str, old: Schema, new: Schema) -> Iterator[str]:
    """What one shape lacks of another. New words, new keys and keys that are now always there take nothing away."""
    for word in ("type", "format", "minimum", "maximum", "pattern", "anyOf"):
        if old.get(word) != new.get(word):
            yield f"{where}: {word} was {old.get(word)} and is {new.get(word)}."
    for word in [word for word in old.get("enum", ()) if word not in new.get("enum", ())]:
        yield f"{where}: it is never {word} any more."
    for key, schema in old.get("properties", {}).items():
        if key not in new.get("properties", {}):
            yield f"{where}: the key {key} is gone."
        else:
            yield from _shape(f"{where}, {key}", schema, new["properties"][key])
    for key in old.get("required", ()):
        if key in new.get("properties", {}) and key not in new.get("required", ()):
            yield f"{where}: the key {key} is not always there any more."
    for part in ("items", "additionalProperties"):
        if isinstance(old.get(part), dict):
            yield from _shape(where, old[part], new.get(part) or {})

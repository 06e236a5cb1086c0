"""What AWS says when it does not do something, as a sentence that names the property it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from delivery.engines.wire import Properties


def tell(error: Exception, inputs: Properties) -> str:
    """A sentence for what a handler raised when it was given these inputs.

    The property is the one whose value AWS repeats, or whose name it says; none if it does neither.
    """
    answer = getattr(error, "response", {}).get("Error")
    if answer:
        operation, text = getattr(error, "operation_name", "a call"), str(answer.get("Message") or "no reason given")
        return _about(text, inputs) + f"AWS refused {operation}: {text.rstrip('.')} ({answer.get('Code')})"
    kind = type(error).__name__
    if kind == "ParamValidationError":
        problems = str(error).split("\n")[1:]
        return _about(problems[0], inputs) + f"AWS does not take it: {'; '.join(problems)}"
    if kind in ("EndpointConnectionError", "ConnectionClosedError", "ReadTimeoutError", "ConnectTimeoutError"):
        return "AWS does not answer; is the laptop's cloud up? Start it with ./inv up"
    return str(error) if isinstance(error, ValueError) else f"{kind}: {error}"


def _about(text: str, inputs: Properties) -> str:
    repeated = [(len(value), name) for name, top in inputs.items() for value in _strings(top) if value in text]
    words = {word.lower() for word in re.findall(r"[A-Za-z]{5,}", text)}
    said = [(len(name), name) for name in inputs if name.lower() in words]
    found = max(repeated, default=None) or max(said, default=None)
    return f"{found[1]}: " if found else ""


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) > 3:  # shorter ones are part of anything
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)

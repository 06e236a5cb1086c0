"""A quote's file, made from what somebody said: their words exactly, whatever Markdown would make of them."""

import json
import re
from datetime import datetime

from delivery.site.content import FOLDER

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#!|~&])")
_LISTED = re.compile(r"^([-+=]|\d+[.)])", re.MULTILINE)  # at the start of a line it would begin a list or a heading
AUTHOR = "documentation"
_LONGEST = 100  # characters of a title


def path(number: int) -> str:
    """Where the quote of an issue lies."""
    return f"{FOLDER}quotes/issue-{number}.mdx"


def file(title: str, product: str, text: str, name: str | None, consent: str, now: datetime) -> bytes:
    """The whole file, public from `now` on, which is UTC. `consent` is the address of the issue. Pure."""
    said = {
        "title": " ".join(title.split())[:_LONGEST].strip(),
        "description": f"What {name or 'somebody who uses it'} says of {product}.",
        "author": AUTHOR,
        "reviewed": f"{now:%Y-%m-%d}",
        "publish-at": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "consent": consent,
        **({"name": name} if name else {}),
    }
    front = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in said.items())
    lines = "\n".join(line.strip() for line in text.strip().splitlines())
    plain = _LISTED.sub(_escaped, _SIGNS.sub(r"\\\1", lines))
    return f"---\n{front}---\n\n{plain}\n".encode()


def _escaped(found: re.Match[str]) -> str:
    """1. becomes 1\\. and - becomes \\-"""
    return f"{found[0][:-1]}\\{found[0][-1]}"

"""Files of a small site, as its repository has them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from delivery.site import check as site
from delivery.site import content
from delivery.site.content import Content, Page

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FRONT = {
    "title": "Measure a signal",
    "description": "How to read a value from a plot.",
    "author": "documentation",
    "reviewed": '"2026-11-20"',
    "publish-at": '"2026-11-20T09:00:00Z"',
}
GUIDE = {**FRONT, "section": "Start", "order": "10"}
QUOTE = {**FRONT, "consent": "https://github.com/espice/delivery/issues/12"}
INCIDENT = {**FRONT, "began": '"2026-11-20T08:00:00Z"', "components": "[updates]"}
AROUND = {
    "site/settings.yaml": b"repository: espice/delivery\nenvironments: {laptop: {}}\n",
    content.AUTHORS: b"documentation:\n  title: ESpice documentation\n  mailbox: docs\n",
    "site/content/words.txt": b"# ours\nESpice\nnetlist\n",
    "site/app/addresses.ts": b'const STANDING = ["/", "/download/", "/docs/api/"];\n',
    "releases/versions/1.4.0.yaml": b"",
}


def page(front: Mapping[str, str], text: str = "Open a plot.\n", **other: str | None) -> bytes:
    """A file; `other` are keys that are different, or with None left out, with _ for -."""
    said = {**front, **{key.replace("_", "-"): value for key, value in other.items()}}
    return "\n".join(["---", *(f"{key}: {value}" for key, value in said.items() if value), "---", "", text]).encode()


def told(files: Mapping[str, bytes], now: datetime = NOW) -> list[str]:
    """What check says of these files of content/, beside what is right."""
    problems = site.check({**AROUND, **{f"{content.FOLDER}{name}": data for name, data in files.items()}}, now)
    return [str(problem).removeprefix(content.FOLDER) for problem in problems]


def said(text: str) -> list[str]:
    """What check says of this text, which begins at line 9 of a news page."""
    return told({"news/a.mdx": page(FRONT, text)})


def written(files: Mapping[str, bytes]) -> Content:
    """These files of content/, which can be read."""
    found, problems = content.read({**AROUND, **{f"{content.FOLDER}{name}": data for name, data in files.items()}})
    assert problems == ()
    return found


def only(text: str) -> Page:
    """A page with this text."""
    return next(iter(written({"news/a.mdx": page(FRONT, text)}).pages.values()))

"""Whether every link of a page leads somewhere: to a page that is public when it is, and a heading that it has.

Pages without text of ours (the download page, releases) are known by app/addresses.ts and the facts; what anchors they
have, only a built site can tell.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from delivery.rules.problem import Problem
from delivery.rules.read import File
from delivery.site.content import FOLDER, Content, Page, minor
from delivery.site.mdx import Led, Text

ADDRESSES = "site/app/addresses.ts"
VERSIONS = "releases/versions/"
_STANDING = re.compile(r'"(/[^"$]*)"')
_DOC = re.compile(r"/docs/(?:(?P<minor>\d+\.\d+)/)?(?P<name>[a-z0-9-]+)/")
_PICTURES = ("avif", "jpg", "png", "svg", "webp")


@dataclass(frozen=True, slots=True)
class Known:
    """What links may lead to: pages of ours, addresses of other pages, and all files."""

    content: Content
    texts: Mapping[str, Text]  # by path
    standing: Collection[str]
    files: Collection[str]


def standing(files: Mapping[str, File]) -> frozenset[str]:
    """The addresses of pages that have no file in content/: those that addresses.ts names, and a page a release."""
    named = _STANDING.findall(files.get(ADDRESSES, b"").decode(errors="replace"))
    versions = (path.removeprefix(VERSIONS).removesuffix(".yaml") for path in files if path.startswith(VERSIONS))
    return frozenset((*named, *(f"/releases/{version}/" for version in versions)))


def taken(content: Content, standing: Collection[str]) -> Iterator[Problem]:
    """Every page whose address is that of a page without a file here."""
    for page in content.pages.values():
        name = page.inside.rpartition("/")[2].removesuffix(".mdx")
        address = f"/docs/{name}/" if page.kind == "docs" else page.address
        if address in standing:
            what = f"has the address {address}, and so has a page of site/app/routes"
            yield Problem(page.path, 0, "", what, "give the file another name")


def judge(page: Page, known: Known) -> Iterator[Problem]:
    """Every link of a page that leads nowhere. Pure."""
    for link in known.texts[page.path].links:
        if found := _wrong(page, link, known):
            yield Problem(page.path, link.line, "", *found)


def _wrong(page: Page, link: Led, known: Known) -> tuple[str, str] | None:
    """What is wrong with it, and the mend."""
    parts = urlsplit(link.to)
    if parts.scheme == "mailto" and not link.is_picture:
        return None
    if parts.scheme or parts.netloc:
        return _elsewhere(link, parts.scheme)
    if link.is_picture:
        return _picture(page, parts.path, known)
    if not parts.path:
        return _anchor(page, parts.fragment, page, known)
    if not parts.path.startswith("/"):
        return (
            f"leads to {link.to}, which depends on where it is read",
            "write the address from the site's root: /docs/…",
        )
    return _inside(page, parts.path, parts.fragment, known)


def _elsewhere(link: Led, scheme: str) -> tuple[str, str] | None:
    if link.is_picture:
        return f"shows {link.to}, which others serve", f"put the picture into {FOLDER}, with leave to show it"
    if scheme != "https":
        return f"leads to {link.to}, which anybody on the way may change", "write an address that begins with https://"
    return None


def _picture(page: Page, path: str, known: Known) -> tuple[str, str] | None:
    folder = page.path.rpartition("/")[0]
    lies = f"site/public{path}" if path.startswith("/") else _joined(folder, path)
    if lies in known.files and lies.rpartition(".")[2] in _PICTURES:
        return None
    return f"shows {path}, and there is no picture {lies}", f"add it there, as one of {', '.join(_PICTURES)}"


def _joined(folder: str, path: str) -> str:
    found: list[str] = folder.split("/")
    for part in path.split("/"):
        if part == "..":
            found = found[:-1]
        elif part != ".":
            found.append(part)
    return "/".join(found)


def _inside(page: Page, path: str, fragment: str, known: Known) -> tuple[str, str] | None:
    if not path.endswith("/") and not path.rpartition("/")[2].count("."):
        return f"leads to {path}, which only redirects", f"write {path}/"
    if path in known.standing:
        return None
    target = _page(path, known.content)
    if target is None:
        return f"leads to {path}, and there is no such page", "write the address of one that there is"
    if target.front.value.publish_at > page.front.value.publish_at:
        there = f"{target.front.value.publish_at:%Y-%m-%dT%H:%M:%SZ}"
        return f"leads to {path}, which is public only from {there} on", "publish this later, or that earlier"
    return _anchor(page, fragment, target, known)


def _page(path: str, content: Content) -> Page | None:
    """The page at this address; of documentation, the text that holds there."""
    if found := next((each for each in content.pages.values() if each.address == path), None):
        return found
    doc = _DOC.fullmatch(path)
    if doc is None:
        return None
    named = [
        each for each in content.pages.values() if each.kind == "docs" and each.inside.endswith(f"/{doc['name']}.mdx")
    ]
    if doc["minor"]:
        least = tuple(int(part) for part in doc["minor"].split("."))
        named = [each for each in named if minor(each) <= least]
    return max(named, key=minor, default=None)


def _anchor(page: Page, fragment: str, target: Page, known: Known) -> tuple[str, str] | None:
    text = known.texts.get(target.path)  # None where it could not be read: that is told already
    if not fragment or text is None or fragment in text.anchors:
        return None
    where, there = "it" if target is page else target.inside, ", ".join(sorted(text.anchors)) or "none"
    return f"leads to #{fragment}, and {where} has no such heading", f"write one of those it has: {there}"

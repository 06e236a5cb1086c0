"""What is done to a build before anybody sees it: styles put into its pages, a policy for each, a search index.

What nobody loads is taken out. A page may do only what it says: its Content-Security-Policy names its own inline
scripts and styles by their hashes. What that policy would break is refused here, so that no visitor is the first to
see it. See docs/site.md.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

# Players that set no cookies before somebody starts a video.
PLAYERS = ("https://www.youtube-nocookie.com", "https://player.vimeo.com")
SEARCH = "search/index.html"  # pagefind's search is WebAssembly
_CHARSET = re.compile(r"<meta charset=[^>]*>", re.IGNORECASE)
_NO_SCRIPT = ("application/ld+json", "application/json", "text/plain")  # data, which no browser runs
_LOADING_LINKS = ("stylesheet", "modulepreload", "preload", "icon", "apple-touch-icon", "manifest")
_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)"[^>]*>')
_MODULE = re.compile(r'<link rel="modulepreload"[^>]*>')
_HYDRATED = "__reactRouterContext"  # a script with it hands the page to React, which wants it as it was rendered
_ROUTES = "window.__reactRouterManifest="  # names what only a navigation without loading would load; ours all load
_NAMED = re.compile(r"[\w./-]*?([\w.-]+\.js)\b")
_PAGEFIND_EXTRAS = ("*-ui.*", "*-highlight.js")  # widgets of pagefind's own, which no page of ours has


class Unfit(Exception):  # noqa: N818 - reads as what is wrong
    """The policy would break these pages; one sentence each."""

    def __init__(self, sentences: tuple[str, ...]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Origins:
    """Whom pages may ask besides the site itself: scheme, host and port each."""

    connect: tuple[str, ...]
    script: tuple[str, ...] = ()
    image: tuple[str, ...] = ()

    @classmethod
    def of(cls, product: Mapping[str, object]) -> Origins:
        """From the product.json of a build: the endpoint, the downloads, and of the rest only what is set."""
        connect = [str(product["updates"]), str(product["downloads"])]
        if dsn := product.get("sentry"):
            connect.append(_collector(str(dsn)))
        match product.get("analytics"):
            case {"cloudflare": _}:
                return cls((*connect, "https://cloudflareinsights.com"), ("https://static.cloudflareinsights.com",))
            case {"ga4": _}:
                google = "https://*.google-analytics.com"
                return cls((*connect, google), ("https://www.googletagmanager.com",), (google,))
        return cls(tuple(connect))


@dataclass(slots=True)
class Page:
    """What a page loads and runs, and what its policy would not let it do."""

    inline: list[str] = field(default_factory=list)  # scripts within it, as they stand there
    scripts: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)  # stylesheets, preloads, icons
    frames: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def read(html: str) -> Page:
    """What a page is, by its text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


def policy(page: Page, allowed: Origins, *, styles: str = "", searches: bool = False) -> str:
    """The Content-Security-Policy of a page. `styles` were put into it; `searches`: it runs WebAssembly."""
    scripts = dict.fromkeys(map(_hash, page.inline))
    directives = {
        "default-src": ("'self'",),
        "script-src": ("'self'", *scripts, *allowed.script, *(["'wasm-unsafe-eval'"] if searches else ())),
        "style-src": ("'self'", *([_hash(styles)] if styles else ())),
        "img-src": ("'self'", *allowed.image),
        "connect-src": ("'self'", *allowed.connect),
        "frame-src": tuple(dict.fromkeys(map(_origin, page.frames))) or ("'none'",),
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def with_styles(html: str, page: Page, text_of: Callable[[str], str]) -> tuple[str, str]:
    """The page with its stylesheets in it, and these: drawn when its text is there, and not a round trip later.

    A page that React takes over has to stay as it was rendered. There, scripts are asked for after the stylesheets:
    the first paint waits for these alone.
    """
    if any(_HYDRATED in each for each in page.inline):
        scripts = "".join(_MODULE.findall(html))
        return _MODULE.sub("", html).replace("</head>", f"{scripts}</head>", 1), ""
    styles = "".join(map(text_of, _SHEET.findall(html)))
    rest = iter([f"<style>{styles}</style>"] if styles else [])
    return _SHEET.sub(lambda _: next(rest, ""), html), styles


def with_policy(html: str, said: str) -> str:
    """The page with its policy in front of whatever the policy is about."""
    return _CHARSET.sub(
        lambda found: f'{found[0]}<meta http-equiv="Content-Security-Policy" content="{said}"/>', html, count=1
    )


def complaints(page: Page, allowed: Origins, exists: Callable[[str], bool]) -> Iterator[str]:
    """What of a page would not work once its policy is in force, or names a file that the build lacks."""
    yield from page.wrong
    for kind, found, others in (
        ("a script", page.scripts, allowed.script),
        ("an image", page.images, allowed.image),
        ("a file", page.links, ()),
    ):
        for url in found:
            if _is_elsewhere(url):
                if _origin(url) not in others:
                    yield f"loads {kind} from elsewhere, {url}; put it into site/"
            elif not exists(url):
                yield f"loads {url}, which the build lacks; mend the address"
    for url in page.frames:
        if _origin(url) not in PLAYERS:
            yield f"embeds {url}, which is none of {', '.join(PLAYERS)}; embed one of these, or link to it"


def loaded(pages: Mapping[str, Page], scripts: Mapping[str, str]) -> frozenset[str]:
    """Which of these scripts (name -> text) any page can load: named by a page, or by what is loaded. Pure.

    A name is one wherever it stands; only React Router's table of all routes loads nothing by itself.
    """
    found: set[str] = set()
    texts = [text for page in pages.values() for text in (*page.inline, *page.scripts, *page.links)]
    while texts:
        new = {name for text in texts for name in _NAMED.findall(text)} & scripts.keys() - found
        found |= new
        texts = [scripts[name] for name in new if not scripts[name].startswith(_ROUTES)]
    return frozenset(found)


def finish(folder: Path, product: Mapping[str, object], index: Callable[[Path], None]) -> None:
    """Finish the build in this folder, as React Router left it; `index` writes the search index of a folder.

    Raises Unfit with every problem of every page.
    """
    allowed = Origins.of(product)
    texts = {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.html"))}
    pages = {path: read(text) for path, text in texts.items()}
    if wrong := _all_wrong(folder, texts, pages, allowed):
        raise Unfit(wrong)
    _take_out(folder, pages)
    for path, text in texts.items():
        whole, styles = with_styles(text, pages[path], lambda url: (folder / url.lstrip("/")).read_text())
        said = policy(pages[path], allowed, styles=styles, searches=path == SEARCH)
        (folder / path).write_text(with_policy(whole, said))
    if SEARCH in pages:
        index(folder)
        for extra in _PAGEFIND_EXTRAS:
            for file in (folder / "pagefind").glob(extra):
                file.unlink()


def _all_wrong(folder: Path, texts: Mapping[str, str], pages: Mapping[str, Page], allowed: Origins) -> tuple[str, ...]:
    """Each complaint once, with the pages that it is about: most come from a part that many pages share."""
    about: dict[str, list[str]] = defaultdict(list)
    for path, page in pages.items():
        for each in complaints(page, allowed, partial(_lies, folder, path)):
            about[each].append(path)
        if not _CHARSET.search(texts[path]):
            about["has no <meta charset>, behind which its policy stands; let site/app/root.tsx render it"].append(path)
    return tuple(f"{_named(paths)} {each}" for each, paths in about.items())


def _named(paths: list[str]) -> str:
    addresses = [f"/{path.removesuffix('index.html')}" for path in paths]
    return addresses[0] if len(addresses) == 1 else f"{addresses[0]} (and {len(addresses) - 1} more)"


def _take_out(folder: Path, pages: Mapping[str, Page]) -> None:
    """What no page can load. A page's data is for navigating without loading, which pages of ours never do."""
    scripts = {file.name: file.read_text() for file in (folder / "assets").glob("*.js")}
    for name in scripts.keys() - loaded(pages, scripts):
        (folder / "assets" / name).unlink()
    for file in folder.rglob("*.data"):
        file.unlink()


def _lies(folder: Path, page: str, url: str) -> bool:
    """Whether a page's address within the site leads to a file."""
    return (folder / unquote(urlsplit(urljoin(f"/{page}", url)).path).lstrip("/")).is_file()


def _hash(text: str) -> str:
    """How a policy names what stands in the page itself."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _is_elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.scheme or parts.netloc)


def _collector(dsn: str) -> str:
    """Where a Sentry DSN leads, without its key."""
    parts = urlsplit(dsn)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class _Reader(HTMLParser):
    """Reads a page once, from the front to the end."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._script: list[str] | None = None  # the inline script that is being read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._judge(tag, said)
        match tag:
            case "script" if "src" in said:
                self.page.scripts.append(said["src"])
            case "script" if said.get("type", "") not in _NO_SCRIPT:
                self._script = []
            case "style":
                self.page.wrong.append("has a <style> element; put its rules into site/app/app.css")
            case "link" if not set(said.get("rel", "").split()).isdisjoint(_LOADING_LINKS):
                self.page.links.append(said.get("href", ""))
            case "img" | "source" | "video" | "audio" | "track":
                self.page.images.extend(_sources(said))
            case "iframe":
                self.page.frames.append(said.get("src", ""))
            case "a" if "data-video" in said:  # becomes one when it is clicked
                self.page.frames.append(said["data-video"])

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            self.page.inline.append("".join(self._script))
            self._script = None

    def _judge(self, tag: str, said: Mapping[str, str]) -> None:
        for name, value in said.items():
            if name == "style":
                self.page.wrong.append(f'has <{tag} style="{value}">; make it a class in site/app/app.css')
            elif name.startswith("on"):
                self.page.wrong.append(f"has <{tag} {name}=…>; add the listener in a script of site/app/browser/")
            elif value.strip().lower().startswith("javascript:"):
                self.page.wrong.append(f"has <{tag} {name}={value}>; add a listener in a script of site/app/browser/")


def _sources(said: Mapping[str, str]) -> Iterator[str]:
    yield from (said[name] for name in ("src", "poster") if name in said)
    yield from (each.split()[0] for each in said.get("srcset", "").split(",") if each.strip())

"""The files that people write for the site, read as facts are: typed front matter, and the text below it.

Knows what a file says of itself and when it is public. What its text may hold is for `mdx`, `links` and `spelling`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Any, cast

from delivery.rules.facts import Filed
from delivery.rules.load import parse
from delivery.rules.problem import Problem, Severity
from delivery.rules.read import File, Link
from delivery.rules.shapes import STRICT, Day, Moment, Name, Prose, Sentence, Shape, Span

FOLDER = "site/content/"
AUTHORS = f"{FOLDER}authors.yaml"
REVIEW = timedelta(days=365)  # a page that nobody looked at for longer may have ceased to be true
_PAGE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MINOR = re.compile(r"(?:0|[1-9][0-9]{0,4})\.(?:0|[1-9][0-9]{0,4})")
_FENCE = "---"


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The front matter of every file: a page of news/ or legal/ has no more.

    It is public from `publish_at` on. `reviewed` is when somebody last read it and found it true.
    """

    __pydantic_config__ = STRICT
    title: Annotated[str, Prose(r"\S(?:.{0,98}\S)?", "a title of one line, at most 100 characters")]
    description: Annotated[str, Prose(r"\S(?:.{0,198}\S)?", "a sentence of one line, at most 200 characters")]
    author: Name
    reviewed: Day
    publish_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide(Front):
    """A page of docs/<minor version>/: under which heading it is listed, and where below it."""

    __pydantic_config__ = STRICT
    section: Sentence
    order: Annotated[int, Span(0, 1000, "a whole number from 0 to 1000")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote(Front):
    """Somebody's words. `consent` is the public issue in which they agreed; without `name` they stand unnamed."""

    __pydantic_config__ = STRICT
    consent: Annotated[str, Shape(r"https://github\.com/[\w.-]+/[\w.-]+/issues/[1-9][0-9]*", "the URL of an issue")]
    name: Sentence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident(Front):
    """What went wrong for people, and when; without `ended` it still does."""

    __pydantic_config__ = STRICT
    began: Moment
    components: tuple[Name, ...]
    ended: Moment | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """A team that answers for pages: what it is called, and its mailbox at the domain of product.yaml."""

    __pydantic_config__ = STRICT
    title: Sentence
    mailbox: Annotated[str, Shape(r"[a-z]+(?:-[a-z]+)*", "the part of an address before the @")]


KINDS: Mapping[str, type[Front]] = {
    "docs": Guide,
    "news": Front,
    "legal": Front,
    "quotes": Quote,
    "incidents": Incident,
}


@dataclass(frozen=True, slots=True)
class Page:
    """A file: its front matter, and its text, which begins at line `begins`."""

    front: Filed[Front]
    text: str
    begins: int

    @property
    def path(self) -> str:
        """In the repository."""
        return self.front.path

    @property
    def inside(self) -> str:
        """Below content/, as docs/1.4/install.mdx."""
        return self.path.removeprefix(FOLDER)

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return self.inside.partition("/")[0]

    @property
    def address(self) -> str | None:
        """Where people read it: /docs/1.4/install/; None for what is a part of other pages."""
        return f"/{self.inside.removesuffix('.mdx')}/" if self.kind in ("docs", "news", "legal") else None

    @property
    def review_due(self) -> date:
        """The first day on which it should have been read again."""
        return date.fromisoformat(self.front.value.reviewed) + REVIEW


@dataclass(frozen=True, slots=True)
class Content:
    """All pages by path, and who answers for them."""

    pages: Mapping[str, Page] = field(default_factory=dict)
    authors: Mapping[str, Author] = field(default_factory=dict)

    def public(self, now: datetime) -> tuple[Page, ...]:
        """What people may read at this moment, by path. What once was public stays so."""
        return tuple(page for page in self.pages.values() if page.front.value.publish_at <= now)

    def next(self, now: datetime) -> datetime | None:
        """The next moment at which a page becomes public, if one waits."""
        moments = (page.front.value.publish_at for page in self.pages.values())
        return min((each for each in moments if each > now), default=None)


def read(files: Mapping[str, File]) -> tuple[Content, tuple[Problem, ...]]:
    """The pages in these files (path -> bytes) that could be read, and every problem of every file.

    Files outside site/content/, and those in it that are no text (pictures, circuits), are passed over. Never raises.
    """
    authors, problems = _authors(files)
    pages: dict[str, Page] = {}
    for path in sorted(path for path in files if path.startswith(FOLDER) and path.endswith((".mdx", ".md"))):
        page, wrong = _page(path, files[path])
        problems = (*problems, *wrong)
        if page:
            pages[path] = page
    return Content(pages, authors), tuple(sorted(problems))


def judge(content: Content, now: datetime) -> tuple[Problem, ...]:
    """What pages may not say of themselves, with all others in view. Pure."""
    return tuple(sorted(problem for page in content.pages.values() for problem in _wrong(page, content, now)))


# --- reading ------------------------------------------------------------------------------------------------------


def _authors(files: Mapping[str, File]) -> tuple[Mapping[str, Author], tuple[Problem, ...]]:
    if AUTHORS not in files:
        return {}, (Problem(AUTHORS, 0, "", "is missing", "restore it from git"),)
    filed, problems = parse(AUTHORS, files[AUTHORS], cast("Any", Mapping[Name, Author]))
    return (filed.value if filed else {}), problems


def _page(path: str, data: File) -> tuple[Page | None, tuple[Problem, ...]]:
    if isinstance(data, Link):
        return None, (Problem(path, 0, "", "is a link, not a file", "put the page itself there"),)
    if misplaced := _misplaced(path):
        return None, (misplaced,)
    head, begins = _split(data)
    if head is None:
        mend = f"begin with a line of {_FENCE}, then its keys, then another such line"
        return None, (Problem(path, 1, "", "has no front matter", mend),)
    kind = KINDS[path.removeprefix(FOLDER).partition("/")[0]]
    front, problems = parse(path, head, kind)
    if front is None:
        return None, problems
    text = b"\n".join(data.split(b"\n")[begins - 1 :]).decode(errors="replace")
    return Page(front, text, begins), ()


def _split(data: bytes) -> tuple[bytes | None, int]:
    """The front matter with its first fence, so that its lines are the file's, and the line where the text begins."""
    lines = data.split(b"\n")
    ends = [number for number, line in enumerate(lines) if line.rstrip() == _FENCE.encode()]
    if len(ends) < 2 or ends[0] != 0:
        return None, 0
    return b"\n".join(lines[: ends[1]]) + b"\n", ends[1] + 2


def _misplaced(path: str) -> Problem | None:
    inside = path.removeprefix(FOLDER)
    kind, *between = inside.split("/")[:-1] or [""]
    name = inside.rpartition("/")[2].removesuffix(".mdx")
    if kind not in KINDS:
        return Problem(path, 0, "", "is in no folder of pages", f"move it to one of {', '.join(KINDS)} in {FOLDER}")
    if path.endswith(".md"):
        return Problem(path, 0, "", "is not an .mdx file", f"rename it to {path}x")
    if not _PAGE.fullmatch(name):
        what = "has a name that is no good address"
        return Problem(path, 0, "", what, "write it in lower-case letters and digits, with dashes between words")
    if kind == "docs" and not (len(between) == 1 and _MINOR.fullmatch(between[0])):
        what = "is in no folder of a minor version"
        return Problem(path, 0, "", what, f"move it to {FOLDER}docs/<major>.<minor>/{name}.mdx, such as docs/1.4")
    if kind != "docs" and between:
        return Problem(path, 0, "", "lies deeper than its kind", f"move it to {FOLDER}{kind}/{name}.mdx")
    return None


# --- judging ------------------------------------------------------------------------------------------------------


def _wrong(page: Page, content: Content, now: datetime) -> Iterator[Problem]:
    front, value = page.front, page.front.value

    def at(key: str, what: str, mend: str, severity: Severity = Severity.error) -> Problem:
        return Problem(page.path, front.line(key), key, what, mend, severity)

    if value.author not in content.authors:
        known = ", ".join(sorted(content.authors)) or "none yet"
        yield at("author", f"{value.author} is no team of {AUTHORS}", f"name one of them ({known}), or add it there")
    if not page.text.strip():
        yield Problem(page.path, page.begins, "", "has no text", "write it below the front matter")
    if date.fromisoformat(value.reviewed) > now.date():
        yield at("reviewed", f"{value.reviewed} is still to come", "write the day on which somebody read it last")
    elif page.review_due <= now.date():
        what = f"nobody has looked at it since {value.reviewed}"
        yield at("reviewed", what, "read it, mend what is no longer true, and write today's date", Severity.warning)
    if isinstance(value, Incident) and value.ended is not None and value.ended < value.began:
        yield at("ended", "is before it began", "write when it was over, or leave it out while it lasts")


def minor(page: Page) -> tuple[int, int]:
    """The minor version from which on a page of docs/ holds."""
    major, _, small = page.inside.split("/")[1].partition(".")
    return int(major), int(small)

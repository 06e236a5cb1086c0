"""What the text of a page holds: its words, headings, links and parts; and everything in it that would be code.

MDX is a program that is written like Markdown. Ours is Markdown, a few parts by name with plain texts as attributes,
and nothing else: what a page says is then data. The parse here is CommonMark's, which takes other things for code than
MDX does; so every brace and every < must be found again in what both take for code or for a part.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from delivery.rules.problem import Problem
from delivery.site.content import Page

# Parts, and elements that Markdown has no sign for, each with its attributes. app/parts/words/text.tsx draws them.
PARTS: Mapping[str, frozenset[str]] = {
    "Circuit": frozenset({"of", "caption"}),
    "Counted": frozenset(),
    "Keys": frozenset(),
    "Mail": frozenset({"to"}),
    "Note": frozenset({"tone", "title"}),
    "Repository": frozenset({"path"}),
    "Video": frozenset({"id", "title", "by"}),
    "abbr": frozenset({"title"}),
    "br": frozenset(),
    "kbd": frozenset(),
    "sub": frozenset(),
    "sup": frozenset(),
}
_SPOKEN = frozenset({"alt", "caption", "title"})  # attributes that people read
_LEADING = frozenset({"href", "src"})  # attributes that lead somewhere
_TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[A-Za-z][\w.:-]*)(?P<said>(?:\s+[\w:-]+=(?:"[^"{}`]*"|'[^'{}`]*'))*)\s*(?P<void>/?)>"""
)
_ATTRIBUTE = re.compile(r"""([\w:-]+)=(?:"([^"]*)"|'([^']*)')""")
_BARE = re.compile(r"https?://[^\s)]+")
_MODULE = re.compile(r"(?:import|export)\b")


@dataclass(frozen=True, slots=True)
class Said:
    """Some words, and the line they stand on."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Led:
    """Where a link or a picture leads."""

    line: int
    to: str
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A page's text, taken apart. `anchors` are the ids of its headings, as rehype-slug makes them."""

    words: tuple[Said, ...]
    links: tuple[Led, ...]
    anchors: frozenset[str]
    problems: tuple[Problem, ...]


def text(page: Page) -> Text:
    """Pure; never raises."""
    reading = _Reading(page.path, page.begins)
    for token in _parser().parse(page.text):
        reading.block(token)
    reading.end(page.text)
    anchors = frozenset(_slugs(reading.headings))
    return Text(tuple(reading.words), tuple(reading.links), anchors, tuple(sorted(set(reading.problems))))


@cache
def _parser() -> MarkdownIt:
    """As MDX and remark-gfm read it: with tables, without code by indentation. Escapes stay apart from texts."""
    found = _AsWritten("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return found.disable(["code", "text_join"])


class _AsWritten(MarkdownIt):
    """Takes for a link what MDX takes for one, wherever it leads: whether it may is for `links`."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - markdown-it's own name
        return True


@dataclass(slots=True)
class _Reading:
    path: str
    begins: int
    words: list[Said] = field(default_factory=list)
    links: list[Led] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _heading: bool = False
    _open: list[tuple[str, int]] = field(default_factory=list)  # parts that were not closed yet
    _clear: dict[str, int] = field(default_factory=lambda: dict.fromkeys("{}<", 0))  # signs that mean themselves
    _told: set[str] = field(default_factory=set)

    def block(self, token: Token) -> None:
        line = self.begins + (token.map[0] if token.map else 0)
        if token.type == "heading_open":
            self._heading = True
            if token.tag == "h1":
                self.wrong(line, "is a heading of the first level, and that is the title", "begin it with ##")
        elif token.type == "inline":
            self.inline(token, line)
            self._heading = False
        elif token.type == "fence":
            self.clear(token.content + token.info)
        elif token.type == "html_block":
            self.html(token.content, line)

    def inline(self, token: Token, line: int) -> None:
        children = token.children or []
        self.words.append(Said(line, " "))  # a row of a table has several of these
        if self._heading:
            self.headings.append("".join(each.content for each in children if each.type in _SPELLED))
        begins_line = True
        for each in children:
            self.child(each, line, begins_line=begins_line)
            begins_line = each.type in ("softbreak", "hardbreak")
            line += begins_line + each.content.count("\n") * (each.type == "html_inline")

    def child(self, each: Token, line: int, *, begins_line: bool) -> None:
        match each.type:
            case "text":
                self.plain(each.content, line, begins_line=begins_line)
            case "text_special":
                self.words.append(Said(line, each.content))
                self.clear(each.content if each.info == "escape" else "")
            case "code_inline":
                self.clear(each.content)
                self.words.append(Said(line, " "))
            case "link_open":
                self.links.append(Led(line, str(each.attrs["href"])))
            case "image":
                self.links.append(Led(line, str(each.attrs["src"]), is_picture=True))
                self.words.append(Said(line, each.content))
                if not each.content.strip():
                    self.wrong(line, "is a picture without words", "say between [ and ] what it shows")
            case "html_inline":
                self.html(each.content, line)

    def plain(self, content: str, line: int, *, begins_line: bool) -> None:
        self.words.append(Said(line, content))
        self.links.extend(Led(line, found) for found in _BARE.findall(content))
        if begins_line and _MODULE.match(content):
            self.wrong(
                line,
                f"begins a line with {content.split(maxsplit=1)[0]}, which MDX runs as code",
                "put another word first",
            )
        for sign in "{}<":
            if sign in content:
                self._told.add(sign)
                self.wrong(line, f"holds {sign}, where MDX expects code", f"write \\{sign}, or `{sign}` if it is code")

    def html(self, content: str, line: int) -> None:
        """Tags of parts and nothing between them: text there is not what CommonMark takes it for."""
        at = 0
        for tag in _TAG.finditer(content):
            self.between(content[at : tag.start()], line + content.count("\n", 0, at))
            self.tag(tag, line + content.count("\n", 0, tag.start()))
            at = tag.end()
        self.between(content[at:], line + content.count("\n", 0, at))

    def between(self, content: str, line: int) -> None:
        if content.strip():
            self._told.update("{}<")
            line += content[: len(content) - len(content.lstrip())].count("\n")
            what = f"holds {content.split(maxsplit=1)[0]} among tags, which is not read as Markdown"
            self.wrong(line, what, "leave an empty line behind each tag that stands alone, or write it without tags")

    def tag(self, tag: re.Match[str], line: int) -> None:
        name, said = tag["name"], {key: one or other for key, one, other in _ATTRIBUTE.findall(tag["said"])}
        self._clear["<"] += 1
        if name not in PARTS:
            self.wrong(line, f"uses <{name}>, which is no part of pages", f"use Markdown, or one of {', '.join(PARTS)}")
            return
        for key, value in said.items():
            if key not in PARTS[name]:
                known = ", ".join(sorted(PARTS[name])) or "none"
                self.wrong(line, f"gives <{name}> the attribute {key}, which it does not have", f"it has {known}")
            elif key in _LEADING:
                self.links.append(Led(line, value, is_picture=key == "src"))
            elif key in _SPOKEN and name != "Video":  # whose title is its maker's
                self.words.append(Said(line, f" {value} "))
        self.nest(tag, name, line)

    def nest(self, tag: re.Match[str], name: str, line: int) -> None:
        if tag["end"]:
            if not self._open or self._open[-1][0] != name:
                self.wrong(line, f"closes <{name}>, which is not the last that was opened", "close each where it ends")
            else:
                self._open.pop()
        elif not tag["void"]:
            self._open.append((name, line))

    def clear(self, content: str) -> None:
        for sign in self._clear:
            self._clear[sign] += content.count(sign)

    def end(self, whole: str) -> None:
        for name, line in self._open:
            self.wrong(line, f"opens <{name}> and never closes it", f"write <{name} … /> or </{name}>")
        for sign, seen in self._clear.items():
            if whole.count(sign) != seen and sign not in self._told:
                what = f"holds {sign} in a link, a title or an address between < and >, where MDX expects code"
                self.problems.append(Problem(self.path, 0, "", what, f"write it without {sign}"))

    def wrong(self, line: int, what: str, mend: str) -> None:
        self.problems.append(Problem(self.path, line, "", what, mend))


_SPELLED = ("text", "text_special", "code_inline")


def _slugs(headings: list[str]) -> Iterator[str]:
    """As github-slugger has it: of two alike, the second has -1."""
    seen: dict[str, int] = {}
    for heading in headings:
        slug = made = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        while made in seen:
            seen[slug] += 1
            made = f"{slug}-{seen[slug]}"
        seen[made] = 0
        yield made

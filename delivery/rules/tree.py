"""From bytes to a plain tree in which every part knows its line.

Knows no type of ours and lets YAML guess none: what is not quoted and would be no text to some YAML reader is kept
apart as `Plain`, for `load` to judge by what is expected there. Hostile files are ordinary problems, found before
anything recurses over them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

import yaml

from delivery.rules.characters import deceptions
from delivery.rules.facts import Spot
from delivery.rules.problem import Problem

SIZE = 256 * 1024  # bytes of one file
DEPTH = 20  # lists and mappings inside each other
PARTS = 10_000  # scalars, lists and mappings in one file
ODDITIES = 10  # that are told of one file

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast

# What git writes into a file that it could not merge. At the start of a line no fact begins so.
_MARKER = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$", re.MULTILINE)
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,15})?")
# What YAML 1.2, or 1.1 by the letter, reads as something else than text where PyYAML does not.
_ELSEWHERE = {
    "a number": re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+"),
    "a truth value": re.compile(r"[yYnN]"),
}
_KINDS = {
    "tag:yaml.org,2002:bool": "a truth value",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:value": "a sign of its own",
    "tag:yaml.org,2002:merge": "a merge",
}


@dataclass(frozen=True, slots=True)
class Plain:
    """A scalar without quotes that some YAML reader takes for `kind`; `clear` if all agree on a decimal or a bool."""

    text: str
    kind: str
    clear: bool


@dataclass(frozen=True, slots=True)
class Tree:
    """`value` is made of dict, list, str, int, float, bool, and None where a `Plain` is not clear."""

    value: Any
    marks: Mapping[Spot, int]
    plain: Mapping[Spot, Plain]
    comments: Mapping[Spot, str]  # behind scalars without quotes: part of a text, for all that YAML knows
    problems: tuple[Problem, ...]

    def line(self, spot: Spot) -> int:
        """The line of the part at this spot, or of the nearest around it."""
        while spot and spot not in self.marks:
            spot = spot[:-1]
        return self.marks.get(spot, 1)

    def part(self, spot: Spot) -> Any:
        """What stands at this spot, which exists."""
        value = self.value
        for part in spot:
            value = value[part]
        return value


def grow(path: str, data: bytes) -> Tree:
    """The tree of a YAML file, with every problem of its form. Never raises; without a tree, `value` is None."""
    text, problems = _text(path, data)
    if not problems:
        try:
            problems = tuple(_hostile(path, text))
            if not problems:
                grower = _Grower(path, text)
                value = grower.part(cast("yaml.Node", yaml.compose(text, Loader=_Loader)), ())
                return Tree(value, grower.marks, grower.plain, grower.comments, tuple(grower.problems))
        except yaml.YAMLError as error:
            problems = (_no_yaml(path, error),)
    return Tree(None, {}, {}, {}, problems)


def dotted(spot: Spot) -> str:
    """A place as problems name it: steps.2.percent."""
    return ".".join(str(part) for part in spot)


def _text(path: str, data: bytes) -> tuple[str, tuple[Problem, ...]]:
    if len(data) > SIZE:
        return "", (Problem(path, 0, "", f"is larger than {SIZE // 1024} kB", "one file holds one fact: split it"),)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return "", (Problem(path, line, "", "is not UTF-8 text here", "save the file as UTF-8"),)
    return text, tuple(_unfit(path, text))


def _unfit(path: str, text: str) -> Iterator[Problem]:
    """What stands in no good file, once a line."""
    told: dict[int, Problem] = {}
    for index, what, mend in _odd(text):
        line = text.count("\n", 0, index) + 1
        told.setdefault(line, Problem(path, line, "", what, mend))
    yield from told.values()


def _odd(text: str) -> Iterator[tuple[int, str, str]]:
    """Where (an index), what and mend; a binary file would give thousands."""
    yield from islice(deceptions(text), ODDITIES)
    for marker in islice(_MARKER.finditer(text), ODDITIES):
        what = f"holds what git leaves of a merge that failed, {marker[0].split()[0]}"
        yield marker.start(), what, "keep the lines that are meant, and remove this one"
    if "\t" in text:
        yield text.index("\t"), "holds a tab", 'write spaces; inside a text write "\\t" in double quotes'


def _hostile(path: str, text: str) -> Iterator[Problem]:
    """What must be known before composing: its depth and size, and what stands for something elsewhere."""
    depth = parts = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        parts += isinstance(event, yaml.NodeEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if found := _refused(event, depth, parts, documents):
            yield Problem(path, _line(event), "", *found)
            return
    if not documents:
        yield Problem(path, 0, "", "is empty", "write the fact, or remove the file if it was never merged")


def _refused(event: yaml.Event, depth: int, parts: int, documents: int) -> tuple[str, str] | None:
    """What is wrong with this event, and its mend."""
    if isinstance(event, yaml.NodeEvent) and event.anchor:
        mark = ("the alias *" if isinstance(event, yaml.AliasEvent) else "the anchor &") + event.anchor
        return f"uses {mark}", "write the value out where it is meant (and quote a text that begins with * or &)"
    if tag := getattr(event, "tag", None):
        return f"uses the tag {tag}", "remove it (and quote a text that begins with !)"
    if depth > DEPTH:
        return f"is nested more than {DEPTH} deep", "write it flat, as releases/README.md shows"
    if parts > PARTS:
        return f"has more than {PARTS:,} parts", "one file holds one fact: split it"
    if documents > 1:
        return "begins a second document", "one file holds one fact: remove the line with ---"
    return None


def _no_yaml(path: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = [getattr(error, part, None) for part in ("context", "problem")]
    what = ", ".join(part for part in said if part) or "it cannot be read"
    mend = "mend the indentation, brackets or quotes here or just above"
    return Problem(path, mark.line + 1 if mark else 0, "", f"is not YAML: {what}", mend)


class _Grower:
    """Walks composed nodes, whose depth `_hostile` has bounded."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._lines = text.split("\n")
        self.marks: dict[Spot, int] = {}
        self.plain: dict[Spot, Plain] = {}
        self.comments: dict[Spot, str] = {}
        self.problems: list[Problem] = []

    def part(self, node: yaml.Node, spot: Spot) -> Any:
        self.marks.setdefault(spot, _line(node))
        match node:
            case yaml.MappingNode():
                return self._mapping(node, spot)
            case yaml.SequenceNode():
                return [self.part(child, (*spot, number)) for number, child in enumerate(node.value)]
            case yaml.ScalarNode():
                return self._scalar(node, spot)
        raise AssertionError(f"YAML has no {type(node)}")

    def _mapping(self, node: yaml.MappingNode, spot: Spot) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if wrong := self._wrong_key(key, spot, found):
                self.problems.append(Problem(self._path, _line(key), *wrong))
                continue
            place = (*spot, key.value)
            self.marks[place] = _line(key)
            found[key.value] = self.part(value, place)
        return found

    def _wrong_key(self, key: yaml.Node, spot: Spot, found: Mapping[str, Any]) -> tuple[str, str, str] | None:
        """Field, what and mend."""
        if not isinstance(key, yaml.ScalarNode):
            return dotted(spot), "a key is a list or a mapping", "write a word as the key"
        place = dotted((*spot, key.value))
        if key.value in found:
            return place, f"is written twice, first in line {self.marks[*spot, key.value]}", "keep one"
        if key.value == "<<" and not key.style:
            return place, "merges another mapping", "write its keys out"
        if plain := _plain(key):
            return place, f"the key {key.value} without quotes is {plain.kind} to YAML", f'quote it: "{key.value}"'
        return None

    def _scalar(self, node: yaml.ScalarNode, spot: Spot) -> str | int | float | bool | None:
        if not node.style:
            self._look_behind(node, spot)
        plain = _plain(node)
        if plain is None:
            return str(node.value)
        self.plain[spot] = plain
        if not plain.clear:
            return None
        if plain.kind == "a truth value":
            return plain.text == "true"
        return float(plain.text) if "." in plain.text else int(plain.text)

    def _look_behind(self, node: yaml.ScalarNode, spot: Spot) -> None:
        """`see #812` was surely meant as text: a comment would have a space behind its #. Of `see # 812` none knows."""
        end = cast("yaml.Mark", node.end_mark)
        rest = self._lines[end.line][end.column :] if end.line < len(self._lines) else ""
        if found := re.match(r" +(#[^\s#]\S*)", rest):
            words = f"{found[1]} is a comment to YAML, not text", "quote the whole text, with what belongs to it"
            self.problems.append(Problem(self._path, _line(node), dotted(spot), *words))
        elif found := re.match(r" +(#.*)", rest):
            self.comments[spot] = found[1].strip()


def _line(part: yaml.Node | yaml.Event) -> int:
    return cast("yaml.Mark", part.start_mark).line + 1


def _plain(node: yaml.ScalarNode) -> Plain | None:
    if node.style:  # quoted, or a block
        return None
    text = str(node.value)
    kind = _KINDS.get(node.tag) or next((kind for kind, look in _ELSEWHERE.items() if look.fullmatch(text)), None)
    if kind is None:
        return None
    return Plain(text, kind, text in ("true", "false") or DECIMAL.fullmatch(text) is not None)

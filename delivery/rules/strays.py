"""What is said of files under releases/ that no reader claims, and of names that some disks cannot tell apart.

Knows paths only. Whoever put a file there meant something by it: to pass over it would be to drop a fact in silence.
"""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from unicodedata import normalize

from delivery.rules import expected
from delivery.rules.problem import Problem

_LEFT_BY = {
    "an editor": re.compile(r"(.*~|\.?#.*|.*\.(bak|swp|swo|tmp|save|old))", re.IGNORECASE),
    "a merge or a patch": re.compile(r".*\.(orig|rej)|.*_(BACKUP|BASE|LOCAL|REMOTE)_\d+\..*"),
    "the file browser": re.compile(r"\._.*|\.DS_Store|Thumbs\.db|desktop\.ini"),
    "who wanted an empty folder": re.compile(r"\.git(keep|ignore)"),
    "a copy": re.compile(r"Copy of .*|.* copy( \d+)?\.\w+|.* \(\d+\)\.\w+"),
}
_ENDING = re.compile(r"(\.ya?ml)?(\.(ya?ml|json|txt))?$", re.IGNORECASE)


def leftover(path: str) -> Problem | None:
    """Of a file that nobody meant to be here, whatever its ending."""
    name = path.rpartition("/")[2]
    for whom, looks in _LEFT_BY.items():
        if looks.fullmatch(name):
            return Problem(path, 0, "", f"is no fact but what {whom} left behind", "remove it")
    return None


def stray(path: str, shapes: Iterable[str]) -> Problem:
    """Of a file that is no fact; `shapes` are the paths of facts: releases/versions/<version>.yaml."""
    known = tuple(shapes)
    better = _ENDING.sub("", path) + ".yaml"
    if better != path and any(_fits(better, shape) for shape in known):
        return Problem(path, 0, "", "is not a fact: the names of facts end in .yaml", f"name it {better}")
    return Problem(path, 0, "", "is not a fact", _place_for(path, known))


def twins(paths: Iterable[str]) -> Iterator[Problem]:
    """Of every path that some disks cannot tell from another: it differs in case, or in how accents are written."""
    first: dict[str, str] = {}
    for path in sorted(paths):
        other = first.setdefault(normalize("NFD", normalize("NFD", path).casefold()), path)
        if other != path:
            how = "in case" if path.casefold() == other.casefold() else "in how its letters are written"
            what = f"differs only {how} from {other}: disks of macOS and Windows hold one of them"
            yield Problem(path, 0, "", what, "keep one")


def _fits(path: str, shape: str) -> bool:
    """Whether this path could be of this shape: releases/versions/1.4.0.yaml."""
    return re.fullmatch(re.sub("<[a-z]+>", "[^/]+", re.escape(shape)), path) is not None


def _place_for(path: str, shapes: tuple[str, ...]) -> str:
    folders = {shape.split("/")[1]: shape for shape in shapes if "<" in shape}
    near = get_close_matches(path.split("/")[1].lower(), folders, 1)
    if near:
        return f"move it to {folders[near[0]]}"
    return f"move it to the folder of its kind ({expected.listed(sorted(folders), 'or')}), or out of releases/"

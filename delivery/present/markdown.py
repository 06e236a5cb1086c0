"""A plan as the comment on its pull request. One comment each, found again by its marker.

A plan of a few lines is a table. One of many is a table for each channel, folded; if it still does not fit the forge,
tables are cut to their first rows, and say so. What is promised and how to undo it always stay.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from delivery.present import words
from delivery.present.asides import Section, sections
from delivery.present.words import Population
from delivery.rules.plan import Plan

MARKER = "<!-- espice-plan:v1 -->"
LIMIT = 65_536  # characters in a comment, GitHub's
_FEW = 12  # rows that need no folding
_CUTS = (100_000, 200, 100, 50, 25, 12, 6, 3, 1)  # rows of a table, lines of a section
_CUT = "\n\n… cut here: `./inv plan` prints the whole plan.\n"


def comment(plan: Plan, *, head: str = "", base: str = "", limit: int = LIMIT) -> str:
    """The whole comment, at most `limit` characters; `head` and `base` are commit ids."""
    text = ""
    for rows in _CUTS:
        text = _comment(plan, head, base, rows)
        if len(text) <= limit:
            return text
    return text[: limit - len(_CUT)].rpartition("\n")[0] + _CUT


def _comment(plan: Plan, head: str, base: str, rows: int) -> str:
    parts = [
        MARKER,
        f"### {plan.environment}: {words.EFFECTS[plan.effect]}\n",
        f"Needs {_text(words.approvals(plan))}.\n",
        *_tables(words.populations(plan), rows),
        *(line for section in sections(plan) for line in _section(section, rows)),
        " · ".join(f"{each.what} {'✓' if each.kept else '**✗**'}" for each in plan.promises) + "\n",
        *(f"To reverse: `{command.replace('`', '')}`\n" for command in plan.reverse),
        _footer(plan, head, base),
    ]
    return "\n".join(parts) + "\n"


def _tables(those: Sequence[Population], rows: int) -> Iterator[str]:
    if len(those) <= _FEW:
        yield from _table(those, rows)
        return
    for channel, mine in groupby(those, key=lambda each: each.channel):
        yield from _folded(f"{_text(channel)}: {{}}", list(mine), rows)


def _folded(title: str, those: Sequence[Population], rows: int) -> Iterator[str]:
    yield f"<details><summary>{title.format(words.counted(len(those), 'population'))}</summary>\n"
    yield from _table(those, rows)
    yield "</details>\n"


def _table(those: Sequence[Population], rows: int) -> Iterator[str]:
    if not those:
        return
    yield from ("| clients | who | before | after | when |", "| --- | --- | --- | --- | --- |")
    for each in those[:rows]:
        cells = (each.clients, each.people, each.before, f"**{_cell(each.after)}**", each.when)
        yield f"| {' | '.join(cell if cell.startswith('**') else _cell(cell) for cell in cells)} |"
    yield from ("", *_more(those, rows))


def _section(section: Section, rows: int) -> Iterator[str]:
    """A line as it is; more as a list; folded if it is quiet."""
    lines = [f"{'  ' if line.startswith(' ') else ''}- {_text(line.strip())}" for line in section.lines[:rows]]
    more = _more(section.lines, rows)
    if not section.loud or len(section.lines) > 2 * _FEW:
        count = words.counted(len(section.lines), "line")
        yield f"<details><summary>{section.title} ({count})</summary>\n"
        yield from (*lines, "", *more, "</details>\n")
    elif len(lines) == 1:
        yield f"**{section.title}**: {lines[0].removeprefix('- ')}\n"
    else:
        yield from (f"**{section.title}**\n", *lines, "", *more)


def _more(those: Sequence[object], rows: int) -> list[str]:
    return [f"… and {len(those) - rows:,} more: `./inv plan` prints them all.\n"] if len(those) > rows else []


def _footer(plan: Plan, head: str, base: str) -> str:
    commits = f"head {head[:12]} ← base {base[:12]} · " if head and base else ""
    catalogs = f"catalog {(plan.before or 'none')[:12]} → {plan.after[:12]} · plan {plan.hash[:12]}"
    return f"<sub>{commits}{catalogs} · as of {words.moment(plan.now)}</sub>"


def _cell(text: str) -> str:
    """Facts name channels and targets; none of them may end a table's cell."""
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """What people wrote is text: no markup, no picture, no mention that calls somebody."""
    return "".join(_ESCAPED.get(letter, letter) for letter in text)


_ESCAPED = {"<": "&lt;", "`": "'", "@": "@&#8203;", "[": "\\[", "]": "\\]", "*": "\\*"}

"""A plan as the comment on its pull request. One comment each, found again by its marker.

What was reviewed besides the plan stands above it: what is missing, what check says, what was seen.
A plan of a few lines is a table. One of many is a table for each channel, folded; if it still does not fit the forge,
tables are cut to their first rows, and say so. What is promised and how to undo it always stay.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from delivery.present import infra, words
from delivery.present.asides import Section, sections
from delivery.present.terminal import Outcome, outcome_line
from delivery.present.words import Population
from delivery.rules.approvals import Needed
from delivery.rules.checks.change import few
from delivery.rules.plan import Plan
from delivery.rules.problem import Problem

MARKER = "<!-- espice-plan:v1 -->"
LIMIT = 65_536  # characters in a comment, GitHub's
_FEW = 12  # rows that need no folding
_ROOM = 2_000  # characters that are kept free for previews of stacks
_CUTS = (100_000, 200, 100, 50, 25, 12, 6, 3, 1)  # rows of a table, lines of a section
_STAMPED = re.compile(rf"{re.escape(MARKER)}\n<!-- plan (?P<plan>[0-9a-f]{{64}}) of (?P<head>[0-9a-f]+) -->\n")
_AS_OF = re.compile(r" · as of [^·<]*(?=</sub>\Z)")
_AGREED = re.compile(
    r"; (?:given by [^\n*<|`\[]*|nobody gave one yet)(?=\.$)"
    r"|^\*\*It may be merged\.\*\*\n\n"
    r"|^\*\*Missing\*\*(?:: .*\n\n|\n\n(?:- .*\n)+\n)"
    rf"|^\*\*Infrastructure\*\*(?:: {infra.LINE.pattern}\n\n|\n\n(?:- {infra.LINE.pattern}\n)+\n)"
    r"| ← base [0-9a-f]{12}(?=[^\n]*</sub>\Z)",
    re.MULTILINE,
)
_CUT = "\n\n… cut here: `./inv plan` prints the whole plan.\n"


@dataclass(frozen=True, slots=True)
class Review:
    """What is known of a proposal besides its plan. `given` are names, `infra` a line for each stack that was read.

    `unasked` are the files of code that could answer otherwise, which nobody asked. `announced` is what the world is
    told, where, once everyone may have a version, and `pages` what people will read on the site.
    """

    needed: Needed | None
    given: tuple[str, ...]
    missing: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    evidence: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    infra: Mapping[str, str] = field(default_factory=dict)
    announced: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a comment says it is of: the whole hash of a plan, and the head that it belongs to."""

    plan: str
    head: str


def comment(
    plan: Plan | None, *, head: str = "", base: str = "", review: Review | None = None, limit: int = LIMIT
) -> str:
    """The whole comment, at most `limit` characters; `head` and `base` are commit ids. No plan: check refused it.

    Only what was reviewed is stamped with the plan's hash, so what somebody pasted never stands for it.
    """
    text, apart = "", replace(review, infra={}) if review else None
    for rows in _CUTS:
        text = _comment(plan, head, base, review, rows)
        if len(_comment(plan, head, base, apart, rows)) <= limit - _ROOM:  # a preview that comes later cuts no table
            return text
    return text[: limit - len(_CUT)].rpartition("\n")[0] + _CUT


def outcome(title: str, outcome: Outcome) -> str:
    """What an engine would do, as a job's summary shows it: each resource that differs, errors, and the counts.

    Of a property only the name: what it is may be no one's business who reads a summary.
    """
    rows = [each for each in outcome.steps if each.operation != "same"]
    parts = [f"**{_text(outcome_line(outcome))}**: {_text(title)}\n"]
    parts += [f"- {_text(error)}" for error in outcome.errors] + ([""] if outcome.errors else [])
    if rows:
        parts += ["| what | name | type | properties |", "| --- | --- | --- | --- |"]
    for each in rows:
        cells = f"{each.operation}", each.name, each.type, ", ".join(each.changed)
        parts.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(parts).rstrip() + "\n"


def plain(text: str) -> str:
    """A line of its own, whoever wrote it."""
    return f"{_text(text)}\n"


def shown(text: str) -> Shown | None:
    """The plan that a comment made by `comment` shows; None where it shows none."""
    found = _STAMPED.match(text.replace("\r\n", "\n"))
    return Shown(found["plan"], found["head"]) if found else None


def is_same(one: str, other: str) -> bool:
    """Whether two comments say the same, whenever each was made."""
    return _timeless(one) == _timeless(other)


def does_same(one: str, other: str) -> bool:
    """Whether two comments say that the same is done, whoever agreed or looked at stacks by then, wherever main was."""
    return _AGREED.sub("", _timeless(one)) == _AGREED.sub("", _timeless(other))


def _comment(plan: Plan | None, head: str, base: str, review: Review | None, rows: int) -> str:
    parts = [
        MARKER,
        *([_stamp(plan, head)] if plan and review else []),
        f"### {f'{plan.environment}: {words.EFFECTS[plan.effect]}' if plan else 'there is no plan of this change'}\n",
        *_needs(plan, review),
        *(line for section in _reviewed(review) for line in _section(section, rows)),
        *(_planned(plan, rows) if plan else ()),
        *_previewed(review),
        _footer(plan, head, base),
    ]
    return "\n".join(parts) + "\n"


def _planned(plan: Plan, rows: int) -> Iterator[str]:
    yield from _tables(words.populations(plan), rows)
    for section in sections(plan):
        yield from _section(section, rows)
    yield " · ".join(f"{each.what} {'✓' if each.kept else '**✗**'}" for each in plan.promises) + "\n"
    yield from (f"To reverse: `{command.replace('`', '')}`\n" for command in plan.reverse)


def _needs(plan: Plan | None, review: Review | None) -> Iterator[str]:
    """How many must agree and, of a proposal, who did and whether that is all."""
    if review is None:
        yield from [f"Needs {_text(words.approvals(plan))}.\n"] if plan else []
        return
    if review.needed:
        said = words.counted(review.needed.count, "approval")
        why = f" ({'; '.join(review.needed.why[1:])})" if review.needed.why[1:] else ""
        given = f"given by {words.listed(review.given)}" if review.given else "nobody gave one yet"
        yield f"Needs {_text(f'{said}{why}; {given}')}.\n"
    if not review.missing:
        yield "**It may be merged.**\n"


def _reviewed(review: Review | None) -> Iterator[Section]:
    if review is None:
        return
    found = (
        Section("Missing", review.missing),
        Section("What check says", tuple(map(str, review.problems))),
        Section("Evidence", review.evidence),
        Section("Code that decides", tuple(_unasked(review))),
        Section("Announcements, once everyone may have it", review.announced),
        Section("Pages of the site", review.pages),
    )
    yield from (section for section in found if section.lines)


def _previewed(review: Review | None) -> Iterator[str]:
    """All of them, always: there are few."""
    if review and review.infra:
        lines = tuple(f"{stack}: {said}" for stack, said in review.infra.items())
        yield from _section(Section("Infrastructure", lines), _FEW)


def _unasked(review: Review) -> Iterator[str]:
    if review.unasked:
        yield f"{few(review.unasked)} would change, and main's code made this plan; on its branch, ./inv plan asks both"


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


def _footer(plan: Plan | None, head: str, base: str) -> str:
    commits = [f"head {head[:12]} ← base {base[:12]}"] if head and base else []
    catalogs = [f"catalog {(plan.before or 'none')[:12]} → {plan.after[:12]}", f"plan {plan.hash[:12]}"] if plan else []
    made = [f"as of {words.moment(plan.now)}"] if plan else []
    return f"<sub>{' · '.join((*commits, *catalogs, *made))}</sub>"


def _stamp(plan: Plan, head: str) -> str:
    return f"<!-- plan {plan.hash} of {head} -->"


def _timeless(text: str) -> str:
    return _AS_OF.sub("", text.replace("\r\n", "\n").strip())


def _cell(text: str) -> str:
    """Facts name channels and targets; none of them may end a table's cell."""
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """What people wrote is text: no markup, no picture, no mention that calls somebody."""
    return "".join(_ESCAPED.get(letter, letter) for letter in text)


_ESCAPED = {
    "\n": " ",
    "\r": " ",
    "\\": "\\\\",
    "&": "&amp;",
    "<": "&lt;",
    "`": "'",
    "@": "@&#8203;",
    "[": "\\[",
    "]": "\\]",
    "*": "\\*",
}

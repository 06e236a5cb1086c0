"""How a proposal is shown: a line of a table, a whole page in the terminal, and the same for machines.

Titles, names and texts are whatever somebody wrote at a forge: they are shown, and never obeyed by a terminal.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from delivery.history import snapshot
from delivery.history.git import git
from delivery.present import json, terminal, words
from delivery.proposals.forge import Approval, Check, Proposal
from delivery.proposals.standing import Standing
from delivery.rules.announce import Announcement

# What is asked only while a proposal is open: null in what machines read of the others.
_OF_OPEN = (
    "main",
    "plan",
    "problems",
    "errors",
    "warnings",
    "needed",
    "evidence",
    "missing",
    "announced",
    "pages",
    "previews",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal, and where it stands as long as it is open. `given` are the approvals that count, or counted."""

    proposal: Proposal
    needs: Standing | None
    previews: Mapping[str, Check] = field(default_factory=dict)  # by stack, whoever said them
    given: tuple[Approval, ...] = ()
    is_own: bool = False  # of whom one is signed in as


def legible(text: str) -> str:
    """Without what turns, hides or commands: a terminal would do what such letters say. Lines and tabs stay."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def one_line(text: str) -> str:
    """The same, where there is one line for it."""
    return " ".join(legible(text).split())


def listed(those: Sequence[Shown]) -> Table:
    """One row each, all of it, however narrow the terminal is; what became of those that are open no more."""
    is_open = any(each.needs for each in those)
    made = Table(box=SIMPLE_HEAD)
    for name in ("number", "what", "by", *(("to users", "missing") if is_open else ("became",))):
        made.add_column(name, overflow="fold")
    for each in those:
        said, needs = each.proposal, each.needs
        rest = (_effect(needs), "\n".join(map(_briefly, needs.missing)) or "nothing") if needs else (_end(said),)
        cells = one_line(said.title), one_line(said.author), *rest
        made.add_row(str(said.number), *(Text(legible(cell)) for cell in cells))
    return made


def described(shown: Shown) -> Text:
    """Everything there is to know before one agrees, merges or closes; and how that is typed."""
    return Text("\n").join(_described(shown))


def _described(shown: Shown) -> Iterator[Text]:
    said, needs = shown.proposal, shown.needs
    yield Text(f"{said.number}: {one_line(said.title)}", "bold")
    yield Text(f"by {one_line(said.author)}, {words.moment(said.opened)}; {_end(said)}")
    yield Text(legible(f"{said.branch} at {said.head}"), "dim")
    yield from ([Text(legible(said.url), "dim")] if said.url else [])
    yield from (Text(f"    {line}") for line in legible(said.body).splitlines())
    if needs is None:
        yield from ([Text(), *_agreed(shown)] if shown.given else [])
        return
    yield Text()
    yield terminal.plan(needs.plan) if needs.plan else Text("what it does to users cannot be told", "red")
    yield from ([Text(), Text(legible(terminal.problems(needs.problems).plain), "red")] if needs.problems else [])
    yield Text()
    for stack, check in shown.previews.items():
        yield Text(f"    preview of {stack}, says {one_line(check.by or 'nobody')}: {one_line(check.says)}")
    yield from _said(needs)
    yield from _agreed(shown)
    for sentence in needs.missing:
        yield Text(f"    missing: {legible(sentence)}", "yellow")
    yield from _typed(shown, needs)


def _said(needs: Standing) -> Iterator[Text]:
    for sentence in needs.evidence:
        yield Text(f"    evidence: {legible(sentence)}")
    for told in needs.announced:
        yield Text(f"    announced to {words.announced_to(told)}, once everyone may have it: {one_line(told.text)}")
    for sentence in needs.pages:
        yield Text(f"    page: {legible(sentence)}")


def _agreed(shown: Shown) -> Iterator[Text]:
    for each in shown.given:
        yield Text(f"    {one_line(each.by)} agreed, {words.moment(each.at)}", "green")


def _typed(shown: Shown, needs: Standing) -> Iterator[Text]:
    said = shown.proposal
    yield Text()
    another = "" if said.url else " --as NAME"  # whoever is alone on a laptop plays the others
    may_approve = needs.plan and not (said.url and shown.is_own)
    yield from ([Text(f"./inv approve {said.number} --head {said.head[:12]}{another}")] if may_approve else [])
    yield from ([] if needs.missing else [Text(f"./inv merge {said.number}")])
    yield Text(f"./inv close {said.number}")


def difference(repo: Path, shown: Shown) -> str:
    """What it changes in files, as git says it: since it left main, or what its merge brought."""
    said, needs = shown.proposal, shown.needs
    head = said.merged_as or said.head
    base = snapshot.merge_base(repo, needs.main, head) if needs else f"{head}^"
    return git(repo, "diff", "--no-color", "--no-ext-diff", base, head).decode(errors="replace")


def machine(shown: Shown) -> dict[str, Any]:
    """For machines. Keys are added, never renamed or removed; what is null cannot be told."""
    said, needs = shown.proposal, shown.needs
    given = [{**asdict(each), "at": each.at.isoformat()} for each in shown.given]
    told = {**asdict(said), "opened": said.opened.isoformat(), "given": given}
    if needs is None:
        return {**told, **dict.fromkeys(_OF_OPEN)}
    return {
        **told,
        "main": needs.main,
        "plan": json.plan(needs.plan) if needs.plan else None,
        **json.problems(needs.problems),
        "needed": asdict(needs.needed) if needs.needed else None,
        "evidence": list(needs.evidence),
        "missing": list(needs.missing),
        "announced": [_announced(each) for each in needs.announced],
        "pages": list(needs.pages),
        "previews": {stack: asdict(check) for stack, check in shown.previews.items()},
    }


def _announced(told: Announcement) -> dict[str, str]:
    return {"name": told.name, "to": told.to, "at": told.at.isoformat(), "text": told.text}


def _effect(needs: Standing) -> str:
    return needs.plan.effect.value if needs.plan else "cannot be told"


def _briefly(missing: str) -> str:
    """A sentence of what is missing, for a table: 2 approvals, or @espice/release."""
    if found := re.match(r"(\d+) more (approvals?) of ", missing):
        return f"{found[1]} {found[2]}"
    owners = re.match(r"the approval of (\S+(?: or \S+)*) for ", missing)
    return owners[1] if owners else missing


def _end(said: Proposal) -> str:
    return f"merged as {said.merged_as[:12]}" if said.merged_as else said.state.value

"""What a proposal does to the site's pages, and what check says of them; stack files are beside facts alike."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from delivery.commands.stack_files import stack_files
from delivery.proposals.standing import Beside, Files, Pages
from delivery.rules.facts import Facts
from delivery.rules.problem import Problem
from delivery.site import check as site
from delivery.site import content
from delivery.site.changes import changes


def beside(now: datetime) -> Beside:
    """What check finds that is no fact. What is wrong with pages holds up no change that leaves them alone."""
    return partial(_beside, now)


def pages(now: datetime) -> Pages:
    """What people will read, a sentence a page."""
    return partial(_pages, now)


def _beside(now: datetime, facts: Facts | None, files: Files, paths: Sequence[str]) -> Iterator[Problem]:
    yield from stack_files(facts, files)
    if any(path.startswith("site/") for path in paths):
        yield from site.check(files(site.PATHS), now)


def _pages(now: datetime, before: Files, after: Files) -> tuple[str, ...]:
    was, will = (content.read(files([content.FOLDER]))[0] for files in (before, after))
    return changes(was, will, now)

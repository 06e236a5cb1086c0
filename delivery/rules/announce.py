"""What the world is told once a version is live for everyone on a channel, where, and in which words.

Pure: what was told already is kept elsewhere, and so are the addresses. Text is Markdown, as release notes are.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from delivery.rules.compile import COHORTS, Candidate, Table
from delivery.rules.decide import newcomer
from delivery.rules.facts import Announce, Facts, hours
from delivery.rules.precedence import precedence

WORDS = 100  # characters that a link must leave for words, at least
LINK = 23  # characters that X and Mastodon count for a link, however long it is
_WIDE = 0x1100  # from here on X counts a letter as two
_CUT = " …"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is said of a version at one place, `after` so long a time.

    `since` is when everyone on the channel could have the version.
    """

    channel: str
    version: str
    to: str
    since: datetime
    title: str
    text: str
    after: timedelta = timedelta()

    @property
    def at(self) -> datetime:
        """When it is told at the earliest."""
        return self.since + self.after

    @property
    def name(self) -> str:
        """stable/1.4.0: what is announced, wherever."""
        return f"{self.channel}/{self.version}"


def planned(facts: Facts, table: Table, now: datetime) -> tuple[Announcement, ...]:
    """What these facts want to be told of what everyone may have by this table, told already or not; each knows when.

    That is the newest version that each channel offers all its new visitors on every platform the version reaches: so
    nothing that is stopped, withdrawn or held, and nothing that a newer version took the place of.
    """
    return tuple(
        _said(facts.product.value.title, filed.value.announce, channel, version, to, since, table)
        for channel, filed in sorted(facts.channels.items())
        if filed.value.announce is not None
        for version, since in _everyones(table, channel, now)
        if since >= filed.value.announce.since
        for to in sorted(filed.value.announce.to)
    )


def coming(before: tuple[Facts, Table], after: tuple[Facts, Table], now: datetime) -> tuple[Announcement, ...]:
    """What a change plans to be told, now or once its time comes, and was not planned before it."""
    offerings = [*before[1].catalog.offerings, *after[1].catalog.offerings]
    whenever = max([now, *(stage.ends for offering in offerings for stage in offering.stages)])
    known = {(each.name, each.to) for each in planned(*before, whenever)}
    return tuple(each for each in planned(*after, whenever) if (each.name, each.to) not in known)


def weight(text: str) -> int:
    """How many characters this is for the strictest who count them: wide letters are two."""
    return sum(1 if ord(letter) < _WIDE else 2 for letter in text)


def fitted(words: str, link: str, most: int) -> str:
    """The words, cut at the end of one if they are too many, and always the link; at most `most` characters.

    `most` must hold the link and a little more: check sees to that.
    """
    room = most - max(weight(link), LINK) - len("\n\n")
    return f"{_cut(words.strip(), room)}\n\n{link}".strip()


def variable(to: str) -> str:
    """The variable that holds the address of a place."""
    return f"ESPICE_ANNOUNCE_{re.sub('[^A-Z0-9]', '_', to.upper())}"


def link(announce: Announce, version: str) -> str:
    """Where to read more about a version."""
    return announce.link.replace("{version}", version)


def _said(
    product: str, announce: Announce | None, channel: str, version: str, to: str, since: datetime, table: Table
) -> Announcement:
    assert announce is not None  # noqa: S101 - for the type checker
    title, notes = f"{product} {version}", table.catalog.releases[version].notes
    words = f"{title} is here.\n\n{notes}"
    text = fitted(words, link(announce, version), announce.to[to])
    return Announcement(channel, version, to, since, title, text, timedelta(hours=hours(announce.after or "0h")))


def _everyones(table: Table, channel: str, now: datetime) -> Iterator[tuple[str, datetime]]:
    """The versions that are the newest for everyone wherever they reach, and since when; the lowest first."""
    reached: dict[str, Candidate] = {}
    beaten: set[str] = set()
    for (where, target, bundle), cell in table.cells.items():
        if where == channel:
            found = newcomer(table, channel, target, bundle, now)
            newest = found.version if found else ""
            reached |= {each.version: each for each in cell.candidates}
            beaten |= {each.version for each in cell.candidates if each.version != newest}
    for version in sorted(reached.keys() - beaten, key=precedence):
        if since := _since(reached[version], now):
            yield version, since


def _since(candidate: Candidate, now: datetime) -> datetime | None:
    """Since when it is at 100 % and not held; None where it is not, though it may stand in for a withdrawn one."""
    since = None
    for stage in candidate.stages:
        if stage.at <= now:
            is_whole = stage.permille == COHORTS and not stage.held
            since = (since or stage.at) if is_whole else None
    return since


def _cut(text: str, most: int) -> str:
    """At most so many characters of it: whole words, unless already the first is too long."""
    if weight(text) <= most:
        return text
    end = bisect_right([*accumulate(map(weight, text))], most - weight(_CUT))
    whole = re.match(r"(.*\S)\s", text[: end + 1], re.DOTALL)
    return f"{whole[1] if whole else text[:end]}{_CUT}"

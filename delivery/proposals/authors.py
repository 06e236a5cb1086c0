"""Who made a proposal: whom the forge knows to have, and everybody whom its commits name. None of them can approve it.

Whoever writes a commit chooses the names in it, so these only add people.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from delivery.history import trailers
from delivery.history.git import log
from delivery.proposals.forge import Forge, Proposal

_HIDDEN = re.compile(r"(?:\d+\+)?([^@]+)@users\.noreply\.github\.com")  # what GitHub gives those who hide theirs


def authors(repo: Path, main: str, forge: Forge, proposal: Proposal) -> frozenset[str]:
    """Names and, where commits tell them, logins. Raises ForgeError, NoHistory."""
    form = f"%an%n%ae%n%cn%n%ce%n{trailers.PRINTED}"
    commits = log(repo, form, "-z", f"{main}..{proposal.head}").decode(errors="replace")
    named = (name for commit in commits.split("\0") if commit for name in _named(commit))
    return frozenset({proposal.author, *forge.makers(proposal.number), *named})


def _named(commit: str) -> Iterator[str]:
    author, author_mail, committer, committer_mail, said = commit.split("\n", 4)
    people = [(author, author_mail), (committer, committer_mail)]
    found = trailers.read(said)
    for person in (*found.requested_by, *found.co_authored_by):
        name, _, mail = person.partition(" <")
        people.append((name, mail.rstrip(">")))
    for name, mail in people:
        yield from filter(None, (name, *_HIDDEN.findall(mail)))

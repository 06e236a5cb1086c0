"""What people said of the product in public, and agreed may be quoted: issues of this repository at GitHub.

They say yes in a form of .github/ISSUE_TEMPLATE/; whoever reads it there sets the label.
"""

import re
from pathlib import Path

import msgspec

from delivery.proposals import choose
from delivery.proposals.forge import ForgeError
from delivery.proposals.github_api import Api, Deed, Patience

CONSENT = "may be quoted"  # the label
_HEADING = re.compile(r"^### +(.+?) *$", re.MULTILINE)
_QUOTE, _NAME = "What we may quote", "How to name you"  # as the forms have them
_AGREED = "May we quote you on the site"
_NOTHING = "_No response_"  # what GitHub writes for a field that was left empty


class _Label(msgspec.Struct):
    name: str


class _Issue(msgspec.Struct):
    number: int
    title: str
    labels: tuple[_Label, ...]
    body: str | None = None


class Feedback(msgspec.Struct, frozen=True):
    """Somebody's words, exactly; `name` as they want to be named, if they do."""

    number: int
    title: str
    url: str
    text: str
    name: str | None


def feedback(repo: Path, url: str) -> Feedback:
    """The words of the issue at this address. Raises ForgeError: it is none of ours, nobody agreed, or it is empty."""
    name = choose.at_github(repo)
    if name is None:
        raise ForgeError("feedback is kept in issues at GitHub, and this repository is not there; set its origin")
    found = re.fullmatch(rf"https://github\.com/{re.escape(name)}/issues/([1-9][0-9]{{0,8}})", url)
    if found is None:
        raise ForgeError(f"{url} is no issue of {name}; write it like https://github.com/{name}/issues/12")
    kind = "that may read its Issues"
    api = Api(choose.api(), name, choose.token(f"feedback is kept by GitHub, in {name}", kind), Patience())
    deed = Deed("list the issues that may be quoted", "Issues: read")
    agreed = api.every(deed, "issues", _Issue, state="all", labels=CONSENT)
    issue = next((each for each in agreed if each.number == int(found[1])), None)
    if issue is None or CONSENT not in {label.name for label in issue.labels}:
        mend = f'ask the person there, and set the label "{CONSENT}" once they agree'
        raise ForgeError(f'issue {found[1]} of {name} does not have the label "{CONSENT}"; {mend}')
    return _read(issue, url)


def _read(issue: _Issue, url: str) -> Feedback:
    parts = _HEADING.split(issue.body or "")
    said = {heading: text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}
    text, name = (said.get(key, "").removeprefix(_NOTHING).strip() for key in (_QUOTE, _NAME))
    if not said.get(_AGREED, "").casefold().startswith("yes"):
        raise ForgeError(f'issue {issue.number} does not say yes under "### {_AGREED}"; ask the person to say it there')
    if not text:
        what = f'issue {issue.number} says nothing under "### {_QUOTE}"'
        raise ForgeError(f"{what}; ask the person to fill in that part of the form")
    return Feedback(issue.number, issue.title, url, text, " ".join(name.split()) or None)

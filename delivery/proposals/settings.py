"""How the repository must be set at GitHub (.github/settings.yaml), and how that compares with how it is.

Keys are those of GitHub's REST API, as far as it has one for them. What the file leaves out is not judged. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Annotated, Literal

from delivery.rules.facts import Filed, Spot
from delivery.rules.load import parse
from delivery.rules.problem import Problem, Refused
from delivery.rules.shapes import STRICT, Name, Shape, Span, yaml_key

FILE = ".github/settings.yaml"
OWN = "own"  # where only an App of our own may set a check, whose number is not written down yet
ACTIONS_APP = 15368  # https://docs.github.com/en/rest/checks: the App as which every workflow of any branch sets checks

_AppId = Annotated[int, Span(1, 10**12, "the number of a GitHub App")]
_Bypass = Annotated[
    str, Shape(r"App [1-9][0-9]{0,12}( on pull requests)?", "a GitHub App by its number, such as App 1234")
]
_Branch = Annotated[str, Shape(r"~?[A-Za-z0-9*][A-Za-z0-9*._/-]{0,127}", "a branch, or a pattern of branches")]
_Check = Annotated[str, Shape(r"[A-Za-z0-9][A-Za-z0-9 ()./_-]{0,127}", "the name of a check, such as lint")]
_Source = Annotated[
    str, Shape(rf"{OWN}|App [1-9][0-9]{{0,12}}", f"a GitHub App by its number, such as App 1234, or {OWN}")
]
_Pattern = Annotated[str, Shape(r"[A-Za-z0-9*][A-Za-z0-9*@._/-]{0,255}", "actions such as owner/name@*")]
_Reviewer = Annotated[
    str, Shape(r"@[A-Za-z0-9-]+(/[a-z0-9._-]+)?", "a person such as @ada, or a team such as @org/team")
]


@dataclass(frozen=True, slots=True)
class Repository:
    """How pull requests are merged."""

    __pydantic_config__ = STRICT
    default_branch: _Branch | None = None
    allow_merge_commit: bool | None = None
    allow_squash_merge: bool | None = None
    allow_rebase_merge: bool | None = None
    delete_branch_on_merge: bool | None = None
    web_commit_signoff_required: bool | None = None


@dataclass(frozen=True, slots=True)
class Selected:
    """Whose actions may run, where `allowed-actions` is selected."""

    __pydantic_config__ = STRICT
    github_owned_allowed: bool | None = None
    verified_allowed: bool | None = None
    patterns_allowed: tuple[_Pattern, ...] | None = None


@dataclass(frozen=True, slots=True)
class Actions:
    """What workflows may run, and what the token may that each of them gets unasked."""

    __pydantic_config__ = STRICT
    enabled: bool | None = None
    allowed_actions: Literal["all", "local_only", "selected"] | None = None
    sha_pinning_required: bool | None = None
    default_workflow_permissions: Literal["read", "write"] | None = None
    can_approve_pull_request_reviews: bool | None = None
    selected: Selected | None = None


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What a ruleset asks of a pull request."""

    __pydantic_config__ = STRICT
    require_code_owner_review: bool | None = None
    dismiss_stale_reviews_on_push: bool | None = None
    require_last_push_approval: bool | None = None
    required_approving_review_count: Annotated[int, Span(0, 10, "a number of approvals from 0 to 10")] | None = None
    required_review_thread_resolution: bool | None = None


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks that a ruleset requires: `app` is the only one that may set them, but for those that `apps` name.

    `up-to-date` is GitHub's strict.
    """

    __pydantic_config__ = STRICT
    names: tuple[_Check, ...]
    app: _AppId | None = None
    apps: Mapping[_Check, _Source] | None = None
    up_to_date: bool | None = None


@dataclass(frozen=True, slots=True)
class Ruleset:
    """The rules of some branches. `bypass` are those they do not bind, ever or only where they merge pull requests."""

    __pydantic_config__ = STRICT
    enforcement: Literal["active", "evaluate", "disabled"]
    include: tuple[_Branch, ...]
    exclude: tuple[_Branch, ...] | None = None
    bypass: tuple[_Bypass, ...] | None = None
    no_deletion: bool | None = None
    no_force_push: bool | None = None
    linear_history: bool | None = None
    signed_commits: bool | None = None
    pull_request: PullRequest | None = None
    checks: Checks | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """What a workflow passes before it gets what an environment holds: any one reviewer is enough for GitHub."""

    __pydantic_config__ = STRICT
    branches: tuple[_Branch, ...] | None = None
    reviewers: tuple[_Reviewer, ...] | None = None
    prevent_self_review: bool | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All of the file."""

    __pydantic_config__ = STRICT
    repository: Repository | None = None
    actions: Actions | None = None
    rulesets: Mapping[Name, Ruleset] = field(default_factory=dict)
    environments: Mapping[Name, Environment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """In place of a setting, or of all below it: what the token lacks to read it."""

    right: str


@dataclass(frozen=True, slots=True)
class Absent:
    """In place of a setting, or of all below it: there is none."""


@dataclass(frozen=True, slots=True)
class Real:
    """How a repository is set: each setting, where people change it, and what is there that the file does not name.

    A place in `values` or `pages` stands for all below it that has none of its own.
    """

    name: str
    values: Mapping[Spot, object]
    pages: Mapping[Spot, str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One setting, as wanted and as it is; `mend` is empty where they are the same."""

    what: str
    at: str  # path:line of what is wanted
    wanted: str
    is_: str
    mend: str

    def __str__(self) -> str:
        return f"{self.at}: {self.what}: wanted {self.wanted}, is {self.is_}; {self.mend}"


def load(data: bytes | None) -> Filed[Settings]:
    """What the file's bytes say. Raises Refused with every problem; None is a file that is missing."""
    if data is None:
        raise Refused((Problem(FILE, 0, "", "is missing", "restore it from git"),))
    filed, problems = parse(FILE, data, Settings)
    if filed is None:
        raise Refused(problems)
    return filed


def compare(wanted: Filed[Settings], real: Real) -> tuple[Compared, ...]:
    """Each setting that the file names, in its order; what is absent or unread as a whole is told once."""
    found: dict[Spot, Compared] = {}
    for spot, value in _settings(wanted.value):
        place = _nearest(spot, real.values)
        is_ = real.values[place]
        words = _words(value) if place == spot else "as described"
        found.setdefault(place, _compared(wanted, real, place, words, is_))
    return tuple(found.values())


def _compared(wanted: Filed[Settings], real: Real, spot: Spot, words: str, is_: object) -> Compared:
    what, at = ".".join(map(str, spot)), wanted.at(*spot)
    if isinstance(is_, Unread):
        return Compared(what, at, words, f"not readable with this token: needs {is_.right}", "give it that right")
    same = words == _words(is_) or (words == OWN and _is_own(is_))
    return Compared(what, at, words, _words(is_), "" if same else _mend(real, spot, words))


def _is_own(source: object) -> bool:
    return str(source).startswith("App ") and source != source_of(ACTIONS_APP)


def source_of(app: int | None) -> str:
    """Who alone may set a check, in the words of `apps`."""
    return f"App {app}" if app else "any"


def _mend(real: Real, spot: Spot, words: str) -> str:
    if spot[0] == "repository":
        key = str(spot[-1]).replace("-", "_")
        return f"gh api -X PATCH repos/{real.name} -F {key}={words}"
    return f"set it at {real.pages[_nearest(spot, real.pages)]}"


def _settings(node: object, spot: Spot = ()) -> Iterator[tuple[Spot, object]]:
    """Each that is named, by its place in the file."""
    if is_dataclass(node):
        inside = {yaml_key(each.name): getattr(node, each.name) for each in fields(node)}
    elif isinstance(node, Mapping):
        inside = dict(node)
    else:
        yield spot, node
        return
    for key, value in inside.items():
        if value is not None:
            yield from _settings(value, (*spot, key))


def _nearest(spot: Spot, those: Mapping[Spot, object]) -> Spot:
    """The place itself, or the one around it that is known."""
    return next(spot[:most] for most in range(len(spot), 0, -1) if spot[:most] in those)


def _words(value: object) -> str:
    if isinstance(value, Absent):
        return "not there"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(sorted(map(str, value))) or "none"
    return str(value)

"""How a repository is set at GitHub, read through its API. What the token may not read is left out by itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import msgspec

from delivery.proposals.github_api import Api, Deed, NoRight, NotFound
from delivery.proposals.settings import (
    FILE,
    Absent,
    Actions,
    Checks,
    PullRequest,
    Real,
    Repository,
    Ruleset,
    Selected,
    Settings,
    Unread,
    source_of,
)
from delivery.rules.facts import Spot
from delivery.rules.shapes import yaml_key

_METADATA = "Metadata: read"
_ADMINISTRATION = "Administration: read"
_ENVIRONMENTS = "Actions: read"
_MERGING = "Contents: read and write"  # https://docs.github.com/en/rest/repos/repos#get-a-repository
_BYPASS = "Administration: write"  # https://docs.github.com/en/rest/repos/rules#get-a-repository-ruleset
_MOST = "100"  # things on a page, GitHub's limit
_ANY = "any"
_WHERE = {"always": "", "pull_request": " on pull requests"}  # that somebody passes by a ruleset, in GitHub's words

T = TypeVar("T")
_Values = dict[Spot, object]


class _Check(msgspec.Struct):
    context: str
    integration_id: int | None = None


class _Parameters(msgspec.Struct):
    """Those of the rules that are judged."""

    require_code_owner_review: bool | None = None
    dismiss_stale_reviews_on_push: bool | None = None
    require_last_push_approval: bool | None = None
    required_approving_review_count: int | None = None
    required_review_thread_resolution: bool | None = None
    strict_required_status_checks_policy: bool | None = None
    required_status_checks: tuple[_Check, ...] = ()


class _Rule(msgspec.Struct):
    type: str
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


class _Refs(msgspec.Struct):
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class _Conditions(msgspec.Struct):
    ref_name: _Refs = msgspec.field(default_factory=_Refs)


class _Bypass(msgspec.Struct):
    actor_type: str
    actor_id: int | None = None
    bypass_mode: str = "always"


class _Listed(msgspec.Struct):
    """A ruleset in the list of them, which has no rules; an organization's are there too."""

    id: int
    name: str
    enforcement: str
    source: str
    source_type: str = "Repository"


class _Ruleset(msgspec.Struct):
    enforcement: str
    conditions: _Conditions | None = None
    rules: tuple[_Rule, ...] = ()
    bypass_actors: tuple[_Bypass, ...] | None = None


class _Reviewer(msgspec.Struct):
    login: str = ""
    slug: str = ""


class _Reviews(msgspec.Struct):
    reviewer: _Reviewer


class _Protection(msgspec.Struct):
    type: str
    prevent_self_review: bool = False
    reviewers: tuple[_Reviews, ...] = ()


class _Policy(msgspec.Struct):
    protected_branches: bool


class _Named(msgspec.Struct):
    name: str


class _Environment(msgspec.Struct):
    name: str
    protection_rules: tuple[_Protection, ...] = ()
    deployment_branch_policy: _Policy | None = None


def read(api: Api, name: str, wanted: Settings) -> Real:
    """How the repository `name` (owner/name) is set, as far as `wanted` names it.

    Raises ForgeError where there is no such repository, or GitHub does not answer.
    """
    about = api.get(Deed("tell how the repository is set", _METADATA), "", dict[str, object])
    web = f"{about.get('html_url')}/settings"
    pages: dict[Spot, str] = {(part,): f"{web}/{part}" for part in ("actions", "environments")}
    pages["rulesets",] = f"{web}/rules/new?target=branch"
    values: _Values = dict(_plain(("repository",), about, Repository, Unread(_MERGING)))
    values |= _actions(api) if wanted.actions else {}
    values |= _environments(api, name.partition("/")[0], wanted) if wanted.environments else {}
    listed = _readable(partial(_rulesets, api), _METADATA)
    if isinstance(listed, Unread):
        return Real(name, {**values, ("rulesets",): listed}, pages, ())
    ours = {each.name: each.id for each in listed if each.name in wanted.rulesets and each.source_type == "Repository"}
    pages |= {("rulesets", key): f"{web}/rules/{number}" for key, number in ours.items()}
    for key, rules in wanted.rulesets.items():
        spot = ("rulesets", key)
        values |= _ruleset(api, spot, ours[key], rules) if key in ours else {spot: Absent()}
    return Real(name, values, pages, tuple(_note(each) for each in listed if each.id not in ours.values()))


def _note(rules: _Listed) -> str:
    return f"there is a ruleset {rules.name} of {rules.source}, {rules.enforcement}, that {FILE} does not describe"


def _plain(spot: Spot, answer: Mapping[str, object], kind: type, lacking: object) -> Iterator[tuple[Spot, object]]:
    """The settings that GitHub names as `kind` does, `lacking` in place of what it leaves out."""
    for each in fields(kind):
        yield (*spot, yaml_key(each.name)), answer.get(each.name, lacking)


def _readable(ask: Callable[[], T], right: str) -> T | Unread:
    try:
        return ask()
    except (NoRight, NotFound):  # of what a token may not see, GitHub says either
        return Unread(right)


def _actions(api: Api) -> _Values:
    deed, spot = Deed("tell what workflows may", _ADMINISTRATION), ("actions",)
    said = _readable(partial(_permissions, api, deed), deed.right)
    if isinstance(said, Unread):
        return {spot: said}
    values: _Values = dict(_plain(spot, said, Actions, Absent()))
    if said.get("allowed_actions") == "selected":
        allowed = api.get(deed, "actions/permissions/selected-actions", dict[str, object])
        values |= _plain((*spot, "selected"), allowed, Selected, Absent())
    return values


def _permissions(api: Api, deed: Deed) -> dict[str, object]:
    paths = ("actions/permissions", "actions/permissions/workflow")
    return {key: is_ for path in paths for key, is_ in api.get(deed, path, dict[str, object]).items()}


def _rulesets(api: Api) -> list[_Listed]:
    return api.every(Deed("list rulesets", _METADATA), "rulesets", _Listed, per_page=_MOST)


def _ruleset(api: Api, spot: Spot, number: int, wanted: Ruleset) -> _Values:
    found = api.get(Deed("tell a ruleset", _METADATA), f"rulesets/{number}", _Ruleset)
    rules = {each.type: each.parameters for each in found.rules}
    refs = (found.conditions or _Conditions()).ref_name
    who = found.bypass_actors
    return {
        (*spot, "enforcement"): found.enforcement,
        (*spot, "include"): refs.include,
        (*spot, "exclude"): refs.exclude,
        (*spot, "bypass"): Unread(_BYPASS) if who is None else tuple(map(_passes, who)),
        (*spot, "no-deletion"): "deletion" in rules,
        (*spot, "no-force-push"): "non_fast_forward" in rules,
        (*spot, "linear-history"): "required_linear_history" in rules,
        (*spot, "signed-commits"): "required_signatures" in rules,
        **_pull_request((*spot, "pull-request"), rules.get("pull_request")),
        **_checks((*spot, "checks"), rules.get("required_status_checks"), wanted.checks),
    }


def _passes(who: _Bypass) -> str:
    kind = "App" if who.actor_type == "Integration" else who.actor_type
    named = kind if who.actor_id is None else f"{kind} {who.actor_id}"
    return f"{named}{_WHERE.get(who.bypass_mode, f' ({who.bypass_mode})')}"


def _pull_request(spot: Spot, said: _Parameters | None) -> _Values:
    if said is None:
        return {spot: Absent()}
    return {(*spot, yaml_key(each.name)): getattr(said, each.name) for each in fields(PullRequest)}


def _checks(spot: Spot, said: _Parameters | None, wanted: Checks | None) -> _Values:
    if said is None:
        return {spot: Absent()}
    named = (wanted and wanted.apps) or {}
    sources = {each.context: source_of(each.integration_id) for each in said.required_status_checks}
    others = {
        each.context: each.integration_id or _ANY for each in said.required_status_checks if each.context not in named
    }
    by_app = tuple(f"{app} for {name}" for name, app in others.items())
    return {
        (*spot, "names"): tuple(sources),
        (*spot, "app"): next(iter(others.values())) if len({*others.values()}) == 1 else by_app,
        **{(*spot, "apps", name): sources.get(name, Absent()) for name in named},
        (*spot, "up-to-date"): said.strict_required_status_checks_policy,
    }


def _environments(api: Api, owner: str, wanted: Settings) -> _Values:
    deed, spot = Deed("list environments", "Actions: read"), ("environments",)
    found = _readable(lambda: api.every(deed, "environments", _Environment, "environments", per_page=_MOST), deed.right)
    if isinstance(found, Unread):
        return {spot: found}
    values: _Values = {(*spot, key): Absent() for key in wanted.environments}
    for each in found:
        if each.name in wanted.environments:
            values |= _environment(api, owner, (*spot, each.name), each)
    return values


def _environment(api: Api, owner: str, spot: Spot, said: _Environment) -> _Values:
    reviews = next((each for each in said.protection_rules if each.type == "required_reviewers"), _Protection(""))
    people = (each.reviewer for each in reviews.reviewers)
    return {
        (*spot, "branches"): _branches(api, said),
        (*spot, "reviewers"): tuple(f"@{owner}/{each.slug}" if each.slug else f"@{each.login}" for each in people),
        (*spot, "prevent-self-review"): reviews.prevent_self_review,
    }


def _branches(api: Api, said: _Environment) -> object:
    policy = said.deployment_branch_policy
    if policy is None:
        return _ANY
    if policy.protected_branches:
        return "those that are protected"
    deed = Deed("list an environment's branches", _ENVIRONMENTS)
    path = f"environments/{quote(said.name, safe='')}/deployment-branch-policies"
    return tuple(each.name for each in api.every(deed, path, _Named, "branch_policies", per_page=_MOST))

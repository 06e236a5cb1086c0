"""repo-settings, typed against a stand-in for GitHub whose answers are as GitHub publishes them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
import yaml

from delivery.commands.desk import ROOT
from delivery.commands.judge import APPROVALS
from delivery.proposals import settings
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.github.setup import Setup
from tests.unit.commands.desk import Desk, Said
from tests.unit.proposals.settings_at_github import NAME, as_described, ruleset

pytestmark = pytest.mark.slow

COMPARED = 49
AWS = "aws-actions/configure-aws-credentials@*"  # the only actions beside GitHub's own
FILE = settings.FILE


@dataclass(frozen=True)
class AtGitHub:
    """A checkout, and the stand-in where it is at home."""

    desk: Desk
    hub: Hub
    api: str
    shell: pytest.MonkeyPatch

    def settings(self, *options: str, who: str = "ada") -> Said:
        self.shell.setenv("GITHUB_TOKEN", f"token-of-{who}")
        return self.desk.inv("repo-settings", *options)

    def wrong(self, who: str = "ada") -> list[str]:
        """What is told of the settings to mend, without where they are wanted."""
        said = self.settings(who=who)
        assert said.err == ""
        told = [line for line in said.out.splitlines() if line.startswith((FILE, "note"))]
        return [line.partition(": ")[2].replace(self.api, "WEB") for line in told]


@pytest.fixture
def place(alone: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AtGitHub]:
    people = {"ada": "admin", "bea": "write", "dee": "read"}
    with stand_in(tmp_path, NAME, {f"token-of-{who}": Person(who, may) for who, may in people.items()}) as found:
        found.hub.setup = as_described()
        monkeypatch.setenv("GITHUB_API_URL", found.api)
        monkeypatch.setenv("GITHUB_REPOSITORY", NAME)
        yield AtGitHub(alone, found.hub, found.api, monkeypatch)


def test_where_all_is_as_described_nothing_differs(place: AtGitHub) -> None:
    said = place.settings()
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[-1] == f"{NAME}: nothing differs ({COMPARED} compared)"
    assert ["rulesets.main.checks.app", "15368", "15368"] in [line.split() for line in said.out.splitlines()]
    assert {method for method, _ in place.hub.asked} == {"GET"}


def _rule(setup: Setup, kind: str, **parameters: object) -> None:
    [rule] = [each for rules in setup.rulesets for each in rules["rules"] if each["type"] == kind]
    rule["parameters"] |= parameters


def _without(setup: Setup, *kinds: str) -> None:
    for rules in setup.rulesets:
        rules["rules"] = [each for each in rules["rules"] if each["type"] not in kinds]


def _environment(setup: Setup, number: int, **said: object) -> None:
    setup.environments[number] |= said


def _checks(*those: tuple[str, int | None]) -> list[dict[str, object]]:
    return [{"context": name, **({"integration_id": app} if app else {})} for name, app in those]


KINDS = (
    (settings.Repository, 0),
    (settings.Actions, 1),
    (settings.Selected, 0),
    (settings.Ruleset, 2),
    (settings.PullRequest, 0),
    (settings.Checks, 0),
    (settings.Environment, 0),
)
EVERYTHING = """\
repository:
  default-branch: main
  allow-merge-commit: true
  allow-squash-merge: false
  allow-rebase-merge: false
  delete-branch-on-merge: true
  web-commit-signoff-required: false
actions:
  enabled: true
  allowed-actions: selected
  sha-pinning-required: true
  default-workflow-permissions: read
  can-approve-pull-request-reviews: false
  selected:
    github-owned-allowed: true
    verified-allowed: false
    patterns-allowed: [aws-actions/configure-aws-credentials@*]
rulesets:
  main:
    enforcement: active
    include: ["~DEFAULT_BRANCH"]
    exclude: []
    bypass: [App 9 on pull requests]
    no-deletion: true
    no-force-push: true
    linear-history: false
    signed-commits: true
    pull-request:
      require-code-owner-review: true
      dismiss-stale-reviews-on-push: true
      require-last-push-approval: true
      required-approving-review-count: 1
      required-review-thread-resolution: false
    checks:
      names: [lint, test, facts, site, espice/approvals]
      app: 15368
      apps:
        espice/approvals: own
      up-to-date: true
environments:
  production:
    branches: [main]
    reviewers: ["@espice/platform"]
    prevent-self-review: true
"""
RULES = "set it at WEB/espice/delivery/settings/rules/7"
REVIEWS = "set it at WEB/espice/delivery/settings/rules/8"
ACTIONS = "set it at WEB/espice/delivery/settings/actions"
ENVIRONMENTS = "set it at WEB/espice/delivery/settings/environments"
OUR = (APPROVALS, 1234)
OURS = [(each, 15368) for each in ("facts", "lint", "site", "test")]
OTHERS = [*OURS[:-1], ("test", None)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda s: s.repository.update(allow_squash_merge=True),
            "repository.allow-squash-merge: wanted false, is true; "
            "gh api -X PATCH repos/espice/delivery -F allow_squash_merge=false",
        ),
        (
            lambda s: s.repository.update(default_branch="trunk"),
            "repository.default-branch: wanted main, is trunk; "
            "gh api -X PATCH repos/espice/delivery -F default_branch=main",
        ),
        (
            lambda s: s.workflow.update(default_workflow_permissions="write"),
            f"actions.default-workflow-permissions: wanted read, is write; {ACTIONS}",
        ),
        (
            lambda s: s.workflow.update(can_approve_pull_request_reviews=True),
            f"actions.can-approve-pull-request-reviews: wanted false, is true; {ACTIONS}",
        ),
        (
            lambda s: s.permissions.pop("sha_pinning_required"),
            f"actions.sha-pinning-required: wanted true, is not there; {ACTIONS}",
        ),
        (
            lambda s: s.selected.update(patterns_allowed=["somebody/*"]),
            f"actions.selected.patterns-allowed: wanted {AWS}, is somebody/*; {ACTIONS}",
        ),
        (
            lambda s: s.rulesets.pop(0),
            "rulesets.main: wanted as described, is not there; "
            "set it at WEB/espice/delivery/settings/rules/new?target=branch",
        ),
        (
            lambda s: s.rulesets.pop(),
            "rulesets.peers: wanted as described, is not there; "
            "set it at WEB/espice/delivery/settings/rules/new?target=branch",
        ),
        (
            lambda s: s.rulesets[0].update(enforcement="disabled"),
            f"rulesets.main.enforcement: wanted active, is disabled; {RULES}",
        ),
        (
            lambda s: s.rulesets[0].update(conditions={"ref_name": {"include": ["refs/heads/x"], "exclude": []}}),
            f"rulesets.main.include: wanted ~DEFAULT_BRANCH, is refs/heads/x; {RULES}",
        ),
        (
            lambda s: s.rulesets[0]["conditions"]["ref_name"].update(exclude=["refs/heads/main"]),
            f"rulesets.main.exclude: wanted none, is refs/heads/main; {RULES}",
        ),
        (
            lambda s: s.rulesets[0].update(
                bypass_actors=[
                    {"actor_id": 9, "actor_type": "Integration", "bypass_mode": "always"},
                    {"actor_id": None, "actor_type": "OrganizationAdmin", "bypass_mode": "always"},
                ]
            ),
            f"rulesets.main.bypass: wanted none, is App 9, OrganizationAdmin; {RULES}",
        ),
        (
            lambda s: s.rulesets[1].update(
                bypass_actors=[
                    {"actor_id": 9, "actor_type": "Integration", "bypass_mode": "pull_request"},
                    {"actor_id": 7, "actor_type": "Integration", "bypass_mode": "exempt"},
                ]
            ),
            f"rulesets.peers.bypass: wanted none, is App 7 (exempt), App 9 on pull requests; {REVIEWS}",
        ),
        (lambda s: _without(s, "deletion"), f"rulesets.main.no-deletion: wanted true, is false; {RULES}"),
        (lambda s: _without(s, "non_fast_forward"), f"rulesets.main.no-force-push: wanted true, is false; {RULES}"),
        (
            lambda s: s.rulesets[0]["rules"].append({"type": "required_linear_history"}),
            f"rulesets.main.linear-history: wanted false, is true; {RULES}",
        ),
        (
            lambda s: _without(s, "pull_request"),
            f"rulesets.peers.pull-request: wanted as described, is not there; {REVIEWS}",
        ),
        (
            lambda s: _rule(s, "pull_request", require_code_owner_review=False),
            f"rulesets.peers.pull-request.require-code-owner-review: wanted true, is false; {REVIEWS}",
        ),
        (
            lambda s: _without(s, "required_status_checks"),
            f"rulesets.main.checks: wanted as described, is not there; {RULES}",
        ),
        (
            lambda s: _rule(s, "required_status_checks", strict_required_status_checks_policy=False),
            f"rulesets.main.checks.up-to-date: wanted true, is false; {RULES}",
        ),
        (
            lambda s: _rule(s, "required_status_checks", required_status_checks=_checks(*OURS[1:], OUR)),
            "rulesets.main.checks.names: wanted espice/approvals, facts, lint, site, test, "
            f"is espice/approvals, lint, site, test; {RULES}",
        ),
        (
            lambda s: _rule(s, "required_status_checks", required_status_checks=_checks(*OURS, (APPROVALS, None))),
            f"rulesets.main.checks.apps.espice/approvals: wanted own, is any; {RULES}",
        ),
        (
            lambda s: _rule(s, "required_status_checks", required_status_checks=_checks(*OURS, (APPROVALS, 15368))),
            f"rulesets.main.checks.apps.espice/approvals: wanted own, is App 15368; {RULES}",
        ),
        (
            lambda s: _rule(s, "required_status_checks", required_status_checks=_checks(*OTHERS, OUR)),
            "rulesets.main.checks.app: wanted 15368, is 15368 for facts, 15368 for lint, 15368 for site, any for test; "
            + RULES,
        ),
        (
            lambda s: s.environments.pop(),
            f"environments.production-backfill: wanted as described, is not there; {ENVIRONMENTS}",
        ),
        (
            lambda s: s.branches["staging"].append("try/*"),
            f"environments.staging.branches: wanted main, is main, try/*; {ENVIRONMENTS}",
        ),
        (
            lambda s: _environment(s, 0, deployment_branch_policy=None),
            f"environments.staging.branches: wanted main, is any; {ENVIRONMENTS}",
        ),
        (
            lambda s: s.environments[0]["deployment_branch_policy"].update(
                protected_branches=True, custom_branch_policies=False
            ),
            f"environments.staging.branches: wanted main, is those that are protected; {ENVIRONMENTS}",
        ),
        (
            lambda s: s.environments[8]["protection_rules"][1].update(reviewers=["@ada", "@espice/platform"]),
            "environments.production.reviewers: wanted @espice/platform, is @ada, @espice/platform; " + ENVIRONMENTS,
        ),
        (
            lambda s: s.environments[8]["protection_rules"][1].update(prevent_self_review=False),
            f"environments.production.prevent-self-review: wanted true, is false; {ENVIRONMENTS}",
        ),
    ],
)
def test_each_difference_is_told_with_its_mend(place: AtGitHub, change: Callable[[Setup], object], told: str) -> None:
    change(place.hub.setup)
    assert place.wrong() == [told]
    assert place.settings().status == 1


def test_a_difference_says_which_line_wants_it_otherwise(place: AtGitHub) -> None:
    place.hub.setup.workflow["default_workflow_permissions"] = "write"
    text = (ROOT / FILE).read_text().splitlines()
    line = 1 + text.index("  default-workflow-permissions: read")
    said = place.settings()
    assert f"{FILE}:{line}: actions.default-workflow-permissions: wanted read, is write; " in said.out
    assert said.out.splitlines()[-1] == f"{NAME}: 1 setting to mend ({COMPARED} compared)"


def test_where_any_action_may_run_it_is_told_once_that_none_were_selected(place: AtGitHub) -> None:
    place.hub.setup.permissions["allowed_actions"] = "all"
    assert place.wrong() == [
        f"actions.allowed-actions: wanted selected, is all; {ACTIONS}",
        f"actions.selected: wanted as described, is not there; {ACTIONS}",
    ]


def test_machines_read_the_same(place: AtGitHub) -> None:
    place.hub.setup.repository["allow_squash_merge"] = True
    said = place.settings("--json")
    told = json.loads(said.out)
    assert (said.status, told["repository"], told["notes"], len(told["settings"])) == (1, NAME, [], COMPARED)
    [wrong] = [each for each in told["settings"] if each["mend"]]
    assert (wrong["what"], wrong["wanted"], wrong["is"]) == ("repository.allow-squash-merge", "false", "true")


def test_what_a_token_may_not_read_is_told_for_each_part(place: AtGitHub) -> None:
    place.hub.setup.environments.pop()
    needs = "not readable with this token: needs"
    assert place.wrong("bea") == [
        f"actions: wanted as described, is {needs} Administration: read; give it that right",
        f"rulesets.main.bypass: wanted none, is {needs} Administration: write; give it that right",
        f"rulesets.peers.bypass: wanted none, is {needs} Administration: write; give it that right",
        f"environments.production-backfill: wanted as described, is not there; {ENVIRONMENTS}",
    ]
    merging = [line for line in place.wrong("dee") if line.startswith("repository")]
    keys = ("allow-merge-commit", "allow-squash-merge", "allow-rebase-merge", "delete-branch-on-merge")
    wanted = ("true", "false", "false", "true")
    assert merging == [
        f"repository.{key}: wanted {each}, is {needs} Contents: read and write; give it that right"
        for key, each in zip(keys, wanted, strict=True)
    ]


def test_what_is_not_described_is_a_note_and_no_difference(place: AtGitHub) -> None:
    place.hub.setup.rulesets += [ruleset(9, "tags"), ruleset(10, "main", source="espice")]
    place.hub.setup.rulesets[0]["rules"].append({"type": "creation"})
    place.hub.setup.environments.append({**place.hub.setup.environments[0], "name": "preview"})
    assert place.wrong() == [
        f"there is a ruleset tags of {NAME}, active, that {FILE} does not describe",
        f"there is a ruleset main of espice, active, that {FILE} does not describe",
    ]
    assert place.settings().status == 0


def test_what_github_tells_beyond_what_is_known_is_passed_over(place: AtGitHub) -> None:
    setup = place.hub.setup
    for each in (setup.repository, setup.permissions, setup.workflow, setup.selected, setup.environments[0]):
        each["new-at-github"] = {"since": 2027}
    setup.rulesets[0]["new-at-github"] = True
    _rule(setup, "pull_request", new_at_github=["x"])
    assert place.wrong() == []


def test_a_repository_elsewhere_has_no_settings_there(alone: Desk) -> None:
    told = "this repository is not at GitHub, so it has no settings there; its origin says where it is\n"
    assert alone.inv("repo-settings") == Said(1, "", told)


def test_without_a_token_it_says_which_to_make(place: AtGitHub) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        place.shell.delenv(name, raising=False)
    assert place.desk.inv("repo-settings") == Said(
        1,
        "",
        "the settings of espice/delivery are read at GitHub, and that takes a token; make one that may read "
        "Administration and Actions of espice/delivery, and set GITHUB_TOKEN to it "
        "(or use GitHub's own: gh auth token)\n",
    )


def test_one_that_nobody_knows_fails_as_a_whole(place: AtGitHub) -> None:
    said = place.settings(who="nobody")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("GitHub did not tell how the repository is set: Bad credentials; ")


def test_what_is_written_wrong_is_told_by_its_line_before_github_is_asked(place: AtGitHub) -> None:
    (place.desk.repo / FILE).write_text(
        'repository:\n  allow-squash: false\nrulesets:\n  main:\n    include: ["main"]\n'
    )
    said = place.settings()
    assert (said.status, place.hub.asked) == (1, [])
    assert [line.partition(": ")[0] for line in said.err.splitlines() if line.startswith(FILE)] == [
        f"{FILE}:2",
        f"{FILE}:4",
    ]
    (place.desk.repo / FILE).unlink()
    assert place.settings().err.splitlines()[0] == f"{FILE}: is missing; restore it from git"


def test_all_that_can_be_named_can_be_compared(place: AtGitHub) -> None:
    (place.desk.repo / FILE).write_text(EVERYTHING)
    main = place.hub.setup.rulesets[0]
    main["rules"].append({"type": "required_signatures"})
    main["rules"].extend(place.hub.setup.rulesets.pop()["rules"])
    main["bypass_actors"] = [{"actor_id": 9, "actor_type": "Integration", "bypass_mode": "pull_request"}]
    assert place.wrong() == []
    said = json.loads(place.settings("--json").out)
    named = [key for key in EVERYTHING.splitlines() if not key.endswith(":")]
    assert len(said["settings"]) == len(named) == sum(len(fields(each)) - inside for each, inside in KINDS)


def test_who_must_set_a_check_may_be_an_app_by_its_number(place: AtGitHub) -> None:
    text = (ROOT / FILE).read_text()
    (place.desk.repo / FILE).write_text(text.replace("espice/approvals: own", "espice/approvals: App 1235"))
    assert place.wrong() == [f"rulesets.main.checks.apps.espice/approvals: wanted App 1235, is App 1234; {RULES}"]
    _rule(place.hub.setup, "required_status_checks", required_status_checks=_checks(*OURS))
    names = "espice/approvals, facts, lint, site, test"
    assert place.wrong() == [
        f"rulesets.main.checks.names: wanted {names}, is facts, lint, site, test; {RULES}",
        f"rulesets.main.checks.apps.espice/approvals: wanted App 1235, is not there; {RULES}",
    ]
    (place.desk.repo / FILE).write_text(text.replace("espice/approvals: own", "espice/approvals: ours"))
    assert "a GitHub App by its number, such as App 1234, or own" in place.settings().err


def test_what_is_not_named_is_not_judged(place: AtGitHub) -> None:
    (place.desk.repo / FILE).write_text("repository:\n  allow-squash-merge: false\n")
    place.hub.setup.rulesets.clear()
    said = place.settings()
    assert (said.status, said.out.splitlines()[-1]) == (0, f"{NAME}: nothing differs (1 compared)")
    assert [path for _, path in place.hub.asked] == [f"/repos/{NAME}", f"/repos/{NAME}/rulesets"]


def test_required_are_the_jobs_of_check_and_the_approvals() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text())["jobs"]
    checks = settings.load((ROOT / FILE).read_bytes()).value.rulesets["main"].checks
    assert checks is not None
    waited_for = {each["needs"] for each in jobs.values() if "needs" in each}
    assert set(checks.names) == {*jobs, APPROVALS} - waited_for
    assert [each["if"] for each in jobs.values() if "needs" in each] == ["${{ always() }}"]  # or it could be left out

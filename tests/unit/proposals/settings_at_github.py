"""A repository at the stand-in that is set exactly as .github/settings.yaml says."""

from typing import Any

from delivery.proposals.settings import ACTIONS_APP
from tests.github.setup import Setup

NAME = "espice/delivery"
OUR_APP = 1234


def ruleset(number: int, name: str, *rules: dict[str, Any], source: str = NAME) -> dict[str, Any]:
    """One of the default branch."""
    return {
        "id": number,
        "name": name,
        "target": "branch",
        "source_type": "Repository" if "/" in source else "Organization",
        "source": source,
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": list(rules),
        "bypass_actors": [],
    }


def as_described() -> Setup:
    """A fresh one."""
    apps = {"espice/approvals": OUR_APP, **dict.fromkeys(("facts", "lint", "site", "test"), ACTIONS_APP)}
    checks = [{"context": name, "integration_id": app} for name, app in apps.items()]
    pull_request = {
        "require_code_owner_review": True,
        "dismiss_stale_reviews_on_push": True,
        "require_last_push_approval": True,
        "required_approving_review_count": 1,
        "required_review_thread_resolution": False,
        "allowed_merge_methods": ["merge"],
    }
    strict = {"strict_required_status_checks_policy": True, "required_status_checks": checks}
    main = ruleset(
        7,
        "main",
        {"type": "deletion"},
        {"type": "non_fast_forward"},
        {"type": "required_status_checks", "parameters": strict},
    )
    peers = ruleset(8, "peers", {"type": "pull_request", "parameters": pull_request})
    parts = ("", "-live", "-publish", "-preview", "-site", "-brake", "-backfill")
    names = [*(f"staging{part}" for part in parts), "proposals", *(f"production{part}" for part in parts)]
    made = Setup(rulesets=[main, peers], environments=[_environment(each) for each in names])
    made.branches = {each: ["main"] for each in names}
    made.repository |= {"allow_squash_merge": False, "allow_rebase_merge": False, "delete_branch_on_merge": True}
    made.permissions |= {"allowed_actions": "selected", "sha_pinning_required": True}
    made.selected["patterns_allowed"] = ["aws-actions/configure-aws-credentials@*"]
    return made


def _environment(name: str) -> dict[str, Any]:
    reviewed = {"type": "required_reviewers", "prevent_self_review": True, "reviewers": ["@espice/platform"]}
    return {
        "name": name,
        "protection_rules": [{"type": "branch_policy"}, *([reviewed] if name == "production" else [])],
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    }

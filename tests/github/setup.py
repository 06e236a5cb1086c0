"""How the stand-in's repository is set, in GitHub's own words: at first as a new one is, to be changed freely."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

MERGING = {
    "allow_merge_commit": True,
    "allow_squash_merge": True,
    "allow_rebase_merge": True,
    "delete_branch_on_merge": False,
    "web_commit_signoff_required": False,
}
PERMISSIONS = {"enabled": True, "allowed_actions": "all", "sha_pinning_required": False}
WORKFLOW = {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False}
SELECTED = {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": list[str]()}


@dataclass
class Setup:
    """`rulesets` are as each is told by itself; `branches` are those that may deploy to an environment, by its name."""

    repository: dict[str, Any] = field(default_factory=lambda: dict(MERGING))
    permissions: dict[str, Any] = field(default_factory=lambda: dict(PERMISSIONS))
    workflow: dict[str, Any] = field(default_factory=lambda: dict(WORKFLOW))
    selected: dict[str, Any] = field(default_factory=lambda: deepcopy(SELECTED))
    rulesets: list[dict[str, Any]] = field(default_factory=list)
    environments: list[dict[str, Any]] = field(default_factory=list)
    branches: dict[str, list[str]] = field(default_factory=dict)

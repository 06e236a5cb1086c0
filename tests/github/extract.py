"""Makes openapi.json anew: what GitHub publishes of its REST API, cut to the operations that the stand-in answers.

    npm pack @octokit/openapi@23.0.2 && tar -xzf octokit-openapi-23.0.2.tgz package/generated/api.github.com.json
    python -m tests.github.extract package/generated/api.github.com.json

Kept are the schemas of what is sent and answered, as they are; left out is all that is prose. MIT, by GitHub.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

EXTRACT = Path(__file__).with_name("openapi.json")
_REPO = "/repos/{owner}/{repo}"
OPERATIONS = (
    ("get", f"{_REPO}/git/ref/{{ref}}"),
    ("delete", f"{_REPO}/git/refs/{{ref}}"),
    ("get", f"{_REPO}/pulls"),
    ("post", f"{_REPO}/pulls"),
    ("get", f"{_REPO}/pulls/{{pull_number}}"),
    ("patch", f"{_REPO}/pulls/{{pull_number}}"),
    ("put", f"{_REPO}/pulls/{{pull_number}}/merge"),
    ("get", f"{_REPO}/pulls/{{pull_number}}/commits"),
    ("get", f"{_REPO}/pulls/{{pull_number}}/reviews"),
    ("post", f"{_REPO}/pulls/{{pull_number}}/reviews"),
    ("get", f"{_REPO}/collaborators/{{username}}/permission"),
    ("get", "/orgs/{org}/teams/{team_slug}/memberships/{username}"),
    ("get", f"{_REPO}/issues"),
    ("post", f"{_REPO}/issues"),
    ("get", f"{_REPO}/issues/{{issue_number}}/comments"),
    ("post", f"{_REPO}/issues/{{issue_number}}/comments"),
    ("patch", f"{_REPO}/issues/comments/{{comment_id}}"),
    ("get", f"{_REPO}/commits/{{ref}}/statuses"),
    ("post", f"{_REPO}/statuses/{{sha}}"),
    ("get", f"{_REPO}/releases"),
    ("post", f"{_REPO}/releases"),
    ("get", f"{_REPO}/releases/tags/{{tag}}"),
    ("get", f"{_REPO}/releases/{{release_id}}/assets"),
    ("post", f"{_REPO}/releases/{{release_id}}/assets"),
    ("get", f"{_REPO}/releases/assets/{{asset_id}}"),
    ("patch", f"{_REPO}/releases/assets/{{asset_id}}"),
    ("delete", f"{_REPO}/releases/assets/{{asset_id}}"),
    ("get", f"{_REPO}/tags"),
    ("get", f"{_REPO}/actions/runs"),
    ("get", f"{_REPO}/attestations/{{subject_digest}}"),
    ("get", _REPO),
    ("get", f"{_REPO}/actions/permissions"),
    ("get", f"{_REPO}/actions/permissions/workflow"),
    ("get", f"{_REPO}/actions/permissions/selected-actions"),
    ("get", f"{_REPO}/rulesets"),
    ("get", f"{_REPO}/rulesets/{{ruleset_id}}"),
    ("get", f"{_REPO}/environments"),
    ("get", f"{_REPO}/environments/{{environment_name}}/deployment-branch-policies"),
)
_PROSE = {
    "description",
    "example",
    "examples",
    "externalDocs",
    "summary",
    "tags",
    "title",
    "x-github",
    "x-multi-segment",
}
_NAMES = {"properties", "responses", "schemas"}  # below these, keys are names: none of them is prose


def extract(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The operations above, with what they refer to."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path in OPERATIONS:
        operation = whole["paths"][path][method]
        paths.setdefault(path, {})[method] = _terse({k: operation.get(k, {}) for k in ("requestBody", "responses")})
    kept: dict[str, Any] = {}
    todo = set(_references(paths))
    while todo:
        reference = todo.pop()
        _, room, name = reference.removeprefix("#/").split("/")
        kept.setdefault(room, {})[name] = _terse(whole["components"][room][name])
        todo |= {each for each in _references(kept[room][name]) if not _is_in(kept, each)}
    info = {
        "title": "Part of GitHub's REST API",
        "version": whole["info"]["version"],
        "license": whole["info"]["license"],
    }
    return {"openapi": whole["openapi"], "info": info, "paths": paths, "components": kept}


def _is_in(kept: Mapping[str, Any], reference: str) -> bool:
    _, room, name = reference.removeprefix("#/").split("/")
    return name in kept.get(room, {})


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (each for key, each in node.items() if key == "$ref")
    if isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _references(each)


def _terse(node: Any, named: bool = False) -> Any:
    if isinstance(node, list):
        return [_terse(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _terse(each, named=key in _NAMES and not named) for key, each in node.items() if named or key not in _PROSE
    }


if __name__ == "__main__":
    found = extract(json.loads(Path(sys.argv[1]).read_bytes()))
    EXTRACT.write_text(json.dumps(found, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n")

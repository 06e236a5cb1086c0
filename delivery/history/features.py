"""What the endpoint of a commit understands: read from its code, which is never run."""

import ast
from pathlib import Path

from delivery.history import snapshot

CATALOG = "delivery/rules/catalog.py"  # where the endpoint says so


def understood(repo: Path, ref: str) -> frozenset[str] | None:
    """The features of catalogs that the endpoint of this commit has; None where its code does not say.

    Builds that are live come from merged code, so facts that the base's endpoint lacks a feature for must wait until
    the code that has it is merged. Raises NoHistory.
    """
    source = snapshot.at_commit(repo, ref, [CATALOG]).get(CATALOG)
    for node in ast.walk(ast.parse(source)) if source else ():
        if isinstance(node, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id == "FEATURES" for each in node.targets
        ):
            return _words(node.value)
    return None


def _words(value: ast.expr) -> frozenset[str] | None:
    """The texts in `frozenset({...})`."""
    if isinstance(value, ast.Call) and len(value.args) == 1 and isinstance(value.args[0], ast.Set):
        return frozenset(str(ast.literal_eval(each)) for each in value.args[0].elts)
    return None

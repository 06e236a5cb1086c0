"""Names that lead elsewhere."""

from __future__ import annotations

from infra.edge.rule import PATH, Rule, at
from infra.names import Names

LATEST = "/latest/"


def rules(names: Names) -> list[Rule]:
    """www to the domain itself, a page's name to its folder, and `latest` to the endpoint, which knows what that is.

    https://<downloads>/latest/<channel>/<target> is for links that people copy; only the endpoint may decide what they
    get, so it leads to https://<updates>/download/<channel>/<target>, and never for good.
    """
    site = f"https://{names.site_host}"
    return [
        _redirect("www", at(names.www_host), f'concat("{site}", {PATH})', status=301),
        _redirect(
            "latest",
            f'{at(names.downloads_host)} and starts_with({PATH}, "{LATEST}")',
            f'wildcard_replace({PATH}, r"{LATEST}*", r"https://{names.updates_host}/download/${{1}}")',
            status=302,
        ),
        _redirect(
            "folder",
            f'{at(names.site_host)} and not ends_with({PATH}, "/") and {PATH}.extension eq ""',
            f'concat("{site}", {PATH}, "/")',
            status=301,
        ),
    ]


def _redirect(ref: str, expression: str, target: str, *, status: int) -> Rule:
    return {
        "ref": f"redirect-{ref}",
        "description": f"{ref} leads elsewhere",
        "expression": expression,
        "action": "redirect",
        "action_parameters": {
            "from_value": {
                "status_code": status,
                "target_url": {"expression": target},
                "preserve_query_string": True,
            }
        },
    }

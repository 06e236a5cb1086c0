"""What a bucket does not do for a web site: the index of a folder, and a page for what is not there."""

from __future__ import annotations

from infra.edge.rule import PATH, Rule, at
from infra.names import Names

# Here and not in the site's bucket: it must be there before the site is, and when the bucket does not answer.
NOT_FOUND = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Not found</title>
<body style="font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1.5rem">
<h1>There is no such page</h1>
<p>The address may be mistyped, or the page has moved. <a href="/">Start from the beginning</a>.</p>
"""


def index_rules(names: Names) -> list[Rule]:
    """A folder's address serves its index."""
    return [
        {
            "ref": "rewrite-index",
            "description": "a folder is its index.html",
            "expression": f'{at(names.site_host)} and ends_with({PATH}, "/")',
            "action": "rewrite",
            "action_parameters": {"uri": {"path": {"expression": f'concat({PATH}, "index.html")'}}},
        }
    ]


def error_rules(names: Names) -> list[Rule]:
    """What is not there is said in words, on the site only: programs elsewhere get no HTML (see `problem`)."""
    return [
        {
            "ref": "error-not-found",
            "description": "a page for what is not there",
            "expression": f"{at(names.site_host)} and http.response.code eq 404",
            "action": "serve_error",
            "action_parameters": {"content": NOT_FOUND, "content_type": "text/html", "status_code": 404},
        }
    ]

"""What a bucket does not do for a web site: the index of a folder, and a page for what is not there."""

from __future__ import annotations

import base64
import hashlib

from infra.edge.rule import PATH, Rule, at
from infra.names import Names

# The colours and letters of site/app/app.css, without its fonts: nothing may have to be loaded for this page.
_STYLE = """:root{color-scheme:light dark;--paper:light-dark(#f5f3ea,#0c110f);--ink:light-dark(#1b1d19,#e4eae3);
--quiet:light-dark(#565a50,#9daaa1);--grid:light-dark(#e6e3d6,#1a231f);--accent:light-dark(#0d6240,#72dfa3)}
html{background:var(--paper);color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}
body{margin:0;min-block-size:100dvb;display:grid;place-content:center;padding:1.5rem;
background-image:linear-gradient(var(--grid) 1px,transparent 1px),
linear-gradient(90deg,var(--grid) 1px,transparent 1px);
background-size:2.5rem 2.5rem}
main{max-inline-size:34rem;background:var(--paper);padding:1rem}
p.code{margin:0;font-family:ui-monospace,monospace;font-size:.8125rem;color:var(--quiet)}
svg{inline-size:100%;block-size:auto;margin-block:1.5rem}
h1{margin:0;font:400 clamp(2.125rem,1.6rem + 2.4vi,3.5rem)/1.06 "Times New Roman",serif;letter-spacing:-.012em}
a{color:var(--accent);text-underline-offset:.2em}:focus-visible{outline:2px solid var(--accent);outline-offset:3px}
"""
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)
# Here and not in the site's bucket: it must be there before the site is, and when the bucket does not answer.
# The trace is a step that finds no load.
NOT_FOUND = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Not found</title>
<style>{_STYLE}</style>
<main>
<p class="code">404 · open circuit</p>
<svg viewBox="0 0 480 96" fill="none" stroke="currentColor" stroke-width="2" role="presentation">
<path d="M0 72H104V16H128q14 0 18 44t12 8 10-20 9 30 8-12 10 6H204"/>
<path d="M228 72h24M276 72H480" stroke-dasharray="2 8"/>
</svg>
<h1>There is no such page</h1>
<p>The address may be mistyped, or the page has moved.
<a href="/">Start from the beginning</a>, or look for <a href="/docs/">the documentation</a> and
<a href="/download/">the downloads</a>.</p>
</main>
</html>
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

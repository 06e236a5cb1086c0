"""What the HTTP Observatory of Mozilla and MDN would say of an answer: its rules and scores, without its scanner.

As https://github.com/mdn/mdn-http-observatory has them (src/grader/charts.js, src/analyzer). Two things are stricter
here. It takes a directive of the `meta` for 'none' where a header lacks it; here it is taken for what a browser makes
of it. And it grants a bonus for hosts of the preload list; here the header has to ask for that list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit

EXTRA_FROM = 90  # without bonuses: below that none is granted
SIX_MONTHS = 15_552_000  # seconds

SCORES = {
    "csp-none": 10,
    "csp-no-unsafe": 5,
    "csp-unsafe-style": 0,
    "csp-insecure-passive": -10,
    "csp-unsafe-eval": -10,
    "csp-unsafe-inline": -20,
    "csp-insecure": -20,
    "csp-invalid": -25,
    "csp-missing": -25,
    "cookies-none": 0,
    "cookies-samesite": 5,
    "cookies-secure": 0,
    "cookies-insecure-but-hsts": -5,
    "cookies-insecure": -20,
    "cookies-session-readable": -30,
    "cookies-session-insecure": -40,
    "cors-none": 0,
    "cors-public": 0,
    "cors-restricted": 0,
    "cors-universal": -50,
    "redirection-to-https": 0,
    "redirection-off-host": -5,
    "redirection-not-first": -10,
    "redirection-not-to-https": -20,
    "redirection-missing": -20,
    "referrer-private": 5,
    "referrer-missing": 0,
    "referrer-unsafe": -5,
    "referrer-invalid": -5,
    "hsts-preloaded": 5,
    "hsts-long": 0,
    "hsts-short": -10,
    "hsts-missing": -20,
    "hsts-invalid": -20,
    "sri-all": 5,
    "sri-not-needed": 0,
    "sri-missing": -5,
    "sri-missing-and-insecure": -50,
    "type-nosniff": 0,
    "type-missing": -5,
    "type-invalid": -5,
    "frame-by-csp": 5,
    "frame-denied": 5,
    "frame-missing": -20,
    "frame-invalid": -20,
    "corp-narrow": 10,
    "corp-cross-origin": 0,
    "corp-missing": 0,
    "corp-invalid": -5,
    "coop-narrow": 10,
    "coop-none": 0,
    "coop-missing": 0,
    "coop-invalid": -5,
    "coep-narrow": 10,
    "coep-none": 0,
    "coep-missing": 0,
    "coep-invalid": -5,
}

Policy = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Answer:
    """What the world gets at an https address: its headers in lower case, all of them, and the page.

    `route`: the addresses that somebody sees who types http, the first one of them.
    """

    url: str
    headers: Mapping[str, Sequence[str]]
    body: str
    route: tuple[str, ...]

    def said(self, name: str) -> str:
        """A header; empty if there is none."""
        return ", ".join(self.headers.get(name, ()))


@dataclass(frozen=True)
class Graded:
    """The results by what was looked at, and their score with what bonuses are granted."""

    results: Mapping[str, str]
    score: int

    @property
    def grade(self) -> str:
        """A+ from 100 on, and so on down."""
        steps = ["A+", "A", "A", "A-", "B+", "B", "B", "B-", "C+", "C", "C", "C-", "D+", "D", "D", "D-"]
        return next((each for each, least in zip(steps, range(100, 20, -5), strict=True) if self.score >= least), "F")


def grade(answer: Answer) -> Graded:
    """Every rule, and the sum."""
    results = {what: look(answer) for what, look in _RULES.items()}
    modifiers = [SCORES[result] for result in results.values()]
    plain = 100 + sum(each for each in modifiers if each < 0)
    return Graded(
        results, max(0, plain + sum(each for each in modifiers if each > 0) if plain >= EXTRA_FROM else plain)
    )


# -- the policy -------------------------------------------------------------------------------------------------------

_BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
_INLINE = {"'unsafe-inline'", "data:"}
_ONLY_IN_HEADERS = {"frame-ancestors", "report-uri", "sandbox"}


def policy(answer: Answer) -> Policy:
    """All policies in one: a source counts that every policy allows which says anything of its directive.

    Raises ValueError: a directive twice, or an empty policy.
    """
    headers = [parsed(each) for each in answer.said("content-security-policy").split(",") if each.strip()]
    metas = [parsed(each) for each in _metas(answer.body, "content-security-policy")]
    within = [{name: of for name, of in each.items() if name not in _ONLY_IN_HEADERS} for each in metas]
    merged: dict[str, frozenset[str]] = {}
    for each in (*headers, *within):
        for name, sources in each.items():
            merged[name] = (merged[name] & sources or frozenset({"'none'"})) if name in merged else sources
    return merged


def parsed(text: str) -> dict[str, frozenset[str]]:
    """One policy. Raises ValueError."""
    found: dict[str, frozenset[str]] = {}
    for name, *sources in (part.split() for part in text.lower().split(";") if part.strip()):
        if name in found:
            raise ValueError(f"{name} twice")
        found[name] = frozenset(sources or ["'none'"])
    if not found:
        raise ValueError("an empty policy")
    return found


def _csp(answer: Answer) -> str:
    try:
        said = policy(answer)
    except ValueError:
        return "csp-invalid"
    if not said:
        return "csp-missing"
    everything = frozenset({"*"})
    default = said.get("default-src", everything)
    scripts, styles = (_effective(said.get(f"{what}-src", default)) for what in ("script", "style"))
    passive = said.get("img-src", said.get("default-src", frozenset())) | said.get(
        "media-src", said.get("default-src", frozenset())
    )
    active = scripts.union(*(of for name, of in said.items() if name not in ("img-src", "media-src", "script-src")))
    if scripts & (_BROAD | _INLINE) or said.get("object-src", default) & _BROAD:
        return "csp-unsafe-inline"
    if any(source.startswith(("http:", "ftp:")) for source in active):
        return "csp-insecure"
    if "'unsafe-eval'" in scripts | styles:
        return "csp-unsafe-eval"
    if any(source.startswith(("http:", "ftp:")) for source in passive):
        return "csp-insecure-passive"
    if styles & (_BROAD | _INLINE):
        return "csp-unsafe-style"
    return "csp-none" if default == {"'none'"} else "csp-no-unsafe"


def _effective(sources: frozenset[str]) -> frozenset[str]:
    """Beside a hash or a nonce, browsers do not heed 'unsafe-inline'."""
    hashed = any(re.match(r"'(sha(256|384|512)|nonce)-", source) for source in sources)
    return sources - {"'unsafe-inline'"} if hashed else sources


# -- everything else --------------------------------------------------------------------------------------------------


def _cookies(answer: Answer) -> str:
    """The worst of all, in the Observatory's order."""
    cookies = [each.lower() for each in answer.headers.get("set-cookie", ())]
    secure = [bool(re.search(r";\s*secure(;|$)", each)) for each in cookies]
    sessions = [cookie for cookie in cookies if re.search("login|sess", cookie.partition("=")[0])]
    if not cookies:
        return "cookies-none"
    if any("secure" not in each for each in sessions) and not _hsts(answer).endswith(("long", "preloaded")):
        return "cookies-session-insecure"
    if any("httponly" not in each for each in sessions):
        return "cookies-session-readable"
    if not all(secure):
        return "cookies-insecure-but-hsts" if _hsts(answer).endswith(("long", "preloaded")) else "cookies-insecure"
    return "cookies-samesite" if all("samesite" in each for each in cookies) else "cookies-secure"


def _cors(answer: Answer) -> str:
    allowed = answer.said("access-control-allow-origin")
    if not allowed:
        return "cors-none"
    if allowed == "*":
        return "cors-public"
    universal = answer.said("access-control-allow-credentials").lower() == "true"
    return "cors-universal" if universal else "cors-restricted"


def _redirection(answer: Answer) -> str:
    typed, *then = (urlsplit(each) for each in answer.route)
    if not then:
        return "redirection-missing"
    if then[-1].scheme != "https":
        return "redirection-not-to-https"
    if then[0].scheme != "https":
        return "redirection-not-first"
    return "redirection-to-https" if then[0].hostname == typed.hostname else "redirection-off-host"


def _referrer(answer: Answer) -> str:
    private = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
    unsafe = {"origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"}
    said = ", ".join(filter(None, (answer.said("referrer-policy"), *_metas(answer.body, "referrer-policy"))))
    if not said:
        return "referrer-missing"
    known = [each for each in re.split(r"\s*,\s*", said.lower().strip()) if each in private | unsafe]
    if not known:
        return "referrer-invalid"
    return "referrer-private" if known[-1] in private else "referrer-unsafe"


def _hsts(answer: Answer) -> str:
    said = answer.said("strict-transport-security").lower()
    if not said:
        return "hsts-missing"
    parts = {part.strip() for part in said.split(";")}
    age = re.search(r"max-age=(\d+)", said)
    if "," in said or not age:
        return "hsts-invalid"
    if int(age[1]) < SIX_MONTHS:
        return "hsts-short"
    return "hsts-preloaded" if {"preload", "includesubdomains"} <= parts else "hsts-long"


def _integrity(answer: Answer) -> str:
    scripts = [each for each in _tags(answer.body, "script") if each.get("src")]
    foreign = [each for each in scripts if _host(each) not in (None, urlsplit(answer.url).hostname)]
    if any(not each.get("integrity") and each["src"].startswith("http:") for each in scripts):
        return "sri-missing-and-insecure"
    if any(not each.get("integrity") for each in foreign):
        return "sri-missing"
    return "sri-all" if any(each.get("integrity") for each in scripts) else "sri-not-needed"


def _frames(answer: Answer) -> str:
    try:
        if "frame-ancestors" in policy(answer):
            return "frame-by-csp"
    except ValueError:
        pass
    said = answer.said("x-frame-options").strip().lower()
    return "frame-missing" if not said else "frame-denied" if said in ("deny", "sameorigin") else "frame-invalid"


def _word(header: str, name: str, narrow: set[str], wide: Mapping[str, str]) -> Callable[[Answer], str]:
    """A rule about a header of one word: a bonus for the narrow ones."""

    def look(answer: Answer) -> str:
        said = answer.said(header).strip().lower()
        if not said:
            return f"{name}-missing"
        return f"{name}-narrow" if said in narrow else f"{name}-{wide.get(said, 'invalid')}"

    return look


_NONE = {"unsafe-none": "none"}
_RULES: Mapping[str, Callable[[Answer], str]] = {
    "content-security-policy": _csp,
    "cookies": _cookies,
    "cross-origin-resource-sharing": _cors,
    "redirection": _redirection,
    "referrer-policy": _referrer,
    "strict-transport-security": _hsts,
    "subresource-integrity": _integrity,
    "x-content-type-options": lambda answer: {"": "type-missing", "nosniff": "type-nosniff"}.get(
        answer.said("x-content-type-options").strip().lower(), "type-invalid"
    ),
    "x-frame-options": _frames,
    "cross-origin-resource-policy": _word(
        "cross-origin-resource-policy", "corp", {"same-origin", "same-site"}, {"cross-origin": "cross-origin"}
    ),
    "cross-origin-opener-policy": _word(
        "cross-origin-opener-policy",
        "coop",
        {"same-origin", "same-origin-allow-popups", "noopener-allow-popups"},
        _NONE,
    ),
    "cross-origin-embedder-policy": _word(
        "cross-origin-embedder-policy", "coep", {"require-corp", "credentialless"}, _NONE
    ),
}


# -- what a page says -------------------------------------------------------------------------------------------------


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def _tags(body: str, tag: str) -> list[dict[str, str]]:
    reader = _Tags()
    reader.feed(body)
    return [attributes for name, attributes in reader.found if name == tag]


def _metas(body: str, name: str) -> list[str]:
    return [each.get("content", "") for each in _tags(body, "meta") if each.get("http-equiv", "").lower() == name]


def _host(script: Mapping[str, str]) -> str | None:
    return urlsplit(script["src"]).hostname

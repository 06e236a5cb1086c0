"""A build's pages may do what they say and nothing else, and what nobody loads is not published."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.site.finish import Origins, Page, Unfit, finish, loaded, policy, read, with_policy, with_styles

PRODUCT: Mapping[str, object] = {"updates": "http://updates.test:1", "downloads": "http://downloads.test:2"}
OURS = Origins.of(PRODUCT)


def page(body: str = "", head: str = "") -> str:
    """As React Router renders one."""
    return f'<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/>{head}</head><body>{body}</body></html>'


def build_of(folder: Path, **files: str) -> Path:
    """A build with these files; two underscores stand for a slash, one for a dot."""
    for name, text in {"index_html": page(), **files}.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def directive(said: str, name: str) -> list[str]:
    """The sources of one directive."""
    return next(words[1:] for part in said.split("; ") if (words := part.split())[0] == name)


def refused(folder: Path) -> tuple[str, ...]:
    """What is wrong with a build."""
    with pytest.raises(Unfit) as caught:
        finish(folder, PRODUCT, lambda _: None)
    return caught.value.sentences


# --- the policy ---------------------------------------------------------------------------------------------------


@given(st.text(st.characters(codec="utf-8", exclude_characters="<\r\0"), min_size=1))
def test_a_policy_names_a_pages_own_inline_scripts_by_what_stands_there(script: str) -> None:
    said = policy(read(page(f"<script>{script}</script>")), OURS)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert directive(said, "script-src") == ["'self'", f"'sha256-{digest}'"]


def test_what_is_data_and_what_is_loaded_needs_no_hash() -> None:
    body = '<script type="application/ld+json">{"a": 1}</script><script type="module" src="/assets/a.js"></script>'
    said = policy(read(page(body)), OURS)
    assert directive(said, "script-src") == ["'self'"]


def test_a_page_asks_the_site_the_endpoint_and_the_downloads_and_nobody_else() -> None:
    said = policy(Page(), OURS)
    assert directive(said, "connect-src") == ["'self'", "http://updates.test:1", "http://downloads.test:2"]
    assert directive(said, "default-src") == ["'self'"]
    assert directive(said, "style-src") == ["'self'"]
    assert directive(said, "frame-src") == ["'none'"]
    assert "unsafe" not in said


def test_only_a_page_that_searches_may_run_webassembly() -> None:
    assert "'wasm-unsafe-eval'" in directive(policy(Page(), OURS, searches=True), "script-src")


def test_a_page_that_embeds_a_video_may_frame_that_player_alone() -> None:
    found = read(page('<iframe src="https://player.vimeo.com/video/1"></iframe>'))
    assert directive(policy(found, OURS), "frame-src") == ["https://player.vimeo.com"]


def test_sentry_and_analytics_are_asked_only_where_they_are_set() -> None:
    sentry = "https://0123456789abcdef0123456789abcdef@o1.ingest.example/2"
    some = Origins.of({**PRODUCT, "sentry": sentry, "analytics": {"ga4": "G-ABC123"}})
    assert some.connect[2:] == ("https://o1.ingest.example", "https://*.google-analytics.com")
    assert some.script == ("https://www.googletagmanager.com",)
    other = Origins.of({**PRODUCT, "sentry": None, "analytics": {"cloudflare": "0" * 32}})
    assert other.script == ("https://static.cloudflareinsights.com",)
    assert OURS.script == ()


def test_a_policy_stands_before_everything_that_it_is_about() -> None:
    made = with_policy(page(head='<link rel="stylesheet" href="/a.css"/>'), "default-src 'self'")
    assert made.index("utf-8") < made.index("Content-Security-Policy") < made.index("stylesheet")


# --- what a policy would break ------------------------------------------------------------------------------------


SHEETS = '<link rel="stylesheet" href="/assets/a.css"/><link rel="stylesheet" href="/assets/b.css"/>'


def test_a_page_has_its_styles_within_it_in_their_order_and_its_policy_names_them(tmp_path: Path) -> None:
    build_of(tmp_path, index_html=page(head=SHEETS), assets__a_css="a{color:red}", assets__b_css="b{color:blue}")
    finish(tmp_path, PRODUCT, lambda _: None)
    text = (tmp_path / "index.html").read_text()
    assert text.count("<style>a{color:red}b{color:blue}</style>") == 1
    assert "stylesheet" not in text
    digest = b64encode(sha256(b"a{color:red}b{color:blue}").digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in text


def test_a_page_that_react_takes_over_stays_as_it_was_rendered_but_for_what_it_asks_first() -> None:
    script, module = "<script>window.__reactRouterContext = {};</script>", '<link rel="modulepreload" href="/a.js"/>'
    html = page(script, head=f"{module}{SHEETS}")
    assert with_styles(html, read(html), lambda _: "a{}") == (page(script, head=f"{SHEETS}{module}"), "")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<p style="color:red">', '/ has <p style="color:red">; make it a class in site/app/app.css'),
        ("<style>p {}</style>", "/ has a <style> element; put its rules into site/app/app.css"),
        ('<a onclick="x()">', "/ has <a onclick=…>; add the listener in a script of site/app/browser/"),
        (
            '<script src="https://cdn.test/x.js"></script>',
            "/ loads a script from elsewhere, https://cdn.test/x.js; put it into site/",
        ),
        ('<img src="//cdn.test/x.png">', "/ loads an image from elsewhere, //cdn.test/x.png; put it into site/"),
        ('<img srcset="/no.png 2x">', "/ loads /no.png, which the build lacks; mend the address"),
        (
            '<link rel="modulepreload" href="/assets/no.js">',
            "/ loads /assets/no.js, which the build lacks; mend the address",
        ),
        (
            '<iframe src="https://www.youtube.com/embed/1"></iframe>',
            "/ embeds https://www.youtube.com/embed/1, which is none of https://www.youtube-nocookie.com, "
            "https://player.vimeo.com; embed one of these, or link to it",
        ),
    ],
)
def test_what_the_policy_would_break_is_refused_with_its_page_and_the_mend(
    tmp_path: Path, body: str, said: str
) -> None:
    assert refused(build_of(tmp_path, index_html=page(body))) == (said,)


def test_what_many_pages_share_is_said_once_and_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    body = page('<p style="a">')
    pages = {"index_html": body, "docs__index_html": body, "news__index_html": body + '<b onload="x">'}
    first, second = refused(build_of(tmp_path, **pages))
    assert first.startswith('/docs/ (and 2 more) has <p style="a">')
    assert second.startswith("/news/ has <b onload")


def test_a_page_without_a_charset_has_no_place_for_a_policy(tmp_path: Path) -> None:
    [said] = refused(build_of(tmp_path, index_html="<title>x</title>"))
    assert "has no <meta charset>" in said


# --- what is taken out --------------------------------------------------------------------------------------------


def test_scripts_that_no_page_can_load_are_taken_out_and_others_stay(tmp_path: Path) -> None:
    begins = 'import "/assets/manifest-1.js"; import("/assets/entry-1.js");'
    routes = 'window.__reactRouterManifest={"routes":{"module":"/assets/landing-1.js"}}'
    folder = build_of(
        tmp_path,
        index_html=page("<p>static</p>"),
        status__index_html=page(f'<script type="module">{begins}</script>'),
    )
    assets = {"manifest-1.js": routes, "entry-1.js": 'import"./chunk-1.js"', "chunk-1.js": 'import("./late-1.js")'}
    (folder / "assets").mkdir()
    for name, text in {**assets, "late-1.js": "", "landing-1.js": 'import"./chunk-1.js"'}.items():
        (folder / "assets" / name).write_text(text)
    (folder / "_.data").write_text("[]")
    finish(folder, PRODUCT, lambda _: None)
    assert {file.name for file in (folder / "assets").iterdir()} == {*assets, "late-1.js"}
    assert not (folder / "_.data").exists()


def test_scripts_may_name_each_other_in_circles() -> None:
    pages = {"index.html": Page(scripts=["/assets/a.js"])}
    assert loaded(pages, {"a.js": 'import"./b.js"', "b.js": 'import"./a.js"', "c.js": ""}) == {"a.js", "b.js"}


def test_the_index_is_made_of_finished_pages_and_without_widgets(tmp_path: Path) -> None:
    def index(folder: Path) -> None:
        assert "Content-Security-Policy" in (folder / "index.html").read_text()
        (folder / "pagefind").mkdir()
        for name in ("pagefind.js", "pagefind-ui.js", "pagefind-modular-ui.css"):
            (folder / "pagefind" / name).write_text("")

    finish(build_of(tmp_path, search__index_html=page()), PRODUCT, index)
    assert [file.name for file in (tmp_path / "pagefind").iterdir()] == ["pagefind.js"]
    assert "wasm-unsafe-eval" in (tmp_path / "search/index.html").read_text()
    assert "wasm-unsafe-eval" not in (tmp_path / "index.html").read_text()

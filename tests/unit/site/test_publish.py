"""Publishing the site: never a page without its assets, whoever stops it where, and the later commit wins."""

import hashlib
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.deploy.objects import Bucket
from delivery.engines.stack import EngineError
from delivery.site.publish import (
    IMMUTABLE,
    KEPT,
    NOTE,
    RULES,
    Build,
    Note,
    Published,
    changed_prefixes,
    plan,
    publish,
    served,
    settled,
)

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FIRST, SECOND, THIRD = "1" * 40, "2" * 40, "3" * 40  # a line of commits
QUIET = lambda _: None  # noqa: E731


def descends(commit: str, other: str) -> bool:
    """On the line of commits above."""
    return commit >= other


# -- the plan, over any history of builds and kills --------------------------------------------------------------------

ASSETS = [f"assets/{name}-{name * 8}.js" for name in "abcd"]
PAGES = ["index.html", "docs/index.html", "news/index.html"]
SITES = st.dictionaries(st.sampled_from(PAGES), st.frozensets(st.sampled_from(ASSETS)), max_size=3)


def digest(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - what a bucket calls the tag


def tag(text: str) -> str:
    return f'"{digest(text)}"'


def whole(site: dict[str, frozenset[str]]) -> dict[str, str]:
    """A build in which a page's bytes are the assets that it names."""
    named = {asset: digest(asset) for assets in site.values() for asset in assets}
    return {**{page: digest(" ".join(sorted(assets))) for page, assets in site.items()}, **named}


@given(st.lists(st.tuples(SITES, st.integers(0, 40), st.integers(0, 20)), max_size=6))
def test_wherever_a_run_is_killed_every_page_that_is_there_has_all_its_assets(runs):
    there: dict[str, str] = {}
    live, now = None, NOW
    every = {tag(" ".join(sorted(assets))): assets for site, _, _ in runs for assets in site.values()}
    for site, days, done in runs:
        now += timedelta(days=days)
        wanted = whole(site)
        steps = plan(there, live, wanted, now)
        for step in steps.steps[:done]:
            if step.writes:
                there[step.path] = f'"{wanted[step.path]}"'
            else:
                del there[step.path]
            for page in set(there) & set(PAGES):
                assert every[there[page]] <= set(there)
        if done >= len(steps.steps):
            live = Note("key", FIRST, now, RULES, {}, steps.left)
            assert {path for path in there if path in PAGES} == set(site)
            assert plan(there, live, wanted, now).steps == ()


def test_an_asset_that_no_page_names_is_kept_for_thirty_days_since_it_was_noted():
    asset, wanted = ASSETS[0], {"index.html": digest("")}
    there = {asset: '"a"', "index.html": tag("")}
    first = plan(there, None, wanted, NOW)
    assert (first.steps, dict(first.left)) == ((), {asset: NOW})
    noted = Note("key", FIRST, NOW, RULES, {}, first.left)
    assert plan(there, noted, wanted, NOW + KEPT - timedelta(seconds=1)).steps == ()
    assert plan(there, noted, wanted, NOW + KEPT).removed == (asset,)


def test_an_asset_that_is_named_again_is_counted_from_when_it_is_left_again():
    asset = ASSETS[0]
    noted = Note("key", FIRST, NOW, RULES, {}, {asset: NOW - 2 * KEPT})
    again = plan({asset: tag(asset)}, noted, whole({"index.html": frozenset([asset])}), NOW)
    assert asset not in again.left
    assert again.removed == ()


def test_what_others_write_into_the_bucket_is_left_alone():
    there = {"status/status.json": '"s"', NOTE: '"n"', "old.txt": '"o"'}
    assert plan(there, None, {}, NOW).removed == ("old.txt",)


def test_when_files_are_to_be_served_otherwise_all_are_written_anew():
    wanted = {"index.html": digest("")}
    there = {"index.html": tag("")}
    assert plan(there, Note("key", FIRST, NOW, RULES, {}), wanted, NOW).written == ()
    assert plan(there, Note("key", FIRST, NOW, "older", {}), wanted, NOW).written == ("index.html",)


def test_a_note_survives_being_written_and_read():
    note = Note("key", FIRST, NOW, RULES, {"index.html": "ab"}, {ASSETS[0]: NOW})
    assert Note.from_bytes(note.to_bytes()) == note


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"left": 3}'])
def test_a_note_that_says_nothing_is_refused_in_a_sentence(data):
    with pytest.raises(EngineError, match=r"build\.json does not say which build is live .*; take that object away"):
        Note.from_bytes(data)


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("index.html", "text/html; charset=utf-8", "public, max-age=30"),
        ("assets/root-C7D-7JE8.css", "text/css; charset=utf-8", IMMUTABLE),
        ("assets/news-D.js", "text/javascript; charset=utf-8", IMMUTABLE),
        ("pagefind/pagefind.js", "text/javascript; charset=utf-8", "public, max-age=30"),
        ("pagefind/fragment/en_1a2b.pf_fragment", "application/octet-stream", IMMUTABLE),
        ("news/feed.atom", "application/atom+xml; charset=utf-8", "public, max-age=30"),
        ("news/feed.json", "application/feed+json", "public, max-age=30"),
        (".well-known/security.txt", "text/plain; charset=utf-8", "public, max-age=30"),
        (NOTE, "application/json", "no-cache"),
    ],
)
def test_each_file_is_served_as_what_it_is_and_kept_as_long_as_it_may(path, kind, cache):
    assert served(path) == {"ContentType": kind, "CacheControl": cache}


def test_caches_let_go_of_what_changed_and_of_nothing_that_is_named_by_its_content():
    done = Published("k", FIRST, ("assets/a-1.js", "docs/index.html", "docs/a/index.html", "robots.txt"), ("x.html",))
    assert changed_prefixes("espice.app", done) == ("espice.app/docs", "espice.app/robots.txt", "espice.app/x.html")
    assert changed_prefixes("espice.app", Published("k", FIRST, ("index.html", "a.txt"))) == ("espice.app",)
    many = tuple(f"p{number}/index.html" for number in range(101))
    assert changed_prefixes("espice.app", Published("k", FIRST, many)) == ("espice.app",)


# -- into a bucket -----------------------------------------------------------------------------------------------------


@pytest.fixture
def client(aws):
    made = boto3.client(
        "s3", endpoint_url=aws, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    made.create_bucket(Bucket="site")
    return made


@pytest.fixture
def shelf(client):
    return Bucket(client, "site")


def build(folder: Path, commit: str, **files: str) -> Build:
    """A build of these pages, whose key is their text."""
    made = folder / commit[:4]
    for name, text in files.items():
        page = made / ("index.html" if name == "index" else f"{name}/index.html")
        page.parent.mkdir(parents=True)
        asset = made / "assets" / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.js"
        asset.parent.mkdir(parents=True, exist_ok=True)
        asset.write_text(text)
        page.write_text(f'<script src="/{asset.relative_to(made).as_posix()}"></script></html>')
    return Build.read(made, hashlib.sha256(repr(files).encode()).hexdigest(), commit)


def live(shelf) -> Note:
    return Note.from_bytes(shelf.read(NOTE).data)


def test_a_build_is_published_once_and_again_changes_nothing(tmp_path, shelf, client):
    made = build(tmp_path, FIRST, index="one", docs="two")
    done = publish(made, shelf, descends, NOW, QUIET)
    assert (done.live, len(done.written), done.removed) == (FIRST, 4, ())
    page = client.head_object(Bucket="site", Key="docs/index.html")
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", "public, max-age=30")
    before = shelf.listing()
    assert publish(made, shelf, descends, NOW + timedelta(days=1), QUIET) == Published(made.key, FIRST)
    assert shelf.listing() == before


def test_the_next_build_writes_what_changed_removes_pages_and_keeps_assets(tmp_path, shelf):
    publish(build(tmp_path, FIRST, index="one", docs="two"), shelf, descends, NOW, QUIET)
    done = publish(build(tmp_path, SECOND, index="new"), shelf, descends, NOW, QUIET)
    assert done.removed == ("docs/index.html",)
    assert [path for path in done.written if path.endswith(".html")] == ["index.html"]
    assert len([path for path in shelf.listing() if path.startswith("assets/")]) == 3
    assert len(live(shelf).left) == 2


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path, shelf):
    made = build(tmp_path, FIRST, index="one")
    said = publish(made, shelf, descends, NOW, QUIET, dry=True)
    assert shelf.listing() == {}
    assert said == publish(made, shelf, descends, NOW, QUIET)


def test_what_a_strange_hand_changed_is_mended_although_the_build_is_live(tmp_path, shelf):
    made = build(tmp_path, FIRST, index="one")
    publish(made, shelf, descends, NOW, QUIET)
    shelf.write("index.html", b"defaced", shelf.listing()["index.html"])
    assert publish(made, shelf, descends, NOW, QUIET).written == ("index.html",)
    assert shelf.read("index.html").data == (made.folder / "index.html").read_bytes()


def test_whether_there_is_something_to_do_is_known_without_a_build(tmp_path, shelf):
    assert settled(shelf, "key", NOW) is None
    made = build(tmp_path, FIRST, index="one")
    publish(made, shelf, descends, NOW, QUIET)
    assert settled(shelf, made.key, NOW) == live(shelf)
    assert settled(shelf, "another", NOW) is None
    shelf.remove("index.html")
    assert settled(shelf, made.key, NOW) is None


def test_nothing_steps_back_to_a_commit_that_lacks_the_live_one(tmp_path, shelf):
    publish(build(tmp_path, SECOND, index="two"), shelf, descends, NOW, QUIET)
    before = shelf.listing()
    assert publish(build(tmp_path, FIRST, index="one"), shelf, descends, NOW, QUIET).live == SECOND
    with pytest.raises(EngineError, match=r"which 3{40} does not have behind it: git pull, or to go back, merge"):
        publish(build(tmp_path, THIRD, index="three"), shelf, lambda *_: False, NOW, QUIET)
    assert shelf.listing() == before


class Killed(Exception):  # noqa: N818
    """The process ended here."""


class Dying:
    """A bucket whose writer is killed at its nth word to it."""

    def __init__(self, shelf, after: int) -> None:
        self._shelf, self._left, self._lock = shelf, after, threading.Lock()

    def _alive(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left < 0:
                raise Killed

    def write(self, *args, **kwargs) -> None:
        self._alive()
        self._shelf.write(*args, **kwargs)

    def remove(self, key: str) -> None:
        self._alive()
        self._shelf.remove(key)

    def __getattr__(self, name: str):
        return getattr(self._shelf, name)


@pytest.mark.parametrize("after", range(6))
def test_a_run_that_was_killed_is_finished_by_the_next_one(tmp_path, shelf, after):
    publish(build(tmp_path, FIRST, index="one", docs="two"), shelf, descends, NOW, QUIET)
    made = build(tmp_path, SECOND, index="new", news="news")
    with pytest.raises(Killed):
        publish(made, Dying(shelf, after), descends, NOW, QUIET)
    assert live(shelf).commit == FIRST  # not yet, whatever was written
    publish(made, shelf, descends, NOW, QUIET)
    assert live(shelf).commit == SECOND
    assert {path for path in shelf.listing() if path.endswith(".html")} == {"index.html", "news/index.html"}


class Meanwhile:
    """A bucket into which somebody else publishes, once, before the first page is written."""

    def __init__(self, shelf, other) -> None:
        self._shelf, self._other, self._lock = shelf, other, threading.Lock()

    def write(self, key: str, *args, **kwargs) -> None:
        with self._lock:
            if key.endswith(".html") and self._other:
                other, self._other = self._other, None
                other()
        self._shelf.write(key, *args, **kwargs)

    def __getattr__(self, name: str):
        return getattr(self._shelf, name)


@pytest.mark.parametrize(("mine", "theirs"), [(FIRST, SECOND), (SECOND, FIRST)])
def test_of_two_at_once_the_later_commit_wins_whoever_writes_last(tmp_path, shelf, mine, theirs):
    builds = {each: build(tmp_path, each, index=each) for each in (FIRST, SECOND)}
    meddled = Meanwhile(shelf, lambda: publish(builds[theirs], shelf, descends, NOW, QUIET))
    assert publish(builds[mine], meddled, descends, NOW, QUIET).live == SECOND
    assert live(shelf).commit == SECOND
    assert shelf.read("index.html").data == (builds[SECOND].folder / "index.html").read_bytes()


def test_a_build_that_nobody_knows_how_to_serve_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "index.html").write_text("</html>")
    (tmp_path / "what.xyz").write_text("?")
    with pytest.raises(EngineError, match=r"does not know how to serve what\.xyz; name them otherwise"):
        Build.read(tmp_path, "k", FIRST)


def test_a_folder_that_is_no_build_is_refused(tmp_path):
    with pytest.raises(EngineError, match=r"there is no index\.html"):
        Build.read(tmp_path, "k", FIRST)

"""Pages look as they were reviewed: one page of each kind, in both themes, on a phone and on a desk.

Built from recorded facts and drawn at a fixed moment, so that nothing but the look differs. `./inv site bless` takes
the looks of now for right; see the pictures before you commit them.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Route

from delivery.site.build import Wanted, build, wanted
from delivery.site.data import Hosts
from delivery.site.seen import Look, Status, after, to_bytes
from tests import nodes
from tests.laptop.system import ROOT, copy_of_this_repository

BASELINES = Path(__file__).parent / "baselines"
DATA = Path(__file__).parent / "data"
WRONG = ROOT / ".state" / "looks"  # where pictures of what differs go
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SITE = "https://espice.test"
PAGES = {
    "landing": "/",
    "download": "/download/",
    "verify": "/download/verify/",
    "releases": "/releases/",
    "release": "/releases/1.4.0/",
    "docs": "/docs/",
    "doc": "/docs/first-circuit/",
    "older-doc": "/docs/1.2/monte-carlo/",
    "api": "/docs/api/",
    "search": "/search/",
    "news": "/news/",
    "post": "/news/how-a-version-reaches-you/",
    "roadmap": "/roadmap/",
    "status": "/status/",
    "feedback": "/feedback/",
    "contact": "/contact/",
    "legal": "/legal/privacy/",
    "not-found": "/404/",
}
WIDTHS = {"phone": 390, "desk": 1280}
TALLEST = 3000  # pixels of a page: what is below repeats what is above
STEP = 5  # of 255 in a channel, between colours of a picture that is kept: no eye sees it, and files are small
FAINT = 48  # of 255 in a channel: edges of letters, and the rounding of STEP
SPARSE = 0.0005  # of the pixels may differ by more


# Pictures further down come when somebody scrolls there.
WHOLE = """async () => {
  for (const each of document.images) each.loading = "eager";
  await Promise.all([...document.images].map((each) => each.decode()));
  await document.fonts.ready;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the pages as they are now, from recorded facts. It needs no running system."""
    repo = copy_of_this_repository(tmp_path_factory.mktemp("espice"))
    nodes.lend(repo)
    hosts = Hosts(site=SITE, updates="https://updates.espice.test", downloads="https://downloads.espice.test")
    of_now = wanted(repo, "HEAD", "laptop", hosts, NOW)
    recorded = {file.name: file.read_bytes() for file in DATA.iterdir()}
    return build(repo, Wanted(of_now.commit, of_now.made_by, {**of_now.data, **recorded}), nodes.quiet).folder


def seen() -> bytes:
    """A status file: good looks for six hours, and one that was not."""
    status: Status | None = None
    for number in range(36):
        looks = [Look(each, number != 20, 40 + number, "") for each in ("updates", "downloads", "manifests", "site")]
        status = after(status, looks, NOW - timedelta(minutes=10 * (36 - number)))
    assert status
    return to_bytes(status)


@pytest.fixture(scope="module")
def answer(folder: Path) -> Callable[[Route], None]:
    """The site from its folder; other hosts do not answer."""
    status = seen()

    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        path = folder / (asked.path.removeprefix("/") + ("index.html" if asked.path.endswith("/") else ""))
        if asked.netloc != urlsplit(SITE).netloc:
            route.abort()
        elif asked.path == "/status/status.json":
            route.fulfill(body=status, content_type="application/json")
        elif path.is_file():
            # A font that comes a moment late would else be left out, now and then. Pages have their styles within them.
            body = path.read_bytes().replace(b"font-display:optional", b"font-display:block")
            route.fulfill(body=body, content_type=guess_type(path.name)[0] or "font/woff2")
        else:
            route.fulfill(status=404)

    return answer


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_look_as_they_were_reviewed(
    chromium: Browser, answer: Callable[[Route], None], tmp_path: Path, theme: str, width: str
) -> None:
    wrong = [
        name
        for name, picture in draw(chromium, answer, tmp_path, theme, WIDTHS[width])
        if not judge(f"{name}-{theme}-{width}.webp", picture)
    ]
    assert not wrong, f"see the pictures in {WRONG}; ./inv site bless takes the looks of now for right"


def draw(
    chromium: Browser, answer: Callable[[Route], None], folder: Path, theme: str, width: int
) -> Iterator[tuple[str, Image.Image]]:
    """Each page in this theme (light or dark), so many pixels wide."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        timezone_id="UTC",
        bypass_csp=True,  # for the fonts' sake, see answer(); other tests hold pages to their policy
    )
    context.route("**/*", answer)
    for name, path in PAGES.items():
        page = context.new_page()
        page.clock.set_fixed_time(NOW)
        shown = page.goto(f"{SITE}{path}", wait_until="networkidle")
        assert shown, path
        assert shown.ok, path
        page.evaluate(WHOLE)
        height = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
        file = folder / f"{name}.png"
        page.screenshot(
            path=file, full_page=True, animations="disabled", clip={"x": 0, "y": 0, "width": width, "height": height}
        )
        with Image.open(file) as picture:
            yield name, picture.convert("RGB")
        page.close()
    context.close()


def judge(name: str, picture: Image.Image) -> bool:
    """Whether it looks as the baseline of this name; if it is to be blessed, it becomes that."""
    file = BASELINES / name
    if os.environ.get("ESPICE_BLESS"):
        if not file.exists() or differs(reviewed(file), picture):
            file.parent.mkdir(exist_ok=True)
            picture.point(lambda level: min(255, round(level / STEP) * STEP)).save(
                file, lossless=True, quality=100, method=6
            )
        return True
    if not file.exists():
        show(name, [picture])
        return False
    if differs(reviewed(file), picture):
        show(name, [reviewed(file), picture])
        return False
    return True


def reviewed(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB")


def differs(one: Image.Image, other: Image.Image) -> bool:
    """By more than what drawing the same page twice may differ by."""
    if one.size != other.size:
        return True
    channels = ImageChops.difference(one, other).split()
    strongest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    return sum(strongest.histogram()[FAINT:]) > SPARSE * one.width * one.height


def show(name: str, pictures: list[Image.Image]) -> None:
    """As reviewed, as now, and where they differ, side by side."""
    if len(pictures) == 2 and pictures[0].size == pictures[1].size:
        pictures = [*pictures, ImageChops.invert(ImageChops.difference(*pictures))]
    beside = Image.new("RGB", (sum(each.width for each in pictures), max(each.height for each in pictures)), "white")
    for number, each in enumerate(pictures):
        beside.paste(each, (sum(before.width for before in pictures[:number]), 0))
    WRONG.mkdir(parents=True, exist_ok=True)
    beside.save(WRONG / name, lossless=True)


def test_there_is_no_picture_of_a_page_that_is_not_looked_at() -> None:
    names = {f"{name}-{theme}-{width}.webp" for name in PAGES for theme in ("light", "dark") for width in WIDTHS}
    if os.environ.get("ESPICE_BLESS"):
        for file in BASELINES.iterdir():
            if file.name not in names:
                file.unlink()
    assert {file.name for file in BASELINES.iterdir()} == names


def test_a_moved_word_is_seen_and_a_faint_edge_is_not() -> None:
    page = Image.new("RGB", (400, 400), "white")
    moved, faint = page.copy(), page.copy()
    moved.paste("black", (10, 10, 30, 18))
    faint.paste((225, 225, 225), (0, 0, 400, 200))
    assert differs(page, moved)
    assert not differs(page, faint)

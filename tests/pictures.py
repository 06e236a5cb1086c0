"""Makes docs/comment.png anew: the comment of a proposal, as people at GitHub see it. Needs Chromium.

    python -m tests.pictures

Everything in it is real but the people: a copy of this repository, its facts, its tasks, typed against the stand-in for
GitHub. There is no account to preview stacks in: what is said of two is what the program declares on a laptop.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from markdown_it import MarkdownIt
from PIL import Image, ImageChops

from delivery.commands.declared import differences
from delivery.present.infra import summary
from delivery.present.markdown import MARKER
from delivery.proposals import previewed
from tests.github.bare import Bare
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.laptop.system import ROOT, copy_of_this_repository
from tests.unit.commands.desk import Desk, standing_in

PICTURE = ROOT / "docs/comment.png"
NAME = "espice/delivery"
RAISE = ("raise", "stable", "25", "--evidence", "4,120 updates at 10 % in 48 h, 0.2 % failed; no crash that is new")
WIDTH, HIGHEST, TWICE = 900, 3000, 2  # CSS pixels, and as many on a screen that is twice as fine
COLOURS = 48

# The colours and sizes of GitHub's light theme.
STYLE = """
body { margin: 16px; color: #1f2328; font: 14px/1.5 "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif }
article { border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden }
header { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; color: #59636e }
header b { color: #1f2328 }
header span { border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 7px; font-size: 12px }
main { padding: 16px }
h3 { font-size: 17px; margin: 0 0 16px; font-weight: 600 }
p, ul, table, details { margin: 0 0 16px }
p:last-child { margin: 0 }
ul { padding-left: 2em }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left }
th { font-weight: 600 }
tr:nth-child(2n) { background: #f6f8fa }
code { background: #818b981f; padding: .2em .4em; border-radius: 6px; font: 85% "DejaVu Sans Mono", monospace }
sub { font-size: 75%; vertical-align: baseline }
"""


def comment(folder: Path) -> str:
    """What judge writes of a raise that one person has agreed to, and two must."""
    desk = Desk(copy_of_this_repository(folder / "checkout"))
    bare = Bare(folder / f"{NAME}.git")
    bare.make()
    desk.git("push", "-q", str(bare.folder), "main")
    people = {f"token-of-{who}": Person(who) for who in ("ada", "bea", "espice")}
    with stand_in(folder, NAME, people) as found:
        found.hub.teams["espice/release"] = {"ada", "bea"}

        def typed(who: str, *words: str) -> None:
            told = {"GITHUB_API_URL": found.api, "GITHUB_REPOSITORY": NAME, "GITHUB_TOKEN": f"token-of-{who}"}
            os.environ.update(told)
            said = desk.inv(*words)
            assert said.status == 0, said.err

        typed("ada", *RAISE, "--pr")
        head, main = found.hub.pull(1).head, desk.git("rev-parse", "main").strip()
        typed("bea", "approve", "1", "--head", head)
        with standing_in(desk.repo):
            words = summary(differences("laptop-live", main, head))
        for stack in ("staging-live", "production-live"):
            check = previewed.done(stack, words, main, None)
            said = {"state": check.verdict, "context": check.name, "description": check.says}
            found.hub.tell(people["token-of-espice"], head, said)
        typed("espice", "judge")
        return next(each.body for each in found.hub.remarks if each.author == "espice" and MARKER in each.body)


def page(text: str) -> str:
    """The comment in its box."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    head = "<header><b>espice</b> <span>bot</span> commented</header>"
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><article>{head}<main>{body}</main></article>"


def draw(html: str, folder: Path, picture: Path) -> None:
    """By Chromium; cut to what is drawn on, in few colours."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        sys.exit("there is no Chromium here; install it to make this picture")
    (folder / "page.html").write_text(html)
    shot = folder / "shot.png"
    run = [browser, "--headless", "--no-sandbox", "--hide-scrollbars", f"--force-device-scale-factor={TWICE}"]
    run += [f"--window-size={WIDTH},{HIGHEST}", f"--user-data-dir={folder}/profile", f"--screenshot={shot}"]
    subprocess.run([*run, f"file://{folder}/page.html"], check=True, capture_output=True, timeout=120)
    drawn = Image.open(shot).convert("RGB")
    box = ImageChops.difference(drawn, Image.new("RGB", drawn.size, "white")).getbbox()
    assert box
    bottom = min(drawn.height, box[3] + 16 * TWICE)
    drawn.crop((0, 0, drawn.width, bottom)).quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)


def main() -> None:
    """Make it, and say how large it is."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        draw(page(comment(folder)), folder, PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

"""site build and site preview: the web site before it is anywhere."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from delivery.commands import live
from delivery.commands.desk import ROOT, Usage, command, err, moment, out, print_json, whole
from delivery.commands.progress import watched
from delivery.history import snapshot
from delivery.history.git import git, line
from delivery.laptop.places import Places
from delivery.laptop.ports import USUAL
from delivery.laptop.site import hosts_on
from delivery.proposals import choose
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.rules.read import PRODUCT
from delivery.rules.shapes import Environment
from delivery.site import check, node
from delivery.site.build import BuildFailed, Built, build, wanted
from delivery.site.content import FOLDER
from delivery.site.data import Hosts
from delivery.site.node import NoNode
from infra.names import Names

LOOK = 0.5  # seconds between two looks at the work tree


@command
def build_(ref: str, environment: str, folder: str, as_json: bool) -> int:
    """Exit status 1 where it does not build, or there is no Node."""
    named = live.environment(environment)
    if folder and Path(folder).exists() and any(Path(folder).iterdir()):
        raise Usage(f"--out {folder}: holds something already; name a new folder")
    built = _built(ref, named, moment(""))
    if built is None:
        return 1
    where = Path(folder) if folder else built.folder
    if folder:
        shutil.copytree(built.folder, where, dirs_exist_ok=True)
    files = [file for file in where.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files)
    if as_json:
        said = {"key": built.key, "commit": built.commit, "environment": named, "folder": str(where)}
        print_json({**said, "is_new": built.is_new, "files": len(files), "bytes": size})
    else:
        word = "built" if built.is_new else "was built before"
        out.print(f"{built.commit[:9]} {word}: {len(files)} files, {size / 1e6:.1f} MB, in {where}", markup=False)
    return 0


@command
def preview(ref: str, proposal: str, at: str, port: str, yes: bool) -> int:
    """Serve it until interrupted. Exit status 1 if it does not build, or nobody agreed to run its code."""
    if ref and proposal:
        raise Usage("--ref and --proposal: name one of them")
    now = moment(at) if at else None
    if proposal:
        ref = _head_of(whole(proposal, "--proposal", 1, 10**9))
        if not yes and (code := _code_of(ref)):
            err.print(
                f"proposal {proposal} changes what a build runs ({code}); read it first (./inv proposal {proposal} "
                "--diff), then add --yes to run its code on this machine",
                markup=False,
            )
            return 1
    with tempfile.TemporaryDirectory() as scratch, _served(Path(scratch), whole(port, "--port", 0, 65535)) as url:
        shown = _shown(ref or _worktree(), now, Path(scratch) / "site")
        if not shown and ref:
            return 1
        out.print(f"{url}  (Ctrl-C ends it)", markup=False)
        try:
            _follow(ref, now, Path(scratch) / "site")
        except KeyboardInterrupt:
            out.print("ended")
    return 0


def _follow(ref: str, now: datetime | None, link: Path) -> None:
    """What is committed stays as it is; the work tree is built again whenever it changed."""
    seen = ref or _worktree()
    while True:
        time.sleep(LOOK)
        if not ref and (tree := _worktree()) != seen:
            seen = tree
            if _shown(tree, now, link):
                out.print("built again; reload the page")


def _shown(ref: str, now: datetime | None, link: Path) -> bool:
    """Build it and put it where it is served."""
    try:
        built = _built(ref, "laptop", now or moment(""))
    except Refused as refused:
        for problem in refused.problems:
            err.print(str(problem), markup=False)
        return False
    if built is not None:
        new = link.with_suffix(".new")
        new.symlink_to(built.folder)
        os.replace(new, link)
    return built is not None


def _built(ref: str, environment: Environment, now: datetime) -> Built | None:
    """None, with the reason on standard error."""
    try:
        asked = wanted(ROOT, ref, environment, _hosts(ref, environment), now)
        return watched(partial(build, ROOT, asked))
    except (BuildFailed, NoNode) as failed:
        err.print(str(failed), markup=False)
        return None


def _hosts(ref: str, environment: Environment) -> Hosts:
    """Where an environment's public hosts are. Raises Refused."""
    if environment == "laptop":
        chosen = Places(ROOT).ports
        return hosts_on(json.loads(chosen.read_text()) if chosen.exists() else USUAL)
    product, problems = parse(PRODUCT, snapshot.at_commit(ROOT, ref, [PRODUCT]).get(PRODUCT, b""), Product)
    if product is None:
        raise Refused(problems)
    names = Names.of(product.value, environment)
    hosts = (names.site_host, names.updates_host, names.downloads_host)
    site, updates, downloads = (f"https://{host}" for host in hosts)
    return Hosts(site=site, updates=updates, downloads=downloads)


def _worktree() -> str:
    """The work tree as a commit that no branch has: what is not ignored, as it lies here."""
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(scratch, "index")
        shutil.copy(ROOT / line(ROOT, "rev-parse", "--git-path", "index"), index)
        own = {"GIT_INDEX_FILE": str(index)}
        git(ROOT, "add", "--all", environment=own)
        tree = git(ROOT, "write-tree", environment=own).decode().strip()
    if tree == line(ROOT, "rev-parse", "HEAD^{tree}"):
        return line(ROOT, "rev-parse", "HEAD")
    return line(ROOT, *_NOBODY, "commit-tree", tree, "-p", "HEAD", "-m", "The work tree")


_NOBODY = ("-c", "user.name=preview", "-c", "user.email=preview@localhost", "-c", "commit.gpgsign=false")


def _head_of(number: int) -> str:
    """The commit that a proposal proposes, fetched if it has to be. Raises ForgeError, NoHistory."""
    found = choose.forge(ROOT).proposal(number)
    return snapshot.commit_id(ROOT, found.head)


def _code_of(ref: str) -> str:
    """What of a proposal runs when it is built: a file that is no content, or content that holds code; or nothing."""
    base = snapshot.merge_base(ROOT, "HEAD", ref)
    changed = git(ROOT, "diff", "--name-only", "-z", base, ref, "--", "site", node.LOCK).decode().split("\0")
    code = [path for path in changed if path and not path.startswith(FOLDER)]
    wrong = check.check(snapshot.at_commit(ROOT, ref, check.PATHS), moment(""))
    return code[0] if code else str(wrong[0]) if wrong else ""


@contextmanager
def _served(folder: Path, port: int) -> Iterator[str]:
    """The folder `site` in this one, on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Pages, directory=str(folder / "site")))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class _Pages(SimpleHTTPRequestHandler):
    """Files as they lie there, never kept by a browser."""

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

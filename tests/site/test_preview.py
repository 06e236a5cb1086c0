"""./inv site preview: the site of the work tree as it is written, and of a proposal whose code somebody read."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from delivery.proposals.forge import Wanted
from delivery.proposals.local import Local
from tests import nodes
from tests.laptop.system import System, copy_of_this_repository, env

pytestmark = [pytest.mark.site, pytest.mark.slow]

POST = """---
title: {title}
description: What a test says.
author: documentation
reviewed: "2026-11-20"
publish-at: "2026-11-20T08:00:00Z"
---

A short word.
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> System:
    """A copy of this repository, in which nothing runs."""
    repo = copy_of_this_repository(tmp_path_factory.mktemp("preview") / "espice")
    nodes.lend(repo)
    return System(repo)


@contextmanager
def preview(checkout: System, *more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Type it, and wait for its address; Ctrl-C at the end."""
    with tempfile.TemporaryDirectory() as scratch:
        process = subprocess.Popen(
            [sys.executable, "-m", "invoke", "site.preview", *more],
            cwd=checkout.repo,
            env={**env(), "TMPDIR": scratch, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        try:
            yield said(process).partition("  ")[0], process
            os.kill(process.pid, signal.SIGINT)
            assert said(process) == "ended"
            assert process.wait(20) == 0
            assert list(Path(scratch).iterdir()) == []
        finally:
            process.kill()
            process.wait()


def said(process: subprocess.Popen[str]) -> str:
    """The next line that it prints."""
    assert process.stdout
    return process.stdout.readline().strip()


def test_what_is_written_is_seen_without_a_commit_and_ctrl_c_leaves_nothing(checkout: System) -> None:
    checkout.write("site/content/news/here.mdx", POST.format(title="Not committed yet"))
    before = checkout.git("status", "--porcelain"), checkout.git("rev-parse", "HEAD"), checkout.git("stash", "list")
    with preview(checkout) as (url, process):
        assert "Not committed yet" in requests.get(f"{url}news/here/", timeout=10).text
        checkout.write("site/content/news/here.mdx", POST.format(title="Said better"))
        assert said(process) == "built again; reload the page"
        found = requests.get(f"{url}news/here/", timeout=10)
        assert "Said better" in found.text
        assert found.headers["Cache-Control"] == "no-store"
    assert (
        checkout.git("status", "--porcelain"),
        checkout.git("rev-parse", "HEAD"),
        checkout.git("stash", "list"),
    ) == (before)
    (checkout.repo / "site/content/news/here.mdx").unlink()


def test_it_can_be_seen_as_it_will_be(checkout: System) -> None:
    checkout.write("site/content/news/later.mdx", POST.format(title="Later").replace("2026-11-20T", "2027-11-20T"))
    with preview(checkout) as (url, _):
        assert requests.get(f"{url}news/later/", timeout=10).status_code == 404
    with preview(checkout, "--at", "2027-11-21T00:00:00Z") as (url, _):
        assert requests.get(f"{url}news/later/", timeout=10).status_code == 200
    (checkout.repo / "site/content/news/later.mdx").unlink()


@pytest.mark.parametrize("path", ["site/app/root.tsx", "site/package.json", "requirements/node.txt"])
def test_a_proposal_s_code_runs_only_for_who_read_it(checkout: System, path: str) -> None:
    branch = f"change-{Path(path).stem}"
    checkout.git("switch", "-q", "-c", branch)
    checkout.append(path, "\n")
    commit = checkout.commit("Change what a build runs")
    checkout.git("switch", "-q", "main")
    found = Local(checkout.repo, "A Maintainer").propose(Wanted(branch, commit, "A change", "Why not."))
    refused = checkout.inv("site.preview", "--proposal", str(found.number), expect=1)
    assert f"changes what a build runs ({path}); read it first (./inv proposal {found.number} --diff)" in refused


def test_bad_words_are_told(checkout: System) -> None:
    assert "name one of them" in checkout.inv("site.preview", "--ref", "HEAD", "--proposal", "1", expect=2)
    assert "--port" in checkout.inv("site.preview", "--port", "ninety", expect=2)
    assert "nowhere" in checkout.inv("site.preview", "--ref", "nowhere", expect=1)

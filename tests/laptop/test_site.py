"""The laptop's web site: built behind everything else, live seconds after a commit, and nothing else waits for it."""

import os
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import requests

from tests import nodes
from tests.laptop.system import System, copy_of_this_repository, now, running

pytestmark = pytest.mark.site

FRONT = """---
title: {title}
description: What a test says.
author: documentation
reviewed: "{day}"
publish-at: "{at}"
---

{title}
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Started where no package index answers; what these tests do goes on from one to the next."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "uv.toml").write_text('index-url = "http://127.0.0.1:9/simple"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_CONFIG_FILE", str(folder / "uv.toml"))
        with running(copy_of_this_repository(folder / "espice"), site=True) as found:
            yield found


def await_site(system: System, commit: str, *states: str) -> dict[str, Any]:
    """Wait until the site of this commit stands so."""

    def stands(found: dict[str, Any]) -> bool:
        site = found.get("site", {})
        return site.get("state") in states and (site["state"] != "live" or site["commit"] == commit)

    found: dict[str, Any] = system.await_status(stands, f"the site is {' or '.join(states)}")["site"]
    return found


def get(system: System, path: str) -> requests.Response:
    """As a visitor does, through the edge, past what it keeps."""
    return requests.get(f"{system.url('site')}{path}?{os.urandom(4).hex()}", timeout=10)


def await_page(system: System, path: str) -> requests.Response:
    """Wait until there is such a page."""
    system.await_status(lambda _: get(system, path).status_code == 200, f"{path} is there")
    return get(system, path)


def news(system: System, name: str, title: str, at: str) -> str:
    """Commit a piece of news, and say the commit."""
    system.write(f"site/content/news/{name}.mdx", FRONT.format(title=title, at=at, day=at[:10]))
    return system.commit(title)


def test_without_node_everything_runs_and_the_site_says_why_it_is_missing(system: System) -> None:
    head = system.git("rev-parse", "HEAD").strip()
    site = await_site(system, head, "missing")
    assert "Node cannot be had from the package index" in site["why"]
    assert site["url"] == system.url("site")
    assert "site missing: Node cannot be had" in system.inv("status")
    assert system.status()["head_is_live"]
    assert system.offered("1.2.0", cohort=999)


def test_a_laptop_gets_its_site_as_soon_as_it_can_be_built(system: System) -> None:
    nodes.lend(system.repo)
    head = news(system, "hello", "A first word", now(-1))
    site = await_site(system, head, "live", "failed")
    assert (site["state"], site["why"]) == ("live", None)
    assert "Content-Security-Policy" in get(system, "/").text
    assert "A first word" in get(system, "/news/hello/").text
    assert get(system, "/no-such-page/").status_code == 404


def test_what_is_no_part_of_the_site_builds_none(system: System) -> None:
    key = system.status()["site"]["key"]
    system.append("README.md", "A line.")
    assert await_site(system, system.commit("Say more"), "live")["key"] == key


def test_a_page_that_is_scheduled_appears_at_its_time_without_a_commit(system: System) -> None:
    head = news(system, "later", "A later word", now(0.5))
    await_site(system, head, "live")
    assert get(system, "/news/later/").status_code == 404
    assert "A later word" in await_page(system, "/news/later/").text
    assert system.status()["site"]["commit"] == head


def test_a_commit_whose_site_does_not_build_keeps_the_one_before(system: System) -> None:
    before = system.status()["site"]
    system.append("site/app/routes/landing.tsx", "import './no-such-part';")
    head = system.commit("Break the landing page")
    site = await_site(system, head, "failed")
    assert (site["commit"], site["key"]) == (before["commit"], before["key"])
    assert "no-such-part" in site["why"]
    assert get(system, "/").status_code == 200
    assert system.await_live()["commit"] == head  # its facts are live all the same
    system.git("revert", "--no-edit", "HEAD")
    assert await_site(system, system.git("rev-parse", "HEAD").strip(), "live")["why"] is None


def test_a_killed_up_leaves_no_builder_behind(system: System) -> None:
    found = system.status()
    [builder] = [each for each in found["processes"] if each["name"] == "site-builder"]
    psutil.Process(found["pid"]).kill()
    psutil.wait_procs([psutil.Process(builder["pid"])] if psutil.pid_exists(builder["pid"]) else [], timeout=30)
    assert not psutil.pid_exists(builder["pid"])

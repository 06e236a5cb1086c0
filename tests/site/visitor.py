"""Who visits the site in tests: which pages there are, and a browser context that reaches this machine only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.laptop.system import System

EDITION = re.compile(r"^/docs/\d+\.\d+/")


@dataclass(frozen=True)
class Site:
    """A site that is live, and what it may ask besides itself."""

    url: str
    updates: str
    downloads: str
    files: tuple[str, ...]
    strangers: list[str] = field(default_factory=list)  # what pages asked of others, which nobody got

    @classmethod
    def of(cls, system: System) -> Site:
        """The laptop's."""
        url = system.url("site")
        listed = system.s3().list_objects_v2
        bucket = site_bucket(system)
        found = [each["Key"] for each in listed(Bucket=bucket).get("Contents", ())]
        return cls(url, system.url("updates"), system.url("downloads"), tuple(found))

    @property
    def pages(self) -> tuple[str, ...]:
        """The address of every page, as /docs/install/."""
        return tuple(
            sorted(f"/{name.removesuffix('index.html')}" for name in self.files if name.endswith("index.html"))
        )

    @property
    def looks(self) -> tuple[str, ...]:
        """Every page once: older editions of the documentation look like the current one."""
        return tuple(each for each in self.pages if not EDITION.match(each))

    def get(self, path: str) -> tuple[int, str]:
        """Status and text, as a program without a browser gets them."""
        answer = requests.get(self.url + path, timeout=20)
        return answer.status_code, answer.text

    @contextmanager
    def visitor(self, chromium: Browser, **said: Any) -> Iterator[BrowserContext]:
        """A context with these traits (see Browser.new_context)."""
        context = chromium.new_context(base_url=self.url, **said)
        context.set_default_timeout(15_000)

        def keep_here(route: Route) -> None:
            if urlsplit(route.request.url).hostname == "127.0.0.1":
                route.fallback()
            else:
                self.strangers.append(route.request.url)
                route.abort()

        context.route("**/*", keep_here)
        yield context
        context.close()


def site_bucket(system: System) -> str:
    """The one whose objects are the site."""
    named = [each["Name"] for each in system.s3().list_buckets()["Buckets"]]
    [found] = [each for each in named if each.endswith("-site")]
    return str(found)


def complaints(page: Page) -> list[str]:
    """A list to which everything is added that the page's console complains of from now on."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard

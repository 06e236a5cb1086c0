"""An edge as installations meet it: this repository's own facts, served over real HTTP by the production decider."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from delivery.artifacts import samples
from delivery.artifacts.manifests import manifests
from delivery.commands.desk import ROOT
from delivery.deploy import steps
from delivery.deploy.prove_answers import Live
from delivery.deploy.steps import Prepared
from delivery.history import snapshot
from delivery.laptop import keys
from delivery.rules.brake import Override, braked
from delivery.rules.catalog import download_path, download_url
from delivery.rules.compile import Table, compile
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.head import LIFETIME, Head, seal


@cache
def prepared() -> Prepared:
    """What this repository's facts amount to on the laptop."""
    files = snapshot.in_worktree(ROOT)
    return steps.prepare(files, files, "laptop", datetime.now(UTC))


@cache
def built(version: str, target: str, bundle: str) -> bytes:
    """A sample build."""
    return samples.build(prepared().facts.product.value.title, version, target, bundle)


@dataclass
class Edge:
    """What is answered: update checks from `table`, `files` by their paths. `refuses` first so many questions.

    `instead` has other bytes for a path, None for 404. `asked` are all the paths.
    """

    url: str
    table: Table
    files: dict[str, bytes] = field(default_factory=dict)
    instead: dict[str, bytes | None] = field(default_factory=dict)
    refuses: int = 0
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if self.refuses:
            self.refuses -= 1
            return 503, b""
        parts = urlsplit(path)
        if parts.path in self.instead:
            other = self.instead[parts.path]
            return (404, b"") if other is None else (200, other)
        if parts.path in self.files:
            return 200, self.files[parts.path]
        if parts.path.endswith(".json") or not parts.path.startswith("/v1/update/"):
            return self._artifact(parts.path)
        return self._check(parts.path, {name: each[0] for name, each in parse_qs(parts.query).items()})

    def _check(self, path: str, said: dict[str, str]) -> tuple[int, bytes]:
        channel, system, arch, version = (unquote(each) for each in path.removeprefix("/v1/update/").split("/"))
        cohort = int(said["cohort"]) if "cohort" in said else None
        request = Request(channel, f"{system}-{arch}", said["bundle"], version, cohort, os=said.get("os"))
        offer = decide(self.table, request, datetime.now(UTC))
        if not isinstance(offer, Offer):
            return 204, b""
        url = download_url(self.url, self.table.catalog.product, offer.version, offer.artifact.file)
        body = {"version": offer.version, "url": url, "signature": offer.artifact.signature}
        return 200, msgspec.json.encode(body)

    def _artifact(self, path: str) -> tuple[int, bytes]:
        for version, release in self.table.catalog.releases.items():
            for target, bundles in release.artifacts.items():
                for bundle, artifact in bundles.items():
                    if path == f"/{download_path(self.table.catalog.product, version, artifact.file)}":
                        return 200, built(version, target, bundle)
        return 404, b""


@contextmanager
def edge(override: Override | None = None) -> Iterator[tuple[Edge, Live]]:
    """An edge that gives what is live, and what that is."""
    made, now = prepared(), datetime.now(UTC).replace(microsecond=0)
    table = compile(braked(made.catalog, override))
    head = Head("espice", "laptop", 57, "c" * 40, made.sha256, now, now + LIFETIME)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(self.begun())

        def do_HEAD(self) -> None:
            self.begun()

        def begun(self) -> bytes:
            status, body = there.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            return body

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    there = Edge(url, table)
    there.files["/v1/head"] = seal(head, keys.head_signer())
    there.files |= {f"/{key}": data for key, data in manifests(table, now, url, made.catalog.product).items()}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield there, Live(made.facts.product.value, "laptop", head, table, url, url)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""All that a build of the site knows, as the files of one folder: what a commit's facts say at one moment.

Releases, channels and history are what the endpoint itself answers for the catalog of these facts: it is asked here, in
this process, so that a page never says something else than the public API does. site/app/data.ts has the types.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from securesystemslib.signer import CryptoSigner

from delivery.deploy.history import public_history
from delivery.endpoint import settings as endpoint
from delivery.endpoint.documents import create_documents
from delivery.endpoint.openapi import OPENAPI
from delivery.endpoint.reads import channels, history, releases
from delivery.endpoint.source import Source
from delivery.endpoint.store import Absent, Fetched, Unchanged
from delivery.history import snapshot
from delivery.rules.assemble import assemble
from delivery.rules.catalog import HEAD_KEY, Catalog, object_key, sha256, to_bytes
from delivery.rules.facts import Key, Product
from delivery.rules.head import LIFETIME, Head, seal
from delivery.rules.problem import Refused
from delivery.rules.read import File, read
from delivery.rules.shapes import Environment
from delivery.site import content, settings
from delivery.site.content import FOLDER, Content, Page
from delivery.site.settings import SETTINGS, Settings

PATHS = (*snapshot.PATHS, FOLDER, SETTINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The public addresses of an environment, without a slash at the end."""

    site: str
    updates: str
    downloads: str


def data(repo: Path, ref: str, environment: Environment, now: datetime, hosts: Hosts) -> Mapping[str, bytes]:
    """File name -> bytes. The same commit and moment give the same bytes; `now` is UTC, taken to the second.

    Raises NoHistory where git lacks something, and Refused with every error of the facts and front matter.
    """
    now, commit = now.astimezone(UTC).replace(microsecond=0), snapshot.commit_id(repo, ref)
    files = snapshot.at_commit(repo, commit, PATHS)
    product, catalog = _facts(files, environment)
    said, written = _site(files)
    [past] = public_history(repo, commit, environment, now).values()
    public = _Public(_endpoint(product, environment, hosts), catalog, commit, now, past)
    return {
        "product.json": _json(_product(product, said, environment, commit, now, hosts)),
        "content.json": _json(_content(written, now)),
        "releases.json": _json(public.releases()),
        "channels.json": _json(public.get(channels.CHANNELS.path)),
        "history.json": _json(public.get(f"{history.HISTORY.path}?limit={history.MOST}")),
        "openapi.json": _json(public.get(OPENAPI.path)),
    }


def _facts(files: Mapping[str, File], environment: Environment) -> tuple[Product, Catalog]:
    facts, problems = read(files)
    if facts is None:
        raise Refused(problems)
    return facts.product.value, assemble(facts, environment)


def _site(files: Mapping[str, File]) -> tuple[Settings, Content]:
    said, wrong = settings.read(files)
    written, problems = content.read(files)
    if said is None or problems:
        raise Refused((*wrong, *problems))
    return said.value, written


# --- what the endpoint says ---------------------------------------------------------------------------------------


class _Public:
    """An endpoint of this process alone. Its clock stands still, and its head is signed by a key made for it."""

    def __init__(self, to: endpoint.Settings, catalog: Catalog, commit: str, now: datetime, past: bytes) -> None:
        signer = CryptoSigner.generate_ed25519()
        public = b64encode(bytes.fromhex(signer.public_key.keyval["public"])).decode()
        key = Key(signer.public_key.keyid, public, (to.environment,), "made for one build")
        made = to_bytes(catalog)
        head = Head(to.product, to.environment, 1, commit, sha256(made), now, now + LIFETIME)
        store = _Store({HEAD_KEY: seal(head, signer), object_key(sha256(made)): made, history.KEY: past})
        to = replace(to, head_keys=(key,))
        source = Source(store, to, log=lambda _: None)
        self._app: Flask = create_documents(source, to, lambda: now, lambda _: None)

    def get(self, path: str) -> dict[str, Any]:
        """What is answered there."""
        reply = self._app.test_client().get(path)
        if reply.status_code != 200:
            raise ValueError(f"{path} is answered with {reply.status_code}: {reply.text}")
        found: dict[str, Any] = reply.get_json()
        return found

    def releases(self) -> dict[str, Any]:
        """All of them as one answer, however many pages they fill."""
        page = self.get(f"{releases.RELEASES.path}?limit={releases.MOST}")
        found = page["releases"]
        while page["next"]:
            page = self.get(page["next"])
            found += page["releases"]
        return {**page, "releases": found}


@dataclass(frozen=True, slots=True)
class _Store:
    """An ObjectStore of what is given."""

    objects: Mapping[str, bytes]

    def get(self, key: str, etag: str | None) -> Fetched | Unchanged | Absent:
        """See ObjectStore."""
        if key not in self.objects:
            return Absent()
        made = sha256(self.objects[key])
        return Unchanged() if etag == made else Fetched(self.objects[key], made)


def _endpoint(product: Product, environment: Environment, hosts: Hosts) -> endpoint.Settings:
    return endpoint.Settings(
        product=product.product,
        title=product.title,
        environment=environment,
        bucket="none",
        region="none",
        downloads_url=hosts.downloads,
        updates_url=hosts.updates,
        site_url=hosts.site,
        head_keys=(),
    )


# --- what the site says itself ------------------------------------------------------------------------------------


def _product(
    product: Product, said: Settings, environment: Environment, commit: str, now: datetime, hosts: Hosts
) -> Mapping[str, Any]:
    place = said.environments.get(environment, settings.Place())
    return {
        "product": product.product,
        "title": product.title,
        "environment": environment,
        "domain": product.environments[environment].domain,
        **asdict(hosts),
        "repository": said.repository,
        "commit": commit,
        "built": _time(now),
        "targets": {name: asdict(target) for name, target in product.targets.items()},
        "keys": [{"id": key.id, "public": key.public} for key in product.artifact_keys(environment).values()],
        "sentry": place.sentry.dsn if place.sentry else None,
        "replay": place.sentry is not None and place.sentry.replay,
        "analytics": asdict(place.analytics) if place.analytics else None,
    }


def _content(written: Content, now: datetime) -> Mapping[str, Any]:
    return {
        "pages": [_front(page) for page in written.public(now)],
        "authors": {name: asdict(author) for name, author in written.authors.items()},
    }


def _front(page: Page) -> Mapping[str, Any]:
    """As app/data.ts has it; what is left out in the file is left out here."""
    said = {**asdict(page.front.value), "path": page.inside, "kind": page.kind}
    said["published"] = said.pop("publish_at")
    return {
        key: _time(value) if isinstance(value, datetime) else value for key, value in said.items() if value is not None
    }


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _json(value: Mapping[str, Any]) -> bytes:
    """Canonical: equal values give equal bytes."""
    return (json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()

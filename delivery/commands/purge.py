"""purge: caches let go of what they keep, and everyone gets what is live. Each apply of facts in a cloud ends so."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from delivery.commands.desk import ROOT, Usage, command, out, print_json
from delivery.commands.live import running
from delivery.commands.watch import say
from delivery.commands.wished import Wish, cloud, moto_url, named
from delivery.deploy.asks import Written
from delivery.deploy.cloud import Cloud
from delivery.deploy.freshen import Ask, Edge, freshen
from delivery.deploy.head import live_head
from delivery.deploy.probe import check_path, manifest_key
from delivery.deploy.purge import cloud_edge
from delivery.engines.stack import EngineError
from delivery.laptop import fresh
from delivery.laptop.moto import Moto
from delivery.laptop.places import Places
from delivery.rules.catalog import HEAD_KEY
from delivery.rules.head import Head
from infra.stacks import Kind


@dataclass(frozen=True, slots=True)
class Front:
    """What stands in front of an environment, what is live behind it, and who else can be asked whether it knows."""

    edge: Edge
    head: Head
    written: Written
    processes: tuple[Ask, ...] = ()

    @classmethod
    def in_the_cloud(cls, wish: Wish, account: Cloud) -> "Front":
        """Raises EngineError: nothing of ours is live."""
        names = wish.names
        urls = f"https://{names.updates_host}", f"https://{names.downloads_host}"
        head, written = _live(wish, account.read, *urls)
        return cls(cloud_edge(names, wish.infra), head, written)

    @classmethod
    def on_the_laptop(cls, wish: Wish) -> "Front":
        """Raises Usage: none runs here. EngineError: nothing of ours is live."""
        places, found = Places(ROOT), running()
        updates, downloads = (found["hosts"][host]["url"] for host in ("updates", "downloads"))
        head, written = _live(wish, Moto(moto_url(places)).read, updates, downloads)
        caches = fresh.laptop_edge(places.edge / "cache", wish.names.updates_host, wish.names.downloads_host)
        builds = [build for build in found["builds"] if build["function"].startswith(wish.names.function)]
        ports = [build["port"] for build in builds if build["weight"]]
        return cls(caches, head, written, tuple(fresh.origins(ports, written.check, head.serial)))

    def freshen(self) -> None:
        """Whatever a cache keeps. Raises NotFresh."""
        freshen(self.edge, [*self.processes, *self.written.asks(anew=True)], self.written.asks(anew=False), say)

    def is_settled(self, now: datetime) -> bool:
        """Whether no cache can have an answer from before this head any more, purged or not."""
        return now - self.head.issued > timedelta(seconds=self.edge.settle + self.edge.kept)


def after_an_apply(wish: Wish, account: Cloud, *, changed: bool) -> None:
    """Freshen what an apply of facts changed, or left to be freshened. Raises NotFresh, EngineError.

    An apply of nothing, long after the last of something, purges nothing: there is nothing old that a cache may keep.
    """
    front = Front.in_the_cloud(wish, account)
    if changed or not front.is_settled(datetime.now(UTC)):
        front.freshen()


@command
def purge(environment: str, as_json: bool) -> int:
    """Purge the caches in front of an environment, and ask through them until they give what is live."""
    name, kind = named(environment)
    if kind is not Kind.platform:
        raise Usage(f"{environment}: caches stand in front of a whole environment; ./inv purge {name}")
    wish, began = Wish.of_head(name), time.monotonic()
    front = Front.on_the_laptop(wish) if name == "laptop" else Front.in_the_cloud(wish, cloud(wish))
    front.freshen()
    spent = round(time.monotonic() - began, 1)
    if as_json:
        print_json(
            {"environment": name, "purged": [*front.edge.prefixes], "serial": front.head.serial, "seconds": spent}
        )
    else:
        out.print(f"{name}: everyone gets serial {front.head.serial}, {spent} s")
    return 0


def _live(wish: Wish, read: Callable[[str, str], bytes | None], updates: str, downloads: str) -> tuple[Head, Written]:
    """The live head, and what to ask to see it. `read` takes a bucket and a key."""
    head = live_head(read(wish.names.catalog, HEAD_KEY), wish.product, wish.environment)
    if head is None:
        raise EngineError(f"nothing of ours is live in {wish.environment}; ./inv apply {wish.environment}-live")
    key = manifest_key(wish.facts)
    manifest = read(wish.names.downloads, key)
    objects = {key: manifest} if manifest is not None else {}
    return head, Written(updates, downloads, check_path(wish.facts), head.serial, objects)

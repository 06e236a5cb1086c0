"""site publish: the site of HEAD as it is to be now, where people read it."""

from datetime import UTC, datetime

from delivery.commands import live as there
from delivery.commands.desk import ROOT, command, out, print_json
from delivery.commands.progress import watched
from delivery.deploy import lineage
from delivery.deploy.freshen import Purge
from delivery.deploy.purge import CloudflarePurge
from delivery.engines.making import Tell
from delivery.engines.stack import EngineError
from delivery.history import snapshot
from delivery.laptop.fresh import CacheFolder
from delivery.laptop.places import Places
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.site import publish as site
from delivery.site.build import BuildFailed, Wanted, build, wanted
from delivery.site.data import Hosts
from delivery.site.node import NoNode
from delivery.site.publish import Build, Published, Shelf
from infra.names import Names


@command
def publish(environment: str, as_json: bool, dry: bool) -> int:
    """Build the site of HEAD and publish it; exit status 0 also where it is live already."""
    names, now = _names(environment), datetime.now(UTC)
    reached = there.in_r2(names)
    hosts = Hosts(site=reached.site, updates=reached.updates, downloads=reached.downloads)
    asked, shelf = wanted(ROOT, "HEAD", names.environment, hosts, now), reached.objects(names.site)
    live = site.settled(shelf, asked.key, now)
    done = Published(live.key, live.commit) if live else watched(lambda tell: _published(asked, shelf, now, tell, dry))
    if not dry:
        _purge(names, done)
    if as_json:
        told = {"key": done.key, "commit": done.live, "written": [*done.written], "removed": [*done.removed]}
        print_json({"environment": environment, "dry_run": dry, **told})
    else:
        out.print(f"{environment}: {_told(done, asked, dry)}", markup=False)
    return 0


def _published(asked: Wanted, shelf: Shelf, now: datetime, tell: Tell, dry: bool) -> Published:
    try:
        built = build(ROOT, asked, tell)
    except (NoNode, BuildFailed) as failed:
        raise EngineError(str(failed)) from None
    finished = Build.read(built.folder, built.key, built.commit)
    return site.publish(finished, shelf, lambda one, other: lineage.has(ROOT, one, other), now, tell, dry=dry)


def _purge(names: Names, done: Published) -> None:
    """What changed, and nothing where nothing did. Raises PurgeRefused: it is live all the same."""
    if prefixes := site.changed_prefixes(names.site_host, done):
        _caches(names)(prefixes)


def _caches(names: Names) -> Purge:
    if names.environment == "laptop":
        return CacheFolder(Places(ROOT).edge / "cache")
    return CloudflarePurge(there.infra_of(names).cloudflare.zone)


def _told(done: Published, asked: Wanted, dry: bool) -> str:
    if not (done.written or done.removed):
        which = "it is live already" if done.key == asked.key else f"the later commit {done.live[:9]} is live"
        return f"nothing to publish, {which}"
    if dry:
        return f"{len(done.written)} objects would be written and {len(done.removed)} removed"
    return f"{len(done.written)} objects written, {len(done.removed)} removed; the site of {done.live[:9]} is live"


def _names(environment: str) -> Names:
    """Raises Usage, Refused."""
    path = "product.yaml"
    filed, problems = parse(path, snapshot.at_commit(ROOT, "HEAD", [path]).get(path, b""), Product)
    if filed is None:
        raise Refused(problems)
    return Names.of(filed.value, there.environment(environment))

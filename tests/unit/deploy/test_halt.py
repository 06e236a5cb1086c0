"""The brake's hand: what is written where, in which order, against what others write meanwhile. moto is S3."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config
from securesystemslib.signer import CryptoSigner

from delivery.commands.desk import ROOT
from delivery.deploy import halt as halting
from delivery.deploy import steps
from delivery.deploy.freshen import Clock, Edge, PurgeRefused
from delivery.deploy.halt import HaltRefused, Place, Pulled, Standing, Wanted
from delivery.deploy.objects import Bucket, Changed
from delivery.deploy.steps import Prepared
from delivery.engines.stack import EngineError
from delivery.laptop import keys
from delivery.rules import brake
from delivery.rules.brake import OVERRIDE_KEY, Halt, Override
from delivery.rules.catalog import HEAD_KEY, object_key
from delivery.rules.facts import Key, Product
from delivery.rules.head import LIFETIME, Head, seal
from delivery.rules.load import parse
from infra.publication import Publication
from tests.unit.rules.files import NOW, PRODUCT, STOP, TEXTS, files

pytestmark = pytest.mark.slow

CATALOG, DOWNLOADS = "catalog", "downloads"
STABLE, BETA = Wanted("stable", None, "it loses work"), Wanted("beta", None, "it loses more")
MANIFEST = "v1/update/stable/linux/x86_64/appimage.json"
BETAS = {
    "releases/rollouts/beta/1.4.0.yaml": "rollout: beta/1.4.0\nsalt: beta-1.4.0\ntargets: all\nsteps:\n"
    '  - {at: "2026-11-01T14:00:00Z", percent: 100, because: tried, evidence: updated}\n'
}


def _product() -> str:
    """The small repository's product, which trusts the demo keys."""
    filed, _ = parse(PRODUCT, (ROOT / PRODUCT).read_bytes(), Product)
    assert filed is not None
    lists = {"heads": filed.value.keys.heads, "brakes": filed.value.keys.brakes}
    said = {
        name: f"{{id: {key.id}, public: '{key.public}', trusted-in: [laptop], note: the demo key}}"
        for name, (key, *_) in lists.items()
    }
    return TEXTS[PRODUCT].replace("  heads: []\n", "".join(f"  {name}: [{key}]\n" for name, key in said.items()))


def prepared(changes: dict[str, str | None] | None = None) -> Prepared:
    given = files({PRODUCT: _product(), **BETAS, **(changes or {})})
    return steps.prepare(given, given, "laptop", NOW)


@dataclass
class Caches:
    """An edge without a cache, whose purges can be refused; time passes only where somebody waits."""

    purged: list[Sequence[str]] = field(default_factory=list)
    refuses: bool = False
    seconds: float = 0.0

    def __call__(self, prefixes: Sequence[str]) -> None:
        if self.refuses:
            raise PurgeRefused("Cloudflare refused to purge: status 503")
        self.purged.append(prefixes)

    def wait(self, seconds: float) -> None:
        self.seconds += max(seconds, 1.0)

    @property
    def edge(self) -> Edge:
        return Edge(self, ("updates", "downloads/v1"), settle=20.0, kept=30.0, again="type it again")

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.seconds, self.wait)


@dataclass
class World:
    """An environment where these facts are live, and what its endpoint answers to every update check."""

    place: Place
    s3: Any
    caches: Caches
    answers: list[tuple[int, bytes]]
    serial: int = 0

    def apply(self, wanted: Prepared, override: Override | None = None) -> Publication:
        """What an apply of the live stack leaves."""
        self.serial += 1
        head = Head("espice", "laptop", self.serial, "c" * 40, wanted.sha256, NOW, NOW + LIFETIME)
        data = seal(head, keys.head_signer())
        made = steps.publication(wanted, data, self.place.downloads_url, NOW, None, override)
        self.put(CATALOG, object_key(wanted.sha256), wanted.data)
        self.put(CATALOG, HEAD_KEY, data)
        for key, manifest in made.manifests.items():
            self.put(DOWNLOADS, key, manifest, Metadata=dict(made.metadata))
        return made

    def put(self, bucket: str, key: str, data: bytes, **more: Any) -> None:
        self.s3.put_object(Bucket=bucket, Key=key, Body=data, **more)

    def pull(self, wanted: Wanted = STABLE, at: datetime = NOW) -> Pulled:
        return halting.pull(self.place, wanted, keys.brake_signer, at)

    def halt(self, wanted: Wanted = STABLE) -> list[str]:
        """What was wrong with each step, the override's left out."""
        done = self.pull(wanted)
        clock = self.caches.clock
        return [step.wrong for step in halting.finish(self.place, wanted, done, self.caches.edge, NOW, clock)]

    def override(self) -> Override:
        data = self.s3.get_object(Bucket=CATALOG, Key=OVERRIDE_KEY)["Body"].read()
        return brake.unseal(data, self.place.product.brake_keys("laptop"), "espice", "laptop")

    def manifest(self, channel: str = "stable") -> tuple[str, str | None]:
        """The version it offers, and the number of the override that it obeys."""
        found = self.s3.get_object(Bucket=DOWNLOADS, Key=MANIFEST.replace("stable", channel))
        return json.loads(found["Body"].read())["version"], found["Metadata"].get("brake")


@pytest.fixture
def world(aws: str) -> Iterator[World]:
    answers = [(204, b"")]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = Config(s3={"addressing_style": "path"})
    told = {"region_name": "us-east-1", "aws_access_key_id": "t", "aws_secret_access_key": "t", "config": config}
    s3 = boto3.client("s3", endpoint_url=aws, **told)
    for bucket in (CATALOG, DOWNLOADS):
        s3.create_bucket(Bucket=bucket, ACL="public-read")
    s3.put_bucket_versioning(Bucket=CATALOG, VersioningConfiguration={"Status": "Enabled"})
    stores = Bucket(s3, CATALOG), Bucket(s3, DOWNLOADS)
    product = prepared().facts.product.value
    place = Place(product, "laptop", *stores, f"http://127.0.0.1:{server.server_port}", f"{aws}/{DOWNLOADS}")
    made = World(place, s3, Caches(), answers)
    made.apply(prepared())
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


# -- what is asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "sentences"),
    [
        (
            Wanted("stabel", None, "todo"),
            [
                "there is no channel stabel; did you mean stable?",
                "--reason 'todo': holds the placeholder todo; write what is meant",
            ],
        ),
        (
            Wanted("beta", ("1.4.0", "1.3.0", "1.9.9"), "it crashes"),
            [
                "1.3.0 is not live on beta; did you mean 1.4.0? Without --version all of it is halted",
                "1.9.9 is not live on beta; did you mean 1.4.0? Without --version all of it is halted",
            ],
        ),
    ],
)
def test_what_names_nothing_that_is_live_is_refused_with_all_of_it_and_nothing_is_written(
    world: World, wanted: Wanted, sentences: list[str]
) -> None:
    with pytest.raises(HaltRefused) as refused:
        world.pull(wanted)
    assert list(refused.value.sentences) == sentences
    assert world.place.catalog.read(OVERRIDE_KEY) is None


NO_HEAD = "laptop has no head that is to be believed, so nothing is live; ./inv apply laptop-live makes it so"


def test_where_nothing_is_live_no_version_can_be_halted(world: World) -> None:
    world.put(CATALOG, HEAD_KEY, b"{}")
    with pytest.raises(EngineError) as refused:
        world.pull(Wanted("stable", ("1.3.0",), "it crashes"))
    assert str(refused.value) == (
        f"{NO_HEAD}; until then nothing tells which versions are live, so halt all of stable: leave --version out"
    )


@pytest.mark.parametrize(
    ("break_it", "lacks"),
    [
        (lambda world: world.s3.delete_object(Bucket=CATALOG, Key=HEAD_KEY), NO_HEAD),
        (
            lambda world: world.s3.delete_object(Bucket=CATALOG, Key=object_key(prepared().sha256)),
            "the catalog of serial 1 does not lie in laptop; ./inv apply laptop-live puts it there",
        ),
    ],
    ids=["head", "catalog"],
)
def test_a_whole_channel_is_halted_without_a_head_or_a_catalog(
    world: World, break_it: Callable[[World], object], lacks: str
) -> None:
    """Then installations live on the static manifests, so those must become strict."""
    world.pull(BETA)
    break_it(world)
    done = world.pull()
    assert done.standing.lacks == lacks
    assert [each.channel for each in world.override().halts] == ["beta", "stable"], "unfiltered: nothing tells more"
    world.answers[0] = (503, b"")
    steps_ = [*halting.finish(world.place, STABLE, done, world.caches.edge, NOW, world.caches.clock)]
    assert [step.wrong for step in steps_] == ["", "", ""]
    assert (world.manifest(), world.manifest("beta")) == (("0.0.0", "2"), ("1.4.0", None))


def test_without_a_catalog_the_manifests_tell_whether_there_is_such_a_channel(world: World) -> None:
    world.put(CATALOG, HEAD_KEY, b"{}")
    manifests, *_ = world.halt(Wanted("stabel", None, "it loses work"))
    assert manifests == f"{world.place.downloads_url} has no manifest of stabel; is it the channel's name?"


# -- the override -----------------------------------------------------------------------------------------------------


def test_the_first_halt_makes_the_first_override(world: World) -> None:
    done = world.pull()
    halt = Halt("2026-11-25-120000-stable", "stable", None, NOW, "it loses work")
    assert (done.halt, done.by) == (halt, "")
    assert world.override() == Override("espice", "laptop", 1, NOW, (halt,))


def test_a_second_halt_of_the_same_writes_nothing_and_says_who_was_first(world: World) -> None:
    first = world.pull().halt
    for wanted in (STABLE, Wanted("stable", ("1.4.0",), "it crashes, too")):
        again = world.pull(wanted, NOW + timedelta(minutes=5))
        assert (again.halt, again.by) == (first, "2026-11-25-120000-stable")
    assert world.override().number == 1
    wider = world.pull(BETA).halt
    assert wider is not None
    assert [each.channel for each in world.override().halts] == ["stable", "beta"]


def test_what_facts_have_stopped_is_halted_already(world: World) -> None:
    stop = 'stop: {channel: stable}\nat: "2026-11-24T08:02:00Z"\nreason: reports\n'
    world.apply(prepared({STOP: stop}))
    done = world.pull()
    assert (done.halt, done.by) == (None, f"{STOP}:1")
    assert world.place.catalog.read(OVERRIDE_KEY) is None


def test_two_that_halt_in_the_same_second_get_two_names(world: World) -> None:
    world.pull(Wanted("stable", ("1.3.0",), "one"))
    world.pull(Wanted("stable", ("1.4.0",), "other"))
    assert [each.name for each in world.override().halts] == ["2026-11-25-120000-stable", "2026-11-25-120000-2-stable"]


def test_a_halt_is_never_called_what_was_decided_before() -> None:
    decided = replace(prepared().catalog, decided=("2026-11-25-120000-stable",))
    stands = Standing(Head("espice", "laptop", 1, "c", "a", NOW, NOW), decided, None)
    assert halting.new_halt(stands, STABLE, NOW).name == "2026-11-25-120000-2-stable"


@dataclass
class Meanwhile:
    """The bucket of catalogs, in which something happens just before or after each of the first writes."""

    bucket: Bucket
    before: Callable[[], None] = lambda: None
    lost: bool = False
    times: int = 1

    def write(self, key: str, data: bytes, on: str | None, **served: Any) -> None:
        self.times -= 1
        if self.times >= 0:
            self.before()
        self.bucket.write(key, data, on, **served)
        if self.times >= 0 and self.lost:
            raise Changed(key)  # as when a request is sent again whose answer got lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bucket, name)


def test_two_that_halt_at_once_lose_nothing(world: World) -> None:
    slow = replace(world.place, catalog=Meanwhile(world.place.catalog, before=lambda: _ignored(world.pull(BETA))))  # type: ignore[arg-type]
    halting.pull(slow, STABLE, keys.brake_signer, NOW)
    override = world.override()
    assert (override.number, [each.channel for each in override.halts]) == (2, ["beta", "stable"])


def test_an_answer_that_got_lost_makes_no_second_halt(world: World) -> None:
    slow = replace(world.place, catalog=Meanwhile(world.place.catalog, lost=True))  # type: ignore[arg-type]
    done = halting.pull(slow, STABLE, keys.brake_signer, NOW)
    assert (done.halt, done.by) == (world.override().halts[0], "")
    assert world.override().number == 1


def test_who_is_overtaken_again_and_again_says_so(world: World) -> None:
    numbers = iter(range(100))

    def other() -> None:
        world.put(CATALOG, OVERRIDE_KEY, brake.seal(_other(next(numbers)), keys.brake_signer()))

    busy = replace(world.place, catalog=Meanwhile(world.place.catalog, before=other, times=100))  # type: ignore[arg-type]
    with pytest.raises(EngineError, match=r"^catalog/override.json was written by others 10 times in a row; type it"):
        halting.pull(busy, STABLE, keys.brake_signer, NOW)


def _other(number: int) -> Override:
    return Override("espice", "laptop", number, NOW, ())


@pytest.mark.parametrize(
    "broken", [b"", b"{}", brake.seal(_other(9), keys.head_signer())], ids=["empty", "no", "forged"]
)
def test_an_override_that_is_not_believed_is_written_anew_from_the_last_that_was(world: World, broken: bytes) -> None:
    world.pull(BETA)
    world.put(CATALOG, OVERRIDE_KEY, broken)
    assert "is not to be believed" in halting.standing(world.place).doubt
    world.pull(STABLE)
    assert (world.override().number, [each.channel for each in world.override().halts]) == (2, ["beta", "stable"])


def test_an_older_override_put_back_is_passed_over(world: World) -> None:
    world.pull(BETA)
    older = world.s3.get_object(Bucket=CATALOG, Key=OVERRIDE_KEY)["Body"].read()
    world.pull(STABLE)
    world.put(CATALOG, OVERRIDE_KEY, older)
    stands = halting.standing(world.place)
    assert stands.doubt == "catalog/override.json has number 1, and 2 was there before"
    done = world.pull(STABLE)  # the same halt once more mends it
    assert done.halt is not None
    assert done.halt.channel == "stable"
    assert (world.override().number, [each.channel for each in world.override().halts]) == (3, ["beta", "stable"])


def test_an_override_that_is_gone_is_found_again_by_the_next_halt(world: World) -> None:
    world.pull(BETA)
    world.s3.delete_object(Bucket=CATALOG, Key=OVERRIDE_KEY)
    stands = halting.standing(world.place)
    assert (stands.doubt, stands.lost) == ("catalog/override.json is gone", "")
    world.pull(STABLE)
    assert (world.override().number, [each.channel for each in world.override().halts]) == (2, ["beta", "stable"])


class Blind:
    """The bucket of catalogs, whose older versions cannot be read."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket

    def older(self, *_: Any) -> Iterator[bytes]:
        raise EngineError("catalog: AccessDenied")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bucket, name)


LOST = "earlier halts may be lost; see ./inv halts, and type again what is not there: "
UNREAD = "what it was before cannot be read: catalog: AccessDenied"


def test_where_older_ones_cannot_be_read_the_manifests_tell_the_number_and_the_loss_is_told(world: World) -> None:
    world.put(DOWNLOADS, MANIFEST, b'{"version": "0.0.0"}', Metadata={"brake": "6"})
    world.put(DOWNLOADS, MANIFEST.replace("stable", "beta"), b'{"version": "0.0.0"}', Metadata={"brake": "7"})
    blind = replace(world.place, catalog=Blind(world.place.catalog))  # type: ignore[arg-type]
    done = halting.pull(blind, STABLE, keys.brake_signer, NOW)
    assert done.standing.lost == f"{LOST}catalog/override.json is gone; {UNREAD}"
    assert world.override().number == 8

    older = brake.seal(_other(3), keys.brake_signer())
    world.put(CATALOG, OVERRIDE_KEY, older)
    done = halting.pull(blind, STABLE, keys.brake_signer, NOW)
    assert done.standing.lost == f"{LOST}catalog/override.json has number 3, and 7 was there before; {UNREAD}"
    assert world.override().number == 8

    world.put(CATALOG, OVERRIDE_KEY, b"{}")
    away = replace(blind, downloads=Bucket(_Away(), DOWNLOADS))
    done = halting.pull(away, STABLE, keys.brake_signer, NOW)
    said = "nor which number the manifests obey, so endpoints may have seen a higher one: downloads: Could not connect"
    assert done.standing.lost.endswith(f"{UNREAD}; {said}")
    assert world.override().number == 1, "braked all the same"


def test_a_key_is_changed_by_signing_anew_before_the_old_one_goes(world: World) -> None:
    world.pull(BETA)
    signer = CryptoSigner.generate_ed25519()
    public = base64.b64encode(bytes.fromhex(signer.public_key.keyval["public"])).decode()
    old, new = world.place.product.keys.brakes[0], Key(signer.public_key.keyid, public, ("laptop",), "the new one")

    def trusting(*trusted: Key) -> Place:
        product = world.place.product
        return replace(world.place, product=replace(product, keys=replace(product.keys, brakes=trusted)))

    assert halting.standing(trusting(new)).lost, "the old one gone too early: nobody believes what it signed"
    override = halting.sign_anew(trusting(old, new), lambda: signer, NOW + timedelta(days=1))
    assert (override.number, [each.channel for each in override.halts]) == (2, ["beta"])
    stands = halting.standing(trusting(new))
    assert (stands.override, stands.doubt, stands.lost) == (override, "", "")


def test_without_an_override_nothing_is_signed_anew(world: World) -> None:
    with pytest.raises(EngineError, match=r"^laptop has no override that is to be believed, so none is signed anew$"):
        halting.sign_anew(world.place, keys.brake_signer, NOW)


# -- the manifests ----------------------------------------------------------------------------------------------------


def test_the_manifests_of_the_halted_channel_alone_become_strict_and_say_which_override_they_obey(world: World) -> None:
    assert (world.manifest(), world.manifest("beta")) == (("1.3.0", None), ("1.4.0", None))
    assert world.halt() == ["", "", ""]
    assert (world.manifest(), world.manifest("beta")) == (("0.0.0", "1"), ("1.4.0", None))
    found = world.s3.get_object(Bucket=DOWNLOADS, Key=MANIFEST)
    assert (found["ContentType"], found["CacheControl"]) == ("application/json", "public, max-age=30")


def test_versions_that_are_not_halted_are_offered_on(world: World) -> None:
    world.apply(
        prepared(
            {
                "releases/rollouts/stable/1.4.0.yaml": BETAS["releases/rollouts/beta/1.4.0.yaml"].replace(
                    "beta", "stable"
                )
            }
        )
    )
    assert world.manifest() == ("1.4.0", None)
    assert world.halt(Wanted("stable", ("1.4.0",), "it crashes")) == ["", "", ""]
    assert world.manifest() == ("1.3.0", "1")


def test_one_that_an_apply_wrote_under_the_same_override_is_left_alone(world: World) -> None:
    """It may be from newer facts than those that the halt had read."""
    wanted = Wanted("stable", ("1.3.0",), "it crashes")
    done = world.pull(wanted)
    world.put(DOWNLOADS, MANIFEST, b'{"version": "1.0.0"}', Metadata={"brake": "1"})
    said = halting.rewrite(world.place, wanted, done.standing, NOW)
    assert said == "1 of 3 static manifests written, the others were strict already"
    assert world.manifest() == ("1.0.0", "1")


@pytest.mark.parametrize("data", [b'{"version": "1.3.0"}', b"[]", b"nonsense"])
def test_one_that_offers_what_is_halted_is_written_over_whatever_number_it_says(world: World, data: bytes) -> None:
    """Nobody signed that number."""
    done = world.pull()
    world.put(DOWNLOADS, MANIFEST, data, Metadata={"brake": "1"})
    halting.rewrite(world.place, STABLE, done.standing, NOW)
    assert world.manifest() == ("0.0.0", "1")


def test_manifests_that_obey_a_number_nobody_knows_show_that_halts_were_lost_and_it_can_be_mended(world: World) -> None:
    world.put(DOWNLOADS, MANIFEST, b'{"version": "1.3.0"}', Metadata={"brake": "9"})
    manifests, *_ = world.halt()
    assert manifests == (
        "written, but some obey override 9 and the newest known is 1, so earlier halts may be lost; type again what "
        "./inv halts does not say, and ./inv halts --environment laptop --sign-anew numbers it above them"
    )
    assert world.manifest() == ("0.0.0", "1")
    world.put(DOWNLOADS, MANIFEST, b'{"version": "0.0.0"}', Metadata={"brake": "9"})
    assert halting.sign_anew(world.place, keys.brake_signer, NOW).number == 10
    assert world.halt() == ["", "", ""]


def test_one_that_is_not_there_is_not_made(world: World) -> None:
    world.s3.delete_object(Bucket=DOWNLOADS, Key=MANIFEST)
    world.halt()
    assert world.place.downloads.read(MANIFEST) is None


def test_one_that_changes_under_the_hand_is_read_again(world: World) -> None:
    done = world.pull()
    other = lambda: world.put(DOWNLOADS, MANIFEST, b'{"version": "1.4.0"}')  # noqa: E731
    busy = replace(world.place, downloads=Meanwhile(world.place.downloads, before=other))  # type: ignore[arg-type]
    halting.rewrite(busy, STABLE, done.standing, NOW)
    assert world.manifest() == ("0.0.0", "1")


def test_facts_that_go_live_meanwhile_are_obeyed_too(world: World) -> None:
    done = world.pull(Wanted("stable", ("1.4.0",), "it crashes"))
    withdrawn = 'withdraw: 1.3.0\nchannels: [stable]\nat: "2026-11-24T08:15:00Z"\nreason: worse\ndownloads: hide\n'
    newer = prepared({"releases/withdrawals/1.3.0.yaml": withdrawn})

    def apply() -> None:
        world.apply(newer)  # began before the halt: it did not read the override
        world.put(DOWNLOADS, MANIFEST, b'{"version": "1.3.0"}')

    world.put(DOWNLOADS, MANIFEST, b'{"version": "1.4.0"}')
    busy = replace(world.place, downloads=Meanwhile(world.place.downloads, before=apply))  # type: ignore[arg-type]
    halting.rewrite(busy, Wanted("stable", ("1.4.0",), "it crashes"), done.standing, NOW)
    assert world.manifest() == ("0.0.0", "1")


# -- the caches, and when something does not work ----------------------------------------------------------------------


def test_caches_are_purged_at_once_and_again_when_nothing_older_can_come(world: World) -> None:
    assert world.halt() == ["", "", ""]
    assert world.caches.purged == [("updates", "downloads/v1")] * 3
    assert world.caches.seconds == 20.0


def test_the_first_purge_waits_for_no_manifest(world: World) -> None:
    done, purged, seen = world.pull(), threading.Event(), []

    def purge(prefixes: Sequence[str]) -> None:  # noqa: ARG001 - Purge names it
        purged.set()

    busy = Meanwhile(world.place.downloads, before=lambda: seen.append(purged.wait(20)))  # type: ignore[arg-type]
    edge = replace(world.caches.edge, purge=purge)
    place = replace(world.place, downloads=busy)
    next(halting.finish(place, STABLE, done, edge, NOW, world.caches.clock))
    assert seen == [True]


def test_after_the_first_error_nothing_is_begun_any_more() -> None:
    begun, failed = [], threading.Event()

    def do(key: str) -> None:
        begun.append(key)
        if key == "0":
            failed.set()
            raise EngineError("downloads: Could not connect")
        failed.wait(20)
        time.sleep(0.2)  # others are in flight while the error is told

    with pytest.raises(EngineError, match="Could not connect"):
        halting._at_once(do, map(str, range(100)))
    assert len(begun) < 100


def test_an_endpoint_that_offers_it_still_is_waited_for_and_then_told(world: World) -> None:
    world.answers[0] = (200, b'{"version": "1.3.0"}')
    manifests, caches, everyone = world.halt()
    url = f"{world.place.updates_url}/v1/update/stable/linux/x86_64/0.0.0?bundle=appimage"
    late = f"it is written, but does not show within 30 s: {url} still offers 1.3.0; type it again"
    assert (manifests, caches, everyone) == ("", late, late)
    world.answers[0] = (503, b"")  # it offers nothing, and installations go on to the manifests
    assert world.halt() == ["", "", ""]


def test_each_step_is_taken_though_another_failed(world: World) -> None:
    world.caches.refuses = True
    assert world.halt() == ["", *2 * [
        "it is live, but caches may give what was live before for 50 s more: "
        "Cloudflare refused to purge: status 503; type it again"
    ]]  # fmt: skip
    assert world.manifest() == ("0.0.0", "1")
    world.caches.refuses = False
    away = replace(world.place, downloads=Bucket(_Away(), DOWNLOADS))
    done = world.pull(BETA)
    steps_ = list(halting.finish(away, BETA, done, world.caches.edge, NOW, world.caches.clock))
    assert steps_[0].what == "static manifests may still offer it to whom the endpoint does not answer"
    assert steps_[0].wrong == "downloads: Could not connect"
    assert "beta/linux/x86_64/appimage.json still offers 1.4.0" in steps_[1].wrong
    assert world.halt(BETA) == ["", "", ""], "typed again, it goes on from there"


class _Away:
    def get_object(self, **_: Any) -> Any:
        raise OSError("Could not connect")


def _ignored(_: object) -> None:
    pass

"""The two engines agree: the same sequence of runs comes to the same steps, outputs, errors and state.

What the embedded engine does not do it refuses by name.
"""

import hashlib
import itertools
import json
import shutil
import sys
import threading
import types
from contextlib import contextmanager
from dataclasses import replace

import pulumi
import pytest
import requests
from pulumi import ResourceOptions
from pulumi.runtime import invoke
from pulumi_aws import Provider, s3, sns

import policies
from delivery.deploy.programs import platform_stack
from delivery.engines import deployment, registration
from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.engines.stack import EngineError, Stack
from delivery.laptop import keys
from delivery.laptop.providers.registry import packages, plan_only_packages
from delivery.laptop.providers.server import serve
from infra.build import Build, Builds
from infra.monitoring import alarms
from infra.names import Names
from tests.engines import test_our_stacks as our_stacks
from tests.engines.parity import Turn, compare, play
from tests.engines.programs import HALF, QUESTION, Cloud, engine_on, real_on, real_with, shelf, stack, topics

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NOTHING = stack(lambda: None)


def applied(wish, **more) -> Turn:
    return Turn("apply", wish, **more)


def previewed(wish, **more) -> Turn:
    return Turn("preview", wish, **more)


def destroyed(wish, **more) -> Turn:
    return Turn("destroy", wish, **more)


def refreshed(wish, **more) -> Turn:
    return Turn("refresh", wish, **more)


def breaking(at: str, by: str = "the cloud is out of order"):
    def first(cloud: Cloud) -> None:
        cloud.breaks_at, cloud.break_by = at, by

    return first


def mended(cloud: Cloud) -> None:
    cloud.breaks_at = ""


def changed_by_hand(cloud: Cloud) -> None:
    things = cloud.things
    things["shelf/a"]["content"] = "by hand"
    del things["shelf/b"]
    cloud.path.write_text(json.dumps(things))


class Room(pulumi.ComponentResource):
    """A component with a topic; told, it registers its outputs."""

    def __init__(self, name: str = "room", *, told: bool = True, opts: ResourceOptions | None = None) -> None:
        super().__init__("espice:infra:Room", name, {}, opts)
        bell = sns.Topic(f"{name}-bell", name=f"{name}-bell", opts=ResourceOptions(parent=self))
        if told:
            self.register_outputs({"bell": bell.name})


def rooms(*names: str, told: bool = True):
    def program() -> None:
        outer = None
        for name in names:
            outer = Room(name, told=told, opts=ResourceOptions(parent=outer))

    return stack(program)


def chain(content: str = "x", *, third: bool = True):
    """Things that depend on each other by value, by order, and not at all."""

    def program() -> None:
        first = sns.Topic("first", name="one", display_name=content)
        second = sns.Topic("second", name="two", display_name=first.arn)
        if third:
            sns.Topic("third", name="three", opts=ResourceOptions(depends_on=[first, second]))
        pulumi.export("values", {"arn": second.arn, "nested": [1, 2.5, True, "x", {"y": []}]})

    return stack(program)


def secretive(word: str):
    def program() -> None:
        config = pulumi.Config("espice").require_secret("word")
        provider = Provider("main", region="eu-west-1", secret_key=pulumi.Output.secret("key"))
        secret = ResourceOptions(provider=provider, additional_secret_outputs=["arn"])
        bell = sns.Topic("bell", name="bell", display_name=pulumi.Output.secret(word), opts=secret)
        sns.Topic("echo", name="echo", display_name=bell.arn, opts=ResourceOptions(provider=provider))
        sns.Topic("told", name="told", display_name=config)
        pulumi.export("words", {"arn": bell.arn, "plain": "plain", "word": config})

    return stack(program, config={"espice:word": word, "aws:region": "eu-west-1"}, secrets=frozenset({"espice:word"}))


def provided(region: str, **more):
    def program() -> None:
        provider = Provider("main", region=region, **more)
        sns.Topic("bell", name="bell", opts=ResourceOptions(provider=provider))

    return stack(program)


def leaning(shelf_name: str, *, protect: bool):
    """A protected thing that cannot stay without another."""

    def program() -> None:
        bucket = s3.Bucket("shelf", bucket=shelf_name)
        s3.BucketObjectv2("a", bucket=bucket.id, key="a", content="x", opts=ResourceOptions(protect=protect))

    return stack(program)


def failing():
    sns.Topic("first", name="one")
    raise KeyError("nothing")


def twice():
    sns.Topic("bell", name="one")
    sns.Topic("bell", name="two")


def wrong():
    sns.Topic("bell", name=5)


BROKEN = topics(1)


def ask():
    pulumi.export("answer", invoke(QUESTION, {"word": "echo"}).value)


asking = stack(ask)

SEQUENCES = {
    "the life of a small stack": [
        previewed(shelf()),
        applied(shelf()),
        previewed(shelf()),
        applied(shelf()),
        previewed(shelf(books={"a": "first", "b": "another"})),
        applied(shelf(books={"a": "first", "b": "another"})),
        applied(shelf(books={"c": "third"})),
        previewed(NOTHING),
        destroyed(shelf()),
        destroyed(shelf()),
    ],
    "a chain": [applied(chain()), previewed(chain("y")), applied(chain("y")), applied(chain("y", third=False))],
    "everything dropped": [applied(chain()), applied(NOTHING)],
    "a replacement": [
        applied(shelf()),
        previewed(shelf(name="rack")),
        applied(shelf(name="rack")),
        applied(shelf(name="rack")),
    ],
    "a replacement, and what leant on it dropped": [
        applied(shelf()),
        previewed(shelf(name="rack", books={"b": "second"})),
        applied(shelf(name="rack", books={"b": "second"})),
    ],
    "a replacement that fails half-way": [
        applied(shelf()),
        applied(shelf(name="rack"), first=breaking("rack")),
        previewed(shelf(name="rack"), first=mended),
        previewed(shelf()),
        applied(shelf(name="rack")),
        applied(shelf(name="rack")),
    ],
    "a replacement that fails half-way, taken back": [
        applied(shelf()),
        applied(shelf(name="rack"), first=breaking("rack")),
        applied(shelf(), first=mended),
        applied(shelf()),
    ],
    "a replacement that fails half-way, dropped": [
        applied(shelf()),
        applied(shelf(name="rack"), first=breaking("rack")),
        previewed(NOTHING, first=mended),
        applied(NOTHING),
    ],
    "a replacement refused by protection": [
        applied(shelf(protect=True)),
        previewed(shelf(name="rack", protect=True)),
        applied(shelf(name="rack", protect=True)),
        applied(shelf(protect=True)),
    ],
    "a deletion refused by protection": [
        applied(shelf(protect=True)),
        previewed(NOTHING),
        applied(NOTHING),
        destroyed(NOTHING),
    ],
    "a destruction refused by protection": [applied(shelf(protect=True)), destroyed(shelf(protect=True))],
    "protection lifted": [applied(shelf(protect=True)), previewed(shelf()), applied(shelf()), destroyed(shelf())],
    "protection lifted in the change that replaces": [
        applied(shelf(protect=True)),
        previewed(shelf(name="rack")),
        applied(shelf(name="rack")),
    ],
    "a protected thing that leans on a replaced one": [
        applied(leaning("shelf", protect=True)),
        previewed(leaning("rack", protect=True), ends=True),
        applied(leaning("rack", protect=True)),
        applied(leaning("rack", protect=False)),
        applied(leaning("shelf", protect=False)),
        applied(leaning("rack", protect=False)),
    ],
    "a creation that fails": [applied(BROKEN, first=breaking("topic-0")), applied(BROKEN, first=mended)],
    "an update that fails": [
        applied(chain()),
        applied(chain("y"), first=breaking("one")),
        applied(chain("y"), first=mended),
    ],
    "a deletion that fails": [
        applied(shelf(books={"a": "first"})),
        applied(NOTHING, first=breaking("shelf/a")),
        applied(NOTHING, first=mended),
    ],
    "a creation that stops half-way": [
        applied(BROKEN, first=breaking("topic-0", HALF)),
        previewed(BROKEN, first=mended),
        applied(BROKEN),
        applied(BROKEN),
    ],
    "an update that stops half-way": [
        applied(chain()),
        applied(chain("y"), first=breaking("one", HALF)),
        previewed(chain("y"), first=mended),
        applied(chain("y")),
    ],
    "a program that fails": [
        applied(shelf()),
        previewed(stack(lambda: 1 / 0)),
        applied(stack(lambda: 1 / 0)),
        previewed(shelf()),
    ],
    "a program that fails half-way": [previewed(stack(failing), ends=True)],
    "inputs that are refused": [previewed(stack(wrong)), applied(stack(wrong))],
    "one name twice": [previewed(stack(twice), ends=True)],
    "a rename": [
        applied(stack(lambda: sns.Topic("bell", name="bell"))),
        previewed(stack(lambda: sns.Topic("gong", name="bell"))),
        applied(stack(lambda: sns.Topic("gong", name="bell"))),
        destroyed(NOTHING),
    ],
    "components": [
        applied(rooms("hall")),
        applied(rooms("hall")),
        applied(rooms("hall", "room")),
        applied(rooms("hall", told=False)),
        applied(rooms("room")),
        destroyed(NOTHING),
    ],
    "components that say nothing": [applied(rooms("hall", told=False)), destroyed(NOTHING)],
    "a thing that moves into a component": [
        applied(stack(lambda: sns.Topic("room-bell", name="room-bell"))),
        applied(rooms("room")),
    ],
    "secrets": [
        previewed(secretive("hush")),
        applied(secretive("hush")),
        applied(secretive("hush")),
        previewed(secretive("whisper")),
        applied(secretive("whisper")),
        refreshed(secretive("whisper")),
        destroyed(secretive("whisper")),
    ],
    "providers": [
        applied(provided("eu-west-1")),
        previewed(provided("us-east-1")),
        applied(provided("us-east-1")),
        applied(provided("us-east-1", allowed_account_ids=["123456789012"])),
        refreshed(provided("us-east-1")),
        applied(stack(lambda: sns.Topic("bell", name="bell"))),
        destroyed(NOTHING),
    ],
    "a refresh": [applied(shelf()), refreshed(shelf()), refreshed(shelf(), first=changed_by_hand), previewed(shelf())],
    "a refresh that fails": [applied(BROKEN), refreshed(BROKEN, first=breaking("topic-0"))],
    "a question to a provider": [
        previewed(asking),
        applied(asking),
        applied(stack(lambda: invoke("aws:index/getNothing:getNothing", {}))),
    ],
    "a stack of nothing": [previewed(NOTHING), applied(NOTHING), refreshed(NOTHING), destroyed(NOTHING)],
}


@pytest.mark.parametrize("turns", SEQUENCES.values(), ids=[name.replace(" ", "-") for name in SEQUENCES])
def test_a_sequence_of_runs_comes_to_the_same(turns, tmp_path):
    clouds = [Cloud(tmp_path / f"{name}.json") for name in ("embedded", "real")]
    with engine_on(clouds[0], tmp_path / "state") as engine:
        embedded = play(engine, tmp_path / "state" / "passphrase", clouds[0], turns)
    with real_on(clouds[1], tmp_path / "real") as engine:
        real = play(engine, tmp_path / "real" / "passphrase", clouds[1], turns)
    compare(turns, embedded, real)
    assert clouds[0].things == clouds[1].things
    assert set(clouds[0].calls) == set(clouds[1].calls)


# -- what only the real engine does -----------------------------------------------------------------------------------

OPTIONS = {
    "aliases": {"aliases": [pulumi.Alias(name="old")]},
    "customTimeouts": {"custom_timeouts": pulumi.CustomTimeouts(create="5m")},
    "deleteBeforeReplace": {"delete_before_replace": True},
    "ignoreChanges": {"ignore_changes": ["name"]},
    "replaceOnChanges": {"replace_on_changes": ["name"]},
    "retainOnDelete": {"retain_on_delete": True},
    "transforms": {"transforms": [lambda _: None]},
}


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_that_is_refused_by_name_is_one_that_the_real_engine_has(embedded, real, option):
    wish = stack(lambda: sns.Topic("bell", name="bell", opts=ResourceOptions(**OPTIONS[option])))
    [error] = embedded.preview(wish).errors
    assert f"the option {option} is not supported by the embedded engine" in error
    assert real.preview(wish).ok


def test_targets_and_a_refresh_of_the_state_are_refused_by_name_and_the_real_engine_has_them(tmp_path):
    clouds = [Cloud(tmp_path / f"{name}.json") for name in ("embedded", "real")]
    with engine_on(clouds[0], tmp_path / "state") as embedded, real_on(clouds[1], tmp_path / "real") as real:
        for engine in (embedded, real):
            assert engine.apply(shelf()).ok
        with pytest.raises(EngineError, match="limiting a run to targets"):
            embedded.preview(shelf(), targets=("a",))
        with pytest.raises(EngineError, match="taking what is there over into the state"):
            embedded.refresh(shelf())
        assert real.preview(shelf(), targets=("a",)).ok
        assert real.refresh(shelf()).ok


# -- one state for both -----------------------------------------------------------------------------------------------


def test_a_state_of_the_embedded_engine_is_taken_over_by_the_real_one_and_previews_as_unchanged(tmp_path):
    cloud, wish = Cloud(tmp_path / "cloud.json"), secretive("hush")
    with engine_on(cloud, tmp_path / "state") as embedded:
        assert embedded.apply(wish).ok
        state = embedded.deployment(wish.name)
    (tmp_path / "real").mkdir()
    shutil.copy(tmp_path / "state" / "passphrase", tmp_path / "real" / "passphrase")
    with real_on(cloud, tmp_path / "real") as real:
        real.import_deployment(wish, state)
        for outcome in (real.preview(wish), real.refresh(wish, preview=True), real.apply(wish)):
            assert (outcome.errors, outcome.changes) == ((), ())
        assert real.destroy(wish).ok
    assert cloud.things == {}


def test_a_state_of_the_real_engine_is_read_by_the_embedded_one_and_previews_as_unchanged(tmp_path):
    cloud, wish = Cloud(tmp_path / "cloud.json"), secretive("hush")
    with real_on(cloud, tmp_path / "real") as real:
        assert real.apply(wish).ok
        state = real.deployment(wish.name)
    (tmp_path / "state").mkdir()
    shutil.copy(tmp_path / "real" / "passphrase", tmp_path / "state" / "passphrase")
    (tmp_path / "state" / f"{wish.name}.json").write_text(json.dumps(state))
    with engine_on(cloud, tmp_path / "state") as embedded:
        for outcome in (embedded.preview(wish), embedded.refresh(wish, preview=True), embedded.apply(wish)):
            assert (outcome.errors, outcome.changes) == ((), ())
        assert embedded.destroy(wish).ok
    assert cloud.things == {}


# -- policies ---------------------------------------------------------------------------------------------------------


def judged():
    provider = Provider("main", region="eu-west-1")
    first = sns.Topic("named", name="named", opts=ResourceOptions(provider=provider))
    again = ResourceOptions(provider=provider, depends_on=[first])
    s3.Bucket("shelf", bucket="shelf", acl="public-read", opts=again)


JUDGED = [previewed(stack(judged)), applied(stack(judged)), destroyed(NOTHING)]


def test_what_a_policy_refuses_is_not_made_by_either(tmp_path):
    clouds = [Cloud(tmp_path / f"{name}.json") for name in ("embedded", "real")]
    with engine_on(clouds[0], tmp_path / "state", policies=policies.POLICIES) as engine:
        embedded = play(engine, tmp_path / "state" / "passphrase", clouds[0], JUDGED)
    with real_on(clouds[1], tmp_path / "real", policies=[policies.FOLDER]) as engine:
        real = play(engine, tmp_path / "real" / "passphrase", clouds[1], JUDGED)
    compare(JUDGED, embedded, real)
    assert len(embedded[0].errors) == 5  # each policy of buckets, and that of ACLs
    assert embedded[1].errors == [
        "aws:s3/bucket:Bucket shelf: the ACL public-read gives it to others; "
        "leave acl out, a bucket policy says who may read (policy no-acls)"
    ]
    assert not any("shelf" in call for cloud in clouds for call in cloud.calls)


# -- our own stacks ---------------------------------------------------------------------------------------------------


def altered(wish: Stack, owner: object, name: str, value: object) -> Stack:
    """The stack as it would be if our program said something else in one place."""

    def program() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, value)
            wish.program()

    return replace(wish, program=program)


def ours(weight: float = 0.0, live: str | None = None, build: bytes = b"one") -> Stack:
    """Our platform, answered by this build in this share, and else by that version."""
    product, infra = our_stacks.facts("laptop")
    following = Build(hashlib.sha256(build).hexdigest())
    builds = Builds(following, following, following, live, weight)
    return platform_stack(product, "laptop", infra, builds, keys.secrets())


def renamed(what: str) -> property:
    return property(lambda self: f"{self.product}-{self.environment}-{what}-anew")


GROUND = our_stacks.ground("laptop")
FIRST, SECOND = (our_stacks.live("laptop", catalog) for catalog in (b'{"serial":1}', b'{"serial":2}'))

OUR_CHANGES = {
    "a rollout step": [applied(FIRST), applied(FIRST), previewed(SECOND), applied(SECOND), destroyed(SECOND)],
    "weights": [
        applied(ours(build=b"two")),
        previewed(ours(0.5, "1", b"two")),
        applied(ours(0.5, "1", b"two")),
        applied(ours(1.0, "1", b"two")),
    ],
    "a renamed record": [applied(altered(ours(), Names, "console_host", property(lambda _: "c.espice.localhost")))],
    "a removed alarm": [applied(altered(ours(), alarms, "_events", lambda _: iter(())))],
    "a replaced queue": [
        previewed(altered(ours(), Names, "events", renamed("events"))),
        applied(altered(ours(), Names, "events", renamed("events"))),
    ],
    "nothing": [refreshed(ours()), previewed(ours()), applied(ours())],
}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_our_own_stacks_and_their_changes_come_to_the_same(moto, storage, tmp_path):
    def upload(_cloud) -> None:
        for build in (b"one", b"two"):
            our_stacks.uploaded(storage, build)

    def empty(_cloud) -> None:
        buckets = storage.list_buckets()["Buckets"]
        for bucket in buckets:  # a request that is logged fills another bucket
            storage.put_bucket_logging(Bucket=bucket["Name"], BucketLoggingStatus={})
        for bucket in buckets:
            listed = storage.list_object_versions(Bucket=bucket["Name"])
            for each in (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())):
                storage.delete_object(Bucket=bucket["Name"], Key=each["Key"], VersionId=each["VersionId"])

    turns = [
        *(previewed(GROUND), applied(GROUND), applied(GROUND), previewed(ours(), first=upload), applied(ours())),
        *itertools.chain.from_iterable([*changes, applied(ours())] for changes in OUR_CHANGES.values()),
        *(destroyed(ours(), first=empty), destroyed(GROUND, first=empty)),
    ]
    played = []
    for name in ("embedded", "real"):
        folder = tmp_path / name
        folder.mkdir()
        requests.post(f"{moto}/moto-api/reset", timeout=10)
        handle = serve(packages(moto, folder / "ledger.json"))
        engine = {
            "embedded": lambda: EmbeddedEngine(folder, handle.addresses),  # noqa: B023 - called at once
            "real": lambda: real_with(folder, handle.addresses),  # noqa: B023
        }[name]()
        played.append(play(engine, folder / "passphrase", None, turns))
        handle.stop()
    for number, record in enumerate(played[0]):
        assert (number, record.errors) == (number, [])
    compare(turns, *played)


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_stacks_of_an_environment_are_planned_alike_and_meet_every_policy(environment, tmp_path):
    wishes = [
        our_stacks.ground(environment),
        our_stacks.platform(environment, Build("ab" * 32)),
        our_stacks.live(environment, b"{}"),
    ]
    turns = [previewed(wish) for wish in wishes]
    handle = serve(plan_only_packages(), plan_only=True)
    embedded = EmbeddedEngine(tmp_path / "state", handle.addresses, policies.POLICIES)
    real = real_with(tmp_path / "real", handle.addresses, policies=[policies.FOLDER])
    played = [
        play(engine, tmp_path / folder / "passphrase", None, turns)
        for engine, folder in ((embedded, "state"), (real, "real"))
    ]
    handle.stop()
    assert [record.errors for record in played[0]] == [[], [], []]
    compare(turns, *played)


# -- nothing besides --------------------------------------------------------------------------------------------------

ELSEWHERE = {
    deployment: {
        "resume": "test_convergence: only a killed process leaves something begun",
        "_resume": "test_convergence",
        "keep": "test_declared: the real engine plans no commit on top of another's plan",
        **dict.fromkeys(
            ("register", "_connect", "_plugin", "_default_provider"),
            "test_embedded, a provider that is not there: the real engine would look for a plugin",
        ),
    },
    registration: {"_refuse_aliases": "above: the real engine has them", "_refuse_unsupported": "above"},
}
"""What the sequences do not reach of a module, and where it is tested instead."""


@pytest.mark.parametrize("module", ELSEWHERE, ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_embedded_engine_does_nothing_that_no_sequence_has(module, tmp_path):
    with executed(module) as lines:
        for number, turns in enumerate([JUDGED, *SEQUENCES.values()]):
            cloud = Cloud(tmp_path / f"{number}.json")
            strict = policies.POLICIES if turns is JUDGED else ()
            with engine_on(cloud, tmp_path / f"state-{number}", policies=strict) as engine:
                play(engine, tmp_path / f"state-{number}" / "passphrase", cloud, turns)
    missed = {name: sorted(there - lines) for name, there in written(module).items() if not there <= lines}
    assert missed.keys() <= ELSEWHERE[module].keys(), missed


@contextmanager
def executed(module):
    """The lines of a module that any thread executes meanwhile."""
    lines = set()

    def trace(frame, event, _):
        if frame.f_code.co_filename != module.__file__:
            return None
        if event in ("call", "line"):
            lines.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(before)
        threading.settrace(before)


def written(module):
    """The lines that each function of a module consists of, by its name; what is nested counts to the outer one."""

    def lines(code):
        inner = (each for each in code.co_consts if isinstance(each, types.CodeType))
        own = {line for _, _, line in code.co_lines() if line and line != code.co_firstlineno}
        return own.union(*map(lines, inner))

    functions = [each for each in vars(module).values() if isinstance(each, types.FunctionType)]
    classes = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
    functions += [each for kind in classes for each in vars(kind).values() if isinstance(each, types.FunctionType)]
    return {each.__name__: lines(each.__code__) for each in functions if each.__code__.co_filename == module.__file__}

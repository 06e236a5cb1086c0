"""The two engines agree: the same sequence of runs comes to the same steps, outputs, errors and state.

What the embedded engine cannot do it refuses by name, and `test_what_is_refused_by_name` shows that the real one can.
"""

import json

import pulumi
import pytest
from pulumi import ResourceOptions
from pulumi_aws import Provider, s3, sns

from tests.engines.parity import Turn, compare, play
from tests.engines.programs import HALF, Cloud, engine_on, real_on, shelf, stack, topics

pytestmark = pytest.mark.engine

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

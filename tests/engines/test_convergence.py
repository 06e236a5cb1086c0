"""Whatever was applied before, and however it ended: the cloud becomes what the last program says, and nothing else."""

import logging
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulumi_aws import s3, sns

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.engines.state import StateFile
from delivery.laptop.providers.handler import Unfinished
from delivery.laptop.providers.server import Package, serve
from tests.engines.programs import Cloud, Thing, stack

NAMES = "abcd"


@dataclass(frozen=True)
class Wish:
    """One resource: another variant has another physical name, `uses` is the place of an earlier one it depends on."""

    kind: str
    variant: int
    value: int
    uses: int


def program(wishes: dict[str, Wish]):
    """The resources by their names, in order; an object lies in the first bucket before it, if there is one."""

    def run() -> None:
        made: list[pulumi.CustomResource] = []
        for name, wish in wishes.items():
            physical, used = f"{name}-{wish.variant}", made[wish.uses % len(made)] if made else None
            text = pulumi.Output.concat(used.urn, str(wish.value)) if used and wish.uses % 2 else str(wish.value)
            opts = pulumi.ResourceOptions(depends_on=[used] if used and wish.uses % 3 == 0 else [])
            buckets = [each for each in made if isinstance(each, s3.Bucket)]
            if wish.kind == "bucket":
                made.append(s3.Bucket(name, bucket=f"bucket-{physical}", tags={"value": text}, opts=opts))
            elif wish.kind == "object" and buckets:
                made.append(s3.BucketObjectv2(name, bucket=buckets[0].id, key=physical, content=text, opts=opts))
            else:
                made.append(sns.Topic(name, name=f"topic-{physical}", display_name=text, opts=opts))
        pulumi.export("names", [each.id for each in made])

    return stack(run)


class Dead(Exception):  # noqa: N818 - what the process is
    """The process is killed: from here on it does nothing any more."""


@dataclass
class Accident:
    """What happens at a moment of a run: nothing, a failure, a thing that is only half made, or a kill."""

    kind: str = "none"
    at: int = 0
    moments: int = field(default=0)

    def moment(self, *, of_cloud: bool = False) -> bool:
        """Counts; whether the accident is now, and is the cloud's."""
        if self.kind == "kill" or of_cloud:
            self.moments += 1
        if self.kind == "kill" and self.moments > self.at:
            raise Dead
        return of_cloud and self.moments == self.at + 1


class FrailCloud(Cloud):
    accident: Accident

    def change(self, call, identity, thing):
        is_now = self.accident.moment(of_cloud=True)
        if is_now and self.accident.kind == "failure":
            raise ValueError("the cloud is out of order")
        super().change(call, identity, thing)
        self.accident.moment()
        if is_now and self.accident.kind == "half" and thing is not None:
            raise Unfinished(identity, {"arn": f"arn:{identity}", "etag": ""}) from ValueError("it stopped half-way")


@contextmanager
def frail_engine(folder: Path, monkeypatch):
    """A cloud, an engine on it, and a run of it that ends in an accident."""
    cloud = FrailCloud(folder / "cloud.json")
    cloud.accident = Accident()
    for name in ("begin", "save", "settle"):
        monkeypatch.setattr(StateFile, name, frail(getattr(StateFile, name), cloud))
    handlers = {
        "aws:s3/bucket:Bucket": Thing("bucket"),
        "aws:s3/bucketObjectv2:BucketObjectv2": Thing("bucket", "key"),
        "aws:sns/topic:Topic": Thing("name"),
    }
    handle = serve([Package("aws", handlers, lambda _: cloud, None)])
    try:
        yield cloud, EmbeddedEngine(folder / "state", handle.addresses)
    finally:
        handle.stop()


def frail(write, cloud):
    def written(self, *args):
        cloud.accident.moment()
        write(self, *args)
        cloud.accident.moment()

    return written


def apply(engine, cloud, wishes, accident):
    cloud.accident = accident
    try:
        engine.apply(program(wishes))
    except Exception:  # a kill reaches the program's own threads as what they make of it
        if accident.kind != "kill":
            raise
    finally:
        cloud.accident = Accident()


WISHES = st.builds(
    Wish,
    st.sampled_from(["bucket", "object", "topic"]),
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(0, 5),
)
PROGRAMS = st.dictionaries(st.sampled_from(NAMES), WISHES, max_size=len(NAMES)).map(
    lambda each: dict(sorted(each.items()))
)
ACCIDENTS = st.builds(Accident, st.sampled_from(["none", "failure", "half", "kill"]), st.integers(0, 25))


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(PROGRAMS, ACCIDENTS), max_size=4), PROGRAMS)
def test_any_sequence_of_programs_converges_to_the_last_one(history, last):
    logging.getLogger("grpc._server").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        with frail_engine(Path(folder), monkeypatch) as (cloud, engine):
            for wishes, accident in history:
                apply(engine, cloud, wishes, accident)
            outcome = engine.apply(program(last))
            assert outcome.errors == ()
            assert engine.preview(program(last)).changes == engine.apply(program(last)).changes == ()
            assert engine.refresh(program(last), preview=True).changes == ()
            things = cloud.things
        with frail_engine(Path(folder) / "fresh", monkeypatch) as (fresh, anew):
            anew.apply(program(last))
            assert things == fresh.things
            assert outcome.outputs == anew.outputs("laptop")
        with frail_engine(Path(folder), monkeypatch) as (cloud, engine):
            assert engine.destroy(program({})).errors == ()
            assert cloud.things == {}
            assert engine.deployment("laptop")["deployment"]["resources"] == []

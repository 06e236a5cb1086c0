"""The real engine, Pulumi's own CLI: what it does with small programs on a cloud of the tests' own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pulumi
import pytest
from pulumi_aws import s3, sqs

from delivery.engines.backend import FORGOTTEN
from delivery.engines.engine_pulumi import Existing
from delivery.engines.stack import EngineError, Operation
from tests.engines.programs import KILL, STOP, Cloud, engine_on, real_on, shelf, stack, topics

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def operations(outcome) -> dict[str, str]:
    assert outcome.errors == ()
    return {step.name: step.operation.value for step in outcome.changes}


MADE = dict.fromkeys(("espice-laptop", "default_7_51_1", "shelf", "a", "b"), "create")


def test_a_preview_says_what_an_apply_does_and_touches_nothing(real, cloud):
    outcome = real.preview(shelf())
    assert operations(outcome) == MADE
    assert (cloud.calls, outcome.outputs) == ([], {"arn": "[unknown]"})
    assert operations(real.apply(shelf())) == MADE
    assert operations(real.apply(shelf())) == {}


def test_a_step_is_told_as_soon_as_it_is_done_with_what_was_and_what_becomes(real):
    real.apply(shelf())
    heard = []
    outcome = real.apply(shelf(books={"a": "first", "b": "changed"}), heard.append)
    assert heard == list(outcome.steps)
    (step,) = outcome.changes
    assert (step.operation, step.type, step.name) == (Operation.update, "aws:s3/bucketObjectv2:BucketObjectv2", "b")
    assert (step.changed, dict(step.values)) == (("content",), {"content": ("second", "changed")})


def test_a_replace_is_one_step_also_for_what_hangs_on_it(real):
    real.apply(shelf())
    wish = shelf(name="other")
    expected = {"shelf": "replace", "a": "replace", "b": "replace"}
    assert operations(real.preview(wish)) == expected
    assert operations(real.apply(wish)) == expected
    assert operations(real.preview(wish)) == {}


def test_a_destroy_leaves_nothing(real, cloud):
    real.apply(shelf())
    assert set(operations(real.destroy(shelf())).values()) == {"delete"}
    assert (cloud.things, real.outputs("laptop")) == ({}, {})


def test_outputs_and_state_are_there_between_runs_and_empty_before_the_first(real):
    assert (real.outputs("laptop"), real.deployment("laptop")) == ({}, {"version": 3, "deployment": {}})
    real.apply(shelf())
    assert real.outputs("laptop") == {"arn": "arn:shelf"}
    kept = [each["urn"].rsplit("::", 1)[1] for each in real.deployment("laptop")["deployment"]["resources"]]
    assert sorted(kept) == sorted(MADE)


def test_a_tag_stays_beside_the_state_until_it_is_taken_away(real):
    assert dict(real.tags("laptop")) == {}
    real.tag("laptop", "applied", None)  # of a stack that is not there yet
    real.apply(shelf())
    assert dict(real.tags("laptop")) == {}
    real.tag("laptop", "applied", "one")
    real.tag("laptop", "applied", "two")
    real.tag("laptop", "other", "three")
    real.apply(shelf(name="other"))
    assert real.tags("laptop") == {"applied": "two", "other": "three"}
    for _ in range(2):
        real.tag("laptop", "applied", None)
        assert real.tags("laptop") == {"other": "three"}
    real.forget("laptop")
    assert dict(real.tags("laptop")) == {}


def test_a_run_can_be_limited_to_targets_by_name_or_urn(real):
    assert operations(real.apply(shelf())) == MADE
    wish = shelf(books={"a": "A", "b": "B"})
    assert operations(real.apply(wish, targets=("a",))) == {"a": "update"}
    urn = "urn:pulumi:laptop::espice::aws:s3/bucketObjectv2:BucketObjectv2::b"
    assert operations(real.apply(wish, targets=(urn,))) == {"b": "update"}


def test_a_target_that_nothing_is_called_is_an_error(real):
    assert real.preview(shelf(), targets=("c",)).errors == ("there is no resource c that the run could be limited to",)


# --- what goes wrong is told as sentences -------------------------------------------------------------------------


def failing() -> None:
    raise ValueError("nobody knows")


def test_a_failing_program_is_one_sentence_that_names_the_line(real):
    line = failing.__code__.co_firstlineno + 1
    expected = (f"the program failed at test_real.py:{line}: ValueError: nobody knows",)
    assert real.preview(stack(failing)).errors == real.apply(stack(failing)).errors == expected


def test_a_failing_resource_is_named_with_the_provider_s_own_words(real, cloud):
    cloud.breaks_at = "shelf/a"
    assert real.apply(shelf()).errors == ("aws:s3/bucketObjectv2:BucketObjectv2 a: the cloud is out of order",)
    cloud.breaks_at = ""
    assert set(operations(real.apply(shelf()))) >= {"a"}


def test_what_the_provider_refuses_to_plan_names_resource_and_reason(real):
    outcome = real.preview(stack(lambda: sqs.Queue("q", name="q")))
    told = "the laptop's cloud does not realise the type aws:sqs/queue:Queue; see delivery/laptop/providers for those"
    assert outcome.errors == (f"aws:sqs/queue:Queue q: {told} it has",)


def test_a_wrong_argument_is_named_with_its_property_as_the_embedded_engine_names_it(real, embedded):
    wish = stack(lambda: s3.Bucket("shelf", bucket="shelf", acl="privat"))
    (error,) = real.preview(wish).errors
    assert error.startswith("aws:s3/bucket:Bucket shelf: acl: ")
    assert embedded.preview(wish).errors == (error,)


def test_a_protected_resource_is_neither_replaced_nor_deleted(real):
    real.apply(shelf(protect=True))
    undo = "undo the change, or lift protect in a reviewed change of its own"
    told = f"aws:s3/bucket:Bucket shelf: it would be replaced, and is protected; {undo}"
    assert real.preview(shelf(name="other", protect=True)).errors == (told,)
    put_back = "put it back in the program, or lift protect in a reviewed change of its own"
    told = f"aws:s3/bucket:Bucket shelf: it is protected, so it is not deleted; {put_back}"
    assert real.destroy(shelf()).errors == (told,)


# --- what is there already ----------------------------------------------------------------------------------------

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"


class Room(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("tests:rooms:Room", name)
        s3.Bucket("inner", bucket="inner", opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def test_a_thing_that_exists_becomes_the_stack_s_own_without_being_touched(real, cloud):
    real.apply(shelf(books={}))
    cloud.change("somebody made", "shelf/c", {"bucket": "shelf", "key": "c", "content": "third"})
    wish = shelf(books={"c": "third"})
    outcome = real.import_(wish, [Existing(OBJECT, "c", "shelf/c")])
    assert operations(outcome) == {"c": "import"}
    assert operations(real.preview(wish)) == {}
    assert cloud.calls == ["create shelf", "somebody made shelf/c"]


def test_what_differs_from_the_program_is_not_imported(real, cloud):
    real.apply(shelf(books={}))
    cloud.change("somebody made", "shelf/c", {"bucket": "shelf", "key": "c", "content": "other"})
    outcome = real.import_(shelf(books={"c": "third"}), [Existing(OBJECT, "c", "shelf/c")])
    mend = "make the program say what is there, import, then change it"
    assert outcome.errors == (f"{OBJECT} c: what is there differs in content; {mend}",)
    assert operations(real.preview(shelf(books={}))) == {}
    assert cloud.calls == ["create shelf", "somebody made shelf/c"]


def test_what_is_not_there_is_not_imported(real):
    (error,) = real.import_(shelf(books={"c": "x"}), [Existing(OBJECT, "c", "shelf/c")]).errors
    assert error == f"{OBJECT} c: resource 'shelf/c' does not exist"


def test_a_target_brings_the_component_along_in_which_it_lies(real, cloud):
    cloud.change("somebody made", "inner", {"bucket": "inner"})
    wish = stack(lambda: Room("room"))
    assert operations(real.import_(wish, [Existing("aws:s3/bucket:Bucket", "inner", "inner")]))["inner"] == "import"
    assert operations(real.preview(wish)) == {}


# --- runs that are stopped or killed ------------------------------------------------------------------------------

RUN = """
import signal, sys
from pathlib import Path
from tests.engines.programs import Cloud, real_on, topics
signal.signal(signal.SIGINT, signal.default_int_handler)
cloud = Cloud(Path(sys.argv[1]), breaks_at="topic-1", break_by=sys.argv[3])
with real_on(cloud, Path(sys.argv[2])) as engine:
    try:
        engine.apply(topics(40))
    except KeyboardInterrupt:
        print("stopped")
"""


def apply_that_ends(how: str, cloud: Cloud, folder: Path) -> subprocess.CompletedProcess:
    """An apply of forty topics, in a process of its own, in the middle of which something happens."""
    command = [sys.executable, "-c", RUN, str(cloud.path), str(folder), how]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def lock_files(folder: Path) -> list[Path]:
    return list((folder / "state/.pulumi/locks/organization/espice/laptop").glob("*.json"))


def await_death_of(pid: int) -> None:
    """The CLI notices by itself, a moment later, that it has lost us."""
    deadline = time.monotonic() + 60
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_ctrl_c_lets_what_is_under_way_be_finished_and_lets_the_lock_go(real, cloud, tmp_path):
    done = apply_that_ends(STOP, cloud, tmp_path / "real")
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")
    assert lock_files(tmp_path / "real") == []
    kept = {each.get("id") for each in real.deployment("laptop")["deployment"]["resources"]}
    assert cloud.things.keys() <= kept
    missing = 40 - len(cloud.things)
    assert list(operations(real.apply(topics(40))).values()).count("create") in (missing, missing + 1)  # and the stack


def test_an_apply_after_a_kill_looks_at_what_was_left_and_goes_on(cloud, tmp_path):
    folder, heard = tmp_path / "real", []
    done = apply_that_ends(KILL, cloud, folder)
    assert done.returncode == -signal.SIGKILL
    (left,) = lock_files(folder)
    owner = json.loads(left.read_text())["pid"]
    await_death_of(owner)
    with real_on(cloud, folder, say=heard.append) as real:
        assert real.apply(topics(40)).errors == ()
        assert operations(real.preview(topics(40))) == {}
        assert "pending_operations" not in real.deployment("laptop")["deployment"]
    (sentence,) = heard
    assert sentence.startswith(f"laptop: released the lock of process {owner} of ")
    assert sentence.endswith(", which is dead; looking at what it left half-done")
    assert lock_files(folder) == []


def lock(folder: Path, *, pid: int, host: str, since: datetime) -> Path:
    """A lock as Pulumi writes it."""
    said = {"pid": pid, "username": "somebody", "hostname": host, "timestamp": since.isoformat()}
    path = folder / "state/.pulumi/locks/organization/espice/laptop/held.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said))
    return path


@pytest.mark.parametrize("verb", ["apply", "destroy", "refresh"])
def test_a_lock_that_may_be_held_is_left_and_its_owner_named(real, tmp_path, verb):
    real.apply(shelf())
    since = datetime.now(UTC) - timedelta(minutes=5)
    held = lock(tmp_path / "real", pid=1, host="another-host", since=since)
    with pytest.raises(EngineError) as refused:
        getattr(real, verb)(shelf())
    assert str(refused.value) == (
        f"stack laptop is being changed by process 1 of somebody on another-host since {since:%Y-%m-%d %H:%M:%S} UTC; "
        "wait until it is done, or end that process; a lock counts for 2 hours"
    )
    assert held.exists()
    assert operations(real.preview(shelf())) == {}


def test_a_lock_of_a_living_process_of_this_host_is_left(real, tmp_path):
    real.apply(shelf())
    lock(tmp_path / "real", pid=os.getpid(), host=socket.gethostname(), since=datetime.now(UTC))
    with pytest.raises(EngineError, match=f"^stack laptop is being changed by process {os.getpid()} of somebody"):
        real.apply(shelf())


def test_a_forgotten_lock_is_released_whoever_held_it(real, tmp_path):
    real.apply(shelf())
    held = lock(tmp_path / "real", pid=1, host="another-host", since=datetime.now(UTC) - FORGOTTEN * 1.01)
    assert operations(real.apply(shelf())) == {}
    assert not held.exists()


def test_two_engines_of_one_process_run_at_the_same_time(tmp_path):
    with ThreadPoolExecutor(2) as both, ExitStack() as engines:
        running = []
        for name in ("one", "two"):
            cloud = Cloud(tmp_path / f"{name}.json")
            real = engines.enter_context(real_on(cloud, tmp_path / name))
            running.append(both.submit(real.apply, shelf(name=name)))
        outcomes = [each.result() for each in running]
    assert [dict(outcome.outputs) for outcome in outcomes] == [{"arn": "arn:one"}, {"arn": "arn:two"}]
    assert [outcome.errors for outcome in outcomes] == [(), ()]


# --- states, secrets, policies ------------------------------------------------------------------------------------


def test_a_state_of_the_embedded_engine_is_taken_over_and_previews_as_unchanged(cloud, tmp_path):
    with engine_on(cloud, tmp_path / "embedded") as embedded:
        embedded.apply(shelf())
        deployment = embedded.deployment("laptop")
    with real_on(cloud, tmp_path / "real") as real:
        real.import_deployment(shelf(), deployment)
        assert operations(real.preview(shelf())) == {}


def test_a_secret_reaches_the_program_and_lies_nowhere_in_plain_text(real, tmp_path):
    def program() -> None:
        key = pulumi.Config("espice").require_secret("origin-pull-key")
        s3.BucketObjectv2("a", bucket="shelf", key="a", content=key)
        pulumi.export("key", key)

    wish = stack(
        program, config={"espice:origin-pull-key": "do not tell"}, secrets=frozenset({"espice:origin-pull-key"})
    )
    outcome = real.apply(wish)
    assert outcome.errors == ()
    assert outcome.outputs == real.outputs("laptop") == {"key": "[secret]"}
    files = [path for path in (tmp_path / "real").rglob("*") if path.is_file()]
    assert [path for path in files if b"do not tell" in path.read_bytes()] == []
    assert operations(real.apply(wish)) == {}


PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def judge(args, report):
    if args.props.get("bucket") == "other":
        report("no bucket is called other")

policy = ResourceValidationPolicy(name="names", description="Names are good.", validate=judge)
PolicyPack("tests", enforcement_level=EnforcementLevel.MANDATORY, policies=[policy])
"""


def test_a_policy_pack_refuses_before_anything_is_made(cloud, tmp_path):
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("name: tests\nruntime: python\nversion: 1.0.0\n")
    (pack / "__main__.py").write_text(PACK)
    with real_on(cloud, tmp_path / "real", policies=(pack,)) as real:
        told = ("aws:s3/bucket:Bucket shelf: no bucket is called other (policy names)",)
        assert real.preview(shelf(name="other", books={})).errors == told
        assert real.apply(shelf(name="other", books={})).errors == told
        assert cloud.calls == []
        assert real.apply(shelf()).errors == ()

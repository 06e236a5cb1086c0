"""The embedded engine, against a small cloud in a file."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pulumi
import pytest
from pulumi_aws import Provider, s3, sns

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.engines.stack import EngineError, Operation
from delivery.engines.state import StateFile
from delivery.laptop.ports import free
from tests.engines.programs import HALF, Cloud, engine_on, shelf, stack, topics

PREFIX = "urn:pulumi:laptop::espice::"


def operations(outcome):
    return {step.name: step.operation.value for step in outcome.changes}


def test_an_apply_creates_everything_in_order(engine, cloud):
    outcome = engine.apply(shelf())
    assert outcome.ok
    assert cloud.calls[0] == "create shelf"
    assert set(cloud.things) == {"shelf", "shelf/a", "shelf/b"}
    assert outcome.outputs == {"arn": "arn:shelf"}
    assert set(outcome.counts) == {Operation.create}


def test_the_state_is_a_deployment_as_the_real_engine_keeps_it(engine):
    engine.apply(shelf())
    document = engine.deployment("laptop")
    resources = {each["urn"]: each for each in document["deployment"]["resources"]}
    bucket, book = f"{PREFIX}aws:s3/bucket:Bucket::shelf", f"{PREFIX}aws:s3/bucketObjectv2:BucketObjectv2::a"
    assert document["version"] == 3
    assert resources[bucket]["parent"] == f"{PREFIX}pulumi:pulumi:Stack::espice-laptop"
    assert resources[book]["dependencies"] == [bucket]
    assert resources[book]["propertyDependencies"] == {"bucket": [bucket], "content": [], "key": []}
    provider, identity = resources[book]["provider"].rsplit("::", 1)
    assert resources[provider]["type"] == "pulumi:providers:aws"
    assert resources[provider]["id"] == identity
    positions = [list(resources).index(urn) for urn in (provider, bucket, book)]
    assert positions == sorted(positions)


def test_an_apply_of_nothing_new_reports_all_the_same_and_leaves_the_state_alone(engine, cloud, state):
    engine.apply(shelf())
    before, calls = (state / "laptop.json").read_bytes(), list(cloud.calls)
    outcome = engine.apply(shelf())
    assert set(outcome.counts) == {Operation.same}
    assert outcome.outputs == {"arn": "arn:shelf"}
    assert cloud.calls == calls
    assert (state / "laptop.json").read_bytes() == before


def test_a_change_updates_only_what_changed_and_names_the_property(engine, cloud):
    engine.apply(shelf())
    outcome = engine.apply(shelf(books={"a": "first", "b": "another"}))
    [step] = outcome.changes
    assert (step.operation, step.name, step.changed) == (Operation.update, "b", ("content",))
    assert cloud.calls[-1] == "update shelf/b"


def test_a_step_says_what_was_and_what_becomes_but_no_secret(engine):
    def program(text):
        s3.BucketObjectv2("book", bucket="b", key="k", content=text)
        sns.Topic("bell", name="bell", display_name=pulumi.Output.secret(text))

    engine.apply(stack(lambda: program("one")))
    steps = {step.name: step.values for step in engine.preview(stack(lambda: program("two"))).changes}
    assert steps == {"book": {"content": ("one", "two")}, "bell": {"displayName": ("[secret]", "[secret]")}}


def test_what_the_program_drops_is_deleted_dependents_first(engine, cloud):
    engine.apply(shelf())
    outcome = engine.apply(stack(lambda: None))
    assert cloud.things == {}
    assert cloud.calls[-1] == "delete shelf"
    assert set(operations(outcome).values()) == {"delete"}


def test_deletes_come_after_creates(engine, cloud):
    engine.apply(shelf(books={"old": "x"}))
    engine.apply(shelf(books={"new": "x"}))
    assert cloud.calls[-2:] == ["create shelf/new", "delete shelf/old"]


def test_a_replacement_deletes_first_and_takes_along_what_cannot_stay_without_it(engine, cloud):
    engine.apply(shelf(books={"a": "first"}))
    preview = engine.preview(shelf(name="rack", books={"a": "first"}))
    outcome = engine.apply(shelf(name="rack", books={"a": "first"}))
    assert cloud.calls[-4:] == ["delete shelf/a", "delete shelf", "create rack", "create rack/a"]
    assert operations(outcome) == operations(preview) == {"shelf": "replace", "a": "replace"}
    assert operations(engine.apply(shelf(name="rack", books={"a": "first"}))) == {}


def test_a_protected_resource_is_not_replaced(engine, cloud):
    engine.apply(shelf(protect=True))
    things = cloud.things
    wish = shelf(name="rack", protect=True)
    for outcome in (engine.preview(wish), engine.apply(wish)):
        assert outcome.errors[0] == (
            "aws:s3/bucket:Bucket shelf: it would be replaced, and is protected; "
            "undo the change, or lift protect in a reviewed change of its own"
        )
    assert cloud.things == things


def test_a_protected_resource_is_not_deleted_and_nothing_that_it_depends_on_is_either(engine, cloud):
    engine.apply(shelf(protect=True))
    for outcome in (
        engine.preview(stack(lambda: None)),
        engine.apply(stack(lambda: None)),
        engine.destroy(stack(lambda: None)),
    ):
        assert outcome.errors == (
            "aws:s3/bucket:Bucket shelf: it is protected, so it is not deleted; put it back in the program, "
            "or lift protect in a reviewed change of its own",
        )
    assert set(cloud.things) == {"shelf"}
    kept = [each["type"] for each in engine.deployment("laptop")["deployment"]["resources"]]
    assert sorted(kept) == ["aws:s3/bucket:Bucket", "pulumi:providers:aws", "pulumi:pulumi:Stack"]


def test_lifting_protection_is_remembered_although_nothing_else_changes(engine, cloud):
    engine.apply(shelf(protect=True))
    assert operations(engine.apply(shelf())) == {}
    assert engine.destroy(shelf()).ok
    assert cloud.things == {}


def test_a_failure_ends_the_apply_and_the_next_one_goes_on_from_there(engine, cloud):
    cloud.breaks_at = "topic-3"
    first = engine.apply(topics(6))
    assert first.errors == ("aws:sns/topic:Topic t3: the cloud is out of order",)
    made = set(cloud.things)
    cloud.breaks_at = ""
    second = engine.apply(topics(6))
    assert second.ok
    assert set(cloud.things) == {f"topic-{number}" for number in range(6)}
    assert {name for name, operation in operations(second).items() if operation == "create"} == {
        f"t{number}" for number in range(6) if f"topic-{number}" not in made
    }
    assert operations(engine.apply(topics(6))) == {}


def test_nothing_is_made_after_a_failure(engine, cloud):
    def program():
        first = sns.Topic("first", name="first")
        sns.Topic("second", name="second", opts=pulumi.ResourceOptions(depends_on=[first]))

    cloud.breaks_at = "first"
    assert len(engine.apply(stack(program)).errors) == 1
    assert cloud.calls == ["create first"]


@pytest.mark.slow
def test_a_run_that_is_killed_in_the_middle_of_a_create_is_finished_by_the_next(cloud, state):
    code = (
        "import sys; from pathlib import Path; from tests.engines.programs import *\n"
        "cloud, state = Cloud(Path(sys.argv[1]), breaks_at='topic-3', break_by=KILL), Path(sys.argv[2])\n"
        "with engine_on(cloud, state) as engine: engine.apply(topics(6))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code, cloud.path, state], cwd=root, check=False)
    assert done.returncode == -9
    assert "topic-3" in cloud.things  # made, and not remembered by anyone
    remembered = {each.id for each in StateFile(state, "laptop").load() if "topic" in each.id}
    assert remembered == cloud.things.keys() - {"topic-3"}
    with engine_on(cloud, state) as engine:
        assert engine.apply(topics(6)).ok
        assert set(cloud.things) == {f"topic-{number}" for number in range(6)}
        assert operations(engine.apply(topics(6))) == {}


def test_a_preview_changes_nothing_and_says_what_it_cannot_know(engine, cloud, state):
    outcome = engine.preview(shelf())
    assert outcome.ok
    assert operations(outcome)["shelf"] == "create"
    assert outcome.outputs == {"arn": "[unknown]"}
    assert cloud.calls == []
    assert not (state / "laptop.json").exists()


def test_a_preview_knows_which_outputs_an_update_keeps(engine):
    def program(content):
        book = s3.BucketObjectv2("book", bucket="b", key="k", content=content)
        sns.Topic("by-arn", name="arn", display_name=book.arn)
        sns.Topic("by-etag", name="etag", display_name=book.etag)

    engine.apply(stack(lambda: program("one")))
    assert operations(engine.preview(stack(lambda: program("two")))) == {"book": "update", "by-etag": "update"}


def test_plan_only_providers_preview_and_refuse_to_act(cloud, state):
    with engine_on(cloud, state, plan_only=True) as engine:
        assert engine.preview(topics(1)).ok
        assert engine.apply(topics(1)).errors == (
            "aws:sns/topic:Topic t0: this provider only plans; it realises nothing",
        )
    assert cloud.calls == []


def test_components_and_explicit_providers_are_remembered_as_pulumi_names_them(engine):
    class Room(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("espice:infra:Room", "room")
            sns.Topic("bell", name="bell", opts=pulumi.ResourceOptions(parent=self))
            self.register_outputs({"bell": "bell"})

    def program():
        provider = Provider("main", region="eu-west-1")
        sns.Topic("own", name="own", opts=pulumi.ResourceOptions(provider=provider))
        Room()

    assert engine.apply(stack(program)).ok
    resources = {each["urn"]: each for each in engine.deployment("laptop")["deployment"]["resources"]}
    assert f"{PREFIX}espice:infra:Room$aws:sns/topic:Topic::bell" in resources
    assert resources[f"{PREFIX}espice:infra:Room::room"]["outputs"] == {"bell": "bell"}
    main = resources[f"{PREFIX}pulumi:providers:aws::main"]
    assert main["inputs"]["region"] == "eu-west-1"
    assert resources[f"{PREFIX}aws:sns/topic:Topic::own"]["provider"] == f"{main['urn']}::{main['id']}"
    assert operations(engine.apply(stack(program))) == {}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("ignoreChanges", {"ignore_changes": ["name"]}),
        ("replaceOnChanges", {"replace_on_changes": ["name"]}),
        ("importId", {"import_": "there"}),
        ("retainOnDelete", {"retain_on_delete": True}),
        ("customTimeouts", {"custom_timeouts": pulumi.CustomTimeouts(create="5m")}),
        ("aliases", {"aliases": [pulumi.Alias(name="old")]}),
        ("deleteBeforeReplace", {"delete_before_replace": True}),
    ],
)
def test_an_option_that_is_not_supported_is_refused_by_name(engine, cloud, option, value):
    program = stack(lambda: sns.Topic("bell", name="bell", opts=pulumi.ResourceOptions(**value)))
    outcome = engine.apply(program)
    assert outcome.errors == (
        f"aws:sns/topic:Topic bell: the option {option} is not supported by the embedded engine; "
        "leave it out, or run this stack with the real engine: ./inv engine",
    )
    assert cloud.calls == []


def test_targets_and_a_refresh_that_changes_the_state_are_refused_by_name(engine, cloud):
    for run in (engine.preview, engine.apply, engine.destroy):
        with pytest.raises(EngineError) as caught:
            run(shelf(), targets=("shelf", "a"))
        assert str(caught.value) == (
            "limiting a run to targets (shelf, a) is not supported by the embedded engine; "
            "use the real one: ./inv engine"
        )
    with pytest.raises(EngineError) as caught:
        engine.refresh(shelf())
    assert str(caught.value) == (
        "taking what is there over into the state is not supported by the embedded engine; "
        "use the real one: ./inv engine; preview=True only compares"
    )
    assert cloud.calls == []


def test_tags_are_refused_by_name(engine):
    for ask, what in (
        (lambda: engine.tags("laptop"), "asking for the tags of laptop"),
        (lambda: engine.tag("laptop", "applied", "1"), "tagging laptop with applied"),
    ):
        with pytest.raises(EngineError) as caught:
            ask()
        assert str(caught.value) == f"{what} is not supported by the embedded engine; use the real one: ./inv engine"


def test_a_preview_of_a_refresh_finds_all_as_it_was_left(engine, cloud):
    engine.apply(shelf())
    calls = list(cloud.calls)
    outcome = engine.refresh(shelf(), preview=True)
    assert outcome.ok
    assert set(outcome.counts) == {Operation.same}
    assert outcome.outputs == engine.outputs("laptop") == {"arn": "arn:shelf"}
    assert cloud.calls == calls


def test_a_stack_that_was_never_applied_exports_nothing(engine):
    assert engine.outputs("laptop") == {}


def test_a_transform_is_refused_by_name(engine):
    opts = pulumi.ResourceOptions(transforms=[lambda _: None])
    [error] = engine.preview(stack(lambda: sns.Topic("bell", name="bell", opts=opts))).errors
    assert "the option transforms is not supported" in error


def test_reading_an_existing_resource_is_refused_by_name(engine):
    [error] = engine.preview(stack(lambda: sns.Topic.get("bell", "arn:bell"))).errors
    assert error == (
        "reading an existing resource (aws:sns/topic:Topic bell) is not supported by the embedded engine; "
        "leave it out, or use ./inv engine"
    )


def test_a_rename_goes_on_with_the_same_thing(engine, cloud):
    engine.apply(stack(lambda: sns.Topic("bell", name="bell")))
    outcome = engine.apply(stack(lambda: sns.Topic("gong", name="bell")))
    assert operations(outcome) == {"gong": "create", "bell": "delete"}
    assert set(cloud.things) == {"bell"}


def test_a_rename_with_a_change_goes_on_with_the_same_thing(engine, cloud):
    engine.apply(stack(lambda: sns.Topic("bell", name="bell")))
    assert engine.apply(stack(lambda: sns.Topic("gong", name="bell", display_name="Gong"))).ok
    assert cloud.things["bell"]["displayName"] == "Gong"


def test_a_failed_apply_keeps_the_outputs_that_were_true(engine, cloud):
    engine.apply(shelf())
    cloud.breaks_at = "rack"
    assert not engine.apply(shelf(name="rack")).ok
    resources = engine.deployment("laptop")["deployment"]["resources"]
    assert resources[0]["outputs"] == {"arn": "arn:shelf"}


def test_a_secret_is_not_in_plain_text_in_the_state_and_comes_back_from_it(engine, cloud, state):
    program = stack(lambda: sns.Topic("bell", name="bell", display_name=pulumi.Output.secret("hush-hush")))
    outcome = engine.apply(program)
    assert outcome.ok
    assert cloud.things["bell"]["displayName"] == "hush-hush"
    text = (state / "laptop.json").read_text()
    assert "hush-hush" not in text
    assert "1b47061264138c4ac30d75fd1eb44270" in text
    assert (state / "passphrase").stat().st_mode & 0o777 == 0o600
    assert operations(engine.apply(program)) == {}


def test_a_secret_of_the_configuration_stays_one_up_to_the_outputs(engine, state):
    program = stack(
        lambda: pulumi.export("word", pulumi.Config("espice").require_secret("word")),
        config={"espice:word": "hush-hush"},
        secrets=frozenset({"espice:word"}),
    )
    assert engine.apply(program).outputs == {"word": "[secret]"}
    assert "hush-hush" not in (state / "laptop.json").read_text()


def test_a_second_apply_says_who_holds_the_stack(engine, state):
    with StateFile(state, "laptop").locked(), pytest.raises(EngineError) as caught:
        engine.apply(topics(1))
    assert str(caught.value).startswith("stack laptop is being changed by process ")
    assert str(caught.value).endswith("; wait until it is done, or end that process")


def test_a_failing_program_is_told_as_a_sentence_with_its_line(engine):
    def program():
        return {}["nothing"]

    [error] = engine.preview(stack(program)).errors
    line = program.__code__.co_firstlineno + 1
    assert error == f"the program failed at test_embedded.py:{line}: KeyError: 'nothing'"


def test_a_failure_inside_an_apply_is_told_as_a_sentence_too(engine):
    def program():
        sns.Topic("bell", name="bell").name.apply(lambda _: 1 / 0)

    [error] = engine.apply(stack(program)).errors
    assert "division by zero" in error
    assert "Traceback" not in error


def test_two_resources_of_one_name_are_refused(engine):
    def program():
        sns.Topic("bell", name="one")
        sns.Topic("bell", name="two")

    [error] = engine.preview(stack(program)).errors
    assert error == "aws:sns/topic:Topic bell: registered twice; give one of the two another name"


def test_a_package_without_a_provider_is_named_once(engine):
    class Pet(pulumi.CustomResource):
        def __init__(self, name: str) -> None:
            super().__init__("random:index/randomPet:RandomPet", name, {})

    def program():
        Pet("cat")
        Pet("dog")

    [error] = engine.preview(stack(program)).errors
    assert error.endswith(": there is no provider for the package random here (there is aws)")


@pytest.mark.parametrize("explicit", [False, True])
def test_a_provider_that_does_not_answer_is_told_once(state, explicit):
    def program():
        opts = pulumi.ResourceOptions(provider=Provider("main")) if explicit else None
        for number in range(3):
            sns.Topic(f"t{number}", name=f"t{number}", opts=opts)

    engine = EmbeddedEngine(state, {"aws": f"127.0.0.1:{free()}"})
    [error] = engine.preview(stack(program)).errors
    assert error.endswith("the provider does not answer; is the laptop's cloud up?")


def test_a_secret_of_a_providers_configuration_stays_one(engine, state):
    def program():
        provider = Provider("main", secret_key=pulumi.Output.secret("hush-hush"))
        sns.Topic("bell", name="bell", opts=pulumi.ResourceOptions(provider=provider))

    assert engine.apply(stack(program)).ok
    assert "hush-hush" not in (state / "laptop.json").read_text()
    assert operations(engine.apply(stack(program))) == {}


def test_what_is_made_and_not_finished_is_finished_by_the_next_apply(engine, cloud):
    cloud.breaks_at, cloud.break_by = "topic-0", HALF
    outcome = engine.apply(topics(1))
    assert outcome.errors == ("aws:sns/topic:Topic t0: it stopped half-way",)
    [kept] = [each for each in engine.deployment("laptop")["deployment"]["resources"] if "initErrors" in each]
    assert (kept["id"], kept["initErrors"]) == ("topic-0", ["it stopped half-way"])
    cloud.breaks_at = ""
    assert operations(engine.preview(topics(1))) == operations(engine.apply(topics(1))) == {"t0": "update"}
    assert operations(engine.apply(topics(1))) == {}


@pytest.mark.parametrize("what", ["create", "update", "delete"])
def test_what_a_killed_run_had_begun_is_pending_in_its_state_and_finished_first(engine, cloud, state, what):
    engine.apply(shelf(books={"a": "first"}))
    file = StateFile(state, "laptop")
    book = next(each for each in file.load() if each.name == "a")
    begun = {
        "create": replace(book, urn=f"{book.urn}2", id="", inputs={**book.inputs, "key": "b"}, outputs={}),
        "update": replace(book, inputs={**book.inputs, "content": "second"}),
        "delete": book,
    }
    file.begin(Operation(what), begun[what])
    [pending] = engine.deployment("laptop")["deployment"]["pending_operations"]
    assert (pending["type"], pending["resource"]["urn"]) == (f"{what[:-1]}ing", begun[what].urn)
    seen = operations(engine.preview(shelf(books={"a": "first"})))
    assert seen == {"create": {}, "update": {"a": "update"}, "delete": {"a": "create"}}[what]
    assert engine.apply(shelf(books={"a": "first"})).ok
    assert set(cloud.things) == {"shelf", "shelf/a"}
    assert cloud.things["shelf/a"]["content"] == "first"
    assert "pending_operations" not in engine.deployment("laptop")["deployment"]


def test_destroy_takes_everything_away_and_forget_only_the_memory(engine, cloud):
    engine.apply(shelf())
    engine.forget("laptop")
    assert engine.deployment("laptop")["deployment"]["resources"] == []
    assert set(cloud.things) == {"shelf", "shelf/a", "shelf/b"}
    assert engine.apply(shelf()).ok  # adopts what is there
    assert engine.destroy(shelf()).ok
    assert cloud.things == {}


def test_steps_are_told_as_they_happen(engine):
    told = []
    outcome = engine.apply(topics(3), told.append)
    assert tuple(told) == outcome.steps


def test_the_state_survives_a_reader_at_any_time(engine, state):
    def read(_step):
        json.loads((state / "laptop.json").read_text())

    assert engine.apply(topics(5), read).ok


def test_a_cloud_is_shared_by_two_stacks_of_their_own_state(tmp_path):
    cloud = Cloud(tmp_path / "cloud.json")
    with engine_on(cloud, tmp_path / "state") as engine:
        engine.apply(topics(1))
        assert engine.deployment("laptop-live")["deployment"]["resources"] == []

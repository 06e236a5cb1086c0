"""The real engine, Pulumi's own CLI: what it does with small programs on a cloud of the tests' own."""

import pytest
from pulumi_aws import s3, sqs

from delivery.deploy.stack import Operation
from tests.engines.programs import shelf, stack

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

"""The real engine's messages, as people get to read them."""

import pytest

from delivery.engines.events import Account, plain
from delivery.engines.stack import Operation

URN = "urn:pulumi:laptop::espice::aws:s3/bucket:Bucket::shelf"
LIFT = "or lift protect in a reviewed change of its own"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("the cloud is out of order\n", "the cloud is out of order"),
        ("rpc error: code = Internal desc = no such bucket", "no such bucket"),
        (
            "1 error occurred:\n\t* creating S3 Bucket (shelf): BucketAlreadyExists\n\n",
            "creating S3 Bucket (shelf): BucketAlreadyExists",
        ),
        ("2 errors occurred:\n\t* one\n\t* two\n", "one; two"),
        ("aws:s3/bucket:Bucket resource 'shelf' has a problem: it has no name", "it has no name"),
        (
            "aws:s3/bucket:Bucket resource 'shelf': property acl value {privat} has a problem: did you mean private?",
            "acl: did you mean private?",
        ),
        ("<{%fg 1%}>red<{%reset%}>", "red"),
        ("Preview failed: resource 'x' does not exist", "resource 'x' does not exist"),
        (
            f'unable to replace resource "{URN}"\nas it is currently marked for protection. To unprotect the resource',
            f"it would be replaced, and is protected; undo the change, {LIFT}",
        ),
        (
            f'resource "{URN}" cannot be deleted\nbecause it is protected. To unprotect the resource, either',
            f"it is protected, so it is not deleted; put it back in the program, {LIFT}",
        ),
        ("python inline source runtime error: oops\nTraceback (most recent call last):\n  File", "oops"),
    ],
)
def test_a_message_is_one_sentence_without_what_only_a_log_needs(message: str, expected: str) -> None:
    assert plain(message, URN) == expected


def told(op: str, **more: object) -> dict[str, object]:
    states = {"old": {"inputs": {"bucket": "a"}}, "new": {"inputs": {"bucket": "b"}, "outputs": {}}}
    return {"resOutputsEvent": {"metadata": {"op": op, "urn": URN, "type": "aws:s3/bucket:Bucket", **states, **more}}}


def test_a_replacement_is_one_step_however_many_events_it_has() -> None:
    account = Account()
    heard = [account.hear(told(op, diffs=["bucket"])) for op in ("delete-replaced", "replace", "create-replacement")]
    (step,) = [each for each in heard if each]
    assert (step.operation, step.changed, dict(step.values)) == (Operation.replace, ("bucket",), {"bucket": ("a", "b")})
    assert account.outcome([]).steps == (step,)


def test_a_nested_difference_is_named_by_its_property() -> None:
    step = Account().hear(told("update", diffs=["tags.owner", "rules[0].id"]))
    assert step is not None
    assert step.changed == ("rules", "tags")


def test_what_names_a_resource_explains_what_names_none() -> None:
    account = Account()
    for message, urn in (("update failed", ""), ("no such bucket", URN), ("no such bucket", URN)):
        account.hear({"diagnosticEvent": {"severity": "error", "message": message, "urn": urn}})
    assert account.outcome(["the program failed"]).errors == ("aws:s3/bucket:Bucket shelf: no such bucket",)


def test_warnings_and_debug_messages_are_no_errors() -> None:
    account = Account()
    for severity in ("debug", "info", "warning"):
        account.hear({"diagnosticEvent": {"severity": severity, "message": "x", "urn": URN}})
    assert account.outcome([]).errors == ()

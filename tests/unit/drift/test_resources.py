"""What an engine's refresh and preview say, as differences with a mend."""

from delivery.drift import resources
from delivery.drift.found import Drift
from delivery.engines.stack import Operation, Outcome, Step

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
SAME = Step(Operation.same, "urn", ALARM, "fine")
CHANGED = Step(Operation.update, "urn", ALARM, "errors", ("threshold",), {"threshold": (5, 500)})
GONE = Step(Operation.delete, "urn", ALARM, "slow")


def test_what_was_changed_or_deleted_by_hand_is_named_with_its_values() -> None:
    mend = "./inv refresh laptop takes it over, then ./inv apply laptop puts back what HEAD says"
    assert list(resources.changed("laptop", Outcome((SAME, CHANGED, GONE), {}))) == [
        Drift(f"stack laptop: {ALARM} errors", "was changed by hand: threshold from 5 to 500", mend),
        Drift(f"stack laptop: {ALARM} slow", "was deleted by hand", mend),
    ]


def test_what_head_says_and_nobody_applied_waits() -> None:
    created = Step(Operation.create, "urn", ALARM, "new")
    assert [str(each) for each in resources.waiting("laptop", Outcome((SAME, created, CHANGED), {}))] == [
        f"stack laptop: {ALARM} new: waits to be created; ./inv apply laptop makes it so",
        f"stack laptop: {ALARM} errors: waits to be updated: threshold from 5 to 500; ./inv apply laptop makes it so",
    ]


def test_a_stack_that_cannot_be_compared_is_a_difference_too() -> None:
    failed = Outcome((), {}, ("the provider does not answer",))
    assert [each.what for each in resources.changed("laptop", failed)] == [
        "cannot be compared: the provider does not answer"
    ]
    assert [each.what for each in resources.waiting("laptop", failed)] == [
        "HEAD cannot be applied: the provider does not answer"
    ]


def test_a_long_value_is_cut() -> None:
    long = Step(Operation.update, "urn", ALARM, "errors", ("text",), {"text": ("a" * 100, "b")})
    assert "…" in next(resources.changed("laptop", Outcome((long,), {}))).what

"""What was seen, of the lines that a change adds."""

from delivery.proposals.evidence import evidence
from tests.unit.rules.files import FULL, facts, files, released, rolled_out, with_lines


def test_only_new_lines_are_quoted_and_each_that_has_evidence() -> None:
    gated = with_lines(
        'at: "2026-11-25T11:00:00Z", percent: 25, gate: default',
        'pass: 25, at: "2026-11-25T11:30:00Z", evidence: all is well',
    )
    assert evidence(facts(files()), facts(gated)) == ("stable 1.4.0 to 25 %: all is well",)
    assert evidence(facts(gated), facts(gated)) == ()


def test_a_new_rollout_starts_on_evidence() -> None:
    began = files(released("1.5.0") | rolled_out("beta/1.5.0", FULL))
    assert evidence(facts(files()), facts(began)) == ("beta 1.5.0 to 100 %: updated",)


def test_what_takes_away_has_none() -> None:
    held = with_lines('hold: 0, at: "2026-11-25T11:55:00Z", reason: it loses files')
    assert evidence(facts(files()), facts(held)) == ()

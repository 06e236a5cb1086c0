"""Every rule that facts must keep, and running them all.

Each rule stands alone: it takes the change and yields what is wrong, all of it. None knows git, a clock or a renderer.
A gated step without its pass is no problem: it stays where it is, and the plan says so.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from delivery.rules.checks.artifacts import (
    artifacts_are_of_known_targets,
    file_names_are_unique,
    signatures_are_by_a_key_of_ours,
    signatures_are_of_this_file,
    signatures_are_trusted_there,
    signatures_are_well_formed,
    updates_are_signed,
)
from delivery.rules.checks.change import Change
from delivery.rules.checks.merged import (
    merged_facts_are_not_edited,
    merged_lines_stay,
    merged_rollouts_keep_salt_and_targets,
    nothing_merged_is_removed,
)
from delivery.rules.checks.removals import (
    removals_are_not_dated_ahead,
    stops_are_named_for_their_channel,
    stops_are_of_something,
    withdrawals_are_of_something,
)
from delivery.rules.checks.rollouts import (
    a_merge_takes_one_step,
    a_resume_goes_no_further_than_the_hold_found,
    gates_are_in_the_policy,
    holds_and_resumes_are_not_dated_ahead,
    new_percents_are_on_the_ladder,
    one_partial_rollout_a_channel,
    only_a_resume_follows_a_hold,
    passes_are_for_a_gated_step,
    percents_only_rise,
    rollouts_name_what_exists,
    salts_are_unique,
    steps_follow_in_time,
)
from delivery.rules.facts import Facts
from delivery.rules.problem import Problem

CHECKS: tuple[Callable[[Change], Iterator[Problem]], ...] = (
    # what was built
    artifacts_are_of_known_targets,
    updates_are_signed,
    signatures_are_well_formed,
    signatures_are_by_a_key_of_ours,
    signatures_are_of_this_file,
    signatures_are_trusted_there,
    file_names_are_unique,
    # how it reaches people
    rollouts_name_what_exists,
    salts_are_unique,
    steps_follow_in_time,
    percents_only_rise,
    new_percents_are_on_the_ladder,
    gates_are_in_the_policy,
    passes_are_for_a_gated_step,
    only_a_resume_follows_a_hold,
    a_resume_goes_no_further_than_the_hold_found,
    one_partial_rollout_a_channel,
    # how it is taken back
    withdrawals_are_of_something,
    stops_are_of_something,
    stops_are_named_for_their_channel,
    # what was merged, and what this merge does at once
    nothing_merged_is_removed,
    merged_facts_are_not_edited,
    merged_rollouts_keep_salt_and_targets,
    merged_lines_stay,
    holds_and_resumes_are_not_dated_ahead,
    removals_are_not_dated_ahead,
    a_merge_takes_one_step,
)


def check(
    facts: Facts, base: Facts | None = None, environment: str | None = None, now: datetime | None = None
) -> tuple[Problem, ...]:
    """All that is wrong with these facts, sorted.

    `base` is what they would be merged onto: without one everything counts as new, so what is merged already is
    checked with itself as the base. Rules that need an environment or a time are silent without.
    """
    change = Change(facts, base, environment, now)
    return tuple(sorted({problem for rule in CHECKS for problem in rule(change)}))

"""Every rule that facts must keep, and running them all.

Each rule stands alone: it takes the change and yields what is wrong, all of it. None knows git, a clock or a renderer.
A gated step without its pass is no problem: it stays where it is, and the plan says so.

FORM holds always: a fact is malformed, names what does not exist, or rewrites what was merged. SENSE is about what a
change does to people, and it never stands in the way of taking something back: a change that is proved narrower is
only warned, and so is everybody of what the base has wrong already. Hence nothing that a clock or a narrowing brought
about can hold up the next change, and what is merged is never refused by time alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from delivery.rules.checks import (
    artifacts,
    barriers,
    blocks,
    channels,
    experiments,
    freezes,
    keys,
    lines,
    merged,
    reach,
    removals,
    rollouts,
    steps,
    versions,
)
from delivery.rules.checks.change import Change
from delivery.rules.facts import Facts
from delivery.rules.plan import Effect, plan
from delivery.rules.problem import Problem, Severity

Rule = Callable[[Change], Iterator[Problem]]

FORM: tuple[Rule, ...] = (
    # what was built
    artifacts.artifacts_are_of_known_targets,
    artifacts.updates_are_signed,
    artifacts.signatures_are_well_formed,
    artifacts.signatures_are_by_a_key_of_ours,
    artifacts.signatures_are_of_this_file,
    artifacts.signatures_are_trusted_there,
    artifacts.file_names_are_unique,
    artifacts.no_two_artifacts_are_the_same_bytes,
    # who signs what
    keys.no_key_is_for_two_things,
    # names that lead somewhere
    channels.channels_name_channels_that_exist,
    rollouts.rollouts_name_what_exists,
    lines.gates_are_in_the_policy,
    removals.withdrawals_are_of_something,
    removals.withdrawals_name_what_exists,
    removals.reissues_are_above_and_downgrades_below,
    removals.stops_are_of_something,
    removals.stops_are_named_for_their_channel,
    removals.stops_decide_halts_of_their_channel,
    removals.no_two_stops_decide_the_same_halt,
    removals.notices_are_on_channels_that_exist,
    barriers.barriers_name_what_exists,
    barriers.deadends_name_what_exists,
    blocks.blocks_are_for_targets_that_exist,
    freezes.freezes_are_of_channels_that_exist,
    experiments.experiments_name_what_exists,
    experiments.defaults_are_variants,
    experiments.decisions_keep_an_arm,
    # lines that say something
    lines.steps_follow_in_time,
    lines.passes_are_for_a_gated_step,
    lines.only_a_resume_follows_a_hold,
    # what was merged
    merged.nothing_merged_is_removed,
    merged.merged_facts_are_not_edited,
    merged.merged_rollouts_keep_what_they_began_with,
    merged.merged_lines_stay,
    # when it was decided
    steps.holds_and_resumes_are_not_dated_ahead,
    removals.removals_are_not_dated_ahead,
    removals.what_is_lifted_is_lifted_by_now,
)

SENSE: tuple[Rule, ...] = (
    # versions beside each other
    versions.no_version_has_a_twin,
    versions.pre_releases_are_in_the_order_of_their_numbers,
    versions.numbers_do_not_jump,
    versions.higher_numbers_are_newer,
    versions.artifacts_are_not_cut_off,
    versions.nothing_is_left_out_that_the_one_before_had,
    versions.minimums_are_of_systems_it_is_built_for,
    versions.minimums_that_rise_are_seen,
    # channels
    channels.channels_do_not_follow_in_a_circle,
    channels.channels_leave_the_name_of_next_free,
    channels.ladders_climb,
    channels.announcements_have_room,
    channels.what_is_followed_comes_no_later,
    channels.live_builds_understand_these_facts,
    # rollouts
    rollouts.rollouts_are_for_targets_it_was_built_for,
    rollouts.rollouts_for_all_targets_leave_none_behind,
    rollouts.rollouts_can_reach_somebody,
    rollouts.pre_releases_are_for_channels_that_take_them,
    rollouts.salts_are_unique,
    rollouts.superseded_rollouts_are_older_and_partial,
    rollouts.one_partial_rollout_a_channel,
    rollouts.rollouts_are_not_left_midway,
    # their lines
    lines.percents_only_rise,
    lines.a_resume_goes_no_further_than_the_hold_found,
    lines.critical_lines_are_for_somebody,
    steps.new_percents_are_on_the_ladder,
    steps.new_steps_leave_out_no_rung,
    steps.new_ungated_steps_stay_below_the_cap,
    steps.first_steps_have_evidence,
    steps.versions_come_from_the_channel_below,
    steps.versions_soak_before_they_start,
    steps.new_steps_are_not_over_when_merged,
    steps.first_steps_come_soon,
    steps.new_steps_are_on_working_days,
    steps.a_merge_takes_one_step,
    freezes.freezes_end_after_they_begin,
    freezes.freezes_are_still_to_come,
    freezes.nothing_new_widens_in_a_freeze,
    freezes.freezes_are_not_laid_over_what_is_approved,
    # what is taken back
    removals.notices_are_for_somebody,
    removals.nothing_withdrawn_is_offered_elsewhere,
    removals.reissues_are_complete_and_offered,
    removals.downgrades_are_lower_complete_and_open_to_everyone,
    removals.what_is_offered_instead_was_offered_to_everyone,
    # what bars the way
    barriers.barriers_are_for_those_below_them,
    barriers.barriers_are_built_for_every_target,
    barriers.barriers_are_open_to_everyone,
    blocks.blocks_end,
    blocks.blocks_match_something,
    blocks.blocks_do_not_reach_beyond_the_mend,
    blocks.blocks_miss_no_version_beside_those_they_name,
    blocks.blocks_agree_on_an_edge,
    blocks.blocks_are_reviewed,
    # experiments and flags
    experiments.experiments_are_of_flags_or_a_holdback,
    experiments.weights_add_up,
    experiments.experiments_end_after_they_start,
    experiments.guardrails_can_be_met,
    experiments.layers_do_not_overlap,
    experiments.a_flag_is_in_one_experiment_at_a_time,
    experiments.audiences_are_somebody,
    experiments.experiments_are_decided,
    experiments.flags_do_not_outlive_their_day,
    experiments.flags_keep_their_meaning,
    # what people are told in the end
    reach.nobody_is_stranded,
    reach.those_who_wait_are_named,
    reach.nothing_offered_is_taken_back_unsigned_or_older,
    reach.offers_never_lead_in_a_circle,
)

CHECKS = (*FORM, *SENSE)


def check(
    facts: Facts,
    base: Facts | None = None,
    environment: str | None = None,
    now: datetime | None = None,
    understood: frozenset[str] | None = None,
) -> tuple[Problem, ...]:
    """All that is wrong with these facts, sorted.

    `base` is what they would be merged onto: without one everything counts as new, so what is merged already is
    checked with itself as the base. Rules that need an environment or a time are silent without. `understood` are the
    features of catalogs (`catalog.FEATURES`) that all live endpoint builds have.
    """
    change = Change(facts, base, environment, now, understood)
    form, sense = _said(FORM, change), _said(SENSE, change)
    if base is not None and any(each.severity is Severity.error for each in sense):
        sense = _weighed(change, sense, is_sound=not form)
    return tuple(sorted(form | sense))


def _said(rules: Iterable[Rule], change: Change) -> set[Problem]:
    return {problem for rule in rules for problem in rule(change)}


def _weighed(change: Change, said: set[Problem], *, is_sound: bool) -> set[Problem]:
    """What this change is not to blame for, or may do because it takes something back, as warnings."""
    known = {_words(problem) for problem in _of_base(change, said)}
    fresh = {problem for problem in said if problem.severity is Severity.error and _words(problem) not in known}
    if fresh and is_sound and is_narrower(change):
        fresh = set()
    return {problem if problem in fresh else replace(problem, severity=Severity.warning) for problem in said}


def _of_base(change: Change, said: set[Problem]) -> set[Problem]:
    """What is wrong with the base already."""
    if change.base is None or change.base is change.facts:
        return said
    return _said(SENSE, replace(change, facts=change.base))


def is_narrower(change: Change) -> bool:
    """Whether it is proved that somebody is offered less by this change, and nobody anything else."""
    before = change.before.catalog if change.before else None
    after = change.standing.catalog
    if before is None or after is None or change.now is None:
        return False
    return plan(before, after, change.now, change.facts.policy.value).effect is Effect.narrower


def _words(problem: Problem) -> tuple[str, str, str]:
    """A problem without the numbers of lines, which move."""
    return problem.path, problem.field, re.sub(r"(?<=:)[0-9]+|(?<=line )[0-9]+", "", problem.what)

"""The rules of what bars the way: barriers, dead ends and blocks; and who is stranded, or waits."""

import pytest

from tests.unit.rules.files import (
    DONE,
    ROLLOUT,
    TEXTS,
    errors,
    fact,
    files,
    released,
    rolled_out,
    said,
    said_onto,
)

BARRIER, BLOCK = "releases/barriers/1.3.0.yaml", "releases/blocks/gtk.yaml"


def barrier(version: str = "1.3.0", below: str = "1.3.0", targets: str = "all", *more: str) -> dict[str, str | None]:
    head = (f"barrier: {version}", f"applies-below: {below}", f"targets: {targets}")
    return fact("barriers", version, *head, "reason: migrates files", *more)


def block(source: str, to: str, *more: str, targets: str = "all", name: str = "gtk") -> dict[str, str | None]:
    head = (f"block: {name}", f'from: "{source}"', f'to: "{to}"', f"targets: {targets}")
    rest = more or ("effect: block",)
    return fact("blocks", name, *head, *rest, "reason: crashes", "owner: core", 'review-by: "2027-01-31"')


def waiting(told: list[str]) -> list[str]:
    return [each for each in told if " wait: " in each or "stranded" in each]


# --- barriers -----------------------------------------------------------------------------------------------------


def test_a_barrier_at_100_percent_is_no_problem() -> None:
    assert said(files(barrier())) == []


def test_a_barrier_or_a_target_that_does_not_exist() -> None:
    assert said(files(barrier("1.3.9")))[0] == (
        "releases/barriers/1.3.9.yaml:1: barrier: there is no version 1.3.9; did you mean 1.3.0?"
    )
    assert said(files(barrier(targets="[linux-x86]")))[0] == (
        f"{BARRIER}:3: targets.0: product.yaml has no target linux-x86; did you mean linux-x86_64?"
    )


def test_a_barrier_for_those_above_it() -> None:
    assert said(files(barrier(below="1.4.0"))) == [
        f"{BARRIER}:2: applies-below: 1.4.0 is above 1.3.0: those between have passed it; "
        "write 1.3.0 or a version below it"
    ]


def test_a_barrier_that_is_not_built_for_a_bundle_above_it() -> None:
    both = released("1.4.0", ("linux-x86_64", "appimage"), ("linux-x86_64", "deb"))
    assert errors(said(files(both | barrier())))[0] == (
        f"{BARRIER}:1: barrier: 1.3.0 has no update for linux-x86_64 deb: nobody could go through it there; "
        "name the targets it is for, or take a version that has them all"
    )


def test_a_throttled_barrier() -> None:
    half = {DONE: TEXTS[DONE].replace("percent: 100", "percent: 50"), ROLLOUT: TEXTS[ROLLOUT].replace(
        "targets: all", "targets: all\nsupersedes: 1.3.0")}  # fmt: skip
    end = "so nobody below gets 1.4.0 on stable; bring 1.3.0 to 100 % there before 1.4.0 starts, or lift the barrier"
    assert f"{BARRIER}:1: barrier: 1.3.0 is only at 50 % of stable, {end}" in said(files(half | barrier()))
    held = {DONE: TEXTS[DONE] + '  - {hold: 0, at: "2026-11-24T14:00:00Z", reason: x}\n'}
    assert f"{BARRIER}:1: barrier: 1.3.0 is held at 0 % of stable, {end}" in said(files(held | barrier()))


WITHDRAWN = fact(
    "withdrawals", "1.3.0", "withdraw: 1.3.0", "channels: [stable]", 'at: "2026-11-24T14:00:00Z"', "reason: x",
    "downloads: hide",
)  # fmt: skip


def test_a_withdrawn_barrier() -> None:
    assert errors(said(files(WITHDRAWN | barrier()))) == [
        f"{BARRIER}:1: barrier: 1.3.0 is taken back on stable (releases/withdrawals/1.3.0.yaml:1), so nobody below "
        "gets 1.4.0 on stable; bring 1.3.0 to 100 % there before 1.4.0 starts, or lift the barrier"
    ]


def test_a_barrier_may_be_withdrawn_all_the_same_and_holds_nobody_up_then() -> None:
    """Taking back is never refused, and what it left behind refuses no later change."""
    before, after = files(barrier() | released("1.2.0")), files(barrier() | released("1.2.0") | WITHDRAWN)
    assert errors(said_onto(before, after)) == []
    assert any("1.3.0 is taken back" in each for each in said_onto(before, after))
    raised = after | {ROLLOUT: after[ROLLOUT] + b'  - {at: "2026-11-26T14:00:00Z", percent: 25}\n'}
    assert errors(said_onto(after, raised)) == []


def test_a_lifted_barrier_bars_nothing() -> None:
    lifted = 'lifted: {at: "2026-11-25T11:00:00Z", reason: all are through}'
    assert errors(said(files(WITHDRAWN | barrier("1.3.0", "1.3.0", "all", lifted)))) == []


def test_a_dead_end_of_nothing_and_without_its_notice() -> None:
    assert said(files(fact("deadends", "1.3.9", "deadend: 1.3.9", "reason: x", "notice: reinstall"))) == [
        "releases/deadends/1.3.9.yaml:1: deadend: there is no version 1.3.9; did you mean 1.3.0?",
        "releases/deadends/1.3.9.yaml:3: notice: there is no notice reinstall; add a notice first",
    ]


# --- blocks -------------------------------------------------------------------------------------------------------


def test_a_block_of_a_target_that_does_not_exist() -> None:
    assert f"{BLOCK}:4: targets.0: product.yaml has no target linux; the targets are linux-x86_64" in said(
        files(block("<1.4.0", ">=1.4.0 <1.4.1", targets="[linux]"))
    )


def test_a_block_without_an_end() -> None:
    assert errors(said(files(block("<1.4.0", ">=1.4.0"))))[1:] == [
        f'{BLOCK}:3: to: >=1.4.0 has no upper bound, so those on <1.4.0 wait for ever; add one: ">=1.4.0 <1.4.1"'
    ]


@pytest.mark.parametrize(
    ("source", "to", "told"),
    [
        ("<1.0.0", ">=1.4.0 <1.4.1", "2: from: matches nothing: no version is <1.0.0; look at releases/versions/"),
        (
            "<1.4.0",
            ">=1.9.0 <1.9.1",
            "3: to: matches nothing: no version is >=1.9.0 <1.9.1; look at releases/versions/",
        ),
        (
            ">=1.4.0",
            "<1.4.0",
            "2: from: matches nothing: no update leads from 1.4.0 up to 1.3.0; "
            "see whether from and to are the right way round",
        ),
    ],
)
def test_a_block_that_matches_nothing(source: str, to: str, told: str) -> None:
    assert f"{BLOCK}:{told} (warning)" in said(files(block(source, to)))


def test_a_block_that_reaches_beyond_the_mend() -> None:
    assert (
        f"{BLOCK}:3: to: reaches to 1.5.0, beyond the next version after 1.4.0, the highest affected; "
        "write <1.4.1, or the version that mends it would be blocked too (warning)"
    ) in said(files(block("<1.4.0", ">=1.4.0 <1.5.0")))


def test_a_block_that_misses_a_pre_release() -> None:
    beta = released("1.4.0-beta.1")
    assert (
        f"{BLOCK}:3: to: misses 1.4.0-beta.1, beside what it names; write >=1.4.0-beta.1 if that is affected too "
        "(warning)"
    ) in said(files(beta | block("<1.3.9", ">=1.4.0 <1.4.1")))


def test_an_edge_that_is_blocked_and_warned_of() -> None:
    both = block("<1.4.0", ">=1.4.0 <1.4.1") | block("=1.3.0", ">=1.4.0 <1.4.1", "effect: warn", name="gtk-too")
    assert (
        f"releases/blocks/gtk-too.yaml:5: effect: only warns of 1.3.0 to 1.4.0, which {BLOCK}:1 blocks: the block "
        "holds; lift one of them (warning)"
    ) in said(files(both))


def test_a_block_past_its_review() -> None:
    late = {BLOCK: (block("<1.4.0", ">=1.4.0 <1.4.1")[BLOCK] or "").replace("2027-01-31", "2026-11-24")}
    assert (
        f"{BLOCK}:8: review-by: core was to review it by 2026-11-24; "
        "lift it, or block the same again with a later day (warning)"
    ) in said(files(late))


# --- who gets on --------------------------------------------------------------------------------------------------


def test_those_who_must_go_through_what_is_not_there_are_stranded() -> None:
    older = released("1.2.0") | released("1.2.5") | barrier("1.2.5", "1.2.5")
    assert waiting(said(files(older))) == [
        "releases/barriers/1.2.5.yaml:1: installations of 1.2.0 on stable (linux-x86_64 appimage) are stranded: "
        "they must go through 1.2.5, which nobody can get there; give them a way up, or declare a dead end "
        "with a notice"
    ]
    deadend = fact("deadends", "1.2.0", "deadend: 1.2.0", "reason: x", "notice: again")
    notice = fact(
        "notices", "again", "notice: again", "channels: [stable]", 'versions: "=1.2.0"', 'at: "2026-11-24T14:00:00Z"',
        "text: install it again",
    )  # fmt: skip
    assert waiting(said(files(older | deadend | notice))) == []


def test_a_block_that_bars_every_way_up_makes_people_wait() -> None:
    assert waiting(said(files(block("<1.4.0", ">=1.4.0 <1.4.1")))) == [
        f"{BLOCK}:1: installations of 1.3.0 on stable (linux-x86_64 appimage) wait: 1.4.0 is blocked for them; "
        "they go on once there is a version outside >=1.4.0 <1.4.1 (warning)"
    ]


def test_a_block_without_an_end_strands_them() -> None:
    assert waiting(said(files(block("<1.4.0", ">=1.4.0")))) == [
        f"{BLOCK}:1: installations of 1.3.0 on stable (linux-x86_64 appimage) are stranded: 1.4.0 is blocked for them; "
        "give them a way up, or declare a dead end with a notice"
    ]


def test_a_block_that_leaves_another_way_up_keeps_nobody() -> None:
    higher = released("1.5.0") | rolled_out("beta/1.4.0") | rolled_out("beta/1.5.0")
    assert waiting([each for each in said(files(higher | block("<1.4.0", ">=1.4.0 <1.4.1"))) if "beta" in each]) == []


def test_those_whose_next_version_was_withdrawn_wait_and_are_counted() -> None:
    gone = {path.replace("1.3.0", "1.4.0"): (text or "").replace("1.3.0", "1.4.0") for path, text in WITHDRAWN.items()}
    done = rolled_out("stable/1.2.0") | released("1.2.0")
    assert waiting(said(files(gone | done))) == [
        "releases/withdrawals/1.4.0.yaml:1: installations of 1.3.0 on stable (linux-x86_64 appimage) wait: "
        "1.4.0 is withdrawn; they go on once a higher version takes its place (warning)"
    ]
    both = gone | done | WITHDRAWN
    assert waiting(said(files(both))) == [
        "releases/withdrawals/1.4.0.yaml:1: 2 versions (1.2.0 and 1.3.0) on stable (linux-x86_64 appimage) wait: "
        "1.4.0 is withdrawn; they go on once a higher version takes its place (warning)"
    ]


def test_those_whose_turn_has_not_come_do_not_wait_for_anything() -> None:
    assert waiting(said(files())) == []

"""How many must approve, by what a change does."""

import pytest

from delivery.rules.approvals import Needed, is_code, is_fact, mixed, needed
from tests.unit.rules.files import NOW, POLICY, ROLLOUT, TEXTS, fact, facts, files, released, rolled_out

DECIDED = ('at: "2026-11-25T11:00:00Z"', "reason: it loses files")
NONE = "nobody is offered anything else"
NARROWER = "it only takes back: nobody is offered what was not open to everyone"
NEXT = "one gated step takes effect, by its pass"
WIDER = "somebody is offered what was not open to everyone"


def asked(base: dict[str, str | None], change: dict[str, str | None], *paths: str) -> Needed | None:
    return needed(facts(files(base | change)), facts(files(base)), NOW, paths)


def lines(*more: str) -> dict[str, str | None]:
    return {ROLLOUT: TEXTS[ROLLOUT] + "".join(f"  - {{{line}}}\n" for line in more)}


HOLD = 'hold: 0, at: "2026-11-25T10:00:00Z", reason: x'
GATED = 'at: "2026-11-25T11:00:00Z", percent: 25, gate: default'
STOP = fact("stops", "2026-11-25-stable", "stop: {channel: stable}", *DECIDED)
LIFTED = 'lifted: {at: "2026-11-25T11:30:00Z", reason: x}'
WITHDRAWAL = ("withdraw: 1.4.0", "channels: [stable]", *DECIDED, "downloads: hide")
GONE = fact("withdrawals", "1.4.0", *WITHDRAWAL)
MENDED = released("1.4.1") | rolled_out("stable/1.4.1", 'at: "2026-11-27T11:00:00Z", percent: 1, evidence: x')


@pytest.mark.parametrize(
    ("base", "change", "count", "why"),
    [
        ({}, {POLICY: TEXTS[POLICY] + "# a word\n"}, 1, (NONE,)),
        ({}, lines(HOLD), 1, (NARROWER,)),
        ({}, STOP, 1, (NARROWER,)),
        ({}, lines(GATED), 1, (NONE,)),
        (lines(GATED), lines(GATED, 'pass: 25, at: "2026-11-25T11:30:00Z", evidence: x'), 1, (NEXT,)),
        ({}, lines('at: "2026-11-26T11:00:00Z", percent: 25'), 2, (WIDER,)),
        (
            lines(HOLD),
            lines(HOLD, 'resume: 10, at: "2026-11-25T11:00:00Z", reason: x'),
            2,
            (WIDER, "stable/1.4.0 is resumed"),
        ),
        (
            STOP,
            fact("stops", "2026-11-25-stable", "stop: {channel: stable}", *DECIDED, LIFTED),
            2,
            (WIDER, "the stop of stable is lifted"),
        ),
        (
            GONE,
            fact("withdrawals", "1.4.0", *WITHDRAWAL, "installed: downgrade-to 1.3.0"),
            2,
            (WIDER, "1.4.0 goes back to 1.3.0 on stable"),
        ),
    ],
    ids=["nothing", "hold", "stop", "gated", "pass", "raise", "resume", "lift", "downgrade"],
)
def test_approvals_follow_the_effect(
    base: dict[str, str | None], change: dict[str, str | None], count: int, why: tuple[str, ...]
) -> None:
    assert asked(base, change) == Needed(count, why)


def test_a_start_that_nobody_meets_yet_takes_two() -> None:
    waiting = released("1.4.1") | rolled_out(
        "stable/1.4.1", 'at: "2026-11-27T11:00:00Z", percent: 1, evidence: x, gate: default'
    )
    found = asked({}, waiting)
    assert found is not None
    assert (found.count, found.why[1:]) == (2, ("stable/1.4.1 starts",))


def test_a_lift_that_nobody_meets_takes_two() -> None:
    stop = ("stop: {channel: beta}", *DECIDED)
    base, lifted = (fact("stops", "2026-11-25-beta", *stop, *more) for more in ((), (LIFTED,)))
    assert asked(base, lifted) == Needed(2, (NONE, "the stop of beta is lifted"))


HALT = "2026-11-25-105500-stable"
DECIDES = f"decides: {HALT}"
ENDS = f"the halt {HALT} ends, and not all that it may have held stays stopped"


def test_the_decision_of_a_halt_takes_one_while_all_of_its_channel_stays_stopped() -> None:
    whole = fact("stops", HALT, "stop: {channel: stable}", *DECIDED, DECIDES)
    assert asked({}, whole) == Needed(1, (NARROWER,))
    assert asked(STOP, whole) == Needed(1, (NARROWER,))
    part = fact("stops", HALT, "stop: {channel: stable, versions: [1.4.0]}", *DECIDED, DECIDES)
    assert asked(STOP, part) == Needed(1, (NARROWER,))  # by another stop


def test_else_it_takes_two_as_facts_do_not_know_what_it_held() -> None:
    part = fact("stops", HALT, "stop: {channel: stable, versions: [1.4.0]}", *DECIDED, DECIDES)
    assert asked({}, part) == Needed(2, (NARROWER, ENDS))
    lifted = fact("stops", HALT, "stop: {channel: stable}", *DECIDED, DECIDES, LIFTED)
    assert asked({}, lifted) == Needed(2, (WIDER, ENDS))


def test_a_halt_ends_once() -> None:
    part = fact("stops", HALT, "stop: {channel: stable, versions: [1.4.0]}", *DECIDED, DECIDES)
    assert asked(part, part | lines(HOLD)) == Needed(1, (NONE,))


def test_a_reissue_takes_two() -> None:
    reissued = fact("withdrawals", "1.4.0", *WITHDRAWAL, "installed: reissue-as 1.4.1")
    found = asked(GONE | MENDED, reissued)
    assert found is not None
    assert (found.count, found.why[1:]) == (2, ("1.4.0 is reissued as 1.4.1 on stable",))


def test_a_moved_line_is_no_lift() -> None:
    assert asked(STOP, {path: f"# a word\n{text}" for path, text in STOP.items()}) == Needed(1, (NONE,))


@pytest.mark.parametrize(("merged", "own"), [(2, 1), (1, 2)])
def test_no_change_lowers_its_own_bar(merged: int, own: int) -> None:
    def policy(count: int) -> dict[str, str | None]:
        return {POLICY: TEXTS[POLICY].replace("narrower: 1", f"narrower: {count}")}

    assert asked(policy(merged), policy(own) | lines(HOLD)) == Needed(
        2,
        (NARROWER, f"the merged policy asks for {merged}, this change's for {own}: the higher counts"),
    )


def test_the_owners_of_policy_and_code_are_asked() -> None:
    found = asked({}, lines(HOLD), ROLLOUT, POLICY, "releases/channels/beta.yaml", "docs/adr/0001.md")
    assert found is not None
    assert found.owners == ("releases/channels/beta.yaml", POLICY)
    assert (asked({}, {}, "delivery/rules/decide.py") or Needed(0, ())).owners == ("delivery/rules/decide.py",)


def test_facts_that_no_environment_trusts_need_no_count() -> None:
    broken = {path: text.replace("trusted-in: [laptop]", "trusted-in: []") for path, text in TEXTS.items()}
    assert asked({}, dict(broken)) is None


@pytest.mark.parametrize(
    ("path", "fact", "code"),
    [
        ("releases/rollouts/stable/1.4.0.yaml", True, False),
        ("product.yaml", True, False),
        ("Pulumi.production.yaml", True, False),
        ("releases/README.md", False, False),
        ("docs/adr/0001.md", False, False),
        ("site/content/news/hello.mdx", False, False),
        ("site/content/words.txt", False, False),
        ("site/content/circuits/noise.cir", False, True),
        ("site/app/root.tsx", False, True),
        ("site/settings.yaml", False, True),
        ("Pulumi.yaml", False, True),
        ("schemas/rollout.json", False, True),
        ("delivery/rules/decide.py", False, True),
        ("requirements/all.txt", False, True),
        (".github/workflows/check.yml", False, True),
    ],
)
def test_what_is_a_fact_and_what_is_code(path: str, fact: bool, code: bool) -> None:
    assert (is_fact(path), is_code(path)) == (fact, code)


def test_facts_and_code_in_one_change() -> None:
    assert [str(each) for each in mixed([ROLLOUT, "docs/x.md", "delivery/a.py", "infra/b.py"])] == [
        f"{ROLLOUT}: changes together with code: delivery/a.py and 1 more files; make two pull requests, the code first"
    ]
    assert mixed([ROLLOUT, "docs/x.md"]) == mixed(["delivery/a.py", "README.md"]) == ()

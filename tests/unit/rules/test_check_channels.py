"""The rules of channels, of their policy, and of the rollouts on them beside each other."""

from datetime import timedelta

from delivery.rules.catalog import FEATURES
from delivery.rules.check import check
from tests.unit.rules.files import (
    DONE,
    NEW,
    NOW,
    POLICY,
    PRODUCT,
    ROLLOUT,
    STABLE,
    TEXTS,
    errors,
    fact,
    facts,
    files,
    released,
    rolled_out,
    said,
    said_onto,
)

BETA = "releases/channels/beta.yaml"
HELD = '  - {hold: 0, at: "2026-11-24T14:00:00Z", reason: x}\n'


def test_a_channel_that_names_one_that_does_not_exist() -> None:
    text = TEXTS[STABLE] + "follows: bta\npromotes-from: bta\nsoak: {in: bta, at-least: 1h, installs: 0}\n"
    capped = TEXTS[POLICY].replace("beta: 100", "bet: 100")
    assert [each for each in said(files({STABLE: text, POLICY: capped})) if "soak" in each or "bt" in each][:4] == [
        f"{STABLE}:4: follows: there is no channel bta; did you mean beta?",
        f"{STABLE}:5: promotes-from: there is no channel bta; did you mean beta?",
        f"{STABLE}:6: soak.in: there is no channel bta; did you mean beta?",
    ]
    assert f"{POLICY}:3: ungated.bet: there is no channel bet; did you mean beta?" in said(files({POLICY: capped}))


def test_channels_that_follow_in_a_circle() -> None:
    both = {STABLE: TEXTS[STABLE] + "follows: beta\n", BETA: TEXTS[BETA] + "follows: stable\n"}
    mend = "remove one of these lines"
    told = [each for each in said(files(both)) if "circle" in each]
    assert told == [
        f"{BETA}:4: follows: leads in a circle: beta, stable, beta; {mend}",
        f"{STABLE}:4: follows: leads in a circle: stable, beta, stable; {mend}",
    ]


def test_a_channel_with_the_name_of_next() -> None:
    text = TEXTS[BETA].replace("channel: beta", "channel: stable-next")
    assert said(files({"releases/channels/stable-next.yaml": text})) == [
        "releases/channels/stable-next.yaml:1: channel: stable-next is where the newest rollout of stable can be "
        "tried; give the channel another name"
    ]


def test_a_ladder_that_does_not_climb() -> None:
    text = TEXTS[BETA].replace("[10, 100]", "[100, 10]")
    assert said(files({BETA: text})) == [
        f"{BETA}:3: ladder: [100, 10] does not climb from above 0 to 100; write [1, 10, 25, 50, 100]"
    ]


FOLLOWED = {BETA: TEXTS[BETA] + "follows: stable\n"} | rolled_out("beta/1.3.0")


def test_what_is_followed_starts_before_its_follower_has_it() -> None:
    assert said(files(FOLLOWED)) == [
        f"{ROLLOUT}:5: steps.0: beta, which follows stable, does not offer everyone 1.4.0 or higher "
        "by 2026-11-25T12:00:00Z (linux-x86_64 appimage); bring 1.4.0 to 100 % of beta first"
    ]


def test_a_follower_may_have_that_version_or_a_higher_one() -> None:
    assert said(files(FOLLOWED | rolled_out("beta/1.4.0"))) == []
    higher = released("1.5.0-beta.1") | rolled_out("beta/1.5.0-beta.1")
    assert said(files(FOLLOWED | higher | {BETA: f"{FOLLOWED[BETA]}pre-releases: true\n"})) == []


def test_a_follower_that_had_to_withdraw_it() -> None:
    taken = fact(
        "withdrawals", "1.4.0", "withdraw: 1.4.0", "channels: [beta]", 'at: "2026-11-24T14:00:00Z"',
        "reason: x", "downloads: hide",
    )  # fmt: skip
    told = said_onto(files(FOLLOWED | rolled_out("beta/1.4.0")), files(FOLLOWED | rolled_out("beta/1.4.0") | taken))
    assert errors(told) == []  # it only takes back
    assert any("which follows stable" in each for each in told)


def test_a_feature_that_a_live_build_does_not_understand() -> None:
    ramp = {ROLLOUT: TEXTS[ROLLOUT] + '  - {at: "2026-11-26T14:00:00Z", percent: 25, over: 6h}\n'}
    given = facts(files(ramp))
    assert [str(each) for each in check(given, understood=FEATURES - {"ramps"})] == [
        "releases/: these facts use ramps, which an endpoint build that is live does not understand; "
        "deploy the new build first: it keeps the last catalog until then"
    ]
    assert check(given, understood=FEATURES) == ()


# --- rollouts beside each other -----------------------------------------------------------------------------------


def test_a_target_that_does_not_exist() -> None:
    text = TEXTS[ROLLOUT].replace("targets: all", "targets: [linux-x86]")
    assert said(files({ROLLOUT: text}))[0] == (
        f"{ROLLOUT}:3: targets.0: product.yaml has no target linux-x86; did you mean linux-x86_64?"
    )


def test_a_pre_release_on_a_channel_that_takes_none() -> None:
    more = released("1.5.0-beta.1") | rolled_out("beta/1.5.0-beta.1")
    assert said_onto(files(), files(more))[:1] == [
        "releases/rollouts/beta/1.5.0-beta.1.yaml:1: rollout: 1.5.0-beta.1 is a pre-release, and beta takes none "
        f"({BETA}); release it under a number without a hyphen, or roll it out elsewhere"
    ]


def test_a_rollout_of_what_only_new_visitors_install() -> None:
    head = TEXTS[NEW].partition("    appimage:")[0]
    text = head + f'    flatpak: {{file: x, size: 1, sha256: "{"c" * 64}"}}\n'
    assert errors(said(files({NEW: text}))) == [
        f"{ROLLOUT}:1: rollout: can never be offered to anybody: 1.4.0 has no signed update for any target; "
        "add its artifacts, or remove the rollout"
    ]


def test_a_rollout_below_one_that_everyone_has() -> None:
    base = files(released("1.2.0"))
    given = files(released("1.2.0") | rolled_out("stable/1.2.0"))
    path = "releases/rollouts/stable/1.2.0.yaml"
    told = [each for each in said_onto(base, given) if "never be offered" in each]
    assert told == [
        f"{path}:1: rollout: can never be offered to anybody: 1.3.0 is above it and at 100 % of stable; "
        "roll out a higher version, or remove this"
    ]


def test_a_rollout_of_what_is_withdrawn() -> None:
    gone = fact(
        "withdrawals", "1.4.0", "withdraw: 1.4.0", "channels: [stable]", 'at: "2026-11-24T14:00:00Z"',
        "reason: x", "downloads: hide",
    )  # fmt: skip
    told = said_onto(files({ROLLOUT: None} | gone), files(gone))
    assert errors(told)[0] == (
        f"{ROLLOUT}:1: rollout: can never be offered to anybody: 1.4.0 is withdrawn from stable by "
        "releases/withdrawals/1.4.0.yaml:1; roll out a higher version, or remove this"
    )


def test_all_targets_without_one_that_was_served() -> None:
    both = released("1.3.0", ("linux-x86_64", "appimage"), ("linux-x86_64", "deb"))
    told = said_onto(files(both | {ROLLOUT: None}), files(both))
    assert [each for each in told if "targets" in each] == [
        f"{ROLLOUT}:3: targets: all leaves out linux-x86_64 deb, which 1.3.0 serves on stable; "
        "see whether the build failed there: who has it stays behind (warning)"
    ]


HALF = {DONE: TEXTS[DONE].replace("percent: 100", "percent: 50")}


def test_a_rollout_that_supersedes_a_partial_one() -> None:
    text = TEXTS[ROLLOUT].replace("targets: all", "targets: all\nsupersedes: 1.3.0")
    assert errors(said(files(HALF | {ROLLOUT: text}))) == []
    assert said(files({ROLLOUT: text})) == [
        f"{ROLLOUT}:4: supersedes: stable/1.3.0 is at 100 % from 2026-10-01T14:00:00Z on, so there is nothing to end; "
        "remove the line"
    ]
    higher = TEXTS[DONE].replace("targets: all", "targets: all\nsupersedes: 1.4.0")
    assert f"{DONE}:4: supersedes: 1.4.0 is not below 1.3.0; name the older rollout that this one ends" in said(
        files({DONE: higher})
    )
    nothing = TEXTS[ROLLOUT].replace("targets: all", "targets: all\nsupersedes: 1.2.0")
    assert said(files({ROLLOUT: nothing}))[0] == (
        f"{ROLLOUT}:4: supersedes: 1.2.0 was never rolled out on stable; did you mean 1.3.0?"
    )


def test_a_rollout_left_midway() -> None:
    later = NOW + timedelta(days=13)
    told = (
        f"{ROLLOUT}:4: steps: 1.4.0 has been at 10 % of stable since 2026-11-23T14:30:00Z; "
        "take its next step, or hold it and say why (warning)"
    )
    assert told in said_onto(files(), files(), now=later)
    assert said_onto(files(), files(), now=NOW) == []
    assert said_onto(files({ROLLOUT: TEXTS[ROLLOUT] + HELD}), files({ROLLOUT: TEXTS[ROLLOUT] + HELD}), now=later) == []


def test_a_target_that_the_version_was_not_built_for() -> None:
    more = "targets:\n  darwin-aarch64: {title: macOS, updates: [app], installs: []}\n"
    product = {PRODUCT: TEXTS[PRODUCT].replace("targets:\n", more)}
    text = TEXTS[ROLLOUT].replace("targets: all", "targets: [linux-x86_64, darwin-aarch64]")
    assert said(files(product | {ROLLOUT: text})) == [
        f"{ROLLOUT}:3: targets.1: matches nothing: 1.4.0 has no update for darwin-aarch64; "
        "the targets are linux-x86_64 (warning)"
    ]


def critical(below: str) -> list[str]:
    line = f'  - {{critical: {{below: {below}}}, at: "2026-11-25T11:00:00Z", reason: x}}\n'
    return said(files({ROLLOUT: TEXTS[ROLLOUT] + line}))


def test_a_critical_line_for_those_who_cannot_get_it_and_for_nobody() -> None:
    assert critical("1.4.0") == []
    assert critical("1.4.1") == [
        f"{ROLLOUT}:8: steps.3.critical.below: 1.4.1 is above 1.4.0, which they would get; "
        "write 1.4.0 or a version below it"
    ]
    assert critical("1.3.0") == [
        f"{ROLLOUT}:8: steps.3.critical.below: matches nothing: no version is below 1.3.0; "
        "look at releases/versions/ (warning)"
    ]

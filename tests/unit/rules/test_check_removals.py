"""The rules of withdrawals and stops."""

import pytest

from tests.unit.rules.files import STOP, WITHDRAWAL, errors, fact, files, released, rolled_out, said, said_onto

DECIDED = 'at: "2026-11-25T11:00:00Z"\nreason: it loses files\n'


def withdrawal(version: str, channels: str = "[stable]") -> dict[str, bytes]:
    text = f"withdraw: {version}\nchannels: {channels}\n{DECIDED}downloads: hide\n"
    return files({f"releases/withdrawals/{version}.yaml": text})


def stop(scope: str, path: str = STOP) -> dict[str, bytes]:
    return files({path: f"stop: {{{scope}}}\n{DECIDED}"})


def test_a_withdrawal_of_what_was_rolled_out_is_no_problem() -> None:
    assert said(withdrawal("1.3.0")) == []


def test_a_withdrawal_of_nothing() -> None:
    assert said(withdrawal("1.9.0")) == [
        "releases/withdrawals/1.9.0.yaml:1: withdraw: withdraws nothing: there is no version 1.9.0; did you mean 1.4.0?"
    ]


def test_a_withdrawal_from_a_channel_that_never_had_it() -> None:
    assert said(withdrawal("1.3.0", "[stable, beta]")) == [
        f"{WITHDRAWAL}:2: channels.1: withdraws nothing: 1.3.0 was never rolled out on beta; write where it was: stable"
    ]


def test_a_withdrawal_from_no_channel() -> None:
    assert said(withdrawal("1.3.0", "[]")) == [
        f"{WITHDRAWAL}:2: channels: withdraws nothing: it names no channel; write where it was: stable"
    ]


def test_a_withdrawal_of_a_version_that_no_rollout_has() -> None:
    given = withdrawal("1.3.0")
    del given["releases/rollouts/stable/1.3.0.yaml"]
    assert said(given) == [
        f"{WITHDRAWAL}:2: channels.0: withdraws nothing: 1.3.0 was never rolled out on stable; "
        "remove the file: nobody was ever offered it"
    ]


def test_a_withdrawal_dated_ahead() -> None:
    given = {path: data.replace(b"25T11:00", b"25T12:11") for path, data in withdrawal("1.3.0").items()}
    assert said(given) == [
        f"{WITHDRAWAL}:3: at: 2026-11-25T12:11:00Z is more than 10 minutes ahead; "
        "write the time of the decision: it acts once merged"
    ]
    assert said_onto(given, given) == []


def test_a_stop_of_a_channel_or_of_versions_on_it_is_no_problem() -> None:
    assert errors(said(stop("channel: stable"))) == []
    assert errors(said(stop("channel: stable, versions: [1.4.0, 1.3.0]"))) == []
    assert said(stop("channel: beta", "releases/stops/2026-11-25-beta.yaml")) == []


def test_a_stop_of_a_channel_that_does_not_exist() -> None:
    assert said(stop("channel: stabel", "releases/stops/2026-11-25-stabel.yaml")) == [
        "releases/stops/2026-11-25-stabel.yaml:1: stop.channel: stops nothing: there is no channel stabel; "
        "did you mean stable?"
    ]


def test_a_stop_of_a_version_that_was_never_rolled_out_there() -> None:
    assert said(stop("channel: stable, versions: [1.5.0]")) == [
        f"{STOP}:1: stop.versions.0: stops nothing: 1.5.0 was never rolled out on stable; did you mean 1.4.0?"
    ]
    path = "releases/stops/2026-11-25-beta.yaml"
    assert said(stop("channel: beta, versions: [1.4.0]", path)) == [
        f"{path}:1: stop.versions.0: stops nothing: 1.4.0 was never rolled out on beta; remove it: nothing was"
    ]


def test_a_stop_of_no_version() -> None:
    assert said(stop("channel: stable, versions: []")) == [
        f"{STOP}:1: stop.versions: stops nothing: it names no version; name them, or leave the key out to stop all"
    ]


def test_a_stop_in_a_file_named_for_another_channel() -> None:
    assert said(stop("channel: beta")) == [
        f"{STOP}:1: stop.channel: stops beta in a file named 2026-11-24-stable; "
        "name it releases/stops/2026-11-25-beta.yaml"
    ]


def deciding(halt: str, scope: str = "channel: stable", path: str = STOP) -> dict[str, str]:
    return {path: f"stop: {{{scope}}}\n{DECIDED}decides: {halt}\n"}


def test_a_stop_that_decides_a_halt_of_its_channel_is_no_problem() -> None:
    assert errors(said(files(deciding("2026-11-25-110000-stable")))) == []
    assert errors(said(files(deciding("2026-11-25-110000-2-stable", "channel: stable, versions: [1.4.0]")))) == []


def test_a_stop_that_decides_a_halt_of_another_channel() -> None:
    assert errors(said(files(deciding("2026-11-25-110000-beta")))) == [
        f"{STOP}:4: decides: 2026-11-25-110000-beta is no halt of stable; "
        "write its name as ./inv halts says it, which ends in -stable"
    ]


def test_two_stops_that_decide_the_same_halt() -> None:
    halt, path = "2026-11-25-110000-stable", "releases/stops/2026-11-01-stable.yaml"
    told = errors(said(files({**deciding(halt), **deciding(halt, path=path)})))
    assert told == [f"{STOP}:4: decides: {halt} is decided by {path} already; remove this line"]
    merged = files(deciding(halt))
    assert errors(said_onto(merged, files({**deciding(halt), **deciding(halt, path=path)}))) == [
        f"{path}:4: decides: {halt} is decided by {STOP} already; remove this line"
    ]


# --- what stands in for what was withdrawn ------------------------------------------------------------------------


def instead(*more: str, version: str = "1.4.0") -> dict[str, str | None]:
    """1.4.0 is withdrawn from stable, and this is said of what comes instead."""
    head = (f"withdraw: {version}", "channels: [stable]", *DECIDED.splitlines(), "downloads: hide")
    return fact("withdrawals", version, *head, *more)


GONE = "releases/withdrawals/1.4.0.yaml"


def told(*more: str, beside: dict[str, str | None] | None = None) -> list[str]:
    return errors(said(files({**(beside or {}), **instead(*more)})))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("offer-instead: 1.3.9", "6: offer-instead: there is no version 1.3.9; did you mean 1.3.0?"),
        ("installed: reissue-as 1.4.9", "6: installed: there is no version 1.4.9; did you mean 1.4.0?"),
        ("notice: gone", "6: notice: there is no notice gone; add a notice first"),
        ("offer-instead: 1.4.0", "6: offer-instead: 1.4.0 is what is withdrawn; write another version"),
        (
            "installed: downgrade-to 1.4.0",
            "6: installed: 1.4.0 is not below 1.4.0; name a lower version; a higher one is reissued, not gone back to",
        ),
    ],
)
def test_what_comes_instead_that_cannot(line: str, message: str) -> None:
    assert told(line)[0] == f"{GONE}:{message}"


def test_a_version_offered_instead_that_was_never_on_this_channel() -> None:
    assert told("offer-instead: 1.3.5", beside=released("1.3.5")) == [
        f"{GONE}:6: offer-instead: 1.3.5 was never rolled out on stable; name a version that was"
    ]


def test_a_version_offered_instead_that_is_older_than_what_people_have() -> None:
    older = released("1.2.0") | rolled_out("stable/1.2.0")
    assert told("offer-instead: 1.2.0", beside=older) == [
        f"{GONE}:6: offer-instead: 1.2.0 is older than 1.3.0, which those it is for have on stable; "
        "write 1.3.0, or remove the line"
    ]
    assert told("offer-instead: 1.3.0") == []


def test_a_version_offered_instead_that_lacks_a_bundle() -> None:
    both = released("1.4.0", ("linux-x86_64", "appimage"), ("linux-x86_64", "deb"))
    assert told("offer-instead: 1.3.0", beside=both) == [
        f"{GONE}:6: offer-instead: 1.3.0 has no update for linux-x86_64 deb, which 1.4.0 has; "
        "name a version that is built for all of them"
    ]


def test_a_reissue_that_is_not_higher_or_not_offered() -> None:
    assert told("installed: reissue-as 1.3.0") == [
        f"{GONE}:6: installed: 1.3.0 is not above 1.4.0, so nobody who has that would take it; "
        "build it under a higher number"
    ]
    assert told("installed: reissue-as 1.4.1", beside=released("1.4.1")) == [
        f"{GONE}:6: installed: 1.4.1 is not offered on stable; "
        "roll it out there first: releases/rollouts/stable/1.4.1.yaml"
    ]
    mended = released("1.4.1") | rolled_out("stable/1.4.1", 'at: "2026-11-25T11:00:00Z", percent: 1, evidence: x')
    assert told("installed: reissue-as 1.4.1", beside=mended) == []


def test_a_downgrade_to_what_not_everyone_may_have() -> None:
    assert told("installed: downgrade-to 1.3.0") == []
    half = released("1.3.5") | rolled_out("stable/1.3.5", 'at: "2026-10-02T14:00:00Z", percent: 1, evidence: x')
    assert told("installed: downgrade-to 1.3.5", beside=half) == [
        f"{GONE}:6: installed: 1.3.5 is not at 100 % of stable; name a version that everyone there may have"
    ]


def test_a_version_withdrawn_on_one_channel_and_offered_by_another() -> None:
    assert told(beside=rolled_out("beta/1.4.0")) == [
        f"{GONE}:2: channels: 1.4.0 is still offered on beta; add beta, or stop it there"
    ]


def test_a_lift_dated_ahead() -> None:
    lifted = 'lifted: {at: "2026-11-25T12:11:00Z", reason: it was something else}'
    assert told(lifted) == [
        f"{GONE}:6: lifted.at: 2026-11-25T12:11:00Z is more than 10 minutes ahead; "
        "write the time of the decision: it acts once merged"
    ]
    assert said_onto(files(instead(lifted)), files(instead(lifted))) == []


def test_what_may_be_added_to_a_merged_withdrawal() -> None:
    base = files(instead())
    assert errors(said_onto(base, files(instead("installed: downgrade-to 1.3.0")))) == []
    assert errors(said_onto(base, files(instead('lifted: {at: "2026-11-25T11:30:00Z", reason: x}')))) == []
    assert errors(said_onto(base, files(instead("offer-instead: 1.3.0")))) == [
        f"{GONE}:6: offer-instead: said nothing and now says 1.3.0; "
        "restore it: what was withdrawn stays so, and a new version mends it"
    ]
    decided = files(instead("installed: keep"))
    assert errors(said_onto(decided, files(instead("installed: downgrade-to 1.3.0")))) == [
        f'{GONE}:6: installed: said keep and now says "downgrade-to 1.3.0"; '
        "restore it: what was withdrawn stays so, and a new version mends it"
    ]


def test_a_notice_for_nobody() -> None:
    text = ("notice: end", "channels: [stable]", 'versions: "<1.3.0"', 'at: "2026-11-25T11:00:00Z"', "text: no more")
    assert said(files(fact("notices", "end", *text))) == [
        "releases/notices/end.yaml:3: versions: matches nothing: no version on stable is <1.3.0; "
        "look at releases/rollouts/ (warning)"
    ]


def test_a_notice_for_a_channel_that_does_not_exist() -> None:
    notice = fact(
        "notices", "end", "notice: end", "channels: [stabel]", 'versions: "<1.3.0"', 'at: "2026-11-25T11:00:00Z"',
        "text: no more mends",
    )  # fmt: skip
    assert said(files(notice)) == [
        "releases/notices/end.yaml:2: channels.0: there is no channel stabel; did you mean stable?"
    ]

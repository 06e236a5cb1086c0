"""The rules of withdrawals and stops."""

from tests.unit.rules.files import STOP, WITHDRAWAL, errors, files, said, said_onto

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

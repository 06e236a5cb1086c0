"""The verbs that take back, and the one that ends what was taken back."""

from typing import Any

import pytest

from delivery.rules.edit import Ground, installed, lift, stop, withdraw
from delivery.rules.facts import Facts, Lifted
from tests.unit.rules import worlds
from tests.unit.rules.grounds import BASE, filed, made, refused
from tests.unit.rules.worlds import at, step, world

GONE = "releases/withdrawals/1.4.0.yaml"
STOPPED = "releases/stops/2026-11-25-stable.yaml"


def withdrawn(**more: Any) -> Facts:
    """1.4.0 is withdrawn from stable."""
    return world(BASE, withdrawals=[worlds.withdrawal("1.4.0", **more)])


# --- withdraw -----------------------------------------------------------------------------------------------------


def test_a_withdrawal_is_one_new_file_for_every_channel_that_has_the_version() -> None:
    ground = filed()
    edit = withdraw(ground, "1.4.0", at(0), "loses files")
    assert (edit.path, edit.before, edit.summary) == (GONE, None, "Withdraw 1.4.0")
    assert edit.after.decode() == (
        "# yaml-language-server: $schema=../../schemas/withdrawal.json\n"
        "withdraw: 1.4.0\n"
        "channels: [beta, stable]\n"
        'at: "2026-11-25T12:00:00Z"\n'
        'reason: "loses files"\n'
        "downloads: hide\n"
    )
    made(ground, edit)


def test_a_withdrawal_says_what_becomes_of_files_and_installations() -> None:
    facts = world({**BASE, "stable/1.4.1": [step(10, 1)]})
    ground = filed(facts=facts)
    edit = withdraw(
        ground, "1.4.0", at(0), "malware", downloads="gone", offer_instead="1.3.0", installed="reissue-as 1.4.1"
    )
    fact = made(ground, edit).facts.withdrawals["1.4.0"].value
    assert (fact.downloads, fact.offer_instead, fact.reissue_as) == ("gone", "1.3.0", "1.4.1")


def test_a_withdrawal_of_nothing_is_refused() -> None:
    facts = world(BASE, versions=["1.5.0"])
    assert refused(withdraw, filed(facts=facts), "1.4.1", at(0), "lost").endswith(
        "withdraws nothing: there is no version 1.4.1; did you mean 1.4.0?"
    )
    assert refused(withdraw, filed(facts=facts), "1.5.0", at(0), "lost") == (
        "releases/versions/1.5.0.yaml: 1.5.0 was never rolled out; leave it: nobody was ever offered it"
    )


def test_a_version_is_withdrawn_once() -> None:
    assert refused(withdraw, filed(facts=withdrawn()), "1.4.0", at(0), "lost") == (
        f"{GONE}: 1.4.0 is withdrawn from stable already; stop it elsewhere: ./inv stop"
    )
    assert refused(withdraw, filed(facts=withdrawn(lifted=True)), "1.4.0", at(0), "lost") == (
        f"{GONE}: 1.4.0 was withdrawn once, and that was lifted; stop it: ./inv stop CHANNEL --version 1.4.0"
    )


def test_what_installations_get_can_be_added_to_a_withdrawal_later() -> None:
    facts = world({**BASE, "stable/1.4.1": [step(10, 1)]}, withdrawals=[worlds.withdrawal("1.4.0")])
    ground = filed(facts=facts)
    edit = installed(ground, "1.4.0", "reissue-as 1.4.1")
    assert edit.after == ground.files[GONE] + b'installed: "reissue-as 1.4.1"\n'
    assert edit.summary == "Let installed 1.4.0 go on to 1.4.1"
    assert made(ground, edit).facts.withdrawals["1.4.0"].value.reissue_as == "1.4.1"


@pytest.mark.parametrize(
    ("facts", "version", "message"),
    [
        (withdrawn(), "1.4.1", "releases/withdrawals/: 1.4.1 is not withdrawn; did you mean 1.4.0?"),
        (withdrawn(lifted=True), "1.4.0", f"{GONE}:6: the withdrawal of 1.4.0 was lifted; leave it"),
        (
            withdrawn(installed="keep"),
            "1.4.0",
            f"{GONE}:6: says already what those get who have it: keep; leave it: that was decided",
        ),
    ],
)
def test_what_installations_get_is_decided_once(facts: Facts, version: str, message: str) -> None:
    assert refused(installed, filed(facts=facts), version, "keep") == message


# --- stop ---------------------------------------------------------------------------------------------------------


def stopped(*versions: str) -> Ground:
    """Stable is stopped, or these versions on it."""
    ground = filed()
    return made(ground, stop(ground, "stable", at(0), "we look into it", versions=versions or None))


def test_a_stop_is_one_new_file_named_for_its_day_and_channel() -> None:
    edit = stop(filed(), "stable", at(0), "under investigation", versions=["1.4.0"])
    assert (edit.path, edit.summary) == (STOPPED, "Stop 1.4.0 on stable")
    assert edit.after.decode() == (
        "# yaml-language-server: $schema=../../schemas/stop.json\n"
        "stop: {channel: stable, versions: [1.4.0]}\n"
        'at: "2026-11-25T12:00:00Z"\n'
        'reason: "under investigation"\n'
    )


def test_a_second_stop_on_a_day_gets_a_name_of_its_own() -> None:
    assert stop(stopped("1.4.0"), "stable", at(0), "worse").path == "releases/stops/2026-11-25-2-stable.yaml"


def test_a_stopped_channel_is_not_stopped_again() -> None:
    assert refused(stop, stopped(), "stable", at(0), "worse", versions=["1.4.0"]) == (
        f"{STOPPED}: 1.4.0 on stable is stopped already; leave it"
    )


def test_a_stop_of_what_is_not_there_is_refused() -> None:
    assert refused(stop, filed(), "stabel", at(0), "worse") == (
        "releases/channels/: there is no channel stabel; did you mean stable?"
    )
    assert refused(stop, filed(), "stable", at(0), "worse", versions=["1.4.1"]) == (
        "releases/rollouts/stable/: 1.4.1 has no rollout on stable; did you mean 1.4.0?"
    )


# --- lift ---------------------------------------------------------------------------------------------------------


def test_a_lift_adds_its_line_to_what_it_ends() -> None:
    ground = stopped()
    edit = lift(ground, "stop", "2026-11-25-stable", at(0), "a false alarm")
    assert edit.after == ground.files[STOPPED] + b'lifted: {at: "2026-11-25T12:00:00Z", reason: "a false alarm"}\n'
    assert edit.summary == "Lift the stop 2026-11-25-stable"
    assert made(ground, edit).facts.stops["2026-11-25-stable"].value.lifted == Lifted(at(0), "a false alarm")


def test_the_only_stop_of_a_channel_may_be_named_by_the_channel() -> None:
    assert lift(stopped(), "stop", "stable", at(0), "a false alarm").path == STOPPED


def test_a_channel_stopped_twice_asks_which_stop_is_meant() -> None:
    once = stopped("1.4.0")
    twice = made(once, stop(once, "stable", at(0), "worse"))
    assert refused(lift, twice, "stop", "stable", at(0), "a false alarm") == (
        "releases/stops/: 2026-11-25-2-stable and 2026-11-25-stable could be meant; "
        "lift one after the other, by these names"
    )


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("stop", "stable", "releases/stops/: stable is not stopped; leave it"),
        ("stop", "2026-11-24-stable", "releases/stops/: there is no stop 2026-11-24-stable; add a stop first"),
        ("withdrawal", "1.4.0", f"{GONE}:6: the withdrawal is lifted already; leave it"),
        ("withdrawal", "1.4.1", "releases/withdrawals/: there is no withdrawal 1.4.1; did you mean 1.4.0?"),
        ("rollout", "stable/1.4.0", "releases/: a rollout cannot be lifted; "),
    ],
)
def test_a_lift_of_nothing_is_refused(kind: str, name: str, message: str) -> None:
    ground = filed(facts=withdrawn(lifted=True))
    assert refused(lift, ground, kind, name, at(0), "a false alarm").startswith(message)


def test_what_was_lifted_may_be_stopped_again() -> None:
    ground = stopped()
    lifted = made(ground, lift(ground, "stop", "stable", at(0), "a false alarm"))
    assert stop(lifted, "stable", at(0), "it is true after all").path == "releases/stops/2026-11-25-2-stable.yaml"

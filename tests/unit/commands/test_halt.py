"""./inv halt, halts and decide: what people read, and what becomes of the fact. tests/laptop has the rest."""

import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from delivery.commands import halt as command
from delivery.commands.desk import Usage
from delivery.deploy import halt as halting
from delivery.deploy.halt import Standing
from delivery.proposals.forge import ForgeError
from delivery.rules.brake import OVERRIDE_KEY
from delivery.rules.catalog import HEAD_KEY
from delivery.rules.head import Head
from tests.unit.commands.desk import Desk, standing_in
from tests.unit.commands.halted import CATALOG, CLOSED, Live

pytestmark = pytest.mark.slow

REASON = "two reports of lost work"
NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{6}-stable")
HERE = "only this laptop is halted; staging and production are NOT: --environment production halts there\n"


@pytest.fixture
def live(desk: Desk, aws: str, monkeypatch: pytest.MonkeyPatch) -> Live:
    made = Live(desk, aws)
    monkeypatch.setattr(command, "_site", lambda _: made.site)
    monkeypatch.setattr(halting, "offering", lambda *_: ([], []))  # nobody serves here
    return made


def name_in(text: str) -> str:
    found = NAME.search(text)
    assert found, text
    return found[0]


# -- where ------------------------------------------------------------------------------------------------------------


def test_without_a_laptop_the_environment_must_be_named(desk: Desk) -> None:
    said = desk.inv("halt", "stable", REASON)
    assert (said.status, said.out) == (2, "")
    assert said.err == ("nothing runs here; ./inv up starts it; elsewhere say --environment staging or production\n")
    said = desk.inv("halts", "--environment", "laptop")
    assert (said.status, said.err) == (2, "nothing runs here; ./inv up starts it\n")


def test_an_environment_that_there_is_not_is_refused_by_name(desk: Desk) -> None:
    said = desk.inv("halt", "stable", REASON, "--environment", "prod")
    assert said.status == 2
    assert said.err == ("--environment prod: there is no such environment; there are laptop, staging and production\n")


# -- halting ----------------------------------------------------------------------------------------------------------


def test_all_that_makes_no_sense_is_said_at_once(live: Live) -> None:
    said = live.desk.inv("halt", "stabel", "TODO")
    assert (said.status, said.out) == (2, "")
    assert said.err.splitlines() == [
        "there is no channel stabel; did you mean stable?",
        "--reason 'TODO': holds the placeholder TODO; write what is meant",
    ]
    assert live.desk.inv("halt", "stable", REASON, "--version", "1.4.0,").err == (
        "--version '1.4.0,': a version is missing; write them with commas between them\n"
    )


def test_a_halt_says_each_step_and_commits_its_fact_under_the_same_name(live: Live) -> None:
    said = live.desk.inv("halt", "stable", REASON)
    assert (said.status, said.err) == (0, HERE), said
    name = name_in(said.out)
    first, manifests, *_ = said.out.splitlines()
    assert re.fullmatch(rf" +\d+\.\d s  override 1 written: stable is halted, as {name}", first)
    assert re.fullmatch(r" +\d+\.\d s  \d+ of \d+ static manifests written, the others were strict already", manifests)
    [halt] = live.override().halts
    assert (halt.name, halt.reason) == (name, REASON)
    assert live.desk.git("log", "-1", "--format=%s%n%b", "--name-only").split("\n")[:1] == [
        "Stop stable, as it is halted"
    ]
    fact = live.desk.read(f"releases/stops/{name}.yaml")
    assert f"decides: {name}\n" in fact
    assert live.desk.changed() == ""


def test_the_fact_of_a_halt_may_be_proposed_and_is_so_once(alone: Desk, live: Live) -> None:
    said = alone.inv("halt", "stable", REASON, "--pr")
    assert (said.status, said.err) == (
        0,
        f"its fact is proposed; the brake holds until that is merged and live\n{HERE}",
    )
    assert "opened proposal 1: Stop stable, as it is halted" in said.out.splitlines()
    again = alone.inv("decide", name_in(said.out), "--pr")
    assert "nothing changed: proposal 1 says this already" in again.out.splitlines()
    assert live.override().number == 1
    assert alone.changed() == ""


def test_a_forge_that_is_away_does_not_fail_the_halt(alone: Desk, live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", CLOSED)
    monkeypatch.setenv("GITHUB_REPOSITORY", "espice/espice")
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    said = alone.inv("halt", "stable", REASON, "--pr")
    assert said.status == 0
    assert [halt.reason for halt in live.override().halts] == [REASON]
    wrong, mend = said.err.removesuffix(f"\n{HERE}").split("; when that is mended: ")
    assert wrong.startswith("its fact is not written: proposals are kept by GitHub")
    assert mend == f"./inv decide {name_in(said.out)} --pr"


def test_the_same_again_says_who_was_first_and_writes_no_second_fact(live: Live) -> None:
    name = name_in(live.desk.inv("halt", "stable", REASON).out)
    again = live.desk.inv("halt", "stable", "once more", "--version", "1.4.0")
    assert again.status == 0
    assert f"1.4.0 on stable is halted already by {name}" in again.out
    fact = f"its fact is releases/stops/{name}.yaml; the brake holds until that is merged and live\n"
    assert again.err == fact + HERE
    assert live.override().number == 1


def test_what_is_not_true_yet_is_said_with_the_command_that_goes_on(live: Live) -> None:
    live.refuses = True
    said = live.desk.inv("halt", "stable", REASON, "--version", "1.4.0", "--json")
    assert said.status == 1
    answer = json.loads(said.out)
    refused = "Cloudflare refused to purge: status 503; type it again"
    assert [step["wrong"].rpartition("more: ")[2] for step in answer["steps"]] == ["", "", refused, refused]
    assert (
        "not all of it is true yet; it goes on from there by "
        f"./inv halt stable --version 1.4.0 --reason '{REASON}'\n" in said.err
    )
    assert answer["halt"]["versions"] == ["1.4.0"]
    assert live.desk.changed() == "", "its fact is committed all the same"


def test_a_fact_that_cannot_be_written_does_not_fail_the_halt(live: Live) -> None:
    (live.desk.repo / ".git" / "index.lock").touch()
    try:
        said = live.desk.inv("halt", "stable", REASON)
    finally:
        (live.desk.repo / ".git" / "index.lock").unlink()
    name = name_in(said.out)
    assert said.status == 0
    assert f"its fact is releases/stops/{name}.yaml; the brake holds until that is merged and live\n" in said.err
    assert live.override().number == 1


def test_facts_that_are_wrong_here_do_not_stand_in_the_way(live: Live) -> None:
    live.desk.append("releases/rollouts/stable/1.4.0.yaml", "  - nonsense")
    said = live.desk.inv("halt", "stable", REASON)
    assert said.status == 0
    name = name_in(said.out)
    assert live.desk.git("show", "--format=", "--name-only", "HEAD").split() == [f"releases/stops/{name}.yaml"]


def test_a_checkout_that_is_behind_is_told_what_to_type(live: Live) -> None:
    there = replace(live.site, place=replace(live.site.place, environment="staging"))
    now = datetime.now(UTC)
    stands = Standing(Head("espice", "staging", 1, "d" * 40, "a", now, now), object(), None)  # type: ignore[arg-type]
    sentence = r"^this checkout does not have dddddddddddd, which is live; git pull$"
    with standing_in(live.desk.repo), pytest.raises(Usage, match=sentence):
        command._refuse_to_be_behind(there, stands)


def test_who_interrupts_it_hears_what_stays_and_how_to_go_on(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halting, "finish", _interrupted)
    said = live.desk.inv("halt", "stable", REASON)
    assert said.status == 130
    assert said.err == (
        "interrupted: what was done stays, the rest is not true yet; "
        f"it goes on from there by ./inv halt stable --reason '{REASON}'\n"
    )
    assert live.override().number == 1


def _interrupted(*_: object) -> Any:
    raise KeyboardInterrupt


def test_a_dry_run_writes_nothing(live: Live) -> None:
    said = live.desk.inv("halt", "stable", REASON, "--dry-run")
    assert said.status == 0
    assert said.out.endswith("dry run: nothing was written\n")
    assert f"would halt stable, as {name_in(said.out)}" in said.out
    assert "Contents" not in live.s3.list_objects_v2(Bucket=CATALOG, Prefix=OVERRIDE_KEY)
    assert live.desk.changed() == ""


def test_a_channel_is_halted_without_a_head_and_its_fact_waits(live: Live) -> None:
    live.s3.delete_object(Bucket=CATALOG, Key=HEAD_KEY)
    said = live.desk.inv("halt", "stable", REASON)
    lacks = "laptop has no head that is to be believed, so nothing is live; ./inv apply laptop-live makes it so"
    assert f"without the live catalog: {lacks}\n" in said.err
    name = name_in(said.out)
    assert f"its fact is not written: {lacks}; when that is mended: ./inv decide {name} --commit\n" in said.err
    assert [halt.name for halt in live.override().halts] == [name]


def test_a_halt_that_may_have_lost_others_says_so_and_fails(live: Live) -> None:
    live.s3.put_object(Bucket=CATALOG, Key=OVERRIDE_KEY, Body=b"{}")
    said = live.desk.inv("halt", "stable", REASON, "--json")
    assert said.status == 1
    assert json.loads(said.out)["steps"][0]["wrong"].startswith("earlier halts may be lost; see ./inv halts, and ")


def test_all_is_signed_anew_before_an_older_key_goes(live: Live) -> None:
    assert live.desk.inv("halts", "--sign-anew").status != 0
    name = name_in(live.desk.inv("halt", "stable", REASON).out)
    said = live.desk.inv("halts", "--sign-anew")
    assert (said.status, said.err) == (0, "override 2 written: the same halts, signed with the key of now\n")
    assert name in said.out
    assert (live.override().number, [halt.name for halt in live.override().halts]) == (2, [name])


# -- what became of it ------------------------------------------------------------------------------------------------


def test_a_halt_made_elsewhere_gets_its_fact_and_is_told_until_the_end(live: Live) -> None:
    assert live.desk.inv("halts").out == "laptop: nothing is halted, and nothing was\n"
    name = name_in(live.desk.inv("halt", "stable", REASON, "--no-commit").out)
    fact = f"releases/stops/{name}.yaml"
    live.desk.git("rm", "-qf", fact)  # as on another machine
    assert f"{REASON}; ./inv decide {name} --commit writes its fact" in live.desk.inv("halts").out

    wrong = live.desk.inv("decide", name.replace("stable", "beta"))
    assert (wrong.status, wrong.err) == (
        2,
        f"no halt {name.replace('stable', 'beta')} is pending in laptop; did you mean {name}?\n",
    )
    assert live.desk.inv("decide", name, "--dry-run").status == 0
    assert live.desk.changed() == ""
    assert live.desk.inv("decide", name, "--commit").status == 0
    assert f"its fact is {fact}, not live yet" in live.desk.inv("halts").out

    live.apply()
    assert live.desk.inv("halts").out == f"{name}: became {fact}, in force\n"
    late = live.desk.inv("decide", name)
    assert (late.status, late.err) == (
        2,
        f"{name} was decided, and that is live; ./inv halts says what became of it\n",
    )
    assert live.desk.inv("lift", "stop", name, "it was the file server", "--commit").status == 0
    [ended] = json.loads(live.desk.inv("halts", "--json").out)["decided"]
    assert re.fullmatch(r"lifted \S+Z: it was the file server", ended["became"])
    assert ended["fact"] == fact


# -- what is proposed -------------------------------------------------------------------------------------------------


def test_the_proposal_that_brings_its_fact_is_named(alone: Desk, live: Live) -> None:
    name = name_in(alone.inv("halt", "stable", REASON, "--pr").out)
    assert f"{REASON}; proposal 1 brings its fact\n" in alone.inv("halts").out
    told = json.loads(alone.inv("halts", "--json").out)
    assert ([(each["name"], each["proposal"]) for each in told["pending"]], told["unasked"]) == ([(name, 1)], "")
    assert live.override().number == 1


def test_a_forge_that_does_not_answer_is_soon_waited_for_no_more(
    alone: Desk, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = name_in(live.desk.inv("halt", "stable", REASON, "--no-commit").out)
    ended = threading.Event()

    def hangs(_: object) -> None:
        ended.wait(30)
        raise ForgeError("too late")

    monkeypatch.setattr(command, "PATIENCE_S", 0.05)
    monkeypatch.setattr(command.choose, "forge", hangs)
    try:
        said = alone.inv("halts")
    finally:
        ended.set()
    assert (said.status, said.err) == (0, "what is proposed is not known: the forge did not answer within 0.05 s\n")
    assert f"its fact is releases/stops/{name}.yaml, not live yet" in said.out


def test_a_forge_that_refuses_is_told_beside_what_is_halted(
    alone: Desk, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = name_in(live.desk.inv("halt", "stable", REASON, "--no-commit").out)
    monkeypatch.setenv("GITHUB_API_URL", CLOSED)
    monkeypatch.setenv("GITHUB_REPOSITORY", "espice/espice")
    for token in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(token, raising=False)
    said = alone.inv("halts")
    assert (said.status, name in said.out) == (0, True)
    assert said.err.startswith(
        "what is proposed is not known: proposals are kept by GitHub, in espice/espice, and that takes a token; "
    )

"""./inv prove where there is nothing to ask, and where the answer is nobody's fault."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from delivery.commands import prove
from delivery.commands.live import Live
from delivery.deploy import prove as proving
from delivery.deploy.halt import Standing
from delivery.rules.brake import Halt, Override
from tests.unit.commands.desk import Desk, Said
from tests.unit.deploy.edges import Edge, edge, prepared
from tests.unit.rules.worlds import NOON

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ("laptop", "nothing runs here; ./inv up starts it"),
        ("laptop-live", "there is no environment laptop-live; did you mean laptop?"),
        ("labtop", "there is no environment labtop; did you mean laptop?"),
        ("moon", "there is no environment moon; there are laptop, staging and production"),
    ],
)
def test_it_says_where_there_is_nothing_to_prove(desk: Desk, environment: str, said: str) -> None:
    found = desk.inv("prove", environment, "--json")
    assert found == Said(2, "", f"{said}\n")


HALT = Halt("2026-11-25-stable", "stable", None, NOON, "it loses work")
MISSING = "/v1/update/stable/linux/x86_64/appimage.json"


@dataclass
class Environment:
    """What stands there by the first look, and by each one after it; and the edge before it."""

    edge: Edge
    looks: list[Standing]

    def look(self, _: object) -> Standing:
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    with edge() as (there, live):
        made = Environment(there, [Standing(live.head, prepared().catalog, None)])

        def reached(names: Any) -> Live:
            return Live(names, lambda _: lambda _: None, lambda _: None, there.url, there.url, there.url)  # type: ignore[arg-type, return-value]

        monkeypatch.setattr(prove.there, "reached", reached)
        monkeypatch.setattr(prove.halting, "standing", made.look)
        yield made


def test_a_halt_meanwhile_is_no_bad_deploy(desk: Desk, environment: Environment) -> None:
    [before] = environment.looks
    halted = Standing(before.head, before.catalog, Override("espice", "laptop", 1, NOON, (HALT,)))
    environment.edge.instead[MISSING] = b"{}"  # as the halt wrote it
    environment.looks = [before, halted]
    said = desk.inv("prove", "laptop")
    assert (said.status, said.out) == (prove.MOVED, "")
    assert said.err.endswith("\nsomething was halted while serial 57 was proved; type it again\n")


def test_the_next_head_meanwhile_is_no_bad_deploy_either(desk: Desk, environment: Environment) -> None:
    [before] = environment.looks
    assert before.head
    environment.edge.instead[MISSING] = None
    environment.looks = [before, Standing(replace(before.head, serial=58), before.catalog, None)]
    said = desk.inv("prove", "laptop", "--json")
    assert (said.status, said.out) == (prove.MOVED, "")
    assert said.err.endswith("\nserial 58 went live while serial 57 was proved; type it again\n")


def test_what_is_wrong_while_nothing_moved_is_told_as_such(desk: Desk, environment: Environment) -> None:
    environment.edge.instead[MISSING] = None
    said = desk.inv("prove", "laptop")
    assert (said.status, said.out.splitlines()[0][:9]) == (1, "updated: ")
    went = "56 update checks, 22 static manifests, 25 files, 14 whole updates"
    assert f"laptop: serial 57: 1 thing wrong ({went})" in said.err


def test_output_says_first_bundle_where_no_more_was_updated(
    desk: Desk, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "MOST", 1)
    said = desk.inv("prove", "laptop")
    assert (said.status, environment.edge.refuses) == (0, 0)
    lines = said.out.splitlines()
    assert lines[-4] == "6 updates of other bundles not tried, too many bytes: first bundle only"
    assert lines[-3].endswith("22 static manifests, 25 files, 8 whole updates, first bundle only")
    assert all(" on all 4 targets, first bundle, laptop serial 57, " in line for line in lines[-2:])

"""docs/cost.md says what the program costs now, and the task prints, writes and draws it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from delivery.commands import cost as command
from delivery.present import costs, costs_plot
from infra.config import InfraConfig

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
STALE = "the program or its sizes changed; type ./inv cost --write, and read what it says"


@pytest.fixture(scope="module")
def now() -> tuple[InfraConfig, Mapping[str, int]]:
    return command.provisioned_now()


def test_the_page_is_what_the_program_costs_now(now: tuple[InfraConfig, Mapping[str, int]]) -> None:
    assert (ROOT / "docs/cost.md").read_text() == command.page(*now), STALE


def test_the_picture_is_of_the_same_numbers(now: tuple[InfraConfig, Mapping[str, int]]) -> None:
    assert command.spoken(*now) in (ROOT / "docs/cost.svg").read_text(), STALE


def test_every_type_that_costs_something_is_among_what_is_counted(now: tuple[InfraConfig, Mapping[str, int]]) -> None:
    _, provisioned = now
    kinds = {token.rpartition(":")[2] for token in provisioned}
    assert {"MetricAlarm", "CompositeAlarm", "Dashboard", "HealthCheck", "Key", "Instance", "R2Bucket"} <= kinds
    # What costs by the hour and has no line in the bill yet may not come in by the way.
    assert not {"NatGateway", "LoadBalancer", "Cluster", "Eip", "Proxy"} & kinds


def test_for_machines_it_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.cost(False, "", True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["clients"] == [10_000, 1_000_000, 50_000_000, 1_000_000_000]
    assert set(said["dollars"]) == {
        "nothing cached",
        "each cohort's URL cached",
        "one URL cached for all cohorts",
        "nobody asks",
    }


def test_a_picture_of_an_unknown_kind_is_refused_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.cost(False, "cost.gif", False) == 2
    assert capsys.readouterr().err == "--plot cost.gif: is neither an .svg nor a .png file; name one\n"


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_curves_give_the_same_picture(tmp_path: Path, kind: str) -> None:
    curves = {name: [1.0, 20.0, 300.0] for name in ("a", "b", "c", "d")}
    drawn = []
    for name in ("one", "two"):
        file = tmp_path / f"{name}.{kind}"
        costs_plot.save([10, 1000], [10, 100, 1000], curves, file, "Title", "a picture of a line")
        drawn.append(file.read_bytes())
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("clients", "said"), [(10_000, "10 k"), (1_000_000, "1 M"), (1_500_000, "1500 k"), (10**9, "1 G"), (7, "7")]
)
def test_numbers_of_installations_are_short(clients: int, said: str) -> None:
    assert costs.many(clients) == said


@pytest.mark.parametrize(("amount", "said"), [(0.004, "0.00"), (9.5, "9.50"), (10, "10"), (87_724.2, "87,724")])
def test_dollars_have_cents_only_where_they_are_all_there_is(amount: float, said: str) -> None:
    assert costs.dollars(amount) == said

"""The proofs by asking can fail: each is shown a decision that is wrong, as no facts could make it."""

from dataclasses import replace
from datetime import datetime

import pytest

from delivery.rules.checks import reach
from delivery.rules.compile import Table
from delivery.rules.decide import Decision, NoOffer, Offer, Reason, Request, Rule
from tests.unit.rules.files import ROLLOUT, fact, files, said

WITHDRAWAL = "releases/withdrawals/1.4.0.yaml"
MEND = "report it: the decision itself is wrong"


def deciding(monkeypatch: pytest.MonkeyPatch, offers: dict[str, tuple[str, Rule]], signature: str | None = "x") -> None:
    """Every installation on a version is offered this one, by this rule."""

    def wrong(table: Table, request: Request, _: datetime) -> Decision:
        said = offers.get(request.version)
        if said is None:
            return NoOffer(Reason.current, None, None, None)
        cell = table.cells[request.channel, request.target, request.bundle]
        artifact = replace(cell.candidates[0].artifact, signature=signature)
        return Offer(said[0], artifact, said[1], f"{ROLLOUT}:1", None)

    monkeypatch.setattr(reach, "decide", wrong)


def test_a_decision_that_offers_what_is_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    deciding(monkeypatch, {"1.3.0": ("1.4.0", Rule.everyone)})
    gone = fact(
        "withdrawals", "1.4.0", "withdraw: 1.4.0", "channels: [stable]", 'at: "2026-11-24T14:00:00Z"', "reason: x",
        "downloads: hide",
    )  # fmt: skip
    assert said(files(gone)) == [
        f"{ROLLOUT}:1: 1.3.0 on stable would be offered 1.4.0, which {WITHDRAWAL}:1 takes back; {MEND}"
    ]


def test_a_decision_that_offers_what_is_unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    deciding(monkeypatch, {"1.3.0": ("1.4.0", Rule.everyone)}, signature=None)
    assert said(files()) == [f"{ROLLOUT}:1: 1.3.0 on stable would be offered 1.4.0, which has no signature; {MEND}"]


def test_a_decision_that_offers_what_is_older(monkeypatch: pytest.MonkeyPatch) -> None:
    deciding(monkeypatch, {"1.4.0": ("1.3.0", Rule.everyone)})
    assert said(files()) == [f"{ROLLOUT}:1: 1.4.0 on stable would be offered 1.3.0, which is no higher; {MEND}"]
    deciding(monkeypatch, {"1.4.0": ("1.3.0", Rule.downgrade)})
    assert said(files()) == []


def test_offers_that_lead_in_a_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    deciding(monkeypatch, {"1.3.0": ("1.4.0", Rule.everyone), "1.4.0": ("1.3.0", Rule.downgrade)})
    assert said(files()) == [
        f"{ROLLOUT}:1: offers lead in a circle on stable: 1.3.0, 1.4.0, 1.3.0; remove a downgrade or a reissue from it"
    ]

"""The static file of notices: what has come, nothing that was lifted."""

import json
from dataclasses import replace
from datetime import timedelta

from delivery.artifacts.notices import notices
from delivery.rules.assemble import assemble
from delivery.rules.facts import Filed, Lifted, Notice
from tests.unit.rules.worlds import NOON, step, world

OLD = Notice("old-linux", ("stable",), "<1.3.0", NOON, "1.2 gets no fixes any more.", None, "2027-01-31")


def _told(*facts: Notice, hours: float = 0) -> list[object]:
    filed = {fact.notice: Filed(f"releases/notices/{fact.notice}.yaml", fact) for fact in facts}
    catalog = assemble(replace(world({"stable/1.3.0": [step(100)]}), notices=filed), "laptop")
    told: list[object] = json.loads(notices(catalog, NOON + timedelta(hours=hours)))["notices"]
    return told


def test_a_notice_is_told_from_its_time_on() -> None:
    assert _told(OLD, hours=-1) == []
    assert _told(OLD) == [
        {
            "notice": "old-linux",
            "channels": ["stable"],
            "versions": "<1.3.0",
            "at": "2026-11-25T12:00:00Z",
            "text": "1.2 gets no fixes any more.",
            "url": None,
            "support_ends": "2027-01-31",
        }
    ]


def test_a_lifted_notice_is_told_no_more() -> None:
    assert _told(replace(OLD, lifted=Lifted(NOON, "it was mended"))) == []

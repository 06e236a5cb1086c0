"""What people type for the site's content: check, calendar, and check beside the facts."""

import json
from datetime import UTC, datetime, timedelta

from tests.unit.commands.desk import Desk

PAGE = """---
title: Measure a signal
description: How to read a value from a plot.
author: documentation
reviewed: "2026-11-20"
publish-at: "{at}"
---

{text}
"""


def write(desk: Desk, text: str = "Open a plot.", at: str = "2026-11-20T09:00:00Z") -> None:
    folder = desk.repo / "site/content/news"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a-test.mdx").write_text(PAGE.format(text=text, at=at))


def test_check_tells_of_pages_beside_facts(desk: Desk) -> None:
    try:
        write(desk, "It is {1 + 1} in the wavefrom.")
        for typed in (["content.check"], ["check"]):
            said = desk.inv(*typed, "--json")
            mine = [each for each in json.loads(said.out)["problems"] if each["path"].endswith("/a-test.mdx")]
            assert said.status == 1
            assert [(each["line"], each["what"].split(",")[0]) for each in mine] == [
                (9, 'has "wavefrom"'),
                (9, "holds {"),
                (9, "holds }"),
            ]
        write(desk)
        assert [each for each in desk.inv("content.check").out.splitlines() if "a-test" in each] == []
    finally:
        (desk.repo / "site/content/news/a-test.mdx").unlink()


def test_the_calendar_has_pages_by_week_beside_rollouts(desk: Desk) -> None:
    head = desk.git("rev-parse", "HEAD").strip()
    soon = datetime.now(UTC) + timedelta(days=10)
    try:
        write(desk, at=f"{soon:%Y-%m-%dT%H:%M:%SZ}")
        desk.git("add", "site/content/news/a-test.mdx")
        desk.git("commit", "-qm", "Schedule a page")
        weeks = json.loads(desk.inv("content.calendar", "--json").out)["weeks"]
        [(monday, event)] = [(w["monday"], each) for w in weeks for each in w["events"] if "a-test" in each["fact"]]
        assert event["kind"] == "page-appears"
        assert monday == f"{soon - timedelta(days=soon.weekday()):%Y-%m-%d}"
        said = desk.inv("content.calendar").out
        assert f"week {soon.isocalendar().week}, from Monday {monday}" in said
        assert "news/a-test: Measure a signal appears" in said
        assert "is to be read again" in desk.inv("content.calendar", "--days", "999").out
    finally:
        desk.git("reset", "-q", "--hard", head)

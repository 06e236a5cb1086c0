"""Who reviews the last step of a rollout reads in the proposal's comment what the world will be told."""

from pathlib import Path

from delivery.commands.proposed import Shown, described, machine
from delivery.proposals.comment import body
from tests.unit.proposals.desk import RAISED, Desk, desk, lines
from tests.unit.rules.files import ROLLOUT, STABLE, TEXTS

ANNOUNCE = """\
announce:
  since: "2026-11-01T00:00:00Z"
  link: https://espice.app/releases/{version}
  to: {mastodon: 500, x: 280}
"""
LAST = 'at: "2026-11-25T13:00:00Z", percent: 100, because: it mends what loses files'
TEXT = "ESpice 1.4.0 is here.  Better.  https://espice.app/releases/1.4.0"


def announcing(folder: Path, more: str = "") -> Desk:
    made = desk(folder)
    made.merged({STABLE: TEXTS[STABLE] + ANNOUNCE + more})
    return made


def test_the_last_step_shows_each_text(tmp_path: Path) -> None:
    ours = announcing(tmp_path)
    made = ours.propose({ROLLOUT: lines(LAST)})
    found = ours.standing(made)
    text = body(made, found)
    assert "**Announcements, once everyone may have it**\n\n" in text
    assert f"- stable/1.4.0 to mastodon: {TEXT}\n- stable/1.4.0 to x: {TEXT}\n" in text
    shown = Shown(made, found)
    assert [each["to"] for each in machine(shown)["announced"]] == ["mastodon", "x"]
    line = f"    announced to x, once everyone may have it: {' '.join(TEXT.split())}"
    assert line in described(shown).plain.splitlines()


def test_where_a_channel_waits_each_says_until_when(tmp_path: Path) -> None:
    ours = announcing(tmp_path, "  after: 24h\n")
    made = ours.propose({ROLLOUT: lines(LAST)})
    found = ours.standing(made)
    when = "not before Thu 2026-11-26 13:00 UTC"
    assert f"- stable/1.4.0 to x, {when}: {TEXT}\n" in body(made, found)
    line = f"    announced to x, {when}, once everyone may have it: {' '.join(TEXT.split())}"
    assert line in described(Shown(made, found)).plain.splitlines()
    assert {each["at"] for each in machine(Shown(made, found))["announced"]} == {"2026-11-26T13:00:00+00:00"}


def test_a_step_before_it_shows_none(tmp_path: Path) -> None:
    ours = announcing(tmp_path)
    made = ours.propose({ROLLOUT: lines(RAISED)})
    found = ours.standing(made)
    assert found.plan
    assert found.announced == ()
    assert "Announcements" not in body(made, found)

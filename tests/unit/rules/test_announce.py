"""What is due to be told once a version is live for everyone, and in which words."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.announce import LINK, WORDS, Announcement, coming, fitted, planned, variable, weight
from delivery.rules.facts import Announce, Facts
from tests.unit.rules.files import STABLE, TEXTS, files, said
from tests.unit.rules.worlds import ALL_TARGETS, NOON, at, hold, step, stop, table, withdrawal, world

ANNOUNCE = Announce(at(-50), "https://espice.app/{version}", {"mastodon": 500, "x": 280})
OLD = [step(100, -60)]
FULL = [step(10, -9), step(100, -2)]


def telling(facts: Facts, announce: Announce = ANNOUNCE) -> Facts:
    """The same where stable announces."""
    filed = facts.channels["stable"]
    return replace(
        facts, channels={**facts.channels, "stable": replace(filed, value=replace(filed.value, announce=announce))}
    )


def names(facts: Facts, now: datetime = NOON) -> list[str]:
    return [f"{each.name} {each.to}" for each in planned(facts, table(facts), now)]


LIVE = telling(world({"stable/1.3.0": OLD, "stable/1.4.0": FULL, "beta/1.4.0": FULL}))


def test_what_is_live_for_everyone_is_due_at_each_place_and_only_where_the_channel_announces() -> None:
    text = "ESpice 1.4.0 is here.\n\nNotes of 1.4.0.\n\nhttps://espice.app/1.4.0"
    assert planned(LIVE, table(LIVE), at(0)) == (
        Announcement("stable", "1.4.0", "mastodon", at(-2), "ESpice 1.4.0", text),
        Announcement("stable", "1.4.0", "x", at(-2), "ESpice 1.4.0", text),
    )
    assert planned(world({"stable/1.4.0": FULL}), table(LIVE), at(0)) == ()


def test_before_everyone_may_have_it_nothing_is_due() -> None:
    assert names(LIVE, at(-3)) == []
    gated = telling(world({"stable/1.4.0": [step(10, -9), step(100, -2, gate="default")]}))
    assert names(gated) == []


def test_a_ramp_to_everyone_is_told_at_its_end() -> None:
    ramp = telling(world({"stable/1.4.0": [step(100, -2, over="1h")]}))
    assert names(ramp, at(-1.1)) == []
    assert [each.since for each in planned(ramp, table(ramp), at(0))] == [at(-1), at(-1)]


def test_a_channel_that_waits_is_told_so_much_later_and_only_what_everyone_may_have_then() -> None:
    waits = replace(ANNOUNCE, after="1d")
    found = planned(telling(LIVE, waits), table(LIVE), at(0))
    assert [(each.since, each.at) for each in found] == [(at(-2), at(22))] * 2
    assert {each.at for each in planned(LIVE, table(LIVE), at(0))} == {at(-2)}
    assert names(telling(world({"stable/1.4.0": [*FULL, hold(0)]}), waits), at(23)) == []
    withdrawn = world({"stable/1.4.0": FULL}, withdrawals=[withdrawal("1.4.0")])
    assert names(telling(withdrawn, waits), at(23)) == []


def test_what_is_held_stopped_or_withdrawn_is_not_due() -> None:
    held = {"stable/1.4.0": [*FULL, hold(0)]}
    assert names(telling(world(held))) == []
    assert names(telling(world({"stable/1.4.0": FULL}, stops=[stop("stable")]))) == []
    assert names(telling(world({"stable/1.4.0": FULL}, stops=[stop("stable", "1.4.0")]))) == []
    assert names(telling(world({"stable/1.4.0": FULL}, withdrawals=[withdrawal("1.4.0")]))) == []


def test_who_stands_in_for_a_withdrawn_version_is_no_news() -> None:
    rollouts = {"stable/1.3.0": [step(10, -9)], "stable/1.4.0": FULL}
    assert names(telling(world(rollouts, withdrawals=[withdrawal("1.4.0", instead="1.3.0")]))) == []


def test_what_everyone_had_before_announcements_began_is_old_news() -> None:
    assert names(telling(world({"stable/1.3.0": OLD}))) == []
    assert names(telling(world({"stable/1.3.0": OLD}), replace(ANNOUNCE, since=at(-60)))) == [
        "stable/1.3.0 mastodon",
        "stable/1.3.0 x",
    ]


def test_only_the_newest_is_due_wherever_it_reaches() -> None:
    later = replace(ANNOUNCE, since=at(-100))
    assert names(telling(world({"stable/1.3.0": OLD, "stable/1.4.0": FULL}), later)) == names(LIVE)
    some = {"stable/1.4.0": ("linux-x86_64",)}
    part = telling(world({"stable/1.3.0": OLD, "stable/1.4.0": FULL}, targets=ALL_TARGETS, only=some), later)
    assert names(part) == names(LIVE)


# --- what a change plans to be told -------------------------------------------------------------------------------


def to_come(before: Facts, after: Facts) -> list[str]:
    return [f"{each.name} {each.to}" for each in coming((before, table(before)), (after, table(after)), at(0))]


def test_the_last_step_shows_what_will_be_told_though_its_time_is_to_come() -> None:
    before, after = (telling(world({"stable/1.4.0": [step(10, -9), *more]})) for more in ([], [step(100, 5)]))
    assert to_come(before, after) == ["stable/1.4.0 mastodon", "stable/1.4.0 x"]
    assert to_come(after, after) == []
    assert to_come(after, before) == []


def test_a_new_place_shows_what_it_will_be_told() -> None:
    after = telling(LIVE, replace(ANNOUNCE, to={**ANNOUNCE.to, "mail": 9000}))
    assert to_come(LIVE, after) == ["stable/1.4.0 mail"]


# --- words --------------------------------------------------------------------------------------------------------

LINKS = st.integers(0, 300).map(lambda many: f"https://espice.app/{'a' * many}")


@given(words=st.text(), link=LINKS, room=st.integers(9, 600))
def test_no_text_is_longer_than_its_place_takes_and_each_ends_with_its_link(words: str, link: str, room: int) -> None:
    most = max(weight(link), LINK) + room
    text = fitted(words, link, most)
    assert text.endswith(link)
    assert weight(text) <= most
    assert len(text) <= most


@given(words=st.lists(st.text("abcäß", min_size=1, max_size=9), min_size=1).map(" ".join), room=st.integers(20, 90))
def test_words_are_cut_whole_and_none_without_need(words: str, room: int) -> None:
    link = "https://espice.app/1.4.0"
    kept = fitted(words, link, weight(link) + room).removesuffix(f"\n\n{link}")
    if kept != words:
        assert weight(words) > room - 2
        shorter = kept.removesuffix(" …")
        assert words.startswith(f"{shorter} ")
        following = words[len(shorter) :].split(maxsplit=1)[0]
        assert weight(f"{shorter} {following} …") > room - 2


def test_wide_letters_count_as_two_and_a_word_without_end_is_cut_anywhere() -> None:
    assert weight("né 電路") == 7
    link = "https://espice.app/1.4.0"
    assert fitted("電" * 100, link, 100) == f"{'電' * 35}{' …'}\n\n{link}"
    assert fitted("", link, 100) == link


# --- what check says ----------------------------------------------------------------------------------------------


def announcing(to: str, link: str = "https://espice.app/r") -> list[str]:
    more = f'announce:\n  since: "2026-11-01T00:00:00Z"\n  link: {link}\n  to: {to}\n'
    return said(files({STABLE: TEXTS[STABLE] + more}))


def test_a_place_that_takes_little_or_is_none_is_refused_with_its_line() -> None:
    assert announcing("{mastodon: 500}") == []
    assert announcing("{x: 199}") == [
        f"{STABLE}:7: announce.to.x: 199 is below 200; write a number of characters from 200 to 100000"
    ]
    assert announcing("{}") == [f"{STABLE}:7: announce.to: names no place to tell; name one, or remove announce"]


def test_a_link_that_leaves_no_room_and_names_that_share_a_variable_are_refused_with_their_line() -> None:
    assert announcing("{x: 280}", f"https://espice.app/{'a' * 200}") == [
        f"{STABLE}:7: announce.to.x: takes 280 characters, of which the link leaves fewer than {WORDS} for words; "
        "shorten the link"
    ]
    assert variable("my-list.1") == "ESPICE_ANNOUNCE_MY_LIST_1"
    assert announcing("{a-b: 500, a.b: 500}") == [
        f"{STABLE}:7: announce.to.a.b: has the same variable as a-b, ESPICE_ANNOUNCE_A_B; give it another name"
    ]

"""From bytes to facts: what people may write, and what is said of everything else."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delivery.rules.facts import (
    Block,
    Channel,
    Experiment,
    Facts,
    Flag,
    Policy,
    Product,
    Rollout,
    Version,
    Withdrawal,
)
from delivery.rules.load import parse
from delivery.rules.read import KINDS
from delivery.rules.shapes import Span

CHANNEL = 'channel: stable\ntitle: "Stable"\nladder: [1, 10, 100]\n'
ROLLOUT = "rollout: stable/1.4.0\nsalt: stable-1.4.0\ntargets: all\nsteps:\n"


def channel(text: str | bytes) -> list[str]:
    return said(text, Channel)


def line(text: str) -> list[str]:
    """What is said of this line of a rollout (line 5 of its file)."""
    return said(f"{ROLLOUT}  - {text}\n", Rollout)


def said(text: str | bytes, into: type[Any]) -> list[str]:
    value, problems = parse("x.yaml", text if isinstance(text, bytes) else text.encode(), into)
    assert (value is None) == bool(problems)
    return [str(problem) for problem in problems]


def test_a_fact_comes_out_typed_with_the_line_of_each_part() -> None:
    text = (
        ROLLOUT
        + '  # first\n  - {at: "2026-11-25T14:00:00Z", percent: 10}\n  - at: "2026-11-26T14:00:00Z"\n    percent: 25\n'
    )
    filed, problems = parse("x.yaml", text.encode(), Rollout)
    assert problems == ()
    assert filed is not None
    assert filed.value.steps[0].at == datetime(2026, 11, 25, 14, tzinfo=UTC)
    assert [filed.line(), filed.line("salt"), filed.line("steps", 0), filed.line("steps", 1, "percent")] == [1, 2, 6, 8]
    assert filed.at("steps", 1, "because") == "x.yaml:7"


def test_a_file_that_is_not_a_mapping() -> None:
    assert channel("- stable\n") == [
        "x.yaml:1: a list is not a mapping of keys and values; write a mapping with channel, title and ladder"
    ]
    assert channel("stable\n") == [
        'x.yaml:1: "stable" is not a mapping of keys and values; write a mapping with channel, title and ladder'
    ]


def test_an_empty_file() -> None:
    assert channel("") == ["x.yaml: is empty; write the fact, or remove the file if it was never merged"]
    assert channel("# only words\n") == channel("")


def test_an_unknown_key_names_its_near_match() -> None:
    assert channel(CHANNEL + "laddr: [1]\n") == ["x.yaml:4: laddr: is not a key here; did you mean ladder?"]


def test_an_unknown_key_without_a_near_match_names_all_keys() -> None:
    assert channel(CHANNEL + "owner: us\n") == [
        "x.yaml:4: owner: is not a key here; the keys here are announce, auto-promote, channel, follows, ladder, "
        "pre-releases, promotes-from, soak and title"
    ]


def test_a_field_of_python_is_not_a_key_of_yaml() -> None:
    assert said("approvals: {narrower: 1, next_step: 1, wider: 2}\ngates: {}\n", Policy) == [
        "x.yaml:1: approvals.next-step: is missing; write a number of approvals",
        "x.yaml:1: approvals.next_step: is not a key here; did you mean next-step?",
    ]


def test_a_key_with_a_letter_that_looks_like_another() -> None:
    assert channel(CHANNEL.replace("title", "t\u0456tle")) == [
        "x.yaml:2: holds \u0456 (U+0456 CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I), which looks like i; "
        "write title"
    ]


def test_a_key_wholly_of_letters_that_look_like_others() -> None:
    assert line('{\u0430t: now, percent: 1, reason: "x"}')[0].startswith("x.yaml:5: holds \u0430 (U+0430 CYRILLIC")
    assert said("approvals: {narrower: 1, next-step: 1, wider: 2}\ngates: {}\n\u0430\u0441\u0435: 1\n", Policy) == [
        "x.yaml:3: \u0430\u0441\u0435: holds \u0430 (U+0430 CYRILLIC SMALL LETTER A), which looks like a; write ace"
    ]


def test_a_name_wholly_of_letters_that_look_like_others() -> None:
    assert channel("channel: \u0430\u0441\u0435\ntitle: x\nladder: []\n") == [
        "x.yaml:1: channel: holds \u0430 (U+0430 CYRILLIC SMALL LETTER A), which looks like a; write ace"
    ]


def test_sentences_may_be_in_any_language() -> None:
    for title in (
        "K\u00f6ln",
        "\u041f\u0440\u0438\u0432\u0435\u0442",
        "10 k\u03a9, 5 \u00b5s, 3 \u03bcF",
        "\u7535\u8def",
        "\u2764\ufe0f",
        "kap\u0131",
    ):
        assert channel(f"channel: stable\ntitle: {title}\nladder: []\n") == []


def test_a_duplicate_key_names_both_lines() -> None:
    assert channel(CHANNEL + "title: Other\n") == ["x.yaml:4: title: is written twice, first in line 2; keep one"]


def test_a_duplicate_key_deep_inside() -> None:
    assert line('{at: "2026-11-25T14:00:00Z", percent: 5, percent: 100}') == [
        "x.yaml:5: steps.0.percent: is written twice, first in line 5; keep one"
    ]


def test_a_missing_key_says_what_to_write() -> None:
    assert channel("channel: stable\nladder: [1]\n") == [
        "x.yaml:1: title: is missing; write a sentence on one line, not empty"
    ]


def test_a_version_that_yaml_takes_for_a_number() -> None:
    assert 'x.yaml:1: version: 1.10 without quotes is a number to YAML; quote it: "1.10"' in said(
        "version: 1.10\n", Version
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1.10", "a number"),
        ("017", "a number"),
        ("08", "a number"),
        ("0o17", "a number"),
        ("0x1F", "a number"),
        ("1_000", "a number"),
        ("1e3", "a number"),
        (".5", "a number"),
        ("12:30", "a number"),
        ("12:30:00", "a number"),
        (".inf", "a number"),
        (".NaN", "a number"),
        ("42", "a number"),
        ("no", "a truth value"),
        ("On", "a truth value"),
        ("y", "a truth value"),
        ("true", "a truth value"),
        ("~", "nothing"),
        ("null", "nothing"),
        ("2026-11-25", "a date"),
        ("2026-11-25T14:00:00Z", "a date"),
        ("=", "a sign of its own"),
    ],
)
def test_a_text_in_the_disguise_of_something_else(text: str, kind: str) -> None:
    assert channel(f"channel: stable\ntitle: {text}\nladder: []\n") == [
        f'x.yaml:2: title: {text} without quotes is {kind} to YAML; quote it: "{text}"'
    ]
    assert channel(f'channel: stable\ntitle: "{text}"\nladder: []\n') == []


def test_a_disguised_key() -> None:
    assert channel(CHANNEL + "no: 1\n")[0] == (
        'x.yaml:4: no: the key no without quotes is a truth value to YAML; quote it: "no"'
    )


def test_a_key_without_a_value() -> None:
    assert channel("channel: stable\ntitle:\nladder: [1]\n") == [
        "x.yaml:2: title: has no value; write a sentence on one line, not empty"
    ]


def test_text_that_a_comment_cuts_off() -> None:
    assert channel("channel: stable\ntitle: see #812\nladder: [] # none\n") == [
        "x.yaml:2: title: #812 is a comment to YAML, not text; quote the whole text, with what belongs to it"
    ]


def test_a_sentence_that_a_comment_may_have_cut_off() -> None:
    hold = 'hold: 0\n    at: "2026-11-25T14:00:00Z"\n    reason: '
    assert line(hold + "crashes on start, see # 812") == [
        "x.yaml:7: steps.0.reason: # 812 behind a sentence is a comment to YAML, not text; "
        "quote the whole text, with what belongs to it"
    ]
    assert line(hold + '"crashes on start, see # 812" # a comment') == []
    assert channel("channel: stable\ntitle: Stable # one word is no sentence\nladder: []\n") == []


PERCENT = "; write a whole number of percent from 0 to 100"


@pytest.mark.parametrize(
    ("percent", "words"),
    [
        ("140", "140 is above 100" + PERCENT),
        ("-1", "-1 is below 0" + PERCENT),
        ("ten", '"ten" is not a whole number' + PERCENT),
        ("10%", '"10%" is not a whole number' + PERCENT),
        ('"10"', '"10" in quotes is a text; write 10'),
        ('"10.5"', '"10.5" is not a whole number' + PERCENT),
        ("10.0", "10.0 is not a whole number" + PERCENT),
        ("010", "010 is a number to some programs only" + PERCENT),
        ("1_0", "1_0 is a number to some programs only" + PERCENT),
        ("0x10", "0x10 is a number to some programs only" + PERCENT),
        ("1e1", "1e1 is a number to some programs only" + PERCENT),
        ("+10", "+10 is a number to some programs only" + PERCENT),
        ("1:10", "1:10 is a number to some programs only" + PERCENT),
        ("\u0663", "holds \u0663 (U+0663 ARABIC-INDIC DIGIT THREE), which looks like 3; write 3"),
        ("\uff11\uff10", "holds \uff11 (U+FF11 FULLWIDTH DIGIT ONE), which looks like 1; write 10"),
        ("0.25", "0.25 is a fraction, where percent are meant; write 25 if 25 % are meant"),
        ("0.001", "0.001 is a fraction, where percent are meant" + PERCENT),
        ("yes", "yes is not a whole number" + PERCENT),
        ("~", "~ is not a whole number" + PERCENT),
        ("[10]", "a list is not a whole number" + PERCENT),
        ("{}", "an empty mapping is not a whole number" + PERCENT),
        ("9" * 30, f"{'9' * 30} is too long for a number" + PERCENT),
    ],
)
def test_a_percent_that_is_none(percent: str, words: str) -> None:
    assert line(f'{{at: "2026-11-25T14:00:00Z", percent: {percent}}}') == [f"x.yaml:5: steps.0.percent: {words}"]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-25T14:00Z",
        "2026-11-25T14:00:00+01:00",
        "2026-11-25 14:00:00Z",
        "2026-11-25T14:00:00.5Z",
        "tomorrow",
    ],
)
def test_a_moment_is_utc_with_seconds(moment: str) -> None:
    assert line(f'{{at: "{moment}", percent: 1}}') == [
        f"x.yaml:5: steps.0.at: {json.dumps(moment)} is not quoted UTC with seconds, "
        'such as "2026-11-25T14:00:00Z"; write one'
    ]


@pytest.mark.parametrize("moment", ["2026-02-30T14:00:00Z", "2026-13-01T14:00:00Z", "2026-11-25T24:00:01Z"])
def test_a_moment_that_does_not_exist(moment: str) -> None:
    assert line(f'{{at: "{moment}", percent: 1}}') == [
        f'x.yaml:5: steps.0.at: "{moment}" names a day or a time that does not exist; '
        'write quoted UTC with seconds, such as "2026-11-25T14:00:00Z"'
    ]


def test_a_moment_without_quotes() -> None:
    assert line("{at: 2026-11-25T14:00:00Z, percent: 1}") == [
        'x.yaml:5: steps.0.at: 2026-11-25T14:00:00Z without quotes is a date to YAML; quote it: "2026-11-25T14:00:00Z"'
    ]


@pytest.mark.parametrize("version", ["1.4", "v1.4.0", "1.04.0", "1.4.0-01", "1.4.0 ", "9" * 20 + ".0.0"])
def test_a_version_is_one_that_the_clients_understand(version: str) -> None:
    text = f'withdraw: "{version}"\nchannels: [beta]\nat: "2026-11-25T14:00:00Z"\nreason: x\ndownloads: keep\n'
    assert said(text, Withdrawal) == [
        f"x.yaml:1: withdraw: {json.dumps(version)} is not a version such as 1.4.0 or 1.5.0-beta.1; write one"
    ]


def test_a_line_that_is_no_step_pass_hold_or_resume() -> None:
    assert line('{at: "2026-11-25T14:00:00Z", percnt: 10}') == [
        "x.yaml:5: steps.0: has none of the keys percent, pass, hold, resume or critical; "
        "did you mean percent by percnt?"
    ]
    assert line("{from: now}") == [
        "x.yaml:5: steps.0: has none of the keys percent, pass, hold, resume or critical; write one of them"
    ]
    assert line("10") == [
        "x.yaml:5: steps.0: 10 is not a mapping of keys and values; "
        "write a mapping with percent, pass, hold, resume or critical"
    ]


def test_a_line_that_is_two_things() -> None:
    assert line('{at: "2026-11-25T14:00:00Z", percent: 10, hold: 0}') == [
        "x.yaml:5: steps.0.hold: does not go with percent: a line is one thing; write two lines"
    ]


def test_a_word_that_is_not_among_those_allowed() -> None:
    assert said(WITHDRAWAL.replace("keep", "delete"), Withdrawal) == [
        'x.yaml:5: downloads: "delete" is not allowed here; write keep, hide or gone'
    ]


@pytest.mark.parametrize(
    ("targets", "what"),
    [
        ("linux-x86_64", '"linux-x86_64"'),
        ("[]", "an empty list"),
        ("{linux-x86_64: yes please}", "a mapping"),
        ("1", "1"),
    ],
)
def test_targets_are_all_or_some(targets: str, what: str) -> None:
    assert said(ROLLOUT.replace("all", targets) + "  []\n", Rollout) == [
        f"x.yaml:3: targets: {what} is not all, or a list of targets such as [linux-x86_64]; write one"
    ]


def test_some_targets() -> None:
    filed, _ = parse("x.yaml", (ROLLOUT.replace("all", "[linux-x86_64, windows-x86_64]") + "  []\n").encode(), Rollout)
    assert filed is not None
    assert filed.value.targets == ("linux-x86_64", "windows-x86_64")


def test_a_disguised_target() -> None:
    assert said(ROLLOUT.replace("all", "[1]") + "  []\n", Rollout) == [
        'x.yaml:3: targets.0: 1 without quotes is a number to YAML; quote it: "1"'
    ]
    assert said(ROLLOUT.replace("all", "[no]") + "  []\n", Rollout) == [
        'x.yaml:3: targets.0: no without quotes is a truth value to YAML; quote it: "no"'
    ]


def test_a_bad_key_of_a_mapping() -> None:
    assert said('approvals: {narrower: 1, next-step: 1, wider: 2}\ngates: {"Two Words": x}\n', Policy) == [
        'x.yaml:2: gates.Two Words: "Two Words" is not a name of lower-case letters, digits, dots and dashes; write one'
    ]


def test_every_problem_is_told_at_once_in_the_order_of_lines() -> None:
    assert [text.split(":")[1] for text in channel("channel: Stable\ntitle: no\nladder: [1, 101, x]\n")] == list("1233")


def test_an_alias_bomb_is_an_ordinary_problem() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in pairwise("abcdefghi"))
    assert channel(bomb) == [
        "x.yaml:1: uses the anchor &a; write the value out where it is meant (and quote a text that begins with * or &)"
    ]
    assert channel("channel: *x\n")[0].startswith("x.yaml:1: uses the alias *x; ")


def test_an_alias_to_itself_is_an_ordinary_problem() -> None:
    assert len(channel("a: &a [*a]\n")) == 1


@pytest.mark.parametrize("text", ["[" * 3000, "{a: " * 3000, "- " * 3000, "[" * 3000 + "]" * 3000])
def test_three_thousand_nested_brackets_are_an_ordinary_problem(text: str) -> None:
    assert channel(text) == ["x.yaml:1: is nested more than 20 deep; write it flat, as releases/README.md shows"]


def test_a_tag_is_refused() -> None:
    assert channel("channel: !!python/object/apply:os.system [ls]\n") == [
        "x.yaml:1: uses the tag tag:yaml.org,2002:python/object/apply:os.system; "
        "remove it (and quote a text that begins with !)"
    ]


def test_a_merge_key_is_refused() -> None:
    assert channel(CHANNEL + "<<: {a: b}\n") == ["x.yaml:4: <<: merges another mapping; write its keys out"]


def test_a_key_that_is_a_list() -> None:
    assert channel(CHANNEL + "[a]: b\n") == ["x.yaml:4: a key is a list or a mapping; write a word as the key"]


def test_a_second_document_is_refused() -> None:
    assert channel(CHANNEL + "---\n" + CHANNEL) == [
        "x.yaml:4: begins a second document; one file holds one fact: remove the line with ---"
    ]


def test_a_file_too_large() -> None:
    assert channel("#" * 300_000) == ["x.yaml: is larger than 256 kB; one file holds one fact: split it"]


def test_a_file_of_too_many_parts() -> None:
    assert channel("a: [" + "x," * 20_000 + "]") == [
        "x.yaml:1: has more than 10,000 parts; one file holds one fact: split it"
    ]


def test_a_file_that_is_not_yaml() -> None:
    assert channel("channel: [a\n") == [
        "x.yaml:2: is not YAML: while parsing a flow sequence, did not find expected ',' or ']'; "
        "mend the indentation, brackets or quotes here or just above"
    ]


def test_a_file_in_another_encoding() -> None:
    assert channel("channel: a\ntitle: K\u00f6ln\n".encode("latin-1")) == [
        "x.yaml:2: is not UTF-8 text here; save the file as UTF-8"
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\ufeffchannel: a", "a byte order mark"),
        ("channel: a\0", "the invisible character U+0000"),
        ("channel: a\u200b", "the invisible character U+200B ZERO WIDTH SPACE"),
        ("channel: a\u202e", "the invisible character U+202E RIGHT-TO-LEFT OVERRIDE"),
    ],
)
def test_a_character_that_nobody_sees(text: str, name: str) -> None:
    assert channel(text) == [f"x.yaml:1: holds {name}; remove it; if a text needs it, write it as an escape in quotes"]


def test_a_space_that_is_none() -> None:
    assert channel("channel: a\ntitle:\u00a0b\nladder:\u3000[]\n") == [
        "x.yaml:2: holds a space that is none to YAML, U+00A0 NO-BREAK SPACE; write an ordinary space",
        "x.yaml:3: holds a space that is none to YAML, U+3000 IDEOGRAPHIC SPACE; write an ordinary space",
    ]


def test_a_binary_file_does_not_give_a_thousand_problems() -> None:
    assert len(channel("\0\n" * 5000)) == 10


def test_what_git_leaves_of_a_merge() -> None:
    both = f"{ROLLOUT}<<<<<<< HEAD\n  - {{percent: 1}}\n||||||| base\n=======\n  - {{percent: 2}}\n>>>>>>> theirs\n"
    assert said(both, Rollout) == [
        f"x.yaml:{number}: holds what git leaves of a merge that failed, {marker}; "
        "keep the lines that are meant, and remove this one"
        for number, marker in [(5, "<" * 7), (7, "|" * 7), (8, "=" * 7), (10, ">" * 7)]
    ]


def test_a_line_under_a_heading_in_notes_is_no_merge() -> None:
    assert VERSION.count("Better.") == 1
    assert said(VERSION.replace("notes: Better.", "notes: |-\n  Better\n  =======\n  And more."), Version) == []


def test_a_tab() -> None:
    assert channel("channel: a\n\ttitle: b\n") == [
        'x.yaml:2: holds a tab; write spaces; inside a text write "\\t" in double quotes'
    ]


def test_lines_may_end_as_windows_ends_them() -> None:
    assert channel(CHANNEL.replace("\n", "\r\n")) == []


VERSION = f"""\
version: 1.4.0
published: "2026-11-10T11:40:00Z"
source: {{repository: espice/espice, commit: "{"a" * 40}", run: "https://github.com/espice/espice/actions/runs/1"}}
notes: Better.
artifacts: {{}}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("a" * 40, "abc", 'commit: "abc" is not a full commit id of 40 hexadecimal digits; write one'),
        ("a" * 40, "0" * 40, f"commit: holds the placeholder {'0' * 40}; write what is meant"),
        ("espice/espice,", "espice,", 'repository: "espice" is not owner/name; write one'),
        ("runs/1", "runs/", 'run: "https://github.com/espice/espice/actions/runs/" is not {run}; write one'),
        ("/espice/espice/actions/runs/1", "", 'run: "https://github.com" is not {run}; write one'),
        ("https:", "http:", 'run: "http://github.com/espice/espice/actions/runs/1" is not {run}; write one'),
        ("github.com/", "ci.example.com/", "run: holds the placeholder example.com; write what is meant"),
    ],
)
def test_a_source_that_nobody_could_follow(old: str, new: str, words: str) -> None:
    run = "a run's link such as https://github.com/espice/espice/actions/runs/1"
    assert said(VERSION.replace(old, new), Version) == [f"x.yaml:3: source.{words.replace('{run}', run)}"]


@pytest.mark.parametrize("notes", ["TODO", "New: TBD", "FIXME before the release", "XXX"])
def test_notes_that_are_still_to_be_written(notes: str) -> None:
    found = next(word for word in ("TODO", "TBD", "FIXME", "XXX") if word in notes)
    assert said(VERSION.replace("Better.", f'"{notes}"'), Version) == [
        f"x.yaml:4: notes: holds the placeholder {found}; write what is meant"
    ]


def test_notes_may_hold_markup_and_nothing() -> None:
    for notes in ("<b>Better</b>, see <https://espice.app>", "Todo el mundo", ""):
        assert said(VERSION.replace("Better.", f'"{notes}"'), Version) == []


def test_a_run_may_be_another_systems() -> None:
    assert said(VERSION.replace("github.com", "ci.espice.app"), Version) == []


def test_the_systems_of_minimum_os_are_known() -> None:
    assert said(VERSION + 'minimum-os: {windows: 10.0, mac: "12"}\n', Version) == [
        'x.yaml:6: minimum-os.mac: "mac" is not allowed here; write windows, macos or linux',
        'x.yaml:6: minimum-os.windows: 10.0 without quotes is a number to YAML; quote it: "10.0"',
    ]


WITHDRAWAL = 'withdraw: 1.4.0\nchannels: [beta]\nat: "2026-11-25T14:00:00Z"\nreason: crashes\ndownloads: keep\n'


@pytest.mark.parametrize(
    ("reason", "placeholder"),
    [
        ("TODO", "TODO"),
        ("todo later", "todo"),
        ("crashes (FIXME link)", "FIXME"),
        ("xxx", "xxx"),
        ("XXXX", "XXXX"),
        ("TBD", "TBD"),
        ("see <link>", "<link>"),
        ("<…>", "<…>"),
        ("see https://www.example.com/812", "example.com"),
        ("…", "…"),
        ("...", "..."),
        ('"???"', "???"),
        ('"-"', "-"),
    ],
)
def test_a_reason_that_is_still_to_be_written(reason: str, placeholder: str) -> None:
    assert said(WITHDRAWAL.replace("crashes", reason), Withdrawal) == [
        f"x.yaml:4: reason: holds the placeholder {placeholder}; write what is meant"
    ]


@pytest.mark.parametrize("reason", ["crashes if a < b and c > d", "below <1.5.0", "a method... and more", "x", "Todor"])
def test_a_reason_that_only_resembles_a_placeholder(reason: str) -> None:
    assert said(WITHDRAWAL.replace("crashes", f'"{reason}"'), Withdrawal) == []


def test_what_is_said_inside_of_what_may_be_left_out() -> None:
    assert said(WITHDRAWAL + "lifted: {at: now, because: x}\ninstalled: reissue 1.4.1\n", Withdrawal) == [
        'x.yaml:6: lifted.at: "now" is not quoted UTC with seconds, such as "2026-11-25T14:00:00Z"; write one',
        "x.yaml:6: lifted.because: is not a key here; the keys here are at and reason",
        "x.yaml:6: lifted.reason: is missing; write a sentence on one line, not empty",
        'x.yaml:7: installed: "reissue 1.4.1" is not keep, reissue-as <version> or downgrade-to <version>; write one',
    ]
    assert said(WITHDRAWAL + "lifted: yes\n", Withdrawal) == [
        "x.yaml:6: lifted: yes is not a mapping of keys and values; write a mapping with at and reason"
    ]
    assert said(WITHDRAWAL + "installed:\n", Withdrawal) == [
        "x.yaml:6: installed: has no value; write keep, reissue-as <version> or downgrade-to <version>"
    ]


BLOCK = """\
block: gtk
from: ">=1.2.0 <1.3.1"
to: ">=1.4.0 <1.4.2"
targets: all
effect: block
reason: crashes
owner: the core team
review-by: "2027-01-31"
"""


def test_keys_that_python_could_not_name() -> None:
    filed, problems = parse("x.yaml", BLOCK.encode(), Block)
    assert problems == ()
    assert filed is not None
    assert (filed.value.from_, filed.line("from"), filed.line("review-by")) == (">=1.2.0 <1.3.1", 2, 8)
    assert said(BLOCK.replace("from:", "from_:"), Block) == [
        'x.yaml:1: from: is missing; write a range such as ">=1.2.0 <1.3.1"',
        "x.yaml:2: from_: is not a key here; did you mean from?",
    ]


@pytest.mark.parametrize(
    "text", ["*", "1.2.0", "^1.2.0", ">= 1.2.0", ">=1.2", ">=1.2.0, <1.3.1", ">=1.2.0||<1.0.0", ""]
)
def test_a_range_is_comparators_of_whole_versions(text: str) -> None:
    assert said(BLOCK.replace(">=1.2.0 <1.3.1", text), Block) == [
        f'x.yaml:2: from: "{text}" is not a range such as ">=1.2.0 <1.3.1"; write one'
    ]


def test_a_day_that_does_not_exist() -> None:
    assert said(BLOCK.replace("01-31", "02-30"), Block) == [
        'x.yaml:8: review-by: "2027-02-30" names a day or a time that does not exist; '
        'write a quoted day such as "2027-01-31"'
    ]


def test_a_day_in_another_form() -> None:
    assert said(BLOCK.replace("2027-01-31", "31.01.2027"), Block) == [
        'x.yaml:8: review-by: "31.01.2027" is not a quoted day such as "2027-01-31"; write one'
    ]
    assert said(BLOCK.replace('"2027-01-31"', "2027-01-31"), Block) == [
        'x.yaml:8: review-by: 2027-01-31 without quotes is a date to YAML; quote it: "2027-01-31"'
    ]


FLAG = """\
flag: gpu
owner: the core team
expires: "2027-01-31"
body:
  state: ENABLED
  variants: {"on": true, "off": false, some: {threads: 4, share: 0.5, name: x}}
  defaultVariant: "off"
"""


def test_a_flags_body_holds_any_values() -> None:
    filed, problems = parse("x.yaml", FLAG.encode(), Flag)
    assert problems == ()
    assert filed is not None
    assert filed.value.body.variants == {"on": True, "off": False, "some": {"threads": 4, "share": 0.5, "name": "x"}}


def test_a_flags_body_holds_no_disguised_values() -> None:
    assert said(FLAG.replace("threads: 4", "threads: 0x4").replace('"on": true', "on: yes"), Flag) == [
        'x.yaml:6: body.variants.on: the key on without quotes is a truth value to YAML; quote it: "on"',
        'x.yaml:6: body.variants.some.threads: 0x4 without quotes is a number to YAML; quote it: "0x4"',
    ]
    assert said(FLAG.replace('"off"\n', "off\n"), Flag) == [
        'x.yaml:7: body.defaultVariant: off without quotes is a truth value to YAML; quote it: "off"'
    ]
    assert said(FLAG.replace("ENABLED", "ON"), Flag) == [
        'x.yaml:5: body.state: ON without quotes is a truth value to YAML; quote it: "ON"',
    ]


EXPERIMENT = """\
experiment: solver
layer: startup
salt: solver-1
audience: {channel: stable, versions: ">=1.4.0", percent: 20}
start: "2026-12-01T00:00:00Z"
end: "2026-12-15T00:00:00Z"
guardrails: [{metric: crash-free, least: 0.995}]
arms: {control: {weight: 50}, treatment: {weight: 50, flags: {gpu: "on"}}}
"""


def test_an_experiment_has_numbers_with_and_without_a_point() -> None:
    assert said(EXPERIMENT, Experiment) == []
    assert said(EXPERIMENT.replace("0.995", "1"), Experiment) == []
    assert said(EXPERIMENT.replace("0.995", ".995"), Experiment) == [
        "x.yaml:7: guardrails.0.least: .995 is a number to some programs only; write a number"
    ]
    assert said(EXPERIMENT.replace("0.995", '"0.995"'), Experiment) == [
        'x.yaml:7: guardrails.0.least: "0.995" in quotes is a text; write 0.995'
    ]
    assert said(EXPERIMENT.replace("0.995", "-1"), Experiment) == [
        "x.yaml:7: guardrails.0.least: -1 is below 0; write a number"
    ]


def test_what_is_said_deep_in_an_experiment() -> None:
    text = EXPERIMENT.replace("weight: 50}", "weight: 0}").replace('"on"', "on")
    assert said(text, Experiment) == [
        "x.yaml:8: arms.control.weight: 0 is below 1; write a weight from 1 to 100",
        'x.yaml:8: arms.treatment.flags.gpu: on without quotes is a truth value to YAML; quote it: "on"',
    ]


STACK = {"extra": "forbid", "strict": True, "alias_generator": lambda name: f"espice:{name}"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Not a fact: other files are loaded by the same code."""

    __pydantic_config__ = STACK
    weight: Annotated[float, Span(0, 1, "a share from 0.0 to 1.0")]
    on: bool
    days: Literal[1, 7, 30]
    spare: int | None = None


def test_other_types_are_loaded_by_the_same_rules() -> None:
    filed, problems = parse("x.yaml", b'"espice:weight": 0.5\nespice:on: true\nespice:days: 7\n', Sizes)
    assert problems == ()
    assert filed is not None
    assert filed.value == Sizes(0.5, True, 7)
    assert said("espice:weight: 2.0\nespice:on: yes\nespice:days: 8\nespice:spare: x\n", Sizes) == [
        "x.yaml:1: espice:weight: 2.0 is above 1; write a share from 0.0 to 1.0",
        "x.yaml:2: espice:on: yes is not true or false; write true or false",
        "x.yaml:3: espice:days: 8 is not allowed here; write 1, 7 or 30",
        'x.yaml:4: espice:spare: "x" is not a whole number; write a whole number',
    ]


FACTS = (Product, Policy, *(kind.type for kind in KINDS))
PIECES = st.sampled_from(
    [
        *"[]{}:,-?&*!|>'\"%@#\n\r \\",
        "  ",
        ": ",
        "- ",
        "steps",
        "at",
        "percent",
        "10",
        "\\ud800",
        "\\0",
        "~",
        "<<",
        "---",
    ]
)


@given(st.binary(max_size=400), st.sampled_from(FACTS))
@example(b'"\\ud83d\\ude00": 1', Channel)
def test_no_bytes_raise(data: bytes, into: type[Any]) -> None:
    value, problems = parse("x.yaml", data, into)
    assert (value is None) == bool(problems)


@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(FACTS))
def test_no_text_that_looks_like_yaml_raises(text: str, into: type[Any]) -> None:
    value, problems = parse("x.yaml", text.encode(), into)
    assert (value is None) == bool(problems)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-11-25T14:00:00Z"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["steps", "percent", "hold", "at", "stop", "artifacts", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["rollout", "steps", "stop", "gates", "artifacts", "ladder"]), TREES))
def test_no_tree_raises(tree: dict[str, Any]) -> None:
    for into in FACTS:
        parse("x.yaml", json.dumps(tree).encode(), into)


def test_facts_name_no_type_that_is_not_loaded() -> None:
    """Each is in FACTS above, so that it is fuzzed too."""
    kinds = {str(hint) for hint in Facts.__annotations__.values()}
    assert {kind.__name__ for kind in FACTS} == {text.split("Filed[")[1].split("]")[0].split(".")[-1] for text in kinds}

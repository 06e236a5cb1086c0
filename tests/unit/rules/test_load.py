"""From bytes to facts: what people may write, and what is said of everything else."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delivery.rules.facts import Channel, Facts, Filed, Policy, Product, Rollout, Stop, Version, Withdrawal
from delivery.rules.load import parse
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
        "x.yaml:4: owner: is not a key here; the keys here are channel, ladder and title"
    ]


def test_a_field_of_python_is_not_a_key_of_yaml() -> None:
    assert said("approvals: {narrower: 1, next_step: 1, wider: 2}\ngates: {}\n", Policy) == [
        "x.yaml:1: approvals.next-step: is missing; write a number of approvals",
        "x.yaml:1: approvals.next_step: is not a key here; did you mean next-step?",
    ]


def test_a_look_alike_key_is_shown_as_an_unknown_key() -> None:
    assert channel(CHANNEL.replace("title", "t\u0456tle")) == [
        "x.yaml:1: title: is missing; write a sentence on one line, not empty",
        "x.yaml:2: t\u0456tle: is not a key here; did you mean title?",
    ]


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
        'x.yaml:2: title: #812 is a comment to YAML, not text; quote the whole text, or write "# 812"'
    ]


@pytest.mark.parametrize(
    ("percent", "what"),
    [
        ("140", "140 is above 100"),
        ("-1", "-1 is below 0"),
        ("ten", '"ten" is not a whole number'),
        ('"10"', '"10" is not a whole number'),
        ("10.0", "10.0 is not a whole number"),
        ("010", "010 is not a whole number"),
        ("1_0", "1_0 is not a whole number"),
        ("yes", "yes is not a whole number"),
        ("~", "~ is not a whole number"),
        ("[10]", "a list is not a whole number"),
        ("9" * 30, f"{'9' * 30} is not a whole number"),
    ],
)
def test_a_percent_that_is_none(percent: str, what: str) -> None:
    assert line(f'{{at: "2026-11-25T14:00:00Z", percent: {percent}}}') == [
        f"x.yaml:5: steps.0.percent: {what}; write a whole number of percent from 0 to 100"
    ]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-25T14:00Z",
        "2026-11-25T14:00:00+01:00",
        "2026-11-25 14:00:00Z",
        "2026-02-30T14:00:00Z",
        "2026-11-25T14:00:00.5Z",
        "\u0662026-11-25T14:00:00Z",
        "tomorrow",
    ],
)
def test_a_moment_is_utc_with_seconds(moment: str) -> None:
    assert line(f'{{at: "{moment}", percent: 1}}') == [
        f"x.yaml:5: steps.0.at: {json.dumps(moment)} is not quoted UTC with seconds, "
        'such as "2026-11-25T14:00:00Z"; write one'
    ]


def test_a_moment_without_quotes() -> None:
    assert line("{at: 2026-11-25T14:00:00Z, percent: 1}") == [
        'x.yaml:5: steps.0.at: 2026-11-25T14:00:00Z without quotes is a date to YAML; quote it: "2026-11-25T14:00:00Z"'
    ]


@pytest.mark.parametrize("version", ["1.4", "v1.4.0", "1.04.0", "1.4.0-01", "1.4.0 ", "1.4.\u0660", "9" * 20 + ".0.0"])
def test_a_version_is_one_that_the_clients_understand(version: str) -> None:
    text = f'withdraw: "{version}"\nchannels: [beta]\nat: "2026-11-25T14:00:00Z"\nreason: x\ndownloads: keep\n'
    assert said(text, Withdrawal) == [
        f"x.yaml:1: withdraw: {json.dumps(version)} is not a version such as 1.4.0 or 1.5.0-beta.1; write one"
    ]


def test_a_line_that_is_no_step_pass_hold_or_resume() -> None:
    assert line('{at: "2026-11-25T14:00:00Z", percnt: 10}') == [
        "x.yaml:5: steps.0: has none of the keys percent, pass, hold or resume; did you mean percent by percnt?"
    ]
    assert line("{from: now}") == [
        "x.yaml:5: steps.0: has none of the keys percent, pass, hold or resume; write one of them"
    ]
    assert line("10") == [
        "x.yaml:5: steps.0: 10 is not a mapping of keys and values; write a mapping with percent, pass, hold or resume"
    ]


def test_a_line_that_is_two_things() -> None:
    assert line('{at: "2026-11-25T14:00:00Z", percent: 10, hold: 0}') == [
        "x.yaml:5: steps.0.hold: is not a key here; the keys here are at, because, gate and percent"
    ]


def test_a_word_that_is_not_among_those_allowed() -> None:
    assert said(ROLLOUT.replace("all", "linux") + "  []\n", Rollout) == [
        'x.yaml:3: targets: "linux" is not allowed here; write all'
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
        ("channel: a\u200b", "the invisible character U+200B"),
        ("channel: a\u202e", "the invisible character U+202E"),
    ],
)
def test_a_character_that_nobody_sees(text: str, name: str) -> None:
    assert channel(text) == [f"x.yaml:1: holds {name}; remove it; if a text needs it, write it as an escape in quotes"]


def test_a_tab() -> None:
    assert channel("channel: a\n\ttitle: b\n") == [
        'x.yaml:2: holds a tab; write spaces; inside a text write "\\t" in double quotes'
    ]


def test_lines_may_end_as_windows_ends_them() -> None:
    assert channel(CHANNEL.replace("\n", "\r\n")) == []


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


FACTS = (Version, Channel, Rollout, Withdrawal, Stop, Policy, Product)
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
    """A new kind must join FACTS above, so that it is fuzzed too."""
    kinds = {str(hint) for hint in Facts.__annotations__.values()}
    assert {kind.__name__ for kind in FACTS} == {text.split("Filed[")[1].split("]")[0].split(".")[-1] for text in kinds}
    assert Filed

"""One more item or key in a file that somebody wrote, and whole new files."""

from datetime import UTC, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.append import NoSuchList, add, append, flow, whole
from delivery.rules.facts import Hold, Lifted, Rollout, Step
from delivery.rules.load import parse

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
LIFTED = Lifted(NOON, "a false alarm")
SAID = 'lifted: {at: "2026-11-25T12:00:00Z", reason: "a false alarm"}'
STOP = 'stop: {channel: stable}\nreason: "reports: two"'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f"{STOP}\n", f"{STOP}\n{SAID}\n", id="a newline at the end"),
        pytest.param(STOP, f"{STOP}\n{SAID}", id="no newline at the end"),
        pytest.param(
            f"# why\n{STOP} # to the right\n\n# the end\n",
            f"# why\n{STOP} # to the right\n{SAID}\n\n# the end\n",
            id="comments everywhere",
        ),
        pytest.param(f"---\n{STOP}\n...\n", f"---\n{STOP}\n{SAID}\n...\n", id="the marks of a document"),
        pytest.param(
            "  stop:\n    channel: stable\n  reason: x\n",
            f"  stop:\n    channel: stable\n  reason: x\n  {SAID}\n",
            id="all of it indented",
        ),
        pytest.param(
            "reason: x\nstop:\n  channel: stable\n  versions:\n  - 1.4.0 # the last\n# end\n",
            f"reason: x\nstop:\n  channel: stable\n  versions:\n  - 1.4.0 # the last\n{SAID}\n# end\n",
            id="a list in a mapping at the end",
        ),
        pytest.param(
            "stop: {channel: stable}\nreason: >-\n  two\n  reports\n\n",
            f"stop: {{channel: stable}}\nreason: >-\n  two\n  reports\n{SAID}\n\n",
            id="a folded text at the end",
        ),
        pytest.param(
            f"{STOP}\n".replace("\n", "\r\n"), f"{STOP}\n{SAID}\n".replace("\n", "\r\n"), id="the newlines of Windows"
        ),
        pytest.param("{stop: x, reason: y}\n", f"{{stop: x, reason: y, {SAID}}}\n", id="all on one line"),
        pytest.param(
            "{\n  stop: x,\n  reason: y # why\n}\n",
            f"{{\n  stop: x,\n  reason: y, # why\n  {SAID}\n}}\n",
            id="braces over lines",
        ),
    ],
)
def test_a_key_is_added_in_the_style_of_the_file_and_all_the_rest_is_kept(before: str, after: str) -> None:
    assert add(before.encode(), "lifted", LIFTED).decode() == after
    assert list(yaml.safe_load(after)) == [*yaml.safe_load(before), "lifted"]


LINES = st.lists(st.sampled_from(["", "# a note", "  # indented", "# lifted: {}"]), max_size=3)


@given(LINES, LINES, st.sampled_from(["", " # right", "  "]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_adding_only_ever_inserts(above: list[str], below: list[str], right: str, newline: str, ends: bool) -> None:
    text = "\n".join([*above, STOP + right, *below]) + ("\n" if ends else "")
    before = text.replace("\n", newline).encode()
    after = add(before, "lifted", LIFTED)
    size = len(after) - len(before)
    assert any(after[:i] + after[i + size :] == before for i in range(len(before) + 1))
    assert yaml.safe_load(after)["lifted"]["reason"] == "a false alarm"


def test_a_list_that_is_empty_gets_its_first_item() -> None:
    after = append(b"salt: x\nsteps: [] # soon\n", "steps", Step(NOON, 1))
    assert after == b'salt: x\nsteps: [{at: "2026-11-25T12:00:00Z", percent: 1}] # soon\n'


def test_a_file_without_the_list_is_refused() -> None:
    with pytest.raises(NoSuchList, match="has no list steps at its top"):
        append(b"rollout: stable/1.4.0\nsteps: later\n", "steps", LIFTED)


def test_a_new_file_has_one_key_a_line_and_one_line_for_each_line_of_a_rollout() -> None:
    rollout = Rollout("stable/1.4.0", "stable-1.4.0", ("linux-x86_64",), (Step(NOON, 1), Hold(0, NOON, "it crashes")))
    assert whole(rollout).decode() == (
        "rollout: stable/1.4.0\n"
        "salt: stable-1.4.0\n"
        "targets: [linux-x86_64]\n"
        "steps:\n"
        '  - {at: "2026-11-25T12:00:00Z", percent: 1}\n'
        '  - {hold: 0, at: "2026-11-25T12:00:00Z", reason: "it crashes"}\n'
    )


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=40
)  # those are refused


@given(WORDS | st.sampled_from(["no", "1.10", "12:30", "017", "a #b", "- x", "&a", "*a", "!t", "{", "null", "~", "<<"]))
def test_any_text_is_written_so_that_every_reader_takes_it_for_that_text(text: str) -> None:
    assert yaml.safe_load(f"[{flow(text)}]") == [text]
    filed, problems = parse("x.yaml", f'at: "2026-11-25T12:00:00Z"\nreason: {flow(text)}\n'.encode(), Lifted)
    assert filed is None or filed.value.reason == text
    assert filed or problems


@given(st.dictionaries(st.sampled_from(["on", "off", "1.0", "dark", "a b"]), st.booleans() | st.integers(0, 9)))
def test_keys_are_quoted_where_they_could_be_misread(mapping: dict[str, bool | int]) -> None:
    assert yaml.safe_load(flow(mapping)) == mapping

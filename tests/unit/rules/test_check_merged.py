"""What was merged stays."""

import pytest

from tests.unit.rules.files import (
    DONE,
    NEW,
    POLICY,
    PRODUCT,
    ROLLOUT,
    STABLE,
    STOP,
    TEXTS,
    WITHDRAWAL,
    edited,
    files,
    said_onto,
    with_lines,
)

FIRST = '{at: "2026-11-20T14:00:00Z", percent: 1, evidence: updated}'
PASS = '{pass: 10, at: "2026-11-23T14:30:00Z", evidence: all well}'
ENDED = "restore it: what was decided stays written; to end it, add lifted: {at: …, reason: …}"
DECIDED = 'at: "2026-11-24T11:00:00Z"\nreason: it crashes\n'


def test_an_edited_line_of_a_merged_file() -> None:
    assert said_onto(files(), edited(ROLLOUT, "percent: 1, ", "percent: 0, ")) == [
        f"{ROLLOUT}:5: steps.0: said {FIRST} and now says {FIRST.replace('percent: 1', 'percent: 0')}; "
        "restore it and write a new line at the end"
    ]


@pytest.mark.parametrize(("number", "line"), [(0, FIRST), (2, PASS.replace("all well", '"all well"'))])
def test_a_removed_line_of_a_merged_file(number: int, line: str) -> None:
    removed = edited(ROLLOUT, f"  - {line.replace(chr(34) + 'all well' + chr(34), 'all well')}\n", "")
    assert said_onto(files(), removed)[0] == (
        f"{ROLLOUT}:{5 + number}: steps.{number}: the merged line {line} is gone; "
        "restore it; to offer less, write a hold at the end"
    )


def test_a_line_written_between_merged_ones() -> None:
    zero = '{at: "2026-11-19T14:00:00Z", percent: 0}'
    assert said_onto(files(), edited(ROLLOUT, "steps:\n", f"steps:\n  - {zero}\n")) == [
        f"{ROLLOUT}:5: steps.0: {zero} stands before the merged line {FIRST}; write new lines at the end"
    ]


def test_a_line_at_the_end_is_no_problem() -> None:
    assert said_onto(files(), with_lines('at: "2026-11-26T14:00:00Z", percent: 25')) == []


def test_a_comment_or_another_way_to_write_a_line_is_no_edit() -> None:
    other = '  # why not\n  - at: "2026-11-20T14:00:00Z"\n    percent: 1\n    evidence: updated\n'
    assert said_onto(files(), edited(ROLLOUT, f"  - {FIRST}\n", other)) == []


def test_a_changed_salt() -> None:
    assert said_onto(files(), edited(ROLLOUT, "salt: stable-1.4.0", "salt: lucky")) == [
        f"{ROLLOUT}:2: salt: said stable-1.4.0 and now says lucky; restore stable-1.4.0"
    ]


def test_an_edited_version() -> None:
    assert said_onto(files(), edited(NEW, "size: 280064", "size: 280065")) == [
        f"{NEW}:9: artifacts.linux-x86_64.appimage.size: said 280064 and now says 280065; "
        "a build is never changed: restore it, and release a new version"
    ]


def test_an_artifact_added_to_a_merged_version() -> None:
    added = f'    flatpak: {{file: x, size: 1, sha256: "{"c" * 64}"}}\n    appimage:'
    assert said_onto(files(), edited(NEW, "    appimage:", added)) == [
        f"{NEW}:7: artifacts.linux-x86_64.flatpak: said nothing and now says "
        f"{{file: x, size: 1, sha256: {'c' * 64}}}; a build is never changed: restore it, and release a new version"
    ]


@pytest.mark.parametrize("path", [DONE, NEW, WITHDRAWAL, STOP])
def test_a_removed_file(path: str) -> None:
    more = {
        WITHDRAWAL: f"withdraw: 1.3.0\nchannels: [stable]\n{DECIDED}downloads: hide\n",
        STOP: f"stop: {{channel: stable}}\n{DECIDED}",
    }
    told = said_onto(files(more), files({**more, path: None}))
    assert f"{path}: was merged and is gone; restore it; to offer less, add a hold, a withdrawal or a stop" in told


def test_an_edited_withdrawal_and_an_edited_stop() -> None:
    before = {
        WITHDRAWAL: f"withdraw: 1.3.0\nchannels: [stable]\n{DECIDED}downloads: hide\n",
        STOP: f"stop: {{channel: stable, versions: [1.4.0]}}\n{DECIDED}",
    }
    after = {path: text.replace("[1.4.0]", "[1.3.0]").replace("crashes", "hangs") for path, text in before.items()}
    assert said_onto(files(before), files(after)) == [
        f"{STOP}:1: stop.versions: said [1.4.0] and now says [1.3.0]; {ENDED}",
        f'{STOP}:3: reason: said "it crashes" and now says "it hangs"; {ENDED}',
        f'{WITHDRAWAL}:4: reason: said "it crashes" and now says "it hangs"; '
        "restore it: what was withdrawn stays so, and a new version mends it",
    ]


def test_policy_is_edited_freely() -> None:
    changed = {
        STABLE: TEXTS[STABLE].replace("Stable", "Everyone"),
        POLICY: TEXTS[POLICY].replace("wider: 2", "wider: 3"),
        PRODUCT: TEXTS[PRODUCT].replace("title: ESpice", "title: ESPICE"),
    }
    assert said_onto(files(), files(changed)) == []

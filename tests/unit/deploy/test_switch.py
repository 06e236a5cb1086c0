"""The lines that move an environment from one build to the next: one small step each, and back in one."""

from collections.abc import Sequence

import pytest

from delivery.deploy.switch import Switch, SwitchRefused, Turn, back, finish, name_next, turned, weigh
from infra import config
from tests.unit.infra.recorder import ROOT

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")
STAGING = "Pulumi.staging.yaml"
LAPTOP = "Pulumi.laptop.yaml"
ZEROS = f"sha256:{'0' * 64}"


def file(live: str, following: str, weight: float = 0.0) -> bytes:
    """Staging's stack file with these ends."""
    text = (ROOT / STAGING).read_text()
    assert text.count(f"live: {ZEROS}") == text.count(f"next: {ZEROS}") == text.count("weight: 0.0") == 1
    text = text.replace(f"live: {ZEROS}", f"live: {live}").replace(f"next: {ZEROS}", f"next: {following}")
    return text.replace("weight: 0.0", f"weight: {weight}").encode()


def changed(before: bytes, switch: Switch) -> list[str]:
    """The lines that differ, as they are now."""
    old, new = before.decode().splitlines(), switch.after.decode().splitlines()
    assert len(old) == len(new)
    return [line.strip() for line, its in zip(new, old, strict=True) if line != its]


@pytest.mark.parametrize(
    ("before", "turn", "lines", "summary"),
    [
        (
            (A, A),
            name_next(B, ""),
            [f"next: {B}"],
            "Name sha256:bbbbbbbbbbbb the next build of staging's update endpoint",
        ),
        (
            (A, B),
            weigh(0.1, ""),
            ["weight: 0.1 # the share of update checks that `next` answers"],
            "Let sha256:bbbbbbbbbbbb answer 10% of staging's requests",
        ),
        (
            (A, B, 0.5),
            weigh(1.0, ""),
            ["weight: 1.0 # the share of update checks that `next` answers"],
            "Let sha256:bbbbbbbbbbbb answer 100% of staging's requests",
        ),
        (
            (A, B, 0.5),
            weigh(0.1, ""),
            ["weight: 0.1 # the share of update checks that `next` answers"],
            "Let sha256:bbbbbbbbbbbb answer 10% of staging's requests",
        ),
        (
            (A, B),
            weigh(0.25, "a weekend lies ahead"),
            ["weight: 0.25 # the share of update checks that `next` answers"],
            "Let sha256:bbbbbbbbbbbb answer 25% of staging's requests",
        ),
        (
            (A, B, 1.0),
            finish(),
            [
                f"live: {B} # set on first bootstrap",
                "weight: 0.0 # the share of update checks that `next` answers",
            ],
            "Make sha256:bbbbbbbbbbbb the live build of staging's update endpoint",
        ),
        (
            (A, B, 0.5),
            back([]),
            ["weight: 0.0 # the share of update checks that `next` answers"],
            "Go back to sha256:aaaaaaaaaaaa on staging",
        ),
        (
            (B, B),
            back([B, ZEROS, A, C]),
            [f"live: {A} # set on first bootstrap"],
            "Go back to sha256:aaaaaaaaaaaa on staging",
        ),
    ],
)
def test_each_step_is_its_own_lines_and_leaves_every_comment(
    before: Sequence[object], turn: Turn, lines: list[str], summary: str
) -> None:
    data = file(*before)  # type: ignore[arg-type]
    switch = turned(STAGING, data, turn)
    assert (changed(data, switch), switch.summary) == (lines, summary)
    infra, problems = config.read(STAGING, switch.after)
    assert infra, problems
    assert infra.endpoint == switch.ends


@pytest.mark.parametrize(
    ("before", "turn", "why"),
    [
        ((A, A), weigh(0.1, ""), "live and next are one build, so there is nothing to share; name another by --next"),
        (
            (A, B),
            weigh(0.5, ""),
            "after 0 comes 0.1 (0, 0.1, 0.5, 1); another share needs its reason: --because",
        ),
        ((A, B, 0.1), weigh(0.1, ""), "sha256:bbbbbbbbbbbb has a share of 0.1 already"),
        ((A, B, 0.5), finish(), "sha256:bbbbbbbbbbbb answers 50%, not everything; --weight 1.0 comes before"),
        ((A, A), finish(), "sha256:aaaaaaaaaaaa is live already"),
        (
            (A, B, 0.1),
            name_next(C, ""),
            "sha256:bbbbbbbbbbbb has a share of 0.1 already; "
            "go --back from it, or --finish, before another build is next",
        ),
        ((A, B), name_next(B, ""), "sha256:bbbbbbbbbbbb is next already; give it a share by --weight"),
        ((A, B), back([]), "sha256:aaaaaaaaaaaa answers everything already; sha256:bbbbbbbbbbbb has no share"),
        ((B, B), back([B, ZEROS]), "no build was live before this one; name another by --next"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_what_to_type_instead(
    before: Sequence[object], turn: Turn, why: str
) -> None:
    with pytest.raises(SwitchRefused) as refused:
        turned(STAGING, file(*before), turn)  # type: ignore[arg-type]
    assert str(refused.value) == why


def test_the_first_build_of_all_is_live_at_once() -> None:
    data = (ROOT / STAGING).read_bytes()
    ends = turned(STAGING, data, name_next(A, "")).ends
    assert (ends.live, ends.next, ends.weight) == (A, A, 0.0)


def test_on_the_laptop_newest_becomes_the_build_that_it_is_and_can_come_back() -> None:
    data = (ROOT / LAPTOP).read_bytes()
    pinned = turned(LAPTOP, data, name_next(B, A))
    assert (pinned.ends.live, pinned.ends.next) == (A, B)
    assert turned(LAPTOP, pinned.after, name_next("newest", A)).after == data


def test_only_the_laptop_follows_commits() -> None:
    with pytest.raises(SwitchRefused) as refused:
        turned(STAGING, file(A, A), name_next("newest", A))
    live, following = str(refused.value).splitlines()
    assert "config.espice:infra.endpoint.live: newest names no build that can be reviewed" in live
    assert "config.espice:infra.endpoint.next: newest names no build that can be reviewed" in following


def test_a_stack_file_in_another_style_is_refused_rather_than_written_wrongly() -> None:
    flow = file(A, B).replace(b"      weight: 0.0 # the share of update checks that `next` answers\n", b"")
    flow = flow.replace(f"live: {A}".encode(), f"live: {A}\n      weight:\n        0.0".encode())
    assert config.read(STAGING, flow)[0]
    with pytest.raises(SwitchRefused) as refused:
        turned(STAGING, flow, weigh(0.1, ""))
    assert str(refused.value) == (
        "Pulumi.staging.yaml would not read back as it was meant; write the lines by hand, each key on its own"
    )

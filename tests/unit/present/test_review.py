"""What asks people to review a use of the brake."""

from dataclasses import replace
from datetime import UTC, datetime

from delivery.present.review import Used, body, title
from delivery.rules.brake import Halt

HALT = Halt("2026-11-26-140000-stable", "stable", ("1.4.0",), datetime(2026, 11, 26, 14, tzinfo=UTC), "lost work")
USED = Used(HALT, "production", f"releases/stops/{HALT.name}.yaml", True, "#7", "Ada", ("@espice/release", "@bea"))


def test_it_says_all_that_is_known_what_to_look_at_and_what_ends_it() -> None:
    assert title(USED) == "Review the brake of production: 2026-11-26-140000-stable"
    assert (
        body(USED)
        == """\
The brake of production was pulled.

    what  1.4.0 on stable
    when  Thu 2026-11-26 14:00 UTC
    why   lost work
    who   who holds the brake's key of production; its fact was proposed by Ada

Its fact is `releases/stops/2026-11-26-140000-stable.yaml`, which is merged (#7).

To look at:

- `./inv halts --environment production`: what the brake still holds, and what became of the rest
- `./inv drift production`: whether all that users get obeys it
- Was it right? Would less have done? What would have shown it earlier?

What ends it (`runbooks/bad-release.md`), once its fact is merged:

- It was nothing: `./inv lift stop 2026-11-26-140000-stable --reason "…" --pr`
- 1.4.0 is bad: `./inv withdraw 1.4.0 --reason "…" --pr`, and then the same lift for the others

@espice/release @bea Close this once you have looked at it."""
    )


def test_of_a_whole_channel_it_knows_no_version_and_without_owners_it_calls_nobody() -> None:
    used = replace(USED, halt=replace(HALT, versions=None), decided=False, proposal=None, by=None, owners=())
    lines = body(used).splitlines()
    assert lines[2] == "    what  all of stable"
    assert lines[5] == "    who   who holds the brake's key of production"
    assert lines[7].endswith(".yaml`, which is not merged yet: until then the brake holds.")
    assert lines[-3].startswith("- VERSION is bad: `./inv withdraw VERSION")
    assert lines[-1] == "Close this once you have looked at it."


def test_what_people_wrote_stays_in_its_block_of_code() -> None:
    nasty = "x\n\n@everyone [look](https://evil.example) <!-- -->\n```"
    lines = body(replace(USED, halt=replace(HALT, reason=nasty))).splitlines()
    assert [line for line in lines if "@everyone" in line] == [
        "    why   x @everyone [look](https://evil.example) <!-- --> ```"
    ]

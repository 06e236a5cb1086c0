"""The releases: what anybody may read of them, and where each stands on each channel."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from delivery.rules.catalog import Stopped
from delivery.rules.timeline import Stage, Waiting
from tests.unit.endpoint.parts import CATALOG, CRASH, NOW, STOPPED, World, offering
from tests.unit.endpoint.reads.withdrawn import WHY, begun, withdrawn


def versions(world: World, query: str = "") -> list[str]:
    return [each["version"] for each in world.get(f"/v1/releases{query}").get_json()["releases"]]


def standing(world: World, version: str = "1.4.0") -> dict[str, Any]:
    """On stable."""
    channels = world.get(f"/v1/releases/{version}").get_json()["channels"]
    [found] = [each for each in channels if each["channel"] == "stable"]
    return dict(found)


def test_releases_are_listed_with_the_highest_version_first(world: World) -> None:
    response = world.get("/v1/releases")
    assert response.content_type == "application/json"
    assert versions(world) == ["1.5.0-beta.1+7", "1.5.0-beta.1", "1.4.0", "1.3.0", "1.2.0"]
    assert {key: value for key, value in response.get_json().items() if key != "releases"} == {
        "product": "espice",
        "environment": "staging",
        "next": None,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?channel=stable", ["1.4.0", "1.3.0"]),
        ("?channel=beta", ["1.5.0-beta.1+7"]),
        ("?channel=stable&before=1.4.0", ["1.3.0"]),
        ("?before=1.3.0", ["1.2.0"]),
        ("?before=1.5.0-beta.1%2B7&limit=1", ["1.5.0-beta.1"]),
        ("?channel=&target=&limit=&before=", ["1.5.0-beta.1+7", "1.5.0-beta.1", "1.4.0", "1.3.0", "1.2.0"]),
    ],
)
def test_a_query_narrows_the_list(world: World, query: str, found: list[str]) -> None:
    assert versions(world, query) == found


def test_only_what_was_built_for_a_target_is_listed_for_it_with_its_files_alone(world: World) -> None:
    built = CATALOG.releases["1.4.0"]
    others = {name: bundles for name, bundles in built.artifacts.items() if name != "linux-x86_64"}
    releases = {**CATALOG.releases, "1.4.0": replace(built, artifacts=others)}
    world.publish(begun(replace(CATALOG, releases=releases)))
    assert "1.4.0" not in versions(world, "?target=linux-x86_64")
    [release] = world.get("/v1/releases?target=linux-x86_64&before=1.4.0&limit=1").get_json()["releases"]
    assert [each["bundle"] for each in release["files"]] == ["appimage", "deb", "rpm"]


def test_a_long_list_says_where_it_goes_on_until_it_ends(world: World) -> None:
    seen, path = [], "/v1/releases?limit=2"
    while path:
        page = world.get(path).get_json()
        seen.append([each["version"] for each in page["releases"]])
        path = page["next"]
    assert seen == [["1.5.0-beta.1+7", "1.5.0-beta.1"], ["1.4.0", "1.3.0"], ["1.2.0"]]


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("channel=nightly", 404, "there is no such channel; there are beta, stable"),
        (
            "target=beos-ppc",
            404,
            "there is no such target; there are darwin-aarch64, darwin-x86_64, linux-x86_64, windows-x86_64",
        ),
        ("before=9.9.9", 404, "no release has this version; /v1/releases lists them"),
        ("limit=0", 400, "limit is a number from 1 to 200"),
        ("limit=201", 400, "limit is a number from 1 to 200"),
        ("limit=-1", 400, "limit is a number from 1 to 200"),
        ("limit=%D9%A1", 400, "limit is a number from 1 to 200"),
        (f"limit={'1' * 5000}", 400, "limit is a number from 1 to 200"),
    ],
)
def test_a_query_that_nobody_can_mean_is_refused_with_what_there_is(
    world: World, query: str, status: int, detail: str
) -> None:
    response = world.get(f"/v1/releases?{query}")
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert response.get_json()["detail"] == detail
    assert response.headers["Cache-Control"] == "no-store"


def test_a_release_says_what_is_new_and_where_its_files_are(world: World) -> None:
    world.publish(begun())
    release = world.get("/v1/releases/1.4.0").get_json()
    assert release["published"] == "2026-11-16T12:00:00Z"
    assert (release["notes"], release["downloads"], release["withdrawals"]) == ("What is new in 1.4.0.", "keep", [])
    found = {(each["target"], each["bundle"]): each for each in release["files"]}
    assert found["darwin-aarch64", "dmg"] == {
        "target": "darwin-aarch64",
        "bundle": "dmg",
        "url": "https://downloads.espice-staging.app/espice/1.4.0/ESpice_1.4.0_darwin-aarch64.dmg",
        "size": 1,
        "sha256": "0" * 64,
        "signature": None,
        "updater": False,
    }
    assert found["darwin-aarch64", "app"]["signature"] == "MS40LjAgZGFyd2luLWFhcmNoNjQgYXBw"
    assert found["darwin-aarch64", "app"]["updater"] is True


def test_a_version_with_build_metadata_is_found_by_its_own_name_and_by_no_other(world: World) -> None:
    found = [world.get(f"/v1/releases/{said}") for said in ("1.5.0-beta.1+7", "1.5.0-beta.1%2B7", "1.5.0-beta.1")]
    assert [each.get_json()["version"] for each in found] == ["1.5.0-beta.1+7", "1.5.0-beta.1+7", "1.5.0-beta.1"]


def test_an_unknown_version_is_a_problem_that_does_not_repeat_it(world: World) -> None:
    response = world.get("/v1/releases/9.9.9-marker")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert response.get_json()["detail"] == "no release has this version; /v1/releases lists them"
    assert b"marker" not in response.data


def listed(world: World, version: str) -> bool:
    """Whether its files are, alike in the list and by its name."""
    in_list = {each["version"]: each["files"] for each in world.get("/v1/releases").get_json()["releases"]}
    assert in_list[version] == world.get(f"/v1/releases/{version}").get_json()["files"]
    return bool(in_list[version])


def test_files_are_listed_as_soon_as_a_rollout_of_them_begins(world: World) -> None:
    soon = NOW + timedelta(hours=1)
    to_come = replace(offering("1.4.0", 10), stages=(Stage(soon, 100, False, "a:4"),), began=soon)
    world.publish(replace(CATALOG, offerings=(to_come,)))
    assert [listed(world, version) for version in ("1.4.0", "1.2.0")] == [False, False]
    world.clock.passes(hours=1)
    assert [listed(world, version) for version in ("1.4.0", "1.2.0")] == [True, False]


def test_files_of_what_is_stopped_or_halted_are_not_listed_until_another_channel_has_it(world: World) -> None:
    world.publish(begun(STOPPED))
    assert [listed(world, version) for version in ("1.3.0", "1.4.0", "1.5.0-beta.1+7")] == [False, False, True]
    world.publish(begun())
    world.halt(CRASH)
    world.clock.passes(seconds=11)
    assert [listed(world, version) for version in ("1.3.0", "1.4.0")] == [False, True]
    elsewhere = offering("1.3.0", 100, channel="beta")
    world.publish(begun(replace(CATALOG, offerings=(elsewhere, *CATALOG.offerings))), serial=8)
    world.clock.passes(seconds=11)
    assert listed(world, "1.3.0")


def test_only_the_targets_of_a_rollout_have_files_to_be_had(world: World) -> None:
    only = replace(offering("1.4.0", 10), targets=("linux-x86_64",))
    world.publish(begun(replace(CATALOG, offerings=(only,))))
    found = world.get("/v1/releases/1.4.0").get_json()["files"]
    assert {each["target"] for each in found} == {"linux-x86_64"}


# -- where it stands ----------------------------------------------------------------------------------------------


def test_a_rollout_under_way_says_its_share_and_since_when(world: World) -> None:
    assert standing(world) == {
        "channel": "stable",
        "state": "partial",
        "percent": 10,
        "targets": ["darwin-aarch64", "darwin-x86_64", "linux-x86_64", "windows-x86_64"],
        "since": "2026-11-25T11:00:00Z",
        "reason": None,
        "halted": False,
        "next": None,
    }
    assert (standing(world, "1.3.0")["state"], standing(world, "1.3.0")["percent"]) == ("everyone", 100)
    assert world.get("/v1/releases/1.2.0").get_json()["channels"] == []


def test_the_next_step_is_told_with_its_time_or_with_the_gate_that_it_waits_for(world: World) -> None:
    path, soon = "releases/rollouts/stable/1.4.0.yaml", NOW + timedelta(hours=1)
    steps = offering("1.4.0", 1, 10)
    ramp = replace(steps, stages=(*steps.stages, Stage(soon, 500, False, f"{path}:9", over=3600)))
    gated = replace(steps, waiting=(Waiting(soon, 25, "default", f"{path}:9"),))
    said = []
    for each in (ramp, gated):
        world.publish(replace(CATALOG, offerings=(offering("1.3.0", 100), each)))
        world.clock.passes(seconds=11)
        said.append(standing(world)["next"])
    assert said == [
        {"percent": 50, "at": "2026-11-25T14:00:00Z", "gate": None},
        {"percent": 25, "at": "2026-11-25T13:00:00Z", "gate": "default"},
    ]


def test_a_ramp_says_the_share_of_this_moment_and_a_later_one_says_more(world: World) -> None:
    ramp = Stage(NOW - timedelta(hours=1), 1000, False, "releases/rollouts/stable/1.4.0.yaml:4", over=7200)
    world.publish(replace(CATALOG, offerings=(replace(offering("1.4.0", 10), stages=(ramp,)),)))
    assert (standing(world)["state"], standing(world)["percent"]) == ("partial", 50)
    assert standing(world)["next"] == {"percent": 100, "at": "2026-11-25T13:00:00Z", "gate": None}
    world.clock.passes(minutes=6)
    assert standing(world)["percent"] == 55
    world.clock.passes(hours=1)
    assert (standing(world)["state"], standing(world)["since"]) == ("everyone", "2026-11-25T13:00:00Z")


@pytest.mark.parametrize(
    ("catalog", "state", "percent", "reason"),
    [
        (replace(CATALOG, offerings=(offering("1.4.0", 0),)), "not-started", 0, None),
        (replace(CATALOG, offerings=(offering("1.4.0", 10, held=True),)), "held", 10, None),
        (replace(CATALOG, offerings=(offering("1.4.0", 0, held=True),)), "held", 0, None),
        (STOPPED, "stopped", 0, "it eats netlists"),
        (replace(CATALOG, stops=(Stopped("stable", ("1.3.0",), NOW, "old", "a:1"),)), "partial", 10, None),
        (withdrawn("1.4.0", "keep"), "withdrawn", 0, WHY),
        (withdrawn("1.3.0", "keep", instead="1.4.0"), "everyone", 100, None),
    ],
)
def test_what_is_not_offered_to_all_says_why(
    world: World, catalog: Any, state: str, percent: float, reason: str | None
) -> None:
    world.publish(catalog)
    found = standing(world)
    assert (found["state"], found["percent"], found["reason"], found["halted"]) == (state, percent, reason, False)
    assert found["next"] is None


def test_what_is_stopped_has_no_next_step(world: World) -> None:
    steps = offering("1.4.0", 10)
    soon = Stage(NOW + timedelta(hours=1), 500, False, "releases/rollouts/stable/1.4.0.yaml:9")
    world.publish(replace(STOPPED, offerings=(replace(steps, stages=(*steps.stages, soon)),)))
    assert (standing(world)["state"], standing(world)["next"]) == ("stopped", None)


def test_a_superseded_rollout_is_offered_to_nobody(world: World) -> None:
    newer = replace(offering("1.4.0", 10), supersedes="1.3.0", began=NOW - timedelta(hours=1))
    world.publish(replace(CATALOG, offerings=(offering("1.3.0", 10), newer)))
    found = standing(world, "1.3.0")
    assert (found["state"], found["percent"], found["since"]) == ("superseded", 0, "2026-11-25T11:00:00Z")


def test_a_halt_shows_as_a_stop_before_anything_is_merged(world: World) -> None:
    world.halt(CRASH)
    found = standing(world, "1.3.0")
    assert (found["state"], found["reason"], found["halted"]) == ("stopped", "it crashes at start", True)
    assert standing(world)["state"] == "partial"


# -- what was withdrawn -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("downloads", "listed"), [("keep", True), ("hide", False), ("gone", False)])
def test_a_withdrawn_version_stays_and_its_files_are_listed_as_the_withdrawal_says(
    world: World, downloads: str, listed: bool
) -> None:
    world.publish(begun(withdrawn("1.3.0", downloads, instead="1.2.0")))
    release = world.get("/v1/releases/1.3.0").get_json()
    assert (release["downloads"], bool(release["files"])) == (downloads, listed)
    assert release["withdrawals"] == [
        {"channels": ["stable"], "at": "2026-11-25T11:30:00Z", "reason": WHY, "instead": "1.2.0"}
    ]
    assert "1.3.0" in versions(world)


def test_a_withdrawal_of_two_channels_is_told_once(world: World) -> None:
    catalog = withdrawn("1.3.0", "keep")
    [one] = catalog.withdrawals
    world.publish(replace(catalog, withdrawals=(replace(one, channel="beta"), one)))
    [told] = world.get("/v1/releases/1.3.0").get_json()["withdrawals"]
    assert told["channels"] == ["beta", "stable"]


def test_the_strictest_withdrawal_of_any_channel_says_what_becomes_of_the_files(world: World) -> None:
    catalog = withdrawn("1.3.0", "keep", catalog=withdrawn("1.3.0", "gone"))
    world.publish(replace(catalog, withdrawals=(*catalog.withdrawals, *withdrawn("1.3.0", "hide").withdrawals)))
    assert world.get("/v1/releases/1.3.0").get_json()["downloads"] == "gone"

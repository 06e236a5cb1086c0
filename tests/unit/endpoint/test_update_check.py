"""What Tauri's updater gets: 200, 204 and 503, and what they carry."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from delivery.endpoint import wsgi
from delivery.rules.catalog import Edge
from delivery.rules.timeline import Stage
from tests.unit.endpoint.parts import CATALOG, COMMIT, EARLY, LATE, NOW, STOPPED, World, artifact, offering, unnamed


def test_an_offer_is_the_dynamic_json_of_tauri_and_nothing_else(world: World) -> None:
    response = world.check(cohort=EARLY)
    assert response.status_code == 200
    assert json.loads(response.data) == {
        "version": "1.4.0",
        "pub_date": "2026-11-16T12:00:00Z",
        "url": "https://downloads.espice-staging.app/espice/1.4.0/ESpice_1.4.0_linux-x86_64.appimage",
        "signature": artifact("1.4.0", "linux-x86_64", "appimage").signature,
        "notes": "What is new in 1.4.0.",
    }


def test_an_edge_with_a_warning_is_offered_with_it(world: World) -> None:
    edge = Edge(
        "gtk-crash", "<1.4.0", "=1.4.0", None, "warn", "crashes with old GTK", "releases/blocks/gtk-crash.yaml:2"
    )
    world.publish(replace(CATALOG, requires=("blocks",), blocks=(edge,)))
    assert json.loads(world.check(cohort=EARLY).data)["warnings"] == [
        {"block": "gtk-crash", "reason": "crashes with old GTK"}
    ]


def test_every_answer_names_what_decided_it(world: World) -> None:
    response = world.check(cohort=EARLY)
    assert unnamed(response) == {
        "Cache-Control": "public, max-age=30",
        "ESpice-Serial": "7",
        "ESpice-Commit": COMMIT,
        "ESpice-Reason": "cohort",
        "ESpice-Fact": "releases/rollouts/stable/1.4.0.yaml:5",
        "Content-Type": "application/json",
        "Content-Length": str(len(response.data)),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
    }


def test_no_offer_is_an_empty_204_that_says_why(world: World) -> None:
    response = world.check("1.3.0", cohort=LATE)
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["ESpice-Reason"] == "later-cohort"
    assert response.headers["ESpice-Fact"] == "releases/rollouts/stable/1.4.0.yaml:5"
    assert response.headers["Cache-Control"] == "public, max-age=30"
    assert "Content-Type" not in response.headers
    assert "Content-Length" not in response.headers


def test_a_later_cohort_and_a_client_without_one_get_what_everyone_has(world: World) -> None:
    assert (world.offered(cohort=LATE), world.offered()) == ("1.3.0", "1.3.0")


def test_a_manual_check_passes_the_percentage(world: World) -> None:
    assert world.offered("1.3.0", manual=1) == "1.4.0"


def test_the_version_that_failed_is_not_offered_again(world: World) -> None:
    assert world.offered(cohort=EARLY, failed="1.4.0") == "1.3.0"


def test_a_stop_reaches_clients_within_the_confirm_time(world: World) -> None:
    assert world.offered() == "1.3.0"
    world.publish(STOPPED, serial=8)
    world.clock.passes(seconds=10)
    response = world.check()
    assert (response.status_code, response.headers["ESpice-Reason"]) == (204, "stopped")
    assert response.headers["ESpice-Fact"] == "releases/stops/a.yaml:1"


def test_head_is_answered_like_get_without_the_body(world: World) -> None:
    path = "/v1/update/stable/linux/x86_64/1.2.0"
    got, head = world.get(path), world.get(path, method="HEAD")
    assert (head.status_code, head.data, unnamed(head)) == (200, b"", unnamed(got))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_other_methods_are_a_problem(world: World, method: str) -> None:
    response = world.get("/v1/update/stable/linux/x86_64/1.2.0", method=method)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert response.content_type == "application/problem+json"


def test_a_url_keeps_its_plus_encoded(world: World) -> None:
    response = world.get("/v1/update/beta/linux/x86_64/1.5.0-beta.1%2B6")
    assert response.get_json()["url"].endswith("/espice/1.5.0-beta.1%2B7/ESpice_1.5.0-beta.1%2B7_linux-x86_64.appimage")


def test_without_any_head_the_answer_is_503_so_that_clients_go_on() -> None:
    response = World().check()
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert response.headers["Retry-After"] == "30"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.get_json() == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "the head was not taken: it is not there",
        "instance": f"urn:espice:request:{response.headers['ESpice-Request']}",
    }


# --- how long it may be kept --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "cache"),
    [(31, "public, max-age=30"), (12.9, "public, max-age=12"), (1, "public, max-age=1"), (0.9, "no-store")],
)
def test_no_answer_is_kept_past_the_next_step_of_its_rollout(seconds: float, cache: str) -> None:
    soon = offering("1.4.0", 10)
    stage = Stage(NOW + timedelta(seconds=seconds), 250, False, "releases/rollouts/stable/1.4.0.yaml:9")
    world = World()
    world.publish(replace(CATALOG, offerings=(replace(soon, stages=(*soon.stages, stage)),)))
    assert world.check(cohort=EARLY).headers["Cache-Control"] == cache  # an offer
    assert world.check("1.4.0").headers["Cache-Control"] == cache  # and a refusal


def test_no_answer_is_kept_past_the_expiry_of_its_head() -> None:
    world = World()
    world.publish(expires=NOW + timedelta(seconds=5))
    assert world.check().headers["Cache-Control"] == "public, max-age=5"
    assert world.get("/v1/catalog").headers["Cache-Control"] == "public, max-age=5"


# --- the log ------------------------------------------------------------------------------------------------------


def checks(world: World) -> list[dict[str, Any]]:
    """What was told of checks since the last time, without how long they took."""
    lines = [{key: value for key, value in line.items() if key != "ms"} for line in world.said if "ms" in line]
    world.said.clear()
    return lines


def test_a_line_of_a_check_has_nothing_of_the_user(world: World) -> None:
    known = {"target": "linux-x86_64", "bundle": "deb", "reason": "everyone", "serial": 7}
    for path, said in {
        "stable/linux-x86_64-deb/x86_64/1.2.0?cohort=437&failed=9.9.9": {"status": 200, "channel": "stable", **known},
        "mallory%0aforged/linux/x86_64/1.2.0": {
            "status": 204,
            **known,
            "bundle": "appimage",
            "reason": "unknown-channel",
        },
        "": {"status": 204, "reason": "malformed", "serial": 7},
    }.items():
        world.get(f"/v1/update/{path}")
        assert checks(world) == [{"event": "check", **said}]
        world.clock.passes(seconds=10)


def test_checks_like_any_other_are_told_once_in_ten_seconds(world: World) -> None:
    for _ in range(30):
        world.check()
        world.clock.passes(seconds=1)
    assert len(checks(world)) == 3


def test_what_goes_wrong_is_told_once_a_second_and_each_kind_for_itself() -> None:
    world = World()
    for _ in range(30):
        world.check()
        world.get("/v1/update/", "POST")
        world.clock.passes(seconds=0.1)
    said = [(line["status"], line.get("trouble")) for line in checks(world)]
    assert sorted(said) == [(405, None)] * 3 + [(503, "the head was not taken: it is not there")] * 3


def test_a_slow_answer_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.check()
    world.check()
    assert len(checks(world)) == 1
    monkeypatch.setattr(wsgi, "SLOW_S", 0.0)
    world.check()
    assert len(checks(world)) == 1

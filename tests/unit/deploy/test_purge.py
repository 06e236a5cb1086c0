"""Purging at Cloudflare, against a stand-in for its API that speaks HTTP."""

from collections.abc import Iterator

import pytest

from delivery.deploy import purge
from delivery.deploy.freshen import PurgeRefused
from delivery.deploy.purge import CloudflarePurge, cloud_edge
from infra.config import path, read
from infra.names import Names
from infra.publication import ALWAYS_ASK, BRIEFLY
from tests.laptop.system import ROOT
from tests.unit.deploy.cloudflare_api import FINE, CloudflareApi

ZONE = "b" * 32
PREFIXES = ("updates.espice.test", "downloads.espice.test/v1")
REFUSED = {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}], "result": None}
NOT_SET = "set CLOUDFLARE_API_TOKEN to a token that has the zone's permission Cache Purge"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudflareApi]:
    api = CloudflareApi()
    monkeypatch.setattr(purge, "_TRIES", purge._TRIES.new(backoff_factor=0))
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", api.url)
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "a-token")
    yield api
    api.stop()


def refusal() -> str:
    with pytest.raises(PurgeRefused) as refused:
        CloudflarePurge(ZONE)(PREFIXES)
    return str(refused.value)


def test_all_prefixes_are_purged_by_one_request_with_the_providers_token(api: CloudflareApi) -> None:
    CloudflarePurge(ZONE)(PREFIXES)
    said = {"prefixes": ["updates.espice.test", "downloads.espice.test/v1"]}
    assert api.asked == [("POST", f"/client/v4/zones/{ZONE}/purge_cache", "Bearer a-token", said)]


@pytest.mark.parametrize("passing", [(429, "slow down"), (500, "oh"), (502, "oh"), (503, "oh"), (504, "oh")])
def test_what_passes_is_tried_again(api: CloudflareApi, passing: tuple[int, str]) -> None:
    api.answers = [passing, passing, FINE]
    CloudflarePurge(ZONE)(PREFIXES)
    assert len(api.asked) == 3


def test_a_token_without_the_right_is_refused_with_what_cloudflare_says_and_the_permission(api: CloudflareApi) -> None:
    api.answers = [(403, REFUSED)]
    assert refusal() == f"Cloudflare refused to purge: Authentication error (code 10000); {NOT_SET}"
    assert len(api.asked) == 1


def test_a_refusal_with_status_200_is_one_too(api: CloudflareApi) -> None:
    api.answers = [(200, REFUSED)]
    assert refusal() == "Cloudflare refused to purge: Authentication error (code 10000)"


@pytest.mark.parametrize("body", ["<html>", '"text"', "{}", "[]", '{"success": true, "errors": [1]}'])
def test_an_answer_that_is_not_cloudflares_purged_nothing(api: CloudflareApi, body: str) -> None:
    api.answers = [(200, body)]
    assert refusal() == "Cloudflare refused to purge: status 200"


def test_without_a_token_nobody_is_asked(api: CloudflareApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN")
    assert refusal() == f"CLOUDFLARE_API_TOKEN is not set; {NOT_SET}"
    assert api.asked == []


def test_an_api_that_does_not_answer_is_said_to(api: CloudflareApi) -> None:
    api.stop()
    assert refusal() == "Cloudflare's API could not be reached (ConnectionError)"


def test_a_clouds_edge_waits_until_instances_must_look_and_their_last_old_answers_are_over() -> None:
    infra, problems = read(path("production"), (ROOT / path("production")).read_bytes())
    assert infra, problems
    edge = cloud_edge(Names("espice", "production", "espice.test"), infra)
    assert edge.prefixes == PREFIXES
    assert (edge.settle, edge.kept) == (2 * infra.endpoint.confirm_after + infra.endpoint.timeout, 30)
    assert edge.again == "./inv purge production does it again"


def test_nothing_that_is_purged_is_kept_longer_than_is_said_where_a_purge_fails() -> None:
    assert (BRIEFLY, ALWAYS_ASK) == ("public, max-age=30", "no-cache")

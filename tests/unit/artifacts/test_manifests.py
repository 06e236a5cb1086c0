"""A static manifest never says more than the one decider says to everybody."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.reference.release import parse
from delivery.artifacts.manifests import manifests
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.precedence import precedence
from tests.examples import examples
from tests.unit.rules.worlds import ALL_TARGETS, NOON, hold, step, stop, table, withdrawal, world
from tests.unit.rules.worlds_at_random import TARGETS, worlds

DOWNLOADS = "https://downloads.espice.app"
FIRST = {target: bundles[0] for target, bundles in TARGETS.items()}  # for clients that do not know theirs


def read(key, facts, now=NOON):
    return json.loads(manifests(table(facts), now, DOWNLOADS, "espice")[f"v1/update/{key}.json"])


@given(worlds(), st.integers(-5, 5))
@examples(150)
def test_a_manifest_offers_what_everyone_below_is_offered_without_a_cohort_or_nothing(facts, hours):
    now, indexed = NOON + timedelta(hours=hours), table(facts)
    shipped = ("0.0.0", *indexed.catalog.releases)
    for key, data in manifests(indexed, now, DOWNLOADS, "espice").items():
        channel, system, arch, bundle = key.removeprefix("v1/update/").removesuffix(".json").split("/")
        bundle = FIRST[f"{system}-{arch}"] if bundle == "unknown" else bundle
        offered = json.loads(data)["version"]
        answers = {
            version: decide(indexed, Request(channel, f"{system}-{arch}", bundle, version), now) for version in shipped
        }
        agreed = [version for version in shipped[1:] if all_below_get(version, answers)]
        assert offered == max(agreed, key=precedence, default="0.0.0")


def all_below_get(version, answers):
    below = [said for older, said in answers.items() if precedence(older) < precedence(version)]
    return all(isinstance(said, Offer) and said.version == version for said in below)


@given(worlds())
@examples(50)
def test_every_manifest_is_one_that_a_strict_client_reads(facts):
    for key, data in manifests(table(facts), NOON, DOWNLOADS, "espice").items():
        release = parse(json.loads(data))
        system, arch, bundle = key.removesuffix(".json").split("/")[3:]
        own = FIRST[f"{system}-{arch}"] if bundle == "unknown" else bundle
        assert release.platforms.keys() == {f"{system}-{arch}-{own}", f"{system}-{arch}"}
        assert all(entry.signature and entry.url.startswith(DOWNLOADS) for entry in release.platforms.values())


def test_there_is_one_for_each_channel_target_and_bundle_and_for_those_who_do_not_say_theirs():
    facts = world({"stable/1.4.0": [step(100)]}, targets=ALL_TARGETS)
    cells = ("darwin/aarch64/app", "darwin/aarch64/unknown", "linux/x86_64/appimage", "linux/x86_64/deb",
             "linux/x86_64/unknown", "windows/x86_64/msi", "windows/x86_64/nsis", "windows/x86_64/unknown")  # fmt: skip
    assert sorted(manifests(table(facts), NOON, DOWNLOADS, "espice")) == [
        f"v1/update/{channel}/{cell}.json" for channel in ("beta", "stable") for cell in cells
    ]


def test_a_version_at_100_percent_is_offered_with_both_platform_keys():
    found = read("stable/linux/x86_64/deb", world({"stable/1.4.0+7": [step(100)]}))
    entry = found["platforms"]["linux-x86_64-deb"]
    assert found["platforms"] == {"linux-x86_64-deb": entry, "linux-x86_64": entry}
    assert (found["version"], found["notes"]) == ("1.4.0+7", "Notes of 1.4.0+7.")
    assert found["pub_date"].endswith("Z")
    assert entry["url"] == f"{DOWNLOADS}/espice/1.4.0%2B7/ESpice_1.4.0%2B7_linux-x86_64.deb"


def test_those_who_do_not_say_their_bundle_never_get_a_deb():
    found = read("stable/linux/x86_64/unknown", world({"stable/1.4.0": [step(100)]}))
    assert found["platforms"]["linux-x86_64"]["url"].endswith(".appimage")


@pytest.mark.parametrize(
    ("facts", "offered"),
    [
        (world({"stable/1.4.0": [step(99)]}), "0.0.0"),
        (world({"stable/1.4.0": [step(100, hours=1)]}), "0.0.0"),
        (world({"stable/1.4.0": [step(100), hold(0)]}), "0.0.0"),
        (world({"stable/1.3.0": [step(100)], "stable/1.4.0": [step(50)]}), "1.3.0"),
        (world({"stable/1.4.0": [step(100)]}, withdrawals=[withdrawal("1.4.0")]), "0.0.0"),
        (world({"stable/1.3.0": [step(100)], "stable/1.4.0": [step(100)]}, stops=[stop("stable", "1.4.0")]), "1.3.0"),
        (world({"stable/1.4.0": [step(100)]}, stops=[stop("stable")]), "0.0.0"),
        (world({"beta/1.4.0": [step(100)]}), "0.0.0"),
        (world({"stable/1.4.0": [step(100)]}, unsigned=["1.4.0"]), "0.0.0"),
    ],
)
def test_less_than_everyone_is_nobody(facts, offered):
    assert read("stable/linux/x86_64/appimage", facts)["version"] == offered


def test_a_manifest_is_the_same_bytes_for_the_same_facts():
    facts = world({"stable/1.4.0": [step(100)]})
    assert manifests(table(facts), NOON, DOWNLOADS, "espice") == manifests(table(facts), NOON, DOWNLOADS, "espice")


@pytest.mark.parametrize(
    ("detoured", "offered"),
    [
        (["0.0.0", "1.2.0"], "1.3.0"),  # all of them go to 1.3.0 first, as a barrier will have it
        (["1.2.0"], "0.0.0"),  # only some do, as a block will have it: no one answer is right for everybody
    ],
)
def test_where_versions_are_answered_differently_only_what_all_below_get_is_offered(monkeypatch, detoured, offered):
    facts = world({"stable/1.3.0": [step(100)], "stable/1.4.0": [step(100)]}, versions=["1.2.0"])

    def by_version(indexed, request, now):
        answer = decide(indexed, request, now)
        return replace(answer, version="1.3.0") if request.version in detoured else answer

    monkeypatch.setattr("delivery.artifacts.manifests.decide", by_version)
    assert read("stable/linux/x86_64/appimage", facts)["version"] == offered

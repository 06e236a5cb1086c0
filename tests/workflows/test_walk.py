"""Every workflow, carried out step by step; each test goes on from the one before, as the days of a repository do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from delivery.artifacts import samples
from delivery.laptop import keys
from delivery.rules.facts import Product
from delivery.rules.head import Head, peek
from delivery.rules.load import parse
from tests.github.kept import Pull
from tests.github.shelf import Asset, Release
from tests.laptop.system import git
from tests.moto import moto
from tests.workflows.files import FILES
from tests.workflows.place import ENVIRONMENTS, Place, place

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

FACT = "releases/rollouts/stable/1.4.0.yaml"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with moto() as address, place(address, tmp_path_factory.mktemp("workflows")) as made:
        yield made


def product(here: Place) -> Product:
    filed, _ = parse("product.yaml", (here.clouds.repo / "product.yaml").read_bytes(), Product)
    assert filed is not None
    return filed.value


def live(here: Place, environment: Any = "production") -> Head:
    """What is live there."""
    found = here.clouds.client("s3").get_object(Bucket=f"espice-{environment}-catalog", Key="catalog/head.json")
    return peek(found["Body"].read(), product(here).head_keys(environment))


def offered(here: Place, environment: str = "production") -> str:
    """By the static manifest of stable."""
    key = "v1/update/stable/linux/x86_64/appimage.json"
    found = here.clouds.client("s3").get_object(Bucket=f"espice-{environment}-downloads", Key=key)
    return str(json.loads(found["Body"].read())["version"])


def open_pulls(here: Place) -> list[Pull]:
    return [each for each in here.hub.pulls() if each.state == "open"]


def merged(here: Place, *verb: str) -> str:
    """What a person's verb changes, on main."""
    here.pull()
    here.clouds.inv(*verb, "--commit")
    return here.push()


@contextmanager
def a_broken_download(here: Place, environment: str) -> Iterator[None]:
    """What a full update gets there is not what was published."""
    s3, bucket = here.clouds.client("s3"), f"espice-{environment}-downloads"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="espice/1.4.0/")["Contents"]
    key = next(each["Key"] for each in listed if each["Key"].endswith("AppImage"))
    good = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.put_object(Bucket=bucket, Key=key, Body=bytes(len(good)))
    here.clouds.internet.kept.clear()
    try:
        yield
    finally:
        s3.put_object(Bucket=bucket, Key=key, Body=good)
        here.clouds.internet.kept.clear()


def test_platforms_are_applied_where_they_are_behind_production_after_staging(here: Place) -> None:
    done = here.run("platform", "push")
    assert set(done.results.values()) == {"success"}, done.said
    functions = here.clouds.client("lambda").list_functions()["Functions"]
    assert {f"espice-{each}-updates" for each in ENVIRONMENTS} <= {each["FunctionName"] for each in functions}


def test_what_is_on_main_is_published_proven_in_staging_and_live_in_production(here: Place) -> None:
    done = here.run("deploy", "push")
    expected = {"publish": "success", "staging": "success", "production": "success", "undo": "skipped"}
    assert done.results == expected, done.said
    assert {live(here, each).commit for each in ENVIRONMENTS} == {here.head}
    assert {token for token, _ in here.clouds.internet.purges} == {"of-cf"}


def page(here: Place, key: str, environment: str = "production") -> bytes:
    found = here.clouds.client("s3").get_object(Bucket=f"espice-{environment}-site", Key=key)
    return bytes(found["Body"].read())


def test_the_site_is_published_and_looked_at_with_the_keys_of_its_bucket_alone(here: Place) -> None:
    done = here.run("site", "push")
    assert done.results == {"site": "success"}, done.said
    for environment in ENVIRONMENTS:
        assert json.loads(page(here, "build.json", environment))["commit"] == here.head
        assert b"</html>" in page(here, "index.html", environment)
        assert json.loads(page(here, "status/status.json", environment))
    again = here.run("site")
    assert again.results == {"site": "success"}, again.said
    assert again.said.count("nothing to publish, it is live already") == len(ENVIRONMENTS)


def test_facts_go_live_and_touch_no_platform(here: Place) -> None:
    commit = merged(here, "hold", "stable", "--reason", "a crash is looked at")
    assert here.run("deploy", "push").results["production"] == "success"
    assert live(here).commit == commit
    done = here.run("platform", "push")
    expected = {"staging": "skipped", "production": "skipped"}
    assert done.results == {**expected, "staging-behind": "success", "production-behind": "success"}


def test_what_staging_does_not_prove_stays_there_and_its_reverse_is_proposed(here: Place) -> None:
    before = live(here).commit
    commit = merged(here, "resume", "stable", "10", "--reason", "it was the test machine")
    with a_broken_download(here, "staging"):
        done = here.run("deploy", "push")
    expected = {"publish": "success", "staging": "failure", "production": "skipped", "undo": "success"}
    assert done.results == expected, done.said
    assert (live(here, "staging").commit, live(here).commit) == (commit, before)
    [pull] = open_pulls(here)
    assert pull.author == "espice-proposals[bot]"
    assert pull.branch.startswith("releases/undo-")
    changed = git(here.hub.bare.folder, "diff", "--numstat", f"main...{pull.head}").split()
    assert changed == ["1", "0", FACT]


def test_proposals_are_previewed_and_then_judged(here: Place) -> None:
    [pull] = open_pulls(here)
    done = here.run("preview", "workflow_run")
    assert done.results == {"preview": "success"}, done.said
    told = {each.said["context"]: each.said["state"] for each in here.hub.statuses if each.commit == pull.head}
    assert {"espice/preview/staging-live", "espice/preview/production-live"} <= told.keys()
    done = here.run("judge", "workflow_run")
    assert done.results == {"judge": "success"}, done.said
    [comment] = [each.body for each in here.hub.remarks if each.number == pull.number]
    assert "staging-live" in comment
    assert "espice/approvals" in {each.said["context"] for each in here.hub.statuses if each.commit == pull.head}


def test_what_changes_is_told_to_whoever_proposes_it_also_from_a_fork(here: Place) -> None:
    [pull] = open_pulls(here)
    base = git(here.hub.bare.folder, "merge-base", "main", pull.head).strip()
    payload = {"number": pull.number, "pull_request": {"number": pull.number, "base": {"sha": base}}}
    done = here.run("check", "pull_request", sha=pull.head, payload=payload, only="facts")
    assert done.results == {"facts": "success"}, done.said
    assert "stable" in done.summary
    built = here.run("check", "pull_request", sha=pull.head, payload=payload, only="site")
    assert built.results == {"site": "success"}, built.said
    assert here.run("reviewed", "pull_request_review", payload=payload).results == {"reviewed": "success"}


def test_a_tick_brings_main_live_and_what_catches_up_copies_the_manifests(here: Place) -> None:
    done = here.run("tick")
    assert done.results == {"staging": "success", "production": "success", "undo": "skipped"}, done.said
    assert live(here).commit == here.head
    here.run("catch-up").expect_success()
    [release] = [each for each in here.hub.own.releases if each.tag == "manifests"]
    assert any("stable" in each.name for each in release.assets)


def test_gates_are_asked_by_the_clock(here: Place) -> None:
    done = here.run("promote")
    assert done.results == {"promote": "success"}, done.said


def test_a_halt_takes_away_at_once_and_becomes_a_merged_fact_with_an_issue(here: Place) -> None:
    version, before = offered(here), here.head
    inputs = {"environment": "production", "channel": "stable", "version": "", "reason": "`$(id)` crashes; see 'x'"}
    done = here.run("halt", "workflow_dispatch", inputs=inputs)
    assert done.results == {"halt": "success", "backfill": "success"}, done.said
    assert (version, offered(here)) == ("1.3.0", "0.0.0")
    assert here.head != before
    fact = git(here.hub.bare.folder, "diff", before, here.head, "--", "releases/stops")
    assert "$(id)" in fact
    assert [each.title for each in here.hub.issues if not isinstance(each, Pull)], done.said


def test_signing_anew_brings_what_is_merged_live_as_a_tick_does(here: Place) -> None:
    done = here.run("resign")
    assert done.results == {"staging": "success", "production": "success", "undo": "skipped"}, done.said
    assert {live(here, each).commit for each in ENVIRONMENTS} == {here.head}


def test_drift_finds_nothing_while_nobody_meddles(here: Place) -> None:
    done = here.run("drift")
    assert done.results == {"drift": "success"}, done.said


def test_a_release_of_the_app_becomes_a_proposal(here: Place) -> None:
    made = samples.release(product(here), "1.6.0", datetime(2026, 11, 22, tzinfo=UTC), "", keys.artifact_key())
    assets = []
    for target, bundles in made.artifacts.items():
        for bundle, artifact in bundles.items():
            assets.append(Asset(artifact.file, samples.build("ESpice", "1.6.0", target, bundle)))
            if artifact.signature:
                assets.append(Asset(f"{artifact.file}.sig", artifact.signature.encode()))
    shelf, commit = here.hub.shelf, "3b" * 20
    shelf.releases.append(Release("v1.6.0", commit, "Undo works across sheets.\n", assets))
    shelf.tags["v1.6.0"], shelf.runs[commit] = commit, [78]
    done = here.run("release", "repository_dispatch", payload={"client_payload": {"version": "1.6.0"}})
    assert done.results == {"release": "success"}, done.said
    assert "releases/versions/1.6.0.yaml" in git(
        here.hub.bare.folder, "diff", "--name-only", f"main...{open_pulls(here)[0].head}"
    )


def test_versions_of_this_software_are_proposed_and_tagged(here: Place) -> None:
    done = here.run("tag", "push")
    assert done.results == {"tag": "success"}, done.said
    here.pull()
    here.clouds.edit("tasks.py", ("Nothing of ours is imported", "None of ours is imported"))
    here.clouds.commit("Say it otherwise")
    here.push()
    done = here.run("bump", "workflow_dispatch")
    assert done.results == {"bump": "success"}, done.said
    assert open_pulls(here)[0].branch == "bump"


def test_every_workflow_was_carried_out(here: Place) -> None:
    assert here.ran == {*FILES}

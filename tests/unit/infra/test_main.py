"""`pulumi up` by hand runs the folder, as Pulumi's own host does."""

import importlib
import platform
import runpy
import sys

import pulumi
import pytest

from infra.publication import Publication
from tests.unit.infra.recorder import ROOT, ProgramFailed, Recorder, record

pytestmark = pytest.mark.slow


def by_hand(stack: str) -> Recorder:
    return record(stack, lambda: runpy.run_path(str(ROOT / "infra"), run_name="__main__"))


@pytest.fixture(autouse=True)
def _same_path_afterwards(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_the_platform_stack_runs_the_builds_that_the_stack_file_names():
    assert by_hand("staging").of("Function")["updates"].inputs["s3Key"] == f"{'00' * 32}.zip"


def test_the_ground_stack_needs_nothing_besides_the_checkout():
    assert set(by_hand("staging-ground").of("Bucket")) == {"builds"}


def test_the_live_stack_needs_a_publication(monkeypatch, tmp_path, publication: Publication):
    publication.write(tmp_path / "new")
    monkeypatch.setenv("ESPICE_PUBLICATION", str(tmp_path / "new"))
    objects = by_hand("staging-live").of("BucketObjectv2")
    assert set(objects) == {
        "catalog/head.json",
        f"catalog/{publication.catalog_sha256}.json",
        *publication.manifests,
    }


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        (
            "stagign",
            "there is no stack stagign; there are laptop-ground, laptop, laptop-live, "
            "staging-ground, staging, staging-live, production-ground, production, production-live",
        ),
        ("staging-live", "ESPICE_PUBLICATION is not set; infra/__main__.py says what it holds, and ./inv needs none"),
        ("laptop", "newest builds are made by ./inv up; name a build by its digest"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(monkeypatch, stack, message):
    monkeypatch.delenv("ESPICE_PUBLICATION", raising=False)
    with pytest.raises(ProgramFailed) as failed:
        by_hand(stack)
    assert str(failed.value) == message


def test_the_standard_librarys_platform_is_not_hidden_by_ours(monkeypatch):
    found = []

    def stack_asked_for() -> str:  # called while the program runs
        monkeypatch.delitem(sys.modules, "platform")
        found.append(importlib.import_module("platform").__file__)
        return "staging"

    monkeypatch.setattr(pulumi, "get_stack", stack_asked_for)
    by_hand("staging")
    assert found == [platform.__file__]

"""The file of a version reads back as what it was written from."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.artifacts import fact, samples
from delivery.rules.facts import Version
from delivery.rules.load import parse

PUBLISHED = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def release(product, demo_key):
    return samples.release(product, "9.8.7-beta.1+5", PUBLISHED, "One.\nTwo: with a colon.", demo_key)


def read_back(version):
    filed, problems = parse("releases/versions/9.8.7.yaml", fact.to_yaml(version), Version)
    assert not problems, "\n".join(map(str, problems))
    return filed.value


def test_a_sample_release_reads_back_as_it_was(release):
    assert read_back(release) == release


def test_a_sample_release_has_every_bundle_and_signs_what_updaters_get(release, product):
    for name, target in product.targets.items():
        made = release.artifacts[name]
        assert list(made) == [*target.updates, *target.installs]
        assert [bundle for bundle, artifact in made.items() if artifact.signature] == list(target.updates)


def test_notes_of_several_lines_are_written_for_people(release):
    assert b"notes: |-\n  One.\n  Two: with a colon.\nartifacts:\n" in fact.to_yaml(release)


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("ab: #-'\"\\\n\t \u0085\u2028\ufeff>|%&*!"))
def test_notes_of_any_text_read_back_as_they_were(notes):
    version = samples_version(notes)
    assert read_back(version).notes == notes


def samples_version(notes):
    artifact = fact.artifact("ESpice.deb", b"x", None)
    source = samples._source("espice", "9.8.7")
    return Version("9.8.7", PUBLISHED, source, notes, {"linux-x86_64": {"deb": artifact}})


@given(st.integers(1, 2**160 - 1))
def test_commits_and_digests_that_look_like_numbers_stay_texts(number):
    version = samples_version("")
    odd = replace(version, source=replace(version.source, commit=f"{number:040d}"[:40]))
    assert read_back(odd) == odd

"""The rules of versions beside each other."""

import pytest

from tests.unit.rules.files import NEW, OLD, TEXTS, errors, files, released, said, said_onto, version

AT = "releases/versions"


def onto(more: dict[str, str | None]) -> list[str]:
    """What is said of versions that are new beside 1.3.0 and 1.4.0."""
    return said_onto(files(), files(more))


def test_twins_that_differ_in_build_metadata_only() -> None:
    assert onto(released("1.4.0+7")) == [
        f"{AT}/1.4.0+7.yaml:1: version: 1.4.0+7 differs from 1.4.0 ({NEW}) in build metadata only; "
        "give it a number of its own"
    ]


def test_beta10_beside_beta2() -> None:
    more = released("1.5.0-beta10") | released("1.5.0-beta2")
    assert onto(more) == [
        f"{AT}/1.5.0-beta10.yaml:1: version: 1.5.0-beta10 sorts below 1.5.0-beta2, for its last part is compared as "
        "text; write the number as a part of its own, such as 1.5.0-beta.10"
    ]
    assert onto(released("1.5.0-beta.10") | released("1.5.0-beta.2")) == []


@pytest.mark.parametrize("name", ["1.4.1", "1.5.0", "2.0.0", "1.3.1", "1.5.0-beta.1"])
def test_the_next_patch_minor_or_major_is_no_jump(name: str) -> None:
    assert onto(released(name)) == []


def test_a_jump_in_numbers() -> None:
    assert onto(released("1.14.0")) == [
        f"{AT}/1.14.0.yaml:1: version: 1.14.0 leaves out numbers: 1.4.0 is the one below it; "
        "see whether 1.4.1, 1.5.0 or 2.0.0 was meant (warning)"
    ]


def test_older_content_under_a_higher_number() -> None:
    assert onto(released("1.5.0", published='"2026-11-09T10:00:00Z"')) == [
        f"{AT}/1.5.0.yaml:2: published: 2026-11-09T10:00:00Z is before 1.4.0 was ({NEW}:2); "
        "build it again: older content under a higher number is a downgrade"
    ]


def test_a_lower_number_may_be_published_later() -> None:
    assert onto(released("1.3.1", published='"2026-11-20T10:00:00Z"')) == []


def test_an_artifact_that_was_cut_off() -> None:
    assert onto(released("1.4.1", size="70015")) == [
        f"{AT}/1.4.1.yaml:9: artifacts.linux-x86_64.appimage.size: 70015 bytes, where 1.4.0 had 280064: "
        "ESpice_1.4.1.AppImage looks cut off; build and upload it again"
    ]
    assert onto(released("1.4.1", size="70016")) == []


def test_a_bundle_that_the_version_before_had() -> None:
    ways = (("linux-x86_64", "appimage"), ("linux-x86_64", "deb"))
    base = files(released("1.4.1", *ways))
    assert said_onto(base, base | files(released("1.4.1", *ways) | released("1.4.2"))) == [
        f"{AT}/1.4.2.yaml:5: artifacts: has no linux-x86_64 deb, which 1.4.1 had; "
        "see whether the build failed there: who has it stays behind (warning)"
    ]


def test_a_release_is_compared_with_the_release_before_and_not_with_a_pre_release() -> None:
    ways = (("linux-x86_64", "appimage"), ("linux-x86_64", "deb"))
    assert onto(released("1.5.0-beta.1", *ways) | released("1.5.0")) == []


def minimum(name: str, least: str) -> dict[str, str | None]:
    return {f"{AT}/{name}.yaml": version(name).replace("artifacts:", f"minimum-os: {least}\nartifacts:")}


def test_a_minimum_of_a_system_it_is_not_built_for() -> None:
    assert onto(minimum("1.4.1", '{windows: "10.0"}'))[0] == (
        f"{AT}/1.4.1.yaml:5: minimum-os.windows: matches nothing: 1.4.1 is not built for windows; "
        "remove it, or add the artifacts (warning)"
    )


def test_a_minimum_that_rises() -> None:
    assert onto(minimum("1.4.1", '{linux: "5.10"}')) == [
        f"{AT}/1.4.1.yaml:5: minimum-os.linux: needs linux 5.10, where 1.4.0 had no minimum; "
        "see that those with an older linux may stay on 1.4.0, and tell them (warning)"
    ]


def test_two_artifacts_with_one_hash() -> None:
    digest = TEXTS[OLD].partition('sha256: "')[2][:64]
    assert said(files(released("1.4.1", sha256=f'"{digest}"'))) == [
        f"{AT}/1.4.1.yaml:10: artifacts.linux-x86_64.appimage.sha256: ESpice_1.4.1.AppImage has the bytes of "
        f"ESpice_1.3.0.AppImage, {OLD}:10; build it again, and copy its file, size and sha256 together"
    ]


def test_merged_versions_are_not_judged_again() -> None:
    base = files(released("1.14.0", published='"2026-11-09T10:00:00Z"', size="1"))
    assert errors(said_onto(base, base)) == []

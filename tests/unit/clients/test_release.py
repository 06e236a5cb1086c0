"""What the plugin takes for a release. The lists are what was probed with the plugin's own Rust structs."""

import pytest

from clients.reference.errors import Serialization, TargetNotFound
from clients.reference.release import Download, parse

DYNAMIC = {"version": "1.4.0", "url": "https://d.example/x", "signature": "c2ln"}
ENTRY = {"url": "https://d.example/y", "signature": "c2ln"}


@pytest.mark.parametrize("version", ["1.2", "1.2.3.4", "1.02.3", "V1.2.3", " 1.2.3", "", 1, None])
def test_a_version_that_is_not_strict_semver_is_refused(version):
    with pytest.raises(Serialization):
        parse({**DYNAMIC, "version": version})


@pytest.mark.parametrize("version", ["1.2.3", "v1.2.3", "vv1.2.3", "1.2.3-beta.1+5"])
def test_leading_vs_are_cut(version):
    assert parse({**DYNAMIC, "version": version}).version == version.lstrip("v")


def test_name_is_another_word_for_version_but_not_beside_it():
    named = {"name": "1.4.0", "url": DYNAMIC["url"], "signature": "c2ln"}
    assert parse(named).version == "1.4.0"
    with pytest.raises(Serialization, match="duplicate field `version`"):
        parse({**DYNAMIC, "name": "1.4.0"})


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-25T14:00:00Z",
        "2026-11-25T14:00:00+02:00",
        "2026-11-25T14:00:00.123456789Z",
        "2026-11-25 14:00:00Z",
        None,
    ],
)
def test_a_moment_of_rfc_3339_is_taken(moment):
    assert (parse({**DYNAMIC, "pub_date": moment}).pub_date is None) == (moment is None)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-25T14:00:00",
        "2026-11-25  14:00:00Z",
        "2026-11-25",
        "",
        "2026-11-25T14:00:00+0200",
        "2026-11-25T14:00Z",
        "2026-02-31T14:00:00Z",
        7,
    ],
)
def test_any_other_moment_is_refused(moment):
    with pytest.raises(Serialization):
        parse({**DYNAMIC, "pub_date": moment})


@pytest.mark.parametrize("change", [{"notes": 7}, {"url": ""}, {"url": None}, {"url": "x/y"}, {"signature": None}])
def test_a_dynamic_release_must_be_complete(change):
    with pytest.raises(Serialization):
        parse({**DYNAMIC, **change})


@pytest.mark.parametrize("bad", [{"url": "", "signature": "c2ln"}, {"url": "https://d.example/x"}, None, {}])
def test_one_bad_entry_spoils_a_whole_manifest(bad):
    with pytest.raises(Serialization):
        parse({"version": "1.4.0", "platforms": {"linux-x86_64": ENTRY, "windows-x86_64": bad}})


def test_null_platforms_mean_a_dynamic_release_and_empty_ones_a_static_one():
    assert parse({**DYNAMIC, "platforms": None}).platforms is None
    assert parse({**DYNAMIC, "platforms": {}}).platforms == {}


@pytest.mark.parametrize("body", [[], "x", 1, None])
def test_anything_but_a_map_is_refused(body):
    with pytest.raises(Serialization):
        parse(body)


def test_unknown_fields_are_kept_for_the_app():
    assert parse({**DYNAMIC, "critical": True}).raw["critical"] is True


def test_the_bundle_s_own_entry_comes_before_the_plain_one(app):
    plain, own = {**ENTRY, "url": "https://d.example/plain"}, {**ENTRY, "url": "https://d.example/own"}
    both = parse({"version": "1.4.0", "platforms": {"linux-x86_64": plain, "linux-x86_64-appimage": own}})
    assert both.download_for(app()) == Download("https://d.example/own", "c2ln")
    assert both.download_for(app(bundle="deb")).url == "https://d.example/plain"
    assert both.download_for(app(bundle="unknown")).url == "https://d.example/plain"


def test_a_custom_target_is_looked_up_alone(app):
    release = parse({"version": "1.4.0", "platforms": {"linux-x86_64": ENTRY, "kiosk": ENTRY}})
    assert release.download_for(app(custom_target="kiosk")).url == ENTRY["url"]
    with pytest.raises(TargetNotFound):
        release.download_for(app(custom_target="other"))

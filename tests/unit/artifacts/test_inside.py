"""What bundles say of themselves, and that nothing is said of what cannot be read."""

import plistlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.artifacts import containers, samples, windows
from delivery.artifacts.inside import Inside, inside
from delivery.artifacts.magic import recognise
from tests.unit.artifacts import formed

KINDS = ("nsis", "msi", "app", "dmg", "appimage", "deb", "rpm")


@pytest.mark.parametrize("version", ["1.6.0", "1.6.0-beta.1", "1.6.0+5"])
@pytest.mark.parametrize(
    ("target", "bundle", "says_version"),
    [
        ("darwin-aarch64", "app", True),
        ("darwin-x86_64", "app", True),
        ("linux-x86_64", "appimage", False),
        ("linux-x86_64", "deb", True),
        ("linux-x86_64", "rpm", True),
    ],
)
def test_a_bundle_says_which_version_it_is_and_for_which_processor(version, target, bundle, says_version):
    said = inside(bundle, samples.build("ESpice", version, target, bundle))
    assert said == Inside(version if says_version else None, target.partition("-")[2])


@pytest.mark.parametrize(
    ("target", "bundle"), [("windows-x86_64", "nsis"), ("windows-x86_64", "msi"), ("darwin-x86_64", "dmg")]
)
def test_samples_of_some_kinds_say_nothing(target, bundle):
    assert inside(bundle, samples.build("ESpice", "1.6.0", target, bundle)) == Inside()


def test_an_app_for_several_processors_says_none():
    plist = plistlib.dumps({"CFBundleShortVersionString": "1.6.0", "CFBundleExecutable": "espice"})
    many = struct.pack(">II", 0xCAFEBABE, 2)
    packed = containers.gzip(
        containers.tar((("ESpice.app/Contents/Info.plist", plist), ("ESpice.app/Contents/MacOS/espice", many)))
    )
    assert inside("app", packed) == Inside("1.6.0", None)


@pytest.mark.parametrize("plist", [b"no plist", plistlib.dumps([1]), plistlib.dumps({"CFBundleExecutable": [1]})])
def test_an_app_whose_list_of_properties_is_none_says_nothing(plist):
    packed = containers.gzip(containers.tar((("ESpice.app/Contents/Info.plist", plist),)))
    assert inside("app", packed) == Inside()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.6.0", Inside("1.6.0")),
        ("1.6.0-beta.1", Inside("1.6.0-beta.1")),
        ("1.6.0.0", Inside("1.6.0.0", is_numbers=True)),
        ("Winter edition", Inside()),
        ("", Inside()),
    ],
)
def test_an_installer_says_its_version_and_no_processor_though_its_own_program_has_one(text, said):
    data = formed.nsis({"ProductName": "ESpice", "FileVersion": "7.7.7", "ProductVersion": text})
    assert recognise(data) == "nsis"
    assert inside("nsis", data) == said


@pytest.mark.parametrize(
    ("template", "arch"), [("x64;1033", "x86_64"), ("Intel;1033,0", "i686"), ("Arm64;0", "aarch64")]
)
def test_an_installer_database_says_its_numbers_and_its_processor(template, arch):
    data = formed.msi({"ProductName": "ESpice", "ProductVersion": "1.6.0"}, template)
    assert recognise(data) == "msi"
    assert inside("msi", data) == Inside("1.6.0", arch, is_numbers=True)


@pytest.mark.parametrize("more", [{"wide": True}, {"before": "x" * 20_000}, {"wide": True, "before": "y" * 50_000}])
def test_a_database_of_many_and_of_long_strings_is_read_the_same(more):
    data = formed.msi({"Manufacturer": "ESpice", "ProductVersion": "1.6.0"}, "x64;1033", **more)
    assert inside("msi", data) == Inside("1.6.0", "x86_64", is_numbers=True)


def test_a_text_of_64_kib_takes_two_places_in_the_pool_and_has_one_number():
    pool = struct.pack("<HHHHHHHHHH", 65001, 0, 0, 1, 1, 1, 0, 0, 2, 1)  # one of 65537 bytes, an empty place, one of 2
    assert [len(each) for each in windows._strings(pool, b"x" * 65_539)] == [0, 65_537, 0, 2]


def test_a_database_without_a_version_says_its_processor():
    assert inside("msi", formed.msi({"ProductName": "ESpice"}, "x64;1033")) == Inside(None, "x86_64")


@pytest.mark.parametrize(
    ("said", "version", "fits"),
    [
        (Inside("1.6.0", is_numbers=True), "1.6.0", True),
        (Inside("1.6.0", is_numbers=True), "1.6.0-beta.1", True),
        (Inside("1.6.0.4", is_numbers=True), "1.6.0+4", True),
        (Inside("1.6", is_numbers=True), "1.6.0", True),
        (Inside("1.6.1", is_numbers=True), "1.6.0", False),
        (Inside("1.6.0"), "1.6.0-beta.1", False),
        (Inside("1.6.0"), "1.6.0", True),
        (Inside(), "1.6.0", True),
    ],
)
def test_what_can_only_say_numbers_is_held_to_its_numbers(said, version, fits):
    assert said.is_of(version) == fits


def test_a_disk_image_tells_whether_its_data_is_all_there_and_as_it_was():
    whole = formed.dmg(b"data" * 300)
    assert recognise(whole) == "dmg"
    assert inside("dmg", whole) == Inside()
    cut = whole[700:]
    assert inside("dmg", cut) == Inside(broken=f"says inside that it has {len(whole)} bytes or more")
    assert inside("dmg", b"else" + whole[4:]) == Inside(broken="holds other data than its own checksum says")


@given(st.sampled_from(["nsis", "msi", "dmg"]), st.integers(0, 3000), st.binary(max_size=40))
def test_broken_bytes_of_real_forms_break_nothing(bundle, at, noise):
    whole = {
        "nsis": formed.nsis({"ProductVersion": "1.6.0"}),
        "msi": formed.msi({"ProductVersion": "1.6.0"}, "x64;1033"),
        "dmg": formed.dmg(b"data" * 300),
    }[bundle]
    inside(bundle, whole[:at] + noise + whole[at + len(noise) :])
    inside(bundle, whole[:at])


@given(st.sampled_from(KINDS), st.integers(0, 3000), st.binary(max_size=40))
def test_broken_bytes_say_what_they_can_and_break_nothing(bundle, at, noise):
    target = {"app": "darwin-x86_64"}.get(bundle, "linux-x86_64")
    whole = SAMPLES.setdefault(bundle, samples.build("ESpice", "1.6.0", target, bundle))
    inside(bundle, whole[:at] + noise + whole[at + len(noise) :])
    inside(bundle, whole[:at])


SAMPLES: dict[str, bytes] = {}

"""What bundles say of themselves, and that nothing is said of what cannot be read."""

import plistlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.artifacts import containers, samples
from delivery.artifacts.inside import Inside, inside

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
def test_some_kinds_say_nothing(target, bundle):
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


@given(st.sampled_from(KINDS), st.integers(0, 3000), st.binary(max_size=40))
def test_broken_bytes_say_what_they_can_and_break_nothing(bundle, at, noise):
    target = {"app": "darwin-x86_64"}.get(bundle, "linux-x86_64")
    whole = SAMPLES.setdefault(bundle, samples.build("ESpice", "1.6.0", target, bundle))
    inside(bundle, whole[:at] + noise + whole[at + len(noise) :])
    inside(bundle, whole[:at])


SAMPLES: dict[str, bytes] = {}

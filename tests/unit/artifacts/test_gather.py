"""What is taken from a folder of builds, and everything that is said of a wrong one."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from delivery.artifacts import samples
from delivery.artifacts.gather import gather
from delivery.artifacts.inside import Inside
from delivery.artifacts.sign import sign
from tests.unit.artifacts import formed

PUBLISHED = datetime(2026, 11, 20, 10, tzinfo=UTC)
NSIS, MSI = "ESpice_9.8.7_x64-setup.exe", "ESpice_9.8.7_x64_en-US.msi"
DMG = "ESpice_9.8.7_x64.dmg"
DEB, APPIMAGE = "ESpice_9.8.7_amd64.deb", "ESpice_9.8.7_amd64.AppImage"
Folder = dict[str, bytes]


@pytest.fixture(scope="module")
def release(product, demo_key):
    return samples.release(product, "9.8.7", PUBLISHED, "Better.", demo_key)


@pytest.fixture(scope="module")
def built(release) -> Folder:
    """The folder that a build of 9.8.7 leaves behind."""
    files = {}
    for target, bundles in release.artifacts.items():
        for bundle, artifact in bundles.items():
            files[artifact.file] = samples.build("ESpice", "9.8.7", target, bundle)
            if artifact.signature:
                files[f"{artifact.file}.sig"] = artifact.signature.encode() + b"\n"
    return files


@pytest.fixture
def said(product) -> Callable[..., list[str]]:
    """What is wrong with a folder."""

    def problems(folder: Folder, targets=None) -> list[str]:
        return [str(each) for each in gather(product, "9.8.7", "built", folder, folder.__getitem__, targets)[1]]

    return problems


def test_a_whole_folder_gives_what_the_build_would_have_written(product, release, built):
    assert gather(product, "9.8.7", "built", built, built.__getitem__) == (release.artifacts, ())


def test_the_artifacts_are_in_the_order_of_the_product_whatever_that_of_the_folder(product, release, built):
    made, _ = gather(product, "9.8.7", "built", reversed(list(built)), built.__getitem__)
    assert [(target, list(bundles)) for target, bundles in made.items()] == [
        (target, list(bundles)) for target, bundles in release.artifacts.items()
    ]


def test_a_missing_bundle_is_named_with_the_file_that_would_be_it(built, said):
    folder = {name: data for name, data in built.items() if not name.startswith(MSI)}
    assert said(folder) == ["built: has no msi for windows-x86_64; add ESpice_9.8.7_x64_en-US.msi"]


def test_only_what_was_built_is_asked_for_where_that_is_said(built, said):
    folder = {name: data for name, data in built.items() if "amd64" in name or "x86_64" in name}
    assert len(said(folder)) == 6
    assert said(folder, ["linux-x86_64"]) == []


def test_a_doubled_bundle_is_refused(built, said):
    other = "ESpice_9.8.7_x64_de-DE.msi"
    data = built[MSI] + b"x"
    assert said({**built, other: data})[0] == (
        f"built: has {other} and {MSI}, all msi for windows-x86_64; leave one of them"
    )


def test_the_same_bytes_for_two_targets_are_refused(built, said):
    intel, silicon = "ESpice_9.8.7_x64.dmg", "ESpice_9.8.7_aarch64.dmg"
    assert said({**built, intel: built[silicon]}) == [
        f"built/{intel}: holds the same bytes as {silicon}; put each target's own build there"
    ]


def test_a_name_that_lies_about_its_content_is_refused(built, said, demo_key):
    data = built[DEB]
    lie = {NSIS: data, f"{NSIS}.sig": sign(data, NSIS, "9.8.7", PUBLISHED, demo_key).encode()}
    assert f"built/{NSIS}: is filed as nsis but looks like deb; file it under its own bundle, or build nsis" in said(
        {**built, **lie}
    )


def test_a_signature_of_another_build_is_refused(built, said, demo_key):
    older = sign(built[DEB], DEB, "9.8.6", PUBLISHED, demo_key).encode()
    other = sign(b"another build", DEB, "9.8.7", PUBLISHED, demo_key).encode()
    mend = "sign the file with: tauri signer sign --app-version VERSION FILE"
    assert said({**built, f"{DEB}.sig": older}) == [
        f"built/{DEB}: the signature of {DEB} names version 9.8.6, not 9.8.7; {mend}"
    ]
    assert said({**built, f"{DEB}.sig": other}) == [
        f"built/{DEB}: the signature does not fit the bytes of {DEB}; {mend}"
    ]


def test_a_build_that_says_inside_that_it_is_another_is_refused(built, said, demo_key):
    """Even where nobody signed it, and where it was signed as what it is not."""
    intel, silicon, older = (
        "ESpice_9.8.7_x64.app.tar.gz",
        "ESpice_9.8.7_aarch64.app.tar.gz",
        "ESpice-9.8.7-1.x86_64.rpm",
    )
    lies = {
        intel: samples.build("ESpice", "9.8.7", "darwin-aarch64", "app") + b"-",
        older: samples.build("ESpice", "9.8.6", "linux-x86_64", "rpm"),
    }
    signed = {f"{name}.sig": sign(data, name, "9.8.7", PUBLISHED, demo_key).encode() for name, data in lies.items()}
    assert silicon in built
    assert said({**built, **lies, **signed}) == [
        f"built/{older}: says inside that it is 9.8.6, not 9.8.7; build rpm anew",
        f"built/{intel}: is filed for darwin-x86_64 but says inside that it is for aarch64; "
        "file it under its own target, or build it anew",
    ]


def test_installers_and_images_that_say_inside_that_they_are_others_are_told_together(built, said, demo_key):
    lies = {
        NSIS: formed.nsis({"ProductVersion": "9.8.7-beta.1"}),
        MSI: formed.msi({"ProductVersion": "9.8.6"}, "Arm64;1033"),
        DMG: formed.dmg(b"data" * 300)[700:],
    }
    signed = {f"{name}.sig": sign(lies[name], name, "9.8.7", PUBLISHED, demo_key).encode() for name in (NSIS, MSI)}
    assert said({**built, **lies, **signed}) == [
        f"built/{NSIS}: says inside that it is 9.8.7-beta.1, not 9.8.7; build nsis anew",
        f"built/{DMG}: says inside that it has 1720 bytes or more; build dmg anew",
        f"built/{MSI}: is filed for windows-x86_64 but says inside that it is for aarch64; "
        "file it under its own target, or build it anew",
        f"built/{MSI}: says inside that it is 9.8.6, not 9.8.7; build msi anew",
    ]


def test_what_builds_say_of_themselves_is_told(product, built):
    told = {}
    gather(product, "9.8.7", "built", built, built.__getitem__, ["linux-x86_64"], told.setdefault)
    assert told == {
        "appimage": Inside(None, "x86_64"),
        "deb": Inside("9.8.7", "x86_64"),
        "rpm": Inside("9.8.7", "x86_64"),
    }


def test_a_file_without_its_signature_and_a_signature_without_its_file_are_refused(built, said):
    folder = {name: data for name, data in built.items() if name != f"{DEB}.sig"}
    assert said(folder) == [
        f"built/{DEB}: has no signature beside it: {DEB}.sig; "
        "sign it with: tauri signer sign --app-version VERSION FILE"
    ]
    assert said({**built, "notes.sig": b""}) == [
        "built/notes.sig: signs a file that is not here; add the file, or take the signature out"
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "notes.txt",
            "is not named as a build; take it out, or name it as Tauri's bundler does, "
            "such as ESpice_9.8.7_x64-setup.exe",
        ),
        ("ESpice_9.8.6_amd64.deb", "is of 9.8.6 by its name, not of 9.8.7; take it out, or build it anew"),
        (
            "ESpice_9.8.7_arm64.deb",
            "is deb for linux-aarch64, which is not asked for; "
            "take it out of the folder, or add the target or bundle to product.yaml first",
        ),
    ],
)
def test_a_file_that_does_not_belong_there_is_refused(built, said, name, message):
    assert said({**built, name: b"x"}) == [f"built/{name}: {message}"]


def test_everything_is_said_at_once(built, said):
    folder = {**built, "notes.txt": b"", DEB: b"", APPIMAGE: built[DEB]}
    del folder[NSIS]
    problems = "\n".join(said(folder))
    for part in ("notes.txt", "has no nsis", f"{DEB}: is filed", f"{APPIMAGE}: is filed", f"{NSIS}.sig: signs"):
        assert part in problems

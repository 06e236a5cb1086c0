"""The rules of versions and what was built."""

from tests.unit.rules.files import NEW, OLD, OURS, PRODUCT, TEXTS, THEIRS, edited, files, said, signature, version

FILE = "ESpice_1.4.0.AppImage"
SIGNED = signature(FILE, "1.4.0")
PLACE = "artifacts.linux-x86_64.appimage"


def test_a_target_that_the_product_does_not_have() -> None:
    assert said(edited(NEW, "linux-x86_64:", "linux-x86:")) == [
        f"{NEW}:6: artifacts.linux-x86: product.yaml has no target linux-x86; did you mean linux-x86_64?"
    ]


def test_a_bundle_that_the_target_does_not_have() -> None:
    assert said(edited(NEW, "appimage:", "snap:")) == [
        f"{NEW}:7: artifacts.linux-x86_64.snap: product.yaml has no bundle snap for linux-x86_64; "
        "the bundles are appimage, deb and flatpak"
    ]


def test_an_update_without_a_signature() -> None:
    assert said(edited(NEW, f"      signature: {SIGNED}\n", "")) == [
        f"{NEW}:7: {PLACE}: {FILE} has no signature; copy the .sig file that the build wrote"
    ]


def test_what_only_new_visitors_install_needs_no_signature() -> None:
    flatpak = f'    flatpak: {{file: x, size: 1, sha256: "{"c" * 64}"}}\n'
    assert said(files({NEW: TEXTS[NEW] + flatpak})) == []


def test_a_signature_that_is_none() -> None:
    assert said(edited(NEW, SIGNED, "AAAA")) == [
        f"{NEW}:11: {PLACE}.signature: is no signature: it has fewer than the four lines of a minisign signature; "
        "copy the whole .sig file that the build wrote"
    ]


def test_a_signature_by_another_key() -> None:
    assert said(files({NEW: version("1.4.0", key=THEIRS)})) == [
        f"{NEW}:11: {PLACE}.signature: {FILE} is signed by key {THEIRS}, which product.yaml does not know; "
        f"sign it with {OURS} (the demo key)"
    ]


def test_a_signature_by_a_key_that_is_trusted_nowhere_any_more() -> None:
    told = said(files({PRODUCT: TEXTS[PRODUCT].replace("[laptop]", "[]"), OLD: None, NEW: TEXTS[NEW]}))
    assert told[0] == ("releases/rollouts/stable/1.3.0.yaml:1: rollout: there is no version 1.3.0; did you mean 1.4.0?")
    assert told[1] == (
        f"{NEW}:11: {PLACE}.signature: {FILE} is signed by key {OURS}, which no environment trusts; "
        "sign it with one of ours"
    )


def test_a_signature_that_another_environment_does_not_trust() -> None:
    assert said(files(), environment="production") == [
        f"{path}:11: {PLACE}.signature: ESpice_{name}.AppImage is signed by key {OURS} (the demo key), "
        "which production does not trust; sign it with a key that product.yaml trusts in production"
        for path, name in ((OLD, "1.3.0"), (NEW, "1.4.0"))
    ]


def test_an_old_file_relabelled_as_a_new_version() -> None:
    assert said(edited(NEW, SIGNED, signature(FILE, "1.3.0"))) == [
        f"{NEW}:11: {PLACE}.signature: is for version 1.3.0, not 1.4.0; "
        f"sign {FILE} again, with tauri signer 2.13.0 or newer"
    ]


def test_a_signature_of_another_file() -> None:
    assert said(edited(NEW, SIGNED, signature("Other.AppImage", "1.4.0"))) == [
        f"{NEW}:11: {PLACE}.signature: is for file Other.AppImage, not {FILE}; "
        f"sign {FILE} again, with tauri signer 2.13.0 or newer"
    ]


def test_a_file_name_that_is_taken() -> None:
    taken = (
        TEXTS[NEW].replace(FILE, "ESpice_1.3.0.AppImage").replace(SIGNED, signature("ESpice_1.3.0.AppImage", "1.4.0"))
    )
    assert said(files({NEW: taken})) == [
        f"{NEW}:8: {PLACE}.file: ESpice_1.3.0.AppImage is also the file of {OLD}:8; "
        "give every artifact a name of its own, with its version in it"
    ]

"""What an installation believes of the bytes it downloads."""

import base64
import json

import minisign
import pytest

from clients.reference.__main__ import main
from clients.reference.check import check
from clients.reference.download import download, install, verify
from clients.reference.errors import (
    Base64,
    InvalidUpdaterFormat,
    Io,
    Minisign,
    MissingSignedVersion,
    Network,
    Reqwest,
    SignedVersionMismatch,
)

BYTES = b"\x7fELF the new one".ljust(64)


def offered(host, app, signature, version="1.4.0"):
    url = host.url + "/file"
    host.says("/a", 200, json.dumps({"version": version, "url": url, "signature": signature}).encode())
    return check(app())


def test_bytes_that_the_key_signed_as_this_version_are_believed(host, app, signed):
    host.says("/file", 200, BYTES)
    assert download(app(), offered(host, app, signed(BYTES, "1.4.0"))) == BYTES
    assert host.asked[-1][1]["accept"] == "application/octet-stream"


def test_bytes_are_taken_as_they_come_whatever_their_encoding_is_said_to_be(host, app, signed):
    host.says("/file", 200, BYTES, Content_Encoding="gzip")
    assert download(app(), offered(host, app, signed(BYTES, "1.4.0"))) == BYTES


def test_changed_bytes_are_refused(app, signed):
    with pytest.raises(Minisign, match="The signature verification failed"):
        verify(BYTES + b"!", signed(BYTES, "1.4.0"), "1.4.0", app())


def test_another_key_is_refused_by_its_id(app):
    other = minisign.KeyPair.generate().secret_key.sign(BYTES, trusted_comment="version:1.4.0")
    with pytest.raises(Minisign, match="created with a different key than the one provided"):
        verify(BYTES, base64.b64encode(bytes(other)).decode(), "1.4.0", app())


def test_bytes_signed_as_another_version_are_refused(app, signed):
    with pytest.raises(SignedVersionMismatch, match=r"signed for version 1\.3\.9 but .* announced version 1\.4\.0"):
        verify(BYTES, signed(BYTES, "1.3.9"), "1.4.0", app(require_signed_version=False))


def test_a_signature_that_names_no_version_is_refused_only_where_one_is_required(app, demo_key):
    signature = base64.b64encode(bytes(demo_key.sign(BYTES, trusted_comment="timestamp:1"))).decode()
    verify(BYTES, signature, "1.4.0", app(require_signed_version=False))
    with pytest.raises(MissingSignedVersion, match="does not specify the version"):
        verify(BYTES, signature, "1.4.0", app())


@pytest.mark.parametrize("spoil", [lambda text: text + "\n", lambda text: text[:-1], lambda _: "é"])
def test_a_signature_must_be_base64(app, signed, spoil):
    with pytest.raises(Base64):
        verify(BYTES, spoil(signed(BYTES, "1.4.0")), "1.4.0", app())


@pytest.mark.parametrize("spoil", [lambda text: text[:-8], lambda _: ""])
def test_a_signature_must_be_a_whole_text(app, signed, spoil):
    with pytest.raises(Minisign):
        verify(BYTES, spoil(signed(BYTES, "1.4.0")), "1.4.0", app())


def test_a_missing_file_is_a_network_error(host, app, signed):
    with pytest.raises(Network, match=r"^`Download request failed with status: 404 Not Found`$"):
        download(app(), offered(host, app, signed(BYTES, "1.4.0")))


def test_a_download_that_breaks_off_is_an_error(host, app, signed):
    host.says("/file", 200, BYTES, Content_Length="1000")
    with pytest.raises(Reqwest):
        download(app(), offered(host, app, signed(BYTES, "1.4.0")))


def test_installing_replaces_the_file_and_keeps_its_mode(tmp_path):
    file = tmp_path / "ESpice.AppImage"
    file.write_bytes(b"old")
    file.chmod(0o750)
    install(BYTES, file, "appimage")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (BYTES, 0o750)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("bundle", "magic"), [("deb", b"!<arch>\ndebian-binary"), ("rpm", b"\xed\xab\xee\xdb")])
def test_each_kind_of_package_is_updated_with_its_own_kind(tmp_path, bundle, magic):
    file = tmp_path / "espice"
    file.touch()
    install(magic.ljust(100), file, bundle)
    for bundle_, data in ((bundle, BYTES), ("appimage", magic.ljust(100)), ("unknown", b"\x1f\x8b\x08".ljust(100))):
        with pytest.raises(InvalidUpdaterFormat):
            install(data, file, bundle_)
    assert file.read_bytes() == magic.ljust(100)


@pytest.mark.parametrize(("place", "why"), [("full", "Is a directory"), ("absent/espice", "No such file or directory")])
def test_an_update_that_cannot_be_put_in_place_says_where_and_leaves_nothing_behind(tmp_path, place, why):
    (tmp_path / "full").mkdir()
    with pytest.raises(Io) as told:
        install(BYTES, tmp_path / place, "unknown")
    assert str(told.value) == f"{tmp_path / place}: {why}; name a file in a folder that can be written to"
    assert list(tmp_path.iterdir()) == [tmp_path / "full"]


def test_the_command_checks_and_installs(host, app, signed, tmp_path, capsys):
    host.says("/file", 200, BYTES)
    offered(host, app, signed(BYTES, "1.4.0"))
    file = tmp_path / "espice"
    file.touch()
    assert main(["--endpoint", f"{host.url}/a", "--current", "1.3.0", "--install", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["update"]["version"] == "1.4.0"
    assert file.read_bytes() == BYTES


def test_the_command_asks_espice_s_own_ladder(host, capsys):
    host.says("/v1/update/stable/linux/x86_64/1.3.0?bundle=deb&cohort=7", 204)
    argv = ["--updates", host.url, "--current", "1.3.0", "--bundle", "deb", "--cohort", "7"]
    assert main(argv) == 0
    assert capsys.readouterr().out.startswith("up to date: nothing is offered")


def test_the_command_names_the_error(host, capsys):
    assert main(["--endpoint", f"{host.url}/x", "--current", "1.3.0"]) == 1
    assert capsys.readouterr().err.startswith("ReleaseNotFound: Could not fetch")


def test_all_that_was_typed_wrong_is_told_at_once(tmp_path, capsys):
    words = {
        "--current": "1.3",
        "--failed": "",
        "--target": "beos",
        "--arch": "z80",
        "--bundle": "snap",
        "--channel": "../x",
        "--cohort": "1000",
        "--os": "ten",
        "--timeout": "nan",
        "--updates": "updates.espice.app",
        "--endpoint": "ftp://u.example/x",
        "--mirror": "github.com/o/n",
        "--pubkey": "x",
        "--install": str(tmp_path / "absent"),
    }
    assert main([word for pair in words.items() for word in pair]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "--target beos: there is none of that name; there are linux, darwin, windows",
        "--arch z80: there is none of that name; there are x86_64, aarch64, i686, armv7, riscv64",
        "--bundle snap: there is none of that name; there are unknown, appimage, deb, rpm, app, msi, nsis",
        "--pubkey: is no base64 of a minisign public key; take it from tauri.conf.json or product.yaml",
        f"--install {tmp_path / 'absent'}: there is no such file; an update takes the place of one that is there",
        "--current 1.3: '1.3' is not a SemVer version such as 1.4.0 or 1.5.0-beta.1",
        "--failed : '' is not a SemVer version such as 1.4.0 or 1.5.0-beta.1",
        "--channel ../x: is no name of a channel, such as stable or beta-next",
        "--cohort 1000: is not a whole number from 0 to 999",
        "--os ten: is no version of an operating system, such as 10.0.19045",
        "--endpoint takes the place of --updates and --downloads; say one or the other",
        "--mirror: is asked after the downloads host; say --downloads URL too",
        "--updates updates.espice.app: is no http or https URL",
        "--mirror github.com/o/n: is no http or https URL",
        "--endpoint ftp://u.example/x: is no http or https URL",
        "--timeout nan: is no number of seconds above 0",
    ]


def test_a_bundle_of_another_system_and_nobody_to_ask_are_told(capsys):
    assert main(["--current", "1.3.0", "--bundle", "nsis"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "--bundle nsis: is one of windows, not of linux; say --target windows",
        "say whom to ask: --updates URL [--downloads URL], or --endpoint URL",
    ]

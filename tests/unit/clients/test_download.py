"""What an installation believes of the bytes it downloads."""

import base64
import json

import minisign
import pytest

from clients.reference.__main__ import main
from clients.reference.check import check
from clients.reference.download import download, install, verify
from clients.reference.errors import Io, Minisign, Network, Reqwest, SignedVersion

BYTES = b"\x7fELF the new one"


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
    with pytest.raises(SignedVersion, match=r"for version 1\.3\.9, not for 1\.4\.0"):
        verify(BYTES, signed(BYTES, "1.3.9"), "1.4.0", app(require_signed_version=False))


def test_a_signature_that_names_no_version_is_refused_only_where_one_is_required(app, demo_key):
    signature = base64.b64encode(bytes(demo_key.sign(BYTES, trusted_comment="timestamp:1"))).decode()
    verify(BYTES, signature, "1.4.0", app(require_signed_version=False))
    with pytest.raises(SignedVersion, match="names no version"):
        verify(BYTES, signature, "1.4.0", app())


@pytest.mark.parametrize("spoil", [lambda text: text + "\n", lambda text: text[:-8], lambda _: "", lambda _: "é"])
def test_a_signature_must_be_base64_of_a_whole_text(app, signed, spoil):
    with pytest.raises(Minisign):
        verify(BYTES, spoil(signed(BYTES, "1.4.0")), "1.4.0", app())


def test_a_missing_file_is_a_network_error(host, app, signed):
    with pytest.raises(Network, match="Download request failed with status: 404 Not Found"):
        download(app(), offered(host, app, signed(BYTES, "1.4.0")))


def test_a_download_that_breaks_off_is_an_error(host, app, signed):
    host.says("/file", 200, BYTES, Content_Length="1000")
    with pytest.raises(Reqwest):
        download(app(), offered(host, app, signed(BYTES, "1.4.0")))


def test_installing_replaces_the_file_and_keeps_its_mode(tmp_path):
    file = tmp_path / "ESpice.AppImage"
    file.write_bytes(b"old")
    file.chmod(0o750)
    install(BYTES, file)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (BYTES, 0o750)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("place", "why"), [("full", "Is a directory"), ("absent/espice", "No such file or directory")])
def test_an_update_that_cannot_be_put_in_place_says_where_and_leaves_nothing_behind(tmp_path, place, why):
    (tmp_path / "full").mkdir()
    with pytest.raises(Io) as told:
        install(BYTES, tmp_path / place)
    assert str(told.value) == f"{tmp_path / place}: {why}; name a file in a folder that can be written to"
    assert list(tmp_path.iterdir()) == [tmp_path / "full"]


def test_the_command_checks_and_installs(host, app, signed, tmp_path, capsys):
    host.says("/file", 200, BYTES)
    offered(host, app, signed(BYTES, "1.4.0"))
    file = tmp_path / "espice"
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

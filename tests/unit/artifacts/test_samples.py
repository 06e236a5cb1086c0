"""Samples are real containers of their kind, and the same bytes everywhere."""

import gzip
import hashlib
import io
import plistlib
import struct
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.artifacts import containers, samples
from delivery.artifacts.magic import recognise

PAYLOAD = hashlib.shake_256(b"payload").digest(70_001)


@pytest.fixture(scope="module")
def every(product):
    """(target, bundle) -> (file name, bytes) of a made-up version."""
    return {
        (name, bundle): (
            samples.file_name(product.title, "9.8.7", name, bundle),
            samples.build(product.title, "9.8.7", name, bundle),
        )
        for name, target in product.targets.items()
        for bundle in (*target.updates, *target.installs)
    }


def test_each_sample_is_recognised_as_its_bundle_and_no_other(every):
    assert {cell: recognise(data) for cell, (_, data) in every.items()} == {cell: cell[1] for cell in every}


def test_samples_weigh_a_few_hundred_kilobytes_and_are_all_different(every):
    assert all(200_000 <= len(data) <= 410_000 for _, data in every.values())
    assert len({data for _, data in every.values()}) == len(every)


def test_files_are_named_as_tauri_s_bundler_names_them(every):
    assert sorted(file for file, _ in every.values()) == [
        "ESpice-9.8.7-1.x86_64.rpm",
        "ESpice_9.8.7_aarch64.app.tar.gz",
        "ESpice_9.8.7_aarch64.dmg",
        "ESpice_9.8.7_amd64.AppImage",
        "ESpice_9.8.7_amd64.deb",
        "ESpice_9.8.7_x64-setup.exe",
        "ESpice_9.8.7_x64.app.tar.gz",
        "ESpice_9.8.7_x64.dmg",
        "ESpice_9.8.7_x64_en-US.msi",
    ]


def test_a_sample_is_these_very_bytes_on_every_machine():
    """Pinned: should this fail, every signature under releases/ would be void."""
    digests = {
        target: hashlib.sha256(samples.build("ESpice", "9.8.7", target, bundle)).hexdigest()[:16]
        for target, bundle in (("windows-x86_64", "msi"), ("darwin-aarch64", "app"), ("linux-x86_64", "deb"))
    }
    assert digests == {
        "windows-x86_64": "7a0ed9bdc39809fe",
        "darwin-aarch64": "d47b11676bd00a82",
        "linux-x86_64": "744331f74ccf67bb",
    }


def test_a_bundle_without_a_container_is_named():
    with pytest.raises(ValueError, match="there is no sample of a 'snap'"):
        samples.build("ESpice", "9.8.7", "linux-x86_64", "snap")


@given(st.binary(max_size=200_000))
def test_the_stored_gzip_is_a_gzip(data):
    assert gzip.decompress(containers.gzip(data)) == data


def test_the_app_is_a_tar_of_one_app_folder():
    data = containers.app_tar_gz("ESpice", "9.8.7", 0x0100000C, PAYLOAD)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert tar.getnames() == ["ESpice.app/Contents/Info.plist", "ESpice.app/Contents/MacOS/espice"]
        plist, program = (tar.extractfile(name).read() for name in tar.getnames())
    assert plistlib.loads(plist)["CFBundleShortVersionString"] == "9.8.7"
    assert program == struct.pack("<8I", 0xFEEDFACF, 0x0100000C, 0, 2, 0, 0, 0, 0) + PAYLOAD


def test_the_deb_is_an_ar_of_three_members():
    data, found = containers.deb("espice", "9.8.7", PAYLOAD)[8:], {}
    while data:
        name, size = data[:16].decode().rstrip(), int(data[48:58])
        found[name], data = data[60 : 60 + size], data[60 + size + size % 2 :]
    assert list(found) == ["debian-binary", "control.tar.gz", "data.tar.gz"]
    assert found["debian-binary"] == b"2.0\n"
    with tarfile.open(fileobj=io.BytesIO(found["data.tar.gz"])) as tar:
        assert tar.extractfile("./usr/bin/espice").read() == PAYLOAD


@pytest.mark.parametrize("size", [0, 1, 512, 70_001, 126 * 512, 127 * 512, 200_000])
def test_the_msi_is_a_compound_file_whose_stream_can_be_followed(size):
    payload = hashlib.shake_256(b"msi").digest(size) if size else b""
    data = containers.msi(payload)
    sectors = [data[start : start + 512] for start in range(512, len(data), 512)]
    tables, directory = struct.unpack_from("<II", data, 44)
    chain = [entry for table in sectors[:tables] for entry in struct.unpack("<128I", table)]
    start, length = struct.unpack_from("<IQ", sectors[directory], 128 + 116)
    stream, sector = b"", start
    while sector != 0xFFFFFFFE and length:
        stream, sector = stream + sectors[sector], chain[sector]
    assert stream[:length] == payload
    assert len(stream) - length < 512


def test_the_disk_image_s_trailer_points_at_its_property_list():
    data = containers.dmg(PAYLOAD)
    start, length = struct.unpack_from(">QQ", data, len(data) - 512 + 216)
    assert plistlib.loads(data[start : start + length]) == {"resource-fork": ""}
    assert start + length + 512 == len(data)


def test_the_rpm_names_itself_in_lead_and_header():
    data = containers.rpm("espice", "9.8.7-beta.1", PAYLOAD)
    assert data[10:76].rstrip(b"\0") == b"espice-9.8.7-beta.1-1"
    assert b"espice\x009.8.7~beta.1\x001\x00linux\x00x86_64\x00" in data
    assert data.endswith(PAYLOAD)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 a zip",
        b"MZ",
        b"MZ".ljust(60, b"\0") + struct.pack("<I", 64) + b"PE\0\0 an executable of another installer",
        b"\x7fELF" + bytes(100),
        b"\x1f\x8b\x08 broken",
        containers.gzip(b"no tar"),
        containers.gzip(containers.tar((("ESpice.AppImage", b""),))),
        b"!<arch>\nlib.o/",
        b"<html>",
    ],
)
def test_anything_else_is_recognised_as_nothing(data):
    assert recognise(data) is None


@given(st.sampled_from([b"", b"MZ", b"\x7fELF", b"\x1f\x8b\x08", b"!<arch>\n"]), st.binary(max_size=600))
def test_looking_at_any_bytes_never_fails(start, rest):
    recognise(start + rest)

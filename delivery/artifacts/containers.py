"""The seven container formats that ESpice ships in, written by hand around any payload. They do not run.

By hand, because a sample must be the same bytes on every machine: zlib, tarfile and their like differ by version.
Each format is as far true as a tool that looks at it cares: `file`, `ar`, `tar`, `rpm -qp` and Tauri's updater.
"""

import struct
import zlib
from collections.abc import Iterable

File = tuple[str, bytes]  # path, content


def nsis(payload: bytes) -> bytes:
    """A PE executable without sections, and NSIS's first header and data behind it as an overlay."""
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    optional = struct.pack("<H66xH", 0x10B, 2).ljust(224, b"\0")  # PE32, a program with windows
    coff = struct.pack("<HHIIIHH", 0x14C, 0, 0, 0, 0, len(optional), 0x0102)
    stub = (dos + b"PE\0\0" + coff + optional).ljust(512, b"\0")
    first = struct.pack("<II12sII", 0, 0xDEADBEEF, b"NullsoftInst", 0, 28 + len(payload))
    return stub + first + payload


def msi(payload: bytes) -> bytes:
    """An OLE2 compound file with one stream: header, allocation table, directory, stream, in sectors of 512 bytes."""
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    stream = _pad(payload, 512)
    count = len(stream) // 512
    tables = -(-(count + 1) // 127)  # each table sector names 128 sectors, itself among them
    chain = [table] * tables + [end] + [tables + 2 + number for number in range(count - 1)] + [end]
    chain += [free] * (128 * tables - len(chain))
    header = struct.pack("<8s16sHHHHH6xIIIIIIIII", bytes.fromhex("D0CF11E0A1B11AE1"), b"", 0x3E, 3, 0xFFFE, 9, 6,
                         0, tables, tables, 0, 4096, end, 0, end, 0)  # fmt: skip
    header += struct.pack("<109I", *range(tables), *[free] * (109 - tables))
    installer = bytes.fromhex("84100C0000000000C000000000000046")  # the class of an installer database
    entries = _entry("Root Entry", 5, 1, installer, end, 0) + _entry("payload", 2, free, b"", tables + 1, len(payload))
    return header + struct.pack(f"<{len(chain)}I", *chain) + entries.ljust(512, b"\0") + stream


def app_tar_gz(name: str, version: str, cpu: int, payload: bytes) -> bytes:
    """A gzipped tar of NAME.app with its Info.plist and a Mach-O header for this CPU type."""
    plist = _plist(
        ("CFBundleName", name), ("CFBundleShortVersionString", version), ("CFBundleExecutable", name.lower())
    )
    macho = struct.pack("<8I", 0xFEEDFACF, cpu, 0, 2, 0, 0, 0, 0)
    inside = f"{name}.app/Contents"
    return gzip(tar(((f"{inside}/Info.plist", plist), (f"{inside}/MacOS/{name.lower()}", macho + payload))))


def dmg(payload: bytes) -> bytes:
    """A data fork, an empty property list, and the trailer that makes them a disk image."""
    data, plist = _pad(payload, 512), _plist(("resource-fork", ""))
    trailer = struct.pack(">4sIIIQQQQQII", b"koly", 4, 512, 1, 0, 0, len(data), 0, 0, 1, 1).ljust(216, b"\0")
    trailer += struct.pack(">QQ", len(data), len(plist))
    return data + plist + trailer.ljust(512, b"\0")


def appimage(payload: bytes) -> bytes:
    """A 64-bit ELF header for x86-64 with the mark of an AppImage of type 2 in its padding."""
    ident = b"\x7fELF" + bytes((2, 1, 1, 0)) + b"AI\x02".ljust(8, b"\0")
    return ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0) + payload


def deb(name: str, version: str, payload: bytes) -> bytes:
    """An ar archive of debian-binary, control.tar.gz and data.tar.gz."""
    control = f"Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: {name}\nDescription: {name}\n"
    members = (
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", gzip(tar((("./control", control.encode()),)))),
        ("data.tar.gz", gzip(tar(((f"./usr/bin/{name}", payload),)))),
    )
    return b"!<arch>\n" + b"".join(_member(*member) for member in members)


def rpm(name: str, version: str, payload: bytes) -> bytes:
    """A lead, an empty signature header, a header with name, version, release and architecture, and the payload."""
    lead = struct.pack(">4sBBHH66sHH16x", bytes.fromhex("EDABEEDB"), 3, 0, 0, 1, f"{name}-{version}-1".encode(), 1, 5)
    # RPM's tags: name, version, release, os, arch. A dash may not stand in an RPM version.
    words = {1000: name, 1001: version.replace("-", "~"), 1002: "1", 1021: "linux", 1022: "x86_64"}
    return lead + _rpm_header({}) + _rpm_header(words) + payload


def tar(files: Iterable[File]) -> bytes:
    """A POSIX tar of executable files of 1970 that belong to root."""
    return b"".join(_tar_header(path, len(data)) + _pad(data, 512) for path, data in files) + bytes(1024)


def gzip(data: bytes) -> bytes:
    """A gzip that stores: no compressor, so no two zlibs can differ."""
    parts = [data[start : start + 65535] for start in range(0, len(data), 65535)] or [b""]
    blocks = [struct.pack("<BHH", 0, len(part), len(part) ^ 0xFFFF) + part for part in parts]
    blocks[-1] = b"\x01" + blocks[-1][1:]  # the mark of the last block
    trailer = struct.pack("<II", zlib.crc32(data), len(data))
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"".join(blocks) + trailer


def _pad(data: bytes, unit: int) -> bytes:
    return data + bytes(-len(data) % unit)


def _entry(name: str, kind: int, child: int, clsid: bytes, start: int, size: int) -> bytes:
    """An OLE2 directory entry without siblings. Kind 5 is the root, 2 a stream."""
    wide = name.encode("utf-16-le")
    none = 0xFFFFFFFF
    times = bytes(20)  # state bits, created, modified
    return (
        struct.pack("<64sHBBIII16s", wide, len(wide) + 2, kind, 1, none, none, child, clsid)
        + times
        + struct.pack("<IQ", start, size)
    )


def _tar_header(path: str, size: int) -> bytes:
    def fill(checksum: bytes) -> bytes:
        fields = (path.encode(), b"0000755", b"0000000", b"0000000", b"%011o" % size, b"00000000000", checksum, b"0")
        head = struct.pack("100s8s8s8s12s12s8s1s", *fields)
        return struct.pack("257s6s2s32s32s8s8s", head, b"ustar", b"00", b"root", b"root", b"", b"").ljust(512, b"\0")

    return fill(b"%06o\0 " % sum(fill(b" " * 8)))


def _member(name: str, data: bytes) -> bytes:
    """A member of an ar archive; members begin at even places."""
    head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n"
    return head.encode() + data + b"\n" * (len(data) % 2)


def _rpm_header(words: dict[int, str]) -> bytes:
    """An index of text tags (RPM's type 6) and the texts, ended by zeros, padded to eight bytes."""
    index, store = b"", b""
    for tag, text in sorted(words.items()):
        index += struct.pack(">IIII", tag, 6, len(store), 1)
        store += text.encode() + b"\0"
    head = struct.pack(">3sB4xII", bytes.fromhex("8EADE8"), 1, len(words), len(store))
    return _pad(head + index + store, 8)


def _plist(*pairs: tuple[str, str]) -> bytes:
    items = "".join(f"<key>{key}</key><string>{value}</string>" for key, value in pairs)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>{items}</dict></plist>\n'.encode()

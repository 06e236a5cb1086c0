"""Which kind of bundle some bytes are, by what is in them, never by a name. Looks, and checks nothing further.

Tauri's updater goes by these magic bytes on Windows and not at all for AppImages, so a wrong file under a right name
would be installed: what is published must therefore be what its bundle says.
"""

import struct
import zlib

_OLE2 = bytes.fromhex("D0CF11E0A1B11AE1")
_RPM = bytes.fromhex("EDABEEDB")
_NSIS = struct.pack("<I", 0xDEADBEEF) + b"NullsoftInst"


def recognise(data: bytes) -> str | None:
    """nsis, msi, app, dmg, appimage, deb or rpm; None for anything else."""
    if data[:2] == b"MZ":
        return "nsis" if _is_pe(data) and _NSIS in data else None
    if data[:4] == b"\x7fELF":
        return "appimage" if data[8:11] == b"AI\x02" else None
    if data[:2] == b"\x1f\x8b":
        return "app" if _holds_app(data) else None
    if data.startswith(_OLE2):
        return "msi"
    if data.startswith(b"!<arch>\ndebian-binary"):
        return "deb"
    if data.startswith(_RPM):
        return "rpm"
    return "dmg" if data[-512:-508] == b"koly" else None  # a disk image says what it is in its last 512 bytes


def _is_pe(data: bytes) -> bool:
    if len(data) < 64:
        return False
    start = int.from_bytes(data[60:64], "little")
    return data[start : start + 4] == b"PE\0\0"


def _holds_app(data: bytes) -> bool:
    """A gzipped tar whose first name is inside SOMETHING.app: the updater strips exactly that first folder."""
    try:
        first = zlib.decompressobj(wbits=31).decompress(data, 512)
    except zlib.error:
        return False
    name, ustar = first[:100].rstrip(b"\0"), first[257:262]
    return ustar == b"ustar" and name.partition(b"/")[0].endswith(b".app")

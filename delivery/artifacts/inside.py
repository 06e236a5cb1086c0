"""What a bundle says of itself, in its own headers: the version, and the processor that it is for.

Looks, and checks nothing. Told by app, appimage (the processor only), deb and rpm; nothing of a bundle's kind stands in
the rest: NSIS's own program is for 32 bits whatever it installs, and a disk image is compressed.
"""

import plistlib
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from xml.parsers.expat import ExpatError

_UNREADABLE = (
    *(ValueError, LookupError, TypeError, AttributeError, StopIteration, EOFError, OSError, OverflowError),
    *(struct.error, tarfile.TarError, zlib.error, ExpatError),
)
_MOST = 1_000_000  # bytes of a header that are read at most
_ELF = {0x03: "i686", 0x28: "armv7", 0x3E: "x86_64", 0xB7: "aarch64"}
_MACH_O = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
_DEB = {"amd64": "x86_64", "arm64": "aarch64", "armhf": "armv7", "i386": "i686"}
_RPM = {"armhfp": "armv7", "armv7hl": "armv7", "i386": "i686"}
_VERSION, _ARCH, _STRING = 1001, 1022, 6  # RPM's tags, and the type of both


@dataclass(frozen=True, slots=True)
class Inside:
    """None is what it does not say. `arch` is as targets name it: x86_64."""

    version: str | None = None
    arch: str | None = None


def inside(bundle: str, data: bytes) -> Inside:
    """What these bytes say as a bundle of this kind; nothing where they cannot be read as one."""
    reader = _READERS.get(bundle)
    try:
        return reader(data) if reader else Inside()
    except _UNREADABLE:
        return Inside()


def _app(data: bytes) -> Inside:
    """Info.plist's version, and the processor of the program that it names; None for one for several processors."""
    plist: Mapping[str, str] = {}
    archs: dict[str, str | None] = {}
    for name, content in _members(data):
        folder, _, file = name.partition("/Contents/")
        if file == "Info.plist" and "/" not in folder:
            plist = plistlib.loads(content)
        elif file.startswith("MacOS/") and content[:4] == struct.pack("<I", 0xFEEDFACF):
            archs[file.removeprefix("MacOS/")] = _MACH_O.get(int.from_bytes(content[4:8], "little"))
    return Inside(plist.get("CFBundleShortVersionString"), archs.get(plist.get("CFBundleExecutable", "")))


def _appimage(data: bytes) -> Inside:
    return Inside(None, _ELF.get(int.from_bytes(data[18:20], "little")))


def _deb(data: bytes) -> Inside:
    """The control file, from the second member of the ar archive."""
    start = 8 + 60
    size = int(data[start - 12 : start - 2])
    start += size + size % 2 + 60
    control = data[start : start + int(data[start - 12 : start - 2])]
    text = next(content for name, content in _members(control) if name.removeprefix("./") == "control").decode()
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    arch = fields.get("Architecture", "")
    return Inside(_plain(fields.get("Version")), _DEB.get(arch))


def _rpm(data: bytes) -> Inside:
    """The second header: the first one holds signatures, and is padded to eight bytes."""
    _, end = _rpm_header(data, 96)
    said, _ = _rpm_header(data, end + -end % 8)
    arch = said.get(_ARCH)
    return Inside(_plain(said.get(_VERSION)), arch and _RPM.get(arch, arch))


def _rpm_header(data: bytes, start: int) -> tuple[Mapping[int, str], int]:
    """The texts of a header by tag, and where it ends."""
    count, size = struct.unpack_from(">II", data, start + 8)
    store = start + 16 + 16 * count
    said = {}
    for at in range(start + 16, store, 16):
        tag, kind, offset, _ = struct.unpack_from(">IIII", data, at)
        if kind == _STRING:
            said[tag] = data[store + offset : data.index(b"\0", store + offset)].decode()
    return said, store + size


def _plain(version: str | None) -> str | None:
    """A package's version as ours: there ~ stands before what is a pre-release here."""
    return version and version.replace("~", "-")


def _members(packed: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of a compressed tar and how each begins, as it is read: nothing is unpacked."""
    with tarfile.open(fileobj=BytesIO(packed), mode="r|*") as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)):
                yield member.name, file.read(_MOST)


_READERS: Mapping[str, Callable[[bytes], Inside]] = {
    "app": _app,
    "appimage": _appimage,
    "deb": _deb,
    "rpm": _rpm,
}

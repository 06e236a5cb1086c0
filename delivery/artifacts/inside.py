"""What a bundle says of itself, in its own headers: the version, the processor that it is for, and whether it is whole.

Told by app, deb, rpm and msi; by appimage the processor only, by nsis the version only, since NSIS's own program is for
32 bits whatever it installs. What a disk image holds is compressed: of it is only told whether its data is all there.
"""

import plistlib
import re
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from xml.parsers.expat import ExpatError

from delivery.artifacts import windows
from delivery.rules.precedence import NotAVersion, precedence

_UNREADABLE = (
    *(ValueError, LookupError, TypeError, AttributeError, StopIteration, EOFError, OSError, OverflowError),
    *(struct.error, tarfile.TarError, zlib.error, ExpatError),
)
_MOST = 1_000_000  # bytes of a header that are read at most
_ELF = {0x03: "i686", 0x28: "armv7", 0x3E: "x86_64", 0xB7: "aarch64"}
_MACH_O = {0x01000007: "x86_64", 0x0100000C: "aarch64"}
_DEB = {"amd64": "x86_64", "arm64": "aarch64", "armhf": "armv7", "i386": "i686"}
_RPM = {"armhfp": "armv7", "armv7hl": "armv7", "i386": "i686"}
_MSI = {"x64": "x86_64", "Intel": "i686", "Arm64": "aarch64"}
_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+){1,3}")
_CRC32 = 2  # of the kinds of checksums in a disk image
_VERSION, _ARCH, _STRING = 1001, 1022, 6  # RPM's tags, and the type of both


@dataclass(frozen=True, slots=True)
class Inside:
    """None is what it does not say. `arch` is as targets name it: x86_64.

    `is_numbers`: the version is but its numbers, 1.6.0 of 1.6.0-beta.1, and perhaps one of Windows's own behind them.
    `broken` is what it says of its own bytes and is not so.
    """

    version: str | None = None
    arch: str | None = None
    is_numbers: bool = False
    broken: str | None = None

    def is_of(self, version: str) -> bool:
        """Whether it may be of this version, by what it says."""
        if self.version is None or not self.is_numbers:
            return self.version in (None, version)
        wanted = version.partition("+")[0].partition("-")[0].split(".")
        return [int(each) for each in (*self.version.split("."), "0", "0")[:3]] == [int(each) for each in wanted]


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


def _nsis(data: bytes) -> Inside:
    """The version resource, as Tauri's template for NSIS writes it."""
    return _of_windows(windows.version_resource(data).get("ProductVersion", ""), None)


def _msi(data: bytes) -> Inside:
    """A database has no word for pre-releases."""
    said = windows.properties(data)
    found = _of_windows(said.get("ProductVersion", ""), _MSI.get(said["Template"].partition(";")[0]))
    return replace(found, is_numbers=found.version is not None)


def _of_windows(version: str, arch: str | None) -> Inside:
    """A version of ours, else numbers, else none: its writers may put any words there."""
    try:
        precedence(version)
    except NotAVersion:
        numbers = _NUMBERS.fullmatch(version)
        return Inside(version if numbers else None, arch, is_numbers=bool(numbers))
    return Inside(version, arch)


def _dmg(data: bytes) -> Inside:
    """The trailer, in the last 512 bytes: where the data lies, and its checksum."""
    start, size = struct.unpack_from(">24xQQ", data, len(data) - 512)
    kind, bits = struct.unpack_from(">80xII", data, len(data) - 512)
    plist, length = struct.unpack_from(">216xQQ", data, len(data) - 512)
    if max(start + size, plist + length) > len(data) - 512:
        return Inside(broken=f"says inside that it has {max(start + size, plist + length) + 512} bytes or more")
    (checksum,) = struct.unpack_from(">88xI", data, len(data) - 512)
    if (kind, bits) == (_CRC32, 32) and checksum != zlib.crc32(memoryview(data)[start : start + size]):
        return Inside(broken="holds other data than its own checksum says")
    return Inside()


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
    "nsis": _nsis,
    "msi": _msi,
    "app": _app,
    "dmg": _dmg,
    "appimage": _appimage,
    "deb": _deb,
    "rpm": _rpm,
}

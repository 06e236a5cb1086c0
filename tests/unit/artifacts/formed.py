"""Small files as tools for Windows and macOS make them, as far as they say what they are. By hand; they do not run.

PE and its version resource: https://learn.microsoft.com/windows/win32/debug/pe-format and …/menurc/vs-versioninfo.
Compound files and property sets: [MS-CFB] and [MS-OLEPS].
"""

import struct
import zlib
from collections.abc import Mapping

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SUMMARY = bytes.fromhex("E0859FF2F94F6810AB9108002B27B3D9")
_AT = 0x1000  # where the resources lie in memory


def nsis(said: Mapping[str, str]) -> bytes:
    """An installer for 32 bits whose version resource says this."""
    resources = _resources(_version_info(said))
    size = len(resources) + -len(resources) % 512
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    coff = struct.pack("<HHIIIHH", 0x14C, 1, 0, 0, 0, 224, 0x0102)
    optional = struct.pack("<HBB9I6H4I2H6I", 0x10B, 6, 0, 0, size, 0, 0, _AT, _AT, 0x400000, 0x1000, 512,
                           4, 0, 0, 0, 4, 0, 0, _AT + 0x1000, 512, 0, 2, 0, 0, 0, 0, 0, 0, 16)  # fmt: skip
    folders = struct.pack("<6I", 0, 0, 0, 0, _AT, len(resources)).ljust(128, b"\0")
    section = struct.pack("<8s6IHHI", b".rsrc", len(resources), _AT, size, 512, 0, 0, 0, 0, 0x40000040)
    head = (dos + b"PE\0\0" + coff + optional + folders + section).ljust(512, b"\0")
    first = struct.pack("<II12sII", 0, 0xDEADBEEF, b"NullsoftInst", 0, 28)
    return head + resources.ljust(size, b"\0") + first


def _resources(info: bytes) -> bytes:
    """A tree of three levels: type 16 (a version), number 1, language; then where the bytes are, and they."""
    levels = b"".join(
        struct.pack("<IIHHHHII", 0, 0, 0, 0, 0, 1, name, (1 << 31) * (to != 72) | to)
        for name, to in ((16, 24), (1, 48), (1033, 72))
    )
    return levels + struct.pack("<4I", _AT + 88, len(info), 0, 0) + info


def _version_info(said: Mapping[str, str]) -> bytes:
    strings = [_block(name, (text + "\0").encode("utf-16-le"), len(text) + 1, 1) for name, text in said.items()]
    table = _block("040904b0", b"", 0, 1, *strings)
    fixed = struct.pack("<13I", 0xFEEF04BD, 0x10000, 0, 0, 0, 0, 0x3F, 0, 4, 1, 0, 0, 0)
    return _block("VS_VERSION_INFO", fixed, len(fixed), 0, _block("StringFileInfo", b"", 0, 1, table))


def _block(key: str, value: bytes, length: int, kind: int, *children: bytes) -> bytes:
    name = (key + "\0").encode("utf-16-le")
    body = name + b"\0" * (-(6 + len(name)) % 4) + value
    for child in children:
        body += b"\0" * (-(6 + len(body)) % 4) + child
    return struct.pack("<HHH", 6 + len(body), length, kind) + body


def msi(said: Mapping[str, str], template: str, *, wide: bool = False, before: str = "") -> bytes:
    """An installer database with this Property table. `wide`: of numbers of strings in three bytes; `before` is a text
    that nothing names."""
    strings = list(dict.fromkeys([*([before] if before else []), *said, *said.values()]))
    number = {text: at for at, text in enumerate(strings, 1)}
    width = 3 if wide else 2
    cells = [number[each] for each in (*said.keys(), *said.values())]
    pool = struct.pack("<HH", 65001, 0x8000 * wide) + b"".join(map(_pooled, strings))
    return _compound(
        {
            _packed("!_StringPool"): pool,
            _packed("!_StringData"): "".join(strings).encode(),
            _packed("!Property"): b"".join(cell.to_bytes(width, "little") for cell in cells),
            "\5SummaryInformation": _summary(template),
        }
    )


def _pooled(text: str) -> bytes:
    size = len(text.encode())
    if size < 1 << 16:
        return struct.pack("<HH", size, 1)
    return struct.pack("<HHHH", 0, size >> 16, size & 0xFFFF, 1)


def _packed(name: str) -> str:
    packed = chr(0x4840) * name.startswith("!")
    letters = [_LETTERS.index(letter) for letter in name.removeprefix("!")]
    for one, other in zip(letters[::2], letters[1::2], strict=False):
        packed += chr(0x3800 + one + (other << 6))
    return packed + (chr(0x4800 + letters[-1]) if len(letters) % 2 else "")


def _summary(template: str) -> bytes:
    text = template.encode() + b"\0"
    text += b"\0" * (-len(text) % 4)
    values = struct.pack("<II", 30, len(template) + 1) + text
    section = struct.pack("<IIII", 16 + len(values), 1, 7, 16) + values
    return struct.pack("<HHI16sI16sI", 0xFFFE, 0, 2, b"", 1, _SUMMARY, 48) + section


def _compound(streams: Mapping[str, bytes]) -> bytes:
    """Version 3: a sector that tells of sectors, one of small ones, the folder, small streams together, then large."""
    small, chain, entries = b"", [], []
    long = b""
    later: list[tuple[str, int]] = []
    for name, data in streams.items():
        if len(data) >= 4096:
            later.append((name, len(data)))
            long += data + b"\0" * (-len(data) % 512)
            continue
        count = -(-len(data) // 64)
        entries.append((name, len(chain), len(data)))
        chain += [*range(len(chain) + 1, len(chain) + count), _END]
        small += data + b"\0" * (-len(data) % 64)
    folder = -(-(len(streams) + 1) // 4)
    held, start = -(-len(small) // 512), 2 + folder
    sectors = [_TABLE, _END, *range(3, 2 + folder), _END, *range(start + 1, start + held), _END]
    for name, size in later:
        at, count = len(sectors), -(-size // 512)
        entries.append((name, at, size))
        sectors += [*range(at + 1, at + count), _END]
    assert len(chain) <= 128
    assert len(sectors) <= 128, "one sector tells of no more"
    header = struct.pack("<8s16sHHHHH6xIIIIIIIII", bytes.fromhex("D0CF11E0A1B11AE1"), b"", 0x3E, 3, 0xFFFE, 9, 6,
                         0, 1, 2, 0, 4096, 1, 1, _END, 0) + struct.pack("<109I", 0, *[_FREE] * 108)  # fmt: skip
    tables = [struct.pack("<128I", *each, *[_FREE] * (128 - len(each))) for each in (sectors, chain)]
    listed = [_entry("Root Entry", 5, start, len(small), 1)]
    for number, (name, at, size) in enumerate(entries, 1):
        listed.append(_entry(name, 2, at, size, right=number + 1 if number < len(entries) else _FREE))
    listing = b"".join(listed).ljust(512 * folder, b"\0")
    return header + b"".join(tables) + listing + small.ljust(512 * held, b"\0") + long


def _entry(name: str, kind: int, at: int, size: int, child: int = _FREE, right: int = _FREE) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sI16xIQ", text, len(text), kind, 1, _FREE, right, child, b"", 0, at, size
    )  # fmt: skip


def dmg(data: bytes) -> bytes:
    """A disk image of this data, with its checksum."""
    plist = b"<plist/>"
    trailer = struct.pack(
        ">4sIIIQQQQQII16xIII", b"koly", 4, 512, 1, 0, 0, len(data), 0, 0, 1, 1, 2, 32, zlib.crc32(data)
    )
    return data + plist + (trailer.ljust(216, b"\0") + struct.pack(">QQ", len(data), len(plist))).ljust(512, b"\0")

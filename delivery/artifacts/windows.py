"""What installers for Windows say of the product that they install: NSIS by its version resource, MSI by its tables.

Looks, and checks nothing. pefile and olefile know the containers; how an MSI keeps its tables in one is in
https://github.com/wine-mirror/wine/blob/master/dlls/msi/string.c and …/table.c: columns of numbers, each of a string
in a pool, in streams whose names are packed two letters into one.
"""

import struct
from collections.abc import Iterator, Mapping
from io import BytesIO

import olefile
import pefile

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
_PAIR, _ONE, _TABLE = 0x3800, 0x4800, 0x4840  # where the letters of a packed name begin; the mark of a table's
_LONG = 0x8000  # a pool of so many strings that their numbers take three bytes


def version_resource(data: bytes) -> Mapping[str, str]:
    """What an executable says by name, such as ProductVersion; empty where it has no such resource.

    Raises ValueError.
    """
    try:
        executable = pefile.PE(data=data, fast_load=True)
        executable.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_RESOURCE"]])
    except pefile.PEFormatError as error:
        raise ValueError(str(error)) from None
    infos = (info for infos in getattr(executable, "FileInfo", ()) for info in infos)
    tables = [table for info in infos for table in getattr(info, "StringTable", ())]
    return {name.decode(): text.decode() for table in tables for name, text in table.entries.items()}


def properties(data: bytes) -> Mapping[str, str]:
    """The Property table of an installer database, and its template (such as x64;1033) under the name Template.

    Raises OSError (as olefile does), LookupError, ValueError.
    """
    with olefile.OleFileIO(BytesIO(data)) as database:
        names = {_unpacked(path[0]): path for path in database.listdir()}
        wanted = [f"!{name}" for name in ("_StringPool", "_StringData", "Property")]
        pool, texts, rows = (database.openstream(names[name]).read() if name in names else b"" for name in wanted)
        template = database.get_metadata().template or b""
    strings, width = list(_strings(pool, texts)), 3 if _flags(pool) & _LONG else 2
    cells = [int.from_bytes(rows[at : at + width], "little") for at in range(0, len(rows), width)]
    half = len(cells) // 2
    said = {strings[name]: strings[text] for name, text in zip(cells[:half], cells[half:], strict=True)}
    return {**said, "Template": template.decode()}


def _flags(pool: bytes) -> int:
    return int.from_bytes(pool[2:4], "little")


def _strings(pool: bytes, texts: bytes) -> Iterator[str]:
    """By their numbers: the first is the empty one. One of 64 KiB or more takes two entries of the pool."""
    yield ""
    at, more = 0, 0
    for size, count in struct.iter_unpack("<HH", pool[4 : len(pool) - len(pool) % 4]):
        if size == 0 and count:
            more = count << 16
            continue
        yield texts[at : at + more + size].decode("utf-8", errors="replace")
        at, more = at + more + size, 0


def _unpacked(name: str) -> str:
    """A stream's name as people write it; a table's begins with !."""
    letters = []
    for code in map(ord, name):
        if _PAIR <= code < _ONE:
            letters += [_LETTERS[code - _PAIR & 63], _LETTERS[code - _PAIR >> 6]]
        elif _ONE <= code < _TABLE:
            letters.append(_LETTERS[code - _ONE])
        else:
            letters.append("!" if code == _TABLE else chr(code))
    return "".join(letters)

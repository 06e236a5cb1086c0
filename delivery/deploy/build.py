"""What a function's zip holds: one app's own code from one commit, what that imports of ours, and its libraries.

The same bytes wherever it is made, named by their sha256: so a build is never overwritten and a reviewer can name one.
The laptop's builds hold no libraries: its processes have those of the checkout, and Lambda's are for another processor.
"""

import ast
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold


@dataclass(frozen=True, slots=True)
class App:
    """One app: the folder of its code, its lock in requirements/, and the AWS services that it calls by boto3."""

    room: str
    requirements: str
    services: tuple[str, ...]


APPS: Mapping[str, App] = {
    "endpoint": App("delivery/endpoint", "endpoint", ()),
    "console": App("delivery/console", "console", ()),
    "consumer": App("delivery/events", "events", ("rds",)),
}


@dataclass(frozen=True, slots=True)
class Zip:
    """A build: its bytes, and their digest in hex."""

    data: bytes
    sha256: str

    @property
    def digest(self) -> str:
        """The name that stack files call it by."""
        return f"sha256:{self.sha256}"


def build(app: App, files: Mapping[str, bytes], libraries: Mapping[str, bytes] | None = None) -> Zip:
    """The zip of an app from these files of a commit (path -> bytes), and of these libraries, alike.

    Stored, not deflated: compressors differ between machines, and the digest must not.
    """
    shipped = {**(libraries or {}), **code(app, files)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(shipped):
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, whatever this machine is
            archive.writestr(entry, shipped[path])
    data = buffer.getvalue()
    return Zip(data, hashlib.sha256(data).hexdigest())


def code(app: App, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Those of the files that lie in the app's folder, and those that something there imports, at any remove."""
    waiting = [path for path in files if path.startswith(f"{app.room}/")]
    found: dict[str, bytes] = {}
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = files[path]
            waiting += [file for module in _imported(path, files[path]) for file in _files(module) if file in files]
    return found


def _imported(path: str, source: bytes) -> Iterator[str]:
    """The module itself, and those that its source names; of `from a import b` also a.b, which may be one."""
    if not path.endswith(".py"):
        return
    yield path.removesuffix(".py").replace("/", ".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _files(module: str) -> Iterator[str]:
    """Where a module may lie, and the packages around it."""
    parts = module.split(".")
    yield "/".join(parts) + ".py"
    for depth in range(1, len(parts) + 1):
        yield "/".join([*parts[:depth], "__init__.py"])

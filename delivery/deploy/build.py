"""The endpoint's build: its own code from one commit, as a zip that is the same bytes wherever it is made.

Named by its sha256, so a build is never overwritten and a reviewer can name one. Third-party libraries are the
runtime's matter, pinned by requirements/endpoint.txt.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold

# What delivery.endpoint imports of the rules; a test imports the zip alone and so notices one that is missing.
RULES = (
    "catalog",
    "compile",
    "decide",
    "facts",
    "head",
    "precedence",
    "ranges",
    "shapes",
    "timeline",
)


@dataclass(frozen=True, slots=True)
class EndpointBuild:
    """A zip and its digest in hex."""

    data: bytes
    sha256: str


def is_shipped(path: str) -> bool:
    """Whether a file of the repository belongs into the endpoint's zip."""
    rules = {f"delivery/rules/{name}.py" for name in RULES}
    return (path.startswith("delivery/endpoint/") and path.endswith(".py")) or path in rules


def build_endpoint(files: Mapping[str, bytes]) -> EndpointBuild:
    """The zip of those of these files (path -> bytes) that belong to the endpoint.

    Stored, not deflated: compressors differ between machines, and the digest must not.
    """
    shipped = {path: data for path, data in files.items() if is_shipped(path)}
    for package in ("delivery", "delivery/rules"):  # their own __init__ speak of rooms that are not in the zip
        shipped[f"{package}/__init__.py"] = b""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(shipped):
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, whatever this machine is
            archive.writestr(entry, shipped[path])
    data = buffer.getvalue()
    return EndpointBuild(data, hashlib.sha256(data).hexdigest())

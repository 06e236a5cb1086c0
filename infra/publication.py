"""What one apply of the live stack makes true: a catalog, the signed head that names it, and the static manifests.

Bytes only, as they will be served; whoever makes them (deploy) has checked and signed them. As a folder it is what a
plan hands to an apply in another process: catalog.json, head.json, brake and manifests/<key in the downloads bucket>.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ALWAYS_ASK = "no-cache"  # what is read through no cache
BRIEFLY = "public, max-age=30"  # what installations read
CONTENT_TYPE = "application/json"
BRAKE = "brake"  # the metadata that says which override a manifest obeys


def braked_by(number: int) -> Mapping[str, str]:
    """The metadata of a manifest that obeys the override of this number; none for 0."""
    return {BRAKE: str(number)} if number else {}


@dataclass(frozen=True, slots=True)
class Publication:
    """A catalog with its digest in hex, its head, and each static manifest by its key in the downloads bucket.

    The public history is one more file beside the manifests, written and kept as they are. `brake` is the number of the
    override that the manifests obey, 0 without one; it stands on each of them, so that a new number writes them anew.
    """

    catalog: bytes
    catalog_sha256: str
    head: bytes
    manifests: Mapping[str, bytes]
    brake: int = 0

    def __post_init__(self) -> None:
        found = hashlib.sha256(self.catalog).hexdigest()
        if found != self.catalog_sha256:
            raise ValueError(
                f"the catalog's sha256 is {found}, but the publication names {self.catalog_sha256}; "
                "build the publication again, for the head names the same digest"
            )

    @property
    def metadata(self) -> Mapping[str, str]:
        """What stands on each manifest beside its bytes."""
        return braked_by(self.brake)

    def write(self, folder: Path) -> None:
        """Writes it into a folder that is empty or not there yet; FileExistsError otherwise."""
        if folder.exists() and any(folder.iterdir()):
            raise FileExistsError(
                f"{folder} is not empty; name a new folder, a publication is never mixed with another"
            )
        files = {"catalog.json": self.catalog, "head.json": self.head, "brake": b"%d\n" % self.brake}
        files |= {f"manifests/{key}": data for key, data in self.manifests.items()}
        for name, data in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    @classmethod
    def read(cls, folder: Path) -> Publication:
        """Reads what `write` wrote; FileNotFoundError names the part that is missing."""
        catalog = (folder / "catalog.json").read_bytes()
        manifests = folder / "manifests"
        files = sorted(file for file in manifests.rglob("*") if file.is_file())
        return cls(
            catalog=catalog,
            catalog_sha256=hashlib.sha256(catalog).hexdigest(),
            head=(folder / "head.json").read_bytes(),
            manifests={file.relative_to(manifests).as_posix(): file.read_bytes() for file in files},
            brake=int((folder / "brake").read_text()),
        )

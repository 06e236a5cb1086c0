"""Demo keys, the repository's own facts, and a bucket in memory."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import minisign
import pytest

from delivery.artifacts.objects import AlreadyThere, Served, Stored
from delivery.laptop import keys
from delivery.rules.facts import Facts, Product
from delivery.rules.read import read

ROOT = Path(__file__).parents[3]


class MemoryBucket:
    """A bucket as `publish` knows one; `puts` and `reads` count what was asked of it."""

    def __init__(self, name: str, kms: bool = False) -> None:
        self.name = name
        self.objects: dict[str, tuple[bytes, str | None, Served | None]] = {}
        self.puts: list[str] = []
        self.reads: list[str] = []
        self._kms = kms

    def listing(self, prefix: str) -> Mapping[str, Stored]:
        """With encryption by KMS an ETag says nothing of the bytes."""
        md5 = {key: hashlib.md5(data).hexdigest() for key, (data, _, _) in self.objects.items()}  # noqa: S324
        return {
            key: Stored(len(self.objects[key][0]), f"kms-{etag[:8]}" if self._kms else etag)
            for key, etag in md5.items()
            if key.startswith(prefix)
        }

    def sha256(self, key: str) -> str | None:
        self.reads.append(key)
        return self.objects[key][1]

    def get(self, key: str) -> bytes:
        self.reads.append(key)
        return self.objects[key][0]

    def put_new(self, key: str, data: bytes, sha256: str, served: Served) -> None:
        if key in self.objects:
            raise AlreadyThere(key)
        self.puts.append(key)
        self.objects[key] = (data, sha256, served)


@pytest.fixture
def archive() -> MemoryBucket:
    return MemoryBucket("archive", kms=True)


@pytest.fixture
def downloads() -> MemoryBucket:
    return MemoryBucket("downloads")


@pytest.fixture(scope="session")
def demo_key() -> minisign.SecretKey:
    return keys.artifact_key()


@pytest.fixture(scope="session")
def facts() -> Facts:
    """What the working tree says."""
    files = [ROOT / "product.yaml", *(ROOT / "releases").rglob("*.yaml")]
    found, problems = read({file.relative_to(ROOT).as_posix(): file.read_bytes() for file in files})
    assert found is not None, "\n".join(map(str, problems))
    return found


@pytest.fixture(scope="session")
def product(facts: Facts) -> Product:
    return facts.product.value

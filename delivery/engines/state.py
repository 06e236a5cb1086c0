"""A stack's state on disk: a Pulumi Deployment (version 3), which `pulumi stack import` takes.

Reads, writes and locks; knows nothing of what an engine does with it. Secrets lie encrypted in Pulumi's own
passphrase format (PBKDF2-SHA256 with 1,000,000 rounds, AES-256-GCM); the passphrase is a file beside the states,
readable by its owner only, to be given to the real engine as `PULUMI_CONFIG_PASSPHRASE_FILE`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from delivery.engines import cipher
from delivery.engines.stack import EngineError, Operation
from delivery.engines.wire import SECRET, SIGNATURE, Properties, secret, signature, walk

VERSION = "v3.259.0"
"""The engine version a deployment claims to come from: the oldest one whose format this is."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as the state remembers it; `inputs` and `outputs` hold secrets in the wire's form."""

    urn: str
    type: str
    custom: bool
    inputs: Properties
    outputs: Properties = field(default_factory=dict)
    id: str = ""
    parent: str = ""
    provider: str = ""
    protect: bool = False
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    additional_secret_outputs: tuple[str, ...] = ()
    init_errors: tuple[str, ...] = ()
    """Why it is not finished, if it was made and something after that went wrong."""
    pending_replacement: bool = False
    """Whether it is gone already, and remembered only until another one stands in its place."""

    @property
    def name(self) -> str:
        return self.urn.split("::", 3)[3]


_NAMES = {
    "property_dependencies": "propertyDependencies",
    "additional_secret_outputs": "additionalSecretOutputs",
    "init_errors": "initErrors",
    "pending_replacement": "pendingReplacement",
}
_ALWAYS = ("urn", "type", "custom")


def _to_json(resource: Resource, vault: Vault) -> dict[str, Any]:
    everything = {_NAMES.get(key, key): getattr(resource, key) for key in Resource.__slots__}
    kept = {key: value for key, value in everything.items() if value or key in _ALWAYS}
    return kept | {key: vault.seal(kept[key]) for key in ("inputs", "outputs") if key in kept}


def _from_json(entry: Mapping[str, Any], vault: Vault) -> Resource:
    values = {key: entry[_NAMES.get(key, key)] for key in Resource.__slots__ if _NAMES.get(key, key) in entry}
    values |= {key: vault.open(values.get(key, {})) for key in ("inputs", "outputs")}
    for key in ("dependencies", "additional_secret_outputs", "init_errors"):
        values[key] = tuple(values.get(key, ()))
    depends = values.get("property_dependencies", {})
    values["property_dependencies"] = {key: tuple(urns) for key, urns in depends.items()}
    return Resource(**values)


class Vault:
    """Encrypts and decrypts the secrets of one deployment; makes the passphrase when first one is needed."""

    def __init__(self, passphrase: Path, salt: str = "") -> None:
        self._passphrase = passphrase
        self.salt = salt

    def seal(self, value: Any) -> Any:
        """The value with every secret encrypted."""

        def encrypt(part: Any) -> Any:
            if signature(part) != SECRET:
                return part
            return {SIGNATURE: SECRET, "ciphertext": cipher.encrypt(self._key(), json.dumps(part["value"]))}

        return walk(value, encrypt)

    def open(self, value: Any) -> Any:
        """The value with every secret decrypted, and still marked as one."""

        def decrypt(part: Any) -> Any:
            if signature(part) != SECRET or "ciphertext" not in part:
                return part
            return secret(json.loads(cipher.decrypt(self._key(), part["ciphertext"])))

        return walk(value, decrypt)

    def _key(self) -> bytes:
        phrase = read_or_make(self._passphrase)
        if not self.salt:
            fresh = secrets.token_bytes(8)
            # Pulumi recognises a wrong passphrase by failing to decrypt this known word.
            self.salt = f"v1:{base64.b64encode(fresh).decode()}:{cipher.encrypt(_derive(phrase, fresh), 'pulumi')}"
        return _derive(phrase, base64.b64decode(self.salt.split(":")[1]))


@functools.cache
def _derive(phrase: str, salt: bytes) -> bytes:
    # A third of a second by design, hence the cache, and hence never asked for by a stack without secrets.
    return hashlib.pbkdf2_hmac("sha256", phrase.encode(), salt, 1_000_000, 32)


def read_or_make(path: Path) -> str:
    """The passphrase in this file; a new one, readable by its owner only, where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
        with suppress(FileExistsError):  # somebody was faster, and theirs is in use already
            os.link(temporary, path)
        Path(temporary).unlink()
    return path.read_text().strip()


_PENDING = {Operation.create: "creating", Operation.update: "updating", Operation.delete: "deleting"}


class StateFile:
    """The state of one stack in a folder: `<stack>.json`, its lock and what is being done right now beside it."""

    def __init__(self, folder: Path, stack: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{stack}.json"
        self._lock = folder / f"{stack}.lock"
        self._holder = folder / f"{stack}.holder"
        self._begun = folder / f"{stack}.begun.json"
        self._stack = stack
        self._written: dict[int, tuple[Resource, msgspec.Raw]] = {}
        self._vault = Vault(folder / "passphrase", _salt(self.deployment()))

    def deployment(self) -> dict[str, Any]:
        """The deployment as it lies on disk, with what a killed run had begun; without resources if there is none."""
        loaded: dict[str, Any] = json.loads(self._path.read_bytes()) if self._path.exists() else _document([])
        if self._begun.exists():
            begun = json.loads(self._begun.read_bytes())
            loaded["deployment"] |= {**_secrets(begun.pop("salt")), "pending_operations": [begun]}
        return loaded

    def load(self) -> tuple[Resource, ...]:
        """The resources, dependencies before dependents."""
        entries = self.deployment()["deployment"].get("resources", [])
        return tuple(_from_json(entry, self._vault) for entry in entries)

    def save(self, resources: Iterable[Resource]) -> None:
        """Replace the state in one step: a reader, or the next run after a kill, sees the old or the new one.

        It is not forced to the disk: it is safe from a killed process, not from a power cut.
        """
        entries = [self._entry(resource) for resource in resources]
        temporary = self._path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(msgspec.json.encode(_document(entries, self._vault.salt)))
        temporary.replace(self._path)
        self.settle()

    def _entry(self, resource: Resource) -> msgspec.Raw:
        """The resource as it is written; made once, for a run saves all of them after each one that it changed."""
        known, entry = self._written.get(id(resource), (None, None))
        if known is not resource or entry is None:
            entry = msgspec.Raw(msgspec.json.encode(_to_json(resource, self._vault)))
            self._written[id(resource)] = (resource, entry)
        return entry

    def begin(self, operation: Operation, resource: Resource) -> None:
        """Remember that this is being done, so that a run after a kill can finish it; the next `save` settles it."""
        entry = {"resource": _to_json(resource, self._vault), "type": _PENDING[operation], "salt": self._vault.salt}
        temporary = self._begun.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(entry))
        temporary.replace(self._begun)

    def begun(self) -> tuple[Operation, Resource] | None:
        """What a run that was killed had begun; nobody knows whether it was done."""
        entries = self.deployment()["deployment"].get("pending_operations", [])
        kinds = {kind: operation for operation, kind in _PENDING.items()}
        return next(((kinds[each["type"]], _from_json(each["resource"], self._vault)) for each in entries), None)

    def settle(self) -> None:
        """Nothing is being done any more."""
        self._begun.unlink(missing_ok=True)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)
        self.settle()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the stack against every other run on this machine; a killed holder lets go by itself.

        Raises:
            EngineError: somebody else holds it; says who, and since when.
        """
        try:
            with FileLock(self._lock, timeout=0):
                self._holder.write_text(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
                yield
        except Timeout:
            holder = self._holder.read_text() if self._holder.exists() else "another process"
            mend = "wait until it is done, or end that process"
            raise EngineError(f"stack {self._stack} is being changed by {holder}; {mend}") from None


def _salt(deployment: Mapping[str, Any]) -> str:
    return str(deployment["deployment"].get("secrets_providers", {}).get("state", {}).get("salt", ""))


def _document(entries: list[msgspec.Raw], salt: str = "") -> dict[str, Any]:
    magic = hashlib.sha256(VERSION.encode()).hexdigest()
    manifest = {"time": datetime.now(UTC).isoformat(), "magic": magic, "version": VERSION}
    return {"version": 3, "deployment": {"manifest": manifest, **_secrets(salt), "resources": entries}}


def _secrets(salt: str) -> dict[str, Any]:
    return {"secrets_providers": {"type": "passphrase", "state": {"salt": salt}}} if salt else {}

"""The libraries of a function's zip: the very wheels that a lock names, for Lambda's processor and Python.

uv gets them, checks every hash, and unpacks them; left out is only what tells of the unpacking itself, and the
descriptions of AWS services that the app never calls, which would be most of the zip.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath


class NoLibraries(Exception):  # noqa: N818 - reads as what is wrong
    """The wheels of a lock cannot be had; the text says which lock, and what uv says."""


@dataclass(frozen=True, slots=True)
class Platform:
    """Where the zip is to run, as uv calls it."""

    name: str
    python: str


LAMBDA = Platform("aarch64-manylinux_2_28", "3.13")

# What an installer adds to a wheel, and says of this machine and this moment.
_NOTES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}


def libraries(lock: bytes, services: tuple[str, ...], platform: Platform = LAMBDA) -> Mapping[str, bytes]:
    """Every file of the wheels that this lock (the bytes of a requirements file) names, by its path in the zip.

    `services` are the AWS services that boto3 is to know.

    Raises:
        NoLibraries: a wheel is not to be had, or is another than the lock says.
    """
    with tempfile.TemporaryDirectory() as scratch:
        requirements, target = Path(scratch, "requirements.txt"), Path(scratch, "target")
        requirements.write_bytes(lock)
        _install(requirements, target, platform)
        found = (file.relative_to(target) for file in target.rglob("*") if file.is_file())
        return {file.as_posix(): (target / file).read_bytes() for file in found if _is_kept(file, services)}


def _install(requirements: Path, target: Path, platform: Platform) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(target), "--no-deps"]
    command += ["--python-platform", platform.name, "--python-version", platform.python]
    command += ["--only-binary", ":all:", "--require-hashes", "--no-compile-bytecode", "-r", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip()
        raise NoLibraries(f"uv cannot get the wheels for {platform.name}; is a package index within reach?\n{said}")


def _is_kept(file: PurePath, services: tuple[str, ...]) -> bool:
    top, *rest = file.parts
    if top in ("bin", ".lock") or "__pycache__" in rest:
        return False
    if top.endswith(".dist-info"):
        return file.name not in _NOTES
    # <library>/data/<service>/<version>/…; beside the services lie files that are about all of them.
    is_service = top in ("boto3", "botocore") and rest[0] == "data" and len(rest) > 2
    return not is_service or rest[1] in services

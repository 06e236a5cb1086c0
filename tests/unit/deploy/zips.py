"""Builds of the working tree with their libraries, for Lambda's processor or for this machine's."""

import io
import platform
import sys
import zipfile
from pathlib import Path

from delivery.deploy.build import APPS, Zip, build
from delivery.deploy.build_libraries import Platform, libraries

ROOT = Path(__file__).parents[3]
HERE = Platform(f"{platform.machine()}-manylinux_2_28", ".".join(map(str, sys.version_info[:2])))


def made(name: str, for_: Platform) -> Zip:
    """The zip of one app; the wheels come from the package index that the checkout was set up from."""
    app = APPS[name]
    code = {file.relative_to(ROOT).as_posix(): file.read_bytes() for file in (ROOT / "delivery").rglob("*.py")}
    lock = (ROOT / "requirements" / f"{app.requirements}.txt").read_bytes()
    return build(app, code, libraries(lock, app.services, for_))


def unpacked(its: Zip, folder: Path) -> Path:
    """As Lambda lays it out."""
    with zipfile.ZipFile(io.BytesIO(its.data)) as archive:
        archive.extractall(folder)
    return folder

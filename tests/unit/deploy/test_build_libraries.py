"""What Lambda runs, whole: our code and the locked wheels, the same bytes on any machine, and working by itself.

The wheels come from the package index that the checkout was set up from.
"""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from delivery.console import settings as console
from delivery.deploy import build_libraries
from delivery.deploy.build import APPS, Zip
from delivery.deploy.build_libraries import NoLibraries, libraries
from tests.unit.deploy.zips import HERE, ROOT, made, unpacked
from tests.unit.endpoint.parts import SETTINGS

LOCKED = {name: app for name, app in APPS.items() if (ROOT / "requirements" / f"{app.requirements}.txt").exists()}
AARCH64 = b"\xb7\x00"  # e_machine of an ELF file
RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from {room}.handler import handler
event = {{"rawPath": "/healthz", "requestContext": {{"http": {{"method": "GET"}}}}}}
print(handler(event, None)["statusCode"] if {answers} else "imported")
"""
TOLD = {
    "endpoint": SETTINGS.to_env(),
    "console": console.Settings(
        SETTINGS, console.Access("espice", "aud", "http://127.0.0.1:1/certs"), console.Builds("one", "two", 0.1)
    ).to_env(),
    "consumer": {},
}
MADE = """
import sys
from pathlib import Path
from delivery.deploy.build_libraries import libraries
from delivery.deploy.build import APPS, build
root = Path(sys.argv[1])
code = {file.relative_to(root).as_posix(): file.read_bytes() for file in (root / "delivery").rglob("*.py")}
lock = (root / "requirements/endpoint.txt").read_bytes()
print(build(APPS["endpoint"], code, libraries(lock, ())).digest)
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def endpoint() -> Zip:
    return made("endpoint", build_libraries.LAMBDA)


def files(its: Zip) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(its.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", LOCKED)
def test_every_library_is_for_lambdas_processor(name: str) -> None:
    binaries = {
        path: data for path, data in files(made(name, build_libraries.LAMBDA)).items() if ".so" in Path(path).suffixes
    }
    assert binaries
    assert {
        path: data[18:20] for path, data in binaries.items() if data[:4] != b"\x7fELF" or data[18:20] != AARCH64
    } == {}


def test_nothing_in_it_tells_of_the_machine_that_made_it(endpoint: Zip) -> None:
    there = files(endpoint)
    noise = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", ".lock")
    assert [path for path in there if path.endswith((".pyc", *noise)) or path.startswith("bin/")] == []
    assert [path for path, data in there.items() if str(ROOT).encode() in data] == []
    assert {path.split("/")[0] for path in there if path.endswith("/METADATA")} >= {"flask-3.1.3.dist-info"}
    assert not [path for path in there if path.startswith(("botocore/data/s3/", "botocore/data/ec2/"))]


def test_it_holds_the_descriptions_of_the_services_that_it_calls_and_of_no_others() -> None:
    there = files(made("consumer", build_libraries.LAMBDA))
    assert [path for path in there if path.startswith("botocore/data/rds/")]
    assert not [path for path in there if path.startswith("botocore/data/ec2/")]


def test_the_same_commit_is_the_same_bytes_in_any_folder_zone_and_umask(endpoint: Zip, tmp_path: Path) -> None:
    somewhere = {**os.environ, "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo", "TMPDIR": str(tmp_path), "LC_ALL": "C"}
    command = [sys.executable, "-B", "-c", MADE, str(ROOT)]
    printed = subprocess.run(command, env=somewhere, cwd=tmp_path, umask=0o077, capture_output=True, check=True).stdout
    assert printed.decode().strip() == endpoint.digest


@pytest.mark.parametrize("name", LOCKED)
def test_the_zip_alone_works_in_a_python_that_has_nothing_else(name: str, tmp_path: Path) -> None:
    """With wheels for this machine, since those for Lambda's do not run here; all else is alike."""
    unpacked(made(name, HERE), tmp_path)
    answers = name != "consumer"  # which has no HTTP
    run = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-c",
            RUN.format(room=APPS[name].room.replace("/", "."), answers=answers),
            str(tmp_path),
        ],
        env={**TOLD[name], "AWS_EC2_METADATA_DISABLED": "true"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == ("200\n" if answers else "imported\n")


def test_a_wheel_that_is_not_the_locked_one_is_refused() -> None:
    lock = b"semver==3.1.1 --hash=sha256:" + b"0" * 64 + b"\n"
    with pytest.raises(NoLibraries) as refused:
        libraries(lock, ())
    said = str(refused.value)
    assert said.startswith("uv cannot get the wheels for aarch64-manylinux_2_28; is a package index within reach?\n")
    assert "Hash mismatch for `semver==3.1.1`" in said

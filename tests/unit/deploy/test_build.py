"""A function's zip: the same bytes everywhere, whole by itself, and nothing that its app does not need."""

import io
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.deploy.build import APPS, Zip, build, code
from tests.unit.endpoint.parts import SETTINGS

ROOT = Path(__file__).parents[3]
ENDPOINT = APPS["endpoint"]
PROBE = """
import json, sys
sys.path[:0] = sys.argv[1:3]
import delivery.endpoint.main, delivery.endpoint.handler, delivery.endpoint.probe
event = {"rawPath": "/healthz", "requestContext": {"http": {"method": "GET"}}}
assert delivery.endpoint.handler.handler(event, None)["statusCode"] == 200  # some is imported when it is asked for
ours = {name: module.__file__ for name, module in sys.modules.items() if name.split(".")[0] in ("delivery", "infra")}
print(json.dumps(ours))
"""


def checkout() -> dict[str, bytes]:
    """Every Python file of the one package."""
    found = sorted((ROOT / "delivery").rglob("*.py"))
    return {file.relative_to(ROOT).as_posix(): file.read_bytes() for file in found}


@pytest.fixture(scope="module")
def built() -> Zip:
    return build(ENDPOINT, checkout())


@pytest.fixture(scope="module")
def alone(built: Zip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip, unpacked where nothing else of ours is."""
    folder = tmp_path_factory.mktemp("zip")
    with zipfile.ZipFile(io.BytesIO(built.data)) as archive:
        archive.extractall(folder)
    return folder


def imported(folder: Path) -> dict[str, str]:
    """The modules of ours, by file, once all ways into the endpoint are gone from this folder and packages."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", PROBE, str(folder), sysconfig.get_path("purelib")],
        env={**replace(SETTINGS, metrics="prometheus").to_env(), "PATH": os.environ["PATH"]},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, str] = json.loads(run.stdout)
    return found


def test_the_zip_alone_is_a_whole_endpoint_and_holds_nothing_that_it_does_not_import(alone: Path) -> None:
    files = {path.relative_to(alone).as_posix() for path in alone.rglob("*") if path.is_file()}
    used = {Path(file).relative_to(alone).as_posix() for file in imported(alone).values()}
    assert used == files


def test_a_rebuild_is_the_same_bytes_whatever_order_files_are_found_in(built: Zip) -> None:
    assert build(ENDPOINT, dict(reversed(checkout().items()))) == built


def test_the_digest_of_known_code_is_known_on_every_machine() -> None:
    """What a reviewer saw in a plan is what another machine builds: no clock, no compressor, no umask in it."""
    files = {
        "delivery/endpoint/handler.py": b"import delivery.rules.decide\n",
        "delivery/rules/decide.py": b"# the rules\n",
    }
    assert build(ENDPOINT, files).digest == "sha256:50a3d8a329a176bc2ca91e441288fef1f38a16dc849b1205ac6c0789f9bdec85"


def test_a_changed_line_is_another_build_also_in_what_the_app_imports(built: Zip) -> None:
    files = checkout()
    files["delivery/rules/decide.py"] += b"# more\n"
    assert build(ENDPOINT, files).sha256 != built.sha256


def test_what_is_imported_is_shipped_at_any_remove_with_the_packages_around_it() -> None:
    files = {
        "delivery/endpoint/handler.py": b"from delivery.rules import decide\n",
        "delivery/rules/decide.py": b"def late():\n    import delivery.rules.deep.ranges as ranges\n",
        "delivery/rules/deep/ranges.py": b"import json\n",
        "delivery/rules/deep/__init__.py": b"",
        "delivery/rules/load.py": b"import yaml\n",
    }
    assert set(code(ENDPOINT, files)) == files.keys() - {"delivery/rules/load.py"}


def test_libraries_lie_beside_the_code() -> None:
    libraries = {"flask/app.py": b"", "flask-3.1.3.dist-info/METADATA": b"Name: Flask"}
    with zipfile.ZipFile(io.BytesIO(build(ENDPOINT, {"delivery/endpoint/handler.py": b""}, libraries).data)) as archive:
        assert archive.namelist() == ["delivery/endpoint/handler.py", *sorted(libraries)]
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


NOT_SHIPPED = (
    "delivery/rules/load.py",
    "delivery/rules/checks/rollouts.py",
    "delivery/notes.md",
    "delivery/deploy/build.py",
    "delivery/laptop/keys/__init__.py",
    "tests/delivery/endpoint/handler.py",
    "releases/policy.yaml",
)


@given(st.dictionaries(st.sampled_from(NOT_SHIPPED) | st.text().map("infra/{}.py".format), st.binary()))
def test_what_is_not_the_endpoints_never_changes_its_build(others: dict[str, bytes]) -> None:
    files = {"delivery/endpoint/handler.py": b"app = None\n"}
    assert build(ENDPOINT, {**others, **files}) == build(ENDPOINT, files)

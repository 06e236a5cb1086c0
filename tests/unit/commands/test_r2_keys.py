"""The task that gives programs of AWS their key for R2, as a runner and as a person has it."""

import configparser
import stat
from pathlib import Path

import pytest

from tests.unit.commands.desk import Desk, Said

KEY = {"R2_ACCESS_KEY_ID": "id", "R2_SECRET_ACCESS_KEY": "s=e%c\n"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the credentials lie."""
    for variable, value in KEY.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "of-aws" / "credentials"))
    return tmp_path / "of-aws" / "credentials"


def profiles(file: Path) -> dict[str, dict[str, str]]:
    read = configparser.RawConfigParser()
    read.read_string(file.read_text())
    return {name: dict(read[name]) for name in read.sections()}


def test_a_key_becomes_a_profile_that_nobody_else_can_read(desk: Desk, file: Path) -> None:
    said = desk.inv("r2-keys", "staging")
    assert said == Said(0, f"wrote {file}: the profile espice-staging-r2 has R2's key\n", "")
    key = {"aws_access_key_id": "id", "aws_secret_access_key": "s=e%c"}
    assert profiles(file) == {"espice-staging-r2": key}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["credentials"]


def test_what_else_lies_there_stays_and_an_older_key_goes(desk: Desk, file: Path) -> None:
    file.parent.mkdir()
    old = "[espice-staging-r2]\naws_access_key_id = old\naws_secret_access_key = old\n"
    file.write_text(f"# mine\n[default]\nregion = x\n\n{old}\n[espice-production-r2]\naws_access_key_id = other\n")
    for _ in range(2):
        assert desk.inv("r2-keys", "staging").status == 0
        assert file.read_text().startswith("# mine\n")
        found = profiles(file)
        assert found.keys() == {"default", "espice-staging-r2", "espice-production-r2"}
        assert found["espice-staging-r2"]["aws_access_key_id"] == "id"


def test_what_lacks_is_named(desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("R2_ACCESS_KEY_ID")
    monkeypatch.setenv("R2_SECRET_ACCESS_KEY", " ")
    lacking = (
        "set R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY: the halves of a key that Cloudflare made for R2 in staging\n"
    )
    assert desk.inv("r2-keys", "staging") == Said(2, "", lacking)
    laptop = "laptop: name staging or production; the laptop's R2 asks for no key\n"
    assert desk.inv("r2-keys", "laptop") == Said(2, "", laptop)
    assert not file.exists()

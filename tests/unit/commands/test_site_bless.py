"""site bless: what it says of pictures, and what it says where nothing can be drawn."""

from pathlib import Path

import pytest

from delivery.commands import site_bless
from delivery.site.browser import NoBrowser
from tests.laptop.system import git


def test_pictures_that_are_not_as_they_were_committed_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = tmp_path / site_bless.BASELINES
    pictures.mkdir(parents=True)
    for name in ("moved.webp", "same.webp", "old.webp"):
        (pictures / name).write_bytes(b"as reviewed")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "As reviewed")
    (pictures / "moved.webp").write_bytes(b"otherwise")
    (pictures / "old.webp").unlink()
    (pictures / "more.webp").write_bytes(b"for the first time")
    (tmp_path / "elsewhere").write_bytes(b"no picture")
    monkeypatch.setattr(site_bless, "ROOT", tmp_path)
    assert sorted(site_bless._changed()) == [("more.webp", "new"), ("moved.webp", "changed"), ("old.webp", "gone")]


def test_without_a_browser_nothing_is_drawn_and_it_says_what_gets_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise NoBrowser("./inv site tools gets it")

    monkeypatch.setattr(site_bless, "needed", missing)
    assert site_bless.bless() == 1
    assert "./inv site tools gets it" in capsys.readouterr().err

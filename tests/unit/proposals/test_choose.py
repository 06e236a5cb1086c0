"""Which forge keeps a repository's proposals, and who one is there."""

from pathlib import Path

import pytest

from delivery.proposals.choose import forge
from delivery.proposals.forge import ForgeError
from delivery.proposals.github import GitHub
from delivery.proposals.local import Local
from tests.unit.history.conftest import Repository

VARIABLES = ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN", "GH_TOKEN")
MEND = (
    "make one at https://github.com/settings/personal-access-tokens/new that may write Contents, Pull requests, "
    "Commit statuses and Issues of espice/delivery, and set GITHUB_TOKEN to it (or use GitHub's own: gh auth token)"
)


@pytest.fixture(name="repo")
def _repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return Repository(tmp_path / "repo")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/espice/delivery.git",
        "https://github.com/espice/delivery",
        "https://github.com/espice/delivery/",
        "https://somebody@github.com/espice/delivery.git",
        "https://x-access-token:secret@github.com/espice/delivery",
        "HTTPS://GitHub.com/espice/delivery.git",
        "git@github.com:espice/delivery.git",
        "github.com:espice/delivery",
        "ssh://git@github.com/espice/delivery.git",
        "ssh://git@ssh.github.com:443/espice/delivery.git",
        "git://github.com/espice/delivery.git",
    ],
)
def test_an_origin_at_github_needs_a_token_and_says_where_to_get_it(repo: Repository, url: str) -> None:
    repo.git("remote", "add", "origin", url)
    with pytest.raises(ForgeError) as error:
        forge(repo.path)
    assert str(error.value) == (f"proposals are kept by GitHub, in espice/delivery, and that takes a token; {MEND}")


@pytest.mark.parametrize("variable", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_with_a_token_it_is_github(repo: Repository, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    repo.git("remote", "add", "origin", "git@github.com:espice/delivery.git")
    monkeypatch.setenv(variable, "secret")
    assert isinstance(forge(repo.path), GitHub)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com.example/espice/delivery.git",
        "https://example.com/github.com/espice/delivery.git",
        "https://example.com#@github.com/espice/delivery.git",
        "git@example.com:github.com/espice/delivery.git",
        "https://notgithub.com/espice/delivery",
        "https://gitlab.com/espice/delivery.git",
        "../delivery.git",
        "/srv/git/github.com:espice/delivery.git",
    ],
)
def test_an_origin_elsewhere_leaves_proposals_here(repo: Repository, url: str) -> None:
    repo.git("remote", "add", "origin", url)
    found = forge(repo.path)
    assert isinstance(found, Local)


def test_without_an_origin_proposals_are_kept_here_by_gits_user(repo: Repository) -> None:
    found = forge(repo.path)
    assert isinstance(found, Local)
    assert found.me() == "A Person"


def test_on_a_laptop_one_may_play_another(repo: Repository) -> None:
    assert forge(repo.path, as_="bo").me() == "bo"


def test_what_actions_sets_makes_it_github_wherever_origin_is(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("remote", "add", "origin", "../delivery.git")
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    assert isinstance(forge(repo.path), Local)
    monkeypatch.setenv("GITHUB_REPOSITORY", "espice/delivery")
    with pytest.raises(ForgeError) as error:
        forge(repo.path)
    assert str(error.value) == (f"proposals are kept by GitHub, in espice/delivery, and that takes a token; {MEND}")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    assert isinstance(forge(repo.path), GitHub)


def test_an_api_without_a_repository_gets_no_token(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("remote", "add", "origin", "https://github.com/espice/delivery")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("GITHUB_API_URL", "https://ghe.example/api/v3")
    found = forge(repo.path)
    assert isinstance(found, GitHub)
    assert found.remote.address == "https://github.com/espice/delivery.git"
    monkeypatch.setenv("GITHUB_REPOSITORY", "espice/delivery")
    found = forge(repo.path)
    assert isinstance(found, GitHub)
    assert found.remote.address == "https://ghe.example/espice/delivery.git"


@pytest.mark.parametrize(
    "api",
    [
        "http://ghe.example/api/v3",
        "HTTP://192.0.2.1:80",
        "http://localhost.example",
        "http://127.0.0.1@ghe.example",
        "ftp://127.0.0.1",
        "ghe.example",
        "http://[",
        "http://",
    ],
)
def test_no_token_goes_where_others_could_read_it(repo: Repository, monkeypatch: pytest.MonkeyPatch, api: str) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("GITHUB_API_URL", api)
    monkeypatch.setenv("GITHUB_REPOSITORY", "espice/delivery")
    with pytest.raises(ForgeError) as error:
        forge(repo.path)
    why = "whoever is on the way there could read your token"
    assert str(error.value) == f"GITHUB_API_URL {api}: {why}; write an address that begins with https://"


@pytest.mark.parametrize("api", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9/", "https://ghe.example"])
def test_what_is_encrypted_or_stays_here_may_have_it(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, api: str
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    monkeypatch.setenv("GITHUB_API_URL", api)
    monkeypatch.setenv("GITHUB_REPOSITORY", "espice/delivery")
    assert isinstance(forge(repo.path), GitHub)


def test_at_github_nobody_plays_another(repo: Repository) -> None:
    repo.git("remote", "add", "origin", "https://github.com/espice/delivery")
    with pytest.raises(ForgeError) as error:
        forge(repo.path, as_="bo")
    assert str(error.value) == "--as bo: proposals are kept by GitHub here, where you are whom the token belongs to"


def test_whom_git_does_not_know_must_say_a_name(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "--unset", "user.name")
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    with pytest.raises(ForgeError) as error:
        forge(repo.path)
    assert str(error.value) == "git does not know who you are; say it by git config user.name, or by --as NAME"
    assert forge(repo.path, as_="bo").me() == "bo"

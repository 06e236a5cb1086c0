"""PostgreSQL on a laptop: started as anybody, root too, killed, and started again with what it held."""

import os
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from delivery.laptop import ports, postgres
from tests.unit.events.parts import server

pytestmark = pytest.mark.slow


def ask(port: int, query: str, user: str = "events") -> object:
    where = f"host=127.0.0.1 port={port} dbname=telemetry user={user}"
    with psycopg.connect(where, autocommit=True) as connection:
        found = connection.execute(query.encode())
        return found.fetchone() if found.description else None


def test_what_it_held_is_there_after_a_stop(tmp_path: Path) -> None:
    folder = tmp_path / "database"
    with server(folder) as port:
        ask(port, "create table kept as select 42 as answer")
    with server(folder) as port:
        assert ask(port, "select answer, current_user from kept") == (42, "events")


def test_it_starts_again_after_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "database"
    with server(folder) as port:
        ask(port, "create table kept as select 42 as answer")
        os.kill(int((folder / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    with server(folder) as port:
        assert ask(port, "select answer from kept") == (42,)


def test_its_consumer_may_sign_in_by_iam_and_make_tables_but_is_not_its_master(tmp_path: Path) -> None:
    with server(tmp_path / "database") as port:
        roles = "select rolname from pg_roles where pg_has_role('events', oid, 'member') order by 1"
        assert ask(port, f"select array_agg(rolname::text order by rolname) from ({roles})") == (["events", "rds_iam"],)
        assert ask(port, "select rolsuper from pg_roles where rolname = 'espice'", "espice") == (True,)


def test_half_a_folder_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "database.half"
    half.mkdir()
    (half / "PG_VERSION").write_text("")
    with server(tmp_path / "database") as port:
        assert ask(port, "select 1") == (1,)
    assert not half.exists()


def reachable(path: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in path.parents)


@pytest.mark.skipif(
    os.geteuid() != 0 or not reachable(postgres.binary("postgres")),
    reason="only root must become nobody, who must be able to reach the binaries",
)
def test_root_becomes_nobody_where_user_namespaces_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no unshare on the path: the folder is nobody's then, so it lies where nobody may go."""
    monkeypatch.setenv("PATH", "/nowhere")
    with tempfile.TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        folder = Path(outer) / "inside" / "database"
        with server(folder) as port:
            assert ask(port, "select 1") == (1,)
            assert folder.stat().st_uid == postgres.NOBODY


def test_a_first_file_with_a_mistake_is_told(tmp_path: Path) -> None:
    wrong = tmp_path / "first.sql"
    wrong.write_text("create rule events login; -- not a role\n")
    command = postgres.recipe(tmp_path / "database", ports.free(), "telemetry", "espice", wrong)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "syntax error" in done.stderr
    assert not (tmp_path / "database").exists()

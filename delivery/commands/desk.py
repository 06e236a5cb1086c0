"""What all commands share: where they stand, how they print, and how a refusal becomes an exit status."""

import functools
import io
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec

from rich.console import Console

from delivery.engines.stack import EngineError
from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.present import json as machine
from delivery.present import terminal
from delivery.present.drill import PICTURES
from delivery.proposals.forge import MAIN, ForgeError
from delivery.rules.precedence import NotAVersion
from delivery.rules.problem import Refused
from delivery.rules.read import File

ROOT = Path(__file__).resolve().parents[2]  # wherever in the checkout a task was typed

P = ParamSpec("P")

for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # a terminal without our arrows shows `?`, not a traceback
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Usage(Exception):  # noqa: N818 - what is wrong is how it was typed
    """An argument makes no sense; the text says which and what to type."""


def command(function: Callable[P, int]) -> Callable[P, int]:
    """Refusals are printed and become exit statuses: 1 for what is refused, 2 for what was typed wrong."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            _refuse_what_is_no_text(*args, *kwargs.values())
            status = function(*args, **kwargs)
            sys.stdout.flush()
            return status
        except BrokenPipeError:  # `| head` has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 128 + signal.SIGPIPE
        except Refused as refused:
            err.print(terminal.problems(refused.problems))
        except (NoHistory, EngineError, ForgeError) as error:
            err.print(str(error), markup=False)
        except (Usage, NotAVersion) as error:
            err.print(str(error), markup=False)
            return 2
        return 1

    return guarded


def print_json(value: Mapping[str, Any] | list[Any]) -> None:
    """For machines: on standard output, nothing else beside it."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def put(file: Path, data: bytes) -> None:
    """These bytes as this file, whole or not at all."""
    half = Path(f"{file}.half")
    try:
        half.write_bytes(data)
        os.replace(half, file)
    finally:
        half.unlink(missing_ok=True)


def save(file: str, data: bytes) -> None:
    """A file that somebody asked for by name, whole or not at all. Raises Usage."""
    try:
        put(Path(file), data)
    except OSError as error:
        raise Usage(f"{file} cannot be written: {error.strerror}; name another file") from None
    err.print(f"wrote {file}", markup=False)


def tell_later_steps(file: str, said: Mapping[str, str]) -> None:
    """Add to a file that GitHub's workflows read between the steps of a job. Raises Usage."""
    try:
        with Path(file).open("a") as outputs:
            outputs.writelines(f"{name}={value}\n" for name, value in said.items())
    except OSError as error:
        raise Usage(f"{file} cannot be written: {error.strerror}; name another file") from None


def picture(plot: str) -> Path | None:
    """Where to draw, if anywhere. Raises Usage before any work is done."""
    if not plot:
        return None
    file = Path(plot)
    if file.suffix not in PICTURES:
        raise Usage(f"--plot {plot}: is neither an .svg nor a .png file; name one")
    if not file.absolute().parent.is_dir():
        raise Usage(f"--plot {plot}: there is no folder {file.parent}; make it first")
    return file


def worktree() -> Mapping[str, File]:
    """The facts as they lie here."""
    return snapshot.in_worktree(ROOT)


def base(ref: str) -> tuple[str, Mapping[str, File]]:
    """The commit that a change here is compared with.

    The one named; else, on a branch, the merge base with main. On main itself each commit is a merge, so it is HEAD.
    """
    commit = snapshot.commit_id(ROOT, ref) if ref else _merge_base()
    return commit, snapshot.at_commit(ROOT, commit)


def moment(text: str, name: str = "--at") -> datetime:
    """What --at says; now without it. Whole seconds, as facts have them. Raises Usage."""
    if not text:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Usage(f"{name} {text}: is no UTC time with seconds; write it like 2026-11-25T14:00:00Z") from None


def earlier(text: str, name: str = "--since") -> datetime:
    """A day (its first moment), a moment, or a number of days ago. Raises Usage."""
    if found := re.fullmatch(r"([0-9]{1,5})d", text):
        return datetime.now(UTC) - timedelta(days=int(found[1]))
    try:
        return moment(f"{text}T00:00:00Z" if re.fullmatch(r"[0-9-]{10}", text) else text)
    except Usage:
        raise Usage(
            f"{name} {text}: is neither a day, a UTC time nor a number of days; "
            "write it like 2026-11-01, 2026-11-25T14:00:00Z or 30d"
        ) from None


def whole(text: str, name: str, least: int, most: int) -> int:
    """A number that was typed. Raises Usage."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not (is_number and least <= int(text) <= most):
        raise Usage(f"{name} {text}: is not a whole number from {least} to {most}")
    return int(text)


def _refuse_what_is_no_text(*arguments: object) -> None:
    """Bytes that are no UTF-8 reach us as lone surrogates, which no file could hold."""
    for each in arguments:
        if isinstance(each, str) and any("\ud800" <= letter <= "\udfff" for letter in each):
            raise Usage(f"{each!a} is no UTF-8 text; type it again in a UTF-8 terminal")


def _merge_base() -> str:
    for name in () if snapshot.branch(ROOT) == MAIN else (f"origin/{MAIN}", MAIN):
        try:
            return snapshot.merge_base(ROOT, "HEAD", name)
        except NoHistory:
            continue
    return snapshot.commit_id(ROOT, "HEAD")


__all__ = [
    "ROOT",
    "Usage",
    "base",
    "command",
    "earlier",
    "err",
    "machine",
    "moment",
    "out",
    "picture",
    "print_json",
    "put",
    "save",
    "whole",
    "worktree",
]

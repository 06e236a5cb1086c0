"""What the laptop's AWS does wrong when it is told to: a WSGI app around another, switched by files in a folder.

Any process may switch it. With no file there it costs one look into an empty folder a request.
"""

import fnmatch
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Mode = Literal["error", "slow", "truncated", "hang"]
LOOK = 0.05  # seconds between two looks whether a hanging request may go on
_ERROR = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code></Error>'


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong (`mode`) with which requests.

    `asked` is a pattern, as in a shell, of "METHOD service path", such as "GET s3 /espice-laptop-catalog/*". `seconds`
    is how long a slow request waits before it is answered, and a hanging one at most.
    """

    mode: Mode
    asked: str
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Faults:
    """Those in one folder."""

    folder: Path

    def put(self, name: str, fault: Fault) -> None:
        """From now on this goes wrong."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.met").unlink(missing_ok=True)  # by one of that name before
        new = self.folder / f".{name}"
        new.write_text(json.dumps(asdict(fault)))
        new.replace(self.folder / f"{name}.json")

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        for file in (*self.folder.glob("*.json"), *self.folder.glob("*.met")):
            file.unlink(missing_ok=True)

    def was_met(self, name: str) -> bool:
        """Whether a request met this fault."""
        return (self.folder / f"{name}.met").exists()

    def meets(self, asked: str) -> Fault | None:
        """The fault that this request meets, if any."""
        for file in self._files():
            try:
                fault = Fault(**json.loads(file.read_text()))
            except FileNotFoundError:
                continue  # it was cleared meanwhile
            if fnmatch.fnmatchcase(asked, fault.asked):
                file.with_suffix(".met").touch()
                return fault
        return None

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.json")) if self.folder.exists() else []


class Faulty:
    """A WSGI app whose answers meet the faults of a folder."""

    def __init__(self, app: "WSGIApplication", faults: Faults) -> None:
        self._app, self._faults = app, faults

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request."""
        fault = self._faults.meets(asked(environ))
        if fault is None:
            return self._app(environ, start_response)
        if fault.mode == "error":
            start_response("500 Internal Server Error", [("Content-Type", "application/xml"), *_length(_ERROR)])
            return [_ERROR]
        if fault.mode == "truncated":
            return _half(self._app, environ, start_response)
        self._wait(asked(environ), fault)
        return self._app(environ, start_response)

    def _wait(self, said: str, fault: Fault) -> None:
        """A slow one waits its time, a hanging one until the fault is taken away."""
        until = time.monotonic() + fault.seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK))
            if fault.mode == "hang" and self._faults.meets(said) is None:
                return


def asked(environ: "WSGIEnvironment") -> str:
    """A request as faults name it. The service is the one that it was signed for."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0].split("/")
    service = scope[3] if len(scope) == 5 else "s3"  # what the edge reads is not signed
    return f"{environ['REQUEST_METHOD']} {service} {environ.get('PATH_INFO', '')}"


def _half(app: "WSGIApplication", environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
    """The headers of the whole answer and half of its body, and then the connection ends."""
    said: list[str] = []
    headers: list[tuple[str, str]] = []

    def remember(status: str, its: list[tuple[str, str]], _: object = None, /) -> Callable[[bytes], object]:
        said.append(status)
        headers.extend(its)
        return lambda _: None  # an old way of WSGI, which nothing here uses

    body = b"".join(app(environ, remember))
    kept = [each for each in headers if each[0].lower() not in ("content-length", "connection")]
    start_response(said[0], [*kept, *(_length(body) if body else []), ("Connection", "close")])
    yield body[: len(body) // 2]


def _length(body: bytes) -> list[tuple[str, str]]:
    return [("Content-Length", str(len(body)))]

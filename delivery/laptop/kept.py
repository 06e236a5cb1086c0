"""What the laptop's AWS forgets with everything else when it ends, though nothing but a merged stop may end it: a halt.

A WSGI app around another, which mirrors one object into a file: as it lies there, and away where it was deleted.
"""

from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.test import Client

from delivery.rules.brake import OVERRIDE_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Kept:
    """Keeps the override in a file, whoever writes it."""

    def __init__(self, app: "WSGIApplication", file: Path) -> None:
        self._app, self._file = app, file

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """One request; one that writes the override is answered when the file is written."""
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if method in ("GET", "HEAD") or not path.endswith(f"/{OVERRIDE_KEY}"):
            return self._app(environ, start_response)
        answer = [b"".join(self._app(environ, start_response))]
        self._keep(path, environ.get("HTTP_AUTHORIZATION", ""))
        return answer

    def _keep(self, path: str, who: str) -> None:
        """Read back, as `who` wrote it, since a body comes in more than one shape, and not each is taken."""
        found = Client(self._app).get(path, headers={"Authorization": who})
        if found.status_code == HTTPStatus.OK:
            new = self._file.with_suffix(".new")
            new.write_bytes(found.data)
            new.replace(self._file)
        elif found.status_code == HTTPStatus.NOT_FOUND:
            self._file.unlink(missing_ok=True)

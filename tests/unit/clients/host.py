"""A tiny web server that says what a test tells it to."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Said = tuple[int, dict[str, str], bytes]


@dataclass
class Host:
    """Its answers by path (with query), and every request it got as (path, headers)."""

    url: str
    answers: dict[str, Said] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    pauses: dict[str, float] = field(default_factory=dict)
    released: Event = field(default_factory=Event)  # what hanging answers wait for

    def says(self, path: str, status: int, body: bytes = b"", **headers: str) -> str:
        """Sets an answer; status 0 hangs. Returns its URL."""
        self.pauses.pop(path, None)
        self.answers[path] = (status, headers, body)
        return self.url + path

    def drips(self, path: str, body: bytes, pause: float) -> None:
        """Sets an answer whose bytes come one by one, with so many seconds between them."""
        self.says(path, 200, body)
        self.pauses[path] = pause


class _Handler(BaseHTTPRequestHandler):
    host: Host

    def do_GET(self) -> None:
        self.host.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        status, headers, body = self.host.answers.get(self.path, (404, {}, b"nothing here"))
        if status == 0:
            self.host.released.wait(5)
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers and status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if pause := self.host.pauses.get(self.path):
            self._drip(body, pause)
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes, pause: float) -> None:
        with suppress(OSError):  # whoever asked has gone
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.host.released.wait(pause)

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""


@contextmanager
def serving() -> Iterator[Host]:
    """A host on loopback."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.host = Host(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield handler.host  # type: ignore[attr-defined]
    handler.host.released.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()

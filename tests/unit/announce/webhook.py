"""A place on this machine to send to: a real server that keeps what it gets, and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Webhook:
    """`status` 0 cuts the line without an answer; None lets the sender wait until `let_go`."""

    port: int = 0
    status: int | None = 200
    got: list[dict[str, Any]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """As apprise writes it, with a secret in it."""
        return f"json://someone:s3cret@127.0.0.1:{self.port}/hook"

    def texts(self) -> list[str]:
        return [each["message"] for each in self.got]


@contextmanager
def webhook() -> Iterator[Webhook]:
    """One that runs."""
    made = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            made.came.set()
            if made.status is None:
                made.let_go.wait(60)
            if made.status:
                self.send_response(made.status)
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            made.let_go.set()
            server.shutdown()
            thread.join()

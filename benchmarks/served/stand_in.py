"""Stands in for S3 and for GitHub's API of releases: bytes by their path, over HTTP, on this machine."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def standing_in(objects: Mapping[str, bytes]) -> Iterator[int]:
    """The port at which these objects are, with their tags."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = objects.get(self.path.split("?")[0])
            tag = f'"{hashlib.md5(data or b"", usedforsecurity=False).hexdigest()}"'
            unchanged = data is not None and self.headers.get("If-None-Match") == tag
            body = b"<Error><Code>NoSuchKey</Code></Error>" if data is None else b"" if unchanged else data
            self.send_response(404 if data is None else 304 if unchanged else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

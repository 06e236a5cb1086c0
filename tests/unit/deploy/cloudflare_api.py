"""A stand-in for Cloudflare's API, as far as purging goes: it answers over HTTP and remembers what it was asked."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FINE: tuple[int, dict[str, Any]] = (200, {"success": True, "errors": [], "messages": [], "result": {"id": "0" * 32}})


@dataclass
class CloudflareApi:
    """`answers` come one after the other, the last of them from then on."""

    answers: list[tuple[int, Any]] = field(default_factory=lambda: [FINE])
    asked: list[tuple[str, str, str, Any]] = field(default_factory=list)  # method, path, authorization, body

    def __post_init__(self) -> None:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.asked.append((self.command, self.path, self.headers["Authorization"], body))
                status, said = api.answers.pop(0) if len(api.answers) > 1 else api.answers[0]
                data = said.encode() if isinstance(said, str) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Retry-After", "0") if status == 429 else None
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/client/v4"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

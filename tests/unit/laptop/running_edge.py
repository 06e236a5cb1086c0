"""A real nginx with the generated configuration, and origins that can be changed and killed."""

import http.server
import socket
import threading
import time
from dataclasses import dataclass, field

import requests

from delivery.laptop.edge import Ports


@dataclass
class Origin:
    """A web server that says one thing, counts requests, and remembers the headers of the last one."""

    status: int = 200
    body: bytes = b"hello"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                origin.asked.append((self.path, self.headers["Host"]))
                origin.last = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(origin.status)
                body = b"" if origin.status == 204 else origin.body
                for name, value in origin.headers.items():
                    self.send_header(name, value)
                if origin.status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the names are http.server's

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Edge:
    """A running nginx; `get` asks a host by its own port, `by_name` through the common one."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def get(self, host: str, path: str = "/", **more) -> requests.Response:
        return self.ask("GET", host, path, **more)

    def ask(self, method: str, host: str, path: str = "/", **more) -> requests.Response:
        url = f"http://127.0.0.1:{self.ports.hosts[host]}{path}"
        return requests.request(method, url, timeout=15, allow_redirects=False, **more)

    def by_name(self, host: str, path: str = "/") -> requests.Response:
        url = f"http://127.0.0.1:{self.ports.edge}{path}"
        return requests.get(url, headers={"Host": host}, timeout=15, allow_redirects=False)


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("nginx did not start")

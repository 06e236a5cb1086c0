"""What is attacked, and how to send it exactly these bytes: clients and libraries would tidy them up."""

import contextlib
import socket
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse

PATIENCE_S = 10.0
MARK = "x7Canary7x"  # stands in what attackers send, and must not come back
CHECK = "/v1/update/stable/linux/x86_64/1.2.0"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; no status where the connection ended without one."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def kind(self) -> str:
        """Its media type, without parameters."""
        return self.headers.get_content_type() if "Content-Type" in self.headers else ""

    def everything(self) -> str:
        """All that came back, as text."""
        return str(self.headers) + self.body.decode("latin-1")


@dataclass(frozen=True)
class Front:
    """The edge: one port for the updates host, one for all hosts by name."""

    host: str
    port: int
    by_name: int

    def get(self, target: str | bytes = CHECK, *headers: str | bytes, method: str = "GET") -> Answer:
        """Ask for exactly this target, with these header lines besides the usual."""
        return self.send(request(target, f"Host: {self.host}", *headers, method=method), method)

    def send(self, data: bytes, method: str = "GET") -> Answer:
        """Send these bytes and read one answer."""
        with self.connect() as connection:
            connection.sendall(data)
            return read(connection, method)

    def connect(self, port: int = 0) -> socket.socket:
        """A connection, as yet without a request; to the updates host's own port, or to this one."""
        return socket.create_connection(("127.0.0.1", port or self.port), timeout=PATIENCE_S)


def request(target: str | bytes, *headers: str | bytes, method: str = "GET", body: bytes = b"") -> bytes:
    """A request as it goes over the wire; the connection is closed after it."""
    lines = [b" ".join([method.encode(), _bytes(target), b"HTTP/1.1"]), *map(_bytes, headers), b"Connection: close"]
    return b"\r\n".join([*lines, b"", body])


def sent_to(connection: socket.socket, data: bytes) -> None:
    """Send what may be refused before all of it is read: the answer has come by then."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(data)


def read(connection: socket.socket, method: str = "GET") -> Answer:
    """One answer from a connection."""
    response = HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Answer(response.status, response.msg, response.read())
    finally:
        response.close()


def _bytes(said: str | bytes) -> bytes:
    return said if isinstance(said, bytes) else said.encode("latin-1")

"""A small real console for tests: the endpoint's own parts, and Cloudflare Access as a signer with real keys."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from werkzeug.test import Client, TestResponse

from delivery.console.access import CloudflareAccess
from delivery.console.app import ASSERTION, create_app
from delivery.console.settings import Access, Builds
from tests.unit.endpoint.parts import World

AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2"
BUILDS = Builds("sha256:" + "a" * 64, "sha256:" + "b" * 64, 0.25)
STAFF = "ada@espice.localhost"


@dataclass
class Team:
    """Cloudflare Access of a team: signs, and publishes the keys that it signs with."""

    url: str = ""
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    asked: int = 0
    down: bool = False

    def new_key(self, name: str) -> None:
        """Signs with this one too from now on."""
        self.keys[name] = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def access(self) -> Access:
        """What the console is told."""
        return Access("espice", AUDIENCE, f"{self.url}/cdn-cgi/access/certs")

    def published(self) -> bytes:
        """The team's keys as Cloudflare publishes them."""
        keys = [
            {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "alg": "RS256", "use": "sig"}
            for name, key in self.keys.items()
        ]
        return json.dumps({"keys": keys, "public_cert": {}, "public_certs": []}).encode()

    def token(self, kid: str = "first", key: Any = None, algorithm: str = "RS256", **other: Any) -> str:
        """The word of Access on one request; None leaves a claim out."""
        now = datetime.now(UTC)
        said = {
            "aud": [AUDIENCE],
            "email": STAFF,
            "exp": now + timedelta(minutes=1),
            "iat": now,
            "iss": "https://espice.cloudflareaccess.com",
            "sub": "7335d417-61da-459d-899c-0a01c76a2f94",
            "type": "app",
            **other,
        }
        claims = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(claims, key or self.keys[kid], algorithm=algorithm, headers={"kid": kid})


@contextmanager
def team() -> Iterator[Team]:
    """One with a key named first."""
    found = Team()
    found.new_key("first")

    class Certs(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked += 1
            self.send_response(503 if found.down else 200)
            self.end_headers()
            self.wfile.write(b"" if found.down else found.published())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Certs)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Console:
    """A console over an endpoint's world."""

    team: Team
    world: World = field(default_factory=World)
    said: list[Mapping[str, Any]] = field(default_factory=list)  # the log

    def __post_init__(self) -> None:
        gate = CloudflareAccess(self.team.access)
        self.client = Client(create_app(self.world.source, BUILDS, gate, self.world.clock, self.said.append))

    def get(self, path: str, token: str | None = "", method: str = "GET") -> TestResponse:
        """As somebody of the staff, or (None) as somebody who came around Access."""
        headers = {} if token is None else {ASSERTION: token or self.team.token()}
        return self.client.open(path, method=method, headers=headers)

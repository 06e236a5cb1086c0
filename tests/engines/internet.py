"""The internet, as far as commands go there: the hosts of environments behind caches, and Cloudflare's API that purges.

One server that answers for all hosts, over TLS by a certificate of its own. Behind updates is the real endpoint, made
anew for each miss; behind downloads and the site are buckets. What is kept is kept until it is purged.
"""

import json
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from werkzeug.test import Client

from delivery.endpoint.app import create_app
from delivery.endpoint.settings import Settings
from delivery.endpoint.source import Source
from delivery.endpoint.store import Absent, Fetched, Unchanged
from tests.engines.certificates import pem, self_signed

API = "api.cloudflare.com"
PARTS = ("updates", "downloads")
Answer = tuple[int, Mapping[str, str], bytes]


@dataclass
class Internet:
    """`s3` is boto3's client, `sites` what each domain's endpoint is told now. `refuses`: Cloudflare does not purge.

    `purges` has the prefixes of each purge, and the token that it was asked with.
    """

    folder: Path
    s3: Any
    sites: Mapping[str, Callable[[], Settings]]
    refuses: bool = False
    purges: list[tuple[str, Sequence[str]]] = field(default_factory=list)
    kept: dict[str, Answer] = field(default_factory=dict)

    def __enter__(self) -> "Internet":
        internet, context = self, self._certified()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.answer(internet.purge(self.headers["Authorization"], said["prefixes"]))

            def do_GET(self) -> None:
                self.answer(internet.get(self.headers["Host"], self.path))

            def do_HEAD(self) -> None:
                self.do_GET()

            def answer(self, answer: Answer) -> None:
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(b"" if status == 204 or self.command == "HEAD" else body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        hears = self._server.socket
        self._server.socket = context.wrap_socket(hears, server_side=True, do_handshake_on_connect=False)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def env(self) -> dict[str, str]:
        """What leads a command's requests here, whatever they are made with."""
        return {
            "PYTHONPATH": str(Path(__file__).with_name("names")),
            "ESPICE_HOSTS": ",".join(self._hosts),
            "ESPICE_HOSTS_PORT": str(self._server.server_address[1]),
            "REQUESTS_CA_BUNDLE": str(self._certificate),
            "SSL_CERT_FILE": str(self._certificate),
            "CLOUDFLARE_API_TOKEN": "staging-token",
        }

    @property
    def _hosts(self) -> list[str]:
        return [API, *self.sites, *(f"{part}.{site}" for site in self.sites for part in PARTS)]

    def purge(self, authorization: str, prefixes: Sequence[str]) -> Answer:
        if self.refuses:
            said = {"success": False, "errors": [{"code": 10000, "message": "Authentication error"}]}
            return 403, {}, json.dumps(said).encode()
        self.purges.append((authorization.removeprefix("Bearer "), prefixes))
        self.kept = {url: kept for url, kept in self.kept.items() if not url.startswith(tuple(prefixes))}
        return 200, {}, json.dumps({"success": True, "errors": [], "messages": [], "result": {"id": "0"}}).encode()

    def get(self, host: str, path: str) -> Answer:
        url = f"{host}{path}"
        if url not in self.kept:
            part, _, domain = host.partition(".") if host not in self.sites else ("site", "", host)
            settings = self.sites[domain]()
            answer = self._check(path, settings) if part == "updates" else self._object(part, path, settings)
            if answer[0] not in (200, 204):
                return answer
            self.kept[url] = answer
        return self.kept[url]

    def _check(self, path: str, settings: Settings) -> Answer:
        app = create_app(Source(_Objects(self.s3, settings.bucket), settings), settings, lambda: datetime.now(UTC))
        reply = Client(app).get(path)
        hidden = {"content-length", "transfer-encoding"}
        return reply.status_code, {k: v for k, v in reply.headers.items() if k.lower() not in hidden}, reply.data

    def _object(self, bucket: str, path: str, settings: Settings) -> Answer:
        key = path.partition("?")[0].lstrip("/")
        if bucket == "site" and (not key or key.endswith("/")):
            key += "index.html"
        try:
            found = self.s3.get_object(Bucket=f"espice-{settings.environment}-{bucket}", Key=key)
        except self.s3.exceptions.NoSuchKey:
            return 404, {}, b""
        return 200, {"Content-Type": found["ContentType"]}, found["Body"].read()

    def _certified(self) -> ssl.SSLContext:
        key, _ = self_signed()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the internet")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        named = x509.SubjectAlternativeName([x509.DNSName(host) for host in self._hosts])
        made = made.add_extension(named, critical=False)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self._certificate, private = self.folder / "internet.pem", self.folder / "internet.key"
        self._certificate.write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
        private.write_text(pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate, private)
        return context


@dataclass
class _Objects:
    """A bucket as the endpoint reads it."""

    s3: Any
    bucket: str

    def get(self, key: str, etag: str | None) -> Fetched | Unchanged | Absent:  # noqa: ARG002 - each is asked once
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=key)
        except self.s3.exceptions.NoSuchKey:
            return Absent()
        return Fetched(found["Body"].read(), found["ETag"])

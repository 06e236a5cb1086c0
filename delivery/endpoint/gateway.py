"""A WSGI app behind an AWS HTTP API (payload format 2.0): event in, response out. Knows nothing of updates."""

import base64
import io
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from delivery.endpoint import naming

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_TEXT = ("text/", "application/json", "application/problem+json")


def respond(app: "WSGIApplication", event: Mapping[str, Any]) -> dict[str, Any]:
    """What the app answers to this event, as Lambda wants it."""
    return _response(*_run(app, environ(event)))


def environ(event: Mapping[str, Any]) -> "WSGIEnvironment":
    """The event as WSGI has it.

    The path is decoded exactly once, and a plus in it stays a plus: it belongs to versions. The request keeps the name
    that the API's own log has.
    """
    http, headers = event["requestContext"]["http"], event.get("headers") or {}
    body = event.get("body") or ""
    data = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    return {
        naming.ENVIRON: event["requestContext"].get("requestId", ""),
        "REQUEST_METHOD": http["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(event["rawPath"]).decode("latin-1"),
        "QUERY_STRING": _latin(event.get("rawQueryString") or ""),
        "SERVER_NAME": event["requestContext"].get("domainName") or "localhost",
        "SERVER_PORT": headers.get("x-forwarded-port", "443"),
        "SERVER_PROTOCOL": http.get("protocol", "HTTP/1.1"),
        "REMOTE_ADDR": http.get("sourceIp", ""),
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": headers.get("x-forwarded-proto", "https"),
        "wsgi.input": io.BytesIO(data),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": _latin(value) for name, value in headers.items()},
    }


def _latin(text: str) -> str:
    """As WSGI has what came as bytes: an event has it as text, which may hold what no byte says."""
    return text.encode(errors="replace").decode("latin-1")


def _run(app: "WSGIApplication", environ: "WSGIEnvironment") -> tuple[str, list[tuple[str, str]], bytes]:
    """Status, headers and whole body (PEP 3333). Werkzeug has this too, and takes long to import."""
    began: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
        began.append((status, headers))  # the last one counts: an app may begin anew with an error
        return written.append

    answer = app(environ, start_response)
    try:
        body = b"".join(answer)  # only after it has begun to answer need it have said its status
    finally:
        if close := getattr(answer, "close", None):
            close()
    return *began[-1], b"".join(written) + body


def _response(status: str, headers: list[tuple[str, str]], body: bytes) -> dict[str, Any]:
    said: dict[str, str] = {}
    for name, value in headers:
        said[name.lower()] = f"{said[name.lower()]},{value}" if name.lower() in said else value
    text = not body or ("content-encoding" not in said and said.get("content-type", "").startswith(_TEXT))
    return {
        "statusCode": int(status.split(" ", 1)[0]),
        "headers": said,
        "body": body.decode() if text else base64.b64encode(body).decode(),
        "isBase64Encoded": not text,
    }

"""Any site's page may read what is public here. It is the same for everybody, so a page learns nothing by its visitor.

An update check is not among it: no page has a reason to ask one, and one that did would ask from its visitors'
addresses, whose share of answers is then missing to their installations.
"""

from collections.abc import Iterable
from http import HTTPStatus

from flask import Flask, Response, request

from delivery.endpoint.operations import Operation, rule

DAY = 86_400  # seconds for which a browser keeps what a preflight said; most take two hours at the most
_EXPOSED = "ETag, ESpice-Commit, ESpice-Request, ESpice-Serial, Retry-After"


def allow(app: Flask, operations: Iterable[Operation]) -> None:
    """Let pages read these: their answers and refusals say so, and so does the answer to a preflight."""
    readable = {each.name for each in operations}
    for operation in operations:
        app.add_url_rule(rule(operation), f"{operation.name}-preflight", _preflight, methods=["OPTIONS"])

    def say(response: Response) -> Response:
        if request.endpoint in readable:
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        return response

    app.after_request(say)


def _preflight(**_: str) -> Response:
    """Browsers ask first where a page sends If-None-Match itself."""
    response = Response(status=HTTPStatus.NO_CONTENT)
    del response.headers["Content-Type"]
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
    response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
    response.headers["Access-Control-Max-Age"] = str(DAY)
    response.headers["Cache-Control"] = f"public, max-age={DAY}"
    return response

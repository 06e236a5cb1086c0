"""Any site's page may read what is public here. It is the same for everybody, so a page learns nothing by its visitor.

An update check is not among it: no page has a reason to ask one, and one that did would ask from its visitors'
addresses, whose share of answers is then missing to their installations.
"""

from http import HTTPStatus

from flask import Flask, Response, request

from delivery.endpoint.operations import registered, rule

READS = "/v1/"  # where documents are; update checks, which are there too, never come here
DAY = 86_400  # seconds for which a browser keeps what a preflight said; most take two hours at the most
_EXPOSED = "ETag, ESpice-Commit, ESpice-Request, ESpice-Serial, Retry-After"


def allow(app: Flask) -> None:
    """Let pages read the operations that say so: each of their answers tells, and a preflight is answered.

    What leads to no operation tells too, by its path: a page that asked wrongly may read why.
    """
    readable = {each.name: each for each in registered(app) if each.cors}
    for name, operation in readable.items():
        app.add_url_rule(rule(operation), f"{name}-preflight", _preflight, methods=["OPTIONS"])

    def say(response: Response) -> Response:
        if request.endpoint in readable or (request.endpoint is None and request.path.startswith(READS)):
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
    return response

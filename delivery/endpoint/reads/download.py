"""Links that people copy: to the newest version that everybody may have, or to one that they name.

Only the endpoint may decide what they get, so nothing here leads anywhere but to a file of the downloads host or, where
nobody can tell which file, to the site's download page. What was asked never becomes part of where it leads.
"""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Response, request

from delivery.endpoint.answers import cache_control
from delivery.endpoint.operations import UNAVAILABLE, Operation, Parameter, Reply, refused
from delivery.endpoint.reads import asked
from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.offered import File, bundles, downloads, file, files_of, is_to_be_had
from delivery.endpoint.reads.platform import GIVEN, VARIES, WANTED, Unsure, detect

PAGE = "/download/"  # of the site
NOTHING = "nothing"  # why the page is shown: no version is everybody's now

_CHANNEL = Parameter("channel", "path", "The channel.", "stable")
_LEADS = {"Location": "Where it is.", "Cache-Control": "How long a cache may keep this, if at all."}
_GONE = refused("It was withdrawn, and its files with it: they do harm.")
DOWNLOAD = Operation(
    path="/download/{channel}/{target}",
    name="download",
    summary="The newest version, for new visitors",
    description=(
        "Leads to the file of the newest version that everybody on the channel may have: neither stopped nor "
        "withdrawn. An installer is preferred to what only the updater can use."
    ),
    tag="Downloads",
    parameters=(
        _CHANNEL,
        Parameter("target", "path", "Operating system and processor, as /v1/channels names them.", "linux-x86_64"),
        asked.BUNDLE,
        Parameter("version", "query", "This version, if it was ever offered on the channel.", "1.3.0"),
    ),
    answers={
        HTTPStatus.FOUND: Reply("There it is.", headers=_LEADS),
        HTTPStatus.NOT_FOUND: refused("There is none, or nothing is offered to everybody there now."),
        HTTPStatus.GONE: _GONE,
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
)
AUTO = Operation(
    path="/download/{channel}/auto",
    name="download_auto",
    summary="The newest version, for the browser that asks",
    description=(
        "Goes by Client Hints, then by the User-Agent. Where they leave a doubt (which Mac, a phone, a system without "
        "a build) it leads to the download page of the site, and never to a guess."
    ),
    tag="Downloads",
    parameters=(
        _CHANNEL,
        asked.BUNDLE,
        *(
            Parameter(name, "header", "A Client Hint.", example)
            for name, example in zip((*GIVEN, *WANTED), ('"Windows"', "?0", '"x86"', '"64"'), strict=True)
        ),
    ),
    answers={
        HTTPStatus.FOUND: Reply(
            "There it is, or the page where one chooses.",
            headers={
                **_LEADS,
                "Accept-CH": "What a browser should say of its machine.",
                "Critical-CH": "What it should say at once, by asking again.",
                "Vary": "What the answer depends on; it is never kept.",
            },
        ),
        HTTPStatus.NOT_FOUND: asked.UNKNOWN,
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
)


def view(moment: Moment, channel: str, target: str) -> Response:
    """DOWNLOAD."""
    asked.channel(moment, channel)
    bundle = _bundle(moment, asked.target(moment, target))
    version = asked.queried("version")
    found = _named(moment, channel, target, version, bundle) if version else _newest(moment, channel, target, bundle)
    return _leads(found.url, cache_control(moment.now, moment.until(), moment.live.head.expires))


def view_auto(moment: Moment, channel: str) -> Response:
    """AUTO."""
    asked.channel(moment, channel)
    response = _leads(_for_browser(moment, channel), "no-store")
    response.headers["Accept-CH"] = ", ".join((*GIVEN, *WANTED))
    response.headers["Critical-CH"] = ", ".join(WANTED)
    response.headers["Vary"] = ", ".join(VARIES)
    return response


def _for_browser(moment: Moment, channel: str) -> str:
    target = detect(request.headers.get, moment.table.targets)
    if isinstance(target, Unsure):
        return _page(moment, channel, target)
    bundle = asked.queried("bundle")
    found = file(moment, channel, target, bundle if bundle in bundles(moment.table.targets[target]) else None)
    return found[1].url if found else _page(moment, channel, NOTHING)


def _newest(moment: Moment, channel: str, target: str, bundle: str | None) -> File:
    found = file(moment, channel, target, bundle)
    if found is None:
        raise asked.unknown("nothing is offered to everybody there now; /v1/channels says what is, and what is stopped")
    return found[1]


def _named(moment: Moment, channel: str, target: str, said: str, bundle: str | None) -> File:
    version = asked.version(moment, said)
    if downloads(moment.catalog, version) == "gone":
        raise asked.Refused(HTTPStatus.GONE, "this version was withdrawn, and its files with it: they do harm")
    if not _is_to_be_had(moment, channel, target, version):
        raise asked.unknown("this version is not offered there; /v1/releases says where it is, and why not")
    found = [each for each in files_of(moment, version, target) if bundle in (None, each.bundle)]
    if not found:
        raise asked.unknown("this version has no such bundle; /v1/releases lists its files")
    return found[0]


def _is_to_be_had(moment: Moment, channel: str, target: str, version: str) -> bool:
    return any(
        is_to_be_had(each, moment.now)
        for each in moment.rollouts
        if (each.offering.channel, each.offering.version) == (channel, version) and target in each.targets
    )


def _bundle(moment: Moment, target: str) -> str | None:
    said, there = asked.queried("bundle"), bundles(moment.table.targets[target])
    if said and said not in there:
        raise asked.unknown(f"there is no such bundle for this target; there are {', '.join(there)}")
    return said


def _page(moment: Moment, channel: str, because: str) -> str:
    said = urlencode({"channel": channel, "because": str(because)})
    return f"{moment.settings.site_url}{PAGE}?{said}"


def _leads(url: str, cache: str) -> Response:
    """Without a body: Flask's own redirect is a page of HTML that repeats the address."""
    response = Response(status=HTTPStatus.FOUND)
    del response.headers["Content-Type"]
    response.headers["Location"] = url
    response.headers["Cache-Control"] = cache
    return response

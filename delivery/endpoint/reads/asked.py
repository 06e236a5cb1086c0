"""What a query may say to a public document. A value that nobody can mean is refused with what there is."""

from http import HTTPStatus

from flask import request

from delivery.endpoint.operations import Parameter, Reply, refused
from delivery.endpoint.reads.moment import Moment

CHANNEL = Parameter("channel", "query", "Only what is on this channel.", "stable")
TARGET = Parameter("target", "query", "Only what is for this target.", "linux-x86_64")
BUNDLE = Parameter("bundle", "query", "This bundle; without it, the one that suits most people.", "deb")
UNKNOWN: Reply = refused("There is no such channel, target, bundle or version; the detail says which there are.")


class Refused(Exception):  # noqa: N818 - reads as what happened
    """What was asked for cannot be; `detail` says why, and repeats nothing of it."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def unknown(detail: str) -> Refused:
    """There is no such thing."""
    return Refused(HTTPStatus.NOT_FOUND, detail)


def channel(moment: Moment, said: str) -> str:
    """A channel that there is. Raises Refused."""
    if said not in moment.table.channels:
        raise unknown(f"there is no such channel; there are {', '.join(sorted(moment.table.channels))}")
    return said


def target(moment: Moment, said: str) -> str:
    """A target that there is. Raises Refused."""
    if said not in moment.table.targets:
        raise unknown(f"there is no such target; there are {', '.join(sorted(moment.table.targets))}")
    return said


def version(moment: Moment, said: str) -> str:
    """A version that there is. Raises Refused."""
    if said not in moment.catalog.releases:
        raise unknown("no release has this version; /v1/releases lists them")
    return said


def queried(name: str) -> str | None:
    """What the query says; an empty value is none."""
    return request.args.get(name) or None


def number(name: str, default: int, most: int) -> int:
    """A number from 1 to `most` in the query. Raises Refused."""
    said = queried(name)
    if said is None:
        return default
    if not (said.isascii() and said.isdecimal() and len(said) < 10 and 1 <= int(said) <= most):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name} is a number from 1 to {most}")
    return int(said)

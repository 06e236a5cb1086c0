"""The name of each request: in its answer, in the problem it may get, and in what the log says while it is answered.

Ours and never the client's, so that nobody writes into our logs; it says nothing of who asked.
"""

from contextvars import ContextVar
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HEADER = "ESpice-Request"
ENVIRON = "espice.request"  # where a gateway says the name that it gave already; what clients send has other keys there

_bits = Random().getrandbits  # noqa: S311 - a name is no secret, and the system's randomness costs a system call
_current: ContextVar[str] = ContextVar("request", default="")


def begin(environ: "WSGIEnvironment") -> str:
    """Name the request that this thread answers from now on."""
    name: str = environ.get(ENVIRON) or f"{_bits(96):024x}"
    _current.set(name)
    return name


def current() -> str:
    """The name of the request that this thread answers; empty where it answers none."""
    return _current.get()

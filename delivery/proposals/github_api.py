"""Asking GitHub's REST API, with patience, and saying in a sentence what it would not do.

github3.py gives the session, the paging and the errors. Its models are left out: one comment of a deleted account
breaks a whole list of them, and its merge forgets the commit. So answers are read here, each as far as it is needed.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import sleep, time
from types import NoneType
from typing import Any, TypeVar

import msgspec
import requests
from github3.exceptions import ConnectionError as NoAnswer
from github3.exceptions import GitHubException, ResponseError, UnexpectedResponse, UnprocessableEntity, error_for
from github3.session import GitHubSession
from github3.structs import GitHubIterator

from delivery.proposals.forge import ForgeError, Moved, Unreachable

RENEW = "make a new one on GitHub and set GITHUB_TOKEN to it"
_BACKOFF_S = (0.5, 1.0, 2.0)
_BROKEN = (500, 502, 503, 504)
_AT_LEAST_S = 60.0  # where GitHub asks to wait and does not say how long, as its documentation has it
_PIECE = 65_536  # bytes that are read at once
_LONGEST = 500  # characters of GitHub's words in a sentence of ours
_TAKEN = "already_exists"  # in GitHub's words, of what must have a name of its own
_MOVED = "was modified"  # in GitHub's words, of the head by 409 and of the base by 405

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, for an answer, and for all waiting between the tries of one request together."""

    connect: float = 4.0
    answer: float = 20.0
    waits: float = 20.0
    pause: Callable[[float], None] = sleep


@dataclass(frozen=True, slots=True)
class Deed:
    """What is asked of GitHub, in words, and the right that a token needs for it."""

    does: str
    right: str


class NotFound(ForgeError):  # noqa: N818 - named for what was found
    """There is no such thing, or none that this token may see."""


class NoRight(ForgeError):  # noqa: N818 - named for what is lacking
    """The token may not."""


class Taken(ForgeError):  # noqa: N818 - named for what was found
    """There is one of this name already."""


class PutOff(Unreachable):
    """GitHub asks to wait for longer than we do."""


class Api:
    """One repository's part of a REST API, and who asks. Every method raises ForgeError."""

    def __init__(self, base: str, name: str, token: str, patience: Patience) -> None:
        if not (token.isascii() and token.isprintable() and token and " " not in token):
            raise ForgeError(f"the token for GitHub is empty or has characters that no token has; {RENEW}")
        base = base.rstrip("/")
        self._name = name
        self._base, self._repository = base, f"{base}/repos/{name}"
        self._graph = f"{base.removesuffix('/v3')}/graphql"
        self._session = _Patient(patience, self._graph)
        self._session.token_auth(token)

    def get(self, deed: Deed, path: str, kind: type[T]) -> T:
        """One thing of the repository."""
        return self._told(deed, lambda: self._answer("GET", self._url(path)), kind)

    def elsewhere(self, deed: Deed, path: str, kind: type[T]) -> T:
        """One thing that is no part of the repository."""
        return self._told(deed, lambda: self._answer("GET", f"{self._base}/{path}"), kind)

    def every(self, deed: Deed, path: str, kind: type[T], key: str | None = None, **only: str) -> list[T]:
        """All things of a list, every page of it; `key` is where the answer has the list, `only` what to list."""
        listed = GitHubIterator(-1, self._url(path), dict, self._session, dict(only), list_key=key)
        return self._told(deed, lambda: list(listed), list[kind])  # type: ignore[valid-type]

    def send(self, deed: Deed, method: str, path: str, kind: type[T], **said: object) -> T:
        """Have something made or changed. Unreachable means that it may have been, so look before trying again."""
        return self._told(deed, lambda: self._answer(method, self._url(path), said), kind)

    def upload(self, deed: Deed, address: str, data: bytes, kind: type[T]) -> T:
        """Have a file of JSON put to where GitHub wants it. Unreachable means that some of it may lie there."""

        def put() -> object:
            return _json(
                self._session.request("POST", address, data=data, headers={"Content-Type": "application/json"})
            )

        return self._told(deed, put, kind)

    def drop(self, deed: Deed, path: str) -> None:
        """Have something deleted; that it is gone already is fine."""

        def gone() -> None:
            with suppress(UnprocessableEntity):
                self._answer("DELETE", self._url(path))

        self._told(deed, gone, NoneType)

    def ask_graph(self, deed: Deed, query: str, kind: type[T]) -> T:
        """What only the GraphQL API tells."""
        return self._told(deed, lambda: self._answer("POST", self._graph, {"query": query}), kind)

    def _url(self, path: str) -> str:
        return f"{self._repository}/{path}".rstrip("/")

    def _answer(self, method: str, url: str, said: Mapping[str, object] | None = None) -> object:
        return _json(self._session.request(method, url, json=said))

    @contextmanager
    def stream(self, deed: Deed, path: str, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """The bytes of a thing from `start` on, and where they begin: at 0 where only all of them can be had.

        Unreachable, also while they are read, means that they were cut.
        """
        asked = {"Accept": "application/octet-stream", "Accept-Encoding": "identity", "Range": f"bytes={start}-"}
        with (
            self._in_sentences(deed),
            self._session.request("GET", self._url(path), headers=asked, stream=True) as reply,
        ):
            if not reply.ok:
                raise error_for(reply)
            part = reply.headers.get("Content-Range", "")
            if reply.status_code == 206 and not part.startswith(f"bytes {start}-"):
                raise ForgeError(f"GitHub did not {deed.does}: it sent {part or 'some part'}, not from {start} on")
            yield start if reply.status_code == 206 else 0, reply.iter_content(_PIECE)

    def _told(self, deed: Deed, ask: Callable[[], object], kind: type[T]) -> T:
        """The answer, as far as we know its shape; or whatever is wrong, as a sentence."""
        with self._in_sentences(deed):
            answer = msgspec.convert(ask(), kind)
        return answer  # noqa: RET504 - mypy takes a `with` for something that may swallow a return inside

    @contextmanager
    def _in_sentences(self, deed: Deed) -> Iterator[None]:
        try:
            yield
        except msgspec.ValidationError as error:
            raise ForgeError(f"GitHub did not {deed.does} in words that are understood here: {error}") from None
        except (NoAnswer, requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            raise Unreachable(f"GitHub could not be reached to {deed.does}; try again later") from None
        except (UnexpectedResponse, requests.JSONDecodeError):
            raise Unreachable(f"GitHub did not {deed.does}: what it answered is no JSON; try again later") from None
        except (GitHubException, requests.RequestException) as error:
            raise _refusal(self._name, deed, error) from None


class _Patient(GitHubSession):  # type: ignore[misc] # it has no types
    """Tries again what only reads, and what GitHub put off unread: all else may have been done by the first try."""

    def __init__(self, patience: Patience, graph: str) -> None:
        super().__init__(default_connect_timeout=patience.connect, default_read_timeout=patience.answer)
        self._patience = patience
        self._graph = graph

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        reads = method.upper() == "GET" or url == self._graph
        left = self._patience.waits
        for backoff in _BACKOFF_S:
            wait = backoff
            try:
                reply: requests.Response = super().request(method, url, **more)
            except (requests.ConnectionError, requests.Timeout):
                if not reads:
                    raise
            else:
                asked = put_off(reply)
                if asked is None and not (reads and reply.status_code in _BROKEN):
                    return reply
                wait = asked or backoff
                if wait > left:
                    return reply
            self._patience.pause(wait)
            left -= wait
        last: requests.Response = super().request(method, url, **more)
        return last


def _json(reply: requests.Response) -> object:
    if not reply.ok:
        raise error_for(reply)
    return reply.json() if reply.content else None


def put_off(reply: requests.Response) -> float | None:
    """The seconds that GitHub asks to wait before it does what it did not do now; None if it asks for none.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    if reply.status_code not in (403, 429):
        return None
    if (after := reply.headers.get("Retry-After", "")).isdecimal():
        return float(after)
    if reply.headers.get("X-RateLimit-Remaining") == "0":
        reset = reply.headers.get("X-RateLimit-Reset", "")
        return max(1.0, float(reset) - time()) if reset.isdecimal() else _AT_LEAST_S
    if reply.status_code == 429 or "secondary rate limit" in reply.text:
        return _AT_LEAST_S
    return None


def _refusal(name: str, deed: Deed, error: Exception) -> ForgeError:
    """GitHub's no, in its own words and with the mend."""
    no = f"GitHub did not {deed.does}"
    if not isinstance(error, ResponseError):
        return ForgeError(f"{no}: it cannot be asked so ({type(error).__name__}); look at the address of its API")
    words = _words(error)
    if (wait := put_off(error.response)) is not None:
        return PutOff(f"{no}: it asks to wait {wait:.0f} s; try again then")
    if _MOVED in words and error.code in (405, 409):
        return Moved(f"{no}: {words}")
    if error.code == 422 and _TAKEN in words:
        return Taken(f"{no}: {words}; mend that, then try again")
    if error.code >= 500:
        return Unreachable(f"{no}: it answered {error.code}; try again later")
    if error.code == 404:
        return NotFound(f"{no}: {name} has none that this token may see; give it the right {deed.right}")
    if error.code == 403:
        return NoRight(f"{no}: {words}; give the token the right {deed.right} in {name}")
    mend = f"it does not know this token: {RENEW}" if error.code == 401 else "mend that, then try again"
    return ForgeError(f"{no}: {words}; {mend}")


def _words(error: ResponseError) -> str:
    """GitHub's own, on one line."""
    details = error.errors if isinstance(error.errors, list) else [error.errors]
    said = [str(error.msg), *map(_detail, details)]
    return " ".join(": ".join(filter(None, said)).split())[:_LONGEST]


def _detail(said: object) -> str:
    if not isinstance(said, Mapping):
        return str(said)
    where = f"{said.get('resource', '')} {said.get('field', '')} {said.get('code', '')}"
    return str(said.get("message") or where)

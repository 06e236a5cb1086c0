"""Sends a text to one place, by apprise, and says what is known of its arrival. No address is ever printed."""

import logging
import re
from dataclasses import dataclass
from enum import StrEnum

from apprise import Apprise, AppriseAsset, NotifyFormat

_LOGGER = logging.getLogger("apprise")  # what it says may hold addresses, so it is read here and goes nowhere else
_ANSWERED = re.compile(r"\berror=([0-9]{3})\b")
_NEVER_REACHED = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeoutError|Connection refused|Name or service not known"
)


class BadAddress(Exception):  # noqa: N818 - named for what was found
    """Nothing can be sent there; the text says why, and how to mend it."""


class Arrival(StrEnum):
    """What is known of a text that was sent."""

    sent = "sent"
    failed = "failed"  # surely nobody got it
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known, and a few words more where it did not arrive."""

    arrival: Arrival
    why: str = ""


class Place:
    """Where an address of apprise leads, such as mastodon://token@host. Raises BadAddress."""

    def __init__(self, variable: str, address: str) -> None:
        if not address.strip():
            raise BadAddress(f"{variable} is not set; set it to the address that apprise has for the place")
        with _Listening():
            self._apprise = Apprise(asset=AppriseAsset(app_id="ESpice", async_mode=False, interpret_emojis=False))
            is_known = self._apprise.add(address.strip())
        if not is_known or not len(self._apprise):
            raise BadAddress(f"{variable} is no address that apprise knows; its pages say how each is written")
        if len(self._apprise) > 1 or len(self._apprise[0]) > 1:
            raise BadAddress(f"{variable} leads to several places, of which one could fail alone; name each by its own")

    def send(self, title: str, text: str) -> Outcome:
        """The title is for places that have one; the text is Markdown, and goes as what the place takes."""
        with _Listening() as heard:
            result = self._apprise.notify(
                body=text, title=title if self._apprise[0].title_maxlen else "", body_format=NotifyFormat.MARKDOWN
            )
        attempts = [attempt for service in result for attempt in service.attempts]
        if any(attempts):
            return Outcome(Arrival.sent)
        said = "\n".join(heard.lines)
        if answered := _ANSWERED.search(said):
            return Outcome(Arrival.failed, f"it answered {answered[1]}")
        if not attempts or _NEVER_REACHED.search(said):
            return Outcome(Arrival.failed, "it was not reached")
        return Outcome(Arrival.unknown, "it did not say that it got it")


class _Listening(logging.Handler):
    """Hears what apprise says, and lets nobody else hear it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def __enter__(self) -> "_Listening":
        self._before = _LOGGER.level, _LOGGER.propagate
        _LOGGER.addHandler(self)
        _LOGGER.setLevel(logging.DEBUG)
        _LOGGER.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        _LOGGER.removeHandler(self)
        _LOGGER.level, _LOGGER.propagate = self._before

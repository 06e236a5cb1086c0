"""Which build a browser's machine needs, from what it says of itself; or why that cannot be told.

Pure. Client Hints first (https://wicg.github.io/ua-client-hints/), for browsers freeze their User-Agent: there every
Mac has an Intel processor, and every Windows and Linux of Chromium's an x86_64 one. A wrong guess costs more than a
click on the download page, so where two builds are possible nothing is guessed.
"""

from collections.abc import Callable, Collection
from enum import StrEnum

WANTED = ("Sec-CH-UA-Arch", "Sec-CH-UA-Bitness")  # what a browser says only when asked
GIVEN = ("Sec-CH-UA-Platform", "Sec-CH-UA-Mobile")  # what it says anyway
VARIES = (*GIVEN, *WANTED, "User-Agent")


class Unsure(StrEnum):
    """Why no build was chosen."""

    phone = "phone"  # there is none for phones and tablets
    mac = "mac"  # Apple silicon or Intel: this browser does not tell
    no_build = "no-build"  # it is known, and there is none for it
    unknown = "unknown"


_SYSTEMS = {"windows": "windows", "macos": "darwin", "linux": "linux"}  # as Client Hints -> as Tauri names them
_PROCESSORS = {("x86", "64"): "x86_64", ("x86", "32"): "i686", ("arm", "64"): "aarch64", ("arm", "32"): "armv7"}
_LINUX = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "i686": "i686", "armv7": "armv7"}
_DESKTOPS = ("x11", "wayland")  # a television says Linux too
_PHONES = ("android", "iphone", "ipad", "ipod", "mobile")


def detect(said: Callable[[str], str | None], targets: Collection[str]) -> str | Unsure:
    """The target that this browser runs on, one of `targets`, or why none was chosen. `said` gives a header."""
    agent = (said("User-Agent") or "").lower()
    hinted = _unquoted(said("Sec-CH-UA-Platform"))
    if said("Sec-CH-UA-Mobile") == "?1" or any(word in agent for word in _PHONES):
        return Unsure.phone
    system = _SYSTEMS.get(hinted) if hinted else _system(agent)
    if system is None:
        return Unsure.phone if hinted in ("android", "ios") else Unsure.unknown
    arch, bits = (_unquoted(said(name)) for name in WANTED)
    processor = _PROCESSORS.get((arch, bits or "64")) if arch else _processor(system, agent, frozen=bool(hinted))
    if processor is None:
        return Unsure.mac if system == "darwin" and not arch else Unsure.unknown
    return target if (target := f"{system}-{processor}") in targets else Unsure.no_build


def _unquoted(text: str | None) -> str:
    """A string of a structured header field (RFC 9651)."""
    return (text or "").strip().strip('"').lower()


def _system(agent: str) -> str | None:
    if "windows nt" in agent:
        return "windows"
    if "macintosh" in agent:
        return "darwin"
    return "linux" if "linux" in agent and any(desktop in agent for desktop in _DESKTOPS) else None


def _processor(system: str, agent: str, *, frozen: bool) -> str | None:
    """By the User-Agent alone. Windows on ARM that says x64 there runs what is built for x64.

    Who gives Client Hints has a frozen one: on Linux it says x86_64 whatever the processor, so it is asked again.
    """
    if system == "windows":
        if "arm64" in agent:
            return "aarch64"
        return "x86_64" if any(word in agent for word in ("win64", "wow64", "x64")) else "i686"
    if system == "linux" and not frozen:
        return next((name for word, name in _LINUX.items() if word in agent), None)
    return None

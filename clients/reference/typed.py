"""What was typed wrong on the command line: all of it at once, each with what would be right."""

import argparse
import base64
import binascii
import math
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from delivery.rules.precedence import NotAVersion, precedence

# As the plugin itself fills them in.
SYSTEMS = ("linux", "darwin", "windows")
ARCHS = ("x86_64", "aarch64", "i686", "armv7", "riscv64")
BUNDLES = ("unknown", "appimage", "deb", "rpm", "app", "msi", "nsis")
_SYSTEM_OF = {"appimage": "linux", "deb": "linux", "rpm": "linux", "app": "darwin", "msi": "windows", "nsis": "windows"}


def problems(args: argparse.Namespace) -> Iterator[str]:
    """Whatever was typed wrong."""
    yield from _who_asks(args)
    yield from _what_it_says(args)
    yield from _whom_it_asks(args)


def listed(names: tuple[str, ...]) -> str:
    """Names as a sentence has them."""
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _who_asks(args: argparse.Namespace) -> Iterator[str]:
    for name, there in (("target", SYSTEMS), ("arch", ARCHS), ("bundle", BUNDLES)):
        if getattr(args, name) not in there:
            yield f"--{name} {getattr(args, name)}: there is none of that name; there are {', '.join(there)}"
    if args.target in SYSTEMS and (system := _SYSTEM_OF.get(args.bundle, args.target)) != args.target:
        yield f"--bundle {args.bundle}: is one of {system}, not of {args.target}; say --target {system}"
    if args.pubkey is not None and not _is_key(args.pubkey):
        yield "--pubkey: is no base64 of a minisign public key; take it from tauri.conf.json or product.yaml"
    if args.install and not args.install.is_file():
        yield f"--install {args.install}: there is no such file; an update takes the place of one that is there"


def _what_it_says(args: argparse.Namespace) -> Iterator[str]:
    yield from _no_version("--current", args.current)
    yield from _no_version("--failed", args.failed)
    if not re.fullmatch(r"[a-z][a-z0-9-]*", args.channel):
        yield f"--channel {args.channel}: is no name of a channel, such as stable or beta-next"
    if args.cohort is not None and not re.fullmatch(r"0|[1-9][0-9]{0,2}", args.cohort):
        yield f"--cohort {args.cohort}: is not a whole number from 0 to 999"
    if args.os is not None and not re.fullmatch(r"[0-9]+(\.[0-9]+){0,3}", args.os):
        yield f"--os {args.os}: is no version of an operating system, such as 10.0.19045"


def _whom_it_asks(args: argparse.Namespace) -> Iterator[str]:
    if not (args.updates or args.endpoint):
        yield "say whom to ask: --updates URL [--downloads URL], or --endpoint URL"
    if (args.updates or args.downloads) and args.endpoint:
        yield "--endpoint takes the place of --updates and --downloads; say one or the other"
    if args.mirror and not args.downloads:
        yield "--mirror: is asked after the downloads host; say --downloads URL too"
    asked = {name: [getattr(args, name)] for name in ("updates", "downloads", "mirror")} | {"endpoint": args.endpoint}
    for name, urls in asked.items():
        yield from (f"--{name} {url}: is no http or https URL" for url in urls if url is not None and not _is_url(url))
    if not _is_time(args.timeout):
        yield f"--timeout {args.timeout}: is no number of seconds above 0"


def _no_version(name: str, said: str | None) -> Iterator[str]:
    try:
        if said is not None:
            precedence(said)
    except NotAVersion as error:
        yield f"{name} {said}: {error}"


def _is_time(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(base64.b64decode(text, validate=True).splitlines()[1], validate=True)) == 42
    except (binascii.Error, ValueError, IndexError):
        return False

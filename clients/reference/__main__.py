"""python -m clients.reference: one check from the command line, and the install if wanted.

Exit status 0 with or without an update, 1 with the error's name and words, 2 if it was typed wrong.
"""

import argparse
import json
import sys
from pathlib import Path

from clients.reference.check import Update, UpToDate, check
from clients.reference.download import download, install
from clients.reference.errors import UpdaterError
from clients.reference.installation import Installation, espice_endpoints
from clients.reference.typed import ARCHS, BUNDLES, SYSTEMS, listed, problems

_DEMO_KEY = Path(__file__).parents[2] / "delivery/laptop/keys/artifact.key.pub"


def main(argv: list[str]) -> int:
    """Runs one check."""
    args = _parser().parse_args(argv)
    if wrong := list(problems(args)):
        print("\n".join(wrong), file=sys.stderr)
        return 2
    app = Installation(
        current=args.current,
        target=args.target,
        arch=args.arch,
        bundle=args.bundle,
        endpoints=tuple(args.endpoint) or _espice(args),
        pubkey=args.pubkey or _DEMO_KEY.read_text(),
        timeout=float(args.timeout),
    )
    try:
        found = check(app)
        if isinstance(found, Update) and args.install:
            install(download(app, found), args.install, app.bundle)
    except UpdaterError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(_json(found) if args.json else _words(found, args.install))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="clients.reference", description="Asks for an update as the Tauri plugin does."
    )
    add = parser.add_argument
    add("--current", required=True, help="the installed version, such as 1.3.0")
    add("--target", default="linux", help=listed(SYSTEMS))
    add("--arch", default="x86_64", help=listed(ARCHS))
    add("--bundle", default="unknown", help=listed(BUNDLES))
    add("--updates", help="URL of the updates host; with --downloads and --channel it makes ESpice's own ladder")
    add("--downloads", help="URL of the downloads host, for the static manifest")
    add("--mirror", help="URL of the release at GitHub that has the manifests once more, with --downloads")
    add("--channel", default="stable")
    add("--cohort", help="0 to 999; without one an installation comes last")
    add("--manual", action="store_true", help="the user asked")
    add("--failed", help="the version whose install just failed")
    add("--os", help="the version of the operating system, such as 10.0.19045")
    add("--endpoint", action="append", default=[], help="instead of these: a URL as in tauri.conf.json, in order")
    add("--pubkey", help="as in tauri.conf.json; the laptop's demo key if absent")
    add("--timeout", default="10", help="seconds for the check")
    add("--install", type=Path, metavar="FILE", help="download, verify, and replace this file")
    add("--json", action="store_true")
    return parser


def _espice(args: argparse.Namespace) -> tuple[str, ...]:
    cohort = None if args.cohort is None else int(args.cohort)
    ladder = espice_endpoints(
        args.updates, args.downloads or "", args.channel, cohort, args.manual, args.failed, args.os, args.mirror
    )
    return ladder if args.downloads else ladder[:1]


def _words(found: Update | UpToDate, file: Path | None) -> str:
    if isinstance(found, UpToDate):
        said = f"{found.announced} is announced" if found.announced else "nothing is offered"
        return f"up to date: {said} ({found.asked})"
    done = f"installed as {file}" if file else found.url
    return f"{found.version}: {done} ({found.asked})"


def _json(found: Update | UpToDate) -> str:
    if isinstance(found, UpToDate):
        return json.dumps({"update": None, "asked": found.asked, "announced": found.announced})
    update = {"version": found.version, "url": found.url, "signature": found.signature, "notes": found.notes}
    return json.dumps({"update": update, "asked": found.asked, "announced": found.version})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What runs on this laptop, and how to end it: reads the report that `up` writes."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Mapping
from typing import Any

from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.laptop.places import Places
from delivery.laptop.processes import end_leftovers, started


def report(places: Places) -> dict[str, Any]:
    """The last report of this checkout's `up`; empty if there is none."""
    try:
        found: dict[str, Any] = json.loads(places.report.read_text())
    except (OSError, ValueError):
        return {}
    return found


def running(places: Places) -> dict[str, Any]:
    """The report if its supervisor lives, else empty."""
    found = report(places)
    return found if found and started(found["pid"]) == found["started"] else {}


def status(places: Places) -> dict[str, Any]:
    """What `./inv status --json` prints. Nothing runs: {"running": false}."""
    found = running(places)
    if not found:
        return {"running": False}
    with contextlib.suppress(NoHistory):
        found["head"] = snapshot.commit_id(places.repo, "HEAD")
    del found["outcomes"]  # what the last apply did, resource by resource: `apply` shows it
    found["head_is_live"] = found["phase"] == "ready" and found["commit"] == found.get("head")
    return {"running": True, **found}


def down(places: Places, patience: float = 30.0) -> bool:
    """End the running laptop, or what a killed one left, and wait until it is gone; False if nothing runs."""
    found = running(places)
    if not found:
        return bool(end_leftovers(report(places)))
    os.kill(found["pid"], signal.SIGTERM)
    deadline = time.monotonic() + patience
    while started(found["pid"]) == found["started"] and time.monotonic() < deadline:
        time.sleep(0.05)
    return True


def of_site(found: Mapping[str, Any]) -> str:
    """How the site stands, in a line, or in more where its build says why it failed."""
    said = found["site"]
    live = f", live is {said['commit'][:9]}" if said["commit"] and said["state"] != "live" else ""
    return f"site {said['state']}{live}{': ' if said['why'] else ''}{said['why'] or ''}"


def summary(found: Mapping[str, Any]) -> str:
    """What a newcomer sees when all is ready: what to open and what to try."""
    names = ("updates", "downloads", "console", "site")
    updates, downloads, console, site = (found["hosts"][name]["url"] for name in names)
    ask = f"{updates}/v1/update/stable/linux/x86_64/1.2.0?bundle=appimage"
    return "\n".join(
        [
            "",
            f"ESpice Delivery is live at commit {found['commit'][:9]}, serial {found['serial']}.",
            "",
            "open",
            f"  {updates}/v1/catalog                what the endpoint knows",
            f"  {updates}/readyz                    how fresh it is",
            f"  {downloads}/v1/update/stable/linux/x86_64/appimage.json   the static fallback",
            f"  {console}/                          what staff see, as soon as it is up",
            f"  {site}/                          the web site, as soon as it is built",
            "ask as an installation would",
            f"  curl -si '{ask}'",
            f"  curl -si '{ask}&cohort=437'",
            "try in another terminal",
            "  ./inv explain stable linux-x86_64 1.3.0 --cohort 437",
            "  ./inv raise stable 25 --commit       then watch this one",
            "  ./inv db --query 'select * from activity'",
            "  ./inv status",
            "./inv down ends everything; so does Ctrl-C where it runs.",
        ]
    )

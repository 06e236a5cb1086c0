"""prove: what is live works as installations have it, asked through the public edge. What a deploy ends with."""

import dataclasses
from typing import Any

from delivery.commands import live as there
from delivery.commands.desk import command, err, out, print_json
from delivery.commands.progress import watched
from delivery.commands.wished import Wish
from delivery.deploy import halt as halting
from delivery.deploy import prove as proving
from delivery.deploy.prove import Proved
from delivery.deploy.prove_answers import Live
from delivery.deploy.prove_updates import Journey
from delivery.present.words import counted
from delivery.rules.prepare import built
from infra.stacks import Kind

MOVED = 75  # exit status, as sysexits.h has it for what may go well when it is tried again


@command
def prove(environment: str, as_json: bool) -> int:
    """Exit status 0 where installations get what is live and can use it, 1 where anything is otherwise.

    MOVED where that may be because something else went live, or was halted, meanwhile: nobody knows until it is typed
    again.
    """
    named = there.environment(environment)
    wish = Wish.of_head(named)
    place = there.reached(wish.names).place(wish.product)
    live = Live.of(place, halting.standing(place))
    sha256, apply = built(wish.facts, named).sha256, f"./inv apply {Kind.live.of(named)}"
    proved = watched(lambda tell: proving.prove(live, sha256, apply, tell))
    if proved.wrong and (moved := live.moved(halting.standing(place))):
        err.print(f"{moved}; type it again", markup=False)
        return MOVED
    if as_json:
        print_json(_machine(proved))
    else:
        _print(proved)
    return 1 if proved.wrong else 0


def _print(proved: Proved) -> None:
    live = proved.live
    for each in proved.done:
        out.print(f"updated: {each}, {each.artifact.size} bytes", markup=False)
    for barred in proved.barred:
        what = f"{barred.version} is offered to nobody through {barred.channel}-next: {barred.reason}"
        out.print(f"no update on {barred.target} {barred.bundle}: {what}", markup=False)
    if proved.left:
        said = f"{counted(len(proved.left), 'update')} of other bundles not tried, too many bytes: first bundle only"
        out.print(said, markup=False)
    for wrong in proved.wrong:
        err.print(str(wrong), style="red", markup=False)
    asked = f"{counted(proved.checks, 'update check')}, {counted(proved.manifests, 'static manifest')}"
    whole = f"{counted(len(proved.done), 'whole update')}{', first bundle only' if proved.left else ''}"
    went = f"{asked}, {counted(proved.files, 'file')}, {whole}"
    where = f"{live.environment}: serial {live.head.serial}"
    if proved.wrong:
        err.print(f"{where}: {counted(len(proved.wrong), 'thing')} wrong ({went})", markup=False)
        return
    out.print(f"{where} is what installations get: {went}", markup=False)
    for line in proved.evidence.values():
        out.print(f'--evidence "{line}"', markup=False)


def _machine(proved: Proved) -> dict[str, Any]:
    """For machines. Keys are added, never renamed or removed."""
    head = proved.live.head
    return {
        "environment": proved.live.environment,
        "serial": head.serial,
        "commit": head.commit,
        "at": f"{proved.at:%Y-%m-%dT%H:%M:%SZ}",
        "checks": proved.checks,
        "manifests": proved.manifests,
        "files": proved.files,
        "updated": [_update(each) for each in proved.done],
        "left": [_update(each) for each in proved.left],
        "barred": [dataclasses.asdict(each) for each in proved.barred],
        "wrong": [dataclasses.asdict(each) for each in proved.wrong],
        "evidence": proved.evidence,
    }


def _update(each: Journey) -> dict[str, Any]:
    asked = each.request
    said = {"channel": each.channel, "target": asked.target, "bundle": asked.bundle, "from": asked.version}
    return {**said, "to": each.version, "bytes": each.artifact.size}

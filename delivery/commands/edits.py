"""raise, hold, withdraw, stop: one line or one file more, shown with its plan, then staged or committed."""

import os
from collections.abc import Callable
from datetime import UTC, datetime

from delivery.commands.desk import ROOT, command, moment, out, whole, worktree
from delivery.commands.hand_over import hand_over, refuse_if_changed
from delivery.deploy import steps
from delivery.present import terminal
from delivery.rules import edit as verbs
from delivery.rules.edit import Edit, Files
from delivery.rules.facts import Facts

Verb = Callable[[Facts, Files], Edit]


@command
def raise_(
    channel: str, percent: str, version: str, at: str, gate: str, because: str, *, commit: bool, dry_run: bool
) -> int:
    """Offer a rollout to more."""
    to, when = whole(percent, "percent", 0, 100), moment(at)
    options = {"gate": gate or None, "because": because or None, "version": version or None}
    return _edit(
        lambda facts, files: verbs.raise_(facts, files, channel, to, when, **options), because, commit, dry_run
    )


@command
def hold(channel: str, percent: str, version: str, at: str, reason: str, *, commit: bool, dry_run: bool) -> int:
    """Hold a rollout."""
    keep, when = whole(percent, "--percent", 0, 100), moment(at)

    def verb(facts: Facts, files: Files) -> Edit:
        return verbs.hold(facts, files, channel, when, reason, percent=keep, version=version or None)

    return _edit(verb, reason, commit, dry_run)


@command
def withdraw(version: str, channel: str, at: str, reason: str, *, commit: bool, dry_run: bool) -> int:
    """Withdraw a version."""
    when, channels = moment(at), [channel] if channel else None
    return _edit(
        lambda facts, files: verbs.withdraw(facts, files, version, when, reason, channels=channels),
        reason,
        commit,
        dry_run,
    )


@command
def stop(channel: str, version: str, at: str, reason: str, *, commit: bool, dry_run: bool) -> int:
    """Stop a channel."""
    when, versions = moment(at), [version] if version else None
    return _edit(
        lambda facts, files: verbs.stop(facts, files, channel, when, reason, versions=versions), reason, commit, dry_run
    )


def _edit(verb: Verb, why: str, commit: bool, dry_run: bool) -> int:
    """Make the edit, show it and what it does to users, and write it. Nothing is written when it is refused."""
    now, files = datetime.now(UTC), worktree()
    before = steps.prepare(files, files, "laptop", now)
    edit = verb(before.facts, files)
    if commit:
        refuse_if_changed(edit.path, edit.before)
    after = steps.prepare({**files, edit.path: edit.after}, files, "laptop", now)
    _show(edit)
    out.print(terminal.plan(steps.compare(before, after, now)))
    if dry_run:
        out.print("dry run: nothing was written")
        return 0
    _write(edit)
    return hand_over(edit.path, edit.summary, why, commit=commit, is_new=edit.before is None)


def _show(edit: Edit) -> None:
    """The lines that are added, as a diff shows them; every edit only adds."""
    old = (edit.before or b"").decode().splitlines()
    new = edit.after.decode().splitlines()
    out.print(edit.path, style="bold")
    for line in [line for line in new if line not in old]:
        out.print(f"+ {line}", style="green", markup=False)
    out.print()


def _write(edit: Edit) -> None:
    file = ROOT / edit.path
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half")
    half.write_bytes(edit.after)
    os.replace(half, file)

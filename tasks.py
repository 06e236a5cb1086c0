"""What people and workflows type: ./inv --list. Thin: every task hands over to delivery/commands at once.

Nothing of ours is imported at module level, so that the help answers in under a second.
"""

import sys
from collections.abc import Callable
from typing import Any

from invoke import Collection, Context, Exit, Task, task

JSON = {"json": "print JSON for machines"}
PAST = {
    "commit": "the commit whose facts decide (without: HEAD, or with --at the one that was HEAD then)",
    "at": "the moment, in UTC, such as 2026-11-25T14:00:00Z (without: now)",
}
HELD = {"environment": "whose brake may hold some of it (without: the laptop's that runs here, if one does)"}
WRITE = {
    "commit": "commit the one file that changes (without: it is staged)",
    "pr": "propose it to main instead, as the forge has it; what lies here is left alone",
    "dry-run": "show what would be written, and write nothing",
}
AT = {"at": "when, in UTC, such as 2026-11-25T14:00:00Z (without: now)"}
SOME = {"version": "only these versions, with commas between them (without: everything on the channel)"}
EDIT = {
    "channel": "the channel, such as stable",
    "version": "the version, where it is not plain from the channel",
    **AT,
    **WRITE,
}
OVER = {"over": "get there evenly in this time, such as 48h (without: at once)"}
BECAUSE = {"because": "why, where the step is an unusual one"}
TARGETS = {"targets": "only these targets, with commas between them"}
CHANNELS = {"channel": "only these channels, with commas between them (without: all)"}

SITE, CONTENT = Collection("site"), Collection("content")


def _of(group: Collection, **options: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A task of a group, whose function has the group's name before its own: site_build is ./inv site build."""

    def add(body: Callable[..., None]) -> Callable[..., None]:
        made: Task[Any] = task(**options)(body)
        group.add_task(made, name=body.__name__.removeprefix(f"{group.name}_"))
        return body

    return add


def _end(status: int) -> None:
    """A status other than 0 ends invoke with it, without a traceback."""
    if status:
        raise Exit(code=status)


@task(
    help={
        "detach": "return when all is ready, and leave it running (./inv down ends it)",
        "engine": "embedded, or pulumi for the real one, which ./inv engine gets",
        "no-site": "build no web site",
    }
)
def up(_: Context, detach: bool = False, engine: str = "embedded", no_site: bool = False) -> None:
    """Run the whole system on this machine and follow git: every commit goes live, or is refused."""
    from delivery.commands import laptop

    _end(laptop.up(detach, engine, not no_site))


@task
def down(_: Context) -> None:
    """End what `up` started."""
    from delivery.commands import laptop

    _end(laptop.down())


@task(help=JSON)
def status(_: Context, json: bool = False) -> None:
    """Say what runs here, where, and whether HEAD is live."""
    from delivery.commands import laptop

    _end(laptop.status(json))


@task(
    help={
        "name": "which drill; list says which there are, all carries out one after the other",
        "plot": "draw who was answered by whom into this .svg or .png file",
        "seconds": "how long each stage is watched at least",
        **JSON,
    }
)
def drill(_: Context, name: str, plot: str = "", seconds: str = "3", json: bool = False) -> None:
    """Break a part of a laptop of its own while installations ask, mend it, and say who answered them."""
    from delivery.commands import drill

    _end(drill.drill(name, plot, seconds, json))


@task(help={"query": "a query that changes nothing, such as select * from activity", **JSON})
def db(_: Context, query: str = "", json: bool = False) -> None:
    """Say where the laptop's database is, or what it answers to a query."""
    from delivery.commands import database

    _end(database.db(query, json))


@task(help={"base": "the commit to compare with (without: on main HEAD, else the merge base with main)", **JSON})
def check(_: Context, base: str = "", json: bool = False) -> None:
    """Check every fact of the working tree, against the base; every problem at once. Exit status 1 if any."""
    from delivery.commands import facts

    _end(facts.check(base, json))


@task(
    help={
        "base": "the commit to compare with (without: on main HEAD, else the merge base with main)",
        "environment": "laptop, staging or production",
        "catalogs": "write both catalogs into this folder, as base.json and head.json",
        "markdown": "print it as a pull request shows it",
        **JSON,
    }
)
def plan(
    _: Context,
    base: str = "",
    environment: str = "laptop",
    catalogs: str = "",
    markdown: bool = False,
    json: bool = False,
) -> None:
    """Say which users the working tree would offer something else than the base does."""
    from delivery.commands import facts

    _end(facts.plan(base, environment, catalogs, markdown, json))


@task(
    help={
        "channel": "stable or beta",
        "target": "the platform, such as linux-x86_64",
        "version": "the version the installation has",
        "cohort": "its cohort, 0 to 999 (without: it sends none)",
        "bundle": "its bundle, such as deb (without: the target's first)",
        "manual": "the user asked for updates",
        "failed": "the version whose install just failed there",
        "os": "the version of its operating system, such as 10.0.19045 (without: it sends none)",
        "accepts": "what it can do beyond updating, such as downgrade",
        **HELD,
        **PAST,
        **JSON,
    }
)
def explain(
    _: Context,
    channel: str,
    target: str,
    version: str,
    cohort: str = "",
    bundle: str = "",
    manual: bool = False,
    failed: str = "",
    os: str = "",
    accepts: str = "",
    environment: str = "",
    commit: str = "",
    at: str = "",
    json: bool = False,
) -> None:
    """Say what an installation is offered, or was at any time, why, and which lines of which facts decided it."""
    from delivery.commands import facts

    typed = (channel, target, version, cohort, bundle, manual, failed, os, accepts)
    _end(facts.explain(*typed, environment, commit, at, json))


@task(
    help={
        "version": "the version that was built, such as 1.6.0",
        "from": "the folder of its builds and their .sig files, as Tauri's bundler names them; or owner/name of the "
        "repository at GitHub whose release has them (without: PRODUCT/PRODUCT)",
        "notes": "the text file that says what is new (without: the release's own text)",
        "changes": "a clone of the app's repository: what its commits changed is listed below that text",
        "source-commit": "the commit it was built from, all 40 digits (without: the one that the release has tagged)",
        "run": "the https address of the build's run (without: the one run of that commit)",
        "repository": "where that commit lies (without: the release's, or PRODUCT/PRODUCT)",
        "published": "when it was published, in UTC (without: when the release was, or now)",
        "minimum-os": "what it needs, such as windows=10.0.19041,macos=12.0",
        **TARGETS,
        **WRITE,
        **JSON,
    },
)
def release(
    _: Context,
    version: str,
    from_: str = "",
    notes: str = "",
    changes: str = "",
    source_commit: str = "",
    run: str = "",
    repository: str = "",
    published: str = "",
    minimum_os: str = "",
    targets: str = "all",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Write a version's fact from a folder or a GitHub release: hashed and verified. It offers nothing yet."""
    from delivery.commands import builds, releases

    said = builds.Said(notes, changes, source_commit, run, repository, published)
    _end(releases.release(version, from_, said, minimum_os, targets, json, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        **EDIT,
        "version": "the version to offer",
        "percent": "the percent of the first step (without: the ladder's first)",
        "evidence": "what a full update through CHANNEL-next showed; needed above 0",
        "supersedes": "the older version whose partial rollout this one ends",
        "gate": "let it wait for this gate's pass",
        **TARGETS,
        **OVER,
        **BECAUSE,
    }
)
def start(
    _: Context,
    channel: str,
    version: str,
    percent: str = "",
    evidence: str = "",
    targets: str = "all",
    supersedes: str = "",
    over: str = "",
    gate: str = "",
    because: str = "",
    at: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Start a version's rollout on a channel, with its first step: one new file."""
    from delivery.commands import edits

    said = (channel, version, percent, evidence, targets, supersedes, over, gate, because, at)
    _end(edits.start(*said, commit=commit, pr=pr, dry_run=dry_run))


@task(
    name="raise",
    help={
        **EDIT,
        "percent": "the percent to offer it to",
        "gate": "let it wait for this gate's pass",
        "evidence": "what a full update through CHANNEL-next showed, where it is the first step above 0",
        **OVER,
        **BECAUSE,
    },
)
def raise_(
    _: Context,
    channel: str,
    percent: str,
    version: str = "",
    at: str = "",
    over: str = "",
    gate: str = "",
    evidence: str = "",
    because: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Offer a channel's rollout to more: one line in one file."""
    from delivery.commands import edits

    said = (channel, percent, version, at, over, gate, evidence, because)
    _end(edits.raise_(*said, commit=commit, pr=pr, dry_run=dry_run))


@task(
    name="pass",
    help={
        **EDIT,
        "percent": "the percent of the gated step that passed",
        "evidence": "what was measured, in one sentence",
        **BECAUSE,
    },
)
def pass_(
    _: Context,
    channel: str,
    percent: str,
    evidence: str,
    version: str = "",
    at: str = "",
    because: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Let a gated step take effect, on evidence: one line in one file."""
    from delivery.commands import edits

    _end(edits.pass_(channel, percent, evidence, version, at, because, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={**EDIT, "reason": "why", "percent": "what is kept, at most what is in force (without: 0, no further offers)"}
)
def hold(
    _: Context,
    channel: str,
    reason: str,
    percent: str = "0",
    version: str = "",
    at: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Hold a rollout: no further offers, and every later step void: one line in one file."""
    from delivery.commands import edits

    _end(edits.hold(channel, percent, version, at, reason, commit=commit, pr=pr, dry_run=dry_run))


@task(help={**EDIT, "reason": "why", "percent": "the percent to go on with, at most what the hold found"})
def resume(
    _: Context,
    channel: str,
    percent: str,
    reason: str,
    version: str = "",
    at: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """End a hold; further steps are raised anew: one line in one file."""
    from delivery.commands import edits

    _end(edits.resume(channel, percent, reason, version, at, commit=commit, pr=pr, dry_run=dry_run))


@task(help={**EDIT, "reason": "why", "below": "installations below this version get it whatever the percentage"})
def critical(
    _: Context,
    channel: str,
    below: str,
    reason: str,
    version: str = "",
    at: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Offer a channel's rollout to everyone below a version, while it is above 0 and not held: one line in one file."""
    from delivery.commands import edits

    _end(edits.critical(channel, below, reason, version, at, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        "version": "the version to withdraw",
        "reason": "why; needed, except to add --installed to a withdrawal",
        "downloads": "what the download centre does with its files: keep, hide or gone (without: hide)",
        "offer-instead": "the version that those below it get instead, whatever its percentage",
        "notice": "the notice that its users should read",
        "installed": "what those get who have it: keep, 'reissue-as VERSION' or 'downgrade-to VERSION'; also later",
        **CHANNELS,
        **AT,
        **WRITE,
    }
)
def withdraw(
    _: Context,
    version: str,
    reason: str = "",
    channel: str = "",
    downloads: str = "",
    offer_instead: str = "",
    notice: str = "",
    installed: str = "",
    at: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Withdraw a version: it is offered to nobody any more. One new file, or --installed in the one there is."""
    from delivery.commands import edits

    said = (version, reason, channel, downloads, offer_instead, notice, installed, at)
    _end(edits.withdraw(*said, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        **EDIT,
        "reason": "why",
        **SOME,
    }
)
def stop(
    _: Context,
    channel: str,
    reason: str,
    version: str = "",
    at: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Stop a channel: nothing is offered on it. One new file."""
    from delivery.commands import edits

    _end(edits.stop(channel, version, at, reason, commit=commit, pr=pr, dry_run=dry_run))


WHERE = {"environment": "laptop, staging or production (without: the laptop that runs here)"}


@task(
    help={
        "channel": "the channel, such as stable",
        "reason": "why",
        **SOME,
        **WHERE,
        "commit": "commit the fact that says the same (--no-commit: it is staged)",
        "pr": "propose that fact to main instead, as the forge has it",
        "dry-run": "show what would be halted, and halt nothing",
        **JSON,
    }
)
def halt(
    _: Context,
    channel: str,
    reason: str,
    version: str = "",
    environment: str = "",
    commit: bool = True,
    pr: bool = False,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Pull the brake: nothing is offered on a channel from now on, within seconds; then write the fact of it."""
    from delivery.commands import halt

    _end(halt.halt(channel, version, reason, environment, commit=commit, pr=pr, dry_run=dry_run, as_json=json))


@task(
    help={
        **WHERE,
        "sign-anew": "first write the same halts once more, signed with the key of now: before an older key goes",
        **JSON,
    }
)
def halts(_: Context, environment: str = "", sign_anew: bool = False, json: bool = False) -> None:
    """Say which halts wait for their fact, and what became of the others."""
    from delivery.commands import halt

    _end(halt.halts(environment, json, sign_anew=sign_anew))


@task(
    help={
        "environment": "laptop, staging or production; with credentials that may read its buckets, and a GITHUB_TOKEN "
        "that may merge",
        "dry-run": "show what would be proposed and merged, and do nothing",
        **JSON,
    }
)
def backfill(_: Context, environment: str, dry_run: bool = False, json: bool = False) -> None:
    """Make each halt a fact on main by a merged proposal, and open the issue for its review; once, however often."""
    from delivery.commands import backfill

    _end(backfill.backfill(environment, dry_run=dry_run, as_json=json))


@task(
    help={
        "name": "the halt, as ./inv halts names it",
        **WHERE,
        **WRITE,
    }
)
def decide(
    _: Context, name: str, environment: str = "", commit: bool = False, pr: bool = False, dry_run: bool = False
) -> None:
    """Write the fact of a halt that was made elsewhere, which ends the brake's part in it. One new file."""
    from delivery.commands import halt

    _end(halt.decide(name, environment, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        "reason": "why",
        "change": "the merged change, as git names a commit (without: HEAD)",
        "since": "a commit of main: take back all that was merged after it, up to the change, as one",
        **WRITE,
        "commit": "commit it here (without: facts are staged, and for anything else say --commit or --pr)",
        **JSON,
    }
)
def undo(
    _: Context,
    reason: str,
    change: str = "",
    since: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Take a merged change back, by adding: hold or stop what reached more, or revert code. One change."""
    from delivery.commands import undo

    _end(undo.undo(change, since, reason, as_json=json, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        "kind": "withdrawal, stop, barrier, deadend, block, freeze or notice",
        "name": "its file's name without .yaml; for the only stop of a channel, the channel",
        "reason": "why",
        **AT,
        **WRITE,
    }
)
def lift(
    _: Context,
    kind: str,
    name: str,
    reason: str,
    at: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """End a withdrawal, stop, barrier, dead end, block, freeze or notice: one line in one file."""
    from delivery.commands import edits

    _end(edits.lift(kind, name, reason, at, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        "name": "a name for it, such as linux-gtk-crash",
        "from": "the versions that must not go there, such as '>=1.2.0 <1.3.1'",
        "to": "where they must not go, such as '>=1.4.0 <1.4.2'",
        "reason": "why",
        "owner": "who looks after it",
        "review-by": "the day by which it is looked at again, such as 2027-01-31",
        "warn": "let them go there, with a warning",
        **TARGETS,
        **WRITE,
    }
)
def block(
    _: Context,
    name: str,
    from_: str,
    to: str,
    reason: str,
    owner: str,
    review_by: str,
    targets: str = "all",
    warn: bool = False,
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Block updates from one range of versions to another, or warn of them. One new file."""
    from delivery.commands import edits

    said = (name, from_, to, reason, owner, review_by, targets)
    _end(edits.block(*said, warn=warn, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        "version": "the version to go through",
        "below": "installations below this version go through it, never past it",
        "reason": "why",
        **TARGETS,
        **WRITE,
    }
)
def barrier(
    _: Context,
    version: str,
    below: str,
    reason: str,
    targets: str = "all",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Make a version one that older installations must go through. One new file."""
    from delivery.commands import edits

    _end(edits.barrier(version, below, reason, targets, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        "version": "the version that cannot update itself",
        "reason": "why",
        "notice": "the notice that says what its users should do",
        **WRITE,
    }
)
def deadend(
    _: Context, version: str, reason: str, notice: str, commit: bool = False, pr: bool = False, dry_run: bool = False
) -> None:
    """Say that installations on a version cannot update themselves. One new file."""
    from delivery.commands import edits

    _end(edits.deadend(version, reason, notice, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        "name": "a name for it, such as 2026-holidays",
        "from": "when it begins, in UTC, such as 2026-12-20T00:00:00Z",
        "until": "when it ends, in UTC",
        "reason": "why",
        "because": "why it is laid over steps that were approved already",
        **CHANNELS,
        **WRITE,
    }
)
def freeze(
    _: Context,
    name: str,
    from_: str,
    until: str,
    reason: str,
    channel: str = "",
    because: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Let nothing widen between two moments, unless a line says why. One new file."""
    from delivery.commands import edits

    _end(edits.freeze(name, from_, until, reason, channel, because, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        "name": "a name for it, such as 1.2-support-ends",
        "versions": "whom it is for, such as '<1.3.0'",
        "text": "what they should read, in one sentence",
        "url": "where they can read more",
        "support-ends": "the day their support ends, such as 2027-06-30, if that is what it is about",
        **CHANNELS,
        **AT,
        **WRITE,
    }
)
def notice(
    _: Context,
    name: str,
    versions: str,
    text: str,
    channel: str = "",
    url: str = "",
    support_ends: str = "",
    at: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """Tell users of some versions something, such as the end of their support. One new file."""
    from delivery.commands import edits

    said = (name, versions, text, channel, url, support_ends, at)
    _end(edits.notice(*said, commit=commit, pr=pr, dry_run=dry_run))


@task(
    help={
        "experiment": "its name",
        "keep": "the arm that everyone in it keeps, or none",
        "reason": "why",
        **AT,
        **WRITE,
    }
)
def conclude(
    _: Context,
    experiment: str,
    keep: str,
    reason: str,
    at: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
) -> None:
    """End an experiment with its decision: one line in one file."""
    from delivery.commands import edits

    _end(edits.conclude(experiment, keep, reason, at, commit=commit, pr=pr, dry_run=dry_run))


NUMBER = {"number": "its number, as ./inv proposals lists it"}
AS = {"as": "on a laptop alone: as whom, such as Bea (without: as git's user)"}


@task(help={"state": "open, merged or closed", **JSON})
def proposals(_: Context, state: str = "open", json: bool = False) -> None:
    """List what is proposed to main, what it does to users, and what each still needs."""
    from delivery.commands import proposals

    _end(proposals.proposals(state, json))


@task(help={**NUMBER, "diff": "print what it changes in files too", **JSON})
def proposal(_: Context, number: str, diff: bool = False, json: bool = False) -> None:
    """Say all about a proposal: its plan, who agreed, what it still needs, and what can be typed."""
    from delivery.commands import proposals

    _end(proposals.proposal(number, json, diff))


@task(
    help={
        **NUMBER,
        "head": "the commit that was read, as ./inv proposal shows it (without: the one whose plan its comment shows)",
        **AS,
    }
)
def approve(_: Context, number: str, head: str = "", as_: str = "") -> None:
    """Agree to a proposal as it was read; nobody agrees to their own."""
    from delivery.commands import proposals

    _end(proposals.approve(number, as_, head))


@task(help={**NUMBER, **AS})
def merge(_: Context, number: str, as_: str = "") -> None:
    """Merge a proposal that has all it needs, if it still does what its comment says."""
    from delivery.commands import proposals

    _end(proposals.merge(number, as_))


@task(help={**JSON})
def judge(_: Context, json: bool = False) -> None:
    """Say on each open proposal what it does and still needs, and set espice/approvals: what a workflow types."""
    from delivery.commands import judge

    _end(judge.judge(json))


@task(
    help={
        "stacks": "these, with a comma between them (without: staging,staging-live,production,production-live); with "
        "credentials of their accounts that may look, and a GITHUB_TOKEN that may write Commit statuses",
        "markdown": "print it as a job's summary shows it",
        **JSON,
    }
)
def previews(_: Context, stacks: str = "", markdown: bool = False, json: bool = False) -> None:
    """Say on each open proposal, as checks, what it would do to stacks, by main's program: what a workflow types."""
    from delivery.commands import previews

    _end(previews.previews(stacks, markdown, json))


@task(name="repo-settings", help={**JSON})
def repo_settings(_: Context, json: bool = False) -> None:
    """Say where the repository is set otherwise at GitHub than .github/settings.yaml says, and how to mend it."""
    from delivery.commands import repo_settings

    _end(repo_settings.repo_settings(json))


@task(help=NUMBER)
def close(_: Context, number: str) -> None:
    """Close a proposal unmerged; its branch goes with it."""
    from delivery.commands import proposals

    _end(proposals.close(number))


@task(
    help={
        "channel": "only this channel (without: all)",
        "samples": "the file of what was seen (without: .state/samples.json, if there is one)",
        "dry-run": "say what would be proposed, and propose nothing",
        **JSON,
    }
)
def promote(_: Context, channel: str = "", samples: str = "", dry_run: bool = False, json: bool = False) -> None:
    """Ask the gate of each step that is due, and propose its pass, or a hold; without data, nothing."""
    from delivery.commands import promote

    _end(promote.promote(channel, samples, dry_run=dry_run, as_json=json))


@task(
    help={
        "version": "the version to make, such as 1.6.0",
        "commit": "commit the version's file (without: it is staged)",
        "pr": WRITE["pr"],
    }
)
def sample(_: Context, version: str, commit: bool = False, pr: bool = False) -> None:
    """Make a sample version to play with: deterministic artifacts, signed by the demo key, and its fact."""
    from delivery.commands import samples

    _end(samples.sample(version, commit, pr))


@task
def verify(_: Context) -> None:
    """Build all samples and compare their bytes with the facts: size, sha256, kind, signature, version."""
    from delivery.commands import samples

    _end(samples.verify())


STACK = {
    "stack": "ENVIRONMENT (the platform), ENVIRONMENT-live or ENVIRONMENT-ground, of laptop, staging or production"
}
DIFF = {"diff": "show what was and what becomes of each property that differs"}
TARGET = {"target": "only this resource, by its name in the program or its URN; may be given again"}


@task(
    positional=["stack"],
    iterable=["target"],
    help={
        **STACK,
        **DIFF,
        **TARGET,
        "declared": "only what the program declares: nothing that is live is read",
        "against": "with --declared: what differs from what this commit declares, each by its own code",
        "markdown": "with --against: print it as a job's summary shows it",
        **JSON,
    },
)
def preview(
    _: Context,
    stack: str,
    target: list[str],
    diff: bool = False,
    declared: bool = False,
    against: str = "",
    markdown: bool = False,
    json: bool = False,
) -> None:
    """Say what an apply of HEAD would do to a stack's resources."""
    from delivery.commands import stacks

    _end(stacks.preview(stack, json, markdown, diff, target, declared, against))


@task(
    positional=["stack"],
    iterable=["target"],
    help={
        **STACK,
        **DIFF,
        **TARGET,
        "outputs": "of a live stack: append before=COMMIT, what was live until then, to this file, as GITHUB_OUTPUT "
        "takes it; nothing where it is refused before anything is written",
        **JSON,
    },
)
def apply(_: Context, stack: str, target: list[str], diff: bool = False, outputs: str = "", json: bool = False) -> None:
    """Make a stack what HEAD says."""
    from delivery.commands import stacks

    _end(stacks.apply(stack, json, diff, target, outputs))


@task(
    help={
        "stacks": "staging or production, or both with a comma between them",
        "outputs": "append a line such as staging=true for each to this file, as GITHUB_OUTPUT takes it",
        **JSON,
    },
)
def behind(_: Context, stacks: str, outputs: str = "", json: bool = False) -> None:
    """Say whether what a platform stack is made of changed since all of it was last applied."""
    from delivery.commands import behind

    _end(behind.behind(stacks, outputs, json))


@task(help={"stack": "a live stack, such as staging-live", "folder": "a new folder"})
def publication(_: Context, stack: str, folder: str) -> None:
    """Write what a live stack is made from into a folder, for whoever runs the program with plain pulumi."""
    from delivery.commands import publication

    _end(publication.publication(stack, folder))


@task(help={**STACK, **JSON})
def outputs(_: Context, stack: str, json: bool = False) -> None:
    """Say what a stack exports, secrets only named."""
    from delivery.commands import stacks

    _end(stacks.outputs(stack, json))


@task(help={**STACK, **DIFF, "dry-run": "only compare, and write nothing", **JSON})
def refresh(_: Context, stack: str, diff: bool = False, dry_run: bool = False, json: bool = False) -> None:
    """Compare a stack's state with what is really there, and take that over."""
    from delivery.commands import stacks

    _end(stacks.refresh(stack, json, diff, dry_run))


@task(
    name="import",
    help={
        **STACK,
        "type": "its type, such as cloudflare:index/zone:Zone",
        "name": "its name in the program",
        "id": "its id in the cloud, as the type's documentation has it",
        **JSON,
    },
)
def import_(_: Context, stack: str, type_: str, name: str, id_: str, json: bool = False) -> None:
    """Take what is there already into a stack's state, as the program declares it; a difference is an error."""
    from delivery.commands import stacks

    _end(stacks.import_(stack, type_, name, id_, json))


@task(
    positional=["stack"],
    iterable=["target"],
    help={**STACK, **DIFF, **TARGET, "yes": "really (without: only say how much there is)", **JSON},
)
def destroy(
    _: Context, stack: str, target: list[str], diff: bool = False, yes: bool = False, json: bool = False
) -> None:
    """Delete a stack's resources, dependents first; what is protected refuses."""
    from delivery.commands import stacks

    _end(stacks.destroy(stack, json, diff, target, yes))


@task(
    help={
        "app": "only these, with commas between them: endpoint, console, consumer (without: all)",
        "publish": "put them into the bucket of builds of this environment, staging or production",
        **JSON,
    }
)
def build(_: Context, app: str = "", publish: str = "", json: bool = False) -> None:
    """Build what Lambda runs, of HEAD: the same bytes on every machine, named by their digest."""
    from delivery.commands import build

    _end(build.build(app, publish, json))


@task(
    help={
        "stack": "laptop, staging or production",
        "next": "the build to come: its digest, or a commit such as HEAD; on the laptop newest follows commits again",
        "weight": "the share of the update checks that it answers: 0.1, then 0.5, then 1.0",
        "finish": "make it the live build, when it answers everything",
        "back": "let the build answer everything that was live before: one line",
        "because": "why, where the share is an unusual one",
        **WRITE,
        **JSON,
    }
)
def switch(
    _: Context,
    stack: str,
    next: str = "",  # noqa: A002 - the option's name
    weight: str = "",
    finish: bool = False,
    back: bool = False,
    because: str = "",
    commit: bool = False,
    pr: bool = False,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Say which builds answer, and write the lines of a stack file that let another one answer, step by step."""
    from delivery.commands import switch

    said = switch.Said(next, weight, finish, back, because)
    _end(switch.switch(stack, said, json, commit=commit, pr=pr, dry_run=dry_run))


@task(help=JSON)
def engine(_: Context, json: bool = False) -> None:
    """Get the real Pulumi engine: find it on PATH, install it, or build it from its Go module."""
    from delivery.commands import engine

    _end(engine.engine(json))


@task(help={"install": "first install Debian's packages that it needs, where they lack (apt-get, as root)", **JSON})
def client(_: Context, json: bool = False, install: bool = False) -> None:
    """Build the real client, the updater that ESpice ships, in a program without a window, for the tests to ask."""
    from delivery.commands import client

    _end(client.client(json, install))


@task(help={"fast": "only what answers within a minute", "require": "fail if these suites cannot run",
            "k": "only the tests whose names match",
            "shard": "only this share of them, as in 2/3: for jobs beside each other"})  # fmt: skip
def test(c: Context, fast: bool = False, require: str = "", k: str = "", shard: str = "") -> None:
    """Run the tests."""
    from delivery.commands import quality

    _end(quality.test(c, fast, require, k, shard))


@task
def lint(c: Context) -> None:
    """Format, lint, types, layers, workflows, locks: everything that needs no run."""
    from delivery.commands import quality

    _end(quality.lint(c))


@task
def fmt(c: Context) -> None:
    """Format the code and mend what can be mended by machine."""
    from delivery.commands import quality

    _end(quality.fmt(c))


@task
def schemas(_: Context) -> None:
    """Write the JSON Schemas of the facts from their types, so that editors complete and check while you type."""
    from delivery.commands import schemas

    _end(schemas.schemas())


@task
def api(_: Context) -> None:
    """Write what the endpoint answers as docs/openapi.json, unless v1 would lose something that it promised."""
    from delivery.commands import api

    _end(api.api())


@task
def lock(c: Context) -> None:
    """Write the hashes of what pyproject.toml pins to requirements/, no host named."""
    from delivery.commands import quality

    _end(quality.lock(c))


@task(
    help={
        "part": "major, minor or patch (without: minor if what people type or edit, or installations get, changed)",
        "commit": "commit both files (without: they are staged)",
        "pr": WRITE["pr"],
        "dry-run": WRITE["dry-run"],
        **JSON,
    }
)
def bump(
    _: Context, part: str = "", commit: bool = False, pr: bool = False, dry_run: bool = False, json: bool = False
) -> None:
    """Write the next version of this software, with what changed since the last: CHANGELOG.md, pyproject.toml."""
    from delivery.commands import bump

    _end(bump.bump(part, as_json=json, commit=commit, pr=pr, dry_run=dry_run))


@task(help=JSON)
def tag(_: Context, json: bool = False) -> None:
    """Tag the version that main is, and release it at GitHub, if that was not done yet; once, however often."""
    from delivery.commands import tag

    _end(tag.tag(as_json=json))


@task(help={"name": "one benchmark, such as decide (without: all)"})
def bench(c: Context, name: str = "") -> None:
    """Run the benchmarks and print their figures."""
    from delivery.commands import quality

    _end(quality.bench(c, name))


@task(
    help={
        "since": "only since then: 2026-11-01, 2026-11-25T14:00:00Z or 30d (without: all)",
        "channel": "only what touched this channel",
        "environment": "laptop, staging or production",
        "feed": "write the public rollout history to this file, as JSON, instead",
        **JSON,
    }
)
def history(
    _: Context, since: str = "", channel: str = "", environment: str = "laptop", feed: str = "", json: bool = False
) -> None:
    """Say who changed the facts, when, and what each change did to users: one line for each merge."""
    from delivery.commands import history

    _end(history.history(since, channel, environment, feed, json))


@task(
    help={
        "since": "only what was merged since then: 2026-11-01, 2026-11-25T14:00:00Z or 30d (without: all)",
        "until": "only what was merged before then, written likewise (without: now)",
        "channel": "only what touched this channel",
        "environment": "laptop, staging or production: whose heads tell when changes went live",
        "within": "in so many days a change must be taken back to have failed",
        "page": "write it to this .html file too, to keep or to send",
        "plot": "draw it into this .svg or .png file too",
        **JSON,
    }
)
def audit(
    _: Context,
    since: str = "",
    until: str = "",
    channel: str = "",
    environment: str = "laptop",
    within: str = "7",
    page: str = "",
    plot: str = "",
    json: bool = False,
) -> None:
    """Say who approved what effect, how the brake was used, how long changes took to be live, and how they went."""
    from delivery.commands import audit

    _end(audit.audit(since, until, channel, environment, within, page, plot, json))


@task(
    help={
        "environment": "laptop, staging or production: where it must be live",
        "to": "only this place, as the channel's fact names it (without: all)",
        "again": "tell this one, such as stable/1.4.0, although it may have been told already; with --to",
        "sent": "note that this one was told, as somebody saw there; with --to",
        "dry-run": "show what would be told, and tell nothing",
        **JSON,
    }
)
def announce(
    _: Context,
    environment: str = "laptop",
    to: str = "",
    again: str = "",
    sent: str = "",
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Tell the world, once, which versions are live for everyone, where channels say so."""
    from delivery.commands import announce

    _end(announce.announce(environment, to, again, sent, dry_run=dry_run, as_json=json))


@task(
    help={
        "channel": "stable or beta",
        "target": "the platform, such as linux-x86_64",
        "version": "the version the installation has",
        "cohort": "its cohort, 0 to 999 (without: it sends none)",
        "bundle": "its bundle, such as deb (without: the target's first)",
        "manual": "the user asked for updates",
        **HELD,
        **PAST,
        **JSON,
    }
)
def blame(
    _: Context,
    channel: str,
    target: str,
    version: str,
    cohort: str = "",
    bundle: str = "",
    manual: bool = False,
    environment: str = "",
    commit: str = "",
    at: str = "",
    json: bool = False,
) -> None:
    """Say who wrote each line that decided an answer, and which merge made it true."""
    from delivery.commands import history

    _end(history.blame(channel, target, version, cohort, bundle, manual, environment, commit, at, json))


@task(
    name="next",
    help={
        "days": "how far ahead",
        "ics": "write it as a calendar to this file too",
        **JSON,
    },
)
def next_(_: Context, days: str = "14", json: bool = False, ics: str = "") -> None:
    """Say what comes by itself: steps, ramps, freezes, experiments, notices, and what expires or is to be reviewed."""
    from delivery.commands import history

    _end(history.next_(days, json, ics))


@task(
    positional=[],  # or a list, which may be left out, would be the first word
    iterable=["failure"],
    help={
        "commit": "the commit whose facts decide (without: HEAD)",
        "from": "when to begin, in UTC, such as 2026-11-25T14:00:00Z (without: now); whole hours",
        "days": "how many days",
        "installs": "how many installations",
        "failure": "the share of updates to a version that fail, such as 1.4.0=0.03; may be given again",
        "seed": "another number, other chances",
        "plot": "draw it, to an .svg or .png file",
        **JSON,
    },
)
def simulate(
    _: Context,
    failure: list[str],
    commit: str = "HEAD",
    from_: str = "",
    days: str = "14",
    installs: str = "1000000",
    seed: str = "1",
    plot: str = "",
    json: bool = False,
) -> None:
    """Send a fleet of installations through the facts: who gets which version when, and what load that makes."""
    from delivery.commands import simulate as simulation

    _end(simulation.simulate(commit, from_, days, installs, failure, seed, plot, json))


@task(
    help={
        "environment": "staging or production",
        "yes": "apply the ground stack without asking",
        **JSON,
    }
)
def bootstrap(_: Context, environment: str, yes: bool = False, json: bool = False) -> None:
    """Make what an environment stands on, once and safely again: state, keys, builds, the roles of workflows."""
    from delivery.commands import bootstrap

    _end(bootstrap.bootstrap_(environment, yes, json))


@task(
    help={
        "environment": "staging or production",
        "from": "a folder with the built files, FOLDER/<version>/<file> or FOLDER/<file> (without: the releases at "
        "GitHub that the facts name, as far as something lacks)",
        **JSON,
    }
)
def publish(_: Context, environment: str, from_: str = "", json: bool = False) -> None:
    """Verify the artifacts of every version and put what lacks into archive and downloads; nothing is overwritten."""
    from delivery.commands import publish

    _end(publish.publish_(environment, from_, json))


@task(positional=["environment"], help={"environment": "laptop, staging or production", **JSON})
def purge(_: Context, environment: str, json: bool = False) -> None:
    """Let caches go of what they keep, and ask through them until everyone gets what is live."""
    from delivery.commands import purge

    _end(purge.purge(environment, json))


@task(
    positional=["environment"],
    help={
        "environment": "laptop, staging or production; with credentials that may read its buckets, and a GITHUB_TOKEN "
        "that may write Contents",
        "dry-run": "show what would be written, and write nothing",
        **JSON,
    },
)
def mirror(_: Context, environment: str, dry_run: bool = False, json: bool = False) -> None:
    """Put the manifests that are live into a release at GitHub, for installations that reach nothing else."""
    from delivery.commands import mirror

    _end(mirror.mirror(environment, dry_run=dry_run, as_json=json))


@task(
    positional=["environment"],
    help={
        "environment": "laptop, staging or production; these two with credentials that may read their buckets",
        **JSON,
    },
)
def prove(_: Context, environment: str, json: bool = False) -> None:
    """Prove that installations get what is live: checks, manifests, a full update through each -next."""
    from delivery.commands import prove

    _end(prove.prove(environment, json))


@task(
    positional=["environment"],
    iterable=["only"],
    help={
        "environment": "laptop, staging or production",
        "only": "compare only these: resources, objects, artifacts, answers (without: all)",
        **JSON,
    },
)
def drift(_: Context, environment: str, only: list[str], json: bool = False) -> None:
    """Say what is live otherwise than HEAD says, and how to mend it. Exit status 1 if anything is."""
    from delivery.commands import drift

    _end(drift.drift(environment, only, json))


@task(help={"environment": "staging or production"})
def r2_keys(_: Context, environment: str) -> None:
    """Put the key in R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY into the profile that reaches R2."""
    from delivery.commands import r2_keys

    _end(r2_keys.r2_keys(environment))


@task(
    help={
        "action": "set",
        "stack": "the stack whose file it goes into, such as production",
        "key": "which secret, such as origin-pull-key",
    }
)
def secret(_: Context, action: str, stack: str, key: str) -> None:
    """Encrypt a secret, read from standard input, into a stack file."""
    from delivery.commands import secret as secrets

    _end(secrets.secret(action, stack, key))


@task(
    help={
        "write": "write it and its picture into docs/ (without: print it)",
        "plot": "draw it, to an .svg or .png file",
        **JSON,
    }
)
def cost(_: Context, write: bool = False, plot: str = "", json: bool = False) -> None:
    """Say what production costs in a month, from what the program provisions and how many installations ask."""
    from delivery.commands import cost

    _end(cost.cost(write, plot, json))


@task(help={"k": "only the scenarios, wrong changes and snapshots whose names match (without: all)"})
def bless(_: Context, k: str = "") -> None:
    """Rewrite what tests expect to what the rules and the program say now; read the diff before you commit."""
    from delivery.commands import bless

    _end(bless.bless(k))


@task(help={"name": "only what holds this in its name, such as barriers (without: all, which takes long)"})
def mutate(c: Context, name: str = "") -> None:
    """Take each rule away in turn, in a copy of the tree, and see that a test goes red."""
    from delivery.commands import quality

    _end(quality.mutate(c, name))


@_of(SITE, help={"install": "also install Debian's packages that the browser lacks (apt-get, as root)", **JSON})
def site_tools(_: Context, json: bool = False, install: bool = False) -> None:
    """Get what the site's tests and audits need: Node, the site's packages, and the browser that draws its pages."""
    from delivery.commands import site_tools

    _end(site_tools.tools(json, install))


@_of(SITE)
def site_bless(_: Context) -> None:
    """Take the looks of the site's pages for right; look at the pictures before you commit them."""
    from delivery.commands import site_bless

    _end(site_bless.bless())


@_of(
    SITE,
    positional=[],
    iterable=["page"],
    help={
        "page": "a page, such as /docs/install/; again for more (without: those that site/budgets.json has audited)",
        "host": "another site than the laptop's that runs here, such as https://espice.app",
        **JSON,
    },
)
def site_audit(_: Context, page: list[str], host: str = "", json: bool = False) -> None:
    """Let Lighthouse and axe look at pages on a slow phone, in both themes. Exit status 1 if any is over its budget."""
    from delivery.commands import site_audit

    _end(site_audit.audit(page, host, json))


@_of(SITE, positional=["build"], help={"build": "the folder of a finished build, see ./inv site build --out", **JSON})
def site_budgets(_: Context, build: str, json: bool = False) -> None:
    """Weigh every page of a build, without a browser. Exit status 1 if any is over its budget in site/budgets.json."""
    from delivery.commands import site_audit

    _end(site_audit.budgets(build, json))


@_of(
    SITE,
    positional=["environment"],
    help={
        "environment": "laptop, staging or production; these two with credentials that may write the site's bucket",
        **JSON,
    },
)
def site_measure(_: Context, environment: str, json: bool = False) -> None:
    """Look at each component as a visitor would, and write down for the status page what was seen."""
    from delivery.commands import measure

    _end(measure.measure(environment, json))


@_of(
    SITE,
    positional=["environment"],
    help={
        "environment": "laptop, staging or production; these two with keys of R2 and a Cloudflare token that may purge",
        "dry-run": "say what would be written and removed, and change nothing",
        **JSON,
    },
)
def site_publish(_: Context, environment: str, json: bool = False, dry_run: bool = False) -> None:
    """Build the site of HEAD as it is to be now, and publish it, so that no page ever lacks what it loads."""
    from delivery.commands import site_publish

    _end(site_publish.publish(environment, json, dry_run))


@_of(CONTENT, help=JSON)
def content_check(_: Context, json: bool = False) -> None:
    """Check what people write for the site: front matter, links, spelling, and that no page holds code."""
    from delivery.commands import content

    _end(content.check(json))


@_of(
    CONTENT,
    help={"days": "how far ahead", "ics": "write it as a calendar to this file too", **JSON},
)
def content_calendar(_: Context, days: str = "28", json: bool = False, ics: str = "") -> None:
    """Say which pages appear and which are to be read again, by week, beside what rollouts do by themselves."""
    from delivery.commands import content

    _end(content.calendar(days, json, ics))


@_of(SITE, help={"name": "which circuit of site/content/circuits, such as rectifier (without: all)", **JSON})
def site_simulate(_: Context, name: str = "", json: bool = False) -> None:
    """Simulate the circuits that the site draws, by ngspice."""
    from delivery.commands import site_simulate

    _end(site_simulate.simulate(name, json))


@_of(
    SITE,
    help={
        "ref": "the commit whose site is built (without: HEAD)",
        "environment": "laptop, staging or production, whose addresses and settings it gets",
        "out": "put the files into this folder, which must be new or empty (without: they stay below .state/site)",
        **JSON,
    },
)
def site_build(_: Context, ref: str = "HEAD", environment: str = "laptop", out: str = "", json: bool = False) -> None:
    """Build the web site of a commit as it is published: once, however often."""
    from delivery.commands import site

    _end(site.build_(ref, environment, out, json))


@_of(
    SITE,
    help={
        "ref": "the commit (without: the work tree, built again whenever it changes)",
        "proposal": "the number of a proposal instead",
        "at": "show it as it is at this time, in UTC, such as 2026-11-25T14:00:00Z (without: now)",
        "port": "on 127.0.0.1 (without: any that is free)",
        "yes": "run what a proposal changes of the code that builds",
    },
)
def site_preview(
    _: Context, ref: str = "", proposal: str = "", at: str = "", port: str = "0", yes: bool = False
) -> None:
    """Build the web site and serve it on this machine alone, until Ctrl-C."""
    from delivery.commands import site

    _end(site.preview(ref, proposal, at, port, yes))


@_of(CONTENT, help={"url": "the issue, such as https://github.com/espice/delivery/issues/12", **WRITE})
def content_quote(_: Context, url: str, commit: bool = False, pr: bool = False, dry_run: bool = False) -> None:
    """Quote somebody who agreed to it in an issue: their words exactly, as a file of the site."""
    from delivery.commands import quote

    _end(quote.quote(url, commit=commit, pr=pr, dry_run=dry_run))


ns = Collection.from_module(sys.modules[__name__])
for group in (SITE, CONTENT):
    if group.tasks:  # invoke lists none that is empty
        ns.add_collection(group)

"""What people and workflows type: ./inv --list. Thin: every task hands over to delivery/commands at once.

Nothing of ours is imported at module level, so that the help answers in under a second.
"""

from invoke import Context, Exit, task

JSON = {"json": "print JSON for machines"}
PAST = {
    "commit": "the commit whose facts decide (without: HEAD, or with --at the one that was HEAD then)",
    "at": "the moment, in UTC, such as 2026-11-25T14:00:00Z (without: now)",
}
EDIT = {
    "channel": "the channel, such as stable",
    "version": "the version, where it is not plain from the channel",
    "commit": "commit the one file that changes (without: it is staged)",
    "dry-run": "show what would be written, and write nothing",
    "at": "when, in UTC, such as 2026-11-25T14:00:00Z (without: now)",
}


def _end(status: int) -> None:
    """A status other than 0 ends invoke with it, without a traceback."""
    if status:
        raise Exit(code=status)


@task(help={"detach": "return when all is ready, and leave it running (./inv down ends it)"})
def up(_: Context, detach: bool = False) -> None:
    """Run the whole system on this machine and follow git: every commit goes live, or is refused."""
    from delivery.commands import laptop

    _end(laptop.up(detach))


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


@task(help={"base": "the commit to compare with (without: the merge base with main)", **JSON})
def check(_: Context, base: str = "", json: bool = False) -> None:
    """Check every fact of the working tree, against the base; every problem at once. Exit status 1 if any."""
    from delivery.commands import facts

    _end(facts.check(base, json))


@task(
    help={
        "base": "the commit to compare with (without: the merge base with main)",
        "environment": "laptop, staging or production",
        "markdown": "print it as a pull request shows it",
        **JSON,
    }
)
def plan(_: Context, base: str = "", environment: str = "laptop", markdown: bool = False, json: bool = False) -> None:
    """Say which users the working tree would offer something else than the base does."""
    from delivery.commands import facts

    _end(facts.plan(base, environment, markdown, json))


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
    commit: str = "",
    at: str = "",
    json: bool = False,
) -> None:
    """Say what an installation is offered, or was at any time, why, and which lines of which facts decided it."""
    from delivery.commands import facts

    _end(facts.explain(channel, target, version, cohort, bundle, manual, failed, os, accepts, commit, at, json))


@task(name="raise", help={**EDIT, "percent": "the percent to offer it to", "gate": "let it wait for this gate's pass",
                          "because": "why, where the step is an unusual one"})  # fmt: skip
def raise_(
    _: Context,
    channel: str,
    percent: str,
    version: str = "",
    at: str = "",
    gate: str = "",
    because: str = "",
    commit: bool = False,
    dry_run: bool = False,
) -> None:
    """Offer a channel's rollout to more: one line in one file."""
    from delivery.commands import edits

    _end(edits.raise_(channel, percent, version, at, gate, because, commit=commit, dry_run=dry_run))


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
    dry_run: bool = False,
) -> None:
    """Hold a rollout: no further offers, and every later step void: one line in one file."""
    from delivery.commands import edits

    _end(edits.hold(channel, percent, version, at, reason, commit=commit, dry_run=dry_run))


@task(
    help={**EDIT, "version": "the version to withdraw", "reason": "why", "channel": "only this channel (without: all)"}
)
def withdraw(
    _: Context,
    version: str,
    reason: str,
    channel: str = "",
    at: str = "",
    commit: bool = False,
    dry_run: bool = False,
) -> None:
    """Withdraw a version: it is offered to nobody any more. One new file."""
    from delivery.commands import edits

    _end(edits.withdraw(version, channel, at, reason, commit=commit, dry_run=dry_run))


@task(help={**EDIT, "version": "only this version (without: everything on the channel)", "reason": "why"})
def stop(
    _: Context,
    channel: str,
    reason: str,
    version: str = "",
    at: str = "",
    commit: bool = False,
    dry_run: bool = False,
) -> None:
    """Stop a channel: nothing is offered on it. One new file."""
    from delivery.commands import edits

    _end(edits.stop(channel, version, at, reason, commit=commit, dry_run=dry_run))


@task(
    help={
        "version": "the version to make, such as 1.6.0",
        "commit": "commit the version's file (without: it is staged)",
    }
)
def sample(_: Context, version: str, commit: bool = False) -> None:
    """Make a sample version to play with: deterministic artifacts, signed by the demo key, and its fact."""
    from delivery.commands import samples

    _end(samples.sample(version, commit))


@task
def verify(_: Context) -> None:
    """Build all samples and compare their bytes with the facts: size, sha256, kind, signature, version."""
    from delivery.commands import samples

    _end(samples.verify())


STACK = {"stack": "laptop, laptop-live, staging, staging-live, production or production-live"}


@task(help={**STACK, **JSON})
def preview(_: Context, stack: str, json: bool = False) -> None:
    """Say what an apply of HEAD would do to a stack's resources."""
    from delivery.commands import stacks

    _end(stacks.preview(stack, json))


@task(help={**STACK, **JSON})
def apply(_: Context, stack: str, json: bool = False) -> None:
    """Make a stack what HEAD says."""
    from delivery.commands import stacks

    _end(stacks.apply(stack, json))


@task(help={"fast": "only what answers within a minute", "require": "fail if these suites cannot run",
            "k": "only the tests whose names match"})  # fmt: skip
def test(c: Context, fast: bool = False, require: str = "", k: str = "") -> None:
    """Run the tests."""
    from delivery.commands import quality

    _end(quality.test(c, fast, require, k))


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
def lock(c: Context) -> None:
    """Write the hashes of what pyproject.toml pins to requirements/, no host named."""
    from delivery.commands import quality

    _end(quality.lock(c))


@task(help={"name": "one benchmark, such as decide (without: all)"})
def bench(c: Context, name: str = "") -> None:
    """Run the benchmarks and print their figures."""
    from delivery.commands import quality

    _end(quality.bench(c, name))

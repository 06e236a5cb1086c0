"""bootstrap: what an environment stands on, made once by a person with the account's own credentials."""

import dataclasses
import sys
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from delivery.commands import wished
from delivery.commands.desk import ROOT, Usage, command, machine, out, print_json
from delivery.commands.watch import say, watched
from delivery.commands.wished import There, Wish
from delivery.deploy.bootstrap import Done, State, bootstrap
from delivery.deploy.cloud import Cloud
from delivery.deploy.guards import Guarded
from delivery.deploy.signer import Paper, trusted_key
from delivery.engines.engine_pulumi import unreachable
from delivery.engines.stack import EngineError, Outcome
from delivery.present import terminal
from delivery.rules.append import flow
from delivery.rules.facts import Key
from infra import config as stack_file
from infra.stacks import Kind

_STYLE = {State.there: "dim", State.made: "green", State.mended: "yellow"}


@command
def bootstrap_(environment: str, yes: bool, as_json: bool) -> int:
    """Make the bucket of states and the key of secrets, then apply the ground stack; say what to write where."""
    wish = _wish(environment)
    cloud = wished.cloud(wish)
    _refuse_another_account(wish, cloud)
    done = _made(wish, cloud, quiet=as_json)
    outcome = _ground(wish, cloud, yes, quiet=as_json)
    if not outcome.ok:
        print_json(_told(wish, done, outcome, {})) if as_json else out.print(terminal.outcome(outcome))
        return 1
    kms = cloud.client("kms")
    keys = {paper: trusted_key(paper, wish.names, kms) for paper in Paper}
    if as_json:
        print_json(_told(wish, done, outcome, keys))
    else:
        out.print(terminal.outcome(outcome))
        _say_what_is_next(wish, outcome, keys)
    return 0


def _wish(environment: str) -> Wish:
    named, kind = wished.named(environment)
    if named == "laptop" or kind is not Kind.platform:
        raise Usage(f"{environment}: only staging and production are bootstrapped; the laptop is by ./inv up")
    return Wish.of_head(named)


def _refuse_another_account(wish: Wish, cloud: Cloud) -> None:
    try:
        account = cloud.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise EngineError(unreachable(str(error))) from None
    if account != wish.infra.aws.account:
        path = stack_file.path(wish.environment)
        raise Usage(
            f"these credentials are of the account {account}, and {path} says {wish.infra.aws.account}; "
            f"sign in to that one, or if {account} is right, write it there under aws and commit"
        )


def _made(wish: Wish, cloud: Cloud, *, quiet: bool) -> list[Done]:
    done = []
    try:
        for each in bootstrap(wish.names, cloud.client("s3"), cloud.client("kms")):
            done.append(each)
            if not quiet:
                out.print(f"{each.state:7} {each.what}", style=_STYLE[each.state], markup=False)
    except (BotoCoreError, ClientError) as error:
        raise EngineError(
            f"{unreachable(str(error))}; what was done stays, so run it again when that is mended"
        ) from None
    return done


def _ground(wish: Wish, cloud: Cloud, yes: bool, *, quiet: bool) -> Outcome:
    engine = Guarded(cloud.engine(ROOT / ".state" / "engine" / wish.environment, [ROOT / "policies"], say))
    stack = wished.stack(wish, Kind.ground, There.nothing(wish))
    with watched(f"previewing {stack.name}") as listener:
        preview = engine.preview(stack, listener)
    if not preview.ok or not preview.changes:
        return preview
    if not yes:
        if not quiet:
            out.print(terminal.outcome(preview))
        _ask(stack.name)
    with watched(f"applying {stack.name}") as listener:
        return engine.apply(stack, listener)


def _ask(name: str) -> None:
    """The one question; where nobody can answer, --yes must have."""
    if not sys.stdin.isatty():
        raise Usage(f"{name} would change as above; say --yes if that is meant")
    if input(f"apply this to {name}? [y/N] ").strip().lower() not in ("y", "yes"):
        raise Usage("nothing more was changed")


def _say_what_is_next(wish: Wish, outcome: Outcome, keys: Mapping[Paper, Key]) -> None:
    out.print("\nnow, in the repository:", style="bold")
    for paper, key in keys.items():
        if not any(each.public == key.public for each in paper.trusted(wish.product, wish.environment)):
            out.print(f"  product.yaml, under keys.{paper}:", markup=False)
            out.print(f"    - {flow(key)}", markup=False)
    if wish.infra.cloudflare.account == "0" * 32:
        out.print(f"  {stack_file.path(wish.environment)}: cloudflare's account and zone", markup=False)
    for name, what in stack_file.SECRETS.items():
        if name not in wish.sealing.values:
            out.print(f"  ./inv secret set {wish.environment} {name} < FILE      ({what})", markup=False)
    out.print(
        f"  ./inv build --publish {wish.environment}, then ./inv switch {wish.environment} --next …", markup=False
    )
    out.print("in the repository's settings on GitHub, by environment:", style="bold")
    for does, arn in sorted(outcome.outputs.get("roles", {}).items()):
        out.print(f"  {does}: {arn}", markup=False)


def _told(wish: Wish, done: list[Done], outcome: Outcome, keys: Mapping[Paper, Key]) -> dict[str, Any]:
    return {
        "environment": wish.environment,
        "account": wish.infra.aws.account,
        "things": [dataclasses.asdict(each) for each in done],
        "ground": machine.outcome(outcome),
        "keys": {paper.value: dataclasses.asdict(key) for paper, key in keys.items()},
    }

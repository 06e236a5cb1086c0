"""history, blame, next: what was, who decided it, and what comes by itself."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from delivery.commands.brake import under_the_brake
from delivery.commands.desk import ROOT, Usage, command, earlier, out, print_json, save, whole
from delivery.commands.effects import rows
from delivery.commands.replay import channel_of, past, request
from delivery.deploy.history import public_history
from delivery.drift.brake import decide
from delivery.history import mainline
from delivery.history.blame import wrote
from delivery.present import chronicle, words
from delivery.present import json as machine
from delivery.present.calendar import ics
from delivery.present.chronicle import Line
from delivery.rules.agenda import agenda, gated
from delivery.rules.brake import halt_of
from delivery.rules.explain import explanation
from delivery.rules.facts import Product
from delivery.rules.grounds import grounds


@command
def history(since: str, channel: str, environment: str, feed_file: str, as_json: bool) -> int:
    """Who changed the facts, when, and what that did to users."""
    if feed_file:
        return _feed(environment, feed_file)
    first = earlier(since) if since else _BEGINNING
    if channel:
        channel_of(past("", "", environment).facts, channel)
    found = [row for row in rows("HEAD", environment, first) if not channel or channel in row.channels]
    if as_json:
        print_json(chronicle.history_json(found))
    else:
        out.print(chronicle.history(found))
    return 0


@command
def blame(
    channel: str,
    target: str,
    version: str,
    cohort: str,
    bundle: str,
    manual: bool,
    environment: str,
    ref: str,
    at: str,
    as_json: bool,
) -> int:
    """Who wrote each line that decided an answer."""
    asked, held = under_the_brake(past(ref, at), environment, then=bool(ref or at))
    said = explanation(asked.table, request(asked.table, channel, target, version, cohort, bundle, manual), asked.now)
    why = grounds(asked.facts, said)
    halts = {halt: reason for fact, reason in why.items() if (halt := halt_of(fact))}
    lines = list(_lines(asked.commit, {fact: reason for fact, reason in why.items() if not halt_of(fact)}))
    if as_json:
        told = {"decision": machine.decision(said.decision), "lines": chronicle.blame_json(lines), "halts": halts}
        print_json({"commit": asked.commit, **told, "brake": held.machine()})
        return 0
    out.print(words.answer(said), style="bold", markup=False)
    for halt, reason in halts.items():
        out.print(reason, style="bold", markup=False)
        out.print(f"    no commit says it yet; {decide(halt, held.environment or environment)}", markup=False)
    if lines or not halts:
        out.print(chronicle.blame(lines) if lines else "no line of any fact: there is nothing above it")
    out.print(held.said, style="dim", markup=False)
    return 0


@command
def next_(days: str, as_json: bool, ics_file: str) -> int:
    """The automatic steps to come."""
    now, ahead = datetime.now(UTC), whole(days, "--days", 1, 999)
    asked = past("", "")
    events, waiting = agenda(asked.facts, now, now + timedelta(days=ahead)), gated(asked.facts)
    product = asked.facts.product.value
    if ics_file:
        text = ics(events, f"{product.title} rollouts", domain_of(product), changed_at())
        save(ics_file, text.encode())
    if as_json:
        print_json(chronicle.agenda_json(events, waiting))
    else:
        out.print(chronicle.agenda(events, waiting, product.offices))
    return 0


def domain_of(product: Product) -> str:
    """What the ids of a calendar's events end in: they are the same wherever the calendar is made."""
    return product.environments["production"].domain if "production" in product.environments else product.product


def _feed(environment: str, file: str) -> int:
    """The public history, as it stands now. Raises Usage, and NoHistory."""
    found = public_history(ROOT, "HEAD", environment, datetime.now(UTC))
    if not found:
        raise Usage(
            f"no commit's facts could be read for {environment}; see why: ./inv history --environment {environment}"
        )
    save(file, *found.values())
    return 0


def _lines(commit: str, why: Mapping[str, str]) -> Iterator[Line]:
    """Each line that the answer stands on, with who wrote it; git is asked once for each file."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for fact in why:
        path, _, line = fact.rpartition(":")
        wanted[path].add(int(line))
    blamed = {path: wrote(ROOT, commit, path, lines) for path, lines in wanted.items()}
    for fact, reason in why.items():
        path, _, line = fact.rpartition(":")
        found = blamed[path][int(line)]
        yield Line(fact, found.text, reason, found.by, found.merged)


def changed_at() -> datetime:
    """When facts were last changed."""
    return mainline.entries(ROOT, "HEAD")[-1].commit.at


_BEGINNING = datetime.min.replace(tzinfo=UTC)

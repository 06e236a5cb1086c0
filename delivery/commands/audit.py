"""audit: who stands behind each change, uses of the brake, how long changes took, and how they went."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from delivery.commands import live
from delivery.commands.desk import ROOT, Usage, command, earlier, err, out, picture, print_json, save, whole
from delivery.commands.effects import rows
from delivery.commands.replay import channel_of
from delivery.deploy.objects import Objects
from delivery.engines.stack import EngineError
from delivery.history import mainline, snapshot
from delivery.history.audit import Merged, merged
from delivery.history.catalogs import lives
from delivery.history.git import NoHistory
from delivery.present import audit as rendered
from delivery.present import words
from delivery.present.audit import Audit, Audited, People
from delivery.present.audit_page import page as html
from delivery.present.chronicle import Row
from delivery.proposals.forge import MAIN
from delivery.rules.dora import Braked, Change, figures, live_since, taken_back
from delivery.rules.facts import Facts, Key, Product
from delivery.rules.head import Head, HeadRefused, peek
from delivery.rules.ledger import ledger
from delivery.rules.problem import Refused
from delivery.rules.read import read
from delivery.rules.shapes import Environment
from infra.names import HEAD_KEY, Names

MOST_HEADS = 900  # a bucket lists no more versions at once


@command
def audit(
    since: str, until: str, channel: str, environment: str, within: str, page: str, plot: str, as_json: bool
) -> int:
    """Prints the audit; writes it as a page and draws it where `page` and `plot` say."""
    if page and Path(page).suffix != ".html":
        raise Usage(f"--page {page}: is no .html file; name one")
    now, where = datetime.now(UTC), live.environment(environment)
    first, end = earlier(since) if since else None, earlier(until, "--until") if until else now
    days, file = timedelta(days=whole(within, "--within", 1, 365)), picture(plot)
    if first and first >= end:
        mend = f"--until {until}; turn them round" if until else "now; name an earlier time"
        raise Usage(f"--since {since}: is not before {mend}")
    made = _audit(first, end, channel, where, days, now)
    if page:
        save(page, html(made).encode())
    if file:
        os.environ.setdefault("MPLCONFIGDIR", str(ROOT / ".state" / "matplotlib"))  # its cache of fonts
        from delivery.present import audit_plot  # noqa: PLC0415 - it takes a second

        audit_plot.save(made, file)
        err.print(f"drew {file}", markup=False)
    if as_json:
        print_json(rendered.machine(made))
    else:
        out.print(rendered.terminal(made))
    return 0


def _audit(
    since: datetime | None, until: datetime, channel: str, where: Environment, within: timedelta, now: datetime
) -> Audit:
    ref, commit = _main()
    facts, problems = read(snapshot.at_commit(ROOT, commit))
    if facts is None:
        raise Refused(problems)
    if channel:
        channel_of(facts, channel)
    main = merged(ROOT, commit)
    since = max(since, min(main[0].at, until)) if since else None  # nothing was before the first commit
    found = rows(commit, where, since or _BEGINNING)[::-1]
    heads, says = _heads(facts.product.value, where, main[0].at if since is None else since)
    known = {each.id: each for each in main}
    live_at = live_since([each.id for each in main], heads)
    changes = [_change(row, known[row.commit.id], live_at) for row in found]
    brakes = tuple(_braked(facts, commit))
    records = ledger(lives(ROOT, commit, where), now)
    taken = taken_back(changes, [each for each in records if channel in ("", each.channel)], brakes, within)
    ends = {each.change: each for each in taken}
    shown = [
        Audited(row, _people(known[row.commit.id]), change, ends.get(change.commit))
        for row, change in zip(found, changes, strict=True)
        if row.commit.at < until and (not channel or channel in row.channels)
    ]
    return Audit(
        ref,
        commit,
        since,
        until,
        channel,
        where,
        within,
        says,
        tuple(shown[::-1]),
        tuple(each for each in brakes if (since or _BEGINNING) <= each.at < until and channel in ("", each.channel)),
        figures([each.change for each in shown], taken, since, until, now, within),
    )


# --- from what is recorded ----------------------------------------------------------------------------------------


def _main() -> tuple[str, str]:
    """The line that is audited, and its commit: main's, for what a branch holds beyond it is not merged."""
    for ref in (MAIN, f"origin/{MAIN}"):
        try:
            return ref, snapshot.commit_id(ROOT, ref)
        except NoHistory:
            continue
    return "HEAD", snapshot.commit_id(ROOT, "HEAD")


def _change(row: Row, merge: Merged, live_at: Mapping[str, datetime]) -> Change:
    at = row.commit.at
    return Change(merge.id, min(merge.written, at), at, live_at.get(merge.id), row.effect, merge.reverts)


def _people(merge: Merged) -> People:
    said = merge.trailers
    is_told = said.proposal is not None or said.approved_by
    return People(
        merge.authors,
        merge.committer,
        said.proposal,
        merge.requested_by,
        said.approved_by if is_told else None,
        said.reviewed_by,
        said.co_authored_by,
    )


def _braked(facts: Facts, main: str) -> Iterator[Braked]:
    """The halts that became facts, the oldest first, with the commit of main that brought each fact."""
    stops = [(halt, filed) for filed in facts.stops.values() if (halt := filed.value.decides)]
    line = mainline.entries(ROOT, main) if stops else ()
    for halt, filed in sorted(stops, key=lambda its: its[1].value.at):
        stop, scope, lifted = filed.value, filed.value.stop, filed.value.lifted
        commit = next(entry.commit for entry in line if filed.path in entry.paths)
        said = halt, scope.channel, scope.versions, stop.at, stop.reason, filed.path
        yield Braked(*said, commit.id, commit.at, lifted.at if lifted else None)


def _heads(product: Product, where: Environment, since: datetime) -> tuple[Sequence[Head], str]:
    """The heads that an environment keeps, from the one before `since` on; and where the times live come from."""
    try:
        names = Names.of(product, where)
        objects = live.reached(names).objects(names.catalog)
        heads = list(_kept(objects, product.head_keys(where), since))
    except (Usage, EngineError) as error:
        return (), f"time to live is not recorded here: {error}"
    except Refused as refused:
        return (), f"time to live is not recorded here: {refused.problems[0]}"
    if not heads:
        return (), f"time to live is not recorded: {where} keeps no head that this checkout's keys believe"
    kept = f"{words.counted(len(heads), 'head')} that {where} keeps"
    return heads, f"time to live is from {kept}, since {words.moment(min(head.issued for head in heads))}"


def _kept(objects: Objects, keys: Sequence[Key], since: datetime) -> Iterator[Head]:
    """Newest first. One that is not believed, such as by a key of old, tells of nothing."""
    newest = objects.read(HEAD_KEY)
    for data in chain([newest.data] if newest else [], objects.older(HEAD_KEY, MOST_HEADS)):
        try:
            head = peek(data, keys)
        except HeadRefused:
            continue
        yield head
        if head.issued < since:
            return


_BEGINNING = datetime.min.replace(tzinfo=UTC)

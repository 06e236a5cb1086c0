"""content quote: somebody's words about the product, from the issue in which they agreed, as a file to propose."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Unpack

from delivery.commands.desk import ROOT, Usage, command, out, put
from delivery.commands.hand_over import EITHER, How, hand_over, refuse_if_changed
from delivery.commands.propose import changed, on_main, propose
from delivery.history import snapshot
from delivery.proposals.feedback import Feedback, feedback
from delivery.rules.problem import Refused, Severity
from delivery.rules.read import File, read
from delivery.site import check as site
from delivery.site import quote as quotes


@command
def quote(url: str, **how: Unpack[How]) -> int:
    """Write the quote, or propose it to main. Raises ForgeError, and Refused where check would refuse the file."""
    if how["commit"] and how["pr"]:
        raise Usage(EITHER)
    now, said = datetime.now(UTC), feedback(ROOT, url)
    main = on_main() if how["pr"] else None
    paths = [*snapshot.PATHS, *site.PATHS]
    files = main.files(*paths) if main else snapshot.in_worktree(ROOT, paths)
    path = quotes.path(said.number)
    data = _file(said, path, files, now)
    summary, why = f"Quote issue {said.number}", f"They agreed to it in {said.url}."
    if how["commit"]:
        refuse_if_changed(path, files.get(path))
    out.print(data.decode(), markup=False)
    if how["dry_run"]:
        out.print(f"dry run: {path} was not {'proposed' if main else 'written'}", markup=False)
        return 0
    if main:
        return propose(main, changed(main, f"site/quote-issue-{said.number}", {path: data}, summary, why), now)
    (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
    put(ROOT / path, data)
    return hand_over({path: path not in files}, summary, why, commit=how["commit"])


def _file(said: Feedback, path: str, files: Mapping[str, File], now: datetime) -> bytes:
    """Raises Refused."""
    facts, problems = read(files)
    if facts is None:
        raise Refused(problems)
    product = facts.product.value.title
    data = quotes.file(said.title, product, said.text, said.name, said.url, now)
    wrong = [each for each in site.check({**files, path: data}, now) if each.path == path]
    if errors := tuple(each for each in wrong if each.severity is Severity.error):
        raise Refused(errors)
    return data

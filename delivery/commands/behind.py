"""behind: whether what a platform stack is made of changed since all of it was last applied."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from delivery.commands import live
from delivery.commands.desk import ROOT, command, out, print_json, tell_later_steps
from delivery.commands.stacks import APPLIED, engine_of
from delivery.commands.wished import Wish
from delivery.deploy import lineage
from delivery.history import code, snapshot
from delivery.history.git import NoHistory
from delivery.present.words import counted, listed
from delivery.rules.read import PRODUCT
from infra import config as stack_file
from infra.stacks import Kind


@dataclass(frozen=True, slots=True)
class Standing:
    """How a stack stands to the commit `head`. `changed` are the files, `why` says it for people.

    `applied` is the commit that all of it was last made of; None where that is not known.
    """

    stack: str
    head: str
    behind: bool
    why: str
    applied: str | None = None
    changed: tuple[str, ...] = ()


@command
def behind(stacks: str, outputs: str, as_json: bool) -> int:
    """Each stack against HEAD. Exit status 0 whichever it is, unless one cannot be told: then nothing is."""
    wishes = [_wish(stack) for stack in stacks.split(",")]
    found = [_standing(wish, engine_of(wish).tags(wish.environment).get(APPLIED)) for wish in wishes]
    if outputs:
        tell_later_steps(outputs, {each.stack.replace("-", "_"): str(each.behind).lower() for each in found})
    if as_json:
        print_json({"stacks": [asdict(each) for each in found]})
    else:
        for each in found:
            out.print(f"{each.stack}: {'behind: ' if each.behind else ''}{each.why}", markup=False)
    return 0


def _wish(stack: str) -> Wish:
    return Wish.of_head(live.in_a_cloud(stack, "it is their platforms that wait for what they are made of"))


def _standing(wish: Wish, applied: str | None) -> Standing:
    """Where nobody knows what is applied, it is behind: to apply once too often does no harm. Raises NoHistory."""
    stack, head = Kind.platform.of(wish.environment), wish.commit
    if applied is None:
        return Standing(stack, head, True, "no apply of all of it has ended well since one began")
    snapshot.refuse_shallow(ROOT)
    if not _is_known(applied):
        return Standing(stack, head, True, f"{applied} was applied, which git does not know here", applied)
    if not lineage.has(ROOT, head, applied):
        return Standing(stack, head, True, f"{applied} was applied, which HEAD does not have behind it", applied)
    made_of = (*code.CODE, stack_file.path(wish.environment), PRODUCT)
    changed = code.changed(ROOT, applied, head, made_of)
    if not changed:
        return Standing(stack, head, False, f"nothing that it is made of changed since {applied} was applied", applied)
    why = f"{_counted(changed, made_of)} changed since {applied} was applied"
    return Standing(stack, head, True, why, applied, changed)


def _is_known(commit: str) -> bool:
    try:
        return snapshot.commit_id(ROOT, commit) == commit
    except NoHistory:
        return False


def _counted(changed: Iterable[str], made_of: Sequence[str]) -> str:
    """The paths that a stack is made of, as far as something of them changed: folders with how many files."""
    counts = Counter(next(each for each in made_of if f"{path}/".startswith(f"{each}/")) for path in changed)
    files = {each: f"{each} ({counted(number, 'file')})" for each, number in counts.items() if each not in changed}
    return listed([files.get(each, each) for each in made_of if each in counts])

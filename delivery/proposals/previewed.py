"""What previews of stacks said of a proposal: one check for each stack, `espice/preview/<stack>`.

Whoever may write checks may say anything there. So a comment repeats only what was said by who sets checks for it, and
only in the words of `present.infra`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from delivery.present import infra
from delivery.proposals.forge import Check, Verdict

_NAMED = re.compile(f"espice/preview/(?P<stack>{infra.STACK})")
_SAID = re.compile(f"(?P<words>{infra.WORDS}); main (?P<main>[0-9a-f]{{12}})")


def name(stack: str) -> str:
    """What a stack's check is called."""
    return f"espice/preview/{stack}"


def done(stack: str, words: str, main: str, url: str | None) -> Check:
    """A preview that went well, of the proposal as it would be on this main."""
    return Check(name(stack), Verdict.success, f"{words}; main {main[:12]}", url)


def failed(stack: str, why: str, url: str | None) -> Check:
    """One that did not."""
    return Check(name(stack), Verdict.failure, why, url)


def is_known(checks: Sequence[Check], me: str, stack: str, main: str) -> bool:
    """Whether we said of this stack how it would be on this main; what failed is to be tried again."""
    check = by_stack(checks).get(stack)
    said = _SAID.fullmatch(check.says) if check and check.by == me else None
    return said is not None and said["main"] == main[:12]


def by_stack(checks: Sequence[Check]) -> Mapping[str, Check]:
    """The checks that are of previews, whoever said them."""
    named = ((_NAMED.fullmatch(each.name), each) for each in checks)
    return dict(sorted((found["stack"], each) for found, each in named if found))


def summaries(checks: Sequence[Check], me: str) -> Mapping[str, str]:
    """What a comment of ours says of each stack."""
    return dict(_summaries(checks, me))


def _summaries(checks: Sequence[Check], me: str) -> Iterator[tuple[str, str]]:
    for stack, check in by_stack(checks).items():
        said = _SAID.fullmatch(check.says)
        if check.by == me and (said or check.verdict is Verdict.failure):
            yield stack, said["words"] if said else infra.FAILED

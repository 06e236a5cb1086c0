"""What is merged without asking anybody: the fact of a halt, since a person with the brake's key decided it before.

So it must be what main's own code makes of a halt that is signed and pending, to the commit, and be proposed by whoever
merges it; it must take away; and where others share main it must be the halt of the environment whose brake speaks for
all, as every fact does.
"""

from collections.abc import Iterator

from delivery.present.words import problems_count
from delivery.proposals.standing import Standing
from delivery.rules.plan import Effect
from delivery.rules.problem import Severity

SPEAKS = "production"


def speaks(environment: str, *, is_shared: bool) -> bool:
    """Whether what is halted there may be stopped on main by that alone. `is_shared`: others have main, too."""
    return environment == SPEAKS or not is_shared


def refusals(needs: Standing, environment: str, *, is_own: bool, is_shared: bool) -> Iterator[str]:
    """Why people are asked for the fact of a halt in this environment; nothing if they need not be.

    `is_own`: whoever merges it proposed it, and it is exactly the commit that was made for it on main as it is.
    """
    if not speaks(environment, is_shared=is_shared):
        yield f"a fact stops every environment, and only the brake of {SPEAKS} speaks for all of them"
        return
    if not is_own:
        yield "it is not what was made of the halt here, or somebody else proposed it"
    if errors := [each for each in needs.problems if each.severity is Severity.error]:
        yield f"check refuses it: {problems_count(errors)}"
    elif needs.plan is None:
        yield "what it does to users cannot be told"
    elif needs.plan.effect not in (Effect.none, Effect.narrower):
        yield "it does not only take away"

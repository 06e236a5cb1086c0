"""What is merged without asking anybody: the fact of a halt, since a person with the brake's key decided it before.

So it must be that fact and nothing else, as main's own code makes it of a halt that is signed and pending; it must take
away; and where others share main it must be the halt of the environment whose brake speaks for all, as every fact does.
"""

from collections.abc import Iterator

from delivery.present.words import problems_count
from delivery.proposals.standing import Standing
from delivery.rules.plan import Effect
from delivery.rules.problem import Severity

SPEAKS = "production"


def refusals(needs: Standing, environment: str, *, is_only_that: bool, is_shared: bool) -> Iterator[str]:
    """Why people are asked for the fact of a halt in this environment; nothing if they need not be.

    `is_only_that`: merging it makes main what it is now and the fact, by one commit.
    """
    if not is_only_that:
        yield "it is not the fact of the halt alone, as the halt says it"
    if errors := [each for each in needs.problems if each.severity is Severity.error]:
        yield f"check refuses it: {problems_count(errors)}"
    elif needs.plan is None:
        yield "what it does to users cannot be told"
    elif needs.plan.effect not in (Effect.none, Effect.narrower):
        yield "it does not only take away"
    if is_shared and environment != SPEAKS:
        yield f"a fact stops every environment, and only the brake of {SPEAKS} speaks for all of them"

"""What changes when code changes too: the base's facts by the base's code, and the merged ones by the merged code.

The base's code cannot be imported beside this one, so it is asked all at once: `questions` are what there is to ask,
whoever runs that code answers them (`delivery.commands.answers`), and `differences` says who gets another answer. One
question stands for a piece in which answers are the same by both catalogs as this code divides them: where the base's
code divided them otherwise, the piece's representative speaks for it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from delivery.rules.compare import Answer, Change, compare, production
from delivery.rules.compile import Table
from delivery.rules.decide import Request

Question = tuple[Request, datetime]


def questions(before: Table, after: Table, now: datetime) -> tuple[Question, ...]:
    """What must be asked of the base's code: a client for every piece of every cell, changed or not."""
    asked: dict[Question, None] = {}
    sides = production(before, after)

    def ask(request: Request, time: datetime) -> Answer:
        asked[request, time] = None
        return sides.before(request, time)

    compare(before, after, now, replace(sides, before=ask), everything=True)
    return tuple(asked)


def differences(before: Table, after: Table, now: datetime, answers: Mapping[Question, Answer]) -> tuple[Change, ...]:
    """Who is answered otherwise by this code and `after` than by these answers. Raises KeyError for one that lacks."""
    sides = replace(production(before, after), before=lambda request, time: answers[request, time])
    return compare(before, after, now, sides, everything=True)

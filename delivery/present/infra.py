"""What a preview of a stack comes to, in the few words that a check and a comment have for it."""

import re
from collections import Counter

from delivery.present.terminal import Outcome
from delivery.present.words import counted

OF_CODE = "changes the program: see the declared differences of its check"
FAILED = "the preview failed: its check says why"

_COUNTS = ("create", "update", "delete", "replace")
_COUNTED = ", ".join(rf"[0-9,]+ {each}s?" for each in _COUNTS)
WORDS = f"(?:{_COUNTED}|{OF_CODE}|{FAILED})"
"""All that can be said, as a regular expression: nothing that somebody wrote is ever among it."""

STACK = "[a-z]+(?:-[a-z]+)?"
LINE = re.compile(f"{STACK}: {WORDS}")
"""The same of one stack."""


def summary(outcome: Outcome) -> str:
    """0 creates, 3 updates, 0 deletes, 1 replace."""
    done = Counter(str(step.operation) for step in outcome.steps)
    return ", ".join(counted(done[each], each) for each in _COUNTS)

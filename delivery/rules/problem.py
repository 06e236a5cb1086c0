"""What is wrong with a change, where, and how to mend it. Knows no rule itself."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """An error refuses the change; a warning is shown and lets it pass."""

    error = "error"
    warning = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong, in the order people read: file, line, field, what, mend."""

    path: str
    line: int  # counted from 1; 0 when the whole file is meant
    field: str  # dotted, as written in YAML: steps.2.percent; empty when the whole file is meant
    what: str
    mend: str
    severity: Severity = Severity.error

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        parts = [place, self.field, f"{self.what}; {self.mend}"]
        words = ": ".join(part for part in parts if part)
        return f"{words} (warning)" if self.severity is Severity.warning else words

    def to_json(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self)


class Refused(Exception):  # noqa: N818 - named for what happened to the change
    """A change was refused; carries every problem at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

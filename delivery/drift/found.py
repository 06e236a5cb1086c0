"""One difference between what is live and what HEAD says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """`where` it is, `what` is otherwise there, and the `mend`: a command to type, or a sentence."""

    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.mend}"

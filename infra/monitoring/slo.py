"""How fast the error budget may burn before somebody is told. Arithmetic only.

The budget of a promise of 99.9 % is the other 0.1 % of a month's update checks. At rate 1 it lasts exactly that month.
Rates and windows are those of Google's SRE Workbook, chapter 5: the long window says that it matters, the short one
that it still goes on, so an alarm ends soon after what caused it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HOUR = 3600
MONTH = 30 * 24 * HOUR  # over which the promise is kept


class Urgency(StrEnum):
    """When somebody must look."""

    page = "page"  # now
    ticket = "ticket"  # in the morning


@dataclass(frozen=True, slots=True)
class Burn:
    """A rate at which the budget must not burn, over two windows in seconds."""

    name: str
    rate: float
    long: int
    short: int
    urgency: Urgency

    @property
    def spent(self) -> float:
        """The share of the month's budget that is gone once the long window is full of this rate."""
        return self.rate * self.long / MONTH

    def most_failed(self, promised: float) -> float:
        """The share of answers above which they burn so fast, where a share `promised` is to be good.

        Rounded where the arithmetic of floats would show in a stack's every preview.
        """
        return round(self.rate * (1 - promised), 9)


BURNS = (
    Burn("fast", 14.4, HOUR, HOUR // 12, Urgency.page),
    Burn("steady", 6, 6 * HOUR, HOUR // 2, Urgency.page),
    Burn("slow", 1, 72 * HOUR, 6 * HOUR, Urgency.ticket),
)


def said(seconds: int) -> str:
    """A window as names have it: 5m, 6h, 3d."""
    for unit, length in (("d", 24 * HOUR), ("h", HOUR), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    raise ValueError(f"{seconds} s are no whole minutes, and CloudWatch counts in minutes")

"""What something costs, in tables. Knows nothing of clouds: names and dollars in, Markdown out."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line: dollars a month for each number of clients, and what makes it more."""

    what: str
    dollars: tuple[float, ...]
    grows: str = ""


def many(clients: int) -> str:
    """A number as people say it: 10 k, 1 M, 1 G."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if clients >= size and clients % size == 0:
            return f"{clients // size} {unit}"
    return str(clients)


def dollars(amount: float) -> str:
    """Whole dollars where they matter, cents where they are all there is."""
    return f"{amount:,.0f}" if amount >= 10 else f"{amount:.2f}"


def table(clients: Sequence[int], rows: Sequence[Row], *, grows: bool = True, of: str = "US dollars a month") -> str:
    """Rows by numbers of clients, in Markdown."""
    header = [of, *(many(each) for each in clients), *(["grows with"] if grows else [])]
    lines = [header, ["---", *("--:" for _ in clients), *(["---"] if grows else [])]]
    lines += [[row.what, *(dollars(each) for each in row.dollars), *([row.grows] if grows else [])] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

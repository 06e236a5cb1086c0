"""How much of the update checks the edge answers itself: `python -m benchmarks.freshness`.

Starts a laptop in a copy of this repository and asks its real nginx, in front of the real endpoint, as fleets of 1 k to
100 M installations would: each installation asks every 12 h at a moment of its own, so the requests for each URL are a
Poisson stream of their own. All fleets are measured at once, in real time, by sampling: a cache knows nothing between
two URLs, so a random part of the URLs, each with its own stream at its own rate, has the hit ratio of the whole. A
small fleet is measured in many copies, told apart by a query key that the endpoint does not know; of a large one only
some cohorts ask. Beside it stands the formula: a URL that is asked r times a second, and kept for T seconds, is
answered by the cache in a share r*T / (1 + r*T); the fleet's share is the mean over its requests. Where answers change
every B seconds before their time is over, it is 1 - (1 - exp(-r*B)) / (r*B).

    python -m benchmarks.freshness [--seconds S] [--json] [--plot FILE.svg]

Linux only: it asks from many loopback addresses, as the edge limits what one may ask. It takes three minutes.
"""

import argparse
import json
import random
import socket
import tempfile
import threading
import time
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from math import ceil, expm1, sqrt
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from delivery.endpoint.answers import LONGEST_S
from delivery.history import snapshot
from delivery.present.freshness_plot import Curve, save
from delivery.rules.assemble import assemble
from delivery.rules.compile import COHORTS, SYSTEMS, compile
from delivery.rules.fleet import Fleet, typical
from delivery.rules.read import read
from tests.laptop.system import System, copy_of_this_repository, running

FLEETS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
INTERVAL = 12 * 3600.0  # seconds between two checks of one installation
RATE, MOST = 15.0, 100.0  # requests a second for each fleet of each curve: wanted, and too many for one of them
WARM = LONGEST_S + 2.0  # seconds until what is kept does not depend on the beginning any more
ASKERS, ADDRESSES = 8, 64  # threads; loopback addresses, as the edge lets one ask the origin 200 times a second
WHOLE_SECONDS = 0.5  # nginx keeps an answer until the second after its last is over: half of one longer, on average
RAMP = ("raise", "stable", "25", "--over", "1h", "--commit")  # 150 of the 1,000 cohorts in an hour


@dataclass(frozen=True, slots=True)
class Way:
    """Whom is asked, and whether the URL says the cohort."""

    name: str
    channel: str
    cohorts: bool
    changes: float | None = None  # seconds from one moment at which answers change to the next; fewer than LONGEST_S


WAYS = (
    Way("cohort in the URL, a rollout ramps 15 % in an hour", "stable", cohorts=True, changes=3600 / 150),
    Way("cohort in the URL, nothing changes", "beta", cohorts=True),
    Way("one URL for all cohorts, nothing changes", "beta", cohorts=False),
)


@dataclass(slots=True)
class Series:
    """One fleet that asks in one way: its URLs, and what came of them."""

    way: Way
    fleet: int
    mix: Sequence[tuple[str, float]]  # (the end of the URL, its share of the fleet)
    asked: int = 0
    kept: int = 0  # of the asked, answered by the cache
    seconds: list[int] = field(default_factory=list)  # for which the origin's answers may be kept

    @property
    def checks(self) -> float:
        """Of the whole fleet, a second."""
        return self.fleet / INTERVAL

    @property
    def copies(self) -> int:
        """How many such fleets ask."""
        return max(1, ceil(RATE / self.checks))

    @property
    def sampled(self) -> int:
        """How many of the cohorts ask."""
        return max(20, min(COHORTS, round(COHORTS * RATE / self.checks))) if self.way.cohorts else COHORTS

    @property
    def rate(self) -> float:
        """Of the requests that are really made, a second."""
        return self.checks * self.copies * self.sampled / COHORTS

    def url(self, pick: random.Random, shares: Sequence[float]) -> str:
        """Of the next installation that asks."""
        end = self.mix[bisect(shares, pick.random() * shares[-1])][0]
        cohort = f"&cohort={pick.randrange(self.sampled)}" if self.way.cohorts else ""
        return f"/v1/update/{self.way.channel}/{end}{cohort}&copy={self.fleet}.{pick.randrange(self.copies)}"

    def formula(self, lifetime: float, managed: float = 1.0) -> float:
        """The share that a cache answers which keeps answers for so many seconds, where that many requests come.

        Where answers change more often, the first request after each change goes to the origin, and no other: of the
        n that come in between on average, a share of (1 - exp(-n)) / n. Not what the mean lifetime would give: who
        asks often asks soon after the change, and what they get is kept for longest.
        """
        each = managed * self.checks / (COHORTS if self.way.cohorts else 1)
        if (between := self.way.changes) is not None:
            return 1 - sum(share * -expm1(-each * share * between) / (each * share * between) for _, share in self.mix)
        return sum(share * (n := each * share * lifetime) / (1 + n) for _, share in self.mix)

    @property
    def lifetime(self) -> float:
        """For how many seconds this nginx keeps an answer, on average; 30 where the origin was never asked."""
        kept = [seconds + WHOLE_SECONDS if seconds else 0.0 for seconds in self.seconds]
        return sum(kept) / len(kept) if kept else float(LONGEST_S)


def mix(fleet: Fleet, channel: str) -> list[tuple[str, float]]:
    """The ends of the URLs, up to the cohort: by target, bundle, version and the system's own version."""
    versions, found = fleet.versions[channel], []
    for (target, bundle), share in fleet.targets.items():
        systems = fleet.systems.get(SYSTEMS.get(target.partition("-")[0], ""), {"": 1.0})
        for version, on_it in versions.items():
            for system, has_it in systems.items():
                said = f"&os={system}" if system else ""
                weight = share * (on_it / sum(versions.values())) * (has_it / sum(systems.values()))
                found.append((f"{target.replace('-', '/', 1)}/{version}?bundle={bundle}{said}", weight))
    whole = sum(share for _, share in found)
    return [(end, share / whole) for end, share in found]


def load(series: Sequence[Series], host: str, port: int, seconds: float) -> float:
    """Asks as all of them together, `seconds` after the warm-up; returns how many of the wanted requests were made."""
    began = time.monotonic()
    until, locks = began + WARM + seconds, threading.Lock()
    shares = [list(accumulate(share for _, share in each.mix)) for each in series]
    rates = list(accumulate(each.rate for each in series))
    trouble: list[str] = []

    def ask(number: int) -> None:
        pick = random.Random(number)  # noqa: S311 - not for secrets
        lines = [Line(host, port, f"127.0.1.{1 + n}") for n in range(number, ADDRESSES, ASKERS)]
        due = began
        while (due := due + pick.expovariate(rates[-1] / ASKERS)) < until and not trouble:
            time.sleep(max(0.0, due - time.monotonic()))
            chosen = bisect(rates, pick.random() * rates[-1])
            status, edge, kept = pick.choice(lines).get(series[chosen].url(pick, shares[chosen]))
            if status not in (200, 204):
                trouble.append(f"status {status}")
            if due >= began + WARM:
                with locks:
                    _count(series[chosen], edge, kept)

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(ASKERS)]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    if trouble:
        raise SystemExit(f"the edge answered with {trouble[0]}")
    return sum(each.asked for each in series) / (rates[-1] * (time.monotonic() - began - WARM))


def _count(series: Series, edge: str, kept: int) -> None:
    series.asked += 1
    if edge == "HIT":
        series.kept += 1
    else:
        series.seconds.append(kept)


class Line:
    """A connection from one address that is kept open. As small as can be, for it shares the machine with nginx."""

    def __init__(self, host: str, port: int, source: str) -> None:
        self._to, self._source, self._name = (host, port), source, f"{host}:{port}"
        self._socket: socket.socket | None = None

    def get(self, path: str) -> tuple[int, str, int]:
        """Status, what the cache did, and the seconds for which the answer may be kept."""
        for _ in range(2):  # the other side may have ended a connection that nobody used
            with suppress(OSError):
                return self._once(path)
            self._socket = None
        return self._once(path)

    def _once(self, path: str) -> tuple[int, str, int]:
        if self._socket is None:
            self._socket = socket.create_connection(self._to, timeout=10, source_address=(self._source, 0))
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {self._name}\r\n\r\n".encode())
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        first, *lines = data[:end].decode("latin-1").split("\r\n")
        said = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        left = int(said.get("content-length", 0)) - (len(data) - end - 4)
        while left > 0:
            left -= len(self._more())
        seconds = said.get("cache-control", "").partition("max-age=")[2]
        return int(first.split()[1]), said.get("cf-cache-status", ""), int(seconds or 0)

    def _more(self) -> bytes:
        assert self._socket is not None
        if not (data := self._socket.recv(65536)):
            raise ConnectionResetError
        return data


def measured(system: System, seconds: float) -> tuple[list[Series], float]:
    """Every curve, and the share of the wanted requests that this machine managed."""
    found, problems = read(snapshot.at_commit(system.repo, "HEAD"))
    assert found, problems
    fleet = typical(compile(assemble(found, "laptop")), datetime.now(UTC), FLEETS[0])
    ends = mix(fleet, "stable")  # the same for all, so that only what is compared differs
    every = [Series(way, size, ends) for way in WAYS for size in FLEETS]
    url = urlsplit(system.url("updates"))
    assert url.hostname
    assert url.port
    return every, load([each for each in every if each.rate <= MOST], url.hostname, url.port, seconds)


def rows(every: Sequence[Series], managed: float) -> Iterator[Mapping[str, Any]]:
    """What was found. `formula` is for the time for which this nginx keeps.

    A machine that managed only a part of the requests has measured fleets that are smaller by as much: `as_if`
    installations, for which the formula says `expected`.
    """
    for each in every:
        lifetime = _lifetime(every, each.way)
        ratio = each.kept / each.asked if each.asked else None
        yield {
            "way": each.way.name,
            "installations": each.fleet,
            "checks": each.checks,
            "formula": each.formula(lifetime),
            "origin": each.checks * (1 - each.formula(lifetime)),
            "lifetime": lifetime,
            "requests": each.asked,
            "as_if": each.fleet * managed,
            "hit": ratio,
            "error": None if ratio is None else sqrt(max(ratio * (1 - ratio), 1 / each.asked) / each.asked),
            "expected": each.formula(lifetime, managed),
        }


def _lifetime(every: Sequence[Series], way: Way) -> float:
    """Of all answers in this way, since large and small fleets get the same ones."""
    seconds = [second for each in every if each.way == way for second in each.seconds]
    return Series(way, 1, (), seconds=seconds).lifetime


def show(found: Sequence[Mapping[str, Any]], managed: float, urls: int) -> None:
    """A table for each way."""
    print(f"{urls} URLs beside cohorts; this machine managed {managed:.1%} of the wanted requests")
    for way in WAYS:
        its = [row for row in found if row["way"] == way.name]
        print(f"{way.name} (kept for {its[0]['lifetime']:.1f} s on average)")
        titles = f"{'installations':>15}{'checks/s':>11}{'from caches':>13}{'at the origin/s':>17}"
        print(f"{titles}{'measured':>24}{'formula':>10}")
        for row in its:
            hit = "not measured" if row["hit"] is None else f"{row['hit']:.2%} ± {row['error']:.2%}"
            theory = f"{row['checks']:>11,.2f}{row['formula']:>13.2%}{row['origin']:>17,.2f}"
            print(f"{row['installations']:>15,}{theory}{hit:>24}{row['expected']:>10.2%}")


def draw(found: Sequence[Mapping[str, Any]], file: Path) -> None:
    """The picture."""
    curves = {}
    for way in WAYS:
        its = [row for row in found if row["way"] == way.name]
        measured = [(row["as_if"], row["hit"]) for row in its if row["hit"] is not None]
        curves[way.name] = Curve([row["formula"] for row in its], measured)
    says = "; ".join(
        f"{row['way']}, {row['installations']} installations: {row['formula']:.1%} from caches" for row in found
    )
    save(FLEETS, 1 / INTERVAL, curves, file, "What one cache answers of the update checks", says)


def main() -> None:
    """Measures, and prints or draws."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freshness", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120.0, help="for which is counted, after a warm-up of 32 s")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them into this .svg or .png")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(copy_of_this_repository(Path(folder))) as system:
        system.inv(*RAMP)
        system.await_live()
        every, managed = measured(system, given.seconds)
    found = list(rows(every, managed))
    if given.plot:
        draw(found, given.plot)
    if given.json:
        print(json.dumps({"managed": managed, "rows": found}, indent=2))
    else:
        show(found, managed, len(every[0].mix))


if __name__ == "__main__":
    main()

"""Freshening: the order of its steps, its waiting, and what it says where it fails. Its clock is a made-up one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.deploy.freshen import Ask, Clock, Edge, NotFresh, PurgeRefused, freshen

CONFIRM, TIMEOUT, MAX_AGE = 10.0, 5.0, 30.0


@dataclass
class Cloud:
    """One address behind a cache, an origin that learns late, and a clock that only waiting moves."""

    learns: float = CONFIRM  # seconds after the write until the origin begins to answer anew
    takes: float = 0.0  # seconds that an answer is on its way
    refuses: str = ""
    now: float = 1000.0
    kept: tuple[str, float] | None = None
    on_their_way: list[tuple[float, str]] = field(default_factory=list)
    did: list[str] = field(default_factory=list)
    written: float = 1000.0

    def purge(self, prefixes: Sequence[str]) -> None:
        self.arrive()
        if self.refuses:
            raise PurgeRefused(self.refuses)
        self.did.append(f"{self.now - self.written:.0f} purge {' '.join(prefixes)}")
        self.kept = None

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def origin(self) -> str:
        return "new" if self.now >= self.written + self.learns else "old"

    def somebody_asks(self) -> None:
        """An answer begins now and is kept when it arrives."""
        self.on_their_way.append((self.now + self.takes, self.origin()))

    def arrive(self) -> None:
        for at, said in sorted(self.on_their_way):
            if at <= self.now:
                self.kept = (said, at + MAX_AGE)
        self.on_their_way = [each for each in self.on_their_way if each[0] > self.now]

    def ask_anew(self) -> str:
        self.somebody_asks()
        return "" if self.origin() == "new" else "the origin answers from before"

    def ask(self) -> str:
        self.arrive()
        if self.kept is None or self.kept[1] <= self.now:
            self.kept = (self.origin(), self.now + MAX_AGE)
        return "" if self.kept[0] == "new" else "a cache answers from before"

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.wait)

    @property
    def edge(self) -> Edge:
        return Edge(self.purge, ("updates.test", "downloads.test/v1"), CONFIRM + TIMEOUT, MAX_AGE, "./inv purge test")

    def freshen(self, said: Callable[[str], None] = lambda _: None) -> None:
        freshen(self.edge, [self.ask_anew], [self.ask], said, clock=self.clock)


def test_the_second_purge_comes_when_nothing_old_can_be_on_its_way_any_more() -> None:
    cloud = Cloud(learns=0)
    cloud.freshen()
    assert cloud.did == ["0 purge updates.test downloads.test/v1", "15 purge updates.test downloads.test/v1"]


def test_it_says_what_it_did_and_how_long_that_took() -> None:
    said: list[str] = []
    Cloud(learns=0).freshen(said.append)
    assert said == [
        "purged updates.test and downloads.test/v1; the origin answers anew after 0.0 s",
        "purged again; everyone gets what is live after 15.0 s",
    ]


@given(begins=st.floats(0, CONFIRM, exclude_max=True), takes=st.floats(0, TIMEOUT, exclude_max=True))
def test_no_cache_has_anything_old_afterwards_however_late_an_old_answer_began_and_arrives(
    begins: float, takes: float
) -> None:
    cloud = Cloud(learns=CONFIRM, takes=takes)
    wait = cloud.wait

    def somebody_asks_meanwhile(seconds: float) -> None:
        if cloud.now <= cloud.written + begins < cloud.now + seconds:
            cloud.on_their_way.append((cloud.written + begins + takes, "old"))
        wait(seconds)

    clock = Clock(lambda: cloud.now, somebody_asks_meanwhile)
    freshen(cloud.edge, [lambda: ""], [cloud.ask], lambda _: None, clock=clock)
    wait(TIMEOUT)
    assert cloud.ask() == ""


def test_with_one_purge_only_an_old_answer_on_its_way_would_stay() -> None:
    cloud = Cloud(learns=8, takes=4)
    cloud.purge(cloud.edge.prefixes)
    cloud.now += 7.9
    cloud.somebody_asks()
    cloud.now += 20
    assert cloud.ask() == "a cache answers from before"


def test_a_purge_that_is_refused_fails_and_says_for_how_long_caches_may_be_old_and_how_to_repeat() -> None:
    with pytest.raises(NotFresh) as failed:
        Cloud(refuses="Cloudflare refused to purge: status 500").freshen()
    assert str(failed.value) == (
        "it is live, but caches may give what was live before for 45 s more: "
        "Cloudflare refused to purge: status 500; ./inv purge test"
    )


@pytest.mark.parametrize(
    ("asks", "trouble"),
    [
        ("origin", "the origin answers from serial 6, not 7"),
        ("kept", "a cache answers from serial 6, not 7"),
    ],
)
def test_what_does_not_show_in_time_fails_and_is_named(asks: str, trouble: str) -> None:
    cloud = Cloud()

    def never() -> str:
        return trouble

    def fine() -> str:
        return ""

    both: dict[str, Sequence[Ask]] = {"origin": [fine], "kept": [fine], asks: [fine, never]}
    with pytest.raises(NotFresh) as failed:
        freshen(cloud.edge, both["origin"], both["kept"], lambda _: None, clock=cloud.clock)
    assert str(failed.value) == f"it is written, but does not show within 30 s: {trouble}; ./inv purge test"

"""From one build of the update endpoint to the next, as people type it: each runs from its own zip, by its share."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.laptop.system import System

HEADER = "ESpice-Build"
MARK = '"ESpice-Commit": live.head.commit,'
PATH = "/v1/update/stable/linux/x86_64/1.2.0?bundle=appimage&one="


@pytest.fixture(scope="module")
def switching(one_system: System) -> Iterator[System]:
    """The build of HEAD is live by its digest; HEAD itself has another one, which marks its answers, as next."""
    before = one_system.git("rev-parse", "HEAD").strip()
    one_system.inv("switch", "laptop", "--next", "HEAD")
    _replace(one_system, "delivery/endpoint/answers.py", MARK, f'{MARK} "{HEADER}": "two",')
    _replace(one_system, "infra/edge/limits.py", "ANSWERS = 27_000", "ANSWERS = 1_000_000")  # no office asks so much
    one_system.commit("Mark the answers, and let the build before stay live")
    one_system.inv("switch", "laptop", "--next", "HEAD", "--commit")
    one_system.await_live()
    yield one_system
    one_system.git("reset", "-q", "--hard", before)
    one_system.await_live()


def _replace(system: System, path: str, before: str, after: str) -> None:
    file = system.repo / path
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))


def answer(system: str, number: int) -> str:
    """Who answers a check that no cache has: the mark, `unmarked`, or what went wrong."""
    connection = http.client.HTTPConnection(system, timeout=10)
    try:
        connection.request("GET", f"{PATH}{number}")
        response = connection.getresponse()
        response.read()
        return response.headers.get(HEADER, "unmarked") if response.status == 200 else str(response.status)
    except OSError as error:
        return type(error).__name__
    finally:
        connection.close()


def answers(system: System, count: int, begin: int = 0) -> Counter[str]:
    """Who answered so many checks."""
    where = urlsplit(system.url("updates")).netloc
    with ThreadPoolExecutor(4) as pool:
        return Counter(pool.map(lambda number: answer(where, begin + number), range(count)))


@contextmanager
def asking(system: System) -> Iterator[Counter[str]]:
    """Checks without a pause for as long as this lasts; who answered them."""
    where, over = urlsplit(system.url("updates")).netloc, threading.Event()
    counts: Counter[str] = Counter()

    def ask(lane: int) -> None:
        number = lane * 1_000_000
        while not over.is_set():
            number += 1
            said = answer(where, number)
            with lock:
                counts[said] += 1
            time.sleep(0.002)  # the switch itself needs this machine, too

    lock = threading.Lock()
    lanes = [threading.Thread(target=ask, args=(lane,)) for lane in (1, 2)]
    for lane in lanes:
        lane.start()
    try:
        yield counts
    finally:
        over.set()
        for lane in lanes:
            lane.join()


def shares(system: System) -> dict[str, float]:
    """The share of each build by what the function says, newest first, those that have one."""
    told = json.loads(system.inv("switch", "laptop", "--json"))
    assert told["unread"] == ""
    return {each["digest"]: each["share"] for each in told["published"] if each["share"]}


def switched(system: System, *said: str) -> str:
    printed = system.inv("switch", "laptop", *said, "--commit")
    system.await_live()
    return printed


def test_a_new_build_runs_from_its_own_zip_and_answers_nobody_until_it_has_a_share(switching: System) -> None:
    told = json.loads(switching.inv("switch", "laptop", "--json"))
    assert (told["weight"], told["probe"]) == (0.0, "")  # it was asked, by its own name, and can answer
    assert shares(switching) == {told["live"]: 1.0}
    builds = {f"sha256:{each['sha256']}": each for each in switching.status()["builds"]}
    assert {digest: builds[digest]["weight"] for digest in (told["live"], told["next"])} == {
        told["live"]: 1.0,
        told["next"]: 0.0,
    }
    assert answer(f"127.0.0.1:{builds[told['next']]['port']}", 1) == "two"
    assert answer(f"127.0.0.1:{builds[told['live']]['port']}", 1) == "unmarked"
    assert answers(switching, 200) == {"unmarked": 200}


def test_requests_are_split_by_the_share_and_one_line_leads_back(switching: System) -> None:
    assert "was asked, and can answer" in switched(switching, "--weight", "0.5", "--because", "to see both in one test")
    assert sorted(shares(switching).values()) == [0.5, 0.5]
    counts = answers(switching, 2_000, begin=10_000)
    assert set(counts) == {"two", "unmarked"}, counts
    assert 860 < counts["two"] < 1_140  # more than six standard deviations to either side
    switched(switching, "--back")
    assert switching.git("show", "--numstat", "--format=", "HEAD").split() == ["1", "1", "Pulumi.laptop.yaml"]
    assert answers(switching, 200, begin=20_000) == {"unmarked": 200}


@pytest.mark.timeout(400)  # on a machine that runs the other tests at the same time
def test_ten_thousand_requests_across_a_whole_switch_lose_none(switching: System) -> None:
    with asking(switching) as counts:
        switched(switching, "--weight", "1.0", "--because", "the rungs between are no other than this one")
        switched(switching, "--finish")
        while counts.total() < 10_000 and set(counts) <= {"unmarked", "two"}:
            time.sleep(0.1)
    assert set(counts) == {"unmarked", "two"}, counts
    assert counts.total() >= 10_000
    assert answers(switching, 200, begin=30_000) == {"two": 200}


def test_a_build_that_cannot_answer_gets_no_share_and_harms_nobody(switching: System) -> None:
    file = switching.repo / "delivery/endpoint/handler.py"
    file.write_text(file.read_text() + "raise RuntimeError('this build is broken')\n")
    switching.commit("Break the endpoint")
    switched(switching, "--next", "HEAD")
    why = "it fails: RuntimeError: this build is broken"
    assert f"cannot answer: {why}" in switching.inv("switch", "laptop", "--weight", "0.1", "--commit", expect=1)
    stack_file = switching.repo / "Pulumi.laptop.yaml"
    stack_file.write_text(stack_file.read_text().replace("weight: 0.0", "weight: 0.1"))  # past the task
    head = switching.commit("Give the broken build a share all the same")
    found = switching.await_status(lambda found: found["tried"] == head, "the commit is refused")
    assert f"gets no requests: {why}" in "".join(found["trouble"])
    assert list(shares(switching).values()) == [1.0]
    assert answers(switching, 200, begin=40_000) == {"two": 200}

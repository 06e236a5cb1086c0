"""Which ports the laptop takes, on a machine where others run too."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.laptop import ports

NAMES = ("edge", "updates", "downloads", "site", "aws")


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Usual ports that are free on this machine now, whatever else runs here."""
    probes = [socket.socket() for _ in NAMES]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    found = {name: probe.getsockname()[1] for name, probe in zip(NAMES, probes, strict=True)}
    for probe in probes:
        probe.close()
    monkeypatch.setattr(ports, "USUAL", found)
    return found


@pytest.fixture
def somebody() -> Iterator[socket.socket]:
    """A socket of another program, which listens once it is bound."""
    with socket.socket() as other:
        yield other


def is_free(port: int) -> bool:
    """Whether it can be listened on now."""
    held = ports.hold(port)
    if held:
        held.close()
    return held is not None


def choose(remembered: Path) -> tuple[dict[str, int], list[str]]:
    """The ports, and what was said."""
    said: list[str] = []
    chosen = ports.choose(remembered, said.append)
    chosen.release(*ports.USUAL)
    return dict(chosen.numbers), said


def test_the_usual_ports_are_taken_silently_and_remembered(tmp_path: Path, usual: dict[str, int]) -> None:
    file = tmp_path / "state" / "ports.json"
    assert choose(file) == (usual, [])
    assert choose(file) == (usual, [])


def test_a_taken_port_is_named_and_another_chosen_that_is_remembered(
    tmp_path: Path, usual: dict[str, int], somebody: socket.socket
) -> None:
    somebody.bind(("127.0.0.1", usual["updates"]))
    somebody.listen()
    chosen, said = choose(tmp_path / "ports.json")
    taken, another = usual["updates"], chosen["updates"]
    assert said == [f"port {taken} (updates) is taken by another program; using {another}"]
    assert chosen == {**usual, "updates": another}
    assert another != taken
    somebody.close()
    assert choose(tmp_path / "ports.json") == (chosen, [])  # it stays where bookmarks point to


@pytest.mark.parametrize("garbage", ["", "{", '{"edge": "many"}'])
def test_what_cannot_be_remembered_is_chosen_anew(tmp_path: Path, usual: dict[str, int], garbage: str) -> None:
    file = tmp_path / "ports.json"
    file.write_text(garbage)
    assert choose(file) == (usual, [])


def test_a_port_is_free_until_somebody_listens(usual: dict[str, int], somebody: socket.socket) -> None:
    assert is_free(usual["edge"])
    somebody.bind(("127.0.0.1", usual["edge"]))
    somebody.listen()
    assert not is_free(usual["edge"])


def test_two_that_choose_at_the_same_time_choose_different_ports(tmp_path: Path, usual: dict[str, int]) -> None:
    first = ports.choose(tmp_path / "first.json", lambda _: None)
    said: list[str] = []
    second = ports.choose(tmp_path / "second.json", said.append)
    assert dict(first.numbers) == usual
    assert set(second.numbers.values()).isdisjoint(usual.values())
    assert len(said) == len(NAMES)
    first.release("aws")
    assert is_free(usual["aws"])
    assert not is_free(usual["edge"])
    first.release(*ports.USUAL)
    second.release(*ports.USUAL)
    assert is_free(usual["edge"])


def test_others_than_the_usual_are_chosen_before_the_first_start_and_kept(
    tmp_path: Path, usual: dict[str, int]
) -> None:
    file = tmp_path / "state" / "ports.json"
    ports.choose_others(file)
    chosen, said = choose(file)
    assert set(chosen) == set(usual)
    assert set(chosen.values()).isdisjoint(usual.values())
    assert said == []


def test_a_port_that_nobody_wished_for_is_none_that_a_connection_could_take() -> None:
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")  # Linux; elsewhere they lie higher
    least = int(given.read_text().split()[0]) if given.exists() else 49152
    assert all(1024 <= ports.free() < least for _ in range(50))

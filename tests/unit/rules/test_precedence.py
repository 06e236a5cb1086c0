"""Our order of versions is the Rust crate's.

precedence_vectors.json was printed by the crate it names: what it accepts, sorted by its `Ord`, and what it rejects.
"""

import json
from pathlib import Path

import pytest

from delivery.rules.facts import Withdrawal
from delivery.rules.load import parse
from delivery.rules.precedence import LONGEST, NotAVersion, is_prerelease, precedence

VECTORS = json.loads((Path(__file__).parent / "precedence_vectors.json").read_text())
ASCENDING: list[str] = VECTORS["ascending"]
REJECTED: list[str] = VECTORS["rejected"]


def test_versions_are_in_the_order_of_the_crate() -> None:
    assert sorted(ASCENDING, key=precedence) == ASCENDING


def test_no_two_versions_of_the_crate_are_equal_here() -> None:
    assert len({precedence(version) for version in ASCENDING}) == len(ASCENDING)


@pytest.mark.parametrize("version", REJECTED)
def test_what_the_crate_rejects_is_no_version_here(version: str) -> None:
    with pytest.raises(NotAVersion):
        precedence(version)


def test_a_version_longer_than_any_is_refused_unread() -> None:
    with pytest.raises(NotAVersion, match=f"at most {LONGEST}"):
        precedence("1." + "0" * LONGEST)


def test_a_beta_is_a_prerelease_and_a_build_is_none() -> None:
    assert is_prerelease("1.5.0-beta.1")
    assert not is_prerelease("1.5.0+7")


def test_facts_take_no_version_that_clients_reject() -> None:
    for version in REJECTED + ASCENDING:
        text = (
            f'withdraw: {json.dumps(version)}\nchannels: []\nat: "2026-11-25T14:00:00Z"\nreason: x\ndownloads: keep\n'
        )
        filed, _ = parse("x.yaml", text.encode(), Withdrawal)
        assert filed is None or version in ASCENDING


def test_facts_take_every_version_of_ordinary_numbers_and_length() -> None:
    ordinary = [version for version in ASCENDING if len(version) < 40 and "18446744073709551615" not in version]
    assert len(ordinary) > 100
    for version in ordinary:
        text = (
            f'withdraw: {json.dumps(version)}\nchannels: []\nat: "2026-11-25T14:00:00Z"\nreason: x\ndownloads: keep\n'
        )
        assert parse("x.yaml", text.encode(), Withdrawal)[0] is not None, version

"""How the URL of an update check is read: what plugins and apps of all ages send."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.endpoint.check import parse
from delivery.rules.decide import Request
from tests.unit.endpoint.parts import TARGETS


def read(path: str, query: str = "") -> Request:
    request = parse(f"/v1/update/{path}", query, TARGETS)
    assert request
    return request


def cohort_of(value: str) -> int | None:
    return read("stable/linux/x86_64/1.3.0", f"cohort={value}").cohort


def test_everything_a_client_says_is_taken() -> None:
    query = "bundle=deb&os=24.04&cohort=437&manual=1&failed=1.4.0&accepts=downgrade"
    assert read("stable/linux/x86_64/1.3.0", query) == Request(
        "stable",
        "linux-x86_64",
        "deb",
        "1.3.0",
        cohort=437,
        manual=True,
        failed="1.4.0",
        os="24.04",
        accepts=frozenset({"downgrade"}),
    )


@pytest.mark.parametrize(
    ("said", "target", "bundle"),
    [
        ("linux/x86_64", "linux-x86_64", "appimage"),
        ("linux-x86_64/x86_64", "linux-x86_64", "appimage"),
        ("linux-x86_64-deb/x86_64", "linux-x86_64", "deb"),
        ("linux-x86_64-unknown/x86_64", "linux-x86_64", "appimage"),
        ("windows/x86_64", "windows-x86_64", "nsis"),
        ("windows-x86_64-msi/x86_64", "windows-x86_64", "msi"),
        ("darwin/aarch64", "darwin-aarch64", "app"),
        ("darwin-universal/aarch64", "darwin-aarch64", "app"),
        ("darwin-universal/x86_64", "darwin-x86_64", "app"),
        ("darwin-universal-app/x86_64", "darwin-x86_64", "app"),
    ],
)
def test_a_target_is_understood_in_each_form_that_clients_send(said: str, target: str, bundle: str) -> None:
    request = read(f"stable/{said}/1.3.0")
    assert (request.target, request.bundle) == (target, bundle)


@pytest.mark.parametrize("unsaid", ["bundle=unknown", "bundle=%7B%7Bbundle_type%7D%7D", "bundle={{bundle_type}}", ""])
def test_a_client_that_does_not_know_its_bundle_never_gets_deb_or_rpm_by_guess(unsaid: str) -> None:
    assert read("stable/linux/x86_64/1.3.0", unsaid).bundle == "appimage"
    assert read("stable/linux-x86_64-rpm/x86_64/1.3.0", unsaid).bundle == "rpm"  # it did say so, elsewhere


def test_the_bundle_in_the_query_is_believed_before_the_one_in_the_target() -> None:
    assert read("stable/linux-x86_64-deb/x86_64/1.3.0", "bundle=rpm").bundle == "rpm"


@pytest.mark.parametrize("said", ["bundle=dmg", "bundle=nsis", "bundle=DEB", "bundle=deb%20"])
def test_a_bundle_that_the_target_has_not_is_none(said: str) -> None:
    assert read("stable/linux/x86_64/1.3.0", said).bundle == ""


@pytest.mark.parametrize("said", ["plan9/mips", "linux/", "linux-x86_64-snap/x86_64", "darwin-universal/riscv", "-/-"])
def test_an_unknown_platform_has_no_bundle(said: str) -> None:
    assert read(f"stable/{said}/1.3.0").bundle == ""


@pytest.mark.parametrize("path", ["", "stable", "stable/linux/x86_64", "stable/linux/x86_64/1.3.0/", "a/b/c/d/e"])
def test_another_shape_of_path_is_no_request(path: str) -> None:
    assert parse(f"/v1/update/{path}", "", TARGETS) is None


@pytest.mark.parametrize(
    "value",
    ["-1", "1000", "10000", "NaN", "1e2", "4.0", "+4", "%2B4", "0x1", "", "%20", "4%20", "٤", "%D9%A4", "437\n"],
)
def test_a_malformed_cohort_is_no_cohort(value: str) -> None:
    assert cohort_of(value) is None


@given(st.integers(0, 999))
def test_each_cohort_is_read_as_it_is(cohort: int) -> None:
    assert cohort_of(str(cohort)) == cohort


@pytest.mark.parametrize(
    ("value", "manual"), [("1", True), ("true", True), ("0", False), ("false", False), ("yes", False), ("", False)]
)
def test_only_one_and_true_make_a_check_manual(value: str, manual: bool) -> None:
    assert read("stable/linux/x86_64/1.3.0", f"manual={value}").manual is manual


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cohort=1&cohort=2", {"cohort": 1}),
        ("cohort=x&cohort=2", {"cohort": None}),
        ("COHORT=1", {"cohort": None}),
        ("cohort[]=1&cohort%00=1&&=&=1&%", {"cohort": None}),
        ("failed=", {"failed": None}),
        ("failed=1.4.0+7", {"failed": "1.4.0+7"}),
        ("failed=1.4.0%2B7", {"failed": "1.4.0+7"}),
        ("utm_source=x&cohort=5#f", {"cohort": None}),
    ],
)
def test_the_first_of_a_repeated_key_wins_and_unknown_keys_are_ignored(query: str, expected: dict[str, Any]) -> None:
    request = read("stable/linux/x86_64/1.3.0", query)
    assert {name: getattr(request, name) for name in expected} == expected


def test_a_plus_in_the_path_belongs_to_the_version() -> None:
    assert read("stable/linux/x86_64/1.3.0+7").version == "1.3.0+7"

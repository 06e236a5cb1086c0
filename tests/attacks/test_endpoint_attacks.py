"""What strangers may try on the update endpoint, and what must hold whatever they try."""

import json
from string import printable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.unit.endpoint.parts import EARLY, LATE, TARGETS, World

WORLD = World()
WORLD.publish()
MARK = "x7Canary7x"  # stands in everything a client sends, and must not come back

TEXT = st.text(st.characters(codec="utf-8"), max_size=40) | st.text(printable, max_size=40)
SEGMENT = TEXT | st.sampled_from(
    [
        "stable",
        "beta",
        "linux",
        "windows-x86_64-msi",
        "darwin-universal",
        "x86_64",
        "aarch64",
        "1.2.0",
        "1.4.0",
        "..",
        "",
    ]
)
KEY = TEXT | st.sampled_from(["bundle", "os", "cohort", "manual", "failed", "accepts"])
VALUE = TEXT | st.sampled_from(["deb", "437", "-1", "1000", "NaN", "1", "true", "1.4.0", "{{bundle_type}}"])


def ask(path: str, query: str) -> TestResponse:
    """Asks with exactly this decoded path: a server hands on whatever bytes it was sent."""
    raw = path.encode("utf-8", "replace").decode("latin-1")
    return WORLD.client.open(
        environ_overrides={"PATH_INFO": raw, "QUERY_STRING": query.encode("utf-8", "replace").decode("latin-1")}
    )


def seen(response: TestResponse) -> str:
    return response.get_data(as_text=True) + json.dumps(dict(response.headers))


@settings(max_examples=300, deadline=None)
@given(st.lists(SEGMENT, max_size=6), st.lists(st.tuples(KEY, VALUE), max_size=6), st.none() | st.integers(0, 6))
def test_no_update_check_whatsoever_gets_an_error_html_or_its_own_words(
    segments: list[str], pairs: list[tuple[str, str]], marked: int | None
) -> None:
    said = [segment + MARK if number == marked else segment for number, segment in enumerate(segments)]
    path = "/v1/update/" + "/".join(said)
    query = "&".join(f"{key}={value}" for key, value in [*pairs, (MARK, MARK), ("os", MARK), ("accepts", MARK)])
    response = ask(path, query)
    assert response.status_code in (200, 204)
    assert response.content_type in (None, "application/json")
    assert MARK not in seen(response)


@settings(max_examples=200, deadline=None)
@given(TEXT, TEXT)
def test_no_other_path_gets_a_fault_a_redirect_html_or_its_own_words(path: str, query: str) -> None:
    response = ask(f"/{path}{MARK}", f"{query}{MARK}")
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert MARK not in seen(response)


@pytest.mark.parametrize(
    "version",
    [
        "1.3.0\x00",
        "1.3.0%00",
        "../../../etc/passwd",
        "1.3.0'--",
        "1" * 65_536,
        "1.3.0-" + "9" * 64_000,
        "\u0664.\u0660.\u0660",
        "1.3",
    ],
    ids=["nul", "encoded-nul", "dots", "quote", "64-kB", "64-kB-number", "arabic", "short"],
)
def test_a_version_that_is_none_is_offered_nothing(version: str) -> None:
    response = ask(f"/v1/update/stable/linux/x86_64/{version}", f"cohort={EARLY}&manual=1")
    assert (response.status_code, response.headers["ESpice-Reason"]) == (204, "malformed")


def test_a_query_without_end_is_read_without_harm() -> None:
    response = ask("/v1/update/stable/linux/x86_64/1.2.0", "&".join(["a=b"] * 20_000) + f"&cohort={EARLY}")
    assert response.get_json()["version"] == "1.4.0"


@pytest.mark.parametrize(
    "cohort",
    ["-1", "-0", "1000", "10000", "NaN", "Infinity", "1e1", "0x0", "\u0660", f"+{EARLY}", f"{EARLY}.0", "' or 1"],
)
def test_a_forged_cohort_never_widens(cohort: str) -> None:
    response = ask("/v1/update/stable/linux/x86_64/1.3.0", f"cohort={cohort}")
    assert (response.status_code, response.headers["ESpice-Reason"]) == (204, "no-cohort")


def test_a_cohort_said_twice_cannot_try_its_luck_twice() -> None:
    response = ask("/v1/update/stable/linux/x86_64/1.3.0", f"cohort={LATE}&cohort={EARLY}")
    assert response.headers["ESpice-Reason"] == "later-cohort"


@given(
    st.sampled_from(sorted(TARGETS)),
    st.sampled_from(["appimage", "deb", "rpm", "nsis", "msi", "app", "dmg", "unknown", ""]),
)
def test_nobody_is_handed_the_file_of_another_platform_or_bundle(target: str, bundle: str) -> None:
    response = ask(f"/v1/update/stable/{target}/x86_64/1.2.0", f"bundle={bundle}")
    if response.status_code == 200:
        default = TARGETS[target].updates[0]
        expected = bundle if bundle in TARGETS[target].updates else default
        assert response.get_json()["url"].endswith(f"_{target}.{expected}")
    else:
        assert bundle not in (*TARGETS[target].updates, "unknown", "")

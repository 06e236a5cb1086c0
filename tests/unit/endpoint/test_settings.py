"""The settings survive the environment, and what is wrong with them is said all at once."""

import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.endpoint.settings import Settings
from delivery.endpoint.variables import BadSettings
from delivery.rules.facts import Key

KEY = Key("ab" * 32, "AAAA", ("laptop",), "demo key: trusts nothing but this laptop")
SETTINGS = Settings(
    product="espice",
    title="ESpice Desktop",
    environment="laptop",
    bucket="espice-laptop-catalog",
    region="eu-central-1",
    downloads_url="http://127.0.0.1:8081",
    updates_url="http://127.0.0.1:8080",
    site_url="http://127.0.0.1:8082",
    head_keys=(KEY,),
)


@given(
    st.floats(min_value=0.001, max_value=86_000),
    st.integers(min_value=1, max_value=3),
)
def test_settings_come_back_from_the_environment_as_they_went_in(seconds: float, keys: int) -> None:
    settings = replace(SETTINGS, budget=seconds, head_keys=(KEY,) * keys, brake_keys=(KEY,) * (keys - 1))
    assert Settings.from_env(settings.to_env()) == settings


def test_other_variables_are_left_alone() -> None:
    assert Settings.from_env({**SETTINGS.to_env(), "PATH": "/bin", "ESPICE_OTHER": ""}) == SETTINGS


def test_all_missing_variables_are_named_at_once_with_their_mend() -> None:
    with pytest.raises(BadSettings) as caught:
        Settings.from_env({})
    assert str(caught.value).splitlines() == [
        "ESPICE_PRODUCT is not set; set it to the product's name, as in product.yaml",
        "ESPICE_TITLE is not set; set it to what people call the product, as product.yaml has it",
        "ESPICE_ENVIRONMENT is not set; set it to one of laptop, staging, production",
        "ESPICE_BUCKET is not set; set it to the bucket that holds the catalog",
        "ESPICE_REGION is not set; set it to that bucket's region, such as eu-central-1",
        "ESPICE_DOWNLOADS_URL is not set; set it to the public address of the downloads host, "
        "without a slash at the end",
        "ESPICE_UPDATES_URL is not set; set it to the public address of the updates host, without a slash at the end",
        "ESPICE_SITE_URL is not set; set it to the public address of the site, without a slash at the end",
        "ESPICE_HEAD_KEYS is not set; set it to a JSON list of the keys that may sign the head, "
        "as Settings.to_env writes it",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("ESPICE_ENVIRONMENT", "prod", "ESPICE_ENVIRONMENT cannot be 'prod'; set it to one of laptop, staging"),
        ("ESPICE_TITLE", " ", "ESPICE_TITLE cannot be ' '; set it to what people call the product"),
        ("ESPICE_SITE_URL", "espice.app", "ESPICE_SITE_URL cannot be 'espice.app'; set it to the public"),
        ("ESPICE_BUCKET", "", "ESPICE_BUCKET cannot be ''; set it to the bucket"),
        ("ESPICE_DOWNLOADS_URL", "http://a/", "ESPICE_DOWNLOADS_URL cannot be 'http://a/'; set it to the public"),
        ("ESPICE_HEAD_KEYS", "[]", "ESPICE_HEAD_KEYS cannot be '[]'; set it to a JSON list"),
        ("ESPICE_HEAD_KEYS", "{", "ESPICE_HEAD_KEYS cannot be '{'; set it to a JSON list"),
        ("ESPICE_BRAKE_KEYS", "{", "ESPICE_BRAKE_KEYS cannot be '{'; set it to a JSON list"),
        ("ESPICE_BUDGET", "soon", "ESPICE_BUDGET cannot be 'soon'; set it to seconds above 0"),
        ("ESPICE_BUDGET", "nan", "ESPICE_BUDGET cannot be 'nan'; set it to seconds above 0"),
        ("ESPICE_CONFIRM_AFTER", "-1", "ESPICE_CONFIRM_AFTER cannot be '-1'; set it to seconds above 0"),
    ],
)
def test_a_bad_variable_is_named_with_its_mend(variable: str, value: str, message: str) -> None:
    with pytest.raises(BadSettings) as caught:
        Settings.from_env({**SETTINGS.to_env(), variable: value})
    assert str(caught.value).startswith(message)


def test_a_key_of_another_environment_is_refused_by_name() -> None:
    settings = replace(SETTINGS, environment="production", brake_keys=(replace(KEY, id="cd" * 32),))
    with pytest.raises(BadSettings) as caught:
        Settings.from_env(settings.to_env())
    why = "which production does not trust (demo key: trusts nothing but this laptop)"
    assert str(caught.value).splitlines() == [
        f"ESPICE_HEAD_KEYS names key {'ab' * 32}, {why}; name a key whose trusted-in in product.yaml has production",
        f"ESPICE_BRAKE_KEYS names key {'cd' * 32}, {why}; name a key whose trusted-in in product.yaml has production",
    ]


def test_a_page_of_counts_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    env = replace(SETTINGS, metrics="prometheus").to_env()
    assert Settings.from_env(env).metrics == "prometheus"
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert Settings.from_env(replace(SETTINGS, metrics="emf").to_env()).metrics == "emf"
    with pytest.raises(BadSettings) as caught:
        Settings.from_env(env)
    assert str(caught.value) == (
        "ESPICE_METRICS is prometheus, and prometheus-client is not installed here; "
        "set it to emf or off, or install prometheus-client, which only a laptop has"
    )

"""What an endpoint process must be told, and the environment variables that tell it.

Infrastructure and laptop call `to_env`, the endpoint `from_env`: the variables' names stand nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, get_args

import msgspec

from delivery.endpoint import variables
from delivery.endpoint.variables import BadSettings, Said
from delivery.rules.facts import Key
from delivery.rules.shapes import Environment

Metrics = Literal["prometheus", "emf", "off"]


@dataclass(frozen=True, slots=True)
class Settings:
    """One endpoint. Times are in seconds."""

    product: str
    title: str  # what people call the product
    environment: Environment
    bucket: str  # where catalog/head.json and the brake's override lie
    region: str
    downloads_url: str  # public, without a slash at the end
    updates_url: str  # public, where this endpoint is asked; without a slash at the end
    site_url: str  # where people read about the product and choose what to download; without a slash at the end
    head_keys: tuple[Key, ...]  # the keys that may sign the head
    brake_keys: tuple[Key, ...] = ()  # those that may sign the override; without any, one that is there is not believed
    confirm_after: float = 10.0  # a head confirmed longer ago is looked at again before answering
    give_up_after: float = 300.0  # a head confirmed longer ago answers 503
    budget: float = 0.3  # how long an answer waits for that look while the last good catalog could serve
    metrics: Metrics = "off"  # how it shows what it counts: at /metrics, or as lines of log that CloudWatch reads

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """The settings in these variables.

        Raises BadSettings with everything that is missing or wrong at once.
        """
        settings = cls(**variables.read(cls, env, _SAID))
        if wrong := [*_untrusted(settings), *_lacking(settings)]:
            raise BadSettings("\n".join(wrong))
        return settings

    def to_env(self) -> dict[str, str]:
        """The variables that say this."""
        return variables.write(self)


def _untrusted(settings: Settings) -> list[str]:
    """A key that product.yaml trusts elsewhere only (a demo key) must not get in by a slip of configuration."""
    environment = settings.environment
    return [
        f"{variables.name(field)} names key {key.id}, which {environment} does not trust ({key.note}); "
        f"name a key whose trusted-in in product.yaml has {environment}"
        for field in ("head_keys", "brake_keys")
        for key in getattr(settings, field)
        if environment not in key.trusted_in
    ]


def _lacking(settings: Settings) -> list[str]:
    """What is set and cannot be done with the packages that are here."""
    if settings.metrics != "prometheus" or find_spec("prometheus_client"):
        return []
    mend = "set it to emf or off, or install prometheus-client, which only a laptop has"
    return [f"{variables.name('metrics')} is prometheus, and prometheus-client is not installed here; {mend}"]


def _environment(text: str) -> str:
    if text not in get_args(Environment):
        raise ValueError(text)
    return text


def _title(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError(text)
    return text


def _metrics(text: str) -> str:
    if text not in get_args(Metrics):
        raise ValueError(text)
    return text


def _keys(text: str) -> tuple[Key, ...]:
    return msgspec.json.decode(text, type=tuple[Key, ...])


def _some_keys(text: str) -> tuple[Key, ...]:
    if not (keys := _keys(text)):
        raise ValueError(text)
    return keys


_SECONDS = Said(variables.seconds, "set it to seconds above 0, or leave it unset")
_SAID: Mapping[str, Said] = {
    "product": Said(variables.word, "set it to the product's name, as in product.yaml"),
    "title": Said(_title, "set it to what people call the product, as product.yaml has it"),
    "environment": Said(_environment, f"set it to one of {', '.join(get_args(Environment))}"),
    "bucket": Said(variables.word, "set it to the bucket that holds the catalog"),
    "region": Said(variables.word, "set it to that bucket's region, such as eu-central-1"),
    "downloads_url": Said(
        variables.url, "set it to the public address of the downloads host, without a slash at the end"
    ),
    "updates_url": Said(variables.url, "set it to the public address of the updates host, without a slash at the end"),
    "site_url": Said(variables.url, "set it to the public address of the site, without a slash at the end"),
    "head_keys": Said(
        _some_keys, "set it to a JSON list of the keys that may sign the head, as Settings.to_env writes it"
    ),
    "brake_keys": Said(
        _keys, "set it to a JSON list of the keys that may sign the override, as Settings.to_env writes it"
    ),
    "confirm_after": _SECONDS,
    "give_up_after": _SECONDS,
    "budget": _SECONDS,
    "metrics": Said(_metrics, f"set it to one of {', '.join(get_args(Metrics))}, or leave it unset"),
}

"""What an endpoint process must be told, and the environment variables that tell it.

Infrastructure and laptop call `to_env`, the endpoint `from_env`: the variables' names stand nowhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_args

import msgspec

from delivery.rules.facts import Key
from delivery.rules.shapes import Environment


class BadSettings(ValueError):  # noqa: N818 - reads as what is wrong
    """The environment does not say what the endpoint needs; the text has every variable and its mend."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One endpoint. Times are in seconds."""

    product: str
    environment: Environment
    bucket: str  # where catalog/head.json lies
    region: str
    downloads_url: str  # public, without a slash at the end
    head_keys: tuple[Key, ...]  # the keys that may sign the head
    confirm_after: float = 10.0  # a head confirmed longer ago is looked at again before answering
    give_up_after: float = 300.0  # a head confirmed longer ago answers 503
    budget: float = 0.3  # how long an answer waits for that look while the last good catalog could serve

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """The settings in these variables.

        Raises BadSettings with everything that is missing or wrong at once.
        """
        values: dict[str, Any] = {}
        wrong: list[str] = []
        for field in fields(cls):
            variable, text = _variable(field.name), env.get(_variable(field.name))
            if text is None and field.default is MISSING:
                wrong.append(f"{variable} is not set; {_MEND[field.name]}")
            elif text is not None:
                try:
                    values[field.name] = _READ[field.name](text)
                except ValueError:
                    wrong.append(f"{variable} cannot be {text[:80]!r}; {_MEND[field.name]}")
        if not wrong:
            wrong.extend(_untrusted(values))
        if wrong:
            raise BadSettings("\n".join(wrong))
        return cls(**values)

    def to_env(self) -> dict[str, str]:
        """The variables that say this."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {_variable(name): _write(value) for name, value in values.items()}


def _variable(name: str) -> str:
    return f"ESPICE_{name.upper()}"


def _write(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _untrusted(values: Mapping[str, Any]) -> list[str]:
    """A key that product.yaml trusts elsewhere only (a demo key) must not get in by a slip of configuration."""
    environment = values["environment"]
    return [
        f"{_variable('head_keys')} names key {key.id}, which {environment} does not trust ({key.note}); "
        f"name a key whose trusted-in in product.yaml has {environment}"
        for key in values["head_keys"]
        if environment not in key.trusted_in
    ]


def _text(text: str) -> str:
    if not text or not text.isprintable() or " " in text:
        raise ValueError(text)
    return text


def _environment(text: str) -> str:
    if text not in get_args(Environment):
        raise ValueError(text)
    return text


def _url(text: str) -> str:
    if not _text(text).startswith(("https://", "http://")) or text.endswith("/"):
        raise ValueError(text)
    return text


def _keys(text: str) -> tuple[Key, ...]:
    keys = msgspec.json.decode(text, type=tuple[Key, ...])
    if not keys:
        raise ValueError(text)
    return keys


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 86_400:
        raise ValueError(text)
    return seconds


_READ: Mapping[str, Callable[[str], Any]] = {
    "product": _text,
    "environment": _environment,
    "bucket": _text,
    "region": _text,
    "downloads_url": _url,
    "head_keys": _keys,
    "confirm_after": _seconds,
    "give_up_after": _seconds,
    "budget": _seconds,
}

_MEND: Mapping[str, str] = {
    "product": "set it to the product's name, as in product.yaml",
    "environment": f"set it to one of {', '.join(get_args(Environment))}",
    "bucket": "set it to the bucket that holds the catalog",
    "region": "set it to that bucket's region, such as eu-central-1",
    "downloads_url": "set it to the public address of the downloads host, without a slash at the end",
    "head_keys": "set it to a JSON list of the keys that may sign the head, as Settings.to_env writes it",
    "confirm_after": "set it to seconds above 0, or leave it unset",
    "give_up_after": "set it to seconds above 0, or leave it unset",
    "budget": "set it to seconds above 0, or leave it unset",
}

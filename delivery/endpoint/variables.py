"""Settings in environment variables, as Lambda hands them over: every problem at once, each with its mend.

The update endpoint, the console and the consumer all say theirs this way, so the names of variables are made here only.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

import msgspec


class BadSettings(ValueError):  # noqa: N818 - reads as what is wrong
    """The environment does not say what an app needs; the text has every variable and its mend."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a setting is read from its text (ValueError: it cannot be this), and what to do about a wrong one."""

    read: Callable[[str], Any]
    mend: str


def read(settings: type, env: Mapping[str, str], how: Mapping[str, Said]) -> dict[str, Any]:
    """The values for the fields of this dataclass; one that is not set keeps its default.

    Raises BadSettings with everything that is missing or wrong at once.
    """
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for field in fields(settings):
        variable, text, said = name(field.name), env.get(name(field.name)), how[field.name]
        if text is None and field.default is MISSING:
            wrong.append(f"{variable} is not set; {said.mend}")
        elif text is not None:
            try:
                values[field.name] = said.read(text)
            except ValueError:
                wrong.append(f"{variable} cannot be {text[:80]!r}; {said.mend}")
    if wrong:
        raise BadSettings("\n".join(wrong))
    return values


def write(settings: Any) -> dict[str, str]:
    """The variables that say these settings: what `read` gives back."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name(field): _text(value) for field, value in values.items()}


def name(field: str) -> str:
    """The variable that says a field."""
    return f"ESPICE_{field.upper()}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


# -- what texts can be ---------------------------------------------------------------------------------------------


def word(text: str) -> str:
    """A text without spaces."""
    if not text or not text.isprintable() or " " in text:
        raise ValueError(text)
    return text


def url(text: str) -> str:
    """An http address without a slash at the end."""
    if not word(text).startswith(("https://", "http://")) or text.endswith("/"):
        raise ValueError(text)
    return text


def seconds(text: str) -> float:
    """Seconds above 0, less than a day."""
    number = float(text)
    if not 0 < number < 86_400:
        raise ValueError(text)
    return number


def whole(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers within these bounds."""

    def read_whole(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(text)
        return number

    return read_whole


def share(text: str) -> float:
    """A number from 0 to 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError(text)
    return number


def switch(text: str) -> bool:
    """true or false."""
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"

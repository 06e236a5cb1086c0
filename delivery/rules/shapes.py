"""How values must look, and what to call them in a message: the marks on the fields of facts.

Standard library only, for the endpoint ships this module with the facts; pydantic is imported only where `load` asks.
The marks do nothing by themselves.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal


@dataclass(frozen=True)
class Shape:
    """Marks a text: the pattern it must match as a whole, and what to call it in a message.

    `placeholder` is a pattern that stands nowhere in it: what people write until they know better.
    """

    pattern: str
    means: str
    placeholder: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import PydanticCustomError, core_schema

        whole = re.compile(self.pattern)
        never = re.compile(self.placeholder or "(?!)", re.IGNORECASE)

        def look(value: Any) -> Any:
            if isinstance(value, str) and not whole.fullmatch(value):
                raise _not(value, self.means)
            if isinstance(value, str) and (found := never.search(value)):
                raise PydanticCustomError("placeholder", "holds the placeholder {found}", {"found": found[0]})
            return value

        return core_schema.no_info_after_validator_function(look, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$", "description": self.means}


@dataclass(frozen=True)
class Prose(Shape):
    """Marks a sentence of people's: one that ends in an unquoted ` #` was cut off there."""


@dataclass(frozen=True)
class Span:
    """Marks a number: the least and the most it may be, and what to call it in a message."""

    least: int
    most: int
    means: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import PydanticCustomError, core_schema

        def look(value: int) -> int:
            if self.least <= value <= self.most:
                return value
            side, bound = ("below", self.least) if value < self.least else ("above", self.most)
            raise PydanticCustomError(
                "span",
                "{value} is {side} {bound}",
                {
                    "value": value,
                    "side": side,
                    "bound": bound,
                    "least": self.least,
                    "most": self.most,
                    "means": self.means,
                },
            )

        return core_schema.no_info_after_validator_function(look, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "minimum": self.least, "maximum": self.most, "description": self.means}


@dataclass(frozen=True)
class OneOf:
    """Marks a union whose members are told apart by the key that only each has."""

    keys: tuple[str, ...]
    members: tuple[type, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def which(value: Any) -> str | None:
            member = self.member(value) if isinstance(value, dict) else None
            return tag(member) if member else None

        def tag(member: type) -> str:
            return f"({member.__name__})"  # no key of ours looks so: an error's place never mistakes it for one

        return core_schema.tagged_union_schema(
            {tag(member): handler.generate_schema(member) for member in self.members},
            discriminator=which,
            custom_error_type="one_of",
            custom_error_message="has none of the keys that tell what it is",
        )

    def member(self, keys: Collection[str]) -> type | None:
        """The member that a mapping with these keys is."""
        return next((member for key, member in zip(self.keys, self.members, strict=True) if key in keys), None)


@dataclass(frozen=True)
class Utc:
    """Marks a moment: quoted UTC to the second, and what to call it in a message."""

    means: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def look(value: str) -> datetime:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", value):
                raise _not(value, self.means)
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                raise _unreal(value, self.means) from None

        return core_schema.no_info_after_validator_function(look, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "format": "date-time", "description": self.means}


@dataclass(frozen=True)
class Calendar:
    """Marks a day that stands in the calendar, and what to call it in a message. The value stays a text."""

    means: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def look(value: str) -> str:
            if not re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", value):
                raise _not(value, self.means)
            try:
                return date.fromisoformat(value).isoformat()
            except ValueError:
                raise _unreal(value, self.means) from None

        return core_schema.no_info_after_validator_function(look, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "format": "date", "description": self.means}


@dataclass(frozen=True)
class AllOrSome:
    """Marks what is either the word all, or a list of names that is not empty."""

    means: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def which(value: Any) -> str | None:
            if isinstance(value, list) and value:
                return "(some)"
            return "(all)" if value == "all" else None

        return core_schema.tagged_union_schema(
            {"(all)": core_schema.str_schema(), "(some)": handler.generate_schema(tuple[str, ...])},
            discriminator=which,
            custom_error_type="shape",
            custom_error_message="is not {means}",
            custom_error_context={"means": self.means},
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        some = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        return {"anyOf": [{"const": "all"}, some], "description": self.means}


def _not(value: Any, means: str) -> Exception:
    from pydantic_core import PydanticCustomError

    return PydanticCustomError("shape", "{value} is not {means}", {"value": repr(value), "means": means})


def _unreal(value: str, means: str) -> Exception:
    from pydantic_core import PydanticCustomError

    return PydanticCustomError("unreal", "{value} is no day or time that exists", {"value": value, "means": means})


def yaml_key(name: str) -> str:
    """The YAML key of a field."""
    return name.rstrip("_").replace("_", "-")


# What pydantic does with our dataclasses: unknown keys are problems, nothing is coerced.
STRICT = {"extra": "forbid", "strict": True, "alias_generator": yaml_key}
AS_WRITTEN = {"extra": "forbid", "strict": True}  # for types that another project named: their keys are their fields

# The grammar of semver.org, with numbers that fit the Rust crate's 64 bits and a length that is a file name.
_NUMBER = r"(?:0|[1-9][0-9]{0,18})"
_PART = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
VERSION = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PART}(?:\.{_PART})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
SEMVER = rf"(?=[0-9A-Za-z.+-]{{5,100}}$){VERSION}"
_COMPARATOR = rf"(?:>=|<=|>|<|=){VERSION}"
_RANGE = rf"(?=.{{1,200}}$){_COMPARATOR}(?: {_COMPARATOR})*"
_RUN = r"https://github\.com/[\w.-]+/[\w.-]+/actions/runs/[0-9]+(?:/\S*)?|https://(?!github\.com\b)[a-z0-9.-]+/\S+"
_UNWRITTEN = r"\b(?:todo|fixme|tbd|xxx+|lorem ipsum)\b|<(?:\.\.\.|…|[a-z][a-z0-9 _-]*)>|\bexample\.(?:com|net|org)\b"
NAME = r"[a-z0-9][a-z0-9._-]{0,63}"

Semver = Annotated[str, Shape(SEMVER, "a version such as 1.4.0 or 1.5.0-beta.1")]
Moment = Annotated[datetime, Utc('quoted UTC with seconds, such as "2026-11-25T14:00:00Z"')]
Percent = Annotated[int, Span(0, 100, "a whole number of percent from 0 to 100")]
Name = Annotated[str, Shape(NAME, "a name of lower-case letters, digits, dots and dashes")]
FileName = Annotated[str, Shape(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}", "a plain file name")]
Sha256 = Annotated[str, Shape(r"[0-9a-f]{64}", "a sha256 in 64 lower-case hexadecimal digits")]
Commit = Annotated[str, Shape(r"[0-9a-f]{40}", "a full commit id of 40 hexadecimal digits", "^0{40}$")]
Base64 = Annotated[str, Shape(r"[A-Za-z0-9+/]+={0,2}", "base64 on one line without spaces")]
Url = Annotated[str, Shape(r"https://[^\s]+", "an https URL", _UNWRITTEN)]
Run = Annotated[str, Shape(_RUN, "a run's link such as https://github.com/espice/espice/actions/runs/1", _UNWRITTEN)]
Domain = Annotated[str, Shape(r"[a-z0-9-]+(\.[a-z0-9-]+)+", "a domain such as espice.app", _UNWRITTEN)]
Sentence = Annotated[str, Prose(r"\S(.*\S)?", "a sentence on one line, not empty", rf"{_UNWRITTEN}|^(?:\.+|…|-+|\?+)$")]
Notes = Annotated[str, Shape(r"[\s\S]*", "a text", r"\b(?-i:TODO|FIXME|TBD|XXX+)\b")]
Environment = Literal["laptop", "staging", "production"]
Duration = Annotated[str, Shape(r"[1-9][0-9]{0,3}[hd]", "a duration in hours or days such as 72h or 14d")]
Range = Annotated[str, Shape(_RANGE, 'a range such as ">=1.2.0 <1.3.1"')]
OsVersion = Annotated[str, Shape(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}", "an operating system's version such as 10.0.19041")]
Installed = Annotated[
    str,
    Shape(rf"keep|(reissue-as|downgrade-to) {VERSION}", "keep, reissue-as <version> or downgrade-to <version>"),
]
Day = Annotated[str, Calendar('a quoted day such as "2027-01-31"')]
Zone = Annotated[str, Shape(r"[A-Za-z]+(/[A-Za-z_+-]+)*", "a time zone such as Europe/Berlin")]
Targets = Annotated[Literal["all"] | tuple[str, ...], AllOrSome("all, or a list of targets such as [linux-x86_64]")]

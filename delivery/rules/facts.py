"""The facts that people edit under releases/, and product.yaml, as frozen types.

One fact a file. A field's name is its YAML key with `_` for `-` (a trailing `_` only dodges a Python keyword).
Standard library only: the endpoint ships this module. The markers below tell `load` what a value must look like;
they do nothing by themselves.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

T = TypeVar("T")


# --- how values must look -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """Marks a text: the pattern it must match as a whole, and what to call it in a message."""

    pattern: str
    means: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import PydanticCustomError, core_schema

        whole = re.compile(self.pattern)

        def look(value: Any) -> Any:
            if isinstance(value, str) and not whole.fullmatch(value):
                raise PydanticCustomError(
                    "shape", "{value} is not {means}", {"value": repr(value), "means": self.means}
                )
            return value

        return core_schema.no_info_after_validator_function(look, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$", "description": self.means}


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
        from pydantic_core import PydanticCustomError, core_schema

        def look(value: str) -> datetime:
            try:
                if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", value):
                    return datetime.fromisoformat(value)
            except ValueError:
                pass  # the 31st of February
            raise PydanticCustomError("shape", "{value} is not {means}", {"value": repr(value), "means": self.means})

        return core_schema.no_info_after_validator_function(look, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "format": "date-time", "description": self.means}


def yaml_key(name: str) -> str:
    """The YAML key of a field."""
    return name.rstrip("_").replace("_", "-")


# What pydantic does with the dataclasses of this module: unknown keys are problems, nothing is coerced.
STRICT = {"extra": "forbid", "strict": True, "alias_generator": yaml_key}

# The grammar of semver.org, with numbers that fit the Rust crate's 64 bits and a length that is a file name.
_NUMBER = r"(?:0|[1-9][0-9]{0,18})"
_PART = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_SEMVER = (
    r"(?=[0-9A-Za-z.+-]{5,100}$)"
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PART}(?:\.{_PART})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_NAME = r"[a-z0-9][a-z0-9._-]{0,63}"

Semver = Annotated[str, Shape(_SEMVER, "a version such as 1.4.0 or 1.5.0-beta.1")]
Moment = Annotated[datetime, Utc('quoted UTC with seconds, such as "2026-11-25T14:00:00Z"')]
Percent = Annotated[int, Span(0, 100, "a whole number of percent from 0 to 100")]
Name = Annotated[str, Shape(_NAME, "a name of lower-case letters, digits, dots and dashes")]
FileName = Annotated[str, Shape(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}", "a plain file name")]
Sha256 = Annotated[str, Shape(r"[0-9a-f]{64}", "a sha256 in 64 lower-case hexadecimal digits")]
Commit = Annotated[str, Shape(r"[0-9a-f]{40}", "a full commit id of 40 hexadecimal digits")]
Base64 = Annotated[str, Shape(r"[A-Za-z0-9+/]+={0,2}", "base64 on one line without spaces")]
Url = Annotated[str, Shape(r"https://[^\s]+", "an https URL")]
Domain = Annotated[str, Shape(r"[a-z0-9-]+(\.[a-z0-9-]+)+", "a domain such as espice.app")]
Sentence = Annotated[str, Shape(r"\S(.*\S)?", "a sentence on one line, not empty")]
Environment = Literal["laptop", "staging", "production"]


# --- product.yaml -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """An environment: where its hosts live."""

    __pydantic_config__ = STRICT
    domain: Domain


@dataclass(frozen=True, slots=True)
class Target:
    """A platform that ESpice is built for.

    `updates` are the bundles the updater can install, the one for clients that do not say theirs first;
    `installs` are for new visitors only.
    """

    __pydantic_config__ = STRICT
    title: Sentence
    updates: tuple[Name, ...]
    installs: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A public key and the environments that may trust it."""

    __pydantic_config__ = STRICT
    id: Annotated[str, Shape(r"[0-9A-F]{16}|[0-9a-f]{64}", "a key id")]
    public: Base64
    trusted_in: tuple[Environment, ...]
    note: Sentence


@dataclass(frozen=True, slots=True)
class Keys:
    """`artifacts`: minisign keys that sign what users install. `heads`: ed25519 keys that sign the catalog's head.

    They are never the same key: what signs online must not be able to sign what clients finally trust.
    """

    __pydantic_config__ = STRICT
    artifacts: tuple[Key, ...]
    heads: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """product.yaml: what the product is called, where it lives, what it is built for, whom it trusts."""

    __pydantic_config__ = STRICT
    product: Name
    title: Sentence
    environments: Mapping[Environment, Place]
    targets: Mapping[Name, Target]
    keys: Keys

    def artifact_keys(self, environment: str) -> Mapping[str, Key]:
        """The keys whose signatures this environment accepts, by id."""
        return {key.id: key for key in self.keys.artifacts if environment in key.trusted_in}

    def head_keys(self, environment: str) -> tuple[Key, ...]:
        """The keys that may sign this environment's head."""
        return tuple(key for key in self.keys.heads if environment in key.trusted_in)


# --- releases/ ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file that users may get.

    `signature` is Tauri's: base64 of the whole minisign text. Bundles that only new visitors install have none.
    """

    __pydantic_config__ = STRICT
    file: FileName
    size: Annotated[int, Span(1, 2**40, "a size in bytes")]
    sha256: Sha256
    signature: Base64 | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a build came from."""

    __pydantic_config__ = STRICT
    repository: Annotated[str, Shape(r"[\w.-]+/[\w.-]+", "owner/name")]
    commit: Commit
    run: Url


@dataclass(frozen=True, slots=True)
class Version:
    """versions/<version>.yaml: what was built. Written by CI, never edited."""

    __pydantic_config__ = STRICT
    version: Semver
    published: Moment
    source: Source
    notes: str
    artifacts: Mapping[Name, Mapping[Name, Artifact]]  # target -> bundle -> artifact


@dataclass(frozen=True, slots=True)
class Channel:
    """channels/<channel>.yaml: policy of a channel, never a list of versions.

    `ladder` is the percents that its rollouts may use.
    """

    __pydantic_config__ = STRICT
    channel: Name
    title: Sentence
    ladder: tuple[Percent, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on, `percent` of the cohorts are offered the version. With a gate it also needs its pass."""

    __pydantic_config__ = STRICT
    at: Moment
    percent: Percent
    gate: Name | None = None
    because: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """The gated step to `pass_` percent may take effect, on this evidence."""

    __pydantic_config__ = STRICT
    pass_: Percent
    at: Moment
    evidence: Sentence


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep at most `hold` percent from now on; voids every later step. 0 = no further offers."""

    __pydantic_config__ = STRICT
    hold: Percent
    at: Moment
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Resume:
    """Ends a hold: `resume` percent from `at` on. New steps are written after it."""

    __pydantic_config__ = STRICT
    resume: Percent
    at: Moment
    reason: Sentence


Line = Annotated[Step | Pass | Hold | Resume, OneOf(("percent", "pass", "hold", "resume"), (Step, Pass, Hold, Resume))]


@dataclass(frozen=True, slots=True)
class Rollout:
    """rollouts/<channel>/<version>.yaml: how a version reaches a channel. Lines are only ever added."""

    __pydantic_config__ = STRICT
    rollout: Annotated[str, Shape(f"{_NAME}/{_SEMVER}", "<channel>/<version>, such as stable/1.4.0")]
    salt: Name
    targets: Literal["all"]
    steps: tuple[Line, ...]

    @property
    def channel(self) -> str:
        """The channel this rollout serves."""
        return self.rollout.partition("/")[0]

    @property
    def version(self) -> str:
        """The version this rollout offers."""
        return self.rollout.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """withdrawals/<version>.yaml: this version is offered to nobody any more on these channels."""

    __pydantic_config__ = STRICT
    withdraw: Semver
    channels: tuple[Name, ...]
    at: Moment
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Scope:
    """What a stop stops: a whole channel, or some versions on it. Absent versions narrow the most: all of them."""

    __pydantic_config__ = STRICT
    channel: Name
    versions: tuple[Semver, ...] | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """stops/<date>-<channel>.yaml: nothing (or none of these versions) is offered on the channel."""

    __pydantic_config__ = STRICT
    stop: Scope
    at: Moment
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Approvals:
    """How many people must approve, by what the change does to users."""

    __pydantic_config__ = STRICT
    narrower: Annotated[int, Span(1, 9, "a number of approvals")]
    next_step: Annotated[int, Span(1, 9, "a number of approvals")]
    wider: Annotated[int, Span(1, 9, "a number of approvals")]


@dataclass(frozen=True, slots=True)
class Policy:
    """policy.yaml: approvals by effect, and what each gate asks for in one sentence."""

    __pydantic_config__ = STRICT
    approvals: Approvals
    gates: Mapping[Name, Sentence]


# --- facts with their places --------------------------------------------------------------------------------------

Spot = tuple[str | int, ...]  # ("steps", 2, "percent")


@dataclass(frozen=True, slots=True)
class Filed(Generic[T]):
    """A fact, the file it stands in, and the line of each of its parts."""

    path: str
    value: T
    marks: Mapping[Spot, int] = field(default_factory=dict)

    def line(self, *place: str | int) -> int:
        """The line (from 1) of the part at this place, or of the nearest part around it."""
        while place and place not in self.marks:
            place = place[:-1]
        return self.marks.get(place, 1)

    def at(self, *place: str | int) -> str:
        """`path:line` of a part: how an answer names the fact that decided it."""
        return f"{self.path}:{self.line(*place)}"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a commit says."""

    product: Filed[Product]
    policy: Filed[Policy]
    versions: Mapping[str, Filed[Version]]
    channels: Mapping[str, Filed[Channel]]
    rollouts: Mapping[str, Filed[Rollout]]  # by "<channel>/<version>"
    withdrawals: Mapping[str, Filed[Withdrawal]]  # by version
    stops: Mapping[str, Filed[Stop]]  # by file name

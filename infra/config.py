"""What a stack file (Pulumi.<environment>.yaml) says: ids, sizes, weights, retention, recipients.

Infrastructure facts only: what product.yaml says (names, domains, keys) stands nowhere here, and no secret does.
A stack file is read like every other fact: strictly, all problems at once, each with its line and its mend.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from delivery.rules.load import parse
from delivery.rules.problem import Problem
from delivery.rules.shapes import STRICT, Shape, Span

AwsAccount = Annotated[str, Shape(r"\d{12}", "an AWS account id of 12 digits, in quotes")]
CloudflareId = Annotated[str, Shape(r"[0-9a-f]{32}", "a Cloudflare id of 32 lower-case hexadecimal digits")]
# An alarm, its topic and its metric share a region, and Route 53 reports its health checks in this one only.
Region = Annotated[str, Shape(r"us-east-1", "us-east-1, the only region where Route 53 reports health")]
Mail = Annotated[str, Shape(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")]
LambdaVersion = Annotated[
    str, Shape(r"newest|[1-9]\d{0,9}", 'newest, or a published version of the function such as "3"')
]
Days = Annotated[int, Span(1, 3653, "a whole number of days, at most ten years")]
# The only numbers that CloudWatch takes.
LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]


@dataclass(frozen=True, slots=True)
class Aws:
    """The account everything is kept and computed in."""

    __pydantic_config__ = STRICT
    account: AwsAccount
    region: Region


@dataclass(frozen=True, slots=True)
class Cloudflare:
    """The account and the zone everything is served from. No two environments share a zone: rulesets are its."""

    __pydantic_config__ = STRICT
    account: CloudflareId
    zone: CloudflareId
    location: Literal["apac", "eeur", "enam", "weur", "wnam", "oc"]  # where R2 creates buckets


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The update endpoint's size, and which of its builds answers.

    `live` answers, except for the share `weight` (0 to 1) that `next` answers. `memory` in MB, `timeout` in
    seconds; `confirm_after` seconds an instance answers without asking again which catalog is live.
    """

    __pydantic_config__ = STRICT
    live: LambdaVersion
    next: LambdaVersion
    weight: Annotated[float, Span(0, 1, "a share from 0.0 to 1.0")]
    memory: Annotated[int, Span(128, 10240, "a memory size in MB that Lambda has")]
    timeout: Annotated[int, Span(1, 29, "a number of seconds that the HTTP API waits for")]
    confirm_after: Annotated[int, Span(1, 30, "a number of seconds, at most 30")]
    log_days: LogDays


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what was replaced or locked is kept, in days."""

    __pydantic_config__ = STRICT
    archive_locked: Days  # nobody can delete a published artifact before
    old_catalogs: Days


@dataclass(frozen=True, slots=True)
class Alarms:
    """When people are told, and who: `errors` failed answers in 5 minutes; `slow` in ms for the slowest 1 %."""

    __pydantic_config__ = STRICT
    errors: Annotated[int, Span(1, 100_000, "a number of failed answers in 5 minutes")]
    slow: Annotated[int, Span(1, 29_000, "a number of milliseconds")]
    recipients: tuple[Mail, ...]


@dataclass(frozen=True, slots=True)
class InfraConfig:
    """Everything that one environment's infrastructure is set to."""

    __pydantic_config__ = STRICT
    aws: Aws
    cloudflare: Cloudflare
    endpoint: Endpoint
    keep: Keep
    alarms: Alarms


# The Pulumi CLI's own keys have no dashes; those of a project carry its name.
_CLI = {"extra": "forbid", "strict": True}
_OF_PROJECT = {**_CLI, "alias_generator": lambda name: f"espice:{name}"}


@dataclass(frozen=True, slots=True)
class _Values:
    __pydantic_config__ = _OF_PROJECT
    infra: InfraConfig


@dataclass(frozen=True, slots=True)
class _StackFile:
    """The whole file, as the Pulumi CLI knows it: the last three are how it encrypts secrets."""

    __pydantic_config__ = _CLI
    config: _Values
    secretsprovider: str | None = None
    encryptedkey: str | None = None
    encryptionsalt: str | None = None


def path(environment: str) -> str:
    """The stack file of an environment; both its stacks are set by it."""
    return f"Pulumi.{environment}.yaml"


def read(path: str, data: bytes) -> tuple[InfraConfig | None, tuple[Problem, ...]]:
    """A stack file's bytes as a config, or every problem in it. Never raises."""
    file, problems = parse(path, data, _StackFile)
    return (file.value.config.infra if file else None), problems

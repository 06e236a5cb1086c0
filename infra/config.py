"""What a stack file (Pulumi.<environment>.yaml) says: ids, sizes, weights, retention, recipients.

Infrastructure facts only: what product.yaml says (names, domains, keys) stands nowhere here, and no secret does.
A stack file is read like every other fact: strictly, all problems at once, each with its line and its mend.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from delivery.endpoint.settings import Metrics
from delivery.rules.facts import Filed
from delivery.rules.load import parse
from delivery.rules.problem import Problem
from delivery.rules.shapes import STRICT, Shape, Span, yaml_key

AwsAccount = Annotated[str, Shape(r"\d{12}", "an AWS account id of 12 digits, in quotes")]
CloudflareId = Annotated[str, Shape(r"[0-9a-f]{32}", "a Cloudflare id of 32 lower-case hexadecimal digits")]
# An alarm, its topic and its metric share a region, and Route 53 reports its health checks in this one only.
Region = Annotated[str, Shape(r"us-east-1", "us-east-1, the only region where Route 53 reports health")]
Mail = Annotated[str, Shape(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")]
NEWEST = "newest"  # the build of the very commit that is applied: only on the laptop, where nobody reviews
Digest = Annotated[
    str,
    Shape(
        r"newest|sha256:[0-9a-f]{64}",
        "a build's digest, sha256: and 64 hexadecimal digits (./inv build prints it), or on the laptop newest",
    ),
]
Days = Annotated[int, Span(1, 3653, "a whole number of days, at most ten years")]
Memory = Annotated[int, Span(128, 10240, "a memory size in MB that Lambda has")]
Certificates = Annotated[
    str,
    Shape(
        r"(-----BEGIN CERTIFICATE-----\n([\w+/=]+\n)+-----END CERTIFICATE-----\n){2,}",
        "a certificate and its authority in PEM, as a block of lines after |",
    ),
]
IamUser = Annotated[str, Shape(r"[\w+=,.@-]{1,64}", "the name of an IAM user")]
Staff = Annotated[str, Shape(r"[^@\s]*@[^@\s]+\.[^@\s]+", "an e-mail address, or a whole domain such as @espice.app")]
# The only numbers that CloudWatch takes.
LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]


@dataclass(frozen=True, slots=True)
class Aws:
    """The account everything is kept and computed in; no two environments share one.

    `brake`: IAM users who may take on the role of that name, each with a second factor.
    """

    __pydantic_config__ = STRICT
    account: AwsAccount
    region: Region
    brake: tuple[IamUser, ...]


@dataclass(frozen=True, slots=True)
class Cloudflare:
    """The account and the zone everything is served from. No two environments share a zone: rulesets are its.

    `origin_pull` is the certificate that Cloudflare shows to the API, and after it every authority whose certificates
    the API takes: two of them while one follows the other. The certificate's key is a secret, beside all this.
    """

    __pydantic_config__ = STRICT
    account: CloudflareId
    zone: CloudflareId
    location: Literal["apac", "eeur", "enam", "weur", "wnam", "oc"]  # where R2 creates buckets
    origin_pull: Certificates

    @property
    def r2(self) -> str:
        """Where R2 speaks S3's language."""
        return f"https://{self.account}.r2.cloudflarestorage.com"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The update endpoint's size, and which of its builds answers.

    `live` answers, except for the share `weight` (0 to 1) that `next` answers. `memory` in MB, `timeout` in
    seconds; `confirm_after` seconds an instance answers without asking again which catalog is live, and `give_up_after`
    seconds it goes on while nobody tells it.
    """

    __pydantic_config__ = STRICT
    live: Digest
    next: Digest
    weight: Annotated[float, Span(0, 1, "a share from 0.0 to 1.0")]
    memory: Memory
    timeout: Annotated[int, Span(1, 29, "a number of seconds that the HTTP API waits for")]
    confirm_after: Annotated[int, Span(1, 30, "a number of seconds, at most 30")]
    log_days: LogDays
    give_up_after: Annotated[int, Span(2, 300, "a number of seconds, at most 300")] = 300
    metrics: Metrics = "emf"


@dataclass(frozen=True, slots=True)
class Console:
    """What staff see, its build, and who is let in: addresses of people, or a whole domain as `@espice.app`.

    `team` is the name of the organisation's Cloudflare Access (<team>.cloudflareaccess.com).
    """

    __pydantic_config__ = STRICT
    build: Digest
    memory: Memory
    log_days: LogDays
    team: Annotated[str, Shape(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", "the name of a Cloudflare Access team")]
    staff: tuple[Staff, ...]


@dataclass(frozen=True, slots=True)
class Database:
    """PostgreSQL on RDS. `storage` in GB; `restorable` days back to any moment; `vaulted` days a daily copy is kept."""

    __pydantic_config__ = STRICT
    size: Annotated[str, Shape(r"db\.[a-z0-9]+\.[a-z0-9]+", "an instance class such as db.t4g.micro")]
    storage: Annotated[int, Span(20, 65_536, "a number of GB, at least 20")]
    two_zones: bool
    restorable: Annotated[int, Span(1, 35, "a number of days, at most 35")]
    vaulted: Days


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Events on their way from the queue to the database, and how long what lies there can be brought back.

    `batch`: events that one run of the consumer takes. `kept`: days that the queue waits for a consumer.
    """

    __pydantic_config__ = STRICT
    build: Digest
    memory: Memory
    batch: Annotated[int, Span(1, 10_000, "a number of messages, at most 10000")]
    kept: Annotated[int, Span(1, 14, "a number of days, at most 14")]
    log_days: LogDays
    database: Database


@dataclass(frozen=True, slots=True)
class GitHub:
    """The repository whose workflows may take on the roles; ids, since a name can be given to somebody else."""

    __pydantic_config__ = STRICT
    repository: Annotated[str, Shape(r"[\w.-]+/[\w.-]+", "a repository as owner/name")]
    repository_id: Annotated[str, Shape(r"\d+", "GitHub's numeric id of the repository, in quotes")]
    owner_id: Annotated[str, Shape(r"\d+", "GitHub's numeric id of the owner, in quotes")]


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what was replaced or locked is kept, in days."""

    __pydantic_config__ = STRICT
    archive_locked: Days  # nobody can delete a published artifact before
    archive_at_hand: Days  # after that it is kept for less money, and read for more
    old_catalogs: Days
    access_logs: Days  # of the buckets


@dataclass(frozen=True, slots=True)
class Alarms:
    """When people are told, and who.

    `errors`: failed answers in 5 minutes. `slow`: ms for the slowest 1 %. `promised`: the share of update checks that
    get a valid answer, over 30 days. `budget`: US dollars a month. `quiet`: minutes without a tick of the automation.
    `on_call` is told at once, also at night; `recipients` of what can wait until the morning.
    """

    __pydantic_config__ = STRICT
    errors: Annotated[int, Span(1, 100_000, "a number of failed answers in 5 minutes")]
    slow: Annotated[int, Span(1, 29_000, "a number of milliseconds")]
    promised: Annotated[float, Span(0.9, 0.9999, "a share from 0.9 to 0.9999")]
    budget: Annotated[int, Span(1, 1_000_000, "a whole number of US dollars")]
    quiet: Annotated[int, Span(10, 1440, "a number of minutes, at most a day")]
    on_call: tuple[Mail, ...]
    recipients: tuple[Mail, ...]


@dataclass(frozen=True, slots=True)
class InfraConfig:
    """Everything that one environment's infrastructure is set to.

    `acknowledge` names records, hosts and certificates that an apply may replace or delete, which none does otherwise.
    """

    __pydantic_config__ = STRICT
    aws: Aws
    cloudflare: Cloudflare
    github: GitHub
    endpoint: Endpoint
    console: Console
    telemetry: Telemetry
    keep: Keep
    alarms: Alarms
    acknowledge: tuple[str, ...] = ()


# The Pulumi CLI's own keys have no dashes; those of a project carry its name.
_CLI = {"extra": "forbid", "strict": True}
_OF_PROJECT = {**_CLI, "alias_generator": lambda name: f"espice:{yaml_key(name)}"}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A secret as the Pulumi CLI writes it: encrypted with the stack's key. Only ./inv secret set writes one."""

    __pydantic_config__ = STRICT
    secure: Annotated[str, Shape(r"v1:[\w+/=]+:[\w+/=]+", "an encrypted value; ./inv secret set writes it")]


@dataclass(frozen=True, slots=True)
class _Values:
    __pydantic_config__ = _OF_PROJECT
    infra: InfraConfig
    origin_pull_key: Sealed | None = None


# Every secret that a program asks for: what it is, for the one who sets it.
SECRETS = {"origin-pull-key": "the private key (PEM) by which Cloudflare proves to the API that it asks"}

# What stands for a secret in a plan that is made without the key to read it.
NOT_READ = "[not read]"


@dataclass(frozen=True, slots=True)
class Sealing:
    """How a stack file's secrets are encrypted, as the Pulumi CLI knows it, and the secrets by name."""

    provider: str | None
    wrapped_key: str | None
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _StackFile:
    """The whole file, as the Pulumi CLI knows it: the last three are how it encrypts secrets."""

    __pydantic_config__ = _CLI
    config: _Values
    secretsprovider: str | None = None
    encryptedkey: str | None = None
    encryptionsalt: str | None = None


def path(environment: str) -> str:
    """The stack file of an environment; all its stacks are set by it."""
    return f"Pulumi.{environment}.yaml"


def read(path: str, data: bytes) -> tuple[InfraConfig | None, tuple[Problem, ...]]:
    """A stack file's bytes as a config, or every problem in it. Never raises."""
    file, problems = parse(path, data, _StackFile)
    if file is None:
        return None, problems
    unnamed = tuple(_builds_unnamed(file))
    return (None if unnamed else file.value.config.infra), unnamed


def _builds_unnamed(file: Filed[_StackFile]) -> Iterator[Problem]:
    """Every build that nobody can review: `newest` where it is not the laptop's, or where it would change meaning."""
    infra = file.value.config.infra
    digests = {
        ("endpoint", "live"): infra.endpoint.live,
        ("endpoint", "next"): infra.endpoint.next,
        ("console", "build"): infra.console.build,
        ("telemetry", "build"): infra.telemetry.build,
    }
    for place, digest in digests.items():
        if digest == NEWEST and file.path != path("laptop"):
            what, mend = "newest names no build that can be reviewed", "write the digest that ./inv build prints"
        elif digest == NEWEST != infra.endpoint.next and place == ("endpoint", "live"):
            what, mend = "newest goes with a next that is newest too", "write the digest of the build that is live"
        else:
            continue
        spot = ("config", "espice:infra", *place)
        yield Problem(file.path, file.line(*spot), ".".join(spot), what, mend)


def sealing(path: str, data: bytes) -> Sealing:
    """The secrets of a stack file that `read` takes; of any other, none."""
    file, _ = parse(path, data, _StackFile)
    if file is None:
        return Sealing(None, None, {})
    found = ((name, getattr(file.value.config, name.replace("-", "_"))) for name in SECRETS)
    values = {name: sealed.secure for name, sealed in found if sealed}
    return Sealing(file.value.secretsprovider, file.value.encryptedkey, values)


def line(path: str, data: bytes, *place: str) -> int:
    """The line (from 1) of a part of `espice:infra` in a stack file that `read` takes; of any other, the first."""
    file, _ = parse(path, data, _StackFile)
    return file.line("config", "espice:infra", *place) if file else 1

"""The facts that people edit under releases/, and product.yaml, as frozen types.

One fact a file. A field's name is its YAML key with `_` for `-` (a trailing `_` only dodges a Python keyword).
Standard library only: the endpoint ships this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, TypeVar

from delivery.rules.shapes import (
    AS_WRITTEN,
    NAME,
    SEMVER,
    STRICT,
    VERSION,
    Base64,
    Commit,
    Day,
    Domain,
    Duration,
    Environment,
    FileName,
    Installed,
    Moment,
    Name,
    Notes,
    OneOf,
    OsVersion,
    Percent,
    Range,
    Run,
    Semver,
    Sentence,
    Sha256,
    Shape,
    Span,
    Targets,
    Url,
    Zone,
)

T = TypeVar("T")


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
    """`artifacts`: minisign keys that sign what users install. `heads`: ed25519 or P-256 keys that sign the head.

    `brakes`: keys of that kind that sign the override, which only takes away. No key is in two lists: what signs online
    must not be able to sign what clients finally trust, and who may brake must not be able to release.
    """

    __pydantic_config__ = STRICT
    artifacts: tuple[Key, ...]
    heads: tuple[Key, ...]
    brakes: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """product.yaml: what the product is called, where it lives, what it is built for, whom it trusts."""

    __pydantic_config__ = STRICT
    product: Name
    title: Sentence
    environments: Mapping[Environment, Place]
    targets: Mapping[Name, Target]
    keys: Keys
    offices: Mapping[Name, Zone] = field(default_factory=dict)  # whose local times plans show beside UTC

    def artifact_keys(self, environment: str) -> Mapping[str, Key]:
        """The keys whose signatures this environment accepts, by id."""
        return {key.id: key for key in self.keys.artifacts if environment in key.trusted_in}

    def head_keys(self, environment: str) -> tuple[Key, ...]:
        """The keys that may sign this environment's head."""
        return tuple(key for key in self.keys.heads if environment in key.trusted_in)

    def brake_keys(self, environment: str) -> tuple[Key, ...]:
        """The keys that may sign this environment's override."""
        return tuple(key for key in self.keys.brakes if environment in key.trusted_in)


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
    run: Run


@dataclass(frozen=True, slots=True)
class Version:
    """versions/<version>.yaml: what was built. Written by CI, never edited."""

    __pydantic_config__ = STRICT
    version: Semver
    published: Moment
    source: Source
    notes: Notes
    artifacts: Mapping[Name, Mapping[Name, Artifact]]  # target -> bundle -> artifact
    minimum_os: Mapping[Literal["windows", "macos", "linux"], OsVersion] | None = None


@dataclass(frozen=True, slots=True)
class Soak:
    """What a version must have gone through on another channel before its first step here."""

    __pydantic_config__ = STRICT
    in_: Name
    at_least: Duration
    installs: Annotated[int, Span(0, 10**9, "a number of installations")]


@dataclass(frozen=True, slots=True)
class Announce:
    """Who is told, once each, that a version is live for everyone on a channel.

    `to` are places, each with the most characters that it takes; their addresses are secrets and stand elsewhere.
    `link` is where to read more, with `{version}` for the version; what everyone had before `since` is not told.
    They are told once everyone could have it for so long as `after` says; absent, at once.
    """

    __pydantic_config__ = STRICT
    since: Moment
    link: Url
    to: Mapping[Name, Annotated[int, Span(200, 100_000, "a number of characters from 200 to 100000")]]
    after: Duration | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """channels/<channel>.yaml: policy of a channel, never a list of versions.

    `ladder` is the percents that its rollouts may use. What a channel that this one `follows` offers, this one offers
    no later. `auto_promote` lets the schedule merge a ladder step whose gate passed; absent, people do. Without
    `announce` nobody is told of its versions.
    """

    __pydantic_config__ = STRICT
    channel: Name
    title: Sentence
    ladder: tuple[Percent, ...]
    pre_releases: bool = False
    follows: Name | None = None
    promotes_from: Name | None = None
    soak: Soak | None = None
    auto_promote: bool = False
    announce: Announce | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on, `percent` of the cohorts are offered the version. With a gate it also needs its pass.

    `over`: it gets there cohort by cohort in that time. `evidence`: a full update through the channel's `-next`, which
    the first step above 0 needs. `because`: why, where a rule asks.
    """

    __pydantic_config__ = STRICT
    at: Moment
    percent: Percent
    over: Duration | None = None
    gate: Name | None = None
    evidence: Sentence | None = None
    because: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """The gated step to `pass_` percent may take effect, on this evidence."""

    __pydantic_config__ = STRICT
    pass_: Percent
    at: Moment
    evidence: Sentence
    because: Sentence | None = None


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


@dataclass(frozen=True, slots=True)
class Below:
    """Whom a critical line is for: installations below this version."""

    __pydantic_config__ = STRICT
    below: Semver


@dataclass(frozen=True, slots=True)
class Critical:
    """Lifts the percentage for those below a version, only while a step above 0 is in force and not held."""

    __pydantic_config__ = STRICT
    critical: Below
    at: Moment
    reason: Sentence


Line = Annotated[
    Step | Pass | Hold | Resume | Critical,
    OneOf(("percent", "pass", "hold", "resume", "critical"), (Step, Pass, Hold, Resume, Critical)),
]


@dataclass(frozen=True, slots=True)
class Lifted:
    """A removal that ended: when that was decided, and why."""

    __pydantic_config__ = STRICT
    at: Moment
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Rollout:
    """rollouts/<channel>/<version>.yaml: how a version reaches a channel. Lines are only ever added.

    `supersedes` ends an older partial rollout here and admits installations on that version first.
    """

    __pydantic_config__ = STRICT
    rollout: Annotated[str, Shape(f"{NAME}/{SEMVER}", "<channel>/<version>, such as stable/1.4.0")]
    salt: Name
    targets: Targets
    steps: tuple[Line, ...]
    supersedes: Semver | None = None

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
    """withdrawals/<version>.yaml: this version is offered to nobody any more on these channels.

    `offer_instead` goes to clients below it, whatever its percentage. `downloads`: what the download centre does with
    its files (gone answers 410, for malware). `installed`: what those get who have it; absent is keep. Only `installed`
    and `lifted` may be added after the merge.
    """

    __pydantic_config__ = STRICT
    withdraw: Semver
    channels: tuple[Name, ...]
    at: Moment
    reason: Sentence
    downloads: Literal["keep", "hide", "gone"]
    offer_instead: Semver | None = None
    notice: Name | None = None
    installed: Installed | None = None
    lifted: Lifted | None = None

    @property
    def reissue_as(self) -> str | None:
        """The version that those who have the withdrawn one get from its first step above 0."""
        return self._named("reissue-as ")

    @property
    def downgrade_to(self) -> str | None:
        """The lower version that those get who have the withdrawn one and accept a downgrade."""
        return self._named("downgrade-to ")

    def _named(self, what: str) -> str | None:
        return self.installed.removeprefix(what) if self.installed and self.installed.startswith(what) else None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a stop stops: a whole channel, or some versions on it. Absent versions narrow the most: all of them."""

    __pydantic_config__ = STRICT
    channel: Name
    versions: tuple[Semver, ...] | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """stops/<date>-<channel>.yaml: nothing (or none of these versions) is offered on the channel.

    `decides` names a halt (`./inv halt`) that this stop takes over from the brake, for as long as the facts exist.
    """

    __pydantic_config__ = STRICT
    stop: Scope
    at: Moment
    reason: Sentence
    decides: Name | None = None
    lifted: Lifted | None = None


@dataclass(frozen=True, slots=True)
class Barrier:
    """barriers/<version>.yaml: installations below `applies_below` must go through this version, never past it."""

    __pydantic_config__ = STRICT
    barrier: Semver
    applies_below: Semver
    targets: Targets
    reason: Sentence
    lifted: Lifted | None = None


@dataclass(frozen=True, slots=True)
class Deadend:
    """deadends/<version>.yaml: installations on this version cannot update themselves; `notice` says what to do."""

    __pydantic_config__ = STRICT
    deadend: Semver
    reason: Sentence
    notice: Name
    lifted: Lifted | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """blocks/<name>.yaml: no update from one range of versions to another (or, `warn`, only with a warning)."""

    __pydantic_config__ = STRICT
    block: Name
    from_: Range
    to: Range
    targets: Targets
    effect: Literal["block", "warn"]
    reason: Sentence
    owner: Sentence
    review_by: Day
    lifted: Lifted | None = None


@dataclass(frozen=True, slots=True)
class Freeze:
    """freezes/<name>.yaml: between these moments nothing widens on these channels unless a line says why."""

    __pydantic_config__ = STRICT
    freeze: Name
    channels: tuple[Name, ...]
    from_: Moment
    until: Moment
    reason: Sentence
    because: Sentence | None = None
    lifted: Lifted | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Who takes part in an experiment: `percent` of the cohorts on a channel that have one of these versions."""

    __pydantic_config__ = STRICT
    channel: Name
    versions: Range
    percent: Percent


@dataclass(frozen=True, slots=True)
class Arm:
    """A part of the audience, by weight, and the flags it gets. The arm without flags is the control."""

    __pydantic_config__ = STRICT
    weight: Annotated[int, Span(1, 100, "a weight from 1 to 100")]
    flags: Mapping[Name, Name] | None = None


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A measurement that must stay within bounds, or the experiment ends."""

    __pydantic_config__ = STRICT
    metric: Name
    least: Annotated[float, Span(0, 10**9, "a number")] | None = None
    most: Annotated[float, Span(0, 10**9, "a number")] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an experiment came to."""

    __pydantic_config__ = STRICT
    keep: Name  # an arm, or `none`
    at: Moment
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Experiment:
    """experiments/<name>.yaml: flags by cohort, or a holdback from a rollout; never other versions.

    An installation is in at most one experiment of a layer. It ends at `end`, or with its `decision`, which is the only
    thing that may be added after the merge.
    """

    __pydantic_config__ = STRICT
    experiment: Name
    layer: Name
    salt: Name
    audience: Audience
    start: Moment
    end: Moment
    guardrails: tuple[Guardrail, ...]
    arms: Mapping[Name, Arm] | None = None
    holdback: Annotated[str, Shape(rf"{NAME}/{VERSION}", "<channel>/<version>")] | None = None
    decision: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Flagd:
    """A flag as flagd has it: its variants, the one for everybody else, and who gets another."""

    __pydantic_config__ = AS_WRITTEN
    state: Literal["ENABLED", "DISABLED"]
    variants: Mapping[str, Any]
    defaultVariant: str  # noqa: N815 - flagd's own key
    targeting: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """flags/<name>.yaml: a feature flag with an owner and an end. May be edited, as policy."""

    __pydantic_config__ = STRICT
    flag: Name
    owner: Sentence
    expires: Day
    body: Flagd


@dataclass(frozen=True, slots=True)
class Notice:
    """notices/<name>.yaml: something that users of these versions should read; `support_ends` if that is what it is."""

    __pydantic_config__ = STRICT
    notice: Name
    channels: tuple[Name, ...]
    versions: Range
    at: Moment
    text: Sentence
    url: Url | None = None
    support_ends: Day | None = None
    lifted: Lifted | None = None


@dataclass(frozen=True, slots=True)
class Approvals:
    """How many people must approve, by what the change does to users."""

    __pydantic_config__ = STRICT
    narrower: Annotated[int, Span(1, 9, "a number of approvals")]
    next_step: Annotated[int, Span(1, 9, "a number of approvals")]
    wider: Annotated[int, Span(1, 9, "a number of approvals")]


@dataclass(frozen=True, slots=True)
class Policy:
    """policy.yaml: approvals by effect, what each gate asks for in one sentence, and the most that an ungated step of a
    channel may reach."""

    __pydantic_config__ = STRICT
    approvals: Approvals
    gates: Mapping[Name, Sentence]
    ungated: Mapping[Name, Percent] = field(default_factory=dict)


def hours(duration: str) -> int:
    """A duration in hours."""
    return int(duration[:-1]) * (24 if duration.endswith("d") else 1)


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
    stops: Mapping[str, Filed[Stop]]  # by file name, as all that follow
    barriers: Mapping[str, Filed[Barrier]] = field(default_factory=dict)
    deadends: Mapping[str, Filed[Deadend]] = field(default_factory=dict)
    blocks: Mapping[str, Filed[Block]] = field(default_factory=dict)
    freezes: Mapping[str, Filed[Freeze]] = field(default_factory=dict)
    experiments: Mapping[str, Filed[Experiment]] = field(default_factory=dict)
    flags: Mapping[str, Filed[Flag]] = field(default_factory=dict)
    notices: Mapping[str, Filed[Notice]] = field(default_factory=dict)

"""What a commit says that a stack is: its program with its inputs, some of which depend on what is there already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner, Signer

from delivery.commands.desk import ROOT, Usage
from delivery.commands.live import in_the_cloud
from delivery.deploy import lineage, programs, steps
from delivery.deploy.build_commit import for_laptop
from delivery.deploy.build_versions import Published, step
from delivery.deploy.cloud import Cloud
from delivery.deploy.halt import Place
from delivery.deploy.head import live_head, next_head
from delivery.deploy.history import public_history
from delivery.deploy.obey import in_force
from delivery.deploy.override import live_override
from delivery.deploy.secrets import opened
from delivery.deploy.signer import Paper, kms_signer
from delivery.deploy.steps import Prepared
from delivery.engines.stack import Stack
from delivery.history import snapshot
from delivery.laptop import keys
from delivery.laptop.functions import LaptopFunction
from delivery.laptop.moto import Moto
from delivery.laptop.places import Places
from delivery.proposals.forge import MAIN
from delivery.rules.brake import OVERRIDE_KEY, Override
from delivery.rules.catalog import HEAD_KEY, Unreadable, from_bytes, object_key, sha256
from delivery.rules.compile import compile
from delivery.rules.facts import Facts, Product
from delivery.rules.head import Head
from delivery.rules.plan import Effect
from delivery.rules.problem import Refused
from delivery.rules.read import File, read
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.build import Build, Builds
from infra.config import InfraConfig
from infra.names import Names
from infra.publication import Publication
from infra.stacks import Kind, split


@dataclass(frozen=True, slots=True)
class Wish:
    """The facts and the stack file of a commit of `repo`, for one environment."""

    repo: Path
    environment: Environment
    commit: str
    files: Mapping[str, File]
    facts: Facts
    infra: InfraConfig
    sealing: stack_file.Sealing

    @classmethod
    def of_head(cls, environment: Environment) -> "Wish":
        """Of what HEAD is now. Raises Refused with every problem of both."""
        return cls.of_commit(ROOT, snapshot.commit_id(ROOT, "HEAD"), environment)

    @classmethod
    def of_commit(cls, repo: Path, commit: str, environment: Environment) -> "Wish":
        """Of this commit, by its full id. Raises Refused with every problem of both."""
        path = stack_file.path(environment)
        files = snapshot.at_commit(repo, commit)
        data = snapshot.at_commit(repo, commit, [path]).get(path, b"")
        infra, problems = stack_file.read(path, data)
        facts, more = steps.examine(files, files, datetime.now(UTC))
        if infra is None or facts is None:
            raise Refused((*more, *problems))
        return cls(repo, environment, commit, files, facts, infra, stack_file.sealing(path, data))

    @property
    def product(self) -> Product:
        return self.facts.product.value

    @property
    def names(self) -> Names:
        return Names.of(self.product, self.environment)

    @property
    def newest(self) -> Mapping[str, Build]:
        """The commit's own builds, by app; elsewhere than on a laptop a stack file names digests only."""
        made = for_laptop(self.repo, self.commit) if self.environment == "laptop" else {}
        return {app: Build(each.sha256) for app, each in made.items()}


@dataclass(frozen=True, slots=True)
class There:
    """What is there already, as far as a stack's inputs depend on it, and what may be read of it.

    `head`, `catalog` and `override` are those that are live. Where nobody reads what is signed, a key of the moment
    signs it.
    """

    published: Published | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    head: bytes | None = None
    catalog: bytes | None = None
    override: Override | None = None
    signer: Signer = field(default_factory=CryptoSigner.generate_ed25519)
    downloads_url: str | None = None

    @classmethod
    def nothing(cls, wish: Wish) -> "There":
        """As before the first apply, and with nothing in hand."""
        if wish.environment == "laptop":
            return cls(secrets=keys.secrets(), signer=keys.head_signer())
        return cls(secrets=dict.fromkeys(stack_file.SECRETS, stack_file.NOT_READ))

    @classmethod
    def on_the_laptop(cls, wish: Wish, running: Mapping[str, Any]) -> "There":
        """On the laptop that runs here, as it reports itself."""
        places, names = Places(ROOT), wish.names
        published = LaptopFunction(places, {}, names.function).published()
        live = _live_objects(wish, Moto(moto_url(places)).found)
        url = running["hosts"]["downloads"]["url"]
        return cls(published, keys.secrets(), *live, keys.head_signer(), url)

    @classmethod
    def in_the_cloud(cls, wish: Wish, kind: Kind, cloud: Cloud, *, to_write: bool) -> "There":
        """In an environment's own account: what this stack depends on and no more, for its role may read no more.

        Only what is written needs the key that signs heads. Raises EngineError.
        """
        if kind is Kind.ground:
            return cls.nothing(wish)
        if kind is Kind.platform:
            secrets = {key.partition(":")[2]: value for key, value in opened(wish.sealing).items()}
            return cls(cloud.published(), secrets)
        head, catalog, override = _live_objects(wish, cloud.read)
        there = cls(head=head, catalog=catalog, override=override)
        if not to_write:
            return there
        there = replace(there, override=in_force(place(wish, cloud), wish.facts))
        return replace(there, signer=kms_signer(Paper.head, wish.product, wish.environment, cloud.client("kms")))


Get = Callable[[str, str], bytes | None]
"""An object of a bucket, by both their names. None only where it is known not to be there."""


def _live_objects(wish: Wish, get: Get) -> tuple[bytes | None, bytes | None, Override | None]:
    """The live head, the catalog that it names, if it is one of ours, and the override. Raises EngineError."""
    data = get(wish.names.catalog, HEAD_KEY)
    head = live_head(data, wish.product, wish.environment)
    catalog = get(wish.names.catalog, object_key(head.sha256)) if head else None
    override = live_override(get(wish.names.catalog, OVERRIDE_KEY), wish.product, wish.environment)
    return data, catalog, override


def place(wish: Wish, cloud: Cloud) -> Place:
    """The environment in its own account, as the brake needs it; R2's keys may lack."""
    return in_the_cloud(wish.names, cloud).place(wish.product)


def named(stack: str) -> tuple[Environment, Kind]:
    """The environment and the kind of the stack that was typed. Raises Usage, which names those there are."""
    try:
        return split(stack)
    except ValueError as error:
        raise Usage(str(error)) from None


def cloud(wish: Wish) -> Cloud:
    """The environment's own account. Raises NoCredentials."""
    return Cloud.reached(wish.names, wish.infra)


def stack(wish: Wish, kind: Kind, there: There) -> Stack:
    """The stack. Raises Refused, BuildRefused for a build that nobody published, EngineError for one that is behind."""
    if kind is Kind.ground:
        return programs.ground_stack(wish.product, wish.environment, wish.infra)
    if kind is Kind.platform:
        return platform(wish, there, step(wish.infra, wish.newest, there.published).builds)
    return _live(wish, there)


def platform(wish: Wish, there: There, builds: Builds) -> Stack:
    """The platform with these builds."""
    return programs.platform_stack(
        wish.product, wish.environment, wish.infra, builds, there.secrets, there.downloads_url
    )


def widens(wish: Wish, there: There) -> bool:
    """Whether somebody may be offered what was not open to everyone before; without anything live, everybody is."""
    now = datetime.now(UTC)
    prepared, before = _prepared(wish, there, now)
    return before is None or steps.compare(before, prepared, now).effect is not Effect.narrower


def publication(wish: Wish, there: There) -> Publication:
    """What the live stack writes. Raises Refused, EngineError for a commit that is behind what is live."""
    now = datetime.now(UTC)
    return _publication(wish, there, _prepared(wish, there, now)[0], now)


def _publication(wish: Wish, there: There, prepared: Prepared, now: datetime) -> Publication:
    commit = wish.commit
    head = next_head(
        there.head,
        wish.product,
        wish.environment,
        commit=commit,
        serial=snapshot.serial(wish.repo, commit),
        sha256=prepared.sha256,
        signer=there.signer,
        now=now,
        follows=partial(lineage.has, wish.repo, commit),
    )
    history = public_history(wish.repo, commit, wish.environment, now)
    url = there.downloads_url or f"https://{wish.names.downloads_host}"
    return steps.publication(prepared, head, url, now, history, there.override)


def _live(wish: Wish, there: There) -> Stack:
    now = datetime.now(UTC)
    prepared, before = _prepared(wish, there, now)
    # Where nobody knows which way users move, the order is taken that is safe for both.
    narrowing = before is None or steps.compare(before, prepared, now).effect is Effect.narrower
    made = _publication(wish, there, prepared, now)
    return programs.live_stack(wish.product, wish.environment, wish.infra, made, narrowing=narrowing)


def _prepared(wish: Wish, there: There, now: datetime) -> tuple[Prepared, Prepared | None]:
    """What the commit's facts amount to, and what is live, where that can be told. Raises Refused."""
    live = live_head(there.head, wish.product, wish.environment)
    base = lineage.base(wish.repo, live.commit if live else None, wish.commit)
    return steps.prepare(wish.files, base, wish.environment, now), _before(live, there.catalog, base)


def _before(live: Head | None, data: bytes | None, files: Mapping[str, File]) -> Prepared | None:
    """What is live, where this code can read its catalog and the facts (`files`) that it is of."""
    facts, _ = read(files)
    if live is None or data is None or facts is None or sha256(data) != live.sha256:
        return None
    try:
        catalog = from_bytes(data)
    except Unreadable:
        return None
    return Prepared(facts, catalog, data, live.sha256, compile(catalog), ())


def refusals(wish: Wish, kind: Kind) -> tuple[str, ...]:
    """Why this commit may not be applied, whatever is there: facts go live when they are merged, on a laptop before."""
    if kind is not Kind.live or wish.environment == "laptop":
        return ()
    return tuple(filter(None, [lineage.unmerged(wish.repo, wish.commit, MAIN)]))


def moto_url(places: Places) -> str:
    """Where the running laptop's AWS is."""
    return places.aws

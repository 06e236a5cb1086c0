"""What HEAD says that a stack is: its program with its inputs, some of which depend on what is there already."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from securesystemslib.signer import CryptoSigner, Signer

from delivery.commands.desk import ROOT
from delivery.deploy import programs, steps
from delivery.deploy.build_commit import for_laptop
from delivery.deploy.build_versions import Published, step
from delivery.deploy.cloud import Cloud
from delivery.deploy.head import next_head
from delivery.deploy.history import public_history
from delivery.deploy.secrets import opened
from delivery.deploy.signer import kms_signer
from delivery.engines.stack import Stack
from delivery.history import snapshot
from delivery.laptop import keys
from delivery.laptop.functions import LaptopFunction
from delivery.laptop.moto import Moto
from delivery.laptop.places import Places
from delivery.rules.catalog import HEAD_KEY
from delivery.rules.facts import Facts, Product
from delivery.rules.problem import Refused
from delivery.rules.read import File
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.build import Build, Builds
from infra.config import InfraConfig
from infra.names import Names
from infra.stacks import Kind


@dataclass(frozen=True, slots=True)
class Wish:
    """The facts and the stack file of HEAD, for one environment."""

    environment: Environment
    files: Mapping[str, File]
    facts: Facts
    infra: InfraConfig
    sealing: stack_file.Sealing

    @classmethod
    def of_head(cls, environment: Environment) -> "Wish":
        """Raises Refused with every problem of both."""
        files, path = snapshot.at_commit(ROOT, "HEAD"), stack_file.path(environment)
        data = snapshot.at_commit(ROOT, "HEAD", [path]).get(path, b"")
        infra, problems = stack_file.read(path, data)
        facts, more = steps.examine(files, files, datetime.now(UTC))
        if infra is None or facts is None:
            raise Refused((*more, *problems))
        return cls(environment, files, facts, infra, stack_file.sealing(path, data))

    @property
    def product(self) -> Product:
        return self.facts.product.value

    @property
    def names(self) -> Names:
        return Names.of(self.product, self.environment)

    @property
    def newest(self) -> Mapping[str, Build]:
        """HEAD's own builds, by app; elsewhere than on a laptop a stack file names digests only."""
        made = for_laptop(ROOT, "HEAD") if self.environment == "laptop" else {}
        return {app: Build(each.sha256) for app, each in made.items()}


@dataclass(frozen=True, slots=True)
class There:
    """What is there already, as far as a stack's inputs depend on it, and what may be read of it."""

    published: Published | None
    head: bytes | None
    signer: Signer
    secrets: Mapping[str, str]
    downloads_url: str | None = None

    @classmethod
    def nothing(cls, wish: Wish) -> "There":
        """As before the first apply, and with nothing in hand: a key of the moment signs what nobody reads."""
        if wish.environment == "laptop":
            return cls(None, None, keys.head_signer(), keys.secrets())
        unread = dict.fromkeys(stack_file.SECRETS, stack_file.NOT_READ)
        return cls(None, None, CryptoSigner.generate_ed25519(), unread)

    @classmethod
    def on_the_laptop(cls, wish: Wish, running: Mapping[str, Any]) -> "There":
        """On the laptop that runs here, as it reports itself."""
        places, names = Places(ROOT), wish.names
        published = LaptopFunction(places, {}, names.function).published()
        head = Moto(moto_url(places)).read(names.catalog, HEAD_KEY)
        return cls(published, head, keys.head_signer(), keys.secrets(), running["hosts"]["downloads"]["url"])

    @classmethod
    def in_the_cloud(cls, wish: Wish, cloud: Cloud, *, to_write: bool) -> "There":
        """In an environment's own account; only what is written needs the key that signs heads. Raises EngineError."""
        signer: Signer = CryptoSigner.generate_ed25519()
        if to_write:
            signer = kms_signer(wish.product, wish.environment, cloud.client("kms"))
        secrets = {key.partition(":")[2]: value for key, value in opened(wish.sealing).items()}
        return cls(cloud.published(), cloud.read(wish.names.catalog, HEAD_KEY), signer, secrets)


def cloud(wish: Wish) -> Cloud:
    """The environment's own account. Raises EngineError: there are no credentials here."""
    return Cloud.reached(wish.names, wish.infra)


def stack(wish: Wish, kind: Kind, there: There) -> Stack:
    """The stack. Raises Refused, or BuildRefused for a build that nobody published."""
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


def _live(wish: Wish, there: There) -> Stack:
    now, environment = datetime.now(UTC), wish.environment
    prepared = steps.prepare(wish.files, wish.files, environment, now)
    head = next_head(
        there.head,
        wish.product,
        environment,
        commit=snapshot.commit_id(ROOT, "HEAD"),
        serial=snapshot.serial(ROOT, "HEAD"),
        sha256=prepared.sha256,
        signer=there.signer,
        now=now,
    )
    history = public_history(ROOT, "HEAD", environment, now)
    url = there.downloads_url or f"https://{wish.names.downloads_host}"
    made = steps.publication(prepared, head, url, now, history)
    # Which way users move is not asked here, so the order that is safe for both is taken.
    return programs.live_stack(wish.product, environment, wish.infra, made, narrowing=True)


def moto_url(places: Places) -> str:
    """Where the running laptop's AWS is."""
    return f"http://127.0.0.1:{json.loads(places.ports.read_text())['aws']}"

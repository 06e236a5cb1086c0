"""The program of each stack, with its inputs."""

import json
from collections.abc import Mapping
from functools import partial

from delivery.deploy import guards
from delivery.engines.stack import Stack
from delivery.rules.facts import Product
from delivery.rules.shapes import Environment
from infra.build import Builds
from infra.config import InfraConfig
from infra.ground import GroundInputs, ground
from infra.live import LiveInputs, live
from infra.names import Names
from infra.platform import PlatformInputs, platform
from infra.publication import Publication
from infra.stacks import PROJECT, Kind


def ground_stack(product: Product, environment: Environment, infra: InfraConfig) -> Stack:
    """What the other stacks and all workflows stand on."""
    inputs = GroundInputs(Names.of(product, environment), infra)
    return Stack(PROJECT, Kind.ground.of(environment), partial(ground, inputs))


def platform_stack(
    product: Product,
    environment: Environment,
    infra: InfraConfig,
    builds: Builds,
    secrets: Mapping[str, str],
    downloads_url: str | None = None,
) -> Stack:
    """Everything slow.

    `secrets` are those of `infra.config.SECRETS`, by name. `downloads_url` where it is not the downloads host itself,
    as on a laptop.
    """
    names = Names.of(product, environment)
    inputs = PlatformInputs(names, infra, builds, product, downloads_url)
    secret = {f"{PROJECT}:{name}": value for name, value in secrets.items()}
    config = {**secret, guards.KEY: json.dumps(infra.acknowledge)}
    return Stack(PROJECT, Kind.platform.of(environment), partial(platform, inputs), config, frozenset(secret))


def live_stack(
    product: Product, environment: Environment, infra: InfraConfig, publication: Publication, *, narrowing: bool
) -> Stack:
    """What the facts say, as objects."""
    inputs = LiveInputs(Names.of(product, environment), infra)
    return Stack(PROJECT, Kind.live.of(environment), partial(live, inputs, publication, narrowing=narrowing))

"""Which program a stack's name means, with its inputs. Nowhere else are `<environment>` and `-live` told apart."""

from functools import partial
from typing import get_args

from delivery.deploy.stack import Stack
from delivery.rules.facts import Product
from delivery.rules.shapes import Environment
from infra.build import Builds
from infra.config import InfraConfig
from infra.live import LiveInputs, live
from infra.names import Names
from infra.platform import PlatformInputs, platform
from infra.publication import Publication

PROJECT = "espice"  # as in Pulumi.yaml
LIVE = "-live"


def split(stack: str) -> tuple[Environment, bool]:
    """The environment, and whether it is its live stack.

    Raises ValueError, which names the stacks there are.
    """
    for environment in get_args(Environment):
        if stack in (environment, environment + LIVE):
            return environment, stack.endswith(LIVE)
    known = ", ".join(name for each in get_args(Environment) for name in (each, each + LIVE))
    raise ValueError(f"there is no stack {stack}; there are {known}")


def platform_stack(
    product: Product, environment: Environment, infra: InfraConfig, builds: Builds, downloads_url: str | None = None
) -> Stack:
    """Everything slow. `downloads_url` where it is not the downloads host itself, as on a laptop."""
    names = Names.of(product, environment)
    inputs = PlatformInputs(names, infra, builds, product.head_keys(environment), downloads_url)
    return Stack(PROJECT, environment, partial(platform, inputs))


def live_stack(
    product: Product, environment: Environment, infra: InfraConfig, publication: Publication, *, narrowing: bool
) -> Stack:
    """What the facts say, as objects."""
    inputs = LiveInputs(Names.of(product, environment), infra)
    return Stack(PROJECT, environment + LIVE, partial(live, inputs, publication, narrowing=narrowing))

"""What `pulumi up` runs by hand: reads the files of this checkout and registers the stack it was asked for.

`./inv` never comes here: it hands the same programs their values, read from a commit. By hand, ESPICE_LIVE is the
published version of the update endpoint that is the stack file's `live` build, wherever `next` is another one;
ESPICE_PUBLICATION is a folder that `./inv publication` wrote.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pulumi

ROOT = Path(__file__).resolve().parent.parent
# Pulumi puts this folder first, where platform.py would hide the standard library's from everything imported later.
sys.path[0] = str(ROOT)

from delivery.rules.facts import Product  # noqa: E402
from delivery.rules.load import parse  # noqa: E402
from delivery.rules.problem import Refused  # noqa: E402
from delivery.rules.shapes import Environment  # noqa: E402
from infra import config as stack_file  # noqa: E402
from infra.build import Builds  # noqa: E402
from infra.config import NEWEST, InfraConfig  # noqa: E402
from infra.ground import GroundInputs, ground  # noqa: E402
from infra.live import LiveInputs, live  # noqa: E402
from infra.names import Names  # noqa: E402
from infra.platform import PlatformInputs, platform  # noqa: E402
from infra.publication import Publication  # noqa: E402
from infra.stacks import Kind, split  # noqa: E402


def run(stack: str) -> None:
    """Registers one of an environment's stacks."""
    try:
        environment, kind = split(stack)
    except ValueError as error:
        raise pulumi.RunError(str(error)) from None
    product, infra = _read(environment)
    names = Names.of(product, environment)
    if kind is Kind.ground:
        ground(GroundInputs(names, infra))
    elif kind is Kind.platform:
        platform(PlatformInputs(names, infra, _builds(infra), product))
    else:
        # Nobody says by hand which way users move, so the order that is safe for both is taken.
        live(LiveInputs(names, infra), Publication.read(Path(_variable("ESPICE_PUBLICATION"))), narrowing=True)


def _read(environment: Environment) -> tuple[Product, InfraConfig]:
    product, problems = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    path = stack_file.path(environment)
    infra, more = stack_file.read(path, (ROOT / path).read_bytes())
    if product is None or infra is None:
        raise pulumi.RunError(str(Refused((*problems, *more))))
    return product.value, infra


def _builds(infra: InfraConfig) -> Builds:
    if infra.console.build == NEWEST:
        raise pulumi.RunError(f"{NEWEST} builds are made by ./inv up; name a build by its digest")
    builds, ends = Builds.of(infra, {}), infra.endpoint
    return builds if ends.live == ends.next else replace(builds, live=_variable("ESPICE_LIVE"), weight=ends.weight)


def _variable(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise pulumi.RunError(
            f"{name} is not set; infra/__main__.py says what it holds, and ./inv needs none"
        ) from None


run(pulumi.get_stack())

"""Previews a stack on this machine alone: providers that realise nothing."""

import tempfile
from pathlib import Path

from delivery.deploy.guards import Guarded
from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.engines.stack import Listener, Outcome, Stack
from delivery.laptop import engines
from delivery.laptop.places import Places
from delivery.laptop.providers.registry import plan_only_packages
from delivery.laptop.providers.server import serve
from policies import POLICIES


def preview(stack: Stack) -> Outcome:
    """What an apply would do to nothing at all, so what the program declares."""
    with tempfile.TemporaryDirectory() as empty:
        return declared(stack, Path(empty))


def declared(stack: Stack, folder: Path) -> Outcome:
    """How what the program declares differs from what was declared last in this folder; which is this from then on."""
    providers = serve(plan_only_packages(), plan_only=True)
    try:
        return EmbeddedEngine(folder, providers.addresses, POLICIES).imagine(stack)
    finally:
        providers.stop()


def preview_laptop(
    stack: Stack, places: Places, engine: str, on_step: Listener | None, targets: tuple[str, ...]
) -> Outcome:
    """What an apply would do to the laptop that runs here, or refuse, by the engine that runs it."""
    providers = serve(plan_only_packages(), plan_only=True)
    try:
        its = Guarded(engines.engine(engine, places, providers.addresses))
        return its.preview(stack, on_step, targets=targets)
    finally:
        providers.stop()

"""Previews a stack on this machine alone: the embedded engine, and providers that realise nothing."""

import tempfile
from pathlib import Path

from delivery.deploy.engine_embedded import EmbeddedEngine
from delivery.deploy.stack import Outcome, Stack
from delivery.laptop.providers.registry import plan_only_packages
from delivery.laptop.providers.server import serve


def preview(stack: Stack, state: Path | None) -> Outcome:
    """What an apply would do to what this engine state knows; without one, to nothing at all."""
    providers = serve(plan_only_packages(), plan_only=True)
    try:
        with tempfile.TemporaryDirectory() as empty:
            return EmbeddedEngine(state or Path(empty), providers.addresses).preview(stack)
    finally:
        providers.stop()

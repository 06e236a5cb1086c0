"""Engines that check every type there is, and realise nothing."""

from collections.abc import Iterator, Mapping

import pytest

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.handler import Handler
from delivery.laptop.providers.server import Package, serve
from policies import POLICIES


class AnyType(Mapping):
    """The same handler for every type: policies are about types that the laptop may not have."""

    def __getitem__(self, token: str) -> Handler:
        return Handler()

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def get(self, token, default=None):  # noqa: ARG002 - a mapping's
        return self[token]


@pytest.fixture(scope="session")
def providers():
    packages = [Package(name, AnyType(), lambda _: None, None) for name in ("aws", "cloudflare")]
    handle = serve(packages, plan_only=True)
    yield handle.addresses
    handle.stop()


@pytest.fixture
def strict(providers, tmp_path):
    return EmbeddedEngine(tmp_path / "state", providers, POLICIES)

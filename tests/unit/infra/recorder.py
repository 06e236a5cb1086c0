"""Runs the program the way both engines do, and keeps what it registers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2

from delivery.engines import registration
from delivery.engines.deployment import Registered
from delivery.engines.monitor import serve
from delivery.engines.state import Resource
from delivery.engines.wire import from_struct
from delivery.rules.shapes import Environment
from infra import config

ROOT = Path(__file__).resolve().parents[3]
DOMAINS: dict[Environment, str] = {
    "laptop": "espice.localhost",
    "staging": "espice-staging.app",
    "production": "espice.app",
}


# What no stack file says in plain text.
SECRETS = {f"espice:{name}": f"the {name}" for name in config.SECRETS}


class ProgramFailed(Exception):  # noqa: N818 - reads as what happened
    """What the engine would print."""


class Recorder:
    """An engine that only listens: answers every registration as a preview does, with everything computed unknown."""

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.resources: list[Resource] = []
        self.exports: dict[str, Any] = {}
        self.failures: list[str] = []

    def register(self, request: Any) -> Registered:
        resource = Resource(
            urn=registration.urn("espice", self.stack, request.parent, request.type, request.name),
            type=request.type,
            custom=request.custom,
            inputs=from_struct(request.object),
            provider=request.provider,
            protect=request.protect,
            dependencies=tuple(request.dependencies),
        )
        self.resources.append(resource)
        return Registered(resource.urn, "", resource.inputs)

    def outputs(self, urn: str, outputs: dict[str, Any]) -> None:
        if registration.STACK_TYPE in urn:
            self.exports = outputs

    def failed_program(self, sentence: str) -> None:
        self.failures.append(sentence)

    def of(self, kind: str) -> dict[str, Resource]:
        """The resources whose type ends so, by name."""
        return {each.name: each for each in self.resources if each.type.endswith(f":{kind}")}


def record(stack: str, program: Callable[[], None]) -> Recorder:
    """Everything that the program registers; raises ProgramFailed if it does not run to its end."""
    recorder = Recorder(stack)
    with serve(recorder) as address:  # type: ignore[arg-type]
        request = language_pb2.RunRequest(
            project="espice",
            stack=stack,
            config=SECRETS,
            configSecretKeys=list(SECRETS),
            dryRun=True,
            parallel=2,
            monitor_address=address,
            args=[address],
        )
        error = LanguageServer(program).Run(request, None).error
    if error or recorder.failures:
        raise ProgramFailed(error or recorder.failures)
    return recorder


def infra_of(environment: Environment) -> config.InfraConfig:
    """The reviewed stack file of this checkout."""
    path = config.path(environment)
    infra, problems = config.read(path, (ROOT / path).read_bytes())
    assert not problems
    assert infra
    return infra

"""The embedded engine: runs a Pulumi program in this process and carries it out through gRPC providers.

The program side is Pulumi's own language server, so the program is the same code under this engine and under the
real one. This engine creates, updates, replaces (delete first, since every physical resource is named) and deletes,
one resource at a time, and saves the state after each: a run after a kill goes on where it stopped. What it does not
do (import, refresh of the state, targets, tags, aliases and any option outside `registration.SUPPORTED`) it refuses by
name.
`monitor` is its door towards the program, `deployment` decides and acts, `state` remembers, `plugin` speaks to
providers.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2
from pulumi_policy import Policy

from delivery.engines.deployment import Deployment
from delivery.engines.monitor import serve
from delivery.engines.policies import Judge
from delivery.engines.program import collector_paused, guarded
from delivery.engines.registration import STACK_TYPE
from delivery.engines.stack import EngineError, Listener, Outcome, Stack
from delivery.engines.state import StateFile
from delivery.engines.wire import shown


class EmbeddedEngine:
    """An engine whose state lies in a folder, and whose providers listen at `127.0.0.1:PORT` by package name.

    `policies` are those that every resource must meet.
    """

    name = "embedded"

    def __init__(self, state_dir: Path, providers: Mapping[str, str], policies: Sequence[Policy] = ()) -> None:
        self._folder = state_dir
        self._providers = providers
        self._judge = Judge(policies)

    def preview(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """What `apply` would do. Takes no lock, changes nothing, reports every problem it can find at once.

        Raises:
            EngineError: targets, which only the real engine has.
        """
        _refuse_targets(targets)
        return self._run(stack, on_step, preview=True)

    def imagine(self, stack: Stack) -> Outcome:
        """A preview whose end the state has from then on, as if it had been done: so two programs can be compared."""
        return self._run(stack, None, preview=True, keep=True)

    def apply(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """Make the stack so. The first error ends the work; the outcome and the state hold what was done.

        Raises:
            EngineError: another process is changing this stack; or targets.
        """
        _refuse_targets(targets)
        with self._state(stack.name).locked():
            return self._run(stack, on_step, preview=False)

    def destroy(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """Delete everything the state knows, dependents first; protected resources refuse.

        Raises:
            EngineError: another process is changing this stack; or targets.
        """
        _refuse_targets(targets)
        with self._state(stack.name).locked():
            deployment = self._deployment(stack, False, on_step)
            deployment.resume()
            return deployment.finish()

    def recover(self, stack: Stack) -> None:
        """Nothing is left to do: an apply takes up by itself what a killed one had begun."""

    def refresh(self, stack: Stack, on_step: Listener | None = None, *, preview: bool = False) -> Outcome:
        """How what is really there differs from the state. Changes nothing.

        Raises:
            EngineError: not a preview: only the real engine takes over what it finds.
        """
        if not preview:
            raise EngineError(f"taking what is there over into the state {_ELSEWHERE}; preview=True only compares")
        return self._deployment(stack, True, on_step).compare()

    def outputs(self, stack_name: str) -> Mapping[str, Any]:
        """What the stack exports, secrets only named; nothing if it was never applied."""
        resources = self._state(stack_name).load()
        return next((shown(each.outputs) for each in resources if each.type == STACK_TYPE), {})

    def deployment(self, stack_name: str) -> dict[str, Any]:
        """The stack's state as `pulumi stack import` takes it."""
        return self._state(stack_name).deployment()

    def tags(self, stack_name: str) -> Mapping[str, str]:
        """Not here: raises EngineError."""
        raise EngineError(f"asking for the tags of {stack_name} {_ELSEWHERE}")

    def tag(self, stack_name: str, name: str, value: str | None) -> None:  # noqa: ARG002 - as the protocol has it
        """Not here: raises EngineError."""
        raise EngineError(f"tagging {stack_name} with {name} {_ELSEWHERE}")

    def forget(self, stack_name: str) -> None:
        """Drop the state without touching any resource: for when the laptop's cloud has lost its memory."""
        self._state(stack_name).forget()

    def _state(self, name: str) -> StateFile:
        return StateFile(self._folder, name)

    def _deployment(self, stack: Stack, preview: bool, on_step: Listener | None) -> Deployment:
        return Deployment(stack, self._state(stack.name), self._providers, self._judge, preview, on_step)

    def _run(self, stack: Stack, on_step: Listener | None, preview: bool, keep: bool = False) -> Outcome:
        deployment = self._deployment(stack, preview, on_step)
        deployment.resume()
        with serve(deployment) as address, collector_paused():
            server: Any = LanguageServer(functools.partial(guarded, stack.program, deployment.failed_program))
            response = server.Run(_request(stack, address, preview), None)
        if response.error:
            deployment.failed_program(_first_sentence(response.error))
        outcome = deployment.finish()
        if keep:
            deployment.keep()
        return outcome


_ELSEWHERE = "is not supported by the embedded engine; use the real one: ./inv engine"


def _refuse_targets(targets: tuple[str, ...]) -> None:
    if targets:
        raise EngineError(f"limiting a run to targets ({', '.join(targets)}) {_ELSEWHERE}")


def _request(stack: Stack, address: str, preview: bool) -> language_pb2.RunRequest:
    return language_pb2.RunRequest(
        project=stack.project,
        stack=stack.name,
        config=stack.config,
        configSecretKeys=sorted(stack.secrets),
        dryRun=preview,
        parallel=2,
        monitor_address=address,
        args=[address],
    )


def _first_sentence(error: str) -> str:
    sentence = error.split("\nTraceback", 1)[0].removeprefix("python inline source runtime error: ").strip()
    return sentence or "the run was interrupted; run it again to go on from here"


__all__ = ["EmbeddedEngine", "EngineError"]

"""A program in this process, for a CLI in another one: serves the language it asks for, and hears its events.

What `pulumi.automation.Stack.up` does, with an end: it is over when the program's thread is, not when the CLI is.
"""

# ruff: noqa: N802, ARG002 - names and arguments are the protocol's

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.automation._server import LanguageServer
from pulumi.runtime import set_all_config
from pulumi.runtime.proto import events_pb2_grpc, language_pb2, language_pb2_grpc

from delivery.engines.plugin import CHANNEL_OPTIONS
from delivery.engines.program import collector_paused, guarded
from delivery.engines.stack import Stack

PATIENCE = 20.0  # seconds for the last events, and for a program that has lost its engine


@dataclass(slots=True)
class Served:
    """Where the CLI finds both, and what became of the program."""

    address: str
    failures: list[str]

    @property
    def options(self) -> list[str]:
        """What the CLI is to be told."""
        return [f"--client={self.address}", "--exec-kind=auto.inline", f"--event-log=tcp://{self.address}"]


class _Language(LanguageServer):
    """Runs one program. Values of secret configuration go to it here, so the CLI need not be given them."""

    def __init__(self, stack: Stack, failures: list[str]) -> None:
        super().__init__(self._program)
        self._stack = stack
        self._failures = failures
        self._loop: asyncio.AbstractEventLoop | None = None
        self.idle = threading.Event()
        self.idle.set()

    def Run(self, request: Any, context: Any) -> Any:
        self.idle.clear()
        try:
            return super().Run(request, context)  # type: ignore[no-untyped-call]
        except grpc.RpcError:
            return language_pb2.RunResponse()  # the engine is gone, and said why
        finally:
            self._settle()
            self.idle.set()

    def _program(self) -> None:
        self._loop = asyncio.get_running_loop()
        set_all_config(dict(self._stack.config), sorted(self._stack.secrets))
        guarded(self._stack.program, self._failures.append)

    def _settle(self) -> None:
        """End what an engine that gave up has left half-run, which would complain when it is collected."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        while tasks := asyncio.all_tasks(loop):
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.close()


class _Events(events_pb2_grpc.EventsServicer):
    """Hears the events of one run, in their order."""

    def __init__(self, hear: Callable[[Mapping[str, Any]], None]) -> None:
        self._hear = hear
        self.error: BaseException | None = None
        self.idle = threading.Event()
        self.idle.set()

    def StreamEvents(self, request_iterator: Any, context: Any) -> Any:
        self.idle.clear()
        try:
            for request in request_iterator:
                self._hear(json.loads(request.event))
        except grpc.RpcError:
            pass  # the CLI was killed
        except Exception as error:
            self.error = error  # raised in the thread that waits for the run
        finally:
            self.idle.set()
        return empty_pb2.Empty()


@contextmanager
def served(stack: Stack, hear: Callable[[Mapping[str, Any]], None]) -> Iterator[Served]:
    """Serve this stack's program, and pass on every event, until the context ends and both are through."""
    failures: list[str] = []
    language, events = _Language(stack, failures), _Events(hear)
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=CHANNEL_OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(language, server)
    events_pb2_grpc.add_EventsServicer_to_server(events, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with collector_paused():
            yield Served(f"127.0.0.1:{port}", failures)
    finally:
        language.idle.wait(PATIENCE)
        events.idle.wait(PATIENCE)
        server.stop(grace=None)
    if events.error is not None:
        raise events.error

"""Serves a package's handlers as a gRPC resource provider, so that either engine can drive them.

Validates against the SDK before a handler sees anything; turns what handlers raise into sentences; keeps the ledger.
In plan-only mode it checks, compares and previews, and refuses to realise anything.
"""

# ruff: noqa: N802, ARG002 - names and arguments are the protocol's

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from delivery.engines.plugin import CHANNEL_OPTIONS
from delivery.engines.wire import Properties, from_struct, to_struct
from delivery.laptop.providers import schema
from delivery.laptop.providers.handler import Handler, Unfinished
from delivery.laptop.providers.ledger import Ledger, without_secrets

_KEPT = 64  # more connections than one run ever has; older ones belong to runs that are over

Function = Callable[[Any, Properties], Properties]


def _tell(error: Exception, _inputs: Properties) -> str:
    return str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True)
class Package:
    """One provider: its handlers by type token, its functions, and the cloud for a given provider configuration.

    `judge` finds problems that inputs of any type may have: pairs of property and reason. `tell` makes a sentence of
    what a handler raised when it was given these inputs.
    """

    name: str
    handlers: Mapping[str, Handler[Any]]
    cloud: Callable[[Properties], Any]
    ledger: Ledger | None
    functions: Mapping[str, Function] = field(default_factory=dict)
    judge: Callable[[Properties], Iterable[tuple[str, str]]] = lambda _: ()
    tell: Callable[[Exception, Properties], str] = _tell


@dataclass(slots=True)
class _Connection:
    """What one provider instance knows. Engines open a connection for each instance and each run.

    `named`: who registered a physical name, by type and name. `made`: who made a thing, by type and id.
    """

    cloud: Any
    named: dict[tuple[str, ...], str] = field(default_factory=dict)
    made: dict[tuple[str, str], str] = field(default_factory=dict)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The protocol's side of a package. Method names are the protocol's."""

    def __init__(self, package: Package, plan_only: bool) -> None:
        self._package = package
        self._plan_only = plan_only
        self._connections: dict[str, _Connection] = {}
        self._lock = threading.RLock()

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse()  # nothing beyond what every provider does

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="0.0.0")

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()  # the real engine insists on it for a provider that it did not start itself

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return _diff_response(Handler[Any]().changed(from_struct(request.old_inputs), from_struct(request.news)), ())

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        config = from_struct(request.args) if request.HasField("args") else dict(request.variables)
        with self._lock:
            while len(self._connections) >= _KEPT:
                self._connections.pop(next(iter(self._connections)))
            self._connections[context.peer()] = _Connection(self._package.cloud(config))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs = from_struct(request.news)
        problems = self._problems(request.urn, inputs, self._connection(context))
        failures = [provider_pb2.CheckFailure(property=each.property, reason=each.reason) for each in problems]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        handler = self._package.handlers[_token(request.urn)]
        changed = handler.changed(from_struct(request.old_inputs), from_struct(request.news))
        return _diff_response(changed, handler.needs_new(changed))

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        inputs = from_struct(request.properties)
        if request.preview:
            outputs = self._package.handlers[_token(request.urn)].preview({}, inputs)
            return provider_pb2.CreateResponse(properties=to_struct(outputs))

        def create(handler: Handler[Any], cloud: Any) -> Any:
            identity, computed = handler.create(cloud, inputs)
            self._record(request.urn, identity, inputs | computed, context)
            return provider_pb2.CreateResponse(id=identity, properties=to_struct(inputs | computed))

        return self._realise(request, context, inputs, create)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        old, new = from_struct(request.olds), from_struct(request.news)
        if request.preview:
            outputs = self._package.handlers[_token(request.urn)].preview(old, new)
            return provider_pb2.UpdateResponse(properties=to_struct(outputs))

        def update(handler: Handler[Any], cloud: Any) -> Any:
            outputs = new | handler.update(cloud, request.id, old, new)
            self._record(request.urn, request.id, outputs, context)
            return provider_pb2.UpdateResponse(properties=to_struct(outputs))

        return self._realise(request, context, new, update)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        outputs = from_struct(request.properties)

        def delete(handler: Handler[Any], cloud: Any) -> Any:
            token = _token(request.urn)
            if self._connection(context).made.get((token, request.id), request.urn) != request.urn:
                return empty_pb2.Empty()  # it goes on under another name in the program
            handler.delete(cloud, request.id, outputs)
            if self._package.ledger and handler.on_record:
                self._package.ledger.drop(token, request.id)
            return empty_pb2.Empty()

        return self._realise(request, context, outputs, delete)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        """What is there now; without an id if nothing is. Without remembered outputs, it is an import by id."""
        outputs, inputs = from_struct(request.properties), from_struct(request.inputs)

        def read(handler: Handler[Any], cloud: Any) -> Any:
            identity = handler.named_by(request.id)
            now = handler.read(cloud, identity, outputs)
            if now is None:
                return provider_pb2.ReadResponse()
            arguments = schema.arguments(_token(request.urn)) - handler.computed - handler.renews
            differing = {name for name in arguments if now.get(name) != outputs.get(name)}
            given = {
                name: now.get(name) if name in differing else inputs.get(name) for name in differing | inputs.keys()
            }
            return provider_pb2.ReadResponse(id=identity, properties=to_struct(now), inputs=to_struct(given))

        return self._realise(request, context, outputs, read)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        function = self._package.functions.get(request.tok)
        if function is None:
            return context.abort(grpc.StatusCode.NOT_FOUND, f"the laptop's cloud has no function {request.tok}")
        arguments = from_struct(request.args)
        answer = self._guarded(context, arguments, lambda: function(self._connection(context).cloud, arguments))
        return provider_pb2.InvokeResponse(**{"return": to_struct(answer)})

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def _connection(self, context: grpc.ServicerContext) -> _Connection:
        with self._lock:
            peer = context.peer()
            if peer not in self._connections:
                self._connections[peer] = _Connection(self._package.cloud({}))
            return self._connections[peer]

    def _problems(self, urn: str, inputs: Properties, connection: _Connection) -> list[schema.Failure]:
        token = _token(urn)
        handler = self._package.handlers.get(token)
        if handler is None:
            near = difflib.get_close_matches(token, self._package.handlers, n=1)
            hint = f"did you mean {near[0]}?" if near else "see delivery/laptop/providers for those it has"
            return [schema.Failure("", f"the laptop's cloud does not realise the type {token}; {hint}")]
        # A type's own rules may rely on the shape that the SDK's types promise.
        problems = schema.failures(token, inputs) or [
            schema.Failure(*each) for each in (*handler.check(inputs).items(), *self._package.judge(inputs))
        ]
        return problems + self._twins(urn, handler, inputs, connection)

    def _twins(
        self, urn: str, handler: Handler[Any], inputs: Properties, connection: _Connection
    ) -> list[schema.Failure]:
        identity = handler.identify(inputs)
        if identity is None:
            return []
        first = connection.named.setdefault((_token(urn), *identity), urn)
        if first == urn:
            return []
        same, other = ", ".join(handler.key), first.rsplit("::", 1)[1]
        return [schema.Failure(same, f"is the same as that of {other}, and there can be only one; merge the two")]

    def _realise(
        self, request: Any, context: grpc.ServicerContext, inputs: Properties, act: Callable[[Handler[Any], Any], Any]
    ) -> Any:
        token = _token(request.urn)
        if self._plan_only:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "this provider only plans; it realises nothing")
        if token not in self._package.handlers:
            context.abort(grpc.StatusCode.NOT_FOUND, f"the laptop's cloud does not realise the type {token}")
        handler, cloud = self._package.handlers[token], self._connection(context).cloud

        def realise() -> Any:
            try:
                return act(handler, cloud)
            except Unfinished as unfinished:
                self._half_done(request.urn, context, inputs, unfinished)

        with self._lock:
            return self._guarded(context, inputs, realise)

    def _guarded(self, context: grpc.ServicerContext, inputs: Properties, act: Callable[[], Any]) -> Any:
        """Anything a handler raises reaches the engine as a sentence, never as a traceback."""
        try:
            return act()
        except Exception as error:
            if context.code() is not None:
                raise  # aborted already, with a sentence of its own
            context.abort(grpc.StatusCode.INTERNAL, self._package.tell(error, inputs))

    def _half_done(self, urn: str, context: grpc.ServicerContext, inputs: Properties, error: Unfinished) -> None:
        """End the call so that the engine remembers what was made, and why it is not finished."""
        outputs = inputs | error.computed
        self._record(urn, error.identity, outputs, context)
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        reason = self._package.tell(cause, inputs)
        detail = any_pb2.Any()
        detail.Pack(
            provider_pb2.ErrorResourceInitFailed(
                id=error.identity, properties=to_struct(outputs), reasons=[reason], inputs=to_struct(inputs)
            )
        )
        code, text = grpc.StatusCode.UNKNOWN, f"it was made, but not finished: {reason}"
        status = status_pb2.Status(code=code.value[0], message=text, details=[detail])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(code, text)

    def _record(self, urn: str, identity: str, outputs: Properties, context: grpc.ServicerContext) -> None:
        token = _token(urn)
        handler = self._package.handlers[token]
        self._connection(context).made[token, identity] = urn
        if self._package.ledger and handler.on_record:
            self._package.ledger.put(token, identity, without_secrets(outputs, handler.secrets))


@dataclass(frozen=True, slots=True)
class Handle:
    """Running providers: their addresses by package name."""

    addresses: Mapping[str, str]
    _servers: tuple[grpc.Server, ...]

    def stop(self) -> None:
        for server in self._servers:
            server.stop(grace=1).wait()


def serve(packages: Iterable[Package], plan_only: bool = False) -> Handle:
    """Serve each package on a free loopback port, in threads of this process, until the handle is stopped."""
    addresses: dict[str, str] = {}
    servers = []
    for package in packages:
        server = grpc.server(ThreadPoolExecutor(max_workers=8), options=CHANNEL_OPTIONS)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(package, plan_only), server)
        addresses[package.name] = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        servers.append(server)
    return Handle(addresses, tuple(servers))


def _token(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _diff_response(changed: tuple[str, ...], replaces: tuple[str, ...]) -> Any:
    kinds = provider_pb2.PropertyDiff
    detail = {
        name: kinds(kind=kinds.UPDATE_REPLACE if name in replaces else kinds.UPDATE, inputDiff=True) for name in changed
    }
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=changed,
        replaces=replaces,
        deleteBeforeReplace=True,
        detailedDiff=detail,
        hasDetailedDiff=True,
    )

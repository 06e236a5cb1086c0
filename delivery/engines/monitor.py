"""The door through which a running program talks to the embedded engine: Pulumi's ResourceMonitor and Engine services.

Translates between the wire and a `Deployment`; decides nothing.
"""

# ruff: noqa: N802, ARG002 - names and arguments are the protocol's

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from delivery.engines.deployment import Deployment
from delivery.engines.plugin import CHANNEL_OPTIONS, ProviderError
from delivery.engines.wire import from_struct, to_struct

log = logging.getLogger(__name__)

_LEVELS = {0: logging.DEBUG, 1: logging.INFO, 2: logging.WARNING}

# Besides secrets, what is offered here is what we want to see in order to refuse it by name.
_FEATURES = [
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS,
]


class Monitor(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Serves one run of one program. Method names are the protocol's."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._root = ""

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def RegisterResource(self, request: Any, context: Any) -> Any:
        registered = self._deployment.register(request)
        result = resource_pb2.SUCCESS if registered.ok else resource_pb2.FAIL
        return resource_pb2.RegisterResourceResponse(
            urn=registered.urn, id=registered.id, object=to_struct(registered.outputs), result=result
        )

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        self._deployment.outputs(request.urn, from_struct(request.outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            answer = self._deployment.invoke(request)
        except ProviderError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"invocation of {request.tok} returned an error: {error}")
        return resource_pb2.ResourceInvokeResponse(**{"return": answer})

    def ReadResource(self, request: Any, context: grpc.ServicerContext) -> None:
        self._refuse(context, f"reading an existing resource ({request.type} {request.name})")

    def RegisterStackTransform(self, request: Any, context: grpc.ServicerContext) -> None:
        self._refuse(context, "a stack transform")

    def RegisterResourceHook(self, request: Any, context: grpc.ServicerContext) -> None:
        self._refuse(context, f"a resource hook ({request.name})")

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Log(self, request: Any, context: Any) -> Any:
        # Errors are told once, by the outcome.
        log.log(_LEVELS.get(request.severity, logging.DEBUG), "%s", request.message)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any) -> Any:
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(self, request: Any, context: Any) -> Any:
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def _refuse(self, context: grpc.ServicerContext, what: str) -> None:
        sentence = f"{what} is not supported by the embedded engine; leave it out, or use ./inv engine"
        self._deployment.failed_program(sentence)
        context.abort(grpc.StatusCode.UNIMPLEMENTED, sentence)


@contextmanager
def serve(deployment: Deployment) -> Iterator[str]:
    """Serve both services on a free loopback port while the context lasts; yields the address."""
    server = grpc.server(ThreadPoolExecutor(max_workers=16), options=CHANNEL_OPTIONS)
    monitor = Monitor(deployment)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(monitor, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=1).wait()

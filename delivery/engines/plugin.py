"""One configured provider, spoken to over gRPC: check, diff, create, read, update, delete, invoke.

Knows the wire protocol of `ResourceProvider` and nothing of stacks or state. Secrets are revealed on the way in
and put back on the way out, since our providers do not take them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from delivery.engines.state import Resource
from delivery.engines.wire import Properties, conceal, conceal_named, from_struct, reveal, to_struct

CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", 256 * 1024 * 1024),
    ("grpc.max_send_message_length", 256 * 1024 * 1024),
    # Providers tell their instances apart by connection, so two instances must never share one.
    ("grpc.use_local_subchannel_pool", 1),
]


INTERNAL = "__internal"
"""Where an engine keeps, among a provider's inputs in the state, what is not the provider's."""


class ProviderError(Exception):
    """A provider refused or failed; the message is its own, meant for the reader of the plan."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a provider says differs; `replaces` holds those properties that only a new resource can change."""

    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


class Plugin:
    """A connection to one provider, as one explicit or default provider resource configures it."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def close(self) -> None:
        self._channel.close()

    def configure(self, goal: Resource, old: Resource | None) -> tuple[Properties, Difference]:
        """Check the configuration in `goal`, make it this connection's, and say how it differs from the old one."""
        request = provider_pb2.CheckRequest(urn=goal.urn, news=_plain(_public(goal.inputs)))
        response = self._call("CheckConfig", request)
        _refuse(response.failures)
        inputs = conceal(from_struct(response.inputs), goal.inputs)
        self._call("Configure", _configuration(inputs))
        if old is None:
            return inputs, Difference()
        request = provider_pb2.DiffRequest(
            urn=goal.urn, id=old.id, old_inputs=_plain(_public(old.inputs)), news=_plain(inputs)
        )
        return inputs, _difference(self._call("DiffConfig", request))

    def check(self, goal: Resource, old: Resource | None) -> Properties:
        """The inputs as the provider completes them.

        Raises:
            ProviderError: it does not accept them; the message holds every reason.
        """
        olds = _plain(old.inputs) if old else None
        response = self._call("Check", provider_pb2.CheckRequest(urn=goal.urn, olds=olds, news=_plain(goal.inputs)))
        _refuse(response.failures)
        return _concealed(from_struct(response.inputs), goal)

    def diff(self, old: Resource, inputs: Properties) -> Difference:
        request = provider_pb2.DiffRequest(
            urn=old.urn, id=old.id, olds=_plain(old.outputs), old_inputs=_plain(old.inputs), news=_plain(inputs)
        )
        return _difference(self._call("Diff", request))

    def create(self, goal: Resource, preview: bool) -> Resource:
        """The resource as it was made; with `init_errors` if that was not finished."""
        return self._make("Create", provider_pb2.CreateRequest(properties=_plain(goal.inputs), preview=preview), goal)

    def read(self, known: Resource) -> Resource | None:
        """The resource as it really is now; None if it is gone."""
        request = provider_pb2.ReadRequest(
            id=known.id, urn=known.urn, properties=_plain(known.outputs), inputs=_plain(known.inputs)
        )
        response = self._call("Read", request)
        if not response.id:
            return None
        inputs = conceal(from_struct(response.inputs), known.inputs) if response.HasField("inputs") else known.inputs
        outputs = _concealed(from_struct(response.properties), known)
        return replace(known, id=response.id, inputs=inputs, outputs=outputs)

    def update(self, old: Resource, goal: Resource, preview: bool) -> Resource:
        """The resource as it has become; with `init_errors` if that was not finished."""
        request = provider_pb2.UpdateRequest(
            id=old.id,
            olds=_plain(old.outputs),
            old_inputs=_plain(old.inputs),
            news=_plain(goal.inputs),
            preview=preview,
        )
        return self._make("Update", request, replace(goal, id=old.id))

    def delete(self, old: Resource) -> None:
        request = provider_pb2.DeleteRequest(
            urn=old.urn, id=old.id, properties=_plain(old.outputs), old_inputs=_plain(old.inputs)
        )
        self._call("Delete", request)

    def invoke(self, token: str, args: Properties) -> Any:
        response = self._call("Invoke", provider_pb2.InvokeRequest(tok=token, args=_plain(args)))
        _refuse(response.failures)
        return getattr(response, "return")

    def _make(self, method: str, request: Any, goal: Resource) -> Resource:
        request.urn = goal.urn
        try:
            done = getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            half = _half_made(error)
            if half is None:
                raise _refusal(error) from error
            outputs = _concealed(from_struct(half.properties), goal)
            return replace(goal, id=half.id, outputs=outputs, init_errors=tuple(half.reasons))
        # An update keeps its id, and does not tell it.
        return replace(
            goal, id=goal.id or getattr(done, "id", ""), outputs=_concealed(from_struct(done.properties), goal)
        )

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            raise _refusal(error) from error


def _refusal(error: grpc.RpcError) -> ProviderError:
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return ProviderError("the provider does not answer; is the laptop's cloud up?")
    return ProviderError(error.details())


def _half_made(error: grpc.RpcError) -> Any:
    """What there is of a resource that was made and not finished, if the error tells of one."""
    found = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    half = provider_pb2.ErrorResourceInitFailed()
    return next((half for detail in status_pb2.Status.FromString(found).details if detail.Unpack(half)), None)


def _plain(properties: Mapping[str, Any]) -> Any:
    return to_struct(reveal(properties))


def _concealed(properties: Properties, goal: Resource) -> Properties:
    return conceal_named(conceal(properties, goal.inputs), goal.additional_secret_outputs)


def _public(inputs: Properties) -> Properties:
    """A provider's configuration without what only engines keep there."""
    return {key: value for key, value in inputs.items() if key != INTERNAL}


def _configuration(inputs: Properties) -> provider_pb2.ConfigureRequest:
    plain = reveal(inputs)
    variables = {key: value if isinstance(value, str) else json.dumps(value) for key, value in plain.items()}
    return provider_pb2.ConfigureRequest(variables=variables, args=to_struct(plain), sends_old_inputs=True)


def _difference(response: Any) -> Difference:
    if response.changes != provider_pb2.DiffResponse.DIFF_SOME:
        return Difference()
    return Difference(tuple(sorted(response.diffs)), tuple(sorted(response.replaces)))


def _refuse(failures: Any) -> None:
    if failures:
        told = (f"{failure.property}: {failure.reason}" if failure.property else failure.reason for failure in failures)
        raise ProviderError("; ".join(told))

"""What must never be: runs a pack of policies on resources in this process, as the real engine does in one of its own.

The policies are the very same objects (`policies.POLICIES`), given the same arguments; only who calls them differs.
A policy that meets a value which is not known yet says nothing: an apply asks again when it is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from delivery.engines.state import Resource
from delivery.engines.wire import Properties


def sentence(urn: str, policy: str, message: str) -> str:
    """A violation as both engines tell it. `message` is the policy's own; the real engine sets a description before."""
    kind, name = urn.split("::", 3)[2:]
    return f"{kind.rsplit('$', 1)[-1]} {name}: {message.strip().splitlines()[-1]} (policy {policy})"


class Judge:
    """Runs some policies, all of them mandatory."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        wrong = [
            policy.name for policy in policies if policy.enforcement_level not in (None, EnforcementLevel.MANDATORY)
        ]
        if wrong:
            raise ValueError(f"the policies {', '.join(wrong)} are not mandatory; the embedded engine has no others")
        self._of_each = [policy for policy in policies if isinstance(policy, ResourceValidationPolicy)]
        self._of_all = [policy for policy in policies if isinstance(policy, StackValidationPolicy)]

    def each(self, resource: Resource, provider: Resource | None) -> list[str]:
        """What a wished-for resource violates, its inputs as the provider has completed them."""
        if not self._of_each:
            return []
        asked = ResourceValidationArgs(
            resource.type,
            _props(resource.inputs),
            resource.urn,
            resource.name,
            _options(resource),
            _provider(provider),
            None,
        )
        found: list[str] = []
        for policy in self._of_each:
            try:
                policy.validate(asked, _reporter(found, policy, resource.urn))
            except UnknownValueError:
                continue
        return found

    def together(self, resources: Iterable[Resource]) -> list[str]:
        """What a stack violates as a whole, judged by what its resources became."""
        if not self._of_all:
            return []
        asked = StackValidationArgs(_linked({resource.urn: resource for resource in resources}), None)
        found: list[str] = []
        for policy in self._of_all:
            try:
                policy.validate(asked, _reporter(found, policy, ""))
            except UnknownValueError:
                continue
        return found


def _reporter(found: list[str], policy: Policy, of: str) -> Any:
    return lambda message, urn=None: found.append(sentence(of or urn, policy.name, message))


def _linked(resources: Mapping[str, Resource]) -> list[PolicyResource]:
    """The resources with their parents and dependencies, as policies see them."""
    seen = {
        resource.urn: PolicyResource(
            resource.type,
            _props(resource.outputs),
            resource.urn,
            resource.name,
            _options(resource),
            _provider(resources.get(resource.provider.rsplit("::", 1)[0])),
            None,
            [],
            {},
        )
        for resource in resources.values()
    }
    for urn, resource in resources.items():
        seen[urn].parent = seen.get(resource.parent)
        seen[urn].dependencies += [seen[each] for each in resource.dependencies if each in seen]
        for key, urns in resource.property_dependencies.items():
            seen[urn].property_dependencies[key] = [seen[each] for each in urns if each in seen]
    return list(seen.values())


def _props(properties: Properties) -> Mapping[str, Any]:
    return unknown_checking_proxy(deserialize_properties(properties))


def _options(resource: Resource) -> PolicyResourceOptions:
    secrets = list(resource.additional_secret_outputs)
    return PolicyResourceOptions(
        resource.protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), secrets, resource.parent or None
    )


def _provider(provider: Resource | None) -> PolicyProviderResource | None:
    if provider is None:
        return None
    return PolicyProviderResource(provider.type, _props(provider.outputs), provider.urn, provider.name)

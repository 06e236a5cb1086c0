"""The two kinds of policies, as every module here writes them: about each resource of some types, or about all.

A check yields sentences, each what is wrong and the mend. Values that are not known yet do not violate anything: a
policy about each resource is then checked by the apply, before that resource is made; one about all, when all is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pulumi_policy import (
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

Resource: TypeAlias = ResourceValidationArgs | PolicyResource
"""A resource with `resource_type`, `name`, `urn`, `props`, `opts` and `provider`."""

LAPTOP = "laptop"


def each(
    name: str, description: str, types: Collection[str], check: Callable[[Resource], Iterator[str]]
) -> ResourceValidationPolicy:
    """A policy about every resource of these types."""

    def validate(resource: ResourceValidationArgs, report: ReportViolation) -> None:
        if resource.resource_type in types:
            for sentence in check(resource):
                report(sentence, resource.urn)

    return ResourceValidationPolicy(name, description, validate)


def together(
    name: str, description: str, check: Callable[[Sequence[PolicyResource]], Iterator[tuple[PolicyResource, str]]]
) -> StackValidationPolicy:
    """A policy about what a stack holds as a whole; each sentence with the resource it is about."""

    def validate(stack: StackValidationArgs, report: ReportViolation) -> None:
        for resource, sentence in check(stack.resources):
            report(sentence, resource.urn)

    return StackValidationPolicy(name, description, validate)


def of_type(resources: Sequence[PolicyResource], *types: str) -> list[PolicyResource]:
    return [resource for resource in resources if resource.resource_type in types]


def known(values: Mapping[str, Any], key: str) -> Any:
    """The value as far as it is known: None if it is not there, or not yet."""
    try:
        return values.get(key)
    except UnknownValueError:
        return None


def is_about(resource: PolicyResource, key: str, other: PolicyResource) -> bool:
    """Whether this property comes from the other resource, or names it as the other's property `bucket` or `name`."""
    if other in resource.property_dependencies.get(key, []):
        return True
    value = known(resource.props, key)
    return value is not None and value in (known(other.props, "bucket"), known(other.props, "name"))


def is_kept(resource: Resource) -> bool:
    """Whether it must survive a mistake: everywhere but on a laptop, whose cloud forgets anyway."""
    stack = resource.urn.split("::", 1)[0].rsplit(":", 1)[1]
    return stack.split("-", 1)[0] != LAPTOP

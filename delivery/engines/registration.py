"""One registration of a program, read: which resource is wanted, and whether this engine can make it so.

Pure: turns a protocol request into a `Resource` without id and outputs. Refuses, by name, every option that the
embedded engine does not have.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from delivery.engines.state import Resource
from delivery.engines.wire import from_struct, with_hashes

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"

SUPPORTED = frozenset(
    {
        *("type", "name", "parent", "custom", "object", "protect", "provider", "providers", "version"),
        *("dependencies", "propertyDependencies", "additionalSecretOutputs", "aliases", "hooks"),
        *("acceptSecrets", "acceptResources", "supportsPartialValues", "supportsResultReporting"),
        *("aliasSpecs", "accepts_byte_string", "sourcePosition", "stackTrace", "parentStackTraceHandle"),
    }
)
"""The fields of a registration that are honoured, or say only how to answer. `aliases` and `hooks` are accepted
just as far as the SDK itself sends them: type aliases of renamed classes that the state does not hold, and none."""

_ELSEWHERE = "leave it out, or run this stack with the real engine: ./inv engine"


class Refused(Exception):  # noqa: N818 - says what happened
    """The program asks for something this engine does not do."""


def urn(project: str, stack: str, parent: str, kind: str, name: str) -> str:
    """The name the real engine would give: the parents' types are part of it, the root stack's is not."""
    parents = parent.split("::")[2] if parent else STACK_TYPE
    qualified = kind if parents == STACK_TYPE else f"{parents}${kind}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def read(request: Any, project: str, stack: str, remembered: Collection[str]) -> Resource:
    """The wanted resource.

    Raises:
        Refused: an option that is not supported.
        ValueError: an asset that cannot be read.
    """
    name = urn(project, stack, request.parent, request.type, request.name)
    _refuse_unsupported(request)
    _refuse_aliases(request, name, remembered)
    return Resource(
        urn=name,
        type=request.type,
        custom=request.custom,
        inputs=with_hashes(from_struct(request.object)),
        parent=request.parent,
        provider=request.provider,
        protect=request.protect,
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={key: tuple(sorted(deps.urns)) for key, deps in _dependencies(request)},
        additional_secret_outputs=tuple(sorted(request.additionalSecretOutputs)),
    )


def _dependencies(request: Any) -> list[tuple[str, Any]]:
    return sorted(request.propertyDependencies.items(), key=lambda each: each[0])


def _refuse_unsupported(request: Any) -> None:
    for field, value in request.ListFields():
        if field.name not in SUPPORTED or (field.name == "hooks" and value.ListFields()):
            raise Refused(f"the option {field.name} is not supported by the embedded engine; {_ELSEWHERE}")


def _refuse_aliases(request: Any, name: str, remembered: Collection[str]) -> None:
    for alias in request.aliases:
        spec = {field.name: value for field, value in alias.spec.ListFields() if value}
        former = name.replace(f"{request.type}::", f"{spec.get('type')}::")
        if alias.urn or set(spec) != {"type"} or former in remembered:
            raise Refused(f"the option aliases is not supported by the embedded engine; {_ELSEWHERE}")

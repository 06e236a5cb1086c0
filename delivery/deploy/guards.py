"""What no apply takes away unless a reviewed line says so: the names and certificates by which the world finds us.

An engine's policies see only what is wished for, never what it replaces; so this looks at a preview, before the apply.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from delivery.engines.stack import Engine, Listener, Operation, Outcome, Stack, Step

KEY = "espice:acknowledge"
"""The configuration key with the names (or URNs) that may be replaced or deleted, as a JSON list."""

FOUND_BY = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:apigatewayv2/domainName:DomainName",
        "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate",
        "cloudflare:index/dnsRecord:DnsRecord",
        "cloudflare:index/r2CustomDomain:R2CustomDomain",
        "cloudflare:index/zoneDnssec:ZoneDnssec",
    }
)
"""Types that are away, or other ones, for a while when they are replaced: a record has a time to live, a certificate
is checked again, a signed zone without its keys answers nobody."""

_LOST = {Operation.replace: "be replaced", Operation.delete: "be deleted"}


def acknowledged(stack: Stack) -> frozenset[str]:
    """What the stack's configuration says may go."""
    return frozenset(json.loads(stack.config.get(KEY, "[]")))


def refusals(steps: Iterable[Step], acknowledged: frozenset[str]) -> tuple[str, ...]:
    """A sentence for each step that would take such a thing away without a word of it."""
    return tuple(
        f"{step.type} {step.name}: it would {_LOST[step.operation]}, and installations find us by it; undo the change, "
        f"or add {step.name} to acknowledge in the stack file in a reviewed change of its own"
        for step in steps
        if step.operation in _LOST and step.type in FOUND_BY and acknowledged.isdisjoint((step.name, step.urn))
    )


class Guarded:
    """An engine that previews before it applies, and applies nothing whose preview is wrong or takes such a thing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.name = engine.name

    def preview(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """As the engine previews it, with what an apply would refuse among the errors."""
        outcome = self._engine.preview(stack, on_step, targets=targets)
        refused = refusals(outcome.steps, acknowledged(stack))
        return Outcome(outcome.steps, outcome.outputs, (*outcome.errors, *refused))

    def apply(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """Previews, and applies if there is no error; else the outcome has no steps, since nothing was done.

        What a killed run has left is looked at before that, so that what is judged is what is applied.
        """
        self._engine.recover(stack)
        expected = self.preview(stack, targets=targets)
        if not expected.ok:
            return Outcome((), expected.outputs, expected.errors)
        return self._engine.apply(stack, on_step, targets=targets)

    def destroy(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """As the engine destroys it: what may not go is protected, and whoever destroys says so in person."""
        return self._engine.destroy(stack, on_step, targets=targets)

    def recover(self, stack: Stack) -> None:
        self._engine.recover(stack)

    def refresh(self, stack: Stack, on_step: Listener | None = None, *, preview: bool = False) -> Outcome:
        return self._engine.refresh(stack, on_step, preview=preview)

    def outputs(self, stack_name: str) -> Mapping[str, Any]:
        return self._engine.outputs(stack_name)

    def deployment(self, stack_name: str) -> dict[str, Any]:
        return self._engine.deployment(stack_name)

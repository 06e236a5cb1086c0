"""Logs end: nothing that could tell of a person is kept for ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_policy import PolicyResource

from policies.policy import Resource, each, known, of_type, together

GROUP = "aws:cloudwatch/logGroup:LogGroup"


def _ends(group: Resource) -> Iterator[str]:
    if not group.props.get("retentionInDays"):
        yield "it keeps everything for ever; set retention_in_days"


def _have_groups(resources: Sequence[PolicyResource]) -> Iterator[tuple[PolicyResource, str]]:
    groups = {known(group.props, "name") for group in of_type(resources, GROUP)}
    for function in of_type(resources, "aws:lambda/function:Function"):
        name = f"/aws/lambda/{known(function.props, 'name')}"
        if name not in groups:
            yield function, f"Lambda would make a log that is kept for ever; add the LogGroup {name}"


POLICIES = (
    each("logs-end", "Every log has an end.", {GROUP}, _ends),
    together("logs-are-ours", "Every function's log is one of ours.", _have_groups),
)

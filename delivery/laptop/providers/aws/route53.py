"""Route 53 health checks. moto keeps them; nothing probes."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import hashlib
import json

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import Account, ask, chosen, named, quietly
from delivery.laptop.providers.handler import Handler
from delivery.laptop.providers.likeness import Likeness

_CHANGEABLE = {
    "fqdn": "FullyQualifiedDomainName",
    "port": "Port",
    "resourcePath": "ResourcePath",
    "failureThreshold": "FailureThreshold",
    "searchString": "SearchString",
    "ipAddress": "IPAddress",
    "disabled": "Disabled",
    "invertHealthcheck": "Inverted",
    "enableSni": "EnableSNI",
    "regions": "Regions",
}
_FIXED = {"type": "Type", "requestInterval": "RequestInterval", "measureLatency": "MeasureLatency"}


class HealthCheck(Handler[Account]):
    replaces = frozenset(_FIXED) | {"referenceName"}
    computed = frozenset({"region", "regions"})
    on_record = False
    likeness = Likeness({"requestInterval": 30, "failureThreshold": 3, "enableSni": True})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        config = chosen(inputs, _CHANGEABLE | _FIXED)
        # The same wish gets the same reference, and with it the same health check, should this be a second try.
        reference = (
            inputs.get("referenceName") or hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
        )
        client = cloud.client("route53")
        listed = client.list_health_checks()["HealthChecks"]
        identity = next((each["Id"] for each in listed if each["CallerReference"] == reference), None)
        if identity is None:
            made = client.create_health_check(CallerReference=reference, HealthCheckConfig=config)
            identity = made["HealthCheck"]["Id"]
        return identity, self.update(cloud, identity, {}, inputs)

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        cloud.client("route53").update_health_check(HealthCheckId=identity, **chosen(inputs, _CHANGEABLE))
        return {"arn": f"arn:aws:route53:::healthcheck/{identity}"}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("route53").get_health_check, HealthCheckId=identity)
        if answer is None:
            return None
        check = answer["HealthCheck"]
        seen = named(check["HealthCheckConfig"], _CHANGEABLE | _FIXED)
        if "referenceName" in outputs or not outputs:  # not given, it is made from the inputs
            seen["referenceName"] = check["CallerReference"]
        return seen if "enableSni" in outputs else {name: value for name, value in seen.items() if name != "enableSni"}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("route53").delete_health_check, HealthCheckId=identity)


HANDLERS: dict[str, Handler[Account]] = {"aws:route53/healthCheck:HealthCheck": HealthCheck()}

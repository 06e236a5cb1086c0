"""HTTP APIs: API, integration, route, stage, custom domain and mapping. The edge serves them from the ledger."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from delivery.engines.wire import UNKNOWN, Properties
from delivery.laptop.providers.aws.account import Account, ask, camel, chosen, named, owner, pascal, quietly
from delivery.laptop.providers.handler import Explicit, Handler
from delivery.laptop.providers.likeness import Likeness

_API = {
    "name": "Name",
    "description": "Description",
    "disableExecuteApiEndpoint": "DisableExecuteApiEndpoint",
}


class Api(Explicit[Account]):
    key = ("name",)
    replaces = frozenset({"protocolType"})
    likeness = Likeness({"disableExecuteApiEndpoint": False})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client = cloud.client("apigatewayv2")
        found = _find(client.get_apis()["Items"], "Name", inputs["name"])
        made = found or client.create_api(ProtocolType=inputs["protocolType"], **chosen(inputs, _API))
        return made["ApiId"], self.update(cloud, made["ApiId"], {}, inputs)

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        cloud.client("apigatewayv2").update_api(ApiId=identity, **chosen(inputs, _API))
        return {
            "apiEndpoint": f"https://{identity}.execute-api.{cloud.region}.amazonaws.com",
            "arn": f"arn:aws:apigateway:{cloud.region}::/apis/{identity}",
            "executionArn": cloud.arn("execute-api", identity),
        }

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("apigatewayv2").get_api, ApiId=identity)
        return named(answer, {**_API, "protocolType": "ProtocolType"}) if answer else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("apigatewayv2").delete_api, ApiId=identity)


_INTEGRATION = {
    "integrationType": "IntegrationType",
    "integrationUri": "IntegrationUri",
    "integrationMethod": "IntegrationMethod",
    "payloadFormatVersion": "PayloadFormatVersion",
    "timeoutMilliseconds": "TimeoutInMillis",
    "connectionType": "ConnectionType",
    "description": "Description",
}


class Integration(Handler[Account]):
    replaces = frozenset({"apiId", "integrationType"})
    likeness = Likeness({"connectionType": "INTERNET", "payloadFormatVersion": "1.0", "timeoutMilliseconds": 30_000})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, api = cloud.client("apigatewayv2"), inputs["apiId"]
        found = _find(client.get_integrations(ApiId=api)["Items"], "IntegrationUri", inputs.get("integrationUri"))
        made = found or client.create_integration(ApiId=api, **chosen(inputs, _INTEGRATION))
        return made["IntegrationId"], self.update(cloud, made["IntegrationId"], {}, inputs)

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        client = cloud.client("apigatewayv2")
        client.update_integration(ApiId=inputs["apiId"], IntegrationId=identity, **chosen(inputs, _INTEGRATION))
        return {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        client = cloud.client("apigatewayv2")
        answer = ask(client.get_integration, ApiId=owner(outputs, "apiId"), IntegrationId=identity)
        return named(answer, _INTEGRATION) if answer else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        client = cloud.client("apigatewayv2")
        quietly(client.delete_integration, ApiId=outputs["apiId"], IntegrationId=identity)


class Route(Handler[Account]):
    key = ("apiId", "routeKey")

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, api, key = cloud.client("apigatewayv2"), inputs["apiId"], inputs["routeKey"]
        found = _find(client.get_routes(ApiId=api)["Items"], "RouteKey", key)
        made = found or client.create_route(ApiId=api, RouteKey=key, **chosen(inputs, {"target": "Target"}))
        return made["RouteId"], self.update(cloud, made["RouteId"], {}, inputs)

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        client = cloud.client("apigatewayv2")
        client.update_route(ApiId=inputs["apiId"], RouteId=identity, **chosen(inputs, {"target": "Target"}))
        return {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("apigatewayv2").get_route, ApiId=owner(outputs, "apiId"), RouteId=identity)
        return named(answer, {"routeKey": "RouteKey", "target": "Target"}) if answer else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("apigatewayv2").delete_route, ApiId=outputs["apiId"], RouteId=identity)


class Stage(Explicit[Account]):
    key = ("apiId", "name")
    on_record = False  # its id is its name, which every API may have

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, api, name = cloud.client("apigatewayv2"), inputs["apiId"], inputs["name"]
        # moto has no UpdateStage, so a stage is changed by being made again.
        quietly(client.delete_stage, ApiId=api, StageName=name)
        options = chosen(inputs, {"autoDeploy": "AutoDeploy", "description": "Description"})
        settings = pascal(chosen(inputs, {"accessLogSettings": "a", "defaultRouteSettings": "d"}), {})
        shaped = chosen(settings, {"A": "AccessLogSettings", "D": "DefaultRouteSettings"})
        client.create_stage(ApiId=api, StageName=name, **options, **shaped)
        return name, {
            "arn": f"arn:aws:apigateway:{cloud.region}::/apis/{api}/stages/{name}",
            "executionArn": f"{cloud.arn('execute-api', api)}/{name}",
            "invokeUrl": f"https://{api}.execute-api.{cloud.region}.amazonaws.com/{'' if name == '$default' else name}",
        }

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("apigatewayv2").get_stage, ApiId=owner(outputs, "apiId"), StageName=identity)
        if answer is None:
            return None
        shaped = camel(chosen(answer, {"AccessLogSettings": "accessLogSettings"}), {})
        return {**named(answer, {"autoDeploy": "AutoDeploy", "description": "Description"}), **shaped}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("apigatewayv2").delete_stage, ApiId=outputs["apiId"], StageName=identity)


_DOMAIN = "aws:apigatewayv2/domainName:DomainName"


class DomainName(Handler[Account]):
    """Its target is AWS's own host name, to which the CDN's record points.

    moto has no UpdateDomainName: once it is there, its configuration lies in the ledger, from which the edge serves.
    """

    key = ("domainName",)

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, name = cloud.client("apigatewayv2"), inputs["domainName"]
        found = _find(client.get_domain_names().get("Items", []), "DomainName", name)
        if found is None:
            config = pascal(inputs["domainNameConfiguration"], {})
            mutual = pascal(chosen(inputs, {"mutualTlsAuthentication": "MutualTlsAuthentication"}), {})
            client.create_domain_name(DomainName=name, DomainNameConfigurations=[config], **mutual)
        return name, self._computed(cloud, name, inputs)

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        return self._computed(cloud, identity, inputs)

    def preview(self, old: Properties, new: Properties) -> Properties:
        known = old.get("domainNameConfiguration", {})
        config = {name: known.get(name, UNKNOWN) for name in ("hostedZoneId", "targetDomainName")}
        outputs = super().preview(old, new)
        return outputs | {"domainNameConfiguration": config | outputs["domainNameConfiguration"]}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        is_there = ask(cloud.client("apigatewayv2").get_domain_name, DomainName=identity) is not None
        return cloud.recorded(_DOMAIN, identity) if is_there else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("apigatewayv2").delete_domain_name, DomainName=identity)

    def _computed(self, cloud: Account, name: str, inputs: Properties) -> Properties:
        target = f"d-{name.replace('.', '-')}.execute-api.{cloud.region}.amazonaws.com"
        config = {"targetDomainName": target, "hostedZoneId": "Z2FDTNDATAQYW2"}
        return {
            "arn": f"arn:aws:apigateway:{cloud.region}::/domainnames/{name}",
            "domainNameConfiguration": inputs["domainNameConfiguration"] | config,
        }


class ApiMapping(Handler[Account]):
    key = ("domainName", "apiMappingKey")
    replaces = frozenset({"apiId", "stage"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, domain = cloud.client("apigatewayv2"), inputs["domainName"]
        path = inputs.get("apiMappingKey", "")
        listed = client.get_api_mappings(DomainName=domain).get("Items", [])
        found = next((each for each in listed if each.get("ApiMappingKey", "") == path), None)
        made = found or client.create_api_mapping(
            DomainName=domain, ApiId=inputs["apiId"], Stage=inputs["stage"], ApiMappingKey=path
        )
        return made["ApiMappingId"], {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        client = cloud.client("apigatewayv2")
        answer = ask(client.get_api_mapping, ApiMappingId=identity, DomainName=owner(outputs, "domainName"))
        return named(answer, {"apiId": "ApiId", "stage": "Stage", "apiMappingKey": "ApiMappingKey"}) if answer else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        client = cloud.client("apigatewayv2")
        quietly(client.delete_api_mapping, ApiMappingId=identity, DomainName=outputs["domainName"])


def _find(items: Iterable[dict[str, Any]], key: str, value: Any) -> dict[str, Any] | None:
    return next((item for item in items if item.get(key) == value), None)


HANDLERS: dict[str, Handler[Account]] = {
    "aws:apigatewayv2/api:Api": Api(),
    "aws:apigatewayv2/integration:Integration": Integration(),
    "aws:apigatewayv2/route:Route": Route(),
    "aws:apigatewayv2/stage:Stage": Stage(),
    _DOMAIN: DomainName(),
    "aws:apigatewayv2/apiMapping:ApiMapping": ApiMapping(),
}

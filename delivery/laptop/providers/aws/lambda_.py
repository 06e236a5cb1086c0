"""Lambda functions, aliases, permissions, event sources, and what moto does not keep: each version's code.

A version's code is copied to `<code>/<sha256>.zip`, as Lambda keeps its own copy, and its record lies in the function's
outputs in the ledger under `versions`; the edge runs each from there.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import base64
import functools
import hashlib
import json
from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import (
    ACCOUNT_ID,
    Account,
    ask,
    camel,
    chosen,
    make_or,
    named,
    owner,
    pascal,
    quietly,
)
from delivery.laptop.providers.handler import Explicit, Handler, Wrong, content, finishing
from delivery.laptop.providers.likeness import Likeness

_CONFIGURATION = {
    "handler": "Handler",
    "role": "Role",
    "runtime": "Runtime",
    "timeout": "Timeout",
    "memorySize": "MemorySize",
    "environment": "Environment",
    "description": "Description",
}
_NETWORK = ("subnetIds", "securityGroupIds")
# Changing one of these does not change what a version runs, so it publishes none.
_UNPUBLISHED = frozenset({"tags", "publish", "reservedConcurrentExecutions", "skipDestroy"})


class Function(Explicit[Account]):
    key = ("name",)
    replaces = frozenset({"packageType"})
    renews = frozenset(
        {"version", "versions", "codeSha256", "qualifiedArn", "qualifiedInvokeArn", "lastModified", "sourceCodeSize"}
    )

    likeness = Likeness(
        {"timeout": 3, "memorySize": 128, "architectures": ["x86_64"], "publish": False, "packageType": "Zip"}
    )

    def check(self, inputs: Properties) -> dict[str, str]:
        problems = dict(super().check(inputs))
        if not inputs.get("code") and not (inputs.get("s3Bucket") and inputs.get("s3Key")):
            problems["code"] = "is missing; give code, or s3Bucket and s3Key"
        return problems

    def preview(self, old: Properties, new: Properties) -> Properties:
        if self._publishes(old, new):
            return super().preview(old, new)
        return old | new

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, name, code = cloud.client("lambda"), inputs["name"], _code(cloud, inputs)
        options = _configuration(inputs)
        more = options | chosen(inputs, {"architectures": "Architectures"})
        adopt = functools.partial(self._change, client, name, code, options)
        make_or(adopt, client.create_function, FunctionName=name, Code={"ZipFile": code}, **more)
        with finishing(name, {}):
            return name, self._published(cloud, inputs, code, {})

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        code = _code(cloud, inputs)
        self._change(cloud.client("lambda"), identity, code, _configuration(inputs))
        if self._publishes(old, inputs) or old.get("codeSha256") != _code_hash(code):
            return self._published(cloud, inputs, code, old.get("versions", {}))
        computed = ("arn", "invokeArn", *sorted(self.renews))
        return {name: old[name] for name in computed if name in old}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("lambda").get_function_configuration, FunctionName=identity)
        if answer is None:
            return None
        names = {ours: theirs for ours, theirs in _CONFIGURATION.items() if ours != "environment"}
        seen = named(answer, {"name": "FunctionName", "architectures": "Architectures", **names})
        seen["environment"] = {"variables": answer.get("Environment", {}).get("Variables", {})}
        network = camel(answer.get("VpcConfig") or {})
        seen["vpcConfig"] = {name: network[name] for name in _NETWORK if network.get(name)} or None
        if answer["CodeSha256"] != outputs.get("codeSha256"):
            seen |= {"codeSha256": answer["CodeSha256"], "sourceCodeHash": answer["CodeSha256"]}
        return seen

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("lambda").delete_function, FunctionName=identity)

    def _publishes(self, old: Properties, new: Properties) -> bool:
        inputs = {key: old.get(key) for key in new}
        return bool(set(self.changed(inputs, new)) - _UNPUBLISHED) or any(
            key in old and key not in new for key in (*_CONFIGURATION, "layers", "architectures")
        )

    def _change(self, client: Any, name: str, code: bytes, options: dict[str, Any]) -> None:
        client.update_function_code(FunctionName=name, ZipFile=code)
        client.update_function_configuration(FunctionName=name, **options)

    def _published(self, cloud: Account, inputs: Properties, code: bytes, versions: Properties) -> Properties:
        name, digest = inputs["name"], _keep(cloud, code)
        version = "$LATEST"
        if inputs.get("publish"):
            version = cloud.client("lambda").publish_version(FunctionName=name)["Version"]
        record = {"sha256": digest, "code": str(cloud.code / f"{digest}.zip"), "environment": _environment(inputs)}
        record |= chosen(inputs, {"handler": "handler", "runtime": "runtime"})
        arn = cloud.arn("lambda", f"function:{name}")
        return {
            "arn": arn,
            "invokeArn": _invoke_arn(cloud, arn),
            "qualifiedArn": f"{arn}:{version}",
            "qualifiedInvokeArn": _invoke_arn(cloud, f"{arn}:{version}"),
            "version": version,
            "versions": {**versions, version: record},
            "codeSha256": _code_hash(code),
            "sourceCodeSize": len(code),
        }


def _code(cloud: Account, inputs: Properties) -> bytes:
    if inputs.get("code"):
        return content(inputs["code"])
    where = {"Bucket": inputs["s3Bucket"], "Key": inputs["s3Key"]}
    version = chosen(inputs, {"s3ObjectVersion": "VersionId"})
    return bytes(cloud.client("s3").get_object(**where, **version)["Body"].read())


def _code_hash(code: bytes) -> str:
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


def _keep(cloud: Account, code: bytes) -> str:
    digest = hashlib.sha256(code).hexdigest()
    cloud.code.mkdir(parents=True, exist_ok=True)
    path = cloud.code / f"{digest}.zip"
    if not path.exists():
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(code)
        temporary.replace(path)
    return digest


def _environment(inputs: Properties) -> dict[str, str]:
    return dict(inputs.get("environment", {}).get("variables", {}))


def _configuration(inputs: Properties) -> dict[str, Any]:
    options = chosen(inputs, _CONFIGURATION)
    network = {"VpcConfig": pascal(inputs["vpcConfig"])} if inputs.get("vpcConfig") else {}
    return options | network | {"Environment": {"Variables": _environment(inputs)}}


def _invoke_arn(cloud: Account, arn: str) -> str:
    return f"arn:aws:apigateway:{cloud.region}:lambda:path/2015-03-31/functions/{arn}/invocations"


_ALIAS = {"name": "Name", "functionVersion": "FunctionVersion", "description": "Description"}


class Alias(Explicit[Account]):
    key = ("functionName", "name")

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, wish = cloud.client("lambda"), self._wish(inputs)
        self._refuse_unknown_versions(client, wish)
        make_or(functools.partial(client.update_alias, **wish), client.create_alias, **wish)
        arn = cloud.arn("lambda", f"function:{wish['FunctionName']}:{inputs['name']}")
        return arn, {"arn": arn, "invokeArn": _invoke_arn(cloud, arn)}

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        client, wish = cloud.client("lambda"), self._wish(inputs)
        self._refuse_unknown_versions(client, wish)
        client.update_alias(**wish)
        return {name: old[name] for name in ("arn", "invokeArn")}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        function, _, name = identity.rpartition(":")
        answer = ask(cloud.client("lambda").get_alias, FunctionName=_function_name(function), Name=name)
        whose = outputs.get("functionName") or _function_name(function)
        if answer is None:
            return None
        weights = answer.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        routing = {"additionalVersionWeights": {version: float(share) for version, share in weights.items()}}
        return {**named(answer, _ALIAS), "functionName": whose, "routingConfig": routing if weights else None}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        function = _function_name(outputs["functionName"])
        quietly(cloud.client("lambda").delete_alias, FunctionName=function, Name=outputs["name"])

    def _wish(self, inputs: Properties) -> dict[str, Any]:
        weights = (inputs.get("routingConfig") or {}).get("additionalVersionWeights") or {}
        return {
            "FunctionName": _function_name(inputs["functionName"]),
            **{"Description": ""} | chosen(inputs, _ALIAS),
            "RoutingConfig": {"AdditionalVersionWeights": weights},
        }

    def _refuse_unknown_versions(self, client: Any, wish: dict[str, Any]) -> None:
        """moto takes any version; Lambda does not."""
        function = wish["FunctionName"]
        listed = client.list_versions_by_function(FunctionName=function)["Versions"]
        known = [each["Version"] for each in listed]
        for version in (wish["FunctionVersion"], *wish["RoutingConfig"]["AdditionalVersionWeights"]):
            if version not in known:
                property_ = "functionVersion" if version == wish["FunctionVersion"] else "routingConfig"
                raise Wrong(property_, f"{function} has no version {version}; it has {', '.join(known)}")


class Permission(Explicit[Account]):
    key = ("function", "qualifier", "statementId")
    replaces = frozenset({"action", "principal", "sourceArn", "sourceAccount"})
    on_record = False

    def check(self, inputs: Properties) -> dict[str, str]:
        return {} if inputs.get("statementId") else {"statementId": "is missing; name the resource explicitly"}

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        self.delete(cloud, inputs["statementId"], inputs)
        names = {"action": "Action", "principal": "Principal", "sourceArn": "SourceArn", "qualifier": "Qualifier"}
        cloud.client("lambda").add_permission(
            FunctionName=_function_name(inputs["function"]),
            StatementId=inputs["statementId"],
            **chosen(inputs, names),
        )
        return inputs["statementId"], {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        where = chosen(outputs, {"qualifier": "Qualifier"})
        function = _function_name(owner(outputs, "function"))
        answer = ask(cloud.client("lambda").get_policy, FunctionName=function, **where)
        statements = json.loads(answer["Policy"])["Statement"] if answer else []
        found = next((each for each in statements if each["Sid"] == identity), None)
        if found is None:
            return None
        principal = found["Principal"]
        return {
            "statementId": identity,
            "action": found["Action"],
            "principal": principal if isinstance(principal, str) else next(iter(principal.values())),
            "sourceArn": found.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn"),
        }

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        where = chosen(outputs, {"qualifier": "Qualifier"})
        function = _function_name(outputs["function"])
        quietly(cloud.client("lambda").remove_permission, FunctionName=function, StatementId=identity, **where)


_SOURCE = {
    "batchSize": "BatchSize",
    "maximumBatchingWindowInSeconds": "MaximumBatchingWindowInSeconds",
    "functionResponseTypes": "FunctionResponseTypes",
}


class EventSourceMapping(Handler[Account]):
    """Which queue feeds which function. On the laptop a process polls, so moto's own mapping is always off: it would
    run the function in a container, inside of the call that sends a message."""

    key = ("functionName", "eventSourceArn")
    likeness = Likeness({"batchSize": 10, "enabled": True, "maximumBatchingWindowInSeconds": 0})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, function = cloud.client("lambda"), inputs["functionName"]
        there = client.list_event_source_mappings(EventSourceArn=inputs["eventSourceArn"])["EventSourceMappings"]
        mine = [each for each in there if _function_name(each["FunctionArn"]) == _function_name(function)]
        made = mine[0] if mine else self._make(client, inputs)
        identity = made["UUID"]
        with finishing(identity, {"uuid": identity}):
            self.update(cloud, identity, {}, inputs)
        arn = cloud.arn("lambda", f"event-source-mapping:{identity}")
        return identity, {"uuid": identity, "arn": arn, "functionArn": _function_arn(cloud, function)}

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        options = chosen(inputs, _SOURCE)
        cloud.client("lambda").update_event_source_mapping(UUID=identity, Enabled=False, **options)
        return {name: old[name] for name in ("uuid", "arn", "functionArn") if name in old}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("lambda").get_event_source_mapping, UUID=identity)
        if answer is None:
            return None
        seen = named(answer, {name: _SOURCE[name] for name in ("batchSize", "functionResponseTypes")})
        return {**seen, "eventSourceArn": answer["EventSourceArn"]}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("lambda").delete_event_source_mapping, UUID=identity)

    def _make(self, client: Any, inputs: Properties) -> dict[str, Any]:
        where = {"EventSourceArn": inputs["eventSourceArn"], "FunctionName": inputs["functionName"]}
        return dict(client.create_event_source_mapping(**where, Enabled=False, **chosen(inputs, _SOURCE)))


def _function_arn(cloud: Account, name_or_arn: str) -> str:
    return name_or_arn if name_or_arn.startswith("arn:") else cloud.arn("lambda", f"function:{name_or_arn}")


def _function_name(name_or_arn: str) -> str:
    marker = f":{ACCOUNT_ID}:function:"
    return name_or_arn.split(marker, 1)[1].split(":", 1)[0] if marker in name_or_arn else name_or_arn


HANDLERS: dict[str, Handler[Account]] = {
    "aws:lambda/function:Function": Function(),
    "aws:lambda/alias:Alias": Alias(),
    "aws:lambda/permission:Permission": Permission(),
    "aws:lambda/eventSourceMapping:EventSourceMapping": EventSourceMapping(),
}

"""RDS: instances, subnet groups, parameter groups. moto has no database in it: the ledger's record of an instance is
what a real PostgreSQL is started from.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import Account, ask, chosen, make_or, named, pairs, quietly, unpaired
from delivery.laptop.providers.handler import Explicit, Handler, Wrong, finishing
from delivery.laptop.providers.likeness import Likeness

_FIXED = {
    "engine": "Engine",
    "dbName": "DBName",
    "username": "MasterUsername",
    "availabilityZone": "AvailabilityZone",
    "dbSubnetGroupName": "DBSubnetGroupName",
    "storageEncrypted": "StorageEncrypted",
    "kmsKeyId": "KmsKeyId",
    "characterSetName": "CharacterSetName",
}
_CHANGEABLE = {
    "instanceClass": "DBInstanceClass",
    "engineVersion": "EngineVersion",
    "allocatedStorage": "AllocatedStorage",
    "maxAllocatedStorage": "MaxAllocatedStorage",
    "storageType": "StorageType",
    "manageMasterUserPassword": "ManageMasterUserPassword",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "vpcSecurityGroupIds": "VpcSecurityGroupIds",
    "parameterGroupName": "DBParameterGroupName",
    "publiclyAccessible": "PubliclyAccessible",
    "multiAz": "MultiAZ",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "backupWindow": "PreferredBackupWindow",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "copyTagsToSnapshot": "CopyTagsToSnapshot",
    "deletionProtection": "DeletionProtection",
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "caCertIdentifier": "CACertificateIdentifier",
}
# Those that an answer tells under the same name as it is asked, and that moto keeps when they change.
_SEEN = {
    "instanceClass",
    "engineVersion",
    "allocatedStorage",
    "maxAllocatedStorage",
    "storageType",
    "publiclyAccessible",
    "multiAz",
    "backupRetentionPeriod",
    "backupWindow",
    "copyTagsToSnapshot",
    "deletionProtection",
    "autoMinorVersionUpgrade",
    "engine",
    "dbName",
    "username",
    "storageEncrypted",
}
_DEFAULTS = {
    "autoMinorVersionUpgrade": True,
    "multiAz": False,
    "publiclyAccessible": False,
    "copyTagsToSnapshot": False,
    "deletionProtection": False,
    "storageEncrypted": False,
    "deleteAutomatedBackups": True,
    "skipFinalSnapshot": False,
}


class Instance(Explicit[Account]):
    key = ("identifier",)
    replaces = frozenset(_FIXED)
    computed = frozenset({"region", "availabilityZone", "backupWindow", "maintenanceWindow", "caCertIdentifier"})
    secrets = frozenset({"password", "passwordWo"})
    likeness = Likeness(_DEFAULTS)

    def check(self, inputs: Properties) -> dict[str, str]:
        problems = dict(super().check(inputs))
        if not inputs.get("skipFinalSnapshot") and not inputs.get("finalSnapshotIdentifier"):
            problems["finalSnapshotIdentifier"] = "is missing; name the last copy, or say skipFinalSnapshot"
        if inputs.get("manageMasterUserPassword") and inputs.get("password"):
            reason = "is given although AWS keeps one itself (manageMasterUserPassword); leave it out"
            problems |= {"password": reason}
        return problems

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, name = cloud.client("rds"), inputs["identifier"]
        options = chosen(inputs, {**_FIXED, **_CHANGEABLE, "port": "Port", "password": "MasterUserPassword"})
        logs = chosen(inputs, {"enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports"})
        adopt = lambda: self._change(client, name, inputs)  # noqa: E731 - it is nothing but the other way
        made = {**options, **logs, "Tags": pairs(inputs.get("tags"))}
        make_or(adopt, client.create_db_instance, DBInstanceIdentifier=name, **made)
        with finishing(name, {}):
            return name, self._filled_in(cloud, name, inputs)

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        self._change(cloud.client("rds"), identity, inputs)
        return self._filled_in(cloud, identity, inputs)

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        there = self._there(cloud, identity)
        if there is None:
            return None
        groups = [each["VpcSecurityGroupId"] for each in there.get("VpcSecurityGroups", [])]
        return {
            **{ours: there.get(theirs) for ours, theirs in (_FIXED | _CHANGEABLE).items() if ours in _SEEN},
            "identifier": identity,
            "manageMasterUserPassword": "MasterUserSecret" in there or None,
            "tags": unpaired(there.get("TagList")) or None,
            "iamDatabaseAuthenticationEnabled": there.get("IAMDatabaseAuthenticationEnabled"),
            "vpcSecurityGroupIds": groups or None,
            "parameterGroupName": there["DBParameterGroups"][0]["DBParameterGroupName"],
            "dbSubnetGroupName": there.get("DBSubnetGroup", {}).get("DBSubnetGroupName"),
            "enabledCloudwatchLogsExports": there.get("EnabledCloudwatchLogsExports"),
            **self._computed(there),
        }

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        there = self._there(cloud, identity)
        if there is None:
            return
        if there["DeletionProtection"]:
            raise Wrong("deletionProtection", f"{identity} is protected; lift it in a reviewed change of its own")
        last = chosen(outputs, {"finalSnapshotIdentifier": "FinalDBSnapshotIdentifier"})
        how = {"SkipFinalSnapshot": True} if outputs.get("skipFinalSnapshot") else last
        quietly(cloud.client("rds").delete_db_instance, DBInstanceIdentifier=identity, **how)

    def _there(self, cloud: Account, identity: str) -> dict[str, Any] | None:
        answer = ask(cloud.client("rds").describe_db_instances, DBInstanceIdentifier=identity)
        return answer["DBInstances"][0] if answer else None

    def _change(self, client: Any, identity: str, inputs: Properties) -> None:
        options = chosen(inputs | {"deletionProtection": bool(inputs.get("deletionProtection"))}, _CHANGEABLE)
        answer = client.modify_db_instance(DBInstanceIdentifier=identity, ApplyImmediately=True, **options)
        _tag(client, answer["DBInstance"], inputs.get("tags", {}))

    def _filled_in(self, cloud: Account, identity: str, inputs: Properties) -> Properties:
        """What AWS works out, and what it takes where nothing is asked for."""
        seen = self.look(cloud, identity, inputs) or {}
        return {name: value for name, value in seen.items() if name not in inputs and value is not None}

    def _computed(self, there: dict[str, Any]) -> Properties:
        endpoint = there.get("Endpoint", {})
        address, port = endpoint.get("Address", ""), endpoint.get("Port", 5432)
        computed = {
            "arn": there.get("DBInstanceArn"),
            "address": address,
            "endpoint": f"{address}:{port}",
            "port": port,
            "resourceId": there.get("DbiResourceId"),
            "status": there.get("DBInstanceStatus"),
            "engineVersionActual": there.get("EngineVersion"),
        }
        if secret := there.get("MasterUserSecret"):
            names = {"secretArn": "SecretArn", "secretStatus": "SecretStatus", "kmsKeyId": "KmsKeyId"}
            computed["masterUserSecrets"] = [named(secret, names)]
        return computed


def _tag(client: Any, instance: dict[str, Any], wanted: dict[str, str]) -> None:
    name, there = instance["DBInstanceArn"], unpaired(instance.get("TagList"))
    if gone := sorted(there.keys() - wanted.keys()):
        client.remove_tags_from_resource(ResourceName=name, TagKeys=gone)
    client.add_tags_to_resource(ResourceName=name, Tags=pairs(wanted))


class SubnetGroup(Explicit[Account]):
    """moto forgets a group that is modified, so one is changed by being made again."""

    key = ("name",)
    on_record = False
    likeness = Likeness({"description": "Managed by Pulumi"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, name = cloud.client("rds"), inputs["name"]
        told = inputs.get("description", "Managed by Pulumi")
        wish = {"DBSubnetGroupName": name, "SubnetIds": inputs["subnetIds"], "DBSubnetGroupDescription": told}
        self.delete(cloud, name, {})
        client.create_db_subnet_group(**wish)
        return name, {"arn": cloud.arn("rds", f"subgrp:{name}")}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("rds").describe_db_subnet_groups, DBSubnetGroupName=identity)
        if answer is None:
            return None
        group = answer["DBSubnetGroups"][0]
        subnets = [each["SubnetIdentifier"] for each in group["Subnets"]]
        return {"name": identity, "description": group["DBSubnetGroupDescription"], "subnetIds": subnets}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("rds").delete_db_subnet_group, DBSubnetGroupName=identity)


class ParameterGroup(Explicit[Account]):
    key = ("name",)
    replaces = frozenset({"family", "description"})
    on_record = False
    likeness = Likeness({"description": "Managed by Pulumi"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, name = cloud.client("rds"), inputs["name"]
        make_or(
            lambda: None,
            client.create_db_parameter_group,
            DBParameterGroupName=name,
            DBParameterGroupFamily=inputs["family"],
            Description=inputs.get("description", "Managed by Pulumi"),
        )
        computed = {"arn": cloud.arn("rds", f"pg:{name}")}
        with finishing(name, computed):
            if inputs.get("parameters"):
                parameters = [_parameter(each) for each in inputs["parameters"]]
                client.modify_db_parameter_group(DBParameterGroupName=name, Parameters=parameters)
        return name, computed

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        client = cloud.client("rds")
        answer = ask(client.describe_db_parameter_groups, DBParameterGroupName=identity)
        if answer is None:
            return None
        group = answer["DBParameterGroups"][0]
        listed = client.describe_db_parameters(DBParameterGroupName=identity)["Parameters"]
        names = {"name": "ParameterName", "value": "ParameterValue", "applyMethod": "ApplyMethod"}
        seen = [named(each, names) for each in listed if "ParameterValue" in each]
        told = named(group, {"family": "DBParameterGroupFamily", "description": "Description"})
        asked = {(each["name"], each["value"]) for each in outputs.get("parameters", [])}
        same = asked == {(each["name"], each["value"]) for each in seen}
        return {"name": identity, **told, **({} if same else {"parameters": seen})}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("rds").delete_db_parameter_group, DBParameterGroupName=identity)


def _parameter(asked: Properties) -> dict[str, str]:
    names = {"name": "ParameterName", "value": "ParameterValue", "applyMethod": "ApplyMethod"}
    return chosen({"applyMethod": "immediate"} | asked, names)


HANDLERS: dict[str, Handler[Account]] = {
    "aws:rds/instance:Instance": Instance(),
    "aws:rds/subnetGroup:SubnetGroup": SubnetGroup(),
    "aws:rds/parameterGroup:ParameterGroup": ParameterGroup(),
}

"""The private network: VPC, subnets, route tables, security groups and their rules, endpoints. moto moves no packets.

What AWS names only by a tag is named here by its tag `Name`, so that a second try finds what is there already.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from delivery.engines.wire import UNKNOWN, Properties
from delivery.laptop.providers.aws.account import (
    Account,
    ask,
    chosen,
    make_or,
    named,
    pairs,
    quietly,
    text,
    unpaired,
)
from delivery.laptop.providers.handler import Handler, Unfinished, finishing
from delivery.laptop.providers.likeness import Likeness


def _filters(**values: str) -> dict[str, Any]:
    return {"Filters": [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in values.items()]}


def _tag(cloud: Account, identity: str, inputs: Properties) -> None:
    client, wanted = cloud.client("ec2"), inputs.get("tags", {})
    there = client.describe_tags(**_filters(resource_id=identity))["Tags"]
    gone = [{"Key": each["Key"]} for each in there if each["Key"] not in wanted]
    if gone:
        client.delete_tags(Resources=[identity], Tags=gone)
    if wanted:
        client.create_tags(Resources=[identity], Tags=pairs(wanted))


class Part(Handler[Account]):
    """One part of the network, found by `describe(Filters=…)`, whose answer lists it under `listed` with its `id_`."""

    on_record = False
    describe: ClassVar[str]
    listed: ClassVar[str]
    id_: ClassVar[str]
    names: ClassVar[Mapping[str, str]] = {}
    """The properties that the answer tells, by AWS's names."""

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        found = self._all(cloud, **_filters(**self.where(inputs)))
        there = found[0] if found else self.make(cloud.client("ec2"), inputs)
        identity = there[self.id_]
        with finishing(identity, {}):
            _tag(cloud, identity, inputs)
            self.set(cloud.client("ec2"), identity, inputs)
            return identity, self.tell(cloud, identity)

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        _tag(cloud, identity, inputs)
        self.set(cloud.client("ec2"), identity, inputs)
        return self.tell(cloud, identity)

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        there = self._there(cloud, identity)
        if there is None:
            return None
        tags = unpaired(there.get("Tags")) or None
        return {**named(there, self.names), "tags": tags, **self.tell(cloud, identity)}

    def where(self, inputs: Properties) -> dict[str, str]:
        """How one is found that a killed run has left."""
        return {"tag:Name": inputs["tags"]["Name"]}

    def make(self, client: Any, inputs: Properties) -> dict[str, Any]:
        raise NotImplementedError

    def set(self, client: Any, identity: str, inputs: Properties) -> None:
        """What can be changed later."""

    def tell(self, cloud: Account, identity: str) -> Properties:
        """The computed outputs, and inputs that are not part of the description."""
        return {}

    def _there(self, cloud: Account, identity: str) -> dict[str, Any] | None:
        answer = ask(self._all, cloud, **{f"{self.id_}s": [identity]})
        return answer[0] if answer else None

    def _all(self, cloud: Account, **which: Any) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = getattr(cloud.client("ec2"), self.describe)(**which)[self.listed]
        return listed


class Tagged(Part):
    """One that has no name but its tag."""

    def check(self, inputs: Properties) -> Mapping[str, str]:
        tags = inputs.get("tags")
        missing = tags != UNKNOWN and not (tags or {}).get("Name")
        return {"tags.Name": "is missing; name the resource explicitly"} if missing else {}


class Vpc(Tagged):
    describe, listed, id_ = "describe_vpcs", "Vpcs", "VpcId"
    names: ClassVar[Mapping[str, str]] = {"cidrBlock": "CidrBlock", "instanceTenancy": "InstanceTenancy"}
    replaces = frozenset({"cidrBlock", "instanceTenancy"})
    likeness = Likeness({"enableDnsSupport": True, "enableDnsHostnames": False, "instanceTenancy": "default"})

    def make(self, client: Any, inputs: Properties) -> dict[str, Any]:
        named_ = [{"ResourceType": "vpc", "Tags": pairs(inputs["tags"])}]
        made = client.create_vpc(**chosen(inputs, self.names), TagSpecifications=named_)
        return dict(made["Vpc"])

    def set(self, client: Any, identity: str, inputs: Properties) -> None:
        for name, default in (("enableDnsSupport", True), ("enableDnsHostnames", False)):
            value = {"Value": bool(inputs.get(name, default))}
            client.modify_vpc_attribute(VpcId=identity, **{name[:1].upper() + name[1:]: value})

    def tell(self, cloud: Account, identity: str) -> Properties:
        client, its = cloud.client("ec2"), _filters(vpc_id=identity)
        group = client.describe_security_groups(Filters=[*its["Filters"], *_filters(group_name="default")["Filters"]])
        flags = {
            name: client.describe_vpc_attribute(VpcId=identity, Attribute=name)[name[:1].upper() + name[1:]]["Value"]
            for name in ("enableDnsSupport", "enableDnsHostnames")
        }
        return {
            **flags,
            "arn": cloud.arn("ec2", f"vpc/{identity}"),
            "defaultSecurityGroupId": group["SecurityGroups"][0]["GroupId"],
        }

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("ec2").delete_vpc, VpcId=identity)


class Subnet(Part):
    key = ("vpcId", "cidrBlock")
    describe, listed, id_ = "describe_subnets", "Subnets", "SubnetId"
    names: ClassVar[Mapping[str, str]] = {
        "vpcId": "VpcId",
        "cidrBlock": "CidrBlock",
        "availabilityZone": "AvailabilityZone",
        "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
    }
    replaces = frozenset({"availabilityZone"})
    likeness = Likeness({"mapPublicIpOnLaunch": False})

    def where(self, inputs: Properties) -> dict[str, str]:
        return {"vpc-id": inputs["vpcId"], "cidr-block": inputs["cidrBlock"]}

    def make(self, client: Any, inputs: Properties) -> dict[str, Any]:
        fixed = {name: theirs for name, theirs in self.names.items() if name != "mapPublicIpOnLaunch"}
        return dict(client.create_subnet(**chosen(inputs, fixed))["Subnet"])

    def set(self, client: Any, identity: str, inputs: Properties) -> None:
        value = {"Value": bool(inputs.get("mapPublicIpOnLaunch"))}
        client.modify_subnet_attribute(SubnetId=identity, MapPublicIpOnLaunch=value)

    def tell(self, cloud: Account, identity: str) -> Properties:
        [there] = self._all(cloud, SubnetIds=[identity])
        return {"arn": cloud.arn("ec2", f"subnet/{identity}"), "availabilityZone": there["AvailabilityZone"]}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("ec2").delete_subnet, SubnetId=identity)


class RouteTable(Tagged):
    """The program can give no routes, since nothing on the laptop would carry them; one that is there does not stay."""

    describe, listed, id_ = "describe_route_tables", "RouteTables", "RouteTableId"
    names: ClassVar[Mapping[str, str]] = {"vpcId": "VpcId"}
    replaces = frozenset({"vpcId"})

    def check(self, inputs: Properties) -> Mapping[str, str]:
        problem = "are not carried out on the laptop, whose network leads nowhere; leave them out"
        return {**super().check(inputs), **({"routes": problem} if inputs.get("routes") else {})}

    def make(self, client: Any, inputs: Properties) -> dict[str, Any]:
        named_ = [{"ResourceType": "route-table", "Tags": pairs(inputs["tags"])}]
        return dict(client.create_route_table(VpcId=inputs["vpcId"], TagSpecifications=named_)["RouteTable"])

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        seen, there = super().look(cloud, identity, outputs), self._there(cloud, identity)
        if seen is None or there is None:
            return None
        names = {"cidrBlock": "DestinationCidrBlock", "gatewayId": "GatewayId", "natGatewayId": "NatGatewayId"}
        return {**seen, "routes": [named(route, names) for route in _added(there)] or None}

    def set(self, client: Any, identity: str, inputs: Properties) -> None:
        [there] = client.describe_route_tables(RouteTableIds=[identity])["RouteTables"]
        for route in _added(there):
            client.delete_route(RouteTableId=identity, DestinationCidrBlock=route["DestinationCidrBlock"])

    def tell(self, cloud: Account, identity: str) -> Properties:
        return {"arn": cloud.arn("ec2", f"route-table/{identity}")}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("ec2").delete_route_table, RouteTableId=identity)


def _added(table: dict[str, Any]) -> list[dict[str, Any]]:
    """The routes that neither the VPC nor an endpoint brings along."""
    return [route for route in table["Routes"] if not str(route.get("GatewayId")).startswith(("local", "vpce-"))]


class RouteTableAssociation(Handler[Account]):
    key = ("subnetId", "gatewayId")
    replaces = frozenset({"routeTableId"})
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, subnet, table = cloud.client("ec2"), inputs["subnetId"], inputs["routeTableId"]
        there = self._find(cloud, **_filters(**{"association.subnet-id": subnet}))
        for each in there:
            if each.get("SubnetId") == subnet and each["RouteTableId"] == table:
                return each["RouteTableAssociationId"], {}
        return client.associate_route_table(SubnetId=subnet, RouteTableId=table)["AssociationId"], {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        names = {"subnetId": "SubnetId", "routeTableId": "RouteTableId"}
        there = self._find(cloud)
        return next((named(each, names) for each in there if each["RouteTableAssociationId"] == identity), None)

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("ec2").disassociate_route_table, AssociationId=identity)

    def _find(self, cloud: Account, **which: Any) -> list[dict[str, Any]]:
        tables = cloud.client("ec2").describe_route_tables(**which)["RouteTables"]
        return [each for table in tables for each in table.get("Associations", [])]


_GROUP_NAMES = {"name": "GroupName", "description": "Description", "vpcId": "VpcId"}


class SecurityGroup(Part):
    """As Pulumi's: without the rule that lets everything out, which AWS gives a new one. Rules are their own types."""

    key = ("vpcId", "name")
    describe, listed, id_ = "describe_security_groups", "SecurityGroups", "GroupId"
    names = _GROUP_NAMES
    replaces = frozenset({"description"})
    likeness = Likeness({"description": "Managed by Pulumi"})

    def check(self, inputs: Properties) -> Mapping[str, str]:
        problems = {} if inputs.get("name") else {"name": "is missing; name the resource explicitly"}
        inline = "are not carried out on the laptop; give them as SecurityGroupIngressRule and SecurityGroupEgressRule"
        return problems | {name: inline for name in ("ingress", "egress") if inputs.get(name)}

    def where(self, inputs: Properties) -> dict[str, str]:
        return {"vpc-id": inputs["vpcId"], "group-name": inputs["name"]}

    def make(self, client: Any, inputs: Properties) -> dict[str, Any]:
        given = {"description": "Managed by Pulumi"} | inputs
        made = dict(client.create_security_group(**chosen(given, self.names)))
        try:
            _drop_rules(client, made[self.id_])
        except Exception as error:
            raise Unfinished(made[self.id_], {}) from error
        return made

    def tell(self, cloud: Account, identity: str) -> Properties:
        return {"arn": cloud.arn("ec2", f"security-group/{identity}")}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("ec2").delete_security_group, GroupId=identity)


class DefaultSecurityGroup(Handler[Account]):
    """The group that a VPC always has, with no rules left in it. It goes with its VPC."""

    key = ("vpcId",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client = cloud.client("ec2")
        mine = _filters(**{"vpc-id": inputs["vpcId"], "group-name": "default"})
        identity = client.describe_security_groups(**mine)["SecurityGroups"][0]["GroupId"]
        _drop_rules(client, identity)
        _tag(cloud, identity, inputs)
        return identity, {"arn": cloud.arn("ec2", f"security-group/{identity}"), "name": "default"}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("ec2").describe_security_groups, GroupIds=[identity])
        if not answer:
            return None
        group = answer["SecurityGroups"][0]
        tags = unpaired(group.get("Tags")) or None
        rules = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}
        return {"vpcId": group["VpcId"], "tags": tags, **{way: group[theirs] or None for way, theirs in rules.items()}}


def _drop_rules(client: Any, group: str) -> None:
    for rule in client.describe_security_group_rules(**_filters(group_id=group))["SecurityGroupRules"]:
        revoke = client.revoke_security_group_egress if rule["IsEgress"] else client.revoke_security_group_ingress
        revoke(GroupId=group, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])


class Rule(Handler[Account]):
    """One thing that a security group lets in, or out."""

    on_record = False
    names: ClassVar[Mapping[str, str]] = {
        "ipProtocol": "IpProtocol",
        "fromPort": "FromPort",
        "toPort": "ToPort",
        "cidrIpv4": "CidrIpv4",
        "cidrIpv6": "CidrIpv6",
        "description": "Description",
        "prefixListId": "PrefixListId",
    }

    def __init__(self, way: str) -> None:
        self._way = way
        self.replaces = frozenset({*self.names, "securityGroupId", "referencedSecurityGroupId"})  # type: ignore[misc]

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, group = cloud.client("ec2"), inputs["securityGroupId"]
        authorize: Callable[..., Any] = getattr(client, f"authorize_security_group_{self._way}")
        answer = make_or(lambda: None, authorize, GroupId=group, IpPermissions=[_permission(inputs)])
        rules = answer["SecurityGroupRules"] if answer else self._rules(cloud, **_filters(group_id=group))
        identity = next(rule["SecurityGroupRuleId"] for rule in rules if self._is(rule, inputs))
        return identity, {"arn": cloud.arn("ec2", f"security-group-rule/{identity}"), "securityGroupRuleId": identity}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        rules = ask(self._rules, cloud, SecurityGroupRuleIds=[identity])
        return self._seen(rules[0]) if rules else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        revoke: Callable[..., Any] = getattr(cloud.client("ec2"), f"revoke_security_group_{self._way}")
        quietly(revoke, GroupId=outputs["securityGroupId"], SecurityGroupRuleIds=[identity])

    def _rules(self, cloud: Account, **which: Any) -> list[dict[str, Any]]:
        return list(cloud.client("ec2").describe_security_group_rules(**which)["SecurityGroupRules"])

    def _is(self, rule: dict[str, Any], inputs: Properties) -> bool:
        seen = self._seen(rule)
        asked = ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "referencedSecurityGroupId")
        same = all(seen[name] == inputs.get(name) for name in asked)
        return same and rule["IsEgress"] == (self._way == "egress")

    def _seen(self, rule: dict[str, Any]) -> Properties:
        other = rule.get("ReferencedGroupInfo", {}).get("GroupId")
        seen = named(rule, self.names)
        if other and seen["description"] is None:
            del seen["description"]  # moto does not keep one beside a group
        if seen["ipProtocol"] == "-1":  # everything has no ports
            seen |= {"fromPort": None, "toPort": None}
        return {**seen, "securityGroupId": rule["GroupId"], "referencedSecurityGroupId": other}


def _permission(inputs: Properties) -> dict[str, Any]:
    told = chosen(inputs, {"description": "Description"})
    permission = chosen(inputs, {"ipProtocol": "IpProtocol", "fromPort": "FromPort", "toPort": "ToPort"})
    if group := inputs.get("referencedSecurityGroupId"):
        permission["UserIdGroupPairs"] = [{"GroupId": group, **told}]
    if block := inputs.get("cidrIpv4"):
        permission["IpRanges"] = [{"CidrIp": block, **told}]
    if block := inputs.get("cidrIpv6"):
        permission["Ipv6Ranges"] = [{"CidrIpv6": block, **told}]
    if prefixes := inputs.get("prefixListId"):
        permission["PrefixListIds"] = [{"PrefixListId": prefixes, **told}]
    return permission


class VpcEndpoint(Part):
    key = ("vpcId", "serviceName")
    describe, listed, id_ = "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"
    names: ClassVar[Mapping[str, str]] = {
        "vpcId": "VpcId",
        "serviceName": "ServiceName",
        "vpcEndpointType": "VpcEndpointType",
        "policy": "PolicyDocument",
        "routeTableIds": "RouteTableIds",
        "subnetIds": "SubnetIds",
    }
    replaces = frozenset({"vpcEndpointType"})
    likeness = Likeness({"vpcEndpointType": "Gateway"}, {"policy"})

    def where(self, inputs: Properties) -> dict[str, str]:
        return {"vpc-id": inputs["vpcId"], "service-name": inputs["serviceName"]}

    def make(self, client: Any, inputs: Properties) -> dict[str, Any]:
        more = chosen(inputs, {"securityGroupIds": "SecurityGroupIds"})
        return dict(client.create_vpc_endpoint(**chosen(_written(inputs), self.names), **more)["VpcEndpoint"])

    def set(self, client: Any, identity: str, inputs: Properties) -> None:
        [there] = client.describe_vpc_endpoints(VpcEndpointIds=[identity])["VpcEndpoints"]
        wanted, linked = set(inputs.get("routeTableIds", [])), set(there.get("RouteTableIds", []))
        links = {"AddRouteTableIds": sorted(wanted - linked), "RemoveRouteTableIds": sorted(linked - wanted)}
        policy = chosen(_written(inputs), {"policy": "PolicyDocument"}) or {"ResetPolicy": True}
        client.modify_vpc_endpoint(VpcEndpointId=identity, **policy, **{way: ids for way, ids in links.items() if ids})

    def tell(self, cloud: Account, identity: str) -> Properties:
        return {"arn": cloud.arn("ec2", f"vpc-endpoint/{identity}"), "state": "available"}

    def _all(self, cloud: Account, **which: Any) -> list[dict[str, Any]]:
        # A deleted one is still told of for a while.
        return [each for each in super()._all(cloud, **which) if each["State"] != "deleted"]

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("ec2").delete_vpc_endpoints, VpcEndpointIds=[identity])


def _written(inputs: Properties) -> Properties:
    return inputs | {"policy": text(inputs["policy"])} if "policy" in inputs else inputs


HANDLERS: dict[str, Handler[Account]] = {
    "aws:ec2/vpc:Vpc": Vpc(),
    "aws:ec2/subnet:Subnet": Subnet(),
    "aws:ec2/routeTable:RouteTable": RouteTable(),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": RouteTableAssociation(),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": DefaultSecurityGroup(),
    "aws:ec2/securityGroup:SecurityGroup": SecurityGroup(),
    "aws:ec2/vpcEndpoint:VpcEndpoint": VpcEndpoint(),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Rule("ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Rule("egress"),
}

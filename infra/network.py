"""A network that nothing enters and nothing leaves, for the database and what writes into it.

It has neither an internet gateway nor a NAT: Lambda itself polls the queue and keeps the log, and a sign-in to the
database is signed where it is made. The one way out is to S3, to buckets of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import ec2, vpc

from infra import permissions
from infra.config import Aws
from infra.names import Names

BLOCK = "10.20.0.0/22"
ZONES = {"a": "10.20.0.0/24", "b": "10.20.1.0/24"}  # RDS asks for two, also where it uses one


class Network(pulumi.ComponentResource):
    """A VPC with a private subnet in each of two zones; its default security group lets nothing through."""

    def __init__(self, name: str, *, names: Names, aws: Aws, provider: pulumi.ProviderResource) -> None:
        super().__init__("espice:infra:Network", name)
        self._called, self._options = names.network, ResourceOptions(parent=self, provider=provider)
        self.vpc = ec2.Vpc(
            name,
            cidr_block=BLOCK,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": names.network},
            opts=self._options,
        )
        ec2.DefaultSecurityGroup(
            f"{name}-default", vpc_id=self.vpc.id, tags={"Name": f"{names.network}-default"}, opts=self._options
        )
        self.subnets: Sequence[ec2.Subnet] = [self._subnet(name, aws, zone, block) for zone, block in ZONES.items()]
        self._lead_to_s3(name, names, aws)
        self.register_outputs({"vpc": self.vpc.id})

    def _subnet(self, name: str, aws: Aws, zone: str, block: str) -> ec2.Subnet:
        return ec2.Subnet(
            f"{name}-{zone}",
            vpc_id=self.vpc.id,
            cidr_block=block,
            availability_zone=f"{aws.region}{zone}",
            map_public_ip_on_launch=False,
            tags={"Name": f"{self._called}-{zone}"},
            opts=self._options,
        )

    def _lead_to_s3(self, name: str, names: Names, aws: Aws) -> None:
        table = ec2.RouteTable(f"{name}-routes", vpc_id=self.vpc.id, tags={"Name": self._called}, opts=self._options)
        for zone, subnet in zip(ZONES, self.subnets, strict=True):
            ec2.RouteTableAssociation(
                f"{name}-routes-{zone}", route_table_id=table.id, subnet_id=subnet.id, opts=self._options
            )
        ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=self.vpc.id,
            service_name=f"com.amazonaws.{aws.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id],
            policy=permissions.only_own_buckets(names, aws.account),
            tags={"Name": f"{self._called}-s3"},
            opts=self._options,
        )


def security_group(
    name: str, *, called: str, description: str, vpc_id: pulumi.Input[str], opts: ResourceOptions
) -> ec2.SecurityGroup:
    """One without rules: nothing gets in or out. Rules are resources of their own, so that each is seen in a diff."""
    return ec2.SecurityGroup(
        name, name=called, description=description, vpc_id=vpc_id, tags={"Name": called}, opts=opts
    )


def lead(name: str, source: ec2.SecurityGroup, target: ec2.SecurityGroup, port: int, opts: ResourceOptions) -> None:
    """Lets the members of one group open TCP connections to those of another, and nobody else."""
    what: dict[str, Any] = {"ip_protocol": "tcp", "from_port": port, "to_port": port}
    vpc.SecurityGroupEgressRule(
        f"{name}-out",
        security_group_id=source.id,
        referenced_security_group_id=target.id,
        description=f"{name}: connect",
        opts=opts,
        **what,
    )
    vpc.SecurityGroupIngressRule(
        f"{name}-in",
        security_group_id=target.id,
        referenced_security_group_id=source.id,
        description=f"{name}: be connected to",
        opts=opts,
        **what,
    )

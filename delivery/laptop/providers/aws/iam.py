"""IAM roles and their policies. moto keeps them and enforces nothing: assert policies as text."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import functools

from delivery.deploy.wire import Properties
from delivery.laptop.providers.aws.account import ACCOUNT_ID, Account, chosen, make_or, quietly, text
from delivery.laptop.providers.handler import Explicit, Handler

_OPTIONS = {"description": "Description", "maxSessionDuration": "MaxSessionDuration", "path": "Path"}


class Role(Explicit[Account]):
    key = ("name",)
    replaces = frozenset({"path"})
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name, trust = inputs["name"], text(inputs["assumeRolePolicy"])
        client = cloud.client("iam")
        adopt = functools.partial(client.update_assume_role_policy, RoleName=name, PolicyDocument=trust)
        options = chosen(inputs, _OPTIONS)
        make_or(adopt, client.create_role, RoleName=name, AssumeRolePolicyDocument=trust, **options)
        return name, {"arn": f"arn:aws:iam::{ACCOUNT_ID}:role{inputs.get('path', '/')}{name}"}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("iam").delete_role, RoleName=identity)


class RolePolicy(Explicit[Account]):
    key = ("role", "name")
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        role, name = inputs["role"], inputs["name"]
        client = cloud.client("iam")
        client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text(inputs["policy"]))
        return f"{role}:{name}", {}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        role, _, name = identity.partition(":")
        quietly(cloud.client("iam").delete_role_policy, RoleName=role, PolicyName=name)


class RolePolicyAttachment(Explicit[Account]):
    key = ("role", "policyArn")
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        role, arn = inputs["role"], inputs["policyArn"]
        cloud.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
        return f"{role}/{arn}", {}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        role, _, arn = identity.partition("/")
        quietly(cloud.client("iam").detach_role_policy, RoleName=role, PolicyArn=arn)


HANDLERS: dict[str, Handler[Account]] = {
    "aws:iam/role:Role": Role(),
    "aws:iam/rolePolicy:RolePolicy": RolePolicy(),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": RolePolicyAttachment(),
}

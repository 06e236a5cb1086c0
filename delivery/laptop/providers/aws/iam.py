"""IAM roles, policies and identity providers. moto keeps them and enforces nothing: assert policies as text."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import ACCOUNT_ID, Account, ask, chosen, make_or, named, quietly, text
from delivery.laptop.providers.handler import Explicit, Handler, finishing
from delivery.laptop.providers.likeness import Likeness

_OPTIONS = {"description": "Description", "maxSessionDuration": "MaxSessionDuration"}


class Role(Explicit[Account]):
    key = ("name",)
    replaces = frozenset({"path"})
    on_record = False
    likeness = Likeness({"maxSessionDuration": 3600, "path": "/"}, {"assumeRolePolicy"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name, client = inputs["name"], cloud.client("iam")
        trust, path = text(inputs["assumeRolePolicy"]), inputs.get("path", "/")
        make_or(lambda: None, client.create_role, RoleName=name, AssumeRolePolicyDocument=trust, Path=path)
        computed = {"arn": f"arn:aws:iam::{ACCOUNT_ID}:role{path}{name}"}
        with finishing(name, computed):
            client.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
            client.update_role(RoleName=name, **{"Description": ""} | chosen(inputs, _OPTIONS))
            self._bound(client, name, inputs.get("permissionsBoundary"))
        return name, computed

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("iam").get_role, RoleName=identity)
        if answer is None:
            return None
        role = answer["Role"]
        seen = named(role, {**_OPTIONS, "name": "RoleName", "path": "Path", "arn": "Arn"})
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return {**seen, "assumeRolePolicy": text(role["AssumeRolePolicyDocument"]), "permissionsBoundary": boundary}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        client = cloud.client("iam")
        quietly(self._bound, client, identity, None)
        quietly(client.delete_role, RoleName=identity)

    def _bound(self, client: Any, name: str, boundary: str | None) -> None:
        if boundary:
            client.get_policy(PolicyArn=boundary)  # moto takes one that is not there
            client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
        else:
            client.delete_role_permissions_boundary(RoleName=name)


class RolePolicy(Explicit[Account]):
    key = ("role", "name")
    on_record = False
    likeness = Likeness(documents={"policy"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        role, name = inputs["role"], inputs["name"]
        client = cloud.client("iam")
        client.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text(inputs["policy"]))
        return f"{role}:{name}", {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        role, _, name = identity.partition(":")
        answer = ask(cloud.client("iam").get_role_policy, RoleName=role, PolicyName=name)
        return {"role": role, "name": name, "policy": text(answer["PolicyDocument"])} if answer else None

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

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        role, _, arn = identity.partition("/")
        answer = ask(cloud.client("iam").list_attached_role_policies, RoleName=role) or {"AttachedPolicies": []}
        is_there = any(each["PolicyArn"] == arn for each in answer["AttachedPolicies"])
        return {"role": role, "policyArn": arn} if is_there else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        role, _, arn = identity.partition("/")
        quietly(cloud.client("iam").detach_role_policy, RoleName=role, PolicyArn=arn)


class Policy(Explicit[Account]):
    """A policy by itself. Every change is a version of it, of which AWS keeps five: here only the newest stays."""

    key = ("name",)
    replaces = frozenset({"path", "description"})
    on_record = False
    likeness = Likeness({"path": "/"}, {"policy"})

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, document, path = cloud.client("iam"), text(inputs["policy"]), inputs.get("path", "/")
        arn = f"arn:aws:iam::{ACCOUNT_ID}:policy{path}{inputs['name']}"
        make_or(
            lambda: self._renew(client, arn, document),
            client.create_policy,
            PolicyName=inputs["name"],
            PolicyDocument=document,
            Path=path,
            **chosen(inputs, {"description": "Description"}),
        )
        return arn, {"arn": arn}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        client = cloud.client("iam")
        answer = ask(client.get_policy, PolicyArn=identity)
        if answer is None:
            return None
        policy = answer["Policy"]
        version = client.get_policy_version(PolicyArn=identity, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        seen = named(policy, {"name": "PolicyName", "path": "Path", "arn": "Arn", "description": "Description"})
        return {**seen, "policy": text(version["Document"])}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        client = cloud.client("iam")
        quietly(self._prune, client, identity)
        quietly(client.delete_policy, PolicyArn=identity)

    def _renew(self, client: Any, arn: str, document: str) -> None:
        client.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        self._prune(client, arn)

    def _prune(self, client: Any, arn: str) -> None:
        for version in client.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                client.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


class OpenIdConnectProvider(Handler[Account]):
    """Who else vouches for identities. moto cannot change its clients, so one is changed by being made again."""

    key = ("url",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, host = cloud.client("iam"), inputs["url"].removeprefix("https://")
        arn = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{host}"
        names = {"url": "Url", "clientIdLists": "ClientIDList", "thumbprintLists": "ThumbprintList"}
        self.delete(cloud, arn, {})
        client.create_open_id_connect_provider(**{"ThumbprintList": []} | chosen(inputs, names))
        return arn, {"arn": arn}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        answer = ask(cloud.client("iam").get_open_id_connect_provider, OpenIDConnectProviderArn=identity)
        if answer is None:
            return None
        url = f"https://{identity.split(':oidc-provider/', 1)[1]}"
        known = {"url": url, "arn": identity, "clientIdLists": answer["ClientIDList"]}
        # Not given, AWS finds the thumbprints itself.
        return known | ({"thumbprintLists": answer["ThumbprintList"]} if outputs.get("thumbprintLists") else {})

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("iam").delete_open_id_connect_provider, OpenIDConnectProviderArn=identity)


HANDLERS: dict[str, Handler[Account]] = {
    "aws:iam/role:Role": Role(),
    "aws:iam/rolePolicy:RolePolicy": RolePolicy(),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": RolePolicyAttachment(),
    "aws:iam/policy:Policy": Policy(),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": OpenIdConnectProvider(),
}

"""The stack `<environment>-ground`: what workflows, and the other two stacks, stand on. Only a person applies it.

Builds lie here before a program runs them; the key signs what is live; the roles say which workflow may do what.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import iam, kms

from infra import clouds, permissions, storage
from infra.config import InfraConfig
from infra.names import Names
from infra.roles import Role, boundary, roles
from infra.storage import PrivateBucket

HOUR = 3600  # seconds that a role is taken on for, at most


@dataclass(frozen=True, slots=True)
class GroundInputs:
    """What the ground stack is made from."""

    names: Names
    infra: InfraConfig


def ground(config: GroundInputs) -> None:
    """Registers the ground stack."""
    names, infra = config.names, config.infra
    provider = clouds.aws_provider(infra.aws)
    PrivateBucket(
        "builds",
        bucket=names.builds,
        lifecycle=[storage.replaced_versions(infra.keep.old_catalogs)],
        provider=provider,
        protect=names.kept,
    )
    access = Access("access", names=names, infra=infra, provider=provider)
    HeadKey("head-key", names=names, infra=infra, signer=access.roles["live-deploy"], provider=provider)
    pulumi.export("builds", names.builds)
    pulumi.export("head-key", names.head_key)
    pulumi.export("roles", {does: role.arn for does, role in access.roles.items()})


class Access(pulumi.ComponentResource):
    """GitHub as somebody who can vouch for workflows, the roles that it vouches for, and the boundary of all others."""

    def __init__(self, name: str, *, names: Names, infra: InfraConfig, provider: pulumi.ProviderResource) -> None:
        super().__init__("espice:infra:GroundAccess", name)
        self._names, self._infra = names, infra
        self._options = ResourceOptions(parent=self, provider=provider)
        iam.OpenIdConnectProvider(
            "github",
            url="https://token.actions.githubusercontent.com",
            client_id_lists=["sts.amazonaws.com"],
            opts=self._options,
        )
        iam.Policy(
            "boundary",
            name=names.boundary,
            description="What a role may do at most that the platform's apply makes.",
            policy=boundary(names, infra.aws),
            opts=ResourceOptions(parent=self, provider=provider, protect=names.kept),
        )
        self.roles = {role.does: self._role(role) for role in roles(names, infra)}
        self.register_outputs({})

    def _role(self, role: Role) -> iam.Role:
        called = self._names.role(role.does)
        made = iam.Role(
            f"role-{role.does}",
            name=called,
            description=role.description,
            assume_role_policy=role.trust,
            max_session_duration=HOUR,
            opts=self._options,
        )
        for part, document in role.parts.items():
            policy = iam.Policy(f"{role.does}-{part}", name=f"{called}-{part}", policy=document, opts=self._options)
            iam.RolePolicyAttachment(
                f"{role.does}-{part}-attached", role=made.name, policy_arn=policy.arn, opts=self._options
            )
        return made


class HeadKey(pulumi.ComponentResource):
    """The key that signs the catalog's head, and nothing that users finally trust. It cannot leave KMS.

    P-256: what securesystemslib's signer for KMS and product.yaml both know.
    """

    def __init__(
        self, name: str, *, names: Names, infra: InfraConfig, signer: iam.Role, provider: pulumi.ProviderResource
    ) -> None:
        super().__init__("espice:infra:HeadKey", name)
        key = kms.Key(
            name,
            description=f"signs the head of {names.product} {names.environment}",
            key_usage="SIGN_VERIFY",
            customer_master_key_spec="ECC_NIST_P256",
            deletion_window_in_days=30,
            policy=permissions.head_key(infra.aws, names.role("live-deploy")),
            # KMS refuses a policy that names a role which is not there.
            opts=ResourceOptions(parent=self, provider=provider, protect=names.kept, depends_on=[signer]),
        )
        kms.Alias(
            f"{name}-alias",
            name=names.head_key,
            target_key_id=key.key_id,
            opts=ResourceOptions(parent=self, provider=provider, protect=names.kept),
        )
        self.register_outputs({"alias": names.head_key})

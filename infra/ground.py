"""The stack `<environment>-ground`: what workflows, and the other two stacks, stand on. Only a person applies it.

Builds lie here before a program runs them; the keys sign what is live and what halts it; the roles say which workflow
may do what.
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
    for key, alias, what, signer in (
        ("head-key", names.head_key, "head", "live-deploy"),
        ("brake-key", names.brake_key, "override", "brake"),
    ):
        policy = permissions.signing_key(infra.aws, names.role(signer))
        what = f"signs the {what} of {names.product} {names.environment}"
        # KMS refuses a policy that names a role which is not there.
        options = ResourceOptions(provider=provider, protect=names.kept, depends_on=[access.roles[signer]])
        SigningKey(key, alias=alias, what=what, policy=policy, options=options)
        pulumi.export(key, alias)
    pulumi.export("builds", names.builds)
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


class SigningKey(pulumi.ComponentResource):
    """A key that signs one paper of ours, and nothing that users finally trust. It cannot leave KMS.

    P-256: what securesystemslib's signer for KMS and product.yaml both know.
    """

    def __init__(self, name: str, *, alias: str, what: str, policy: str, options: ResourceOptions) -> None:
        super().__init__("espice:infra:SigningKey", name)
        options = ResourceOptions.merge(options, ResourceOptions(parent=self))
        key = kms.Key(
            name,
            description=what,
            key_usage="SIGN_VERIFY",
            customer_master_key_spec="ECC_NIST_P256",
            deletion_window_in_days=30,
            policy=policy,
            opts=options,
        )
        kms.Alias(f"{name}-alias", name=alias, target_key_id=key.key_id, opts=options)
        self.register_outputs({"alias": alias})

"""What the ground stack registers."""

import json

import pytest

from tests.unit.infra.recorder import DOMAINS, infra_of

EVERYWHERE = pytest.mark.parametrize("environment", sorted(DOMAINS))
ROLES = {"preview", "platform-deploy", "live-deploy", "publish", "brake"}


@EVERYWHERE
def test_what_all_else_stands_on_is_protected_outside_the_laptop(grounds, environment):
    protected = {each.name for each in grounds[environment].resources if each.protect}
    lasting = {"builds", "boundary", "head-key", "head-key-alias", "brake-key", "brake-key-alias"}
    assert protected == (set() if environment == "laptop" else lasting)


@EVERYWHERE
@pytest.mark.parametrize(("what", "signer"), [("head", "live-deploy"), ("brake", "brake")])
def test_head_and_override_are_signed_by_keys_that_stay_in_kms_and_by_one_role_each(grounds, environment, what, signer):
    key = grounds[environment].of("Key")[f"{what}-key"]
    assert (key.inputs["keyUsage"], key.inputs["customerMasterKeySpec"]) == ("SIGN_VERIFY", "ECC_NIST_P256")
    alias = grounds[environment].of("Alias")[f"{what}-key-alias"]
    assert alias.inputs["name"] == f"alias/espice-{environment}-{what}"
    keep, sign = json.loads(key.inputs["policy"])["Statement"]
    account = infra_of(environment).aws.account
    assert "kms:Sign" not in keep["Action"]
    assert sign["Action"] == ["kms:GetPublicKey", "kms:Sign"]
    assert sign["Principal"] == {"AWS": f"arn:aws:iam::{account}:role/espice-{environment}-{signer}"}


@EVERYWHERE
def test_github_is_known_by_its_address_and_asked_for_sts_only(grounds, environment):
    [provider] = grounds[environment].of("OpenIdConnectProvider").values()
    assert provider.inputs == {
        "url": "https://token.actions.githubusercontent.com",
        "clientIdLists": ["sts.amazonaws.com"],
    }


@EVERYWHERE
def test_every_role_is_there_for_an_hour_at_most_with_policies_of_its_own(grounds, environment):
    stack = grounds[environment]
    roles = {role.inputs["name"]: role.inputs["maxSessionDuration"] for role in stack.of("Role").values()}
    assert roles == {f"espice-{environment}-{does}": 3600 for does in ROLES}
    attached = {each.inputs["role"] for each in stack.of("RolePolicyAttachment").values()}
    assert attached == set(roles)
    policies = {each.inputs["name"] for each in stack.of("Policy").values()}
    assert len(policies) == len(stack.of("RolePolicyAttachment")) + 1
    assert f"espice-{environment}-boundary" in policies


@EVERYWHERE
def test_the_stack_says_where_things_are(grounds, environment):
    exports = grounds[environment].exports
    assert (exports["builds"], exports["head-key"], exports["brake-key"]) == (
        f"espice-{environment}-builds",
        f"alias/espice-{environment}-head",
        f"alias/espice-{environment}-brake",
    )
    assert set(exports["roles"]) == ROLES

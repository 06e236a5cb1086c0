"""KMS keys and their aliases. moto signs and encrypts for real, with keys it makes itself."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import Account, ask, chosen, make_or, named, quietly, text
from delivery.laptop.providers.handler import Explicit, Handler, finishing
from delivery.laptop.providers.likeness import Likeness

_FIXED = {"customerMasterKeySpec": "KeySpec", "keyUsage": "KeyUsage", "multiRegion": "MultiRegion"}


class Key(Explicit[Account]):
    """AWS names no key; here its description does, so that a second try finds the one that is there already."""

    key = ("description",)
    replaces = frozenset(_FIXED)
    on_record = False
    likeness = Likeness(
        {"customerMasterKeySpec": "SYMMETRIC_DEFAULT", "keyUsage": "ENCRYPT_DECRYPT", "isEnabled": True}, {"policy"}
    )

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, description = cloud.client("kms"), inputs["description"]
        identity = self._existing(client, description)
        if identity is None:
            made = client.create_key(Description=description, **chosen(inputs, _FIXED))
            identity = made["KeyMetadata"]["KeyId"]
        computed = {"arn": cloud.arn("kms", f"key/{identity}"), "keyId": identity}
        with finishing(identity, computed):
            self._set(client, identity, inputs)
        return identity, computed

    def update(self, cloud: Account, identity: str, old: Properties, inputs: Properties) -> Properties:
        self._set(cloud.client("kms"), identity, inputs)
        return {"arn": old["arn"], "keyId": identity}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        client = cloud.client("kms")
        answer = ask(client.describe_key, KeyId=identity)
        if answer is None or answer["KeyMetadata"]["KeyState"] == "PendingDeletion":
            return None
        key = answer["KeyMetadata"]
        seen = named(key, {**_FIXED, "description": "Description", "isEnabled": "Enabled", "arn": "Arn"})
        if key["KeySpec"] == "SYMMETRIC_DEFAULT":
            seen["enableKeyRotation"] = client.get_key_rotation_status(KeyId=identity)["KeyRotationEnabled"]
        if "policy" in outputs:  # without one, AWS writes its own
            seen["policy"] = client.get_key_policy(KeyId=identity, PolicyName="default")["Policy"]
        return {"keyId": identity, **seen}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        window = {"PendingWindowInDays": outputs.get("deletionWindowInDays", 30)}
        if self.look(cloud, identity, {}) is not None:
            quietly(cloud.client("kms").schedule_key_deletion, KeyId=identity, **window)

    def _existing(self, client: Any, description: str) -> str | None:
        keys = (client.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in client.list_keys()["Keys"])
        alive = (key for key in keys if key["KeyState"] != "PendingDeletion")
        return next((key["KeyId"] for key in alive if key["Description"] == description), None)

    def _set(self, client: Any, identity: str, inputs: Properties) -> None:
        if "policy" in inputs:
            client.put_key_policy(KeyId=identity, PolicyName="default", Policy=text(inputs["policy"]))
        (client.enable_key if inputs.get("isEnabled", True) else client.disable_key)(KeyId=identity)
        if inputs.get("enableKeyRotation"):
            client.enable_key_rotation(KeyId=identity)
        elif inputs.get("enableKeyRotation") is False:
            client.disable_key_rotation(KeyId=identity)


class Alias(Explicit[Account]):
    key = ("name",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        client, wish = cloud.client("kms"), {"AliasName": inputs["name"], "TargetKeyId": inputs["targetKeyId"]}
        make_or(lambda: client.update_alias(**wish), client.create_alias, **wish)
        target = cloud.arn("kms", f"key/{_key_id(inputs['targetKeyId'])}")
        return inputs["name"], {"arn": cloud.arn("kms", inputs["name"]), "targetKeyArn": target}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        listed = cloud.client("kms").list_aliases()["Aliases"]
        target = next((each.get("TargetKeyId") for each in listed if each["AliasName"] == identity), None)
        if target is None:
            return None
        known = outputs.get("targetKeyId", "")
        return {"name": identity, "targetKeyId": known if _key_id(known) == target else target}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("kms").delete_alias, AliasName=identity)


def _key_id(id_or_arn: str) -> str:
    return id_or_arn.rsplit("/", 1)[-1]


HANDLERS: dict[str, Handler[Account]] = {"aws:kms/key:Key": Key(), "aws:kms/alias:Alias": Alias()}

"""AWS Backup: the vault and its lock are moto's; plans, selections and vault policies only lie in the ledger.

moto 5.2.5 has neither selections nor vault policies, and can neither change a plan nor forget one.
"""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import Account, ask, chosen, make_or, quietly
from delivery.laptop.providers.aws.recorded import Recorded
from delivery.laptop.providers.handler import Explicit, Handler


class Vault(Explicit[Account]):
    key = ("name",)
    replaces = frozenset({"kmsKeyArn"})
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name, key = inputs["name"], chosen(inputs, {"kmsKeyArn": "EncryptionKeyArn"})
        make_or(lambda: None, cloud.client("backup").create_backup_vault, BackupVaultName=name, **key)
        return name, {"arn": cloud.arn("backup", f"backup-vault:{name}"), "recoveryPoints": 0}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        is_there = ask(cloud.client("backup").describe_backup_vault, BackupVaultName=identity) is not None
        return {"name": identity} if is_there else None

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("backup").delete_backup_vault, BackupVaultName=identity)


_LOCK = {
    "minRetentionDays": "MinRetentionDays",
    "maxRetentionDays": "MaxRetentionDays",
    "changeableForDays": "ChangeableForDays",
}


class VaultLock(Explicit[Account]):
    key = ("backupVaultName",)
    on_record = False

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        name = inputs["backupVaultName"]
        cloud.client("backup").put_backup_vault_lock_configuration(BackupVaultName=name, **chosen(inputs, _LOCK))
        return name, {"backupVaultArn": cloud.arn("backup", f"backup-vault:{name}")}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        listed = cloud.client("backup").list_backup_vaults()["BackupVaultList"]
        vault: dict[str, Any] = next((each for each in listed if each["BackupVaultName"] == identity), {})
        if not vault.get("Locked"):
            return None
        days = ("minRetentionDays", "maxRetentionDays")  # when it can be changed no longer, a vault tells by date
        return {"backupVaultName": identity, **{name: vault.get(_LOCK[name]) for name in days}}

    def delete(self, cloud: Account, identity: str, outputs: Properties) -> None:
        quietly(cloud.client("backup").delete_backup_vault_lock_configuration, BackupVaultName=identity)


_PLAN, _SELECTION, _POLICY = (
    "aws:backup/plan:Plan",
    "aws:backup/selection:Selection",
    "aws:backup/vaultPolicy:VaultPolicy",
)

HANDLERS: dict[str, Handler[Account]] = {
    "aws:backup/vault:Vault": Vault(),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": VaultLock(),
    _PLAN: Recorded(_PLAN, "name", service="backup", arn="backup-plan:{}"),
    _SELECTION: Recorded(_SELECTION, "planId", "name"),
    _POLICY: Recorded(_POLICY, "backupVaultName", documents={"policy"}),
}

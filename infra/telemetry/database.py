"""PostgreSQL for what installations report, and how it is brought back: to any moment, or from locked copies."""

from __future__ import annotations

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import backup, cloudwatch, iam, rds

from infra import network, permissions
from infra.config import Aws, LogDays
from infra.config import Database as Config
from infra.names import Names, database_log
from infra.network import Network

ENGINE = "18"  # the major version; RDS takes over minor ones by itself
PORT = 5432
NAME = "telemetry"
OWNER = "owner"  # whom only the bootstrap signs in as; RDS keeps and rotates that password in Secrets Manager
GROWTH = 4  # times as much storage as it begins with is taken by itself
AUTHORITY = "rds-ca-rsa2048-g1"

COPIER = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"

# UTC; one after the other, at night in both offices' times or nearly so. RDS takes no copy in its own two windows, nor
# in the hour before its maintenance.
COPIED = "cron(30 0 * * ? *)"
COPY_BEGINS = 60  # minutes after that at most
COPY_TAKES = 120  # minutes from then on at most
BACKED_UP = "03:30-04:00"
MAINTAINED = "tue:04:30-tue:05:30"


class Database(pulumi.ComponentResource):
    """One instance that only TLS, and only what is let in by `network.lead`, reaches; its copies in a vault."""

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        aws: Aws,
        config: Config,
        log_days: LogDays,
        within: Network,
        provider: pulumi.ProviderResource,
    ) -> None:
        super().__init__("espice:infra:Database", name)
        self._name, self._names, self._aws, self._config = name, names, aws, config
        self._options = ResourceOptions(parent=self, provider=provider)
        self._kept = ResourceOptions(parent=self, provider=provider, protect=names.kept)
        self.group = network.security_group(
            name,
            called=names.database,
            description="The telemetry's database",
            vpc_id=within.vpc.id,
            opts=self._options,
        )
        self.instance = self._run(self._log(log_days), within)
        self._copy()
        self.register_outputs({"database": self.instance.identifier})

    def _log(self, days: LogDays) -> cloudwatch.LogGroup:
        return cloudwatch.LogGroup(
            f"{self._name}-log", name=database_log(self._names.database), retention_in_days=days, opts=self._options
        )

    def _run(self, log: cloudwatch.LogGroup, within: Network) -> rds.Instance:
        names, config = self._names, self._config
        subnets = rds.SubnetGroup(
            f"{self._name}-subnets",
            name=names.database,
            description="Private, in two zones",
            subnet_ids=[subnet.id for subnet in within.subnets],
            opts=self._options,
        )
        parameters = rds.ParameterGroup(
            f"{self._name}-parameters",
            name=f"{names.database}-{ENGINE}",
            family=f"postgres{ENGINE}",
            description="TLS only",
            parameters=[{"name": "rds.force_ssl", "value": "1", "apply_method": "immediate"}],
            opts=self._options,
        )
        return rds.Instance(
            self._name,
            identifier=names.database,
            engine="postgres",
            engine_version=ENGINE,
            auto_minor_version_upgrade=True,
            instance_class=config.size,
            allocated_storage=config.storage,
            max_allocated_storage=GROWTH * config.storage,
            storage_type="gp3",
            storage_encrypted=True,
            multi_az=config.two_zones,
            db_name=NAME,
            username=OWNER,
            manage_master_user_password=True,
            iam_database_authentication_enabled=True,
            ca_cert_identifier=AUTHORITY,
            port=PORT,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[self.group.id],
            publicly_accessible=False,
            parameter_group_name=parameters.name,
            enabled_cloudwatch_logs_exports=["postgresql"],
            backup_retention_period=config.restorable,
            backup_window=BACKED_UP,
            maintenance_window=MAINTAINED,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not names.kept,
            deletion_protection=names.kept,
            skip_final_snapshot=not names.kept,
            final_snapshot_identifier=f"{names.database}-final" if names.kept else None,
            tags={"Name": names.database},
            # Without its log group first, RDS would make one itself that keeps everything for ever.
            opts=ResourceOptions(parent=self, provider=self._options.provider, protect=names.kept, depends_on=[log]),
        )

    def _copy(self) -> None:
        """A copy a day, in a vault of its own: what deletes the database and its backups does not reach it."""
        names, days = self._names, self._config.vaulted
        vault = backup.Vault(f"{self._name}-vault", name=names.vault, opts=self._kept)
        if names.kept:
            # Governance: somebody who may can take the lock off, on purpose; no copy is deleted by the way.
            backup.VaultLockConfiguration(
                f"{self._name}-vault-lock",
                backup_vault_name=vault.name,
                min_retention_days=days,
                opts=self._options,
            )
        plan = backup.Plan(
            f"{self._name}-copies",
            name=names.vault,
            rules=[
                {
                    "rule_name": "daily",
                    "target_vault_name": vault.name,
                    "schedule": COPIED,
                    "start_window": COPY_BEGINS,
                    "completion_window": COPY_TAKES,
                    "lifecycle": {"delete_after": days},
                }
            ],
            opts=self._options,
        )
        role, allowed = self._copier()
        backup.Selection(
            f"{self._name}-copied",
            name=names.database,
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[self.instance.arn],
            opts=ResourceOptions(parent=self, provider=self._options.provider, depends_on=[allowed]),
        )

    def _copier(self) -> tuple[iam.Role, iam.RolePolicyAttachment]:
        role = iam.Role(
            f"{self._name}-copier",
            name=self._names.vault,
            assume_role_policy=permissions.assumed_by("backup.amazonaws.com", self._aws.account),
            permissions_boundary=permissions.boundary_arn(self._names, self._aws),
            opts=self._options,
        )
        # AWS's own policy for this: what Backup needs is Backup's matter, and changes with it.
        allowed = iam.RolePolicyAttachment(
            f"{self._name}-copier-permissions", role=role.name, policy_arn=COPIER, opts=self._options
        )
        return role, allowed

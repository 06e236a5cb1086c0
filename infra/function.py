"""One Lambda function: its role, its log, its code by digest, and the alias behind which its versions answer."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi import ResourceOptions
from pulumi_aws import cloudwatch, iam, lambda_

from infra import permissions
from infra.build import Build
from infra.config import Aws, LogDays
from infra.names import ALIAS, Names, log_group

RUNTIME = "python3.13"
ARCHITECTURE = "arm64"


def log_arn(aws: Aws, function: str) -> str:
    """The log group of a function, for the policy of its role."""
    return f"arn:aws:logs:{aws.region}:{aws.account}:log-group:{log_group(function)}"


class Function(pulumi.ComponentResource):
    """A function whose every change publishes a version.

    `function` is its physical name, and its role's. `policy` is what the role may do, writing to `log_arn` included.
    `environment` are the variables that its app is set by; `memory` is in MB, `timeout` in seconds; `vpc` only where it
    must reach a private network.
    """

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        aws: Aws,
        function: str,
        description: str,
        build: Build,
        handler: str,
        environment: pulumi.Input[Mapping[str, str]],
        memory: int,
        timeout: int,
        log_days: LogDays,
        policy: pulumi.Input[str],
        provider: pulumi.ProviderResource,
        parent: pulumi.Resource | None = None,
        vpc: lambda_.FunctionVpcConfigArgsDict | None = None,
    ) -> None:
        super().__init__("espice:infra:Function", name, opts=ResourceOptions(parent=parent))
        self._name, self._options = name, ResourceOptions(parent=self, provider=provider)
        self.role = iam.Role(
            f"{name}-role",
            name=function,
            assume_role_policy=permissions.assumed_by("lambda.amazonaws.com", aws.account),
            permissions_boundary=permissions.boundary_arn(names, aws),
            opts=self._options,
        )
        allowed = iam.RolePolicy(
            f"{name}-permissions", name=function, role=self.role.name, policy=policy, opts=self._options
        )
        log = cloudwatch.LogGroup(
            f"{name}-log", name=log_group(function), retention_in_days=log_days, opts=self._options
        )
        self.function = lambda_.Function(
            name,
            name=function,
            description=description,
            role=self.role.arn,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=handler,
            s3_bucket=names.builds,
            s3_key=build.key,
            source_code_hash=build.code_hash,
            memory_size=memory,
            timeout=timeout,
            environment={"variables": environment},
            vpc_config=vpc,
            publish=True,
            # Without its log group first, Lambda would make one itself that keeps everything for ever.
            opts=ResourceOptions(parent=self, provider=provider, depends_on=[log, allowed]),
        )
        self.register_outputs({"function": self.function.name})

    def alias(self, live: str | None = None, weight: float = 0.0) -> lambda_.Alias:
        """The name under which versions answer: `live`, without it the newest; the newest answers the share `weight`.

        Lambda refuses an alias that shares one version's requests with itself, so `weight` counts with `live` only.
        """
        newest = self.function.version
        shared = live is not None and weight > 0
        return lambda_.Alias(
            f"{self._name}-live",
            name=ALIAS,
            description="Which versions answer, and in what shares.",
            function_name=self.function.name,
            function_version=live or newest,
            routing_config=newest.apply(lambda its: _share(its, weight)) if shared else None,
            opts=self._options,
        )


def _share(version: str, weight: float) -> lambda_.AliasRoutingConfigArgsDict:
    return {"additional_version_weights": {version: weight}}

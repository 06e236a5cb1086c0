"""The update endpoint: a Lambda function behind an HTTP API with a host of its own, and which of its builds answers.

Every apply of a new build publishes a new version; the alias says which versions answer and in what shares.
The API is reached through Cloudflare only by name (a proxied record), and its own execute-api host is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions
from pulumi_aws import acm, apigatewayv2, cloudwatch, iam, lambda_

from infra import permissions
from infra.build import Build
from infra.config import Endpoint, InfraConfig
from infra.names import ALIAS, Names

HANDLER = "delivery.endpoint.handler.handler"
RUNTIME = "python3.13"
ARCHITECTURE = "arm64"


@dataclass(frozen=True, slots=True)
class Shares:
    """The version that answers, and the share (0 to 1) of each other one."""

    version: str
    others: Mapping[str, float]


def shares(config: Endpoint, newest: str) -> Shares:
    """Which versions answer, when `newest` is the newest published one.

    A function that was only just made has version 1 and no other, whatever the stack file pins: so a rebuild from
    nothing works. Any other pin that does not exist is refused by Lambda itself.
    """
    if newest == "1":
        return Shares("1", {})
    live = newest if config.live == "newest" else config.live
    following = newest if config.next == "newest" else config.next
    if following == live or not config.weight:
        return Shares(live, {})
    return Shares(live, {following: config.weight})


@dataclass(frozen=True, slots=True)
class Clouds:
    """The providers that the endpoint spans: its host's records lie in Cloudflare."""

    aws: pulumi.ProviderResource
    cloudflare: pulumi.ProviderResource


class UpdateEndpoint(pulumi.ComponentResource):
    """Function, alias, API and host. `environment` are the variables that its app is set by."""

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        config: InfraConfig,
        build: Build,
        environment: Mapping[str, str],
        clouds: Clouds,
    ) -> None:
        super().__init__("espice:infra:UpdateEndpoint", name)
        self._names, self._config = names, config
        self._aws = ResourceOptions(parent=self, provider=clouds.aws)
        self._cloudflare = ResourceOptions(parent=self, provider=clouds.cloudflare)
        self.function = self._run(build, environment)
        self.alias = self._weigh()
        self.api = self._answer()
        self._name_it(self._certify())
        self.register_outputs({"function": self.function.name, "version": self.alias.function_version})

    def _log(self) -> cloudwatch.LogGroup:
        return cloudwatch.LogGroup(
            "updates-log",
            name=self._names.log_group,
            retention_in_days=self._config.endpoint.log_days,
            opts=self._aws,
        )

    def _role(self) -> tuple[iam.Role, iam.RolePolicy]:
        aws = self._config.aws
        role = iam.Role(
            "updates-role",
            name=self._names.function,
            assume_role_policy=permissions.assumed_by("lambda.amazonaws.com", aws.account),
            opts=self._aws,
        )
        log_arn = f"arn:aws:logs:{aws.region}:{aws.account}:log-group:{self._names.log_group}"
        allowed = iam.RolePolicy(
            "updates-permissions",
            name="read-catalog-and-write-log",
            role=role.name,
            policy=permissions.endpoint(self._names.catalog, log_arn),
            opts=self._aws,
        )
        return role, allowed

    def _run(self, build: Build, environment: Mapping[str, str]) -> lambda_.Function:
        role, allowed = self._role()
        return lambda_.Function(
            "updates",
            name=self._names.function,
            description="Answers ESpice installations that ask for updates.",
            role=role.arn,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=HANDLER,
            s3_bucket=self._names.builds,
            s3_key=build.key,
            source_code_hash=build.code_hash,
            memory_size=self._config.endpoint.memory,
            timeout=self._config.endpoint.timeout,
            environment={"variables": dict(environment)},
            publish=True,
            # Without its log group first, Lambda would make one itself that keeps everything for ever.
            opts=ResourceOptions(parent=self, provider=self._aws.provider, depends_on=[self._log(), allowed]),
        )

    def _weigh(self) -> lambda_.Alias:
        now = self.function.version.apply(lambda newest: shares(self._config.endpoint, newest))
        return lambda_.Alias(
            "updates-live",
            name=ALIAS,
            description="Which builds answer, and in what shares.",
            function_name=self.function.name,
            function_version=now.apply(lambda its: its.version),
            routing_config=now.apply(_routing),
            opts=self._aws,
        )

    def _answer(self) -> apigatewayv2.Api:
        api = apigatewayv2.Api(
            "updates-api",
            name=self._names.function,
            protocol_type="HTTP",
            disable_execute_api_endpoint=True,
            opts=self._aws,
        )
        lambda_.Permission(
            "updates-invoke",
            statement_id="http-api",
            action="lambda:InvokeFunction",
            function=self.function.name,
            qualifier=self.alias.name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
            opts=self._aws,
        )
        integration = apigatewayv2.Integration(
            "updates-integration",
            api_id=api.id,
            integration_type="AWS_PROXY",
            integration_method="POST",
            integration_uri=self.alias.invoke_arn,
            payload_format_version="2.0",
            timeout_milliseconds=self._config.endpoint.timeout * 1000,
            opts=self._aws,
        )
        apigatewayv2.Route(
            "updates-route",
            api_id=api.id,
            route_key="$default",
            target=pulumi.Output.concat("integrations/", integration.id),
            opts=self._aws,
        )
        return api

    def _certify(self) -> acm.CertificateValidation:
        """A certificate for the host, proved to be ours by a record in our zone."""
        certificate = acm.Certificate(
            "updates-certificate", domain_name=self._names.updates_host, validation_method="DNS", opts=self._aws
        )
        asked = certificate.domain_validation_options[0]
        proof = cloudflare.DnsRecord(
            "updates-certificate-proof",
            zone_id=self._config.cloudflare.zone,
            # ACM writes names with the final dot, Cloudflare without: left in, every preview would show a change.
            name=asked.resource_record_name.apply(_without_dot),
            type=asked.resource_record_type,
            content=asked.resource_record_value.apply(_without_dot),
            ttl=60,
            proxied=False,
            opts=self._cloudflare,
        )
        return acm.CertificateValidation(
            "updates-certificate-proved",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[proof.name],
            opts=self._aws,
        )

    def _name_it(self, certificate: acm.CertificateValidation) -> None:
        stage = apigatewayv2.Stage(
            "updates-stage", api_id=self.api.id, name="$default", auto_deploy=True, opts=self._aws
        )
        domain = apigatewayv2.DomainName(
            "updates-domain",
            domain_name=self._names.updates_host,
            domain_name_configuration={
                "certificate_arn": certificate.certificate_arn,
                "endpoint_type": "REGIONAL",
                "security_policy": "TLS_1_2",
            },
            opts=self._aws,
        )
        mapping = apigatewayv2.ApiMapping(
            "updates-mapping", api_id=self.api.id, domain_name=domain.id, stage=stage.id, opts=self._aws
        )
        cloudflare.DnsRecord(
            "updates-record",
            zone_id=self._config.cloudflare.zone,
            name=self._names.updates_host,
            type="CNAME",
            content=domain.domain_name_configuration.target_domain_name,
            proxied=True,
            ttl=1,  # the only one Cloudflare takes for a proxied record
            # The name appears only when something answers behind it, and nothing but a reviewed change takes it away:
            # every installation in the world knows it.
            opts=ResourceOptions(
                parent=self,
                provider=self._cloudflare.provider,
                depends_on=[mapping],
                protect=self._names.kept,
            ),
        )


def _routing(its: Shares) -> lambda_.AliasRoutingConfigArgsDict | None:
    return {"additional_version_weights": dict(its.others)} if its.others else None


def _without_dot(name: str) -> str:
    return name.rstrip(".")

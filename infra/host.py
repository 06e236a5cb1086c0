"""A host of ours that a function answers: HTTP API, certificate, domain, and the record that leads there.

The API is reached through Cloudflare only by name (a proxied record); its own execute-api host is closed. With a trust
store it also asks every caller for a certificate that the store knows, which Cloudflare shows and nobody else can.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions
from pulumi_aws import acm, apigatewayv2, lambda_

from infra.names import Names


@dataclass(frozen=True, slots=True)
class Clouds:
    """The providers that a host spans: its records lie in Cloudflare."""

    aws: pulumi.ProviderResource
    cloudflare: pulumi.ProviderResource


class Host(pulumi.ComponentResource):
    """The API called `api`, whose `$default` route leads to an alias, at https://<host>.

    `zone` is Cloudflare's id of the zone that the host lies in; `timeout` is the function's, in seconds; `truststore`
    the S3 address of the certificates that may call.
    """

    def __init__(
        self,
        name: str,
        *,
        names: Names,
        api: str,
        host: str,
        zone: str,
        alias: lambda_.Alias,
        timeout: int,
        clouds: Clouds,
        parent: pulumi.Resource | None = None,
        truststore: pulumi.Input[str] | None = None,
    ) -> None:
        super().__init__("espice:infra:Host", name, opts=ResourceOptions(parent=parent))
        self._name, self._host, self._zone, self._kept = name, host, zone, names.kept
        self._aws = ResourceOptions(parent=self, provider=clouds.aws)
        self._cloudflare = ResourceOptions(parent=self, provider=clouds.cloudflare)
        self.api, answering = self._answer(api, alias, timeout)
        certificate = self._certify()
        self.certificate: pulumi.Output[str] = certificate.certificate_arn
        self._lead_here(self._domain(certificate, truststore), answering)
        self.register_outputs({"host": host})

    def _answer(self, name: str, alias: lambda_.Alias, timeout: int) -> tuple[apigatewayv2.Api, list[pulumi.Resource]]:
        """The API, and what it cannot answer without."""
        api = apigatewayv2.Api(
            f"{self._name}-api", name=name, protocol_type="HTTP", disable_execute_api_endpoint=True, opts=self._aws
        )
        permission = lambda_.Permission(
            f"{self._name}-invoke",
            statement_id="http-api",
            action="lambda:InvokeFunction",
            function=alias.function_name,
            qualifier=alias.name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
            opts=self._aws,
        )
        integration = apigatewayv2.Integration(
            f"{self._name}-integration",
            api_id=api.id,
            integration_type="AWS_PROXY",
            integration_method="POST",
            integration_uri=alias.invoke_arn,
            payload_format_version="2.0",
            timeout_milliseconds=timeout * 1000,
            opts=self._aws,
        )
        route = apigatewayv2.Route(
            f"{self._name}-route",
            api_id=api.id,
            route_key="$default",
            target=pulumi.Output.concat("integrations/", integration.id),
            opts=self._aws,
        )
        return api, [permission, route]

    def _certify(self) -> acm.CertificateValidation:
        """A certificate for the host, proved to be ours by a record in our zone."""
        certificate = acm.Certificate(
            f"{self._name}-certificate", domain_name=self._host, validation_method="DNS", opts=self._aws
        )
        asked = certificate.domain_validation_options[0]
        proof = cloudflare.DnsRecord(
            f"{self._name}-certificate-proof",
            zone_id=self._zone,
            # ACM writes names with the final dot, Cloudflare without: left in, every preview would show a change.
            name=asked.resource_record_name.apply(_without_dot),
            type=asked.resource_record_type,
            content=asked.resource_record_value.apply(_without_dot),
            ttl=60,
            proxied=False,
            opts=self._cloudflare,
        )
        return acm.CertificateValidation(
            f"{self._name}-certificate-proved",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[proof.name],
            opts=self._aws,
        )

    def _domain(
        self, certificate: acm.CertificateValidation, truststore: pulumi.Input[str] | None
    ) -> apigatewayv2.DomainName:
        return apigatewayv2.DomainName(
            f"{self._name}-domain",
            domain_name=self._host,
            domain_name_configuration={
                "certificate_arn": certificate.certificate_arn,
                "endpoint_type": "REGIONAL",
                "security_policy": "TLS_1_2",
            },
            mutual_tls_authentication=None if truststore is None else {"truststore_uri": truststore},
            opts=self._aws,
        )

    def _lead_here(self, domain: apigatewayv2.DomainName, answering: list[pulumi.Resource]) -> None:
        stage = apigatewayv2.Stage(
            f"{self._name}-stage", api_id=self.api.id, name="$default", auto_deploy=True, opts=self._aws
        )
        mapping = apigatewayv2.ApiMapping(
            f"{self._name}-mapping", api_id=self.api.id, domain_name=domain.id, stage=stage.id, opts=self._aws
        )
        cloudflare.DnsRecord(
            f"{self._name}-record",
            zone_id=self._zone,
            name=self._host,
            type="CNAME",
            content=domain.domain_name_configuration.target_domain_name,
            proxied=True,
            ttl=1,  # the only one Cloudflare takes for a proxied record
            # The name appears only when something answers behind it, and nothing but a reviewed change takes it away:
            # installations and people know it.
            opts=ResourceOptions(
                parent=self,
                provider=self._cloudflare.provider,
                depends_on=[mapping, *answering],
                protect=self._kept,
            ),
        )


def _without_dot(name: str) -> str:
    return name.rstrip(".")

"""Our own stacks meet every policy, and every type they use was looked at."""

from typing import get_args

import pytest

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.registry import plan_only_packages
from delivery.laptop.providers.server import serve
from delivery.rules.shapes import Environment
from infra.build import Build
from policies import POLICIES
from policies.names import NAMED
from policies.protection import STATEFUL
from tests.engines.test_our_stacks import ground, live, platform

pytestmark = pytest.mark.slow

OURS = ("aws:", "cloudflare:")

NAMELESS = {
    "aws:acm/certificate:Certificate",
    "aws:acm/certificateValidation:CertificateValidation",
    "aws:apigatewayv2/apiMapping:ApiMapping",
    "aws:apigatewayv2/domainName:DomainName",
    "aws:apigatewayv2/integration:Integration",
    "aws:apigatewayv2/route:Route",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:kms/key:Key",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "aws:route53/healthCheck:HealthCheck",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketObjectv2:BucketObjectv2",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    "aws:sqs/redrivePolicy:RedrivePolicy",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "cloudflare:index/authenticatedOriginPullsCertificate:AuthenticatedOriginPullsCertificate",
    "cloudflare:index/authenticatedOriginPullsSettings:AuthenticatedOriginPullsSettings",
    "cloudflare:index/botManagement:BotManagement",
    "cloudflare:index/dnsRecord:DnsRecord",
    "cloudflare:index/healthcheck:Healthcheck",
    "cloudflare:index/notificationPolicy:NotificationPolicy",
    "cloudflare:index/r2CustomDomain:R2CustomDomain",
    "cloudflare:index/ruleset:Ruleset",
    "cloudflare:index/tieredCache:TieredCache",
    "cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication",
    "cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy",
    "cloudflare:index/zoneDnssec:ZoneDnssec",
    "cloudflare:index/zoneSetting:ZoneSetting",
}
"""Types that have no name which a provider would make up: it is required, belongs to another thing, or is an id."""


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """What each environment's stacks would make."""
    handle = serve(plan_only_packages(), plan_only=True)
    engine = EmbeddedEngine(tmp_path_factory.mktemp("state"), handle.addresses, POLICIES)
    outcomes = {
        environment: [
            engine.preview(wish)
            for wish in (ground(environment), platform(environment, Build("ab" * 32)), live(environment, b"{}"))
        ]
        for environment in get_args(Environment)
    }
    handle.stop()
    return outcomes


@pytest.mark.parametrize("environment", get_args(Environment))
def test_every_stack_meets_every_policy(planned, environment):
    assert [outcome.errors for outcome in planned[environment]] == [(), (), ()]


def test_every_type_is_named_or_cannot_be(planned):
    used = {step.type for outcome in planned["production"] for step in outcome.steps if step.type.startswith(OURS)}
    assert used == NAMED.keys() | NAMELESS


def test_what_is_stateful_is_used():
    assert STATEFUL.keys() <= NAMED.keys() | NAMELESS

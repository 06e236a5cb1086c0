"""What the platform stack registers, in every environment."""

import base64
import json

import pytest

from tests.unit.infra.recorder import DOMAINS

ENVIRONMENTS = sorted(DOMAINS)
EVERYWHERE = pytest.mark.parametrize("environment", ENVIRONMENTS)
LASTING = {"archive", "catalog", "downloads", "logs"}


@EVERYWHERE
def test_every_cloud_resource_is_given_its_provider(platforms, environment):
    # A default provider would act in whatever account the credentials of the day belong to.
    cloud = [each for each in platforms[environment].resources if each.type.startswith(("aws:", "cloudflare:"))]
    assert cloud
    assert [each.urn for each in cloud if f"::{each.type.split(':')[0]}::" not in each.provider] == []


@EVERYWHERE
def test_the_aws_provider_refuses_any_other_account(platforms, inputs, environment):
    provider = platforms[environment].of("aws")["aws"]
    assert json.loads(provider.inputs["allowedAccountIds"]) == [inputs(environment).infra.aws.account]


@EVERYWHERE
def test_what_cannot_be_made_again_is_protected_outside_the_laptop(platforms, environment):
    buckets = platforms[environment].of("Bucket") | platforms[environment].of("R2Bucket")
    assert set(buckets) == LASTING | {"site"}
    protected = {name for name, bucket in buckets.items() if bucket.protect}
    assert protected == (set() if environment == "laptop" else LASTING)


@EVERYWHERE
def test_the_record_that_every_installation_knows_is_protected_outside_the_laptop(platforms, environment):
    assert platforms[environment].of("DnsRecord")["updates-record"].protect == (environment != "laptop")


def test_the_endpoint_reads_the_catalog_and_writes_its_log_and_may_nothing_else(platforms):
    assert platforms["staging"].of("RolePolicy")["updates-permissions"].inputs["policy"] == (
        '{"Statement": [{"Action": "s3:GetObject", "Effect": "Allow", '
        '"Resource": "arn:aws:s3:::espice-staging-catalog/catalog/*", "Sid": "ReadCatalog"}, '
        '{"Action": "s3:ListBucket", "Effect": "Allow", '
        '"Resource": "arn:aws:s3:::espice-staging-catalog", "Sid": "TellAbsent"}, '
        '{"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Effect": "Allow", '
        '"Resource": "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/espice-staging-updates:*", '
        '"Sid": "WriteLog"}], "Version": "2012-10-17"}'
    )


@EVERYWHERE
def test_the_function_runs_the_build_and_is_told_its_settings(platforms, inputs, environment):
    function = platforms[environment].of("Function")["updates"].inputs
    # No stack makes this bucket: a build must be there before the first program that runs it.
    assert (function["s3Bucket"], function["s3Key"]) == (f"espice-{environment}-builds", f"{'ab' * 32}.zip")
    assert base64.b64decode(function["sourceCodeHash"]).hex() == "ab" * 32
    assert function["publish"] is True
    assert function["environment"] == {"variables": inputs(environment).endpoint_settings().to_env()}
    assert inputs(environment).endpoint_settings().downloads_url == f"https://downloads.{DOMAINS[environment]}"


def test_no_two_environments_share_a_physical_name(platforms):
    kinds = ("Bucket", "R2Bucket", "Function", "Role", "LogGroup", "Api", "Topic", "MetricAlarm")
    named = [
        (each.type, each.inputs.get("bucket") or each.inputs["name"])
        for stack in platforms.values()
        for kind in kinds
        for each in stack.of(kind).values()
    ]
    assert len(named) == len(set(named)) > len(platforms) * 12


def test_the_stack_says_where_things_are(platforms):
    exports = platforms["production"].exports
    assert exports["hosts"] == {
        "updates": "updates.espice.app",
        "downloads": "downloads.espice.app",
        "site": "espice.app",
        "console": "console.espice.app",
    }
    assert exports["function"] == "espice-production-updates"

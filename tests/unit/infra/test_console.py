"""What staff see, as it is provisioned."""

import base64
import json

import pytest

from delivery.console.settings import Settings
from infra.console import console_settings
from tests.unit.infra.recorder import DOMAINS, infra_of

EVERYWHERE = pytest.mark.parametrize("environment", sorted(DOMAINS))


@EVERYWHERE
def test_the_console_answers_on_its_own_host_through_the_edge_only(platforms, environment):
    stack, host = platforms[environment], f"console.{DOMAINS[environment]}"
    assert stack.of("Api")["console-api"].inputs["disableExecuteApiEndpoint"] is True
    assert stack.of("DomainName")["console-domain"].inputs["domainName"] == host
    assert stack.of("Certificate")["console-certificate"].inputs["domainName"] == host
    record = stack.of("DnsRecord")["console-record"].inputs
    assert (record["name"], record["type"], record["proxied"]) == (host, "CNAME", True)


@EVERYWHERE
def test_the_console_runs_its_own_build(platforms, inputs, environment):
    function = platforms[environment].of("Function")["console"].inputs
    assert base64.b64decode(function["sourceCodeHash"]).hex() == inputs(environment).builds.console.sha256
    assert function["handler"] == "delivery.console.handler.handler"
    assert function["memorySize"] == infra_of(environment).console.memory


@EVERYWHERE
def test_the_console_reads_the_catalog_and_may_change_nothing(platforms, environment):
    policy = json.loads(platforms[environment].of("RolePolicy")["console-permissions"].inputs["policy"])
    assert {each["Sid"]: each["Action"] for each in policy["Statement"]} == {
        "ReadCatalog": "s3:GetObject",
        "TellAbsent": "s3:ListBucket",
        "WriteLog": ["logs:CreateLogStream", "logs:PutLogEvents"],
    }


@EVERYWHERE
def test_the_console_is_told_whom_to_believe_and_which_builds_answer(inputs, environment):
    config = infra_of(environment)
    told = console_settings(inputs(environment).endpoint_settings(), config, "the-audience")
    assert (told.access.access_team, told.access.access_audience) == (config.console.team, "the-audience")
    assert (told.builds.build_live, told.builds.build_next) == (config.endpoint.live, config.endpoint.next)
    assert Settings.from_env(told.to_env()) == told

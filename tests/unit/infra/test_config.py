"""Stack files: the reviewed ones, and what is said about bad ones."""

import pytest

from infra import config
from tests.unit.infra.recorder import DOMAINS, ROOT, infra_of

STAGING = (ROOT / "Pulumi.staging.yaml").read_text()


def problems(before: str, after: str) -> list[str]:
    """Everything wrong with staging's stack file after this edit."""
    assert before in STAGING
    value, found = config.read("Pulumi.staging.yaml", STAGING.replace(before, after, 1).encode())
    assert (value is None) == bool(found)
    return [str(problem) for problem in found]


@pytest.mark.parametrize("environment", sorted(DOMAINS))
def test_the_reviewed_stack_files_are_right(environment):
    assert infra_of(environment).alarms.recipients


def test_a_stack_file_may_say_how_its_secrets_are_encrypted():
    assert problems("config:", "secretsprovider: awskms://alias/espice\nencryptedkey: QUJD\nconfig:") == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "us-east-1",
            "eu-central-1",
            'Pulumi.staging.yaml:7: config.espice:infra.aws.region: "eu-central-1" is not us-east-1, '
            "the only region where Route 53 reports health; write one",
        ),
        (
            '"000000000000"',
            "000000000000",
            "Pulumi.staging.yaml:6: config.espice:infra.aws.account: "
            '000000000000 without quotes is a number to YAML; quote it: "000000000000"',
        ),
        (
            "weight: 0.0",
            "weight: 1.5",
            "Pulumi.staging.yaml:15: config.espice:infra.endpoint.weight: "
            "1.5 is above 1; write a share from 0.0 to 1.0",
        ),
        (
            "weight: 0.0",
            "weight: ten",
            "Pulumi.staging.yaml:15: config.espice:infra.endpoint.weight: "
            '"ten" is not a number; write a share from 0.0 to 1.0',
        ),
        (
            "live: newest",
            "live: 3",
            "Pulumi.staging.yaml:13: config.espice:infra.endpoint.live: "
            '3 without quotes is a number to YAML; quote it: "3"',
        ),
        (
            "location: weur",
            "location: WEUR",
            "Pulumi.staging.yaml:11: config.espice:infra.cloudflare.location: "
            '"WEUR" is not allowed here; write apac, eeur, enam, weur, wnam or oc',
        ),
        (
            "archive-locked: 1",
            "archive-locked: 0",
            "Pulumi.staging.yaml:21: config.espice:infra.keep.archive-locked: "
            "0 is below 1; write a whole number of days, at most ten years",
        ),
        (
            "updates@espice.app",
            "updates",
            "Pulumi.staging.yaml:27: config.espice:infra.alarms.recipients.0: "
            '"updates" is not an e-mail address; write one',
        ),
    ],
)
def test_a_bad_value_is_shown_with_its_line_and_its_mend(before, after, message):
    assert problems(before, after) == [message]


def test_a_misspelt_key_and_what_is_missing_for_it_are_told_together():
    assert problems("memory: 256", "memori: 256") == [
        "Pulumi.staging.yaml:12: config.espice:infra.endpoint.memory: "
        "is missing; write a memory size in MB that Lambda has",
        "Pulumi.staging.yaml:16: config.espice:infra.endpoint.memori: is not a key here; did you mean memory?",
    ]


def test_what_product_yaml_says_has_no_place_in_a_stack_file():
    assert problems("    aws:\n", "    domain: espice.app\n    aws:\n") == [
        "Pulumi.staging.yaml:5: config.espice:infra.domain: is not a key here; "
        "the keys here are alarms, aws, cloudflare, endpoint and keep"
    ]


def test_staging_and_production_share_no_zone_once_they_are_bootstrapped():
    zones = {infra_of(each).cloudflare.zone for each in ("staging", "production")}
    assert len(zones) == 2 or zones == {"0" * 32}

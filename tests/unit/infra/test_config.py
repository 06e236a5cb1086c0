"""Stack files: the reviewed ones, and what is said about bad ones."""

import re

import pytest

from infra import config
from tests.unit.infra.recorder import DOMAINS, ROOT, infra_of

STAGING = (ROOT / "Pulumi.staging.yaml").read_text()
LAPTOP = (ROOT / "Pulumi.laptop.yaml").read_text()
ZEROS = f"sha256:{'0' * 64}"


def problems(before: str, after: str) -> list[str]:
    """Everything wrong with staging's stack file after this edit; the edited line is called LINE."""
    assert before in STAGING
    edited = STAGING.replace(before, after, 1)
    value, found = config.read("Pulumi.staging.yaml", edited.encode())
    assert (value is None) == bool(found)
    line = edited[: STAGING.index(before)].count("\n") + 1
    return [str(problem).replace(f".yaml:{line}:", ".yaml:LINE:") for problem in found]


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
            'Pulumi.staging.yaml:LINE: config.espice:infra.aws.region: "eu-central-1" is not us-east-1, '
            "the only region where Route 53 reports health; write one",
        ),
        (
            '"000000000000"',
            "000000000000",
            "Pulumi.staging.yaml:LINE: config.espice:infra.aws.account: "
            '000000000000 without quotes is a number to YAML; quote it: "000000000000"',
        ),
        (
            "weight: 0.0",
            "weight: 1.5",
            "Pulumi.staging.yaml:LINE: config.espice:infra.endpoint.weight: "
            "1.5 is above 1; write a share from 0.0 to 1.0",
        ),
        (
            "weight: 0.0",
            "weight: ten",
            "Pulumi.staging.yaml:LINE: config.espice:infra.endpoint.weight: "
            '"ten" is not a number; write a share from 0.0 to 1.0',
        ),
        (
            f"live: {ZEROS}",
            "live: 3",
            "Pulumi.staging.yaml:LINE: config.espice:infra.endpoint.live: "
            '3 without quotes is a number to YAML; quote it: "3"',
        ),
        (
            f"live: {ZEROS}",
            "live: sha256:123",
            'Pulumi.staging.yaml:LINE: config.espice:infra.endpoint.live: "sha256:123" is not '
            "a build's digest, sha256: and 64 hexadecimal digits (./inv build prints it), "
            "or on the laptop newest; write one",
        ),
        (
            f"build: {ZEROS}",
            "build: newest",
            "Pulumi.staging.yaml:LINE: config.espice:infra.console.build: "
            "newest names no build that can be reviewed; write the digest that ./inv build prints",
        ),
        (
            "location: weur",
            "location: WEUR",
            "Pulumi.staging.yaml:LINE: config.espice:infra.cloudflare.location: "
            '"WEUR" is not allowed here; write apac, eeur, enam, weur, wnam or oc',
        ),
        (
            "archive-locked: 1",
            "archive-locked: 0",
            "Pulumi.staging.yaml:LINE: config.espice:infra.keep.archive-locked: "
            "0 is below 1; write a whole number of days, at most ten years",
        ),
        (
            "- updates@espice.example",
            "- updates",
            "Pulumi.staging.yaml:LINE: config.espice:infra.alarms.on-call.0: "
            '"updates" is not an e-mail address; write one',
        ),
    ],
)
def test_a_bad_value_is_shown_with_its_line_and_its_mend(before, after, message):
    assert problems(before, after) == [message]


def test_a_misspelt_key_and_what_is_missing_for_it_are_told_together():
    missing, misspelt = problems("memory: 256", "memori: 256")
    assert re.fullmatch(
        r"Pulumi.staging.yaml:\d+: config.espice:infra.endpoint.memory: is missing; "
        "write a memory size in MB that Lambda has",
        missing,
    )
    assert misspelt == (
        "Pulumi.staging.yaml:LINE: config.espice:infra.endpoint.memori: is not a key here; did you mean memory?"
    )


def test_what_product_yaml_says_has_no_place_in_a_stack_file():
    assert problems("    aws:\n", "    domain: espice.app\n    aws:\n") == [
        "Pulumi.staging.yaml:LINE: config.espice:infra.domain: is not a key here; "
        "the keys here are acknowledge, alarms, aws, cloudflare, console, endpoint, github, keep and telemetry"
    ]


def test_on_the_laptop_the_newest_build_may_follow_a_live_one_and_not_be_live_itself_beside_another():
    def read(text: str) -> list[str]:
        return [str(problem) for problem in config.read("Pulumi.laptop.yaml", text.encode())[1]]

    assert read(LAPTOP.replace("live: newest", f"live: {ZEROS}")) == []
    line = LAPTOP[: LAPTOP.index("live: newest")].count("\n") + 1
    assert read(LAPTOP.replace("next: newest", f"next: {ZEROS}")) == [
        f"Pulumi.laptop.yaml:{line}: config.espice:infra.endpoint.live: newest goes with a next that is newest too; "
        "write the digest of the build that is live"
    ]


def test_staging_and_production_share_no_zone_once_they_are_bootstrapped():
    zones = {infra_of(each).cloudflare.zone for each in ("staging", "production")}
    assert len(zones) == 2 or zones == {"0" * 32}

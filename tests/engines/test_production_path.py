"""The whole way of production, once, from an empty account to an empty account; each test goes on from the one before.

moto stands for AWS; the commands, Pulumi's CLI, its S3 backend, its locks and its KMS secrets are the real ones.
"""

import json
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from delivery.laptop.providers.ledger import Ledger
from delivery.rules.facts import Product
from delivery.rules.head import peek
from delivery.rules.load import parse
from delivery.rules.shapes import Environment
from infra.publication import Publication
from tests.engines.production import Account, as_if_over_tls, built, file, name_builds, origin_pull_key, trust
from tests.engines.production import account as reached
from tests.laptop.system import git

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

ENVIRONMENT: Environment = "staging"
FILE = file(ENVIRONMENT)
STATE = "espice-staging-state"


@pytest.fixture(scope="module")
def account(moto: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    import requests

    requests.post(f"{moto}/moto-api/reset", timeout=10)
    with as_if_over_tls(), reached(moto, tmp_path_factory.mktemp("production") / "repo", ENVIRONMENT) as made:
        yield made


def counts(said: dict[str, Any]) -> dict[str, int]:
    """How many resources a run did what with."""
    return dict(Counter(step["operation"] for step in said["changes"]))


def locks(account: Account, stack: str) -> list[str]:
    listed = account.client("s3").list_objects_v2(Bucket=STATE, Prefix=".pulumi/locks/").get("Contents", ())
    return [each["Key"] for each in listed if f"/{stack}/" in each["Key"]]


def stored(account: Account) -> str:
    """Everything that the bucket of states holds, and every version of it."""
    s3 = account.client("s3")
    kept = [(each["Key"], each["VersionId"]) for each in s3.list_object_versions(Bucket=STATE).get("Versions", ())]
    bodies = (s3.get_object(Bucket=STATE, Key=key, VersionId=version)["Body"].read() for key, version in kept)
    return "\n".join(body.decode(errors="replace") for body in bodies)


def test_nothing_is_applied_before_the_bootstrap(account: Account) -> None:
    said = account.inv("preview", ENVIRONMENT, expect=1)
    assert "the bucket of the engine's state is not there; ./inv bootstrap makes it" in said


def test_the_bootstrap_makes_what_everything_stands_on(account: Account) -> None:
    said = account.json("bootstrap", ENVIRONMENT, "--yes")
    assert {each["state"] for each in said["things"]} == {"made"}
    assert counts(said["ground"]).keys() == {"create"}
    roles = account.client("iam").list_roles()["Roles"]
    assert {f"espice-staging-{does}" for does in ("preview", "platform-deploy", "live-deploy", "publish", "brake")} <= {
        role["RoleName"] for role in roles
    }
    trust(account, ENVIRONMENT, said["keys"])


def test_a_second_bootstrap_changes_nothing(account: Account) -> None:
    account.commit("Trust staging's keys")
    said = account.json("bootstrap", ENVIRONMENT)
    assert {each["state"] for each in said["things"]} == {"there"}
    assert counts(said["ground"]) == {}


def test_secrets_and_builds_are_written_into_the_stack_file(account: Account) -> None:
    account.inv("secret", "set", ENVIRONMENT, "origin-pull-key", given=origin_pull_key())
    name_builds(account, ENVIRONMENT)
    assert "PRIVATE KEY" not in (account.repo / FILE).read_text()


def test_the_platform_is_previewed_and_applied(account: Account) -> None:
    assert counts(account.json("preview", ENVIRONMENT)).keys() == {"create"}
    assert locks(account, ENVIRONMENT) == []
    done = account.json("apply", ENVIRONMENT)
    assert counts(done)["create"] > 150
    assert counts(account.json("preview", ENVIRONMENT)) == {}


def behind(account: Account) -> str:
    """What is told of the platform."""
    return account.inv("behind", ENVIRONMENT).removeprefix(f"{ENVIRONMENT}: ").strip()


def test_the_platform_is_behind_a_change_of_its_stack_file(account: Account) -> None:
    applied = git(account.repo, "rev-parse", "HEAD").strip()
    assert behind(account) == f"nothing that it is made of changed since {applied} was applied"
    account.edit(FILE, (r"quiet: 30", "quiet: 40"))
    account.commit("Wait longer for a tick")
    assert behind(account) == f"behind: {FILE} changed since {applied} was applied"
    git(account.repo, "reset", "-q", "--hard", applied)


def test_a_platform_never_becomes_what_a_commit_says_that_lacks_the_one_applied(account: Account) -> None:
    applied = git(account.repo, "rev-parse", "HEAD").strip()
    git(account.repo, "commit", "-q", "--amend", "-m", "As if the last one had never been")
    said = account.inv("apply", ENVIRONMENT, expect=1)
    assert f"{ENVIRONMENT} is what {applied} says, which HEAD does not have behind it; git pull" in said
    git(account.repo, "reset", "-q", "--hard", applied)
    assert behind(account) == f"nothing that it is made of changed since {applied} was applied"


def test_nobody_is_offered_what_nobody_can_download(account: Account, tmp_path: Path) -> None:
    said = account.inv("apply", "staging-live", expect=1)
    assert "lies in espice-staging-downloads; ./inv publish staging puts them there" in said
    lacking = account.inv("publish", ENVIRONMENT, "--from", str(tmp_path), expect=2)
    assert "name the folder that holds it" in lacking
    done = account.json("publish", ENVIRONMENT, "--from", str(built(account, tmp_path)))
    assert len(done["written"]) > 50
    again = account.json("publish", ENVIRONMENT)  # asks no GitHub where nothing lacks
    assert (again["written"], len(again["complete"])) == ([], len(list((account.repo / "releases/versions").iterdir())))


def test_facts_are_not_live_for_everyone_until_caches_were_purged_and_give_them(account: Account) -> None:
    account.internet.refuses = True
    said = account.inv("apply", "staging-live", expect=1)
    assert "it is live, but caches may give what was live before for 33 s more: Cloudflare refused to purge" in said
    assert "set CLOUDFLARE_API_TOKEN to a token that has the zone's permission Cache Purge" in said
    assert "./inv purge staging does it again" in said
    account.internet.refuses = False
    hosts = ["updates.espice-staging.app", "downloads.espice-staging.app/v1"]
    assert account.json("purge", ENVIRONMENT)["purged"] == hosts
    assert account.internet.purges == [("staging-token", hosts)] * 2


def test_then_the_facts_go_live_under_a_head_that_kms_has_signed(account: Account) -> None:
    account.inv("apply", "staging-live")
    data = account.client("s3").get_object(Bucket="espice-staging-catalog", Key="catalog/head.json")["Body"].read()
    filed, _ = parse("product.yaml", (account.repo / "product.yaml").read_bytes(), Product)
    assert filed is not None
    head = peek(data, filed.value.head_keys(ENVIRONMENT))
    assert head.commit == git(account.repo, "rev-parse", "HEAD").strip()
    assert account.json("outputs", "staging-live")["outputs"]["catalog"] == head.sha256
    assert counts(account.json("preview", "staging-live")) == {}
    assert account.json("drift", ENVIRONMENT, "--only", "objects,artifacts")["drift"] == []


def test_a_proposal_is_previewed_as_it_would_be_on_main_and_nothing_changes(account: Account) -> None:
    account.inv("raise", "stable", "25", "--evidence", "0.2 % failed in 48 h", "--pr")
    [found] = account.json("previews", "--stacks", "staging,staging-live")
    main = git(account.repo, "rev-parse", "main").strip()
    says = f"1 create, 3 updates, 1 delete, 0 replaces; main {main[:12]}"
    assert (found["stack"], found["verdict"], found["says"]) == ("staging-live", "success", says)
    assert locks(account, "staging-live") == []
    account.inv("close", str(found["number"]))
    assert counts(account.json("preview", "staging-live")) == {}


def manifest(account: Account) -> tuple[str, str | None]:
    """What a static manifest of stable offers, and the number of the override that it obeys."""
    key = "v1/update/stable/linux/x86_64/appimage.json"
    found = account.client("s3").get_object(Bucket="espice-staging-downloads", Key=key)
    return json.loads(found["Body"].read())["version"], found["Metadata"].get("brake")


def test_a_halt_goes_past_the_engine_and_its_lock_and_every_apply_obeys_it_until_a_fact_ends_it(
    account: Account,
) -> None:
    offered, _ = manifest(account)
    assert offered != "0.0.0"
    lock = ".pulumi/locks/organization/espice/staging-live/0b6b0c6e-0000-4000-8000-000000000001.json"
    account.client("s3").put_object(Bucket=STATE, Key=lock, Body=b"{}")
    purged = len(account.internet.purges)
    said = account.json("halt", "stable", "reports of lost work", "--environment", ENVIRONMENT, "--no-commit")
    account.client("s3").delete_object(Bucket=STATE, Key=lock)
    assert [step["wrong"] for step in said["steps"]] == [""] * 4
    assert len(account.internet.purges) == purged + 3  # at once, after the manifests, and when nothing old can come
    assert manifest(account) == ("0.0.0", "1")
    name = said["halt"]["name"]
    found = account.json("drift", ENVIRONMENT, "--only", "objects", expect=1)["drift"]
    assert [each["where"] for each in found] == [f"halt {name}"]

    account.inv("apply", "staging-live")
    assert manifest(account) == ("0.0.0", "1")
    assert counts(account.json("preview", "staging-live")) == {}

    account.commit("Stop stable, as it is halted")
    account.inv("apply", "staging-live")
    listed = account.json("halts", "--environment", ENVIRONMENT)
    assert (listed["pending"], [each["name"] for each in listed["decided"]]) == ([], [name])
    account.inv("lift", "stop", name, "--reason", "it was the file server", "--commit")
    account.inv("apply", "staging-live")
    assert manifest(account) == (offered, "1")
    assert account.json("drift", ENVIRONMENT, "--only", "objects")["drift"] == []


def test_what_went_live_can_be_had_as_a_folder_for_plain_pulumi(account: Account, tmp_path: Path) -> None:
    account.inv("publication", "staging-live", str(tmp_path / "new"))
    head = account.client("s3").get_object(Bucket="espice-staging-catalog", Key="catalog/head.json")["Body"].read()
    assert Publication.read(tmp_path / "new").head == head
    assert "is not empty" in account.inv("publication", "staging-live", str(tmp_path / "new"), expect=2)


def test_state_holds_no_secret_in_plain_text(account: Account) -> None:
    kept = stored(account)
    assert "awskms://" in kept
    assert origin_pull_key().splitlines()[1] not in kept
    assert "PRIVATE KEY" not in kept


def test_an_apply_that_was_killed_leaves_a_lock_and_the_next_one_goes_on_from_there(account: Account) -> None:
    account.edit(FILE, (r"log-days: 14", "log-days: 30"), (r"budget: 50", "budget: 60"))
    account.commit("Keep logs longer")
    running = account.started("apply", ENVIRONMENT)
    deadline = time.monotonic() + 120
    while not locks(account, ENVIRONMENT) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert len(locks(account, ENVIRONMENT)) == 1
    assert behind(account) == "behind: no apply of all of it has ended well since one began"
    said = account.inv("apply", ENVIRONMENT)
    assert "released the lock of" in said
    assert behind(account).startswith("nothing that it is made of changed since ")
    assert locks(account, ENVIRONMENT) == []
    assert counts(account.json("preview", ENVIRONMENT)) == {}


def test_a_lock_of_somebody_else_is_only_released_when_it_is_old(account: Account) -> None:
    def hold(since: datetime) -> str:
        key = f".pulumi/locks/organization/espice/{ENVIRONMENT}/0b6b0c6e-0000-4000-8000-000000000000.json"
        lock = {"pid": 4711, "username": "runner", "hostname": "elsewhere", "timestamp": since.isoformat()}
        account.client("s3").put_object(Bucket=STATE, Key=key, Body=json.dumps(lock))
        return key

    assert socket.gethostname() != "elsewhere"
    key = hold(datetime.now(UTC) - timedelta(minutes=10))
    said = account.inv("apply", ENVIRONMENT, expect=1)
    assert "stack staging is being changed by" in said
    assert "elsewhere" in said
    assert len(locks(account, ENVIRONMENT)) == 1
    account.inv("apply", "staging-live")  # facts wait for nobody's platform
    hold(datetime.now(UTC) - timedelta(hours=3))
    assert "released the lock of" in account.inv("apply", ENVIRONMENT)
    assert key not in locks(account, ENVIRONMENT)


def test_what_was_changed_by_hand_is_found_taken_over_and_put_back(account: Account) -> None:
    name = "/aws/lambda/espice-staging-updates"
    account.client("logs").put_retention_policy(logGroupName=name, retentionInDays=1)
    found = account.json("drift", ENVIRONMENT, "--only", "resources", expect=1)["drift"]
    assert [each["where"] for each in found] == ["stack staging: aws:cloudwatch/logGroup:LogGroup updates-log"]
    assert "retentionInDays from 30 to 1" in found[0]["what"]
    account.inv("refresh", ENVIRONMENT)
    assert counts(account.json("preview", ENVIRONMENT)) == {"update": 1}
    account.inv("apply", ENVIRONMENT)
    assert account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"] == 30
    assert account.json("drift", ENVIRONMENT, "--only", "resources")["drift"] == []


def test_protection_refuses_to_destroy_until_a_reviewed_change_lifts_it(account: Account) -> None:
    said = account.inv("destroy", "staging-live", "--yes", expect=1)
    assert "protect" in said
    account.edit("infra/names.py", (r'return self.environment != "laptop"', "return False"))
    account.commit("Let the program give staging up")
    assert "not protected; set protect=names.kept (policy protected)" in account.inv("preview", ENVIRONMENT, expect=1)
    account.edit("policies/policy.py", ('LAPTOP = "laptop"', f'LAPTOP = "{ENVIRONMENT}"'))
    account.commit("Let staging be taken down")
    account.inv("apply", "staging-live")
    account.inv("destroy", "staging-live", "--yes")
    account.inv("apply", ENVIRONMENT)
    empty(account, "espice-staging-downloads")  # R2 gives up no bucket that holds something
    said = account.inv("destroy", ENVIRONMENT, "--yes", expect=1)
    assert "archive" in said  # what was published is locked
    empty(account, "espice-staging-archive", BypassGovernanceRetention=True)  # by somebody who may
    account.inv("destroy", ENVIRONMENT, "--yes")
    left = {kind for kind, records in Ledger(account.ledger).read().items() if records}
    assert {kind for kind in left if kind.startswith("cloudflare")} == set()
    assert account.client("lambda").list_functions()["Functions"] == []
    assert account.client("rds").describe_db_instances()["DBInstances"] == []


def empty(account: Account, bucket: str, **right: bool) -> None:
    s3 = account.client("s3")
    listed = s3.list_object_versions(Bucket=bucket)
    for each in (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())):
        s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"], **right)

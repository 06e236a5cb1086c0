"""The laptop's providers, realised on a real moto server over HTTP and in a ledger."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pulumi
import pulumi_cloudflare as cloudflare
import pytest
import requests
from pulumi_aws import get_caller_identity, iam, lambda_, rds, s3

from delivery.engines.engine_embedded import EmbeddedEngine
from delivery.laptop.providers.ledger import Ledger
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import serve
from tests.engines.programs import stack
from tests.engines.what_is_there import clients

pytestmark = pytest.mark.slow


def zipped(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py"), text)
    return buffer.getvalue()


def upload(storage, text: str) -> str:
    """Put a build where the program finds it; returns its key."""
    storage.create_bucket(Bucket="builds")
    data = zipped(text)
    key = f"{hashlib.sha256(data).hexdigest()}.zip"
    storage.put_object(Bucket="builds", Key=key, Body=data)
    return key


def role() -> pulumi.Output[str]:
    """A role that Lambda may assume: moto looks."""
    allow = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    return iam.Role("updates", name="updates", assume_role_policy=policy).arn


def function(key: str, *, memory: int = 128, level: str = "info", live: str = "", weights: dict | None = None):
    """A function at this build behind an alias; the stack exports its version."""

    def program() -> None:
        updates = lambda_.Function(
            "updates",
            name="updates",
            role=role(),
            runtime="python3.13",
            handler="app.handler",
            s3_bucket="builds",
            s3_key=key,
            memory_size=memory,
            environment={"variables": {"LEVEL": level}},
            publish=True,
        )
        lambda_.Alias(
            "live",
            name="live",
            function_name=updates.name,
            function_version=live or updates.version,
            routing_config={"additional_version_weights": weights} if weights else None,
        )
        pulumi.export("version", updates.version)

    return stack(program)


def applied(laptop, wish) -> dict:
    outcome = laptop.apply(wish)
    assert outcome.errors == ()
    return dict(outcome.outputs)


def test_a_version_is_published_only_when_code_or_configuration_differ(laptop, storage):
    one, two = upload(storage, "one"), upload(storage, "two")
    assert applied(laptop, function(one)) == {"version": "1"}
    assert applied(laptop, function(one)) == {"version": "1"}
    assert applied(laptop, function(two)) == {"version": "2"}
    assert applied(laptop, function(two, level="debug")) == {"version": "3"}
    assert applied(laptop, function(two, level="debug", memory=256)) == {"version": "4"}


def test_every_version_keeps_its_own_code_and_environment(laptop, storage, ledger):
    applied(laptop, function(upload(storage, "one")))
    applied(laptop, function(upload(storage, "two"), level="debug"))
    [record] = Ledger(ledger).read()["aws:lambda/function:Function"].values()
    versions = record["versions"]
    assert [Path(versions[each]["code"]).read_bytes() for each in "12"] == [zipped("one"), zipped("two")]
    assert [versions[each]["environment"]["LEVEL"] for each in "12"] == ["info", "debug"]


def test_an_alias_of_a_version_that_was_never_published_is_refused(laptop, storage):
    [error] = laptop.apply(function(upload(storage, "one"), live="7")).errors
    assert error == "aws:lambda/alias:Alias live: functionVersion: updates has no version 7; it has $LATEST, 1"


def test_a_build_that_was_never_uploaded_is_told_by_the_function_that_wants_it(laptop, storage):
    upload(storage, "one")
    [error] = laptop.apply(function("nothing.zip")).errors
    assert error.startswith("aws:lambda/function:Function updates: ")
    assert "does not exist" in error


def test_objects_have_their_headers_and_go_with_all_their_versions(laptop, storage):
    def program(books):
        bucket = s3.Bucket("b", bucket="library")
        s3.BucketVersioning("v", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
        for key, text in books.items():
            s3.BucketObjectv2(
                key, bucket=bucket.id, key=key, content=text, cache_control="no-cache", content_type="text/plain"
            )

    applied(laptop, stack(lambda: program({"a": "one"})))
    applied(laptop, stack(lambda: program({"a": "two"})))
    found = storage.get_object(Bucket="library", Key="a")
    assert (found["Body"].read(), found["CacheControl"], found["ContentType"]) == (b"two", "no-cache", "text/plain")
    applied(laptop, stack(lambda: program({})))
    assert "Versions" not in storage.list_object_versions(Bucket="library")


def test_an_r2_bucket_is_readable_by_anyone_and_an_aws_bucket_by_nobody(laptop, moto):
    def program():
        bucket = cloudflare.R2Bucket("downloads", account_id="0" * 32, name="downloads")
        private = s3.Bucket("private", bucket="private")
        s3.BucketObjectv2("public", bucket=bucket.name, key="a", content="public")
        s3.BucketObjectv2("secret", bucket=private.bucket, key="a", content="secret")

    applied(laptop, stack(program))
    assert requests.get(f"{moto}/downloads/a", timeout=5).text == "public"
    assert requests.get(f"{moto}/private/a", timeout=5).status_code == 403


def test_a_file_counts_by_its_content(laptop, storage, tmp_path):
    file = tmp_path / "book.txt"

    def program():
        bucket = s3.Bucket("b", bucket="library")
        s3.BucketObjectv2("book", bucket=bucket.id, key="book", source=pulumi.FileAsset(str(file)))

    file.write_text("one")
    applied(laptop, stack(program))
    assert laptop.apply(stack(program)).changes == ()
    file.write_text("two")
    [step] = laptop.apply(stack(program)).changes
    assert step.changed == ("source",)
    assert storage.get_object(Bucket="library", Key="book")["Body"].read() == b"two"


def test_code_given_as_an_archive_becomes_a_version(laptop, ledger, tmp_path):
    file = tmp_path / "code.zip"
    file.write_bytes(zipped("one"))

    def program():
        code = pulumi.FileArchive(str(file))
        lambda_.Function("f", name="f", role=role(), runtime="python3.13", handler="a.b", code=code)

    applied(laptop, stack(program))
    assert laptop.apply(stack(program)).changes == ()
    [record] = Ledger(ledger).read()["aws:lambda/function:Function"].values()
    assert record["versions"]["$LATEST"]["sha256"] == hashlib.sha256(zipped("one")).hexdigest()


def test_the_account_can_be_asked_for(laptop):
    def program():
        pulumi.export("account", get_caller_identity().account_id)

    assert applied(laptop, stack(program)) == {"account": "123456789012"}


def test_what_a_killed_run_has_made_already_is_adopted(laptop, storage):
    wish = function(upload(storage, "one"))
    applied(laptop, wish)
    laptop.forget("laptop")
    assert laptop.apply(wish).ok
    assert laptop.apply(wish).changes == ()


def test_alias_weights_are_on_record_beside_the_versions_they_are_of(laptop, storage, ledger):
    applied(laptop, function(upload(storage, "one")))
    applied(laptop, function(upload(storage, "two"), live="1", weights={"2": 0.25}))
    records = Ledger(ledger).read()
    [alias] = records["aws:lambda/alias:Alias"].values()
    assert (alias["functionVersion"], alias["routingConfig"]) == ("1", {"additionalVersionWeights": {"2": 0.25}})
    [updates] = records["aws:lambda/function:Function"].values()
    assert updates["versions"]["1"]["sha256"] != updates["versions"]["2"]["sha256"]


def half_made_role(boundary: str | None):
    def program():
        allow = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.Role("updates", name="updates", assume_role_policy=trust, permissions_boundary=boundary)

    return stack(program)


def test_what_was_made_and_not_finished_is_known_finished_later_and_destroyed(laptop, moto):
    wish = half_made_role("arn:aws:iam::123456789012:policy/nothing")
    [error] = laptop.apply(wish).errors
    assert error == (
        "aws:iam/role:Role updates: permissionsBoundary: AWS refused GetPolicy: "
        "Policy arn:aws:iam::123456789012:policy/nothing not found (NoSuchEntity)"
    )
    [known] = [each for each in laptop.deployment("laptop")["deployment"]["resources"] if each["custom"]][-1:]
    assert (known["id"], known["outputs"]["arn"]) == ("updates", "arn:aws:iam::123456789012:role/updates")
    [mended] = laptop.apply(half_made_role(None)).changes
    assert mended.operation.value == "update"
    assert laptop.destroy(wish).errors == ()
    assert clients(moto)("iam").list_roles()["Roles"] == []


def test_neither_state_nor_ledger_holds_a_secret_in_plain_text(laptop, tmp_path):
    key = "this is a secret and nothing else"

    def program():
        hidden = pulumi.Output.secret(key)
        library = s3.Bucket("b", bucket="library")
        s3.BucketObjectv2("letter", bucket=library.bucket, key="letter", content=hidden)
        rds.Instance(
            "telemetry",
            identifier="telemetry",
            engine="postgres",
            instance_class="db.t4g.micro",
            allocated_storage=20,
            username="owner",
            password=hidden,
            skip_final_snapshot=True,
        )

    wish = stack(program)
    applied(laptop, wish)
    assert laptop.apply(wish).changes == ()
    assert laptop.refresh(wish, preview=True).changes == ()
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 2
    assert [path.name for path in kept if key in path.read_text()] == []


def test_an_asset_that_the_state_knows_by_its_hash_alone_is_no_obstacle(laptop, storage, tmp_path):
    """The real engine keeps no content in its state."""
    file = tmp_path / "book.txt"
    file.write_text("one")

    def program(text):
        bucket = s3.Bucket("b", bucket="library")
        s3.BucketObjectv2("book", bucket=bucket.id, key="book", source=pulumi.StringAsset(text))

    applied(laptop, stack(lambda: program("one")))
    state = tmp_path / "engine" / "laptop.json"
    document = json.loads(state.read_text())
    for resource in document["deployment"]["resources"]:
        for side in ("inputs", "outputs"):
            if "source" in resource.get(side, {}):
                resource[side]["source"].pop("text")
    state.write_text(json.dumps(document))
    assert laptop.apply(stack(lambda: program("one"))).changes == ()
    assert laptop.refresh(stack(lambda: program("one")), preview=True).changes == ()
    assert [step.changed for step in laptop.apply(stack(lambda: program("two"))).changes] == [("source",)]
    assert storage.get_object(Bucket="library", Key="book")["Body"].read() == b"two"
    assert laptop.destroy(stack(lambda: None)).errors == ()


def test_aws_that_does_not_answer_is_told_in_a_sentence(tmp_path):
    handle = serve(packages("http://127.0.0.1:9", tmp_path / "ledger.json"))
    engine = EmbeddedEngine(tmp_path / "engine", handle.addresses)
    [error] = engine.apply(stack(lambda: s3.Bucket("b", bucket="library"))).errors
    handle.stop()
    assert error == ("aws:s3/bucket:Bucket b: AWS does not answer; is the laptop's cloud up? Start it with ./inv up")


def database(protected: bool):
    def program():
        rds.Instance(
            "telemetry",
            identifier="telemetry",
            engine="postgres",
            instance_class="db.t4g.micro",
            allocated_storage=20,
            username="owner",
            manage_master_user_password=True,
            deletion_protection=protected,
            final_snapshot_identifier="telemetry-last",
        )

    return stack(program)


def test_a_database_under_deletion_protection_stays_until_that_is_lifted(laptop, moto, ledger):
    applied(laptop, database(protected=True))
    assert laptop.destroy(database(protected=True)).errors == (
        "aws:rds/instance:Instance telemetry: deletionProtection: telemetry is protected; "
        "lift it in a reviewed change of its own",
    )
    [record] = Ledger(ledger).read()["aws:rds/instance:Instance"].values()
    assert record["masterUserSecrets"][0]["secretArn"].startswith("arn:aws:secretsmanager:us-east-1:")
    assert {"address", "endpoint", "port", "resourceId", "arn"} <= record.keys()
    applied(laptop, database(protected=False))
    assert laptop.destroy(database(protected=False)).errors == ()
    client = clients(moto)("rds")
    assert client.describe_db_instances()["DBInstances"] == []
    [kept] = client.describe_db_snapshots()["DBSnapshots"]
    assert kept["DBSnapshotIdentifier"] == "telemetry-last"

"""Staging as the commands find it, where moto is AWS: which commits go live, in which order, and what each role may."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody

from delivery.commands import stacks, wished
from delivery.commands.wished import There, Wish
from delivery.deploy.cloud import Cloud
from delivery.deploy.halt import Place, Wanted, pull
from delivery.deploy.objects import Bucket as Objects
from delivery.deploy.signer import Paper, kms_signer, trusted_key
from delivery.engines.backend import locks
from delivery.engines.stack import EngineError, Outcome, Stack
from delivery.laptop import keys
from delivery.rules.append import flow
from delivery.rules.brake import Override
from delivery.rules.head import Head, peek
from delivery.rules.problem import Refused
from infra import reach
from infra.build import Build
from infra.names import HEAD_KEY, OVERRIDE_KEY, Names, catalog_key
from infra.publication import Publication
from infra.roles import roles
from infra.stacks import PROJECT, Kind
from tests.unit.commands.desk import Desk, Said, standing_in
from tests.unit.infra.iam import allowed

pytestmark = pytest.mark.slow

NAMES = Names("espice", "staging", "espice-staging.app")
BUCKETS = (NAMES.catalog, NAMES.archive, NAMES.builds, NAMES.state, NAMES.downloads)

Call = tuple[str, Mapping[str, Any]]


@dataclass
class Staging:
    """A checkout, the account of its staging, and the calls that reached that since `heard` was cleared."""

    desk: Desk
    heard: list[Call] = field(default_factory=list)

    def wish(self) -> Wish:
        return Wish.of_head("staging")

    def there(self, kind: Kind, *, to_write: bool) -> There:
        wish = self.wish()
        return There.in_the_cloud(wish, kind, wished.cloud(wish), to_write=to_write)

    def stack(self) -> Stack:
        """The live stack, as an apply makes it."""
        return wished.stack(self.wish(), Kind.live, self.there(Kind.live, to_write=True))

    def put_live(self) -> Head:
        """What an apply of the live stack leaves in the bucket."""
        publication, wish = self.stack().program.args[1], self.wish()  # type: ignore[attr-defined] # it is a partial
        client: Any = boto3.client("s3", region_name="us-east-1")
        for key, data in {
            catalog_key(publication.catalog_sha256): publication.catalog,
            HEAD_KEY: publication.head,
        }.items():
            client.put_object(Bucket=NAMES.catalog, Key=key, Body=data)
        return peek(publication.head, wish.product.head_keys("staging"))

    def commit(self, message: str) -> str:
        self.desk.git("add", "-A")
        self.desk.git("commit", "-q", "--allow-empty", "-m", message)
        return self.desk.git("rev-parse", "HEAD").strip()

    def hold(self) -> str:
        """A commit after which fewer are offered something."""
        assert self.desk.inv("hold", "stable", "it crashes", "--commit").status == 0
        return self.desk.git("rev-parse", "HEAD").strip()


@pytest.fixture
def staging(desk: Desk, aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Staging]:
    made = Staging(desk)
    told = {"ENDPOINT_URL": aws, "ACCESS_KEY_ID": "t", "SECRET_ACCESS_KEY": "t", "DEFAULT_REGION": "us-east-1"}
    for name, value in told.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session())
    with standing_in(desk.repo):
        _furnish(made)
        listen(made)
        yield made


def _furnish(staging: Staging) -> None:
    """Buckets, keys, a function with a version, and a checkout that knows them."""
    client: Any = boto3.client
    for bucket in BUCKETS:
        client("s3").create_bucket(Bucket=bucket)
    client("s3").put_bucket_versioning(Bucket=NAMES.catalog, VersioningConfiguration={"Status": "Enabled"})
    kms = client("kms")
    for alias, said in (
        (NAMES.secrets_key, {}),
        (NAMES.head_key, {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}),
        (NAMES.brake_key, {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}),
    ):
        kms.create_alias(AliasName=alias, TargetKeyId=kms.create_key(**said)["KeyMetadata"]["KeyId"])
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    function = {"Runtime": "python3.13", "Handler": "h.h", "Code": {"ZipFile": b"zip"}, "Publish": True}
    client("lambda").create_function(FunctionName=NAMES.function, Role=role, **function)
    client("lambda").create_alias(FunctionName=NAMES.function, Name="live", FunctionVersion="1")
    text = staging.desk.read("product.yaml")
    for paper in Paper:
        text = text.replace(f"\n  {paper}:\n", f"\n  {paper}:\n    - {flow(trusted_key(paper, NAMES, kms))}\n")
    staging.desk.write("product.yaml", text.replace("trusted-in: [laptop]", "trusted-in: [laptop, staging]", 1))
    staging.commit("Trust staging's keys")


def listen(staging: Staging) -> None:
    def hear(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        staging.heard.append((f"{model.service_model.service_name}:{model.name}", dict(params)))

    def answer(**_: Any) -> tuple[Any, dict[str, Any]]:  # moto runs no code
        payload = json.dumps({"statusCode": 200, "headers": {}, "body": "{}"}).encode()
        return SimpleNamespace(status_code=200), {"Payload": StreamingBody(io.BytesIO(payload), len(payload))}

    boto3.DEFAULT_SESSION.events.register("before-parameter-build", hear)
    boto3.DEFAULT_SESSION.events.register("before-call.lambda.Invoke", answer)


def place(staging: Staging) -> Place:
    """What a halt needs of it; R2's keys are those of S3 here."""
    cloud = wished.cloud(staging.wish())
    downloads = Objects(boto3.client("s3"), NAMES.downloads)
    urls = f"https://{NAMES.updates_host}", f"https://{NAMES.downloads_host}"
    return Place(staging.wish().product, "staging", cloud.objects(NAMES.catalog), downloads, *urls)


def halt(staging: Staging, channel: str = "stable") -> Override:
    """What ./inv halt writes first."""
    cloud, where, now = wished.cloud(staging.wish()), place(staging), datetime.now(UTC)
    signer = partial(kms_signer, Paper.override, where.product, "staging", cloud.client("kms"))
    override = pull(where, Wanted(channel, None, "it loses work"), signer, now).standing.override
    assert override is not None
    return override


def narrowing(stack: Stack) -> bool:
    return bool(stack.program.keywords["narrowing"])  # type: ignore[attr-defined] # it is a partial


# -- which commits go live ------------------------------------------------------------------------------------------


def test_the_same_commit_again_changes_nothing_and_a_later_one_follows(staging: Staging) -> None:
    first = staging.put_live()
    assert first.commit == staging.wish().commit
    assert staging.put_live() == first
    held = staging.hold()
    second = staging.put_live()
    assert (second.commit, second.serial > first.serial) == (held, True)


def test_an_older_checkout_does_not_take_users_back(staging: Staging) -> None:
    before = staging.wish().commit
    staging.hold()
    live = staging.put_live()
    staging.desk.git("checkout", "-q", "--detach", before)
    with pytest.raises(EngineError) as refused:
        staging.stack()
    assert str(refused.value) == (f"live is {live.commit}, serial {live.serial}, which HEAD does not have; git pull")
    staging.desk.git("checkout", "-q", "main")


def test_what_is_not_merged_does_not_go_live_and_a_preview_says_so(staging: Staging) -> None:
    staging.desk.git("checkout", "-q", "-b", "aside")
    aside = staging.commit("Not merged")
    sentence = f"HEAD ({aside}) is not on main; merge it, or if it is merged, git fetch"
    there = staging.there(Kind.live, to_write=True)
    no_engine: Any = SimpleNamespace(name="of nobody")
    site = stacks.Site(staging.wish(), Kind.live, no_engine, there)
    assert stacks._apply(site, lambda _: None, ()).errors == (sentence,)
    assert wished.refusals(staging.wish(), Kind.platform) == ()
    assert wished.refusals(Wish.of_head("laptop"), Kind.live) == ()
    staging.desk.git("checkout", "-q", "main")
    staging.desk.git("branch", "-q", "-D", "aside")
    assert wished.refusals(staging.wish(), Kind.live) == ()


def test_one_commit_is_meant_whatever_is_committed_meanwhile(staging: Staging) -> None:
    wish = staging.wish()
    there = There.in_the_cloud(wish, Kind.live, wished.cloud(wish), to_write=True)
    staging.commit("Meanwhile")
    publication = wished.stack(wish, Kind.live, there).program.args[1]  # type: ignore[attr-defined]
    assert peek(publication.head, wish.product.head_keys("staging")).commit == wish.commit != staging.wish().commit


def test_facts_are_checked_against_those_that_are_live(staging: Staging) -> None:
    staging.put_live()
    (staging.desk.repo / "releases/withdrawals/1.4.0-beta.1.yaml").unlink()
    staging.commit("Forget a withdrawal")
    with pytest.raises(Refused, match="withdraw"):
        staging.stack()


# -- in which order -------------------------------------------------------------------------------------------------


def test_what_narrows_is_applied_as_that_and_all_else_the_other_way_round(staging: Staging) -> None:
    assert narrowing(staging.stack()), "nothing is live, so the safe order"
    staging.put_live()
    assert not narrowing(staging.stack())
    staging.hold()
    assert narrowing(staging.stack())


@pytest.mark.parametrize("found", [None, b"{}"], ids=["is gone", "is another one"])
def test_without_the_live_catalog_the_safe_order_is_taken(staging: Staging, found: bytes | None) -> None:
    staging.put_live()
    there = replace(staging.there(Kind.live, to_write=False), catalog=found)
    assert narrowing(wished.stack(staging.wish(), Kind.live, there))


@pytest.mark.parametrize("task", ["preview", "apply"])
def test_a_part_of_the_live_stack_is_not_applied(desk: Desk, task: str) -> None:
    said = desk.inv(task, "staging-live", "--target", "catalog/head.json")
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "staging-live: its head and its manifests say the same only when all is applied; leave --target out\n"
    )


# -- under the brake ------------------------------------------------------------------------------------------------


def offering(publication: Publication, channel: str) -> set[str]:
    """The versions that the static manifests of a channel offer."""
    on = f"v1/update/{channel}/"
    return {json.loads(data)["version"] for key, data in publication.manifests.items() if key.startswith(on)}


def test_manifests_are_made_under_the_override_and_the_catalog_of_the_facts_alone(staging: Staging) -> None:
    staging.put_live()
    before = staging.stack().program.args[1]  # type: ignore[attr-defined] # it is a partial
    override = halt(staging)
    after = staging.stack().program.args[1]  # type: ignore[attr-defined]
    assert (before.brake, after.brake) == (0, override.number)
    assert offering(before, "stable") - {"0.0.0"}
    assert (offering(after, "stable"), offering(after, "beta")) == ({"0.0.0"}, offering(before, "beta"))
    assert (after.catalog, after.head) == (before.catalog, before.head)


def test_nothing_is_published_under_an_override_that_nobody_believes(staging: Staging) -> None:
    staging.put_live()
    boto3.client("s3").put_object(Bucket=NAMES.catalog, Key=OVERRIDE_KEY, Body=b"{}")
    with pytest.raises(EngineError, match=r"^catalog/override\.json is not to be believed: "):
        staging.there(Kind.live, to_write=True)


@dataclass
class Slow:
    """An engine during whose first apply something happens."""

    meanwhile: Callable[[], object]
    applied: list[Publication] = field(default_factory=list)
    name: str = "slow"
    errors: tuple[str, ...] = ()

    def recover(self, _: Stack) -> None:
        """Nothing was left by another run."""

    def preview(self, *_: Any, **__: Any) -> Outcome:
        return Outcome((), {}, ())

    def apply(self, stack: Stack, *_: Any, **__: Any) -> Outcome:
        made = stack.program.args[1]  # type: ignore[attr-defined] # it is a partial
        self.applied.append(made)
        client: Any = boto3.client("s3")
        client.put_object(Bucket=NAMES.catalog, Key=catalog_key(made.catalog_sha256), Body=made.catalog)
        client.put_object(Bucket=NAMES.catalog, Key=HEAD_KEY, Body=made.head)
        if len(self.applied) == 1:
            self.meanwhile()
        return Outcome((), {}, self.errors)


def test_an_apply_that_began_before_a_halt_and_ended_after_it_leaves_the_strict_manifests(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacks, "after_an_apply", lambda *_, **__: None)
    monkeypatch.setattr(stacks, "refuse_unpublished", lambda *_: None)
    engine = Slow(lambda: halt(staging))
    site = stacks.Site(staging.wish(), Kind.live, engine, staging.there(Kind.live, to_write=True))  # type: ignore[arg-type]
    assert stacks._apply(site, lambda _: None, ()).errors == ()
    first, last = engine.applied
    assert (first.brake, offering(first, "stable")) == (0, {"1.3.0"})
    assert (last.brake, offering(last, "stable")) == (1, {"0.0.0"})
    assert last.head == first.head, "the facts are live already"


def test_an_apply_that_failed_half_way_past_a_halt_says_what_is_to_be_typed_again_where_it_cannot_mend_it(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacks, "refuse_unpublished", lambda *_: None)
    engine = Slow(lambda: halt(staging), errors=("R2 said SlowDown",))
    site = stacks.Site(staging.wish(), Kind.live, engine, staging.there(Kind.live, to_write=True))  # type: ignore[arg-type]
    first, then = stacks._apply(site, lambda _: None, ()).errors
    assert first == "R2 said SlowDown"
    again = "./inv halt stable --reason 'it loses work' --environment staging"
    assert then.startswith(f"a halt was overwritten; type {again} again: {NAMES.downloads} lies in R2, and there are")


def test_under_an_override_that_is_older_than_one_before_or_gone_nothing_is_published(staging: Staging) -> None:
    staging.put_live()
    client: Any = boto3.client("s3")
    halt(staging)
    first = client.get_object(Bucket=NAMES.catalog, Key=OVERRIDE_KEY)["Body"].read()
    halt(staging, "beta")
    client.put_object(Bucket=NAMES.catalog, Key=OVERRIDE_KEY, Body=first)
    with pytest.raises(EngineError, match=r"believed: it has number 1, and number 2 was there before; \./inv halt "):
        staging.there(Kind.live, to_write=True)
    client.delete_object(Bucket=NAMES.catalog, Key=OVERRIDE_KEY)
    with pytest.raises(EngineError, match="believed: it is gone, and number 2 was there before"):
        staging.there(Kind.live, to_write=True)


# -- which commit was live before ------------------------------------------------------------------------------------


def test_an_apply_tells_which_commit_was_live_before_it_writes_even_if_that_fails(
    staging: Staging, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(stacks, "refuse_unpublished", lambda *_: None)
    outputs = tmp_path / "outputs"
    staging.put_live()
    before = staging.wish().commit
    staging.hold()
    told = list[str]()
    engine = Slow(lambda: told.append(outputs.read_text()), errors=("R2 said SlowDown",))
    site = stacks.Site(staging.wish(), Kind.live, engine, staging.there(Kind.live, to_write=True))  # type: ignore[arg-type]
    assert stacks._apply(site, lambda _: None, (), str(outputs)).errors == ("R2 said SlowDown",)
    assert told == [f"before={before}\n"] == [outputs.read_text()]


def test_an_apply_that_writes_nothing_tells_of_nothing(
    staging: Staging, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(stacks, "after_an_apply", lambda *_, **__: None)
    monkeypatch.setattr(stacks, "refuse_unpublished", lambda *_: None)
    outputs = tmp_path / "outputs"
    engine = Slow(lambda: None)
    first = stacks.Site(staging.wish(), Kind.live, engine, staging.there(Kind.live, to_write=True))  # type: ignore[arg-type]
    staging.hold()
    staging.put_live()
    late = replace(first, there=staging.there(Kind.live, to_write=True))
    with pytest.raises(EngineError):
        stacks._apply(late, lambda _: None, (), str(outputs))
    assert (engine.applied, outputs.exists()) == ([], False)


def test_only_an_apply_of_a_live_stack_in_a_cloud_can_tell_of_what_was_live(desk: Desk) -> None:
    for stack in ("staging", "laptop-live"):
        said = desk.inv("apply", stack, "--outputs", "outputs")
        assert said == Said(
            2,
            "",
            f"--outputs tells which commit was live before, and {stack} is no live stack of a cloud; leave it out\n",
        )


# -- which commit a platform is as a whole --------------------------------------------------------------------------


@dataclass
class Noting:
    """An engine that keeps tags, and whose applies go well until they are told not to. `seen`: the tag during each."""

    kept: dict[str, str] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    seen: list[str | None] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    name: str = "noting"

    def recover(self, _: Stack) -> None:
        """Nothing was left by another run."""

    def preview(self, *_: Any, **__: Any) -> Outcome:
        return Outcome((), {}, ())

    def apply(self, *_: Any, **__: Any) -> Outcome:
        self.seen.append(self.kept.get("applied"))
        self.meanwhile()
        return Outcome((), {}, self.errors)

    def tags(self, stack: str) -> Mapping[str, str]:
        assert stack == "staging"
        return self.kept

    def tag(self, stack: str, name: str, value: str | None) -> None:
        assert stack == "staging"
        self.kept.pop(name, None)
        self.kept |= {name: value} if value else {}


@pytest.fixture
def platform(staging: Staging) -> Callable[[Noting], stacks.Site]:
    """Staging's platform, whose builds are there, with an engine."""
    zip_ = sha256(b"zip").hexdigest()
    text = staging.desk.read("Pulumi.staging.yaml")
    staging.desk.write("Pulumi.staging.yaml", text.replace("sha256:" + 64 * "0", f"sha256:{zip_}"))
    staging.commit("Name the builds")
    boto3.client("s3").put_object(Bucket=NAMES.builds, Key=Build(zip_).key, Body=b"zip")

    def site(engine: Noting) -> stacks.Site:
        there = replace(There.nothing(staging.wish()), published=wished.cloud(staging.wish()).published())
        return stacks.Site(staging.wish(), Kind.platform, engine, there)  # type: ignore[arg-type] # it does what counts

    return site


def test_the_commit_is_noted_when_all_of_it_is_applied(
    staging: Staging, platform: Callable[[Noting], stacks.Site]
) -> None:
    engine = Noting({"applied": staging.wish().commit})
    staging.commit("A commit after")
    assert stacks._apply(platform(engine), lambda _: None, ()).ok
    assert (engine.seen, engine.kept) == ([None], {"applied": staging.wish().commit})


def test_no_commit_is_applied_that_lacks_the_one_applied(platform: Callable[[Noting], stacks.Site]) -> None:
    engine = Noting({"applied": 40 * "d"})
    site = platform(engine)
    with pytest.raises(EngineError) as refused:
        stacks._apply(site, lambda _: None, ())
    assert str(refused.value) == f"staging is what {40 * 'd'} says, which HEAD does not have behind it; git pull"
    assert (engine.seen, engine.kept) == ([], {"applied": 40 * "d"})


def test_none_is_noted_while_an_apply_is_at_it_of_a_part_or_ended_badly(
    staging: Staging,
    platform: Callable[[Noting], stacks.Site],
) -> None:
    engine = Noting({"applied": staging.wish().commit})
    assert stacks._apply(platform(engine), lambda _: None, ("updates",)).ok
    assert (engine.seen, engine.kept) == ([None], {})
    engine = Noting(errors=("AWS said no",))
    assert stacks._apply(platform(engine), lambda _: None, ()).errors == ("AWS said no",)
    assert engine.kept == {}
    engine = Noting()
    boto3.client("s3").delete_object(Bucket=NAMES.builds, Key=Build(sha256(b"zip").hexdigest()).key)
    assert "not in the bucket of builds" in stacks._apply(platform(engine), lambda _: None, ()).errors[0]
    assert (engine.seen, engine.kept) == ([], {})


def test_the_commit_that_was_read_is_noted_whatever_is_committed_meanwhile(
    staging: Staging, platform: Callable[[Noting], stacks.Site]
) -> None:
    engine = Noting(meanwhile=lambda: staging.commit("Meanwhile"))
    site = platform(engine)
    assert stacks._apply(site, lambda _: None, ()).ok
    assert engine.kept == {"applied": site.wish.commit}
    assert site.wish.commit != staging.wish().commit


def test_code_that_no_commit_has_is_noted_as_none(
    staging: Staging, platform: Callable[[Noting], stacks.Site], capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Noting()
    site = platform(engine)
    staging.desk.append("infra/names.py", "# edited")
    staging.desk.write("delivery/new.py", "")
    staging.desk.append("README.md", "no code")
    assert stacks._apply(site, lambda _: None, ()).ok
    assert engine.kept == {}
    assert capsys.readouterr().err == (
        f"staging is not noted as what {site.wish.commit} says: infra/names.py, delivery/new.py differ from it here\n"
    )


# -- what each role may ---------------------------------------------------------------------------------------------


def needs(call: Call, aws: Any) -> list[tuple[str, str, dict[str, str]]]:
    """The action, the resource and the context that IAM judges for a call; of a key, by the alias that it is named."""
    name, params = call
    service, _, operation = name.partition(":")
    if service == "kms":
        alias = {"kms:ResourceAliases": str(params["KeyId"])}
        return [(f"kms:{operation}", reach.arn(aws, "kms", "key/1234"), alias)]
    if service == "lambda":
        function = f"function:{params['FunctionName']}"
        qualified = f"{function}:{params['Qualifier']}" if "Qualifier" in params else function
        return [({"Invoke": "lambda:InvokeFunction"}.get(operation, name), reach.arn(aws, "lambda", qualified), {})]
    bucket = str(params["Bucket"])
    found: tuple[str, str, dict[str, str]] = (
        "s3:ListBucket",
        reach.bucket_arn(bucket),
        {},
    )  # without it what is not there is refused
    if operation == "ListObjectsV2":
        return [found]
    if operation == "ListObjectVersions":
        return [("s3:ListBucketVersions", reach.bucket_arn(bucket), {})]
    action = {"HeadObject": "s3:GetObject"}.get(operation, f"{name}Version" if "VersionId" in params else name)
    return [found, (action, reach.bucket_arn(bucket, str(params["Key"])), {})]


def refused(staging: Staging, does: str) -> list[tuple[str, str]]:
    """What was called that the role may not."""
    infra = staging.wish().infra
    [role] = [each for each in roles(NAMES, infra) if each.does == does]
    asked = [need for call in staging.heard for need in needs(call, infra.aws)]
    return [(action, on) for action, on, context in asked if not allowed(role.parts.values(), action, on, context)]


def called(staging: Staging) -> list[str]:
    return sorted({name for name, _ in staging.heard})


@contextmanager
def hearing(staging: Staging) -> Iterator[Cloud]:
    staging.heard.clear()
    yield wished.cloud(staging.wish())


LOOKS = {
    Kind.ground: [],
    Kind.platform: ["kms:Decrypt", "lambda:GetAlias", "lambda:ListVersionsByFunction"],
    Kind.live: ["s3:GetObject"],
}


def set_secret(staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(keys.secrets()["origin-pull-key"].encode())))
    assert staging.desk.inv("secret", "set", "staging", "origin-pull-key").status == 0
    staging.commit("Set the key")


@pytest.mark.parametrize("kind", LOOKS)
def test_a_preview_reads_only_what_its_stack_needs_as_its_role_may(
    staging: Staging, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_secret(staging, monkeypatch)
    staging.put_live()
    with hearing(staging) as cloud:
        There.in_the_cloud(staging.wish(), kind, cloud, to_write=False)
        assert called(staging) == LOOKS[kind]
        assert refused(staging, "preview") == []


def test_drift_reads_the_archive_as_the_role_of_previews_may(staging: Staging) -> None:
    with hearing(staging) as cloud:
        assert cloud.read(NAMES.archive, "espice/1.6.0/file") is None
        assert refused(staging, "preview") == []
        assert refused(staging, "live-deploy") != []


def test_the_role_of_the_platform_may_all_that_an_apply_of_it_calls(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_secret(staging, monkeypatch)
    with hearing(staging) as cloud:
        There.in_the_cloud(staging.wish(), Kind.platform, cloud, to_write=True)
        cloud.function.invoke("1", {})
        cloud.holds(SimpleNamespace(key="ab.zip"))  # type: ignore[arg-type] # only the key counts
        locks(cloud.backend, PROJECT, "staging")
        cloud.backend.files.delete(".pulumi/locks/organization/espice/staging/1.json")
        assert {"lambda:Invoke", "s3:HeadObject", "kms:Decrypt", "s3:DeleteObject"} <= set(called(staging))
        assert refused(staging, "platform-deploy") == []
        assert refused(staging, "live-deploy") != []


def test_the_role_of_the_live_stack_may_all_that_an_apply_of_it_calls(staging: Staging) -> None:
    staging.put_live()
    staging.hold()
    with hearing(staging) as cloud:
        staging.stack()
        locks(cloud.backend, PROJECT, "staging-live")
        cloud.backend.files.delete(".pulumi/locks/organization/espice/staging-live/1.json")
        reads = ["s3:DeleteObject", "s3:GetObject", "s3:ListObjectVersions", "s3:ListObjectsV2"]
        assert called(staging) == ["kms:GetPublicKey", "kms:Sign", *reads]
        assert refused(staging, "live-deploy") == []
        assert refused(staging, "platform-deploy") != []


def test_the_role_of_the_brake_may_all_that_a_halt_calls_and_no_workflow_may(staging: Staging) -> None:
    staging.put_live()
    halt(staging)
    boto3.client("s3").put_object(Bucket=NAMES.catalog, Key=OVERRIDE_KEY, Body=b"{}")  # so that older ones are read
    with hearing(staging):
        halt(staging, "beta")
        reads = ["s3:GetObject", "s3:ListObjectVersions", "s3:PutObject"]
        assert called(staging) == ["kms:GetPublicKey", "kms:Sign", *reads]
        assert refused(staging, "brake") == []
        for does in ("live-deploy", "platform-deploy", "preview", "publish"):
            assert ("s3:PutObject", f"arn:aws:s3:::{NAMES.catalog}/{OVERRIDE_KEY}") in refused(staging, does)

"""build: the zips that Lambda runs, made from HEAD, and put where a stack file may name them."""

from typing import Any, get_args

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from delivery.artifacts.objects import AlreadyThere, Bucket, Served
from delivery.commands.desk import ROOT, Usage, command, out, print_json
from delivery.deploy.build import APPS, Zip
from delivery.deploy.build_commit import for_lambda
from delivery.deploy.build_libraries import NoLibraries
from delivery.history import snapshot
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.rules.read import PRODUCT
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.names import Names, build_key

BUDGET = 40_000_000  # bytes of a zip: what a cold start fetches; Lambda itself takes 250 MB
_SERVED = Served("application/zip", "attachment", "private")


@command
def build(apps: str, publish: str, as_json: bool) -> int:
    """Each app's zip: its size, its digest, and whether it was put into the bucket of builds."""
    names = _apps(apps)
    bucket = _bucket(publish) if publish else None
    made = {name: zip_of(name, "HEAD") for name in names}
    too_large = [name for name, its in made.items() if len(its.data) > BUDGET]
    said = {name: _put(bucket, its) if bucket and not too_large else "" for name, its in made.items()}
    if as_json:
        commit = snapshot.commit_id(ROOT, "HEAD")
        rows = {name: {"digest": its.digest, "size": len(its.data), "put": said[name]} for name, its in made.items()}
        print_json({"commit": commit, "budget": BUDGET, "builds": rows})
    else:
        for name, its in made.items():
            size = f"{len(its.data) / 1e6:5.1f} of {BUDGET / 1e6:.0f} MB"
            out.print(f"{name:<9} {size}  {its.digest}{said[name] and f'  {said[name]}'}", markup=False)
    if too_large:
        raise Usage(f"{' and '.join(too_large)}: over the budget; leave a library out, or raise BUDGET with a reason")
    return 0


def zip_of(app: str, ref: str) -> Zip:
    """An app of a commit as Lambda runs it. Raises Usage, NoHistory."""
    try:
        return for_lambda(ROOT, ref, app)
    except NoLibraries as error:
        raise Usage(str(error)) from None


def _apps(said: str) -> tuple[str, ...]:
    names = tuple(filter(None, said.split(","))) or tuple(APPS)
    unknown = [name for name in names if name not in APPS]
    if unknown:
        raise Usage(f"there is no app {', '.join(unknown)}; there are {', '.join(APPS)}")
    return names


def _bucket(environment: str) -> Bucket:
    """The bucket of builds of an environment. Raises Usage, Refused."""
    for each in get_args(Environment):
        if each == environment != "laptop":
            infra, names = _facts(each)
            client: Any = boto3.client("s3", region_name=infra.aws.region)
            return Bucket(client, names.builds)
    raise Usage(f"--publish {environment}: name staging or production; the laptop makes its own builds")


def _facts(environment: Environment) -> tuple[stack_file.InfraConfig, Names]:
    path = stack_file.path(environment)
    files = snapshot.at_commit(ROOT, "HEAD", [path, PRODUCT])
    infra, problems = stack_file.read(path, files.get(path, b""))
    product, more = parse(PRODUCT, files.get(PRODUCT, b""), Product)
    if infra is None or product is None:
        raise Refused((*more, *problems))
    return infra, Names.of(product.value, environment)


def _put(bucket: Bucket, made: Zip) -> str:
    """Never over another: the same name is the same bytes. Raises Usage."""
    try:
        bucket.put_new(build_key(made.sha256), made.data, made.sha256, _SERVED)
    except AlreadyThere:
        return f"is in {bucket.name} already"
    except (BotoCoreError, ClientError) as error:
        mend = "sign in to the environment's AWS account, and see that ./inv bootstrap made the bucket"
        raise Usage(f"{bucket.name} did not take the build: {error}; {mend}") from None
    return f"put into {bucket.name}"

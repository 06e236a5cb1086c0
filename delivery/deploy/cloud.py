"""An environment's own AWS account, as far as this machine's credentials reach: what is there, and the engine for it.

AWS_ENDPOINT_URL sends all of it elsewhere, as it does for every program of AWS.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound

from delivery.artifacts.objects import Bucket as Objects
from delivery.deploy import secrets
from delivery.deploy.build_versions import LambdaFunction, Published
from delivery.deploy.objects import PROMPT, Bucket
from delivery.engines import cli
from delivery.engines.backend import Backend
from delivery.engines.backend import Bucket as States
from delivery.engines.engine_pulumi import PulumiEngine, unreachable
from delivery.engines.stack import EngineError
from infra.build import Build
from infra.config import InfraConfig
from infra.names import Names
from infra.stacks import PROJECT


class NoCredentials(EngineError):  # noqa: N818 - what is missing
    """Nobody is signed in to AWS here."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """The account of one environment."""

    names: Names
    infra: InfraConfig

    @classmethod
    def reached(cls, names: Names, infra: InfraConfig) -> Cloud:
        """The account. Raises NoCredentials."""
        if boto3.Session().get_credentials() is None:
            raise NoCredentials(f"there are no AWS credentials here; sign in to the AWS account of {names.environment}")
        return cls(names, infra)

    def client(self, service: str, how: Config | None = None) -> Any:
        """boto3's client."""
        return boto3.client(service, region_name=self.infra.aws.region, config=how)

    def store(self, bucket: str) -> Objects:
        """A bucket of this environment, in S3 or R2. Raises EngineError: there are no keys for R2 here."""
        return Objects(self._s3(bucket), bucket)

    def objects(self, bucket: str) -> Bucket:
        """A bucket whose objects are written again and again. Raises EngineError: there are no keys for R2 here."""
        return Bucket(self._s3(bucket, PROMPT), bucket)

    def read(self, bucket: str, key: str) -> bytes | None:
        """An object, in S3 or R2; None if it is not there. Raises EngineError."""
        s3 = self._s3(bucket)
        try:
            return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
            return None
        except (BotoCoreError, ClientError) as error:
            raise EngineError(unreachable(str(error))) from None

    def _s3(self, bucket: str, how: Config | None = None) -> Any:
        if bucket not in self.names.in_r2:
            return self.client("s3", how)
        profile = self.names.r2_profile
        try:
            session = boto3.Session(profile_name=profile)
            where = os.environ.get("AWS_ENDPOINT_URL") or self.infra.cloudflare.r2
            return session.client("s3", region_name="auto", endpoint_url=where, config=how)
        except ProfileNotFound:
            mend = f"put R2's keys into the profile {profile} of the shared credentials file"
            raise EngineError(f"{bucket} lies in R2, and there are no keys for it here; {mend}") from None

    @property
    def function(self) -> LambdaFunction:
        """The update endpoint's."""
        return LambdaFunction(self.client("lambda"), self.names.function)

    def holds(self, build: Build) -> bool:
        """Whether a build lies in the bucket of builds. Raises EngineError."""
        try:
            self.client("s3").head_object(Bucket=self.names.builds, Key=build.key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchBucket"):
                return False
            raise EngineError(unreachable(str(error))) from None
        except BotoCoreError as error:
            raise EngineError(unreachable(str(error))) from None
        return True

    def published(self) -> Published | None:
        """What the update endpoint's function has. Raises EngineError."""
        return self.function.published()

    def engine(self, folder: Path, policies: Sequence[Path], say: Callable[[str], None]) -> PulumiEngine:
        """The real engine on this account's state, working in a folder. Raises EngineError: it is not here."""
        return PulumiEngine(cli.needed(), folder, self.backend, PROJECT, _attached(), policies, say)

    @property
    def backend(self) -> Backend:
        """The bucket of states, and the key that encrypts the secrets in them."""
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        query = {"region": self.infra.aws.region, "awssdk": "v2"}
        elsewhere = {"endpoint": endpoint, "s3ForcePathStyle": "true"} if endpoint else {}
        url = f"s3://{self.names.state}?{urlencode({**query, **elsewhere})}"
        files = States(self.client("s3"), self.names.state)
        env = {"AWS_REGION": self.infra.aws.region, "AWS_DEFAULT_REGION": self.infra.aws.region}
        return Backend(url, secrets.provider(self.names, self.infra.aws.region), files, env)


def _attached() -> Mapping[str, str]:
    """Providers that somebody runs beside this, by package name, as Pulumi's own variable says: `aws:PORT,…`."""
    named = os.environ.get("PULUMI_DEBUG_PROVIDERS", "")
    pairs = (each.partition(":") for each in filter(None, named.split(",")))
    return {package: f"127.0.0.1:{port}" for package, _, port in pairs}

"""The override outlasts the laptop's AWS: what lies there is in a file, however it came or went."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from delivery.laptop.kept import Kept
from delivery.rules.brake import OVERRIDE_KEY

pytestmark = pytest.mark.slow

CATALOG = "espice-laptop-catalog"


@dataclass
class Aws:
    s3: Any
    file: Path

    def put(self, key: str, data: bytes, **more: str) -> None:
        self.s3.put_object(Bucket=CATALOG, Key=key, Body=data, **more)


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Aws]:
    file = tmp_path / "override.json"
    server = make_server("127.0.0.1", 0, Kept(DomainDispatcherApplication(create_backend_app), file), threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.port}"
    told = {"region_name": "us-east-1", "aws_access_key_id": "t", "aws_secret_access_key": "t"}
    s3 = boto3.client("s3", endpoint_url=url, config=Config(s3={"addressing_style": "path"}), **told)
    s3.create_bucket(Bucket=CATALOG)
    s3.put_bucket_versioning(Bucket=CATALOG, VersioningConfiguration={"Status": "Enabled"})
    try:
        yield Aws(s3, file)
    finally:
        requests.post(f"{url}/moto-api/reset", timeout=10)
        server.shutdown()
        server.server_close()


def test_it_is_kept_as_it_lies_there(aws: Aws) -> None:
    aws.put(OVERRIDE_KEY, b"one")
    aws.put(OVERRIDE_KEY, b"two")
    assert aws.file.read_bytes() == b"two"


def test_what_was_not_written_is_not_kept(aws: Aws) -> None:
    aws.put(OVERRIDE_KEY, b"one")
    with pytest.raises(aws.s3.exceptions.ClientError, match="PreconditionFailed"):
        aws.put(OVERRIDE_KEY, b"two", IfNoneMatch="*")
    assert aws.file.read_bytes() == b"one"


def test_what_somebody_deleted_is_not_put_back(aws: Aws) -> None:
    aws.put(OVERRIDE_KEY, b"one")
    aws.s3.delete_object(Bucket=CATALOG, Key=OVERRIDE_KEY)
    assert not aws.file.exists()


def test_nothing_else_is_kept(aws: Aws) -> None:
    aws.put("catalog/head.json", b"head")
    assert not aws.file.exists()

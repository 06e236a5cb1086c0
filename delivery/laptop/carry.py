"""Makes one commit true on this laptop: prepare, plan, apply the platform, publish, apply live, say what must run.

The same steps as in the clouds, with moto as AWS, a file as the Cloudflare account and demo keys for the head.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from delivery.artifacts import samples
from delivery.artifacts.objects import Bucket
from delivery.artifacts.publish import publish
from delivery.deploy import steps
from delivery.deploy.build import EndpointBuild, build_endpoint
from delivery.deploy.engine_embedded import EmbeddedEngine
from delivery.deploy.head import next_head
from delivery.deploy.stack import Outcome, Stack
from delivery.deploy.steps import Prepared
from delivery.history import snapshot
from delivery.laptop import keys
from delivery.laptop.edge import Runtime
from delivery.laptop.places import Places
from delivery.laptop.providers.server import serve
from delivery.present import terminal
from delivery.rules.catalog import HEAD_KEY
from delivery.rules.head import peek
from delivery.rules.plan import Plan
from delivery.rules.problem import Refused
from infra import config as stack_file
from infra.live import LiveInputs, live
from infra.names import Names
from infra.platform import PlatformInputs, platform

ENVIRONMENT = "laptop"
Say = Callable[[str], None]


class Failed(Exception):  # noqa: N818 - what happened
    """An apply went wrong half-way; what it had done stays, and the next one goes on from there."""

    def __init__(self, sentences: tuple[str, ...]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences

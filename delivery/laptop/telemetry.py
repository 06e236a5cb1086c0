"""The way of an event on this laptop: a real PostgreSQL where RDS has an instance, and what takes events off the queue.

From the realised resources only: without an instance there is no database, without a mapping nobody asks the queue.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import delivery.events
from delivery.laptop import event_source, postgres, runtime
from delivery.laptop.edge import EndpointBuild
from delivery.laptop.functions import FUNCTION, published
from delivery.laptop.places import Places
from delivery.laptop.providers.ledger import Records

INSTANCE, MAPPING = "aws:rds/instance:Instance", "aws:lambda/eventSourceMapping:EventSourceMapping"

_FIRST = Path(delivery.events.__file__).with_name("first.sql")


def wanted(records: Records, places: Places, ports: Mapping[str, int]) -> tuple[Mapping[str, Any], ...]:
    """Recipes for the supervisor: the database, and a consumer for each queue that a function is mapped to."""
    return (*_databases(records, places, ports), *_consumers(records, places, ports))


def _databases(records: Records, places: Places, ports: Mapping[str, int]) -> Iterator[Mapping[str, Any]]:
    for instance in records.get(INSTANCE, {}).values():
        folder = places.databases / f"{instance['identifier']}-{instance['engineVersion']}"
        name, port = str(instance["dbName"]), ports["database"]
        command = postgres.recipe(folder, port, name, str(instance["username"]), _FIRST)
        url = f"postgresql://{instance['username']}@127.0.0.1:{port}/{name}"
        yield {"name": "database", "port": port, "command": command, "url": url}


def _consumers(records: Records, places: Places, ports: Mapping[str, int]) -> Iterator[Mapping[str, Any]]:
    for mapping in records.get(MAPPING, {}).values():
        if not mapping.get("enabled", True):
            continue
        build = _build(records, str(mapping["functionName"]))
        asked = {
            "queue": mapping["eventSourceArn"],
            "handler": build.handler,
            "batch": int(mapping["batchSize"]),
            "window": int(mapping.get("maximumBatchingWindowInSeconds") or 0),
            "partial": "ReportBatchItemFailures" in (mapping.get("functionResponseTypes") or ()),
        }
        yield {
            "name": f"consumer-{build.version}-{build.sha256[:8]}",
            "command": [sys.executable, "-P", str(Path(event_source.__file__).resolve()), json.dumps(asked)],
            **runtime.surroundings(build, places, ports),
        }


def _build(records: Records, arn: str) -> EndpointBuild:
    """The version of a function that answers, named by the ARN of its alias."""
    name = arn.partition(":function:")[2].partition(":")[0]
    found = published(records, name)
    version = (found.live if found else None) or records[FUNCTION][name]["version"]
    its = records[FUNCTION][name]["versions"][version]
    return EndpointBuild(name, version, Path(its["code"]), its["sha256"], its["handler"], its["environment"], 1.0)

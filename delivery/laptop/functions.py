"""The laptop's Lambda, as deploy meets it: which versions a function has published, and one asked as Lambda asks it.

moto tells the latest code for every version, so the versions are those that the provider has recorded.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.deploy.build_versions import Published, answered
from delivery.deploy.probe import Event
from delivery.laptop import runtime
from delivery.laptop.edge import EndpointBuild
from delivery.laptop.places import Places
from delivery.laptop.providers.ledger import Ledger, Records

FUNCTION, ALIAS = "aws:lambda/function:Function", "aws:lambda/alias:Alias"

WITHIN = 30.0  # seconds that one invocation may take, imports included
# What a build prints while it is imported or asked goes to standard error: the answer stands alone.
_RUN = """
import json, os, sys
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
import {module}
answer.write(json.dumps({handler}(json.load(sys.stdin), None)))
answer.flush()
"""


@dataclass(frozen=True, slots=True)
class LaptopFunction:
    """A function that the laptop's providers have realised; `ports` by name, as its processes are told them."""

    places: Places
    ports: Mapping[str, int]
    name: str

    def published(self) -> Published | None:
        """As the ledger has it."""
        return published(Ledger(self.places.ledger).read(), self.name)

    def invoke(self, version: str, event: Event) -> Event:
        """Run the handler of that version's own zip once, in a process of its own that sees nothing else of ours."""
        its = Ledger(self.places.ledger).read()[FUNCTION][self.name]["versions"][version]
        handler, sha256 = str(its["handler"]), str(its["sha256"])
        build = EndpointBuild(self.name, version, Path(its["code"]), sha256, handler, its["environment"], 0.0)
        within = runtime.surroundings(build, self.places, self.ports)
        try:
            done = subprocess.run(
                [sys.executable, "-c", _RUN.format(module=handler.rpartition(".")[0], handler=handler)],
                input=json.dumps(event),
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=WITHIN,
                cwd=within["cwd"],
                env={**os.environ, **within["env"]},
            )
        except subprocess.TimeoutExpired:
            return {"errorMessage": f"it did not answer within {WITHIN:g} s"}
        if done.returncode:
            return {"errorMessage": (done.stderr.strip().splitlines() or ["it says nothing"])[-1]}
        return answered(done.stdout)


def published(records: Records, function: str) -> Published | None:
    """The versions of a function, and who answers; None if there is no such function."""
    found = records.get(FUNCTION, {}).get(function)
    if found is None:
        return None
    versions = {
        version: str(its["sha256"]) for version, its in sorted(found["versions"].items(), key=_number, reverse=True)
    }
    alias = _alias(records, function)
    others = (alias.get("routingConfig") or {}).get("additionalVersionWeights") or {}
    return Published(versions, alias.get("functionVersion"), others)


def _alias(records: Records, function: str) -> Mapping[str, Any]:
    return next((each for each in records.get(ALIAS, {}).values() if each["functionName"] == function), {})


def _number(item: tuple[str, Any]) -> int:
    return int(item[0])

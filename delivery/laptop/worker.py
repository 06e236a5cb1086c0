"""Carries out one commit after the other on this laptop; runs from the code of the commit it was started for.

A child of `up`, spoken to in lines of JSON: {"commit": id, "again": false} comes in; {"say": text} goes out while it
works, and then {"live": ...}, {"refused": [problems]} or {"failed": [sentences]}. It stays warm, so a commit that
touches only facts costs no imports. It starts no processes: it says which endpoints and what edge there should be, and
`up` sees to that.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from delivery.deploy.build_versions import BuildRefused
from delivery.engines.stack import EngineError
from delivery.laptop.carry import Carrier, Failed, Live
from delivery.laptop.edge import EdgeError
from delivery.laptop.providers.cloudflare.rulesets import RuleError
from delivery.laptop.runtime import EdgeRefused
from delivery.laptop.worker_client import Job
from delivery.rules.problem import Refused


def answer(carrier: Carrier, asked: dict[str, Any], say: Callable[[str], None]) -> dict[str, Any]:
    """Carry one commit out and say how it went."""
    began = time.monotonic()
    try:
        live: Live = carrier.carry(asked["commit"], say, again=asked["again"])
    except Refused as refused:
        return {
            "refused": [asdict(problem) for problem in refused.problems],
            "words": [str(p) for p in refused.problems],
        }
    except Failed as failed:
        return {"failed": list(failed.sentences)}
    except (BuildRefused, EdgeError, EdgeRefused, EngineError, RuleError) as error:
        return {"failed": [str(error)]}
    seconds = round(time.monotonic() - began, 2)
    return {"live": {**live.to_json(), "seconds": seconds}, "failed": list(live.trouble)}


def main() -> None:
    """Serve until standard input ends: when `up` dies, so does its worker."""
    replies = sys.stdout
    sys.stdout = sys.stderr  # what libraries print belongs into the log

    def send(message: dict[str, Any]) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    job = Job.read(sys.argv[1])
    with Carrier.of(job.repo, job.ports, job.engine) as carrier:
        send({"ready": True})
        for line in sys.stdin:
            send(answer(carrier, json.loads(line), lambda text: send({"say": text})))


if __name__ == "__main__":
    main()

"""How long a plan-only preview of both laptop stacks takes: `python -m benchmarks.preview`.

The first one in a process pays for Pulumi's imports; a worker or a console stays warm.
"""

import time

BEGAN = time.perf_counter()

from datetime import UTC, datetime  # noqa: E402 - imports are a part of what is measured
from pathlib import Path  # noqa: E402

from benchmarks.measure import Figure, once, show, typical  # noqa: E402
from delivery.deploy import programs, steps  # noqa: E402
from delivery.deploy.build_commit import for_laptop  # noqa: E402
from delivery.deploy.head import next_head  # noqa: E402
from delivery.engines.stack import Stack  # noqa: E402
from delivery.history import snapshot  # noqa: E402
from delivery.laptop import keys, planner  # noqa: E402
from infra import config as stack_file  # noqa: E402
from infra.build import Build, Builds  # noqa: E402

IMPORTS = time.perf_counter() - BEGAN
ROOT = Path(__file__).resolve().parents[1]
DOWNLOADS = "http://127.0.0.1:8402"


def stacks() -> tuple[Stack, Stack]:
    """Both, as the working tree has them."""
    now, files = datetime.now(UTC), snapshot.in_worktree(ROOT)
    path = stack_file.path("laptop")
    infra, problems = stack_file.read(path, (ROOT / path).read_bytes())
    assert infra is not None, problems
    prepared = steps.prepare(files, files, "laptop", now)
    product, signer = prepared.facts.product.value, keys.head_signer()
    said = {"commit": "0" * 40, "serial": 1, "sha256": prepared.sha256}
    head = next_head(None, product, "laptop", **said, signer=signer, now=now)  # type: ignore[arg-type] # str and int
    newest = {app: Build(its.sha256) for app, its in for_laptop(ROOT, "HEAD").items()}
    builds = Builds.of(infra, newest)
    publication = steps.publication(prepared, head, DOWNLOADS, now)
    return (
        programs.platform_stack(product, "laptop", infra, builds, keys.secrets(), DOWNLOADS),
        programs.live_stack(product, "laptop", infra, publication, narrowing=False),
    )


def main() -> None:
    """Measures and prints."""
    both = stacks()

    def preview() -> int:
        outcomes = [planner.preview(stack) for stack in both]
        assert all(outcome.ok for outcome in outcomes)
        return sum(len(outcome.steps) for outcome in outcomes)

    resources: list[int] = []
    first = once(lambda: resources.append(preview()))
    warm = typical(preview, rounds=5)
    figures = [
        Figure("preview of both stacks, warm", warm, 1.0),
        Figure("the first in a process", first),
        Figure("imports before that", IMPORTS),
        Figure("reading, checking and signing what they say", typical(stacks, rounds=3)),
    ]
    show(f"Plan-only preview of laptop and laptop-live ({resources[0]} resources)", figures)


if __name__ == "__main__":
    main()

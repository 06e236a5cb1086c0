"""How check and catalog grow with history: `python -m benchmarks.facts`.

Versions are as large as real ones: the repository's own, renamed, with their signatures' comments.
"""

import base64
import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.measure import Figure, show, typical
from delivery.deploy import steps
from delivery.deploy.steps import Prepared
from delivery.rules import catalog
from delivery.rules import read as reading
from delivery.rules.assemble import assemble
from delivery.rules.check import check
from delivery.rules.compile import compile
from delivery.rules.facts import Facts
from delivery.rules.read import read

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime.now(UTC)
COUNTS = (50, 200, 800)
MODEL = "1.4.0"
BEGAN = date(2020, 1, 1)


def history(count: int) -> dict[str, bytes]:
    """A repository in which this many versions reached everyone on stable, one after the other."""
    kept = ["product.yaml", "releases/policy.yaml", "releases/channels/stable.yaml"]
    files = {path: (ROOT / path).read_bytes() for path in kept}
    files["releases/policy.yaml"] = re.sub(rb"(?m)^ *beta: .*\n", b"", files["releases/policy.yaml"])
    model = (ROOT / f"releases/versions/{MODEL}.yaml").read_text()
    for minor in range(count):
        version, day = f"2.{minor}.0", BEGAN + timedelta(days=minor)
        files[f"releases/versions/{version}.yaml"] = _renamed(model, version).encode()
        files[f"releases/rollouts/stable/{version}.yaml"] = (
            f"rollout: stable/{version}\nsalt: stable-{version}\ntargets: all\nsteps:\n"
            f'  - {{at: "{day}T09:00:00Z", percent: 10}}\n  - {{at: "{day}T17:00:00Z", percent: 100}}\n'
        ).encode()
    return files


def _renamed(model: str, version: str) -> str:
    def resigned(found: re.Match[str]) -> str:
        said = base64.b64decode(found[1]).decode().replace(MODEL, version)
        return f"signature: {base64.b64encode(said.encode()).decode()}"

    def rebuilt(found: re.Match[str]) -> str:
        return f"sha256: {hashlib.sha256((version + found[1]).encode()).hexdigest()}"

    text = model.replace(MODEL, version)
    return re.sub(r"sha256: (\S+)", rebuilt, re.sub(r"signature: (\S+)", resigned, text))


def loaded(files: dict[str, bytes]) -> Facts:
    """The facts of these files, which have no problem."""
    facts, problems = read(files)
    assert facts is not None, problems
    assert check(facts, facts, now=NOW) == ()
    return facts


def prepared(files: dict[str, bytes]) -> Prepared:
    """From bytes to the catalog, as a process does it that has read nothing yet."""
    reading._parsed.cache_clear()  # noqa: SLF001 - what was read once is not read again, which would flatter
    return steps.prepare(files, files, "laptop", NOW)


def main() -> None:
    """Measures and prints."""
    figures = []
    for count in COUNTS:
        files = history(count)
        whole = typical(lambda: prepared(files), rounds=3)  # noqa: B023 - called at once
        figures.append(Figure(f"check and catalog of {count} versions", whole, 1.0 if count == 200 else None))
    show("Facts, by how many versions there are", figures)

    files = history(200)
    facts = loaded(files)
    built = assemble(facts, "laptop")
    parts = [
        Figure("read, what was read before", typical(lambda: read(files), rounds=3)),
        Figure("check", typical(lambda: check(facts, facts, now=NOW), rounds=3)),
        Figure("build the catalog", typical(lambda: assemble(facts, "laptop"), rounds=3)),
        Figure("write the catalog", typical(lambda: catalog.to_bytes(built), rounds=3)),
        Figure("index the catalog", typical(lambda: compile(built), rounds=3)),
    ]
    show("Its parts, at 200 versions", parts)


if __name__ == "__main__":
    main()

"""sample, verify: a version to play with, and proof that all samples are what the facts say."""

from datetime import UTC, datetime

from delivery.artifacts import fact, samples
from delivery.artifacts.verify import verify as verified
from delivery.commands.desk import ROOT, Usage, command, err, out, worktree
from delivery.commands.hand_over import EITHER, hand_over
from delivery.commands.propose import branch, changed, on_main, propose
from delivery.deploy import steps
from delivery.laptop import keys
from delivery.laptop.places import Places
from delivery.laptop.sample_bytes import SampleBytes
from delivery.rules.precedence import NotAVersion, precedence

NOTES = "A sample to play with: made by ./inv sample, signed by the demo key, trusted on laptops only."


@command
def sample(version: str, commit: bool, pr: bool) -> int:
    """Write or propose releases/versions/<version>.yaml; its artifacts are built when they are published."""
    if commit and pr:
        raise Usage(EITHER)
    try:
        precedence(version)
    except NotAVersion as error:
        raise Usage(f"{error}; type ./inv sample 1.6.0") from None
    now = datetime.now(UTC).replace(microsecond=0)
    main = on_main() if pr else None
    files = main.files() if main else worktree()
    facts = steps.prepare(files, files, "laptop", now).facts
    path = f"releases/versions/{version}.yaml"
    if path in files:
        raise Usage(f"{path} is there already, and what was built is never built anew; choose another version")
    made = samples.release(facts.product.value, version, now, NOTES, keys.artifact_key())
    data = fact.to_yaml(made)
    steps.prepare({**files, path: data}, files, "laptop", now)  # refuses what the check would
    summary = f"Add sample version {version}"
    if main:
        status = propose(main, changed(main, branch(summary, path), {path: data}, summary, ""), now)
    else:
        (ROOT / path).write_bytes(data)
        out.print(f"wrote {path}", markup=False)
        status = hand_over({path: True}, summary, "", commit=commit)
    typed = f'./inv start beta {version} --evidence "a sample: nothing to update"'
    then = f", once it is merged: {typed} --pr" if pr else f": {typed}"
    out.print(f"to offer it to somebody{then}", markup=False)
    return status


@command
def verify() -> int:
    """Build every sample and compare it with the facts: size, sha256, kind, signature, version."""
    files = worktree()
    facts = steps.prepare(files, files, "laptop", datetime.now(UTC)).facts
    trusted = facts.product.value.artifact_keys("laptop")
    fetch = SampleBytes(Places(ROOT).samples).fetcher(facts)
    flaws = checked = 0
    for name, filed in facts.versions.items():
        for target, bundles in filed.value.artifacts.items():
            for bundle, artifact in bundles.items():
                checked += 1
                for flaw in verified(artifact, name, bundle, fetch(name, target, bundle), trusted):
                    flaws += 1
                    where = filed.at("artifacts", target, bundle, flaw.field)
                    err.print(f"{where}: {artifact.file}: {flaw.what}; {flaw.mend}", markup=False)
    out.print(f"{checked} artifacts, {flaws} problems")
    return 1 if flaws else 0

"""release: the fact of a version, from what was built. Nothing is offered to anybody by it."""

import re
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from typing import Any, Unpack, cast

from delivery.artifacts import fact
from delivery.artifacts.gather import Artifacts, gather
from delivery.artifacts.inside import Inside
from delivery.commands import attestations
from delivery.commands.builds import Builds, Said, in_folder, in_release
from delivery.commands.desk import ROOT, Usage, command, machine, out, print_json
from delivery.commands.hand_over import How
from delivery.commands.write import write
from delivery.proposals.github_releases import at_github
from delivery.rules import edit as verbs
from delivery.rules.checks.change import did_you_mean
from delivery.rules.edit import Edit, Ground
from delivery.rules.expected import listed
from delivery.rules.facts import Artifact, Product, Version
from delivery.rules.precedence import precedence
from delivery.rules.problem import Refused
from delivery.rules.signature import key_id

_AT_GITHUB = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")  # owner/name


@command
def release(
    version: str, from_: str, said: Said, minimum_os: str, targets: str, as_json: bool, **how: Unpack[How]
) -> int:
    """Write releases/versions/<version>.yaml from a folder or a release of builds; every problem at once."""
    precedence(version)
    least, told = _minimum(minimum_os), dict[str, Any]()

    def verb(ground: Ground) -> Edit:
        product = ground.facts.product.value
        builds = _builds(product, version, from_, said)
        made, attested = _gathered(product, version, builds, _targets(product, targets))
        # Proved when it is reloaded.
        built = Version(version, builds.published, builds.source, builds.notes, made, cast("Any", least or None))
        _say_keys(product, made)
        told["from"] = builds.where
        if builds.releases:
            attestations.say(attested, builds.releases.name, builds.source.commit)
            told["attestations"] = None if attested.unknown else attested.kept
            told["verified"] = attested.verified
        return verbs.release(ground, built, fact.to_yaml(built))

    if not as_json:
        return write(verb, "", **how)
    try:
        with redirect_stdout(sys.stderr):  # people read there what scripts have here
            status = write(verb, "", **how)
    except Refused as refused:
        print_json(machine.problems(refused.problems))
        return 1
    print_json({**machine.problems(()), **told})
    return status


def _builds(product: Product, version: str, from_: str, said: Said) -> Builds:
    """Where --from says; without it, in the release of the product's own repository. Raises Usage, ForgeError."""
    repository = said.repository or f"{product.product}/{product.product}"
    if from_ and (folder := (ROOT / from_).resolve()).is_dir():
        return in_folder(folder, version, said, repository)
    if from_ and not _AT_GITHUB.fullmatch(from_):
        raise Usage(
            f"--from {from_}: is no folder; name the one that holds the builds and their .sig files, "
            f"or as owner/name the repository at GitHub whose release has them"
        )
    return in_release(at_github(from_ or repository), version, said)


def _gathered(
    product: Product, version: str, builds: Builds, targets: tuple[str, ...] | None
) -> tuple[Artifacts, attestations.Attested]:
    """What they are, and what is attested of them. Raises Refused."""
    unsaid: dict[str, set[str]] = {"version": set(), "processor": set()}

    def looked(bundle: str, said: Inside) -> None:
        unsaid["version"] |= {bundle} if said.version is None else set()
        unsaid["processor"] |= {bundle} if said.arch is None else set()

    made, problems = gather(product, version, builds.where, builds.names, builds.read, targets, looked)
    attested = attestations.asked(builds, _all(made))
    if wrong := {*builds.problems, *problems, *attested.problems}:
        raise Refused(tuple(sorted(wrong)))
    for what, bundles in unsaid.items():
        if bundles:
            out.print(f"not read inside, so only names say it: the {what} of {listed(sorted(bundles), 'and')}")
    return made, attested


def _all(made: Artifacts) -> list[Artifact]:
    return [artifact for bundles in made.values() for artifact in bundles.values()]


def _say_keys(product: Product, made: Artifacts) -> None:
    """Whose signatures these are, and where they count: the rest of the way asks for no more."""
    artifacts = _all(made)
    keys = {key.id: key for key in product.keys.artifacts}
    for signer in sorted({key_id(artifact.signature) for artifact in artifacts if artifact.signature}):
        where = ", ".join(keys[signer].trusted_in)
        out.print(
            f"{len(artifacts)} artifacts, signed by {signer} ({keys[signer].note}): trusted in {where}", markup=False
        )


def _minimum(text: str) -> dict[str, str]:
    """windows=10.0.19041,macos=12.0 as a mapping."""
    pairs = [pair.partition("=") for pair in text.split(",")] if text else []
    if any(not (system and equals and least) for system, equals, least in pairs):
        raise Usage(f"--minimum-os {text}: cannot be read; write it like windows=10.0.19041,macos=12.0")
    return {system: least for system, _, least in pairs}


def _targets(product: Product, text: str) -> tuple[str, ...] | None:
    """The targets named; None for all. Raises Usage."""
    names: Iterable[str] = text.split(",")
    if text == "all":
        return None
    for name in names:
        if name not in product.targets:
            raise Usage(f"--targets {name}: there is no such target; {did_you_mean(name, product.targets, 'target')}")
    return tuple(names)

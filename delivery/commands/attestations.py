"""What GitHub keeps as attested of the artifacts of a release: all of it must hold, as far as it is in a public log."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from delivery.commands.builds import Builds
from delivery.commands.desk import out
from delivery.proposals.forge import ForgeError
from delivery.rules.facts import Artifact
from delivery.rules.problem import Problem

Bundle = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attested:
    """Of how many artifacts, of `total`, GitHub keeps attestations; of how many they were verified; what is wrong.

    `unknown` is why that cannot be told.
    """

    total: int
    kept: int = 0
    verified: int = 0
    problems: tuple[Problem, ...] = ()
    unknown: str = ""


def asked(builds: Builds, artifacts: Sequence[Artifact]) -> Attested:
    """Of those of a folder nothing is asked: nobody says which repository they are from."""
    if builds.releases is None:
        return Attested(len(artifacts))
    try:
        listed = [(artifact, builds.releases.attestations(artifact.sha256)) for artifact in artifacts]
    except ForgeError as error:
        return Attested(len(artifacts), unknown=str(error))
    kept = [(artifact, bundles) for artifact, bundles in listed if bundles]
    if not (kept and builds.source.commit):
        return Attested(len(artifacts), len(kept))
    return _verified(builds, len(artifacts), builds.releases.name, kept)


def say(attested: Attested, name: str, commit: str) -> None:
    """To people; `name` is the repository, `commit` what its release was built from."""
    of, left = f"of {attested.total} artifacts", attested.kept - attested.verified
    if attested.unknown:
        out.print(f"attestations: not known: {attested.unknown}", markup=False)
    elif not attested.kept:
        out.print(f"attestations: {name} has none of these artifacts, so only their signatures count", markup=False)
    if attested.verified:
        out.print(
            f"attestations: verified of {attested.verified} {of}: workflows of {name} built them from {commit}",
            markup=False,
        )
    if left:
        why = f"since they are in no public log; do it by {_ask(name)}"
        out.print(f"attestations: of {left} {of} not verified here, {why}", markup=False)


def _verified(builds: Builds, total: int, name: str, kept: Sequence[tuple[Artifact, Sequence[Bundle]]]) -> Attested:
    from delivery.artifacts import attested as proved  # noqa: PLC0415 - takes two seconds, and few releases have any

    attestor = proved.Attestor(name, builds.source.commit, proved.trusted_root())
    public = [(artifact, [*filter(proved.is_public, bundles)]) for artifact, bundles in kept]

    def problems() -> Iterator[Problem]:
        for artifact, bundles in public:
            for bundle in bundles:
                try:
                    attestor.verify(bundle, artifact.sha256)
                except proved.DoesNotHold as error:
                    what = f"has an attestation that does not hold: {error}"
                    yield Problem(f"{builds.where}/{artifact.file}", 0, "", what, _mend(name))

    wrong = tuple(problems())
    return Attested(total, len(kept), sum(bool(bundles) for _, bundles in public), wrong)


def _mend(name: str) -> str:
    return f"build it anew; if {_ask(name)} says that it holds, pin a newer sigstore, which knows newer roots"


def _ask(name: str) -> str:
    return f"gh attestation verify FILE --repo {name}"

"""Rules of versions and what was built. Sees no artifact's bytes: delivery/artifacts/verify.py does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from delivery.rules.assemble import untrusted
from delivery.rules.checks.change import Change, at, did_you_mean
from delivery.rules.facts import Artifact, Facts, Filed, Spot, Version
from delivery.rules.problem import Problem
from delivery.rules.signature import NotASignature, comment_fields, key_id

Found = tuple[Filed[Version], Spot, Artifact]


@dataclass(frozen=True, slots=True)
class _Signature:
    """What a signature says: the key that made it, and what for; or what is `wrong` with it."""

    signer: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""


def artifacts_are_of_known_targets(change: Change) -> Iterator[Problem]:
    """Every artifact is for a target, and is a bundle of it, that product.yaml names."""
    targets = change.facts.product.value.targets
    for filed in change.facts.versions.values():
        for target, bundles in filed.value.artifacts.items():
            place = ("artifacts", target)
            if target not in targets:
                mend = did_you_mean(target, targets, "target")
                yield at(filed, place, f"product.yaml has no target {target}", mend)
                continue
            known = (*targets[target].updates, *targets[target].installs)
            for bundle in bundles:
                if bundle not in known:
                    what = f"product.yaml has no bundle {bundle} for {target}"
                    yield at(filed, (*place, bundle), what, did_you_mean(bundle, known, "bundle"))


def updates_are_signed(change: Change) -> Iterator[Problem]:
    """What the updater installs has a signature, for installed clients take nothing else."""
    targets = change.facts.product.value.targets
    for filed, place, artifact in _artifacts(change.facts):
        _, target, bundle = place
        if artifact.signature is None and target in targets and bundle in targets[str(target)].updates:
            yield at(filed, place, f"{artifact.file} has no signature", "copy the .sig file that the build wrote")


def signatures_are_well_formed(change: Change) -> Iterator[Problem]:
    """A signature is the base64 text of a minisign signature, as Tauri writes it."""
    for filed, place, artifact in _artifacts(change.facts):
        if artifact.signature is not None and (wrong := _malformed(artifact.signature)):
            mend = "copy the whole .sig file that the build wrote"
            yield at(filed, (*place, "signature"), f"is no signature: {wrong}", mend)


def signatures_are_by_a_key_of_ours(change: Change) -> Iterator[Problem]:
    """A signature is by a key that product.yaml knows and some environment trusts."""
    keys = {key.id: key for key in change.facts.product.value.keys.artifacts}
    for filed, place, artifact, read in _signed(change.facts):
        signer = read.signer
        if signer not in keys or not keys[signer].trusted_in:
            why = "no environment trusts" if signer in keys else "product.yaml does not know"
            what = f"{artifact.file} is signed by key {signer}, which {why}"
            ours = ", ".join(f"{key.id} ({key.note})" for key in keys.values() if key.trusted_in) or "one of ours"
            yield at(filed, (*place, "signature"), what, f"sign it with {ours}")


def signatures_are_of_this_file(change: Change) -> Iterator[Problem]:
    """A signature says the file and the version it was made for, so an old file cannot be sold as a new one."""
    for filed, place, artifact, read in _signed(change.facts):
        said = read.said
        for name, meant in (("version", filed.value.version), ("file", artifact.file)):
            if said.get(name) != meant:
                found = f"is for {name} {said[name]}, not {meant}" if name in said else f"does not say its {name}"
                mend = f"sign {artifact.file} again, with tauri signer 2.13.0 or newer"
                yield at(filed, (*place, "signature"), found, mend)


def file_names_are_unique(change: Change) -> Iterator[Problem]:
    """No two artifacts share a file name, unless they are the same bytes of the same version."""
    first: dict[str, Found] = {}
    for filed, place, artifact in _artifacts(change.facts):
        other, where, same = first.setdefault(artifact.file, (filed, place, artifact))
        if other.value.version != filed.value.version or same.sha256 != artifact.sha256:
            what = f"{artifact.file} is also the file of {other.at(*where, 'file')}"
            yield at(filed, (*place, "file"), what, "give every artifact a name of its own, with its version in it")


def no_two_artifacts_are_the_same_bytes(change: Change) -> Iterator[Problem]:
    """No two artifacts have one sha256, unless they are one file of one version, so no build is sold as another."""
    first: dict[str, Found] = {}
    for filed, place, artifact in _artifacts(change.facts):
        other, where, same = first.setdefault(artifact.sha256, (filed, place, artifact))
        if other.value.version != filed.value.version or same.file != artifact.file:
            what = f"{artifact.file} has the bytes of {same.file}, {other.at(*where, 'sha256')}"
            yield at(filed, (*place, "sha256"), what, "build it again, and copy its file, size and sha256 together")


def signatures_are_trusted_there(change: Change) -> Iterator[Problem]:
    """For one environment: every signature is by a key that it trusts."""
    if change.environment and all(
        artifact.signature is None or not _malformed(artifact.signature) for _, _, artifact in _artifacts(change.facts)
    ):
        yield from untrusted(change.facts, change.environment)


def _artifacts(facts: Facts) -> Iterator[Found]:
    for filed in facts.versions.values():
        for target, bundles in filed.value.artifacts.items():
            for bundle, artifact in bundles.items():
                yield filed, ("artifacts", target, bundle), artifact


def _signed(facts: Facts) -> Iterator[tuple[Filed[Version], Spot, Artifact, _Signature]]:
    for filed, place, artifact in _artifacts(facts):
        if artifact.signature is not None and not (read := _read(artifact.signature)).wrong:
            yield filed, place, artifact, read


def _malformed(signature: str) -> str:
    return _read(signature).wrong


@lru_cache(maxsize=65_536)  # several rules ask, of every artifact ever built
def _read(signature: str) -> _Signature:
    try:
        return _Signature(key_id(signature), comment_fields(signature))
    except NotASignature as error:
        return _Signature(wrong=str(error))

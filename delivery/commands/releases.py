"""release: the fact of a version, from a folder of what was built. Nothing is offered to anybody by it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Unpack, cast

from delivery.artifacts import fact
from delivery.artifacts.gather import Artifacts, gather
from delivery.commands.desk import ROOT, Usage, command, moment, out
from delivery.commands.hand_over import How
from delivery.commands.write import write
from delivery.rules import edit as verbs
from delivery.rules.checks.change import did_you_mean
from delivery.rules.edit import Edit, Ground
from delivery.rules.facts import Product, Source, Version
from delivery.rules.precedence import precedence
from delivery.rules.problem import Refused
from delivery.rules.signature import key_id


@command
def release(
    version: str,
    from_: str,
    notes: str,
    source_commit: str,
    run: str,
    repository: str,
    published: str,
    minimum_os: str,
    targets: str,
    **how: Unpack[How],
) -> int:
    """Write releases/versions/<version>.yaml from a folder of builds; every problem at once."""
    precedence(version)
    when, text = moment(published, "--published"), _text(notes)
    folder, least = _folder(from_), _minimum(minimum_os)

    def verb(ground: Ground) -> Edit:
        product = ground.facts.product.value
        source = Source(repository or f"{product.product}/{product.product}", source_commit, run)
        made = _gathered(product, version, folder, _targets(product, targets))
        built = Version(version, when, source, text, made, cast("Any", least or None))  # proved when it is reloaded
        _say_keys(product, made)
        return verbs.release(ground, built, fact.to_yaml(built))

    return write(verb, "", **how)


def _gathered(product: Product, version: str, folder: Path, targets: tuple[str, ...] | None) -> Artifacts:
    """What the folder holds. Raises Refused."""
    folders = [entry.name for entry in folder.iterdir() if not entry.is_file()]
    if folders:
        raise Usage(f"{folder} holds {folders[0]}, which is no file; put the builds themselves into one folder")
    names = [entry.name for entry in folder.iterdir()]
    made, problems = gather(product, version, folder.name, names, lambda name: (folder / name).read_bytes(), targets)
    if problems:
        raise Refused(problems)
    return made


def _say_keys(product: Product, made: Artifacts) -> None:
    """Whose signatures these are, and where they count: the rest of the way asks for no more."""
    artifacts = [artifact for bundles in made.values() for artifact in bundles.values()]
    keys = {key.id: key for key in product.keys.artifacts}
    for signer in sorted({key_id(artifact.signature) for artifact in artifacts if artifact.signature}):
        where = ", ".join(keys[signer].trusted_in)
        out.print(
            f"{len(artifacts)} artifacts, signed by {signer} ({keys[signer].note}): trusted in {where}", markup=False
        )


def _folder(text: str) -> Path:
    folder = (ROOT / text).resolve()
    if not folder.is_dir():
        raise Usage(f"--from {text}: is no folder; name the one that holds the builds and their .sig files")
    return folder


def _text(notes: str) -> str:
    """The file's text, whose last newline is the editor's."""
    try:
        return (ROOT / notes).read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError):
        raise Usage(f"--notes {notes}: is no text file; write what people should read about it into one") from None


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

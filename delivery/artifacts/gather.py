"""What a folder of builds holds, as the artifacts of a version; or all that is wrong with it, at once.

Builds are named as Tauri's bundler names them, each with its `.sig` beside it. The name says the target, the content
says the bundle, the signature says the build: where two of them disagree nothing is taken. Reads no folder itself: it
is given names, and how to get the bytes of one, so that one build at a time is in memory.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from delivery.artifacts import fact
from delivery.artifacts.inside import Inside, inside
from delivery.artifacts.samples import file_name
from delivery.artifacts.verify import verify
from delivery.rules import expected
from delivery.rules.facts import Artifact, Key, Product
from delivery.rules.problem import Problem

Artifacts = Mapping[str, Mapping[str, Artifact]]
Slot = tuple[str, str]  # target, bundle

# What stands behind the title in the bundler's names.
_NAMES = {
    "nsis": r"_(?P<version>[^_]+)_(?P<arch>x64|x86|arm64)-setup\.exe",
    "msi": r"_(?P<version>[^_]+)_(?P<arch>x64|x86|arm64)_[a-z]{2}-[A-Z]{2}\.msi",
    "app": r"_(?P<version>[^_]+)_(?P<arch>x64|aarch64)\.app\.tar\.gz",
    "dmg": r"_(?P<version>[^_]+)_(?P<arch>x64|aarch64)\.dmg",
    "appimage": r"_(?P<version>[^_]+)_(?P<arch>amd64|aarch64|i386|armhf)\.AppImage",
    "deb": r"_(?P<version>[^_]+)_(?P<arch>amd64|arm64|i386|armhf)\.deb",
    "rpm": r"-(?P<version>[^_]+)-[0-9]+\.(?P<arch>x86_64|aarch64|i386|armhfp)\.rpm",
}
_SYSTEMS = {"nsis": "windows", "msi": "windows", "app": "darwin", "dmg": "darwin"}
_ARCHS = {"x64": "x86_64", "amd64": "x86_64", "arm64": "aarch64", "x86": "i686", "i386": "i686", "armhf": "armv7"}
_SIGNATURE = ".sig"


@dataclass(slots=True)
class _Gathering:
    """The folder, what was taken of it so far, and what is wrong."""

    product: Product
    version: str
    folder: str
    names: frozenset[str]
    looked: Callable[[str, Inside], object]
    found: dict[Slot, Artifact] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, name: str, what: str, mend: str) -> None:
        path = f"{self.folder}/{name}" if name else self.folder
        self.problems.append(Problem(path, 0, "", what, mend))


def gather(
    product: Product,
    version: str,
    folder: str,
    names: Iterable[str],
    read: Callable[[str], bytes],
    targets: Collection[str] | None = None,
    looked: Callable[[str, Inside], object] = lambda _bundle, _said: None,
) -> tuple[Artifacts, tuple[Problem, ...]]:
    """The artifacts of this version by target and bundle, in the order of product.yaml, and every problem.

    `targets`: those that were built; all of product.yaml when None. `folder` is what problems call it. `looked` is told
    the bundle of each build, and what it says of itself.
    """
    wanted = product.targets if targets is None else targets
    state = _Gathering(product, version, folder, frozenset(names), looked)
    for slot, files in _slots(state, wanted).items():
        _take(state, slot, sorted(files), read)
    _orphans(state)
    _doubles(state)
    return _ordered(state, wanted), tuple(sorted(state.problems))


def _slots(state: _Gathering, wanted: Collection[str]) -> dict[Slot, list[str]]:
    """The files of each target and bundle that should be there, by their names."""
    slots: dict[Slot, list[str]] = {slot: [] for slot in _expected(state.product, wanted)}
    for name in sorted(state.names):
        slot = None if name.endswith(_SIGNATURE) else _slot(state, name)
        if slot in slots:
            slots[slot].append(name)
        elif slot:
            what = f"is {slot[1]} for {slot[0]}, which is not asked for"
            state.wrong(name, what, "take it out of the folder, or add the target or bundle to product.yaml first")
    return slots


def _slot(state: _Gathering, name: str) -> Slot | None:
    """What a file is by its name; None, and a problem, where it is no name of a build of this version."""
    for bundle, pattern in _NAMES.items():
        found = re.fullmatch(re.escape(state.product.title) + pattern, name)
        if found and found["version"] != state.version:
            state.wrong(
                name, f"is of {found['version']} by its name, not of {state.version}", "take it out, or build it anew"
            )
            return None
        if found:
            arch = _ARCHS.get(found["arch"], found["arch"])
            return f"{_SYSTEMS.get(bundle, 'linux')}-{arch}", bundle
    example = f"{state.product.title}_{state.version}_x64-setup.exe"
    state.wrong(name, "is not named as a build", f"take it out, or name it as Tauri's bundler does, such as {example}")
    return None


def _take(state: _Gathering, slot: Slot, files: list[str], read: Callable[[str], bytes]) -> None:
    """The one file of a slot, if it is what it says."""
    target, bundle = slot
    if not files:
        mend = f"add {file_name(state.product.title, state.version, target, bundle)}"
        state.wrong("", f"has no {bundle} for {target}", mend)
        return
    if len(files) > 1:
        state.wrong("", f"has {expected.listed(files, 'and')}, all {bundle} for {target}", "leave one of them")
    for name in files:
        signature = _signature(state, slot, name, read)
        data = read(name)
        made = fact.artifact(name, data, signature)
        for flaw in verify(made, state.version, bundle, data, _keys(state.product)):
            state.wrong(name, flaw.what.removeprefix(f"{name} "), flaw.mend)
        said = inside(bundle, data)
        state.looked(bundle, said)
        _compare(state, name, slot, said)
        state.found[slot] = made


def _compare(state: _Gathering, name: str, slot: Slot, said: Inside) -> None:
    """What the bytes say of themselves against what the name says."""
    target, bundle = slot
    if said.broken:
        state.wrong(name, said.broken, f"build {bundle} anew")
    if not said.is_of(state.version):
        state.wrong(name, f"says inside that it is {said.version}, not {state.version}", f"build {bundle} anew")
    if said.arch not in (None, target.partition("-")[2]):
        what = f"is filed for {target} but says inside that it is for {said.arch}"
        state.wrong(name, what, "file it under its own target, or build it anew")


def _signature(state: _Gathering, slot: Slot, name: str, read: Callable[[str], bytes]) -> str | None:
    """What stands in the .sig file; a problem where updaters get this bundle and there is none."""
    is_update = slot[1] in state.product.targets[slot[0]].updates
    if name + _SIGNATURE in state.names:
        text = read(name + _SIGNATURE).decode(errors="replace").strip()
        return text if is_update else None
    if is_update:
        state.wrong(name, f"has no signature beside it: {name}{_SIGNATURE}", _SIGN)
    return None


_SIGN = "sign it with: tauri signer sign --app-version VERSION FILE"


def _orphans(state: _Gathering) -> None:
    for name in state.names:
        if name.endswith(_SIGNATURE) and name.removesuffix(_SIGNATURE) not in state.names:
            state.wrong(name, "signs a file that is not here", "add the file, or take the signature out")


def _doubles(state: _Gathering) -> None:
    """Two slots with the same bytes: one of them was copied by mistake."""
    first: dict[str, Artifact] = {}
    for made in state.found.values():
        other = first.setdefault(made.sha256, made)
        if other is not made:
            state.wrong(made.file, f"holds the same bytes as {other.file}", "put each target's own build there")


def _expected(product: Product, wanted: Collection[str]) -> Iterator[Slot]:
    for name, target in product.targets.items():
        if name in wanted:
            yield from ((name, bundle) for bundle in (*target.updates, *target.installs))


def _ordered(state: _Gathering, wanted: Collection[str]) -> Artifacts:
    made: dict[str, dict[str, Artifact]] = {}
    for target, bundle in _expected(state.product, wanted):
        if (target, bundle) in state.found:
            made.setdefault(target, {})[bundle] = state.found[target, bundle]
    return made


def _keys(product: Product) -> Mapping[str, Key]:
    """Every key that product.yaml trusts anywhere: where, the environments say when they publish."""
    return {key.id: key for key in product.keys.artifacts}

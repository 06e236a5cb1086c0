"""Sample builds: what a release of ESpice looks like before there is a release of ESpice. Made up, but the same always.

A sample is a real container of its kind (containers.py) around bytes that do not compress, 200 to 400 kB in all.
They stand for builds wherever no build server is: on the laptop and in tests.
"""

import hashlib
from datetime import datetime

import minisign

from delivery.artifacts import containers, fact
from delivery.artifacts.sign import sign
from delivery.rules.facts import Artifact, Product, Source, Version

_ARCH = {"x86_64": "x64", "aarch64": "aarch64"}  # as Tauri's bundler names it for Windows and macOS
_CPU = {"x86_64": 0x01000007, "aarch64": 0x0100000C}  # Mach-O CPU types
_NAMES = {
    "nsis": "{title}_{version}_{arch}-setup.exe",
    "msi": "{title}_{version}_{arch}_en-US.msi",
    "app": "{title}_{version}_{arch}.app.tar.gz",
    "dmg": "{title}_{version}_{arch}.dmg",
    "appimage": "{title}_{version}_amd64.AppImage",
    "deb": "{title}_{version}_amd64.deb",
    "rpm": "{title}-{version}-1.x86_64.rpm",
}


def file_name(title: str, version: str, target: str, bundle: str) -> str:
    """The name Tauri's bundler gives such a build: ESpice_1.4.0_x64-setup.exe."""
    arch = target.partition("-")[2]
    return _NAMES[bundle].format(title=title, version=version, arch=_ARCH[arch])


def build(title: str, version: str, target: str, bundle: str) -> bytes:
    """The sample build: the same arguments give the same bytes on every machine."""
    seed = f"{title} {version} {target} {bundle}".encode()
    payload = hashlib.shake_256(seed).digest(200_000 + 20_000 * (hashlib.sha256(seed).digest()[0] % 10))
    match bundle:
        case "nsis":
            return containers.nsis(payload)
        case "msi":
            return containers.msi(payload)
        case "app":
            return containers.app_tar_gz(title, version, _CPU[target.partition("-")[2]], payload)
        case "dmg":
            return containers.dmg(payload)
        case "appimage":
            return containers.appimage(payload)
        case "deb":
            return containers.deb(title.lower(), version, payload)
        case "rpm":
            return containers.rpm(title.lower(), version, payload)
    raise ValueError(f"there is no sample of a {bundle!r}; add its container to delivery/artifacts/containers.py")


def release(product: Product, version: str, published: datetime, notes: str, key: minisign.SecretKey) -> Version:
    """The fact of a whole sample release: every bundle of every target, what updaters install signed with this key."""

    def made(target: str, bundle: str, signed: bool) -> Artifact:
        file, data = file_name(product.title, version, target, bundle), build(product.title, version, target, bundle)
        return fact.artifact(file, data, sign(data, file, version, published, key) if signed else None)

    artifacts = {
        name: {bundle: made(name, bundle, bundle in target.updates) for bundle in (*target.updates, *target.installs)}
        for name, target in product.targets.items()
    }
    return Version(version, published, _source(product.product, version), notes, artifacts)


def _source(product: str, version: str) -> Source:
    """Names a commit and a run that do not exist, but look as real ones do."""
    digest = hashlib.sha1(f"{product} {version}".encode(), usedforsecurity=False).hexdigest()
    repository = f"{product}/{product}"
    return Source(repository, digest, f"https://github.com/{repository}/actions/runs/{int(digest[:9], 16)}")

"""`./inv prove` on the running laptop: what installations get there is what is live, and whatever is not is named."""

import hashlib
import re

from clients.reference.check import Update
from delivery.laptop import edge
from delivery.laptop.places import Places
from tests.laptop.system import System

DOWNLOADS = "espice-laptop-downloads"
MANIFEST = "v1/update/stable/linux/x86_64/appimage.json"


def test_a_healthy_laptop_is_proved_and_what_is_swapped_there_is_told_until_it_is_back(system: System) -> None:
    serial = system.status()["serial"]
    healthy = _proved(system)
    assert healthy[-3].startswith(f"laptop: serial {serial} is what installations get: 56 update checks, ")
    [line] = re.findall('--evidence "(full update to 1.4.0 .*)"', "\n".join(healthy))
    assert re.fullmatch(
        rf"full update to 1.4.0 through stable-next on all 4 targets, each bundle, laptop serial {serial}, \S+Z", line
    )

    update = system.ask("1.3.0", channel="stable-next")
    assert isinstance(update, Update)
    artifact, manifest = update.url.removeprefix(system.url("downloads") + "/"), MANIFEST
    were = {key: system.s3().get_object(Bucket=DOWNLOADS, Key=key)["Body"].read() for key in (artifact, manifest)}
    others = {key: data[:-1] + bytes([data[-1] ^ 1]) for key, data in were.items()}
    try:
        _swap(system, others)
        told = _proved(system, expect=1)
    finally:
        _swap(system, were)
    said, digests = (
        "expected what the fact of 1.4.0 says",
        [hashlib.sha256(each[artifact]).hexdigest() for each in (others, were)],
    )
    name = artifact.rpartition("/")[2]
    assert told[-4:] == [
        f"{system.url('downloads')}/{manifest}: holds other bytes; expected what the live stack published",
        f"{update.url}: {name} has sha256 {digests[0]}, the fact says {digests[1]}; {said}",
        f"{update.url}: the signature does not fit the bytes of {name}; {said}",
        f"laptop: serial {serial}: 3 things wrong (56 update checks, 22 static manifests, 25 files, 13 whole updates)",
    ]
    assert _proved(system)[-3] == healthy[-3]


def _proved(system: System, expect: int = 0) -> list[str]:
    said = system.inv("prove", "laptop", expect=expect).splitlines()
    return [line for line in said if not re.match("update checks|static manifests|files|kB of updates", line)]


def _swap(system: System, objects: dict[str, bytes]) -> None:
    for key, data in objects.items():
        system.swap(DOWNLOADS, key, data)
    edge.purge(Places(system.repo).edge / "cache")

"""The bytes of the versions on this laptop: samples, built where they are missing and kept beside the other state."""

from collections.abc import Callable
from pathlib import Path

from delivery.artifacts import samples
from delivery.rules.facts import Facts


class SampleBytes:
    """A folder of sample artifacts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetcher(self, facts: Facts) -> Callable[[str, str, str], bytes]:
        """What `publish` asks: version, target, bundle -> bytes. `publish` verifies them against the facts."""
        title = facts.product.value.title

        def fetch(version: str, target: str, bundle: str) -> bytes:
            file = self._folder / version / target / bundle
            if file.exists():
                return file.read_bytes()
            data = samples.build(title, version, target, bundle)
            file.parent.mkdir(parents=True, exist_ok=True)
            half = file.with_suffix(".half")  # a kill must not leave half a file under the name
            half.write_bytes(data)
            half.rename(file)
            return data

        return fetch

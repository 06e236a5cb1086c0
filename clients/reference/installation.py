"""What an installed app knows of itself, and the URLs it makes of that. Asks nobody anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from ada_url import URL


@dataclass(frozen=True, slots=True)
class Installation:
    """An app, where it runs, and its updater's configuration.

    `target` is linux, darwin or windows; `bundle` is unknown outside a bundle. `pubkey` is base64 of the whole minisign
    text, as in tauri.conf.json. `timeout` is a whole check's with one endpoint, in seconds; None waits for ever, as the
    plugin does unless told otherwise. `headers` are the app's own; check and download both send them.
    """

    current: str
    target: str
    arch: str
    bundle: str
    endpoints: tuple[str, ...]
    pubkey: str
    custom_target: str | None = None
    timeout: float | None = None
    require_signed_version: bool = True
    headers: tuple[tuple[str, str], ...] = ()

    def platforms(self) -> tuple[str, ...]:
        """The keys of `platforms` in a static manifest that are this app's, best first."""
        if self.custom_target:
            return (self.custom_target,)
        plain = f"{self.target}-{self.arch}"
        return (plain,) if self.bundle == "unknown" else (f"{plain}-{self.bundle}", plain)

    def url(self, endpoint: str) -> str:
        """The endpoint with what the plugin fills in; it knows no other placeholders than these."""
        spelled = str(URL(endpoint).href)
        for name, value in self._values().items():
            spelled = spelled.replace(f"%7B%7B{name}%7D%7D", value).replace(f"{{{{{name}}}}}", value)
        return str(URL(spelled).href)

    def _values(self) -> Mapping[str, str]:
        return {
            "current_version": self.current.replace("+", "%2B"),  # the one printable character that is encoded
            "target": self.custom_target or self.target,
            "arch": self.arch,
            "bundle_type": self.bundle,
        }


def espice_endpoints(
    updates_url: str,
    downloads_url: str,
    channel: str,
    cohort: int | None = None,
    manual: bool = False,
    failed: str | None = None,
    os: str | None = None,
    mirror_url: str | None = None,
) -> tuple[str, ...]:
    """The ladder that ESpice configures: the endpoint, the static manifest, and its mirror at GitHub if there is one.

    `mirror_url` is https://github.com/<owner>/<name>/releases/download/manifests, and a laptop has none. The plugin
    fills in the double braces. What only the app knows it writes itself: its cohort (drawn once, 0 to 999), whether the
    user asked, the version whose install just failed, and that of its operating system.
    """
    said = {
        "cohort": cohort,
        "manual": 1 if manual else None,
        "failed": failed and failed.replace("+", "%2B"),
        "os": os,
    }
    query = "".join(f"&{name}={value}" for name, value in said.items() if value is not None)
    cell, bundle = "{{target}}/{{arch}}", "{{bundle_type}}"
    return (
        f"{updates_url}/v1/update/{channel}/{cell}/{{{{current_version}}}}?bundle={bundle}{query}",
        f"{downloads_url}/v1/update/{channel}/{cell}/{bundle}.json",
        *([f"{mirror_url}/{channel}-{cell.replace('/', '-')}-{bundle}.json"] if mirror_url else []),
    )

"""Is there an update? Goes down the ladder of endpoints as the plugin's `Updater::check` does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clients.reference import wire
from clients.reference.errors import EmptyEndpoints, ReleaseNotFound, Reqwest, Serialization, UpdaterError
from clients.reference.installation import Installation
from clients.reference.release import Release, decode, parse
from delivery.rules.precedence import precedence


@dataclass(frozen=True, slots=True)
class UpToDate:
    """Nothing to install. `asked` is the URL that said so; `announced` is what it announced, None after a 204."""

    asked: str
    announced: str | None


@dataclass(frozen=True, slots=True)
class Update:
    """Something to install, and the URL that said so. `raw` is the whole JSON, for the app."""

    asked: str
    version: str
    url: str
    signature: str
    notes: str | None
    pub_date: datetime | None
    raw: Any


def check(app: Installation) -> Update | UpToDate:
    """What the first endpoint says that has an answer.

    204 ends the ladder, and so does a 2xx whose body breaks off or is not JSON (Reqwest). Another status, no answer at
    all or JSON of another schema goes on to the next; if no other answers, the last such failure is raised, or
    ReleaseNotFound if there were only bad statuses.
    """
    if not app.endpoints:
        raise EmptyEndpoints("Updater does not have any endpoints set.")
    failure: UpdaterError = ReleaseNotFound("Could not fetch a valid release JSON from the remote")
    for endpoint in app.endpoints:
        url = app.url(endpoint)
        try:
            response = wire.get(url, "application/json", app.timeout, app.headers)
        except Reqwest as error:
            failure = error
            continue
        with response:
            if response.status == 204:
                return UpToDate(url, None)
            if not response.is_success:
                continue
            raw = decode(response.body())
        try:
            release = parse(raw)
        except Serialization as error:
            failure = error
        else:
            return _answer(app, url, release)
    raise failure


def _answer(app: Installation, url: str, release: Release) -> Update | UpToDate:
    if precedence(release.version) <= precedence(app.current):
        return UpToDate(url, release.version)  # even where the manifest has nothing for this platform
    found = release.download_for(app)
    return Update(url, release.version, found.url, found.signature, release.notes, release.pub_date, release.raw)

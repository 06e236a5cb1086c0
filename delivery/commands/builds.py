"""What a version's fact is made of: the builds in a folder, or in a release of the app's repository at GitHub.

Neither is believed here: `artifacts.gather` looks at every byte. What is missing to say where a build came from is a
problem beside those of the builds, so that all of them are told at once.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from delivery.artifacts import changes
from delivery.commands.desk import ROOT, Usage, moment
from delivery.commands.progress import watched
from delivery.engines.making import Progress, Tell
from delivery.history.git import NoHistory
from delivery.proposals.github_releases import Asset, Release, Releases, keep_only
from delivery.rules.facts import Source
from delivery.rules.problem import Problem

KEPT = ".state/releases"  # whatever was fetched, by version
_KB = 1000


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed of a build; empty is what was not."""

    notes: str = ""
    changes: str = ""
    source_commit: str = ""
    run: str = ""
    repository: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Builds:
    """The files by name, how to read one, where they came from, and what is wrong so far. `where` names the place."""

    where: str
    names: Collection[str]
    read: Callable[[str], bytes]
    source: Source
    notes: str
    published: datetime
    problems: tuple[Problem, ...] = ()
    releases: Releases | None = field(default=None, compare=False)  # those that it is one of


def in_folder(folder: Path, version: str, said: Said, repository: str) -> Builds:
    """Those that a build left behind. Raises Usage."""
    missing = [
        name
        for name, text in (("--notes", said.notes), ("--source-commit", said.source_commit), ("--run", said.run))
        if not text
    ]
    if missing:
        raise Usage(f"a folder does not say all of a build; say it by {', '.join(missing)}")
    folders = [entry.name for entry in folder.iterdir() if not entry.is_file()]
    if folders:
        raise Usage(f"{folder} holds {folders[0]}, which is no file; put the builds themselves into one folder")
    return Builds(
        folder.name,
        [entry.name for entry in folder.iterdir()],
        lambda name: (folder / name).read_bytes(),
        Source(repository, said.source_commit, said.run),
        changes.notes(_text(said.notes), _listed(said, version, said.source_commit)),
        moment(said.published, "--published"),
    )


def in_release(releases: Releases, version: str, said: Said) -> Builds:
    """Those of a release, fetched as far as they are not here. Raises ForgeError, Usage."""
    release = releases.of(version)
    where = f"{releases.name}@{release.tag_name}"
    commit = said.source_commit or releases.commit(release) or ""
    runs = (said.run,) if said.run else releases.runs(commit) if commit else ()
    notes = changes.notes(_text(said.notes) if said.notes else release.body or "", _listed(said, version, commit))
    problems = [*_unsaid(where, release, commit, runs, notes), *_unusable(where, release)]
    files = _fetched(releases, release, version)
    published = moment(said.published, "--published")
    return Builds(
        where,
        list(files),
        lambda name: files[name].read_bytes(),
        Source(said.repository or releases.name, commit, runs[0] if runs else ""),
        notes,
        published if said.published or release.published_at is None else release.published_at,
        tuple(problems),
        releases,
    )


def _unsaid(where: str, release: Release, commit: str, runs: tuple[str, ...], notes: str) -> Iterator[Problem]:
    """What a fact must say and the release does not."""
    if not commit:
        what = f"is to be tagged at {release.target_commitish}, which is no commit and may move"
        yield Problem(where, 0, "", what, "tag it, or say by --source-commit what it was built from")
    elif len(runs) != 1:
        found = (
            f"{len(runs)} runs of workflows went well: {', '.join(runs)}" if runs else "no run of a workflow went well"
        )
        yield Problem(where, 0, "", f"of its commit {commit}, {found}", "say by --run which one built it")
    if not notes:
        yield Problem(
            where, 0, "", "has no text", "write in it what people should read about it, or name a file by --notes"
        )


def _unusable(where: str, release: Release) -> Iterator[Problem]:
    for name, count in Counter(asset.name for asset in release.assets).items():
        if count > 1:
            yield Problem(f"{where}/{name}", 0, "", f"is there {count} times", "leave one of them")
    for asset in release.assets:
        if not asset.is_whole:
            yield Problem(f"{where}/{asset.name}", 0, "", "was not uploaded whole", "upload it again")


def _fetched(releases: Releases, release: Release, version: str) -> Mapping[str, Path]:
    """The assets as files, by name. Raises ForgeError."""
    uploads = [Upload(releases, release, version, asset) for asset in release.assets if asset.is_whole]
    return {upload.asset.name: file for upload, file in zip(uploads, fetched(uploads), strict=True)}


@dataclass(frozen=True, slots=True)
class Upload:
    """An asset of the release of a version, and where to ask for it."""

    releases: Releases
    release: Release
    version: str
    asset: Asset

    @property
    def where(self) -> str:
        """What people call it."""
        return f"{self.releases.name}@{self.release.tag_name}/{self.asset.name}"


def fetched(uploads: Sequence[Upload]) -> list[Path]:
    """Each as a file, kept by its version for whoever asks again. Raises ForgeError."""
    total = sum(upload.asset.size for upload in uploads)
    for version, release in {upload.version: upload.release for upload in uploads}.items():
        keep_only(ROOT / KEPT / version, release.assets)

    def fetch(tell: Tell) -> list[Path]:
        came = 0

        def more(count: int) -> None:
            nonlocal came
            came += count
            tell(Progress(f"downloading {len(uploads)} assets, in kB:", came // _KB, total // _KB))

        return [each.releases.download(each.asset, ROOT / KEPT / each.version, more) for each in uploads]

    return watched(fetch)


def _listed(said: Said, version: str, commit: str) -> str | None:
    """The changes, where a clone of the app's repository is at hand. Raises Usage."""
    if not (said.changes and commit):
        return None
    try:
        return changes.changes(ROOT / said.changes, version, commit)
    except NoHistory as error:
        raise Usage(f"--changes {said.changes}: {error}") from None


def _text(notes: str) -> str:
    """The file's text."""
    try:
        return (ROOT / notes).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Usage(f"--notes {notes}: is no text file; write what people should read about it into one") from None

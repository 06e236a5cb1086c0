"""Release notes: what a person wrote of a version, and the list of what its conventional commits changed.

git-cliff makes the list (https://git-cliff.org) by changes.toml, from a clone of the app's repository, without asking
anybody else. What a person wrote is never touched.
"""

import subprocess
import sys
from pathlib import Path

from delivery.history.git import NoHistory, line

MARK = "<!-- changes -->"  # what is behind it in a release's text is a list, and may be made anew
_CONFIG = Path(__file__).with_name("changes.toml")


def notes(written: str, changed: str | None) -> str:
    """The notes of a version. `changed` takes the place of a list that is there; None: that stays as it is."""
    person, _, listed = "\n".join(line.rstrip() for line in written.splitlines()).partition(MARK)
    parts = (person.strip(), (listed if changed is None else changed).strip())
    return "\n\n".join(part for part in parts if part)


def changes(app: Path, version: str, commit: str) -> str:
    """What changed up to this commit, as Markdown: since the version before, for a stable one the stable one before.

    `app` is a clone of the app's repository. Raises NoHistory.
    """
    line(app, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
    before = _before(app, version, commit)
    typed = ["--config", str(_CONFIG), "--offline", "--repository", str(app), "--tag", f"v{version}", "--strip", "all"]
    made = subprocess.run(
        [str(Path(sys.executable).with_name("git-cliff")), *typed, f"{before}..{commit}" if before else commit],
        cwd=app,
        capture_output=True,
        check=False,
    )
    if made.returncode:
        said = made.stderr.decode(errors="replace").strip().splitlines()
        raise NoHistory(f"git-cliff made no list of changes in {app}: {said[-1] if said else 'without a word'}")
    return made.stdout.decode(errors="replace").strip()


def _before(app: Path, version: str, commit: str) -> str | None:
    """The tag of the version before; None where this is the first."""
    stable = () if "-" in version else ("--exclude", "*-*")
    try:
        return line(
            app, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "--match", "[0-9]*", *stable, f"{commit}^"
        )
    except NoHistory:
        return None

"""tag: what main says is a version becomes one: an annotated tag, and at GitHub a release that says what changed."""

from delivery.commands.bump import version_of
from delivery.commands.desk import ROOT, command, out, print_json
from delivery.commands.propose import telling
from delivery.history import changelog, snapshot
from delivery.history.changelog import CHANGELOG, PATHS
from delivery.history.git import git
from delivery.proposals import choose
from delivery.proposals.tags import published, tags
from delivery.rules.problem import Problem, Refused


@command
def tag(*, as_json: bool) -> int:
    """Typed again it does what is left to do, and else nothing. Raises Refused, ForgeError, NoHistory."""
    forge, releases = choose.forge(ROOT), published(ROOT)
    with telling("how far it got is not known; type it again: that is safe"):
        main = forge.main()
        version, says = _said(main)
        if says is None:
            mend = "let ./inv bump write both, or write it by hand"
            raise Refused((Problem(CHANGELOG, 0, "", f"has no section of {version}, which main is", mend),))
        name = f"v{version}"
        commit = _first(main, version)
        tagged = tags(ROOT, forge).put(name, commit, f"Version {version}\n\n{says}")
        url, released = releases.put(name, says) if releases else (None, False)
    if as_json:
        print_json({"version": version, "tag": name, "tagged": tagged, "release": url, "released": released})
        return 0
    out.print(f"{name}: tagged {commit}" if tagged else f"{name}: was tagged before", markup=False)
    if url:
        out.print(f"{name}: {'released' if released else 'was released before'}: {url}", markup=False)
    return 0


def _said(commit: str) -> tuple[str, str | None]:
    """Which version a commit is, and what its changelog says of it."""
    files = snapshot.at_commit(ROOT, commit, PATHS)
    version = version_of(files)
    return version, changelog.section(files.get(CHANGELOG, b"").decode(errors="replace"), version)


def _first(main: str, version: str) -> str:
    """The merge that made it this version: whoever types this later, tags the same one."""
    first = main
    for commit in git(ROOT, "rev-list", "--first-parent", main, "--", *PATHS).decode().split():
        said = _said(commit)
        if said[0] != version or said[1] is None:
            break
        first = commit
    return first

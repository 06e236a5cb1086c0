"""Who made a proposal, by its commits and by the forge."""

import os
import subprocess
from pathlib import Path

from delivery.proposals import branches
from delivery.proposals.authors import authors
from delivery.proposals.forge import Wanted
from tests.unit.proposals.desk import HELD, ROLLOUT, Desk, desk, lines


def made_by(ours: Desk, commit: str) -> frozenset[str]:
    proposal = ours.as_("ada").propose(Wanted("x", commit, "title", "body"))
    return authors(ours.repo, ours.forge.main(), ours.forge, proposal)


def held(ours: Desk, message: str, name: str = "A Person", *more: str) -> str:
    """A commit by this person."""
    mail = "2+bea@users.noreply.github.com"
    by = {f"GIT_{role}_NAME": name for role in ("AUTHOR", "COMMITTER")}
    by |= {f"GIT_{role}_EMAIL": mail for role in ("AUTHOR", "COMMITTER")}
    tree = branches.commit(ours.repo, "main", {ROLLOUT: lines(HELD).encode()}, "x")
    said = ["git", *more, "commit-tree", "-p", "main", "-F", "-", f"{tree}^{{tree}}", *(["-S"] if more else [])]
    who = {**os.environ, **by}
    done = subprocess.run(said, cwd=ours.repo, env=who, input=message.encode(), stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().strip()


def test_whoever_a_commit_names_had_a_hand_in_it(tmp_path: Path) -> None:
    ours = desk(tmp_path)
    people = "Requested-by: Cem <3+cem@users.noreply.github.com>\nCo-authored-by: Dee <dee@users.noreply.github.com>"
    commit = held(ours, f"Hold\n\n{people}\nReviewed-by: Eve <e@espice.app>\n")
    assert made_by(ours, commit) == {"ada", "A Person", "bea", "Cem", "cem", "Dee", "dee"}


def test_they_are_read_the_same_however_git_is_set_to_print(tmp_path: Path) -> None:
    ours, key = desk(tmp_path), tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    commit = held(ours, "Hold\n", "Zo\u00eb", "-c", "gpg.format=ssh", "-c", f"user.signingkey={key}")
    ours.repository.git("config", "log.showSignature", "true")
    ours.repository.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
    assert made_by(ours, commit) == {"ada", "Zo\u00eb", "bea"}

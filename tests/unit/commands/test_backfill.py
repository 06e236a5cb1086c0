"""./inv backfill: each halt becomes one merged proposal and one issue, whoever runs it, how often and how many do."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from subprocess import run as launch

import pytest

from delivery.announce import review as opening
from delivery.announce.claims import State as Told
from delivery.announce.claims import claimed, here_or_at_github
from delivery.commands import backfill as command
from delivery.commands import halt as brake
from delivery.deploy import halt as halting
from delivery.deploy.halt import Wanted
from delivery.laptop import keys
from delivery.proposals import branches
from delivery.proposals.choose import CHECKS
from delivery.proposals.forge import Forge, ForgeError, State
from delivery.proposals.forge import Wanted as Proposed
from delivery.proposals.github import GitHub
from delivery.proposals.local import Local
from tests.github.bare import Bare
from tests.github.faults import Fault
from tests.github.hub import Hub
from tests.github.kept import Person
from tests.github.server import stand_in
from tests.laptop.system import env
from tests.unit.commands.desk import Desk, Said, standing_in
from tests.unit.commands.halted import CATALOG, Live

pytestmark = pytest.mark.slow

NAME = "espice/delivery"
REASON = "two reports of lost work"
TRUSTED = "trusted-in: [laptop]"


@dataclass
class Braked:
    """A desk, what is live of it, and the forge that keeps its main; `hub` is None where that is the desk itself."""

    desk: Desk
    live: Live
    shell: pytest.MonkeyPatch
    hub: Hub | None = None
    api: str = ""
    start: str = ""

    @property
    def environment(self) -> str:
        return self.live.environment

    def halt(self, *versions: str, channel: str = "stable", seconds: int = 0) -> str:
        """As ./inv halt does first, before it waits for anybody."""
        wanted = Wanted(channel, versions or None, REASON)
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        done = halting.pull(self.live.site.place, wanted, keys.brake_signer, at)
        assert done.halt
        return done.halt.name

    def inv(self, *typed: str, who: str = "app") -> Said:
        self.shell.setenv("GITHUB_TOKEN", f"token-of-{who}")
        return self.desk.inv(*typed)

    def backfill(self, *more: str, who: str = "app") -> Said:
        return self.inv("backfill", self.environment, *more, who=who)

    def forge(self) -> Forge:
        return self.forge_of("app")

    def forge_of(self, who: str) -> Forge:
        if self.hub is None:
            return Local(self.desk.repo, {"app": "A Maintainer"}.get(who, who))
        return GitHub(self.desk.repo, NAME, self.api, f"token-of-{who}")

    def main(self) -> str:
        return self.forge().main()

    def facts(self) -> list[str]:
        """The facts of halts on main."""
        listed = self.desk.git("ls-tree", "-r", "--name-only", self.main(), "releases/stops/").split()
        return [path for path in listed if "decides:" in self.desk.git("show", f"{self.main()}:{path}")]

    def merges(self) -> list[str]:
        return self.desk.git("log", "--first-parent", "--format=%s", f"{self.start}..{self.main()}").splitlines()

    def issues(self) -> list[str]:
        if self.hub:
            return [each.title for each in self.hub.issues if each not in self.hub.pulls()]
        if not self.desk.git("for-each-ref", "refs/espice/proposals"):
            return []
        listed = self.desk.git("ls-tree", "-r", "--name-only", "refs/espice/proposals", "issues/").split()
        return [json.loads(self.desk.git("show", f"refs/espice/proposals:{path}"))["title"] for path in listed]

    def once(self, *halts: str) -> None:
        """What must be so at the end of every story."""
        assert self.facts() == [f"releases/stops/{halt}.yaml" for halt in halts]
        assert len(self.merges()) == len(halts)
        assert sorted(self.issues()) == [f"Review the brake of {self.environment}: {halt}" for halt in halts]
        assert self.forge().proposals() == []
        assert self.desk.changed() == ""
        if self.hub:
            assert len(self.hub.pulls()) <= len(halts)
            assert self.hub.bare.branches() == ["main"]


@pytest.fixture
def braked(
    request: pytest.FixtureRequest,
    alone: Desk,
    pushed_to: Callable[[Path], Bare],
    aws: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Braked]:
    """`laptop` is kept by the desk itself, all else at GitHub."""
    environment = getattr(request, "param", "laptop")
    if environment == "laptop":
        yield _made(alone, aws, monkeypatch, environment)
        return
    text = alone.read("product.yaml")
    alone.write("product.yaml", text.replace(TRUSTED, f"trusted-in: [laptop, {environment}]"))
    alone.git("commit", "-qam", "Trust the demo keys elsewhere")
    bare = pushed_to(tmp_path / f"{NAME}.git")
    alone.git("push", "-q", str(bare.folder), "main")
    people = {f"token-of-{who}": Person(who) for who in ("ada", "bea")}
    people["token-of-app"] = Person("espice-app[bot]", sees_members=True)
    people["token-of-actions"] = Person("github-actions[bot]")
    with stand_in(tmp_path, NAME, people) as found:
        monkeypatch.setenv("GITHUB_API_URL", found.api)
        monkeypatch.setenv("GITHUB_REPOSITORY", NAME)
        monkeypatch.setenv("GITHUB_TOKEN", "token-of-app")
        found.hub.teams["espice/release"] = {"ada", "bea"}
        made = _made(alone, aws, monkeypatch, environment)
        made.hub, made.api = found.hub, found.api
        yield made


def _made(desk: Desk, aws: str, shell: pytest.MonkeyPatch, environment: str) -> Braked:
    made = Braked(desk, Live(desk, aws, environment), shell)  # type: ignore[arg-type]
    made.start = desk.git("rev-parse", "HEAD").strip()
    shell.setattr(command, "_place", lambda _: made.live.site.place)
    shell.setattr(brake, "_site", lambda _: made.live.site)
    return made


BOTH = pytest.mark.parametrize("braked", ["laptop", "production"], indirect=True)
AT_GITHUB = pytest.mark.parametrize("braked", ["production"], indirect=True)
DEAF = "a fact stops every environment, and only the brake of production speaks for all of them"


def commit(braked: Braked, files: dict[str, bytes], *, on: str = "") -> str:
    """By a person, with git's own name."""
    with standing_in(braked.desk.repo):
        return branches.commit(braked.desk.repo, on or braked.main(), files, "Stop stable\n")


def fact(braked: Braked, name: str) -> dict[str, bytes]:
    """As ./inv decide writes it, in a work tree that stays as it is."""
    assert braked.inv("decide", name).status == 0
    path = f"releases/stops/{name}.yaml"
    data = braked.desk.read(path).encode()
    braked.desk.git("rm", "-qf", path)
    return {path: data}


def opened_by_hand(braked: Braked, head: str, branch: str = "ada/stop-it") -> int:
    """A proposal that ada made with git and the forge's pages."""
    with standing_in(braked.desk.repo):
        return braked.forge_of("ada").propose(Proposed(branch, head, "Stop stable", "It crashes")).number


def as_it_would_be(braked: Braked) -> str:
    """The very commit that the next backfill makes: anybody who has main and the override can make it."""

    class Seen(BaseException):
        pass

    with pytest.MonkeyPatch.context() as patch:
        made: list[str] = []

        def propose(_: object, wanted: Proposed) -> None:
            made.append(wanted.commit)
            raise Seen

        patch.setattr(type(braked.forge()), "propose", propose)
        with pytest.raises(Seen):
            braked.backfill()
    return made[0]


# --- once -------------------------------------------------------------------------------------------------------------


@BOTH
def test_a_halt_becomes_a_merged_proposal_and_an_issue_once_however_often_it_is_typed(braked: Braked) -> None:
    name = braked.halt()
    said = braked.backfill()
    assert (said.status, said.err) == (0, "")
    assert re.fullmatch(
        rf"{name}: merged proposal 1 as [0-9a-f]{{12}}, as the brake's key decided; its review opened: \S.*\n", said.out
    )
    braked.once(name)
    again = braked.backfill("--json")
    [told] = json.loads(again.out)
    assert (again.status, told["halt"], told["merged"], told["wrong"]) == (0, name, braked.main(), False)
    braked.once(name)
    message = braked.desk.git("log", "-1", "--format=%B", braked.main())
    assert message.strip() == ("Stop stable, as it is halted (#1)\n\nMerged as the brake's key decided.\n\nProposal: 1")


def test_where_nothing_was_halted_there_is_nothing_to_do(braked: Braked) -> None:
    assert braked.backfill() == Said(0, "laptop: nothing is halted, and nothing was\n", "")


@AT_GITHUB
def test_each_of_several_halts_gets_its_own_of_single_versions_too(braked: Braked) -> None:
    names = [braked.halt("1.4.0"), braked.halt(channel="beta", seconds=1)]
    assert braked.backfill().status == 0
    braked.once(*names)


@BOTH
def test_a_dry_run_says_what_it_would_do_and_does_nothing(braked: Braked) -> None:
    name, before = braked.halt(), braked.main()
    assert braked.backfill("--dry-run") == Said(0, f"{name}: would be proposed\n", "")
    assert (braked.main(), braked.issues(), braked.forge().proposals()) == (before, [], [])


class Killed(BaseException):
    """No code of ours hears of it."""


@BOTH
@pytest.mark.parametrize(
    ("does", "after"), [("propose", True), ("merge", True), ("open_issue", False), ("open_issue", True)]
)
def test_a_run_that_is_killed_in_the_middle_is_made_up_for_by_the_next(braked: Braked, does: str, after: bool) -> None:
    name, kind = braked.halt(), type(braked.forge())
    real = getattr(kind, does)

    def killed(*given: object) -> None:
        if after:
            real(*given)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, does, killed)
        with pytest.raises(Killed):
            braked.backfill()
    said = braked.backfill()
    if does == "open_issue":  # it may still be at it, for all that the next knows
        assert said.status == 1
        assert "the issue for its review: another run began to open it " in said.err
        braked.shell.setattr(opening, "OURS", timedelta(0))
        said = braked.backfill()
    assert (said.status, said.err) == (0, "")
    braked.once(name)


@AT_GITHUB
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/info/refs"), ("POST", "/git-receive-pack"), ("POST", "/pulls"), ("PUT", "/merge"), ("POST", "/issues")],
)
def test_a_run_between_any_two_steps_of_another_does_all_and_the_other_nothing_twice(
    braked: Braked, method: str, path: str
) -> None:
    name, inside = braked.halt(), []
    assert braked.hub
    braked.hub.faults.append(Fault(method=method, path=path, meanwhile=lambda: inside.extend(all_of_it(braked))))
    said = braked.backfill()
    claimed = path == "/issues"  # by the first: the other leaves it to that
    assert [(each.merged is not None, each.wrong) for each in inside] == [(True, claimed)]
    assert (said.status, said.err) == (0, "")
    braked.once(name)


def all_of_it(braked: Braked) -> list[command.Filled]:
    """A whole run, while another is under way in this process."""
    forge, place = braked.forge(), braked.live.site.place
    claims = here_or_at_github(braked.desk.repo, forge)
    run = command.Run(place, halting.standing(place), forge, None, claims, dry_run=False)
    return [command._filled(run, each) for each in halting.used(place, run.stands)]


ANOTHER = """
import sys
from pathlib import Path
from delivery.commands import backfill
from tests.unit.commands.halted import place
repo, aws, environment = sys.argv[1:]
backfill._place = lambda _: place(Path(repo), aws, environment)
for module in [each for name, each in sys.modules.items() if name.startswith("delivery.commands.")]:
    module.ROOT = Path(repo)
sys.exit(backfill.backfill(environment, dry_run=False, as_json=False))
"""


def launched(braked: Braked) -> CompletedProcess[str]:
    """The same in a process of its own."""
    typed = [sys.executable, "-c", ANOTHER, str(braked.desk.repo), braked.live.aws, braked.environment]
    return launch(typed, capture_output=True, text=True, check=False, env=env())


@BOTH
def test_of_processes_that_run_at_once_one_does_it(braked: Braked) -> None:
    name = braked.halt()
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: launched(braked), range(2)))
    assert all("another run " in run.stderr for run in runs if run.returncode), runs
    assert any(not run.returncode for run in runs), runs
    assert braked.backfill().status == 0
    braked.once(name)


# --- what is open already ---------------------------------------------------------------------------------------------


def says_beside(number: int, by: str, name: str) -> str:
    return f"; beside it proposal {number} by {by} is open for releases/stops/{name}.yaml; its review opened: "


@BOTH
def test_what_a_person_proposed_for_it_is_named_and_closed_once_nothing_of_it_is_left(braked: Braked) -> None:
    name = braked.halt()
    assert braked.inv("decide", name, "--pr", who="ada").status == 0
    by = "ada" if braked.hub else "A Maintainer"
    said = braked.backfill()
    assert said.status == 0
    assert re.search(
        r"merged proposal 2 as [0-9a-f]{12}, as the brake's key decided" + says_beside(1, by, name), said.out
    )
    assert (braked.facts(), len(braked.merges())) == ([f"releases/stops/{name}.yaml"], 1)
    assert (braked.forge().proposals(), len(braked.issues())) == ([], 1)
    assert braked.backfill().status == 0
    assert (len(braked.merges()), braked.forge().proposals()) == (1, [])


@BOTH
def test_what_people_merged_first_is_the_fact_and_our_own_is_closed(braked: Braked) -> None:
    name = braked.halt()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(braked.forge()), "merge", refused)
        assert "stays open: not now; the next ./inv backfill tries again" in braked.backfill().out
    number = opened_by_hand(braked, commit(braked, fact(braked, name)))
    braked.forge_of("ada").merge(number, braked.forge().proposal(number).head, "Stop stable\n")
    assert braked.backfill().status == 0
    assert (braked.facts(), len(braked.merges())) == ([f"releases/stops/{name}.yaml"], 1)
    assert (braked.forge().proposals(), len(braked.issues())) == ([], 1)


def refused(*_: object) -> None:
    raise ForgeError("not now")


@BOTH
@pytest.mark.parametrize("change", [(b"", b""), (b"lost work", b"lost sleep"), (b"channel: stable", b"channel: beta")])
def test_what_another_proposes_for_it_is_never_merged_whatever_it_says_and_stops_nothing(
    braked: Braked, change: tuple[bytes, bytes]
) -> None:
    name = braked.halt()
    [(path, data)] = fact(braked, name).items()
    assert change[0] in data
    number = opened_by_hand(braked, commit(braked, {path: data.replace(*change), "docs/more.md": b"More.\n"}))
    said = braked.backfill()
    assert said.status == 0
    assert says_beside(number, "ada", name) in said.out
    for _ in range(2):
        assert braked.desk.git("show", f"{braked.main()}:{path}").encode() == data
        assert (len(braked.merges()), [each.number for each in braked.forge().proposals()]) == (1, [number])
        assert braked.backfill().status == 0  # also where it contradicts main by now


@BOTH
@pytest.mark.parametrize("more", [False, True])
def test_what_another_opened_on_the_branch_of_its_own_is_closed_and_made_anew(braked: Braked, more: bool) -> None:
    name = braked.halt()
    head = as_it_would_be(braked)
    if more:
        head = commit(braked, {"docs/more.md": b"More.\n"}, on=head)
    number = opened_by_hand(braked, head, f"backfill/{name}")
    said = braked.backfill()
    assert f"merged proposal {number + 1} as " in said.out
    assert braked.forge().proposal(number).state is State.closed
    assert (braked.facts(), len(braked.merges())) == ([f"releases/stops/{name}.yaml"], 1)
    assert "docs/more.md" not in braked.desk.git("ls-tree", "-r", "--name-only", braked.main())


@BOTH
def test_what_another_pushed_to_the_branch_of_its_own_is_overwritten_and_not_merged(braked: Braked) -> None:
    name = braked.halt()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(braked.forge()), "merge", refused)
        braked.backfill()
    more = commit(braked, {"docs/more.md": b"More.\n"}, on=braked.forge().proposal(1).head)
    ref = f"refs/heads/backfill/{name}"
    braked.desk.git(
        *(("push", "-q", str(braked.hub.bare.folder), f"{more}:{ref}") if braked.hub else ("update-ref", ref, more))
    )
    assert "merged proposal 1 as " in braked.backfill().out
    braked.once(name)
    assert "docs/more.md" not in braked.desk.git("ls-tree", "-r", "--name-only", braked.main())


@AT_GITHUB
def test_what_another_pushes_at_the_last_moment_is_not_merged(braked: Braked) -> None:
    name = braked.halt()
    assert braked.hub
    folder, more = str(braked.hub.bare.folder), commit(braked, {"docs/more.md": b"More.\n"}, on=as_it_would_be(braked))

    def push() -> None:
        braked.desk.git("push", "-q", folder, f"{more}:refs/heads/backfill/{name}")

    braked.hub.faults.append(Fault(method="PUT", path="/merge", meanwhile=push))
    assert braked.backfill().status == 0
    assert "docs/more.md" not in braked.desk.git("ls-tree", "-r", "--name-only", braked.main())
    braked.once(name)


@AT_GITHUB
def test_a_branch_of_work_that_is_no_proposal_stops_only_its_own_halt(braked: Braked) -> None:
    names = [braked.halt(), braked.halt(channel="beta", seconds=1)]
    assert braked.hub
    first = commit(braked, {"docs/more.md": b"More.\n"})
    folder = str(braked.hub.bare.folder)
    braked.desk.git("push", "-q", folder, f"{first}:refs/heads/backfill/{names[0]}")
    braked.desk.git("push", "-q", folder, f"{first}:refs/heads/releases/stop-beta-as-it-is-halted-{names[1]}")
    said = braked.backfill()
    assert said.status == 1
    taken = f"backfill/{names[0]} is a branch here that holds commits of its own and is no proposal's"
    assert said.err.startswith(f"{names[0]}: {taken}; ")
    assert braked.facts() == [f"releases/stops/{names[1]}.yaml"]


@AT_GITHUB
def test_what_lies_in_somebodys_fork_counts_for_nothing(braked: Braked) -> None:
    name = braked.halt()
    assert braked.hub
    head = commit(braked, fact(braked, name))
    braked.desk.git("push", "-q", str(braked.hub.bare.folder), f"{head}:refs/pull/1/head")
    braked.hub.fork_pull("eve", head, "stop", "Stop stable")
    assert braked.backfill().status == 0
    assert braked.facts() == [f"releases/stops/{name}.yaml"]
    assert [pull.merged is not None for pull in braked.hub.pulls()] == [True, False]


# --- who is asked -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("braked", ["staging"], indirect=True)
def test_staging_s_brake_does_not_speak_for_production(braked: Braked) -> None:
    name, before = braked.halt(), braked.main()
    said = braked.backfill()
    assert said.status == 0
    assert said.out.startswith(f"{name}: proposal 1 stays open: {DEAF}; 1 more approval of ")
    assert braked.main() == before
    head = braked.forge().proposal(1).head
    assert braked.inv("approve", "1", "--head", head, who="bea").status == 0
    said = braked.backfill()
    assert said.out.startswith(f"{name}: proposal 1 stays open: {DEAF}; nothing else is missing: ./inv merge 1; ")
    assert (braked.main(), braked.forge().proposal(1).head) == (before, head)
    braked.forge_of("bea").merge(1, head, "Stop stable (#1)\n\nProposal: 1\n")
    assert braked.backfill().status == 0
    braked.once(name)


@pytest.mark.parametrize("braked", ["staging"], indirect=True)
def test_what_people_are_asked_for_is_left_as_they_saw_it_though_main_goes_on(braked: Braked) -> None:
    braked.halt()
    braked.backfill()
    assert braked.hub
    head = braked.forge().proposal(1).head
    moved = commit(braked, {"docs/more.md": b"More.\n"})
    braked.desk.git("push", "-q", str(braked.hub.bare.folder), f"{moved}:refs/heads/main")
    assert "proposal 1 stays open: " in braked.backfill().out
    assert (braked.main(), braked.forge().proposal(1).head) == (moved, head)


@AT_GITHUB
def test_what_github_does_not_merge_yet_is_merged_by_the_next_on_main_as_it_is_then(braked: Braked) -> None:
    name = braked.halt()
    assert braked.hub
    braked.hub.faults.append(Fault(405, 'Required status check "lint" is expected.', method="PUT", path="/merge"))
    said = braked.backfill()
    assert said.status == 0
    assert said.out.startswith(
        f'{name}: proposal 1 stays open: GitHub did not merge #1: Required status check "lint" is expected.; '
    )
    moved = commit(braked, {"docs/more.md": b"More.\n"})
    braked.desk.git("push", "-q", str(braked.hub.bare.folder), f"{moved}:refs/heads/main")
    braked.start = moved
    assert braked.backfill().status == 0
    braked.once(name)
    assert braked.desk.git("rev-parse", f"{braked.main()}^2^").strip() == moved


@AT_GITHUB
def test_the_required_check_is_set_by_the_token_of_the_workflow_and_only_where_nobody_is_asked(braked: Braked) -> None:
    braked.halt()
    assert braked.hub
    braked.shell.setenv(CHECKS, "token-of-actions")
    assert braked.backfill().status == 0
    [status] = braked.hub.statuses
    assert (status.author, status.said["context"], status.said["state"]) == (
        "github-actions[bot]",
        "espice/approvals",
        "success",
    )
    assert status.commit == braked.desk.git("rev-parse", f"{braked.main()}^2").strip()


# --- its review -------------------------------------------------------------------------------------------------------


@BOTH
def test_a_halt_that_was_decided_when_it_is_first_seen_is_reviewed_too(braked: Braked) -> None:
    braked.live.s3.put_bucket_versioning(Bucket=CATALOG, VersioningConfiguration={"Status": "Enabled"})
    name = braked.halt()
    merged = commit(braked, fact(braked, name))
    braked.desk.git("reset", "-q", "--hard", merged)
    if braked.hub:
        braked.desk.git("push", "-q", str(braked.hub.bare.folder), f"{merged}:refs/heads/main")
    braked.live.apply()
    other = braked.halt(channel="beta", seconds=1)  # this override knows the first no more
    assert [each.name for each in braked.live.override().halts] == [other]
    said = braked.backfill()
    assert (said.status, said.err) == (0, "")
    assert f"{name}: its fact is on main: releases/stops/{name}.yaml; its review opened: " in said.out
    braked.once(name, other)


@AT_GITHUB
def test_the_issue_says_what_is_known_and_asks_the_owners_by_name(braked: Braked) -> None:
    name = braked.halt("1.4.0")
    braked.backfill()
    assert braked.hub
    [issue] = [each for each in braked.hub.issues if each.number != 1]
    assert f"`releases/stops/{name}.yaml`, which is merged (#1)" in str(issue.body)
    owners = "@espice/developers @espice/platform @espice/release"
    assert str(issue.body).splitlines()[-1] == f"{owners} Close this once you have looked at it."
    claims = here_or_at_github(braked.desk.repo, braked.forge())
    assert {each: claim.state for each, claim in claims.read().items()} == {f"review/production/{name}": Told.sent}


@AT_GITHUB
def test_who_writes_that_an_issue_was_opened_keeps_nobody_from_opening_it(braked: Braked) -> None:
    name = braked.halt()
    claims, told = here_or_at_github(braked.desk.repo, braked.forge()), claimed(Told.sent)
    assert claims.move(f"review/production/{name}", None, replace(told, at=told.at - opening.OURS, where="https://x"))
    assert "; its review opened: " in braked.backfill().out
    braked.once(name)


@AT_GITHUB
def test_a_github_that_is_away_is_said_and_nothing_is_lost(braked: Braked) -> None:
    name = braked.halt()
    braked.shell.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    said = braked.backfill()
    assert (said.status, said.out) == (1, "")
    assert said.err.endswith("; what was merged stays so; type it again: that is safe\n")
    braked.shell.setenv("GITHUB_API_URL", braked.api)
    assert braked.backfill().status == 0
    braked.once(name)

"""The forge that needs nothing but git: what every forge does, and what is this one's own."""

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest

from delivery.proposals import branches
from delivery.proposals.forge import Check, Forge, ForgeError, Moved, State, Verdict, Wanted
from delivery.proposals.local import Local
from tests.unit.history.conftest import Repository
from tests.unit.proposals.forge_contract import *  # noqa: F403 - these are tests, to be run here
from tests.unit.proposals.forge_contract import HALT, RAISE, START, SUBJECT, proposed, wanted

pytestmark = pytest.mark.slow

REF = "refs/espice/proposals"
MEND = f"git reflog {REF} lists what it was, and git update-ref {REF} COMMIT puts that back"
ONE = "releases/one.yaml"


@dataclass
class OnLaptop:
    """A repository with main checked out in its work tree."""

    repository: Repository

    @property
    def repo(self) -> Path:
        return self.repository.path

    def forge(self, who: str) -> Forge:
        return Local(self.repo, who)

    def branch(self, name: str, commit: str) -> None:
        self.repository.git("branch", name, commit)


@pytest.fixture
def place(tmp_path: Path) -> OnLaptop:
    repository = Repository(tmp_path / "repo")
    repository.commit(START)
    return OnLaptop(repository)


def refused(error: pytest.ExceptionInfo[ForgeError]) -> str:
    return str(error.value)


# --- what can be seen of it ----------------------------------------------------------------------------------------


def test_only_the_branch_of_a_proposal_shows_and_the_work_tree_does_not_move(place: OnLaptop) -> None:
    proposed(place, {ONE: b"3\n"})
    git = place.repository.git
    assert git("branch", "--format=%(refname:short)").splitlines() == ["main", RAISE]
    assert git("for-each-ref", "--format=%(refname)", "refs/espice", "refs/tags") == REF
    assert git("status", "--porcelain", "--branch") == "## main"
    assert (place.repo / ONE).read_bytes() == START[ONE]


def test_a_proposal_is_kept_as_a_file_that_people_can_read(place: OnLaptop) -> None:
    made = proposed(place, {ONE: b"3\n"})
    place.forge("bo").approve(made.number, made.head, "good")
    place.forge("ada").say(made.number, "hello")
    kept = json.loads(place.repository.git("show", f"{REF}:1.json"))
    opened, at = kept["proposal"].pop("opened"), kept["approvals"][0].pop("at")
    assert opened.endswith("Z")
    assert at.endswith("Z")
    assert kept == {
        "proposal": {
            "number": 1,
            "branch": RAISE,
            "head": made.head,
            "title": "Raise stable",
            "body": "It is good",
            "author": "ada",
            "state": "open",
            "url": None,
            "merged_as": None,
            "is_foreign": False,
        },
        "comments": [{"number": 1, "author": "ada", "body": "hello"}],
        "approvals": [{"by": "bo", "head": made.head, "says": "good"}],
        "proposed_by": ["ada"],
    }


def test_all_who_proposed_there_had_a_hand_in_it(place: OnLaptop) -> None:
    made = proposed(place, {ONE: b"3\n"})
    for who in ("bo", "bo"):
        place.forge(who).propose(wanted(place, {ONE: b"4\n"}))
    assert place.forge("cy").makers(made.number) == {"ada", "bo"}


def test_who_takes_a_branch_away_closes_its_proposal_for_good(place: OnLaptop) -> None:
    first = proposed(place, {ONE: b"3\n"})
    place.repository.git("branch", "-D", RAISE)
    second = proposed(place, {ONE: b"4\n"})
    assert place.forge("ada").proposals() == [second]
    assert [each.number for each in place.forge("ada").proposals(State.closed)] == [first.number]


def test_the_record_says_who_did_what(place: OnLaptop) -> None:
    made = proposed(place, {ONE: b"3\n"})
    bo = place.forge("bo")
    bo.approve(made.number, made.head, "good")
    bo.tell(made.head, Check("espice/approvals", Verdict.success, "1 of 1"))
    said = place.forge("ada").say(made.number, "hello")
    place.forge("ada").rewrite(said, "hi")
    bo.merge(made.number, made.head, SUBJECT)
    bo.open_issue("Look", "at it")
    assert place.repository.git("log", "--first-parent", "--reverse", "--format=%s", REF).splitlines() == [
        "the proposals of this repository begin",
        f"ada proposes {RAISE}",
        f"proposal 1: bo approves {made.head[:12]}",
        f"espice/approvals of {made.head[:12]}: success",
        "proposal 1: ada says something",
        "comment 1: ada rewrites it",
        "proposal 1: bo merges it",
        "bo opens an issue",
    ]


def test_issues_and_proposals_are_numbered_together(place: OnLaptop) -> None:
    assert place.forge("ada").open_issue("A halt was used", "Look at it") == "issue 1"
    assert proposed(place, {ONE: b"3\n"}).number == 2
    assert place.forge("ada").open_issue("Another", "Look at it") == "issue 3"
    kept = json.loads(place.repository.git("show", f"{REF}:issues/1.json"))
    assert (kept["title"], kept["body"], kept["author"]) == ("A halt was used", "Look at it", "ada")


def test_git_forgets_no_commit_that_was_proposed(place: OnLaptop) -> None:
    first = proposed(place, {ONE: b"3\n"})
    proposed(place, {ONE: b"4\n"})
    place.forge("ada").close(first.number)
    git = place.repository.git
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")
    assert git("show", f"{first.head}:{ONE}") == "3"


# --- branches are the repository's own -----------------------------------------------------------------------------


def test_a_branch_that_people_move_moves_its_proposal(place: OnLaptop) -> None:
    made = proposed(place, {ONE: b"3\n"})
    more = branches.commit(place.repo, made.head, {ONE: b"4\n"}, "more")
    place.repository.git("branch", "--force", RAISE, more)
    assert place.forge("ada").proposal(made.number).head == more
    with pytest.raises(Moved) as error:
        place.forge("bo").merge(made.number, made.head, SUBJECT)
    assert refused(error) == (
        f"proposal 1 is at {more[:12]} now, no longer at {made.head[:12]}; read it again, then try again"
    )


def test_a_branch_that_people_delete_closes_its_proposal(place: OnLaptop) -> None:
    made = proposed(place, {ONE: b"3\n"})
    place.repository.git("branch", "-D", RAISE)
    assert place.forge("ada").proposal(made.number).state is State.closed
    place.forge("ada").close(made.number)
    with pytest.raises(Moved) as error:
        place.forge("bo").approve(made.number, made.head, "good")
    assert refused(error) == "proposal 1 is closed; nothing more is done with it"


def test_a_merge_and_a_close_take_the_branch_away(place: OnLaptop) -> None:
    one, two = proposed(place, {ONE: b"3\n"}), proposed(place, {"releases/two.yaml": b"4\n"}, HALT)
    place.forge("bo").merge(one.number, one.head, SUBJECT)
    place.forge("bo").close(two.number)
    assert place.repository.git("branch", "--format=%(refname:short)") == "main"


def test_a_branch_of_somebodys_own_is_not_overwritten(place: OnLaptop) -> None:
    asked = wanted(place, {ONE: b"3\n"})
    mine = branches.commit(place.repo, "main", {ONE: b"5\n"}, "mine")
    place.repository.git("branch", RAISE, mine)
    with pytest.raises(ForgeError) as error:
        place.forge("ada").propose(asked)
    assert refused(error) == (
        f"{RAISE} is a branch here that holds commits of its own and is no proposal's; "
        "rename it by git branch -m, then try again"
    )
    assert place.repository.git("rev-parse", RAISE) == mine
    assert list(place.forge("ada").proposals()) == []


def test_a_branch_of_ones_own_can_be_proposed_as_it_is(place: OnLaptop) -> None:
    mine = branches.commit(place.repo, "main", {ONE: b"5\n"}, "mine")
    place.repository.git("branch", RAISE, mine)
    assert place.forge("ada").propose(Wanted(RAISE, mine, "Mine", "")).head == mine


def test_what_main_has_already_is_not_proposed(place: OnLaptop) -> None:
    with pytest.raises(ForgeError) as error:
        place.forge("ada").propose(Wanted(RAISE, "main", "Nothing", ""))
    assert refused(error) == f"{RAISE} would hold nothing that main lacks; there is nothing to propose"


def test_main_is_told_from_a_proposals_branch(place: OnLaptop) -> None:
    with pytest.raises(ForgeError) as error:
        proposed(place, {ONE: b"3\n"}, "main")
    assert refused(error) == "main is what proposals are merged to; give the proposal's branch another name"


def test_a_name_that_git_does_not_take_is_refused_and_leaves_nothing(place: OnLaptop) -> None:
    with pytest.raises(ForgeError, match=r"git update-ref refused: .*invalid ref format"):
        proposed(place, {ONE: b"3\n"}, "raise..stable")
    assert place.repository.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_a_repository_without_main_says_so(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo")
    repository.git("checkout", "--quiet", "-b", "trunk")
    repository.commit(START)
    with pytest.raises(ForgeError) as error:
        Local(repository.path, "ada").main()
    assert refused(error) == f"{repository.path} has no branch main to merge to; make it by git branch main COMMIT"


def test_a_folder_that_is_no_repository_says_so(tmp_path: Path) -> None:
    with pytest.raises(ForgeError) as error:
        Local(tmp_path, "ada").proposals()
    assert refused(error) == f"{tmp_path} is not a git repository; clone it with git instead of copying its files"


# --- merges and the work tree --------------------------------------------------------------------------------------


def test_the_files_of_main_follow_a_merge_and_changes_elsewhere_stay(place: OnLaptop) -> None:
    made = proposed(place, {ONE: b"3\n", "releases/new.yaml": b"new\n"})
    place.repository.write({"releases/two.yaml": "mine\n", "notes.txt": "mine\n"})
    place.repository.git("add", "notes.txt")
    place.forge("bo").merge(made.number, made.head, SUBJECT)
    assert (place.repo / ONE).read_bytes() == b"3\n"
    assert (place.repo / "releases/new.yaml").read_bytes() == b"new\n"
    assert place.repository.git("status", "--porcelain").splitlines() == ["A  notes.txt", " M releases/two.yaml"]


def test_a_merge_over_local_changes_is_refused_whole(place: OnLaptop) -> None:
    made, before = proposed(place, {ONE: b"3\n"}), place.forge("ada").main()
    place.repository.write({ONE: "mine\n"})
    with pytest.raises(ForgeError) as error:
        place.forge("bo").merge(made.number, made.head, SUBJECT)
    assert refused(error) == (
        f"the files in {place.repo} cannot follow main: error: Entry '{ONE}' not uptodate. Cannot merge.; "
        "commit or stash what you changed there, then try again"
    )
    assert place.forge("ada").main() == before
    assert place.forge("ada").proposal(made.number) == made
    assert (place.repo / ONE).read_text() == "mine\n"


def test_a_branch_that_is_checked_out_is_not_taken_away(place: OnLaptop) -> None:
    made = proposed(place, {ONE: b"3\n"})
    place.repository.git("checkout", "--quiet", RAISE)
    with pytest.raises(ForgeError) as error:
        place.forge("bo").merge(made.number, made.head, SUBJECT)
    assert refused(error) == (f"{RAISE} is checked out in {place.repo}; switch to another branch there, then try again")
    assert place.forge("ada").proposal(made.number) == made


def test_a_conflict_names_its_files(place: OnLaptop) -> None:
    one, two = proposed(place, {ONE: b"3\n"}), proposed(place, {ONE: b"4\n"}, HALT)
    place.forge("bo").merge(one.number, one.head, SUBJECT)
    with pytest.raises(branches.Conflict) as error:
        place.forge("bo").merge(two.number, two.head, SUBJECT)
    assert refused(error) == (f"both it and main changed {ONE}; make the change again, on main as it is now")


def test_a_merge_that_main_overtakes_is_refused(place: OnLaptop, monkeypatch: pytest.MonkeyPatch) -> None:
    made = proposed(place, {ONE: b"3\n"})
    merge = branches.merge

    def slow(*arguments: str) -> str:
        result = merge(*arguments)
        place.repository.commit({"releases/two.yaml": "overtakes\n"})
        return result

    monkeypatch.setattr(branches, "merge", slow)
    with pytest.raises(Moved) as error:
        place.forge("bo").merge(made.number, made.head, SUBJECT)
    assert refused(error) == "main has moved in the meantime; read the proposal again, then try again"
    assert place.repository.git("log", "-1", "--format=%s", "main") == "a change"
    assert place.repository.git("status", "--porcelain") == ""
    assert place.forge("ada").proposal(made.number) == made


def test_what_is_merged_is_not_closed(place: OnLaptop) -> None:
    made = proposed(place, {ONE: b"3\n"})
    place.forge("bo").merge(made.number, made.head, SUBJECT)
    with pytest.raises(ForgeError) as error:
        place.forge("ada").close(made.number)
    assert refused(error) == "proposal 1 is merged; what it did is taken back by another proposal"


# --- many at once --------------------------------------------------------------------------------------------------


def _work(repo: Path, who: str) -> None:
    """What one process does: proposes, comments, approves the others' first, and tells."""
    forge = Local(repo, who)
    main = forge.main()
    commit = branches.commit(repo, main, {f"releases/{who}.yaml": who.encode()}, who)
    made = forge.propose(Wanted(f"releases/{who}", commit, who, "at once"))
    for count in range(3):
        forge.say(made.number, f"{who} {count}")
    forge.approve(1, forge.proposal(1).head, who)
    forge.tell(main, Check(who, Verdict.success, "fine"))
    forge.open_issue(who, "at once")


def test_processes_that_write_at_once_lose_nothing(place: OnLaptop) -> None:
    first = proposed(place, {ONE: b"3\n"})
    everyone = [f"person-{number}" for number in range(4)]
    with ProcessPoolExecutor(len(everyone), mp_context=get_context("spawn")) as pool:
        list(pool.map(_work, [place.repo] * len(everyone), everyone))
    ada = place.forge("ada")
    made = ada.proposals()
    assert sorted(each.author for each in made) == ["ada", *everyone]
    assert len({each.number for each in made}) == len(made)
    said = {each.author: [comment.body for comment in ada.comments(each.number)] for each in made}
    assert said == {"ada": [], **{who: [f"{who} {count}" for count in range(3)] for who in everyone}}
    numbers = [comment.number for each in made for comment in ada.comments(each.number)]
    assert sorted(numbers) == list(range(1, 3 * len(everyone) + 1))
    assert sorted(each.by for each in ada.approvals(first.number)) == everyone
    assert sorted(each.name for each in ada.checks(ada.main())) == everyone
    issues = place.repository.git("ls-tree", "--name-only", REF, "issues/").splitlines()
    assert len(issues) == len(everyone)


def _merge(repo: Path, number: int) -> bool:
    forge = Local(repo, "bo")
    try:
        forge.merge(number, forge.proposal(number).head, f"merge {number}")
    except ForgeError:
        return False
    return True


def test_of_merges_at_once_each_that_says_so_is_on_main_and_no_other(place: OnLaptop) -> None:
    made = [proposed(place, {f"releases/{n}.yaml": b"3\n"}, f"releases/{n}").number for n in range(4)]
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        done = list(pool.map(_merge, [place.repo] * 8, made * 2))
    ada = place.forge("ada")
    merged = {each.number for each in ada.proposals(State.merged)}
    assert sorted(number for number, went in zip(made * 2, done, strict=True) if went) == sorted(merged)
    assert merged
    assert place.repository.git("status", "--porcelain") == ""
    on_main = place.repository.git("log", "--first-parent", "--format=%H", "--merges", "main").splitlines()
    assert sorted(on_main) == sorted(str(each.merged_as) for each in ada.proposals(State.merged))


def test_a_lock_that_git_left_is_told_and_nothing_is_lost(place: OnLaptop, monkeypatch: pytest.MonkeyPatch) -> None:
    made = proposed(place, {ONE: b"3\n"})
    monkeypatch.setattr("delivery.proposals.local._TRIES", 2)
    lock = place.repo / ".git" / f"{REF}.lock"
    lock.touch()
    with pytest.raises(ForgeError) as error:
        place.forge("ada").say(made.number, "hello")
    assert refused(error) == f"{lock} is in the way; if no git runs here, one was killed: remove that file"
    lock.unlink()
    assert list(place.forge("ada").comments(made.number)) == []


# --- a record that no forge wrote ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "data", "says"),
    [
        ("1.json", b"nonsense", "JSON is malformed: invalid character (byte 4)"),
        ("1.json", b"{}", "Object missing required field `proposal`"),
        ("1.json", b'{"x":' * 5_000, "maximum recursion depth exceeded"),
        ("issues/7.json", b"[]", "Expected `object`, got `array`"),
        (f"checks/{'a' * 40}.json", b'[{"name": "x", "verdict": "maybe", "says": ""}]', "Invalid enum value 'maybe'"),
        ("hello.txt", b"hello", "no forge writes such a file"),
        ("0.json", b"{}", "no forge writes such a file"),
    ],
)
def test_nonsense_in_the_record_is_told_with_its_file_and_how_to_mend_it(
    place: OnLaptop, path: str, data: bytes, says: str
) -> None:
    made = proposed(place, {ONE: b"3\n"})
    good = place.repository.git("rev-parse", REF)
    place.repository.git("update-ref", REF, branches.commit(place.repo, REF, {path: data}, "nonsense"))
    with pytest.raises(ForgeError) as error:
        place.forge("ada").proposals()
    assert refused(error).startswith(f"{REF}: {path}: {says}")
    assert refused(error).endswith(f"; {MEND}")
    assert good[:7] in place.repository.git("reflog", REF)
    place.repository.git("update-ref", REF, good)
    assert list(place.forge("ada").proposals()) == [made]


def test_a_proposal_in_anothers_file_is_told(place: OnLaptop) -> None:
    proposed(place, {ONE: b"3\n"})
    data = place.repository.git("show", f"{REF}:1.json").encode()
    place.repository.git("update-ref", REF, branches.commit(place.repo, REF, {"2.json": data}, "nonsense"))
    with pytest.raises(ForgeError) as error:
        place.forge("ada").proposals()
    assert refused(error) == f"{REF}: 2.json: it says that it is 1; {MEND}"


def test_a_record_that_is_no_commit_is_told(place: OnLaptop) -> None:
    place.repository.git("update-ref", REF, place.repository.git("rev-parse", f"main:{ONE}"))
    with pytest.raises(ForgeError) as error:
        place.forge("ada").proposals()
    assert refused(error) == f"{REF} is no commit; {MEND}"

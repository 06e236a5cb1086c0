"""Previews of open proposals: staging on moto, pull requests on a stand-in for GitHub, the program under a plan."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from delivery.commands import previews, wished
from delivery.engines.stack import Listener, Outcome, Stack
from delivery.laptop import keys, planner
from delivery.proposals import branches
from infra.stacks import Kind
from tests.github.kept import Person
from tests.unit.commands.desk import Said
from tests.unit.commands.test_in_the_cloud import Staging, listen, refused, set_secret, staging
from tests.unit.commands.test_proposals_at_github import HOLD, NAME, AtGitHub, place

pytestmark = pytest.mark.slow

__all__ = ["place", "staging"]
BOTH = ("previews", "--stacks", "staging,staging-live")
FILE = "Pulumi.staging.yaml"
PULL = re.compile(r"(?s)    origin-pull: \|.*?(?=\n    github:)")
NOTHING = "0 creates, 0 updates, 0 deletes, 0 replaces"


@dataclass
class Planned:
    """An engine whose state is what main declares, and that changes nothing."""

    folder: Path
    errors: tuple[str, ...] = ()
    asked: list[Stack] = field(default_factory=list)
    name: str = "planned"

    def preview(self, stack: Stack, _: Listener | None = None, **__: tuple[str, ...]) -> Outcome:
        self.asked.append(stack)
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder / "state", copy)
        outcome = planner.declared(stack, copy)
        return Outcome(outcome.steps, outcome.outputs, (*outcome.errors, *self.errors))


@dataclass
class Scene:
    """Staging with main applied, and the pull requests of its repository."""

    staging: Staging
    place: AtGitHub
    engine: Planned

    @property
    def main(self) -> str:
        return self.place.desk.git("rev-parse", "main").strip()

    def inv(self, *typed: str, who: str = "bot") -> Said:
        return self.place.inv(who, *typed)

    def propose(self, path: str, change: Callable[[str], str]) -> str:
        """Ada's pull request with one file; its head."""
        data = change(self.place.desk.read(path)).encode()
        head = branches.commit(self.place.desk.repo, self.main, {path: data}, "Change it")
        branch = f"change-{head[:8]}"
        self.place.desk.git("push", "-q", str(self.place.hub.bare.folder), f"{head}:refs/heads/{branch}")
        self.place.hub.open_pull(Person("ada"), {"head": branch, "base": "main", "title": "Change \u202eit"})
        return head

    def checks(self, head: str) -> dict[str, tuple[str, str]]:
        named = ((each.said["context"], each) for each in self.place.hub.newest(head))
        return {name: (each.said["state"], each.said["description"]) for name, each in named}


@pytest.fixture
def scene(staging: Staging, place: AtGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    set_secret(staging, monkeypatch)
    published = wished.cloud(staging.wish()).published()
    assert published
    digest = f"sha256:{published.versions['1']}"
    text = re.sub(r"sha256:0{64}", digest, place.desk.read(FILE))
    [its], [laptop] = (PULL.findall(each) for each in (text, place.desk.read("Pulumi.laptop.yaml")))
    place.desk.write(FILE, text.replace(its, laptop))
    staging.commit("Name the build that answers, and the certificate of the laptop's key")
    staging.put_live()
    place.desk.git("push", "-q", str(place.hub.bare.folder), "main")
    engine = Planned(tmp_path)
    for kind in (Kind.platform, Kind.live):
        there = staging.there(kind, to_write=False)
        planner.declared(wished.stack(staging.wish(), kind, there), tmp_path / "state")
    monkeypatch.setattr(previews, "engine_of", lambda _: engine)
    return Scene(staging, place, engine)


def longer(text: str) -> str:
    return text.replace("kept: 4 # days", "kept: 5 # days")


def another_account(text: str) -> str:
    return text.replace('account: "000000000000"', 'account: "999999999999"').replace('zone: "0', 'zone: "1')


def test_each_stack_that_a_proposal_touches_gets_its_check(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SERVER_URL": "https://github.com", "RUN_ID": "77"}.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    head = scene.propose(FILE, longer)
    said = scene.inv(*BOTH)
    main = scene.main[:12]
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        f"proposal 1 at {head[:12]}, staging: 0 creates, 1 update, 0 deletes, 0 replaces; main {main}",
        "  update  aws:sqs/queue:Queue events: messageRetentionSeconds",
        f"proposal 1 at {head[:12]}, staging-live: {NOTHING}; main {main}",
    ]
    assert scene.checks(head) == {
        "espice/preview/staging": ("success", f"0 creates, 1 update, 0 deletes, 0 replaces; main {main}"),
        "espice/preview/staging-live": ("success", f"{NOTHING}; main {main}"),
    }
    urls = {each.said["target_url"] for each in scene.place.hub.statuses}
    assert urls == {f"https://github.com/{NAME}/actions/runs/77"}


def test_facts_touch_what_is_live_alone_and_no_environment_that_was_not_asked_for(scene: Scene) -> None:
    scene.inv(*HOLD, who="ada")
    said = scene.inv(*BOTH, "--json")
    [found] = json.loads(said.out)
    assert (found["stack"], found["verdict"], found["trouble"]) == ("staging-live", "success", None)
    assert "catalog/head.json" in {each["name"] for each in found["outcome"]["changes"]}
    assert [each["values"] for each in found["outcome"]["changes"] if "values" in each] == []


def test_what_was_previewed_on_this_main_is_not_done_again_and_on_another_it_is(scene: Scene) -> None:
    head = scene.propose(FILE, longer)
    scene.inv(*BOTH)
    scene.engine.asked.clear()
    before = len(scene.place.hub.statuses)
    again = scene.inv(*BOTH)
    assert [line.rpartition(", ")[2] for line in again.out.splitlines()] == ["as was said before"] * 2
    assert (scene.engine.asked, len(scene.place.hub.statuses)) == ([], before)
    scene.place.desk.git("commit", "-q", "--allow-empty", "-m", "Another")
    scene.place.desk.git("push", "-q", str(scene.place.hub.bare.folder), "main")
    scene.inv(*BOTH)
    assert len(scene.engine.asked) == 2
    assert all(words.endswith(f"; main {scene.main[:12]}") for _, words in scene.checks(head).values())


def test_what_another_said_under_our_name_is_not_believed(scene: Scene) -> None:
    head = scene.propose(FILE, longer)
    for stack in ("staging", "staging-live"):
        said = {
            "state": "success",
            "context": f"espice/preview/{stack}",
            "description": f"{NOTHING}; main {scene.main[:12]}",
        }
        scene.place.hub.tell(Person("bea"), head, said)
    scene.inv("judge")
    assert "Infrastructure" not in scene.place.hub.remarks[-1].body
    scene.inv(*BOTH)
    assert len(scene.engine.asked) == 2
    scene.inv("judge")
    assert (
        "**Infrastructure**\n\n- staging: 0 creates, 1 update, 0 deletes, 0 replaces\n"
        f"- staging-live: {NOTHING}\n" in scene.place.hub.remarks[-1].body
    )
    shown = scene.inv("proposal", "1", who="bea")
    assert (
        f"    preview of staging, says bot: 0 creates, 1 update, 0 deletes, 0 replaces; main {scene.main[:12]}\n"
        in shown.out
    )


def test_who_sets_checks_for_an_app_is_believed_by_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.propose(FILE, longer)
    scene.inv("previews", "--stacks", "staging", who="actions")
    scene.inv("judge")
    assert "Infrastructure" not in scene.place.hub.remarks[-1].body
    monkeypatch.setenv("ESPICE_CHECKS_TOKEN", "token-of-actions")
    scene.inv("judge")
    assert "**Infrastructure**: staging: 0 creates, 1 update" in scene.place.hub.remarks[-1].body


def test_where_an_app_sets_checks_the_other_token_only_reads(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    head = scene.propose(FILE, longer)
    monkeypatch.setenv("ESPICE_CHECKS_TOKEN", "token-of-actions")
    for _ in range(2):
        assert scene.inv("previews", "--stacks", "staging", who="bea").status == 0
    assert [each.author for each in scene.place.hub.words(head)] == ["actions[bot]"]


def test_a_preview_that_comes_after_the_approvals_takes_nothing_from_them(scene: Scene) -> None:
    scene.inv(*HOLD, who="ada")
    head = scene.place.hub.pull(1).head
    scene.inv("judge")
    assert scene.inv("approve", "1", "--head", head, who="bea").status == 0
    scene.inv(*BOTH)
    merged = scene.inv("merge", "1")
    assert (merged.status, merged.err) == (0, ""), merged.err
    assert "espice/preview/staging-live" in scene.checks(head)


def test_code_is_previewed_by_nobody(scene: Scene) -> None:
    head = scene.propose("infra/names.py", lambda text: f"{text}\nraise SystemExit('I ran')\n")
    said = scene.inv(*BOTH)
    assert (said.status, scene.engine.asked) == (0, [])
    words = f"changes the program: see the declared differences of its check; main {scene.main[:12]}"
    assert set(scene.checks(head).values()) == {("success", words)}
    scene.inv("judge")
    assert f"- staging: {words.partition(';')[0]}\n" in scene.place.hub.remarks[-1].body


def test_a_checkout_that_is_not_main_s_makes_no_previews(scene: Scene) -> None:
    head = scene.propose(FILE, longer)
    scene.place.desk.append("infra/names.py", "# another")
    said = scene.inv(*BOTH)
    assert (said.status, scene.checks(head)) == (1, {})
    assert said.err == (
        f"previews are made by main's own program, of {scene.main[:12]}, and here is another; git pull\n"
    )


def test_a_fork_s_proposal_is_not_for_any_account(scene: Scene) -> None:
    head = scene.propose(FILE, longer)
    scene.place.hub.pull(1).home = "eve/delivery"
    said = scene.inv(*BOTH)
    assert (said.out, scene.checks(head)) == ("no proposal touches what these stacks are made of\n", {})


# -- what data alone could make a preview do ---------------------------------------------------------------------------


def test_it_signs_in_to_main_s_accounts_alone(scene: Scene) -> None:
    head = scene.propose(FILE, another_account)
    listen(scene.staging)
    scene.staging.heard.clear()
    assert scene.inv(*BOTH).status == 0
    words = "not previewed: it names another AWS account and zone, and a preview signs in to main's only"
    assert set(scene.checks(head).values()) == {("failure", words)}
    assert (scene.staging.heard, scene.engine.asked) == ([], [])
    scene.inv("judge")
    assert "- staging: the preview failed: its check says why\n" in scene.place.hub.remarks[-1].body


def test_names_are_accounts_too(scene: Scene) -> None:
    head = scene.propose("product.yaml", lambda text: text.replace("espice-staging.app", "espice-elsewhere.app"))
    scene.inv("previews", "--stacks", "staging")
    words = "not previewed: it names another product and domain, and a preview signs in to main's only"
    assert scene.checks(head) == {"espice/preview/staging": ("failure", words)}


def test_a_secret_of_its_own_is_not_opened(scene: Scene) -> None:
    sealed = re.search(r'secure: "(v1:[^"]+)"', scene.place.desk.read(FILE))
    assert sealed
    scene.propose(
        FILE, lambda text: re.sub(r"secretsprovider: .*", "secretsprovider: awskms://elsewhere?region=x", text)
    )
    scene.propose(FILE, lambda text: longer(text).replace(sealed[1], "v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"))
    scene.inv("previews", "--stacks", "staging")
    of_main = keys.secrets()["origin-pull-key"].strip()
    assert [stack.config["espice:origin-pull-key"].strip() for stack in scene.engine.asked] == [of_main] * 2


@pytest.mark.parametrize("way", [str, lambda key: " ".join(key.split()), json.dumps])
def test_a_reason_that_holds_a_secret_is_not_said(scene: Scene, way: Callable[[str], str]) -> None:
    key = keys.secrets()["origin-pull-key"]
    scene.engine.errors = (f"aws:x/y:Z certificate: {way(key)} is no key",)
    head = scene.propose(FILE, longer)
    printed = [scene.inv("previews", "--stacks", "staging", *how) for how in ((), ("--json",), ("--markdown",))]
    assert scene.checks(head) == {
        "espice/preview/staging": ("failure", "the reason names a secret, so it is not said here")
    }
    told = "".join(each.out + each.err for each in printed)
    assert not any(line in told for line in key.splitlines() if len(line) >= 8)


def test_what_breaks_is_said_by_its_kind_alone_and_stops_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("-----BEGIN PRIVATE KEY-----")

    monkeypatch.setattr(scene.engine, "preview", broken)
    heads = [scene.propose(FILE, longer), scene.propose(FILE, lambda text: text.replace("batch: 1000", "batch: 500"))]
    said = scene.inv("previews", "--stacks", "staging")
    assert (said.status, "BEGIN" in said.out) == (0, False)
    words = {"espice/preview/staging": ("failure", "ValueError; its text is not said here")}
    assert [scene.checks(head) for head in heads] == [words, words]


def test_a_summary_is_text_whatever_is_in_an_error(scene: Scene) -> None:
    scene.engine.errors = ("<img src=x> [click](https://evil.example) @espice/security\nsecond line",)
    scene.propose(FILE, longer)
    said = scene.inv("previews", "--stacks", "staging", "--markdown")
    assert "<img" not in said.out
    assert "\\[click\\]" in said.out
    assert "@espice" not in said.out


def test_it_calls_what_the_role_of_previews_may(scene: Scene) -> None:
    scene.propose(FILE, longer)
    scene.staging.heard.clear()
    scene.inv(*BOTH)
    assert scene.staging.heard
    assert refused(scene.staging, "preview") == []


# -- what is in the way ------------------------------------------------------------------------------------------------


def test_a_conflict_is_said_and_told_to_nobody(scene: Scene) -> None:
    head = scene.propose(FILE, longer)
    scene.place.desk.write(FILE, scene.place.desk.read(FILE).replace("kept: 4 # days", "kept: 6 # days"))
    scene.place.desk.git("commit", "-q", "-a", "-m", "Six")
    scene.place.desk.git("push", "-q", str(scene.place.hub.bare.folder), "main")
    said = scene.inv(*BOTH)
    assert said == Said(
        0,
        f"proposal 1 at {head[:12]}: both it and main changed {FILE}; make the change again, on main as it is now\n",
        "",
    )
    assert scene.checks(head) == {}


def test_without_credentials_nothing_is_said_of_any(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    head = scene.propose(FILE, longer)
    monkeypatch.setattr(boto3.Session, "get_credentials", lambda _: None)
    said = scene.inv(*BOTH)
    assert (said.status, said.err) == (1, "there are no AWS credentials here; sign in to the AWS account of staging\n")
    assert scene.checks(head) == {}


def test_where_it_cannot_be_told_that_is_said(scene: Scene) -> None:
    head = scene.propose(FILE, longer)
    scene.place.hub.people["token-of-bot"] = Person("bot", permission="read")
    said = scene.inv("previews", "--stacks", "staging")
    assert said.status == 1
    assert said.err.startswith(
        f"proposal 1 at {head[:12]}, staging: espice/preview/staging could not be told: GitHub did "
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("laptop", "laptop: a proposal does to a laptop what ./inv preview laptop says on its branch\n"),
        ("staging,prod", "there is no stack prod; there are laptop-ground, "),
    ],
)
def test_an_unknown_stack_is_answered_at_once(scene: Scene, typed: str, told: str) -> None:
    said = scene.inv("previews", "--stacks", typed)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(told)

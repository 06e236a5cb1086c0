"""What holds for every workflow file, whatever it does."""

import re
import shlex
from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import Any, Literal

import pytest
import yaml
from invoke.exceptions import ParseError
from invoke.parser import Parser

from delivery.proposals import settings
from delivery.rules.facts import Product
from delivery.rules.load import parse
from infra.names import Names
from infra.roles import roles
from tests.unit.commands.test_tasks import loaded
from tests.unit.infra.recorder import infra_of
from tests.unit.test_docs import joined
from tests.workflows.expressions import filled, holds
from tests.workflows.files import FILES, OURS, ROOT, Yaml, action, legs, steps, workflow
from tests.workflows.place import NAME, NUMBERS, admits

pytestmark = pytest.mark.slow

USES = re.compile(r"^\s*(?:- )?uses: (?P<what>\S+?)(?:@(?P<pin>\S+)(?: (?P<version>.*))?)?$", re.MULTILINE)
TEXTS = {**{name: file.read_text() for name, file in FILES.items()}}
TEXTS |= {file.parent.name: file.read_text() for file in sorted((ROOT / ".github/actions").glob("*/action.yml"))}
SETTINGS = settings.load((ROOT / settings.FILE).read_bytes()).value
ENVIRONMENTS = SETTINGS.environments
LIVE = ("deploy", "tick", "resign")  # each applies both live stacks


def jobs(*names: str) -> list[tuple[str, str, Yaml]]:
    """Workflow, name and content of each job, of these workflows or of all."""
    return [(name, job, said) for name in names or FILES for job, said in workflow(name)["jobs"].items()]


def each_leg() -> Iterator[tuple[str, Yaml, str]]:
    """Of each job: where it is, itself with its matrix filled in, and the environment of GitHub that it runs in."""
    for name, job_name, job in jobs():
        for leg in legs(job):
            choices = workflow(name)["on"].get("workflow_dispatch") or {}
            options = choices.get("inputs", {}).get("environment", {}).get("options", [""])
            for chosen in options:
                text = yaml.safe_dump({key: value for key, value in job.items() if key != "strategy"})
                for word, value in {"inputs.environment": chosen, **{f"matrix.{k}": v for k, v in leg.items()}}.items():
                    text = text.replace(f"${{{{ {word} }}}}", value).replace(f"[{word}]", f".{value}")
                said = yaml.safe_load(text)
                yield f"{name}: {job_name}", said, said.get("environment", "")


def test_the_legs_of_matrices_and_choices_are_told_apart() -> None:
    found = [environment for where, _, environment in each_leg() if where in ("deploy: publish", "halt: halt")]
    assert found == ["staging-publish", "production-publish", "production-brake", "staging-brake"]


@pytest.mark.parametrize("name", TEXTS)
def test_each_file_says_first_what_it_does_and_why_it_is_safe(name: str) -> None:
    words = " ".join(line.removeprefix("#").strip() for line in TEXTS[name].split("name:")[0].splitlines())
    assert len(words) > 100
    assert name == "ready" or re.search(r"\bSafe\b|holds nothing|runs nothing", words)


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_allowed_but_what_a_job_asks_for(name: str) -> None:
    assert workflow(name)["permissions"] == {}
    for job_name, job in workflow(name)["jobs"].items():
        assert isinstance(job["permissions"], dict), job_name
        assert 5 <= job["timeout-minutes"] <= 60, job_name


def test_only_a_job_in_an_environment_can_say_to_a_cloud_who_it_is() -> None:
    for where, job, environment in each_leg():
        signs_in = any(each.get("with", {}).get("does") for each in job["steps"])
        assert signs_in == (job["permissions"].get("id-token") == "write"), where
        assert environment in (ENVIRONMENTS if environment else [""]), where
        assert environment or not (signs_in or "secrets." in str(job)), where


def test_every_role_is_one_that_its_environment_is_given() -> None:
    seen = set()
    for where, job, environment in each_leg():
        for used in (each["with"] for each in job["steps"] if each.get("with", {}).get("does")):
            cloud = used["environment"]
            filed, _ = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
            assert filed is not None
            names, infra = Names.of(filed.value, cloud), infra_of(cloud)
            role = {each.does: each for each in roles(names, infra)}[used["does"]]
            numbers = {"repository_id": infra.github.repository_id, "repository_owner_id": infra.github.owner_id}
            subject = f"repo:{infra.github.repository}:environment:{environment}"
            claims = {"aud": "sts.amazonaws.com", "sub": subject, **numbers}
            assert admits(yaml.safe_load(role.trust), claims), f"{where}: {role.does} is not for {environment}"
            arn = next(each for each in steps(job) if "configure-aws" in each.get("uses", ""))["with"]["role-to-assume"]
            contexts = {"inputs": {**used, "account": "1"}}
            assert filled(arn, contexts, {}) == f"arn:aws:iam::1:role/{names.role(role.does)}"
            assert used["account"].upper() in (f"${{{{ VARS.{cloud.upper()}_ACCOUNT }}}}", CHOSEN.upper()), where
            seen.add((cloud, role.does))
    assert len(seen) == 2 * 5  # both clouds', all of them


OTHERS = ("pull_request", "ref:refs/heads/main", "ref:refs/heads/x", "ref:refs/tags/v1", "environment:x")


@pytest.mark.parametrize("cloud", ["staging", "production"])
def test_every_role_refuses_whatever_is_not_its_own_environment(cloud: Literal["staging", "production"]) -> None:
    filed, _ = parse("product.yaml", (ROOT / "product.yaml").read_bytes(), Product)
    assert filed is not None
    infra = infra_of(cloud)
    numbers = {"repository_id": infra.github.repository_id, "repository_owner_id": infra.github.owner_id}
    told = [*OTHERS, *(f"environment:{each}" for each in {*ENVIRONMENTS, f"{cloud}-backfill"})]
    admitted = {}
    for role in roles(Names.of(filed.value, cloud), infra):
        trust, said = yaml.safe_load(role.trust), {"aud": "sts.amazonaws.com", **numbers}
        subjects = {each: f"repo:{infra.github.repository}:{each}" for each in told}
        admitted[role.does] = {each for each in told if admits(trust, {**said, "sub": subjects[each]})}
    assert admitted == {
        "preview": {f"environment:{cloud}-preview", f"environment:{cloud}-backfill"},
        "platform-deploy": {f"environment:{cloud}"},
        "live-deploy": {f"environment:{cloud}-live"},
        "publish": {f"environment:{cloud}-publish"},
        "brake": {f"environment:{cloud}-brake"},
    }


CHOSEN = "${{ inputs.environment == 'production' && vars.PRODUCTION_ACCOUNT || vars.STAGING_ACCOUNT }}"


@pytest.mark.parametrize("name", TEXTS)
def test_every_action_is_ours_or_pinned_by_its_commit_and_may_run_here(name: str) -> None:
    selected = SETTINGS.actions.selected if SETTINGS.actions else None
    assert selected is not None
    allowed = {each.partition("@")[0] for each in selected.patterns_allowed or ()}
    for used in USES.finditer(TEXTS[name]):
        if used["what"].startswith(OURS):
            assert action(used["what"])["runs"]["using"] == "composite"
            continue
        assert re.fullmatch(r"[0-9a-f]{40}", used["pin"]), used[0]
        assert re.fullmatch(r"# v\d+\.\d+\.\d+", used["version"]), used[0]
        assert used["what"].startswith("actions/") or used["what"] in allowed, used[0]


def test_an_action_has_one_version_everywhere() -> None:
    pins = {(used["what"], used["pin"]) for text in TEXTS.values() for used in USES.finditer(text) if used["pin"]}
    assert len(pins) == len({what for what, _ in pins}) == 6


def test_a_shell_gets_what_others_wrote_in_variables_only_and_git_keeps_no_token() -> None:
    for name, job_name, job in jobs():
        for step in steps(job):
            assert "${{" not in step.get("run", ""), f"{name}: {job_name}"
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, f"{name}: {job_name}"


PROVE = re.compile(r"(\./inv prove \S+) \|\| \{ \(\(\$\? == 75\)\) && \1; \}")  # once more, where that may help


def typed(line: str) -> list[str]:
    """The words of a line that types a task, its variables by their names."""
    again = PROVE.fullmatch(line)
    return shlex.split(again[1] if again else line.partition(" >> ")[0])


def tasks() -> Iterator[tuple[str, str, list[str]]]:
    """Each task that a workflow types: where, and its words without ./inv."""
    for name, job_name, job in jobs():
        for line in chain.from_iterable(step.get("run", "").splitlines() for step in steps(job)):
            if (words := typed(line))[0] == "./inv":
                yield name, job_name, joined(words[1:])


def test_what_others_wrote_is_one_value_whatever_it_begins_with() -> None:
    known, found = loaded().to_contexts(), 0
    for name, job_name, words in tasks():
        for at, word in enumerate(words):
            if "$" not in word:
                continue
            option, _, variable = word.partition("=")
            assert re.fullmatch(r"--[a-z]+", option), f"{name}: {job_name}: {word}"
            assert re.fullmatch(r"\$[A-Z_]+", variable), f"{name}: {job_name}: {word}"
            for value in ("-x y", "--no such-thing", "--pr=1", "-", "--"):
                [task] = Parser(contexts=known).parse_argv([*words[:at], f"{option}={value}", *words[at + 1 :]])
                assert task.args[option.removeprefix("--")].value == value, f"{name}: {job_name}: {word}"
            for flag in ("--pr", "--no-commit", "--help"):  # nothing but what it says, or nothing at all
                try:
                    [task] = Parser(contexts=known).parse_argv([*words[:at], f"{option}={flag}", *words[at + 1 :]])
                except ParseError:
                    continue
                assert task.args[option.removeprefix("--")].value == flag, f"{name}: {job_name}: {word}"
            found += 1
    assert found > 20


def test_every_line_that_is_run_is_a_task_with_options_that_it_has() -> None:
    known = loaded().to_contexts()
    for name, job_name, job in jobs():
        for line in chain.from_iterable(step.get("run", "").splitlines() for step in steps(job)):
            words = typed(line)
            if words[0] == "./inv":
                asked = joined(words[1:])
                assert [each.name for each in Parser(contexts=known).parse_argv(asked)] == [asked[0]], line
            else:
                assert line in ("true", "false"), f"{name}: {job_name}: {line}"


def test_what_a_pull_request_runs_holds_nothing() -> None:
    for name in FILES:
        if {"pull_request", "pull_request_review"} & {*workflow(name)["on"]}:
            for _, job_name, job in jobs(name):
                held = job.get("environment"), "secrets." in str(job), {*job["permissions"].values()} - {"read"}
                assert held == (None, False, set()), f"{name}: {job_name}"


def test_who_reads_pull_requests_with_a_secret_at_hand_checks_out_main() -> None:
    for name, job_name, job in jobs():
        if "pull_request" not in workflow(name)["on"]:
            refs = {step["with"].get("ref") for step in steps(job) if "actions/checkout@" in step.get("uses", "")}
            told = {"${{ needs.staging.outputs.commit }}", "${{ needs.staging-behind.outputs.commit }}"}
            assert refs <= {"main", *told}, f"{name}: {job_name}"


def test_no_two_workflows_begin_by_the_clock_at_the_same_minute() -> None:
    minutes: dict[str, set[int]] = {}
    for name in FILES:
        for each in workflow(name)["on"].get("schedule", ()):
            first = each["cron"].split()[0]
            at, _, every = first.partition("/")
            from_, _, until = at.replace("*", "0-59").partition("-")
            begins = range(int(from_), int(until) + 1, int(every)) if every else map(int, first.split(","))
            minutes[name] = minutes.get(name, set()) | {*begins}
    assert minutes.keys() == {"tick", "catch-up", "resign", "promote", "drift", "judge", "site"}
    assert len(minutes["catch-up"]) == 6  # docs/freshness.md and runbooks say ten minutes
    assert [pair for pair in combinations(minutes, 2) if minutes[pair[0]] & minutes[pair[1]]] == []


def test_whoever_applies_a_stack_waits_for_whoever_does_already_and_breaks_nobody_off() -> None:
    groups: dict[str, set[str]] = {}
    for name, job_name, job in jobs():
        for line in (step.get("run", "") for step in job["steps"]):
            if found := re.fullmatch(r"\./inv apply (\S+)( --outputs=\S+)?", line):
                grouped = job.get("concurrency") or workflow(name).get("concurrency")
                said: Any = {"group": grouped} if isinstance(grouped, str) else grouped
                assert not said.get("cancel-in-progress"), f"{name}: {job_name}"
                assert (said.get("queue") == "max") == found[1].endswith("-live"), f"{name}: {job_name}"
                groups.setdefault(found[1], set()).add(said["group"])
    expected = {
        "staging": {"staging"},
        "production": {"production"},
        "staging-live": {"live"},
        "production-live": {"live"},
    }
    assert groups == expected


def test_what_is_live_is_applied_alike_wherever_it_is() -> None:
    said = {name: workflow(name)["jobs"] for name in LIVE}
    for job in ("staging", "production", "undo"):
        free = {"needs", "if"} if job == "staging" else set()
        first, *others = [{k: v for k, v in said[name][job].items() if k not in free} for name in LIVE]
        assert others == [first, first]


def test_an_environment_is_named_for_main_alone_and_used() -> None:
    assert {environment for _, _, environment in each_leg()} - {""} == {*ENVIRONMENTS}
    assert {each.branches for each in ENVIRONMENTS.values()} == {("main",)}
    assert [name for name, each in ENVIRONMENTS.items() if each.reviewers] == ["production"]


def test_whatever_people_set_once_is_told_with_its_place_and_its_right() -> None:
    used = set()
    for _, job, environment in each_leg():
        used |= {(environment, name) for name in re.findall(r"secrets\.(\w+)", str(job))}
        for name in re.findall(r"vars\.(\w+)", str(job)):
            used.add((environment if name == "APP_CLIENT_ID" else "the repository", name))
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \| (.+?) \| (.+?) \|$", (ROOT / "docs/repository.md").read_text(), re.M)
    told = {(where, name) for places, name, _, _ in rows for where in re.sub("`", "", places).split(", ")}
    assert told == used


def test_each_channel_that_announces_has_its_address_at_hand() -> None:
    channels = [yaml.safe_load(file.read_text()) for file in (ROOT / "releases/channels").glob("*.yaml")]
    places = {place for each in channels for place in (each.get("announce") or {}).get("to", ())}
    named = {each for _, _, job in jobs("catch-up") for step in job["steps"] for each in step.get("env", {})}
    assert {f"ESPICE_ANNOUNCE_{re.sub('[^A-Z0-9]', '_', place.upper())}" for place in places} <= named


def test_the_stand_in_is_the_repository_that_stack_files_trust() -> None:
    assert {infra_of(each).github.repository for each in ("staging", "production")} == {NAME}
    assert NUMBERS.keys() == {"repository_id", "repository_owner_id"}


# --- what each holds, and what it waits for ---------------------------------------------------------------------------

WITH_ENGINE = {"apply", "behind", "drift", "previews", "test"}


def test_only_what_reads_or_applies_a_stack_waits_for_the_engine() -> None:
    for name, job_name, job in jobs():
        types = {typed(step["run"])[1] for step in job["steps"] if step.get("run", "").startswith("./inv")}
        wants = any(str(step.get("with", {}).get("engine", "")).lower() == "true" for step in job["steps"])
        assert wants == bool(types & WITH_ENGINE), f"{name}: {job_name}"


def ready(**inputs: str) -> list[Yaml]:
    """The steps that `ready` takes with these inputs."""
    asked = action(f"{OURS}.github/actions/ready")
    context = {"inputs": {**{name: str(each.get("default", "")) for name, each in asked["inputs"].items()}, **inputs}}
    return [step for step in asked["runs"]["steps"] if holds(step.get("if", ""), context, {"success": lambda: True})]


def test_what_is_kept_of_python_and_of_the_engine_is_kept_apart_and_by_what_it_is_made_of() -> None:
    plain, engine = (
        {step["with"]["path"]: step["with"]["key"] for step in ready(**inputs) if "key" in step.get("with", {})}
        for inputs in ({}, {"engine": "true"})
    )
    [python] = plain.values()
    [added] = [key for path, key in engine.items() if path not in plain]
    assert (python.split("-")[0], added.split("-")[0]) == ("venv", "engine")
    assert re.findall(r"'(\S+?)'", python) == ["requirements/bootstrap.txt", "requirements/all.txt"]
    assert re.findall(r"'(\S+?)'", added) == ["engine/go.mod"]
    assert "engine" not in " ".join(plain)


def test_a_halt_waits_for_nothing_but_the_checkout_python_and_its_role() -> None:
    job = workflow("halt")["jobs"]["halt"]
    assert not {"needs", "concurrency", "if"} & {*job}
    assert "concurrency" not in workflow("halt")
    checkout, getting_ready, halt = job["steps"]
    assert "actions/checkout@" in checkout["uses"]
    assert halt["run"].startswith("./inv halt ")
    done = [step.get("uses", step.get("run", "")).partition("@")[0] for step in ready(**getting_ready["with"])]
    assert done == [
        "actions/setup-python",
        "actions/cache",
        "aws-actions/configure-aws-credentials",
        './inv r2-keys --environment="$ENVIRONMENT"',
    ]


PROPOSES = {"contents": "write", "pull-requests": "write", "statuses": "read", "members": "read"}
ASKED = {  # of an App, by the task that has its token as GITHUB_TOKEN: what each endpoint that it calls asks for
    "judge": {**PROPOSES, "contents": "read"},
    "promote": PROPOSES,
    "bump": PROPOSES,
    "undo": PROPOSES,
    "release": {**PROPOSES, "actions": "read", "attestations": "read"},
    "backfill": {"contents": "write", "pull-requests": "write", "issues": "write", "statuses": "read"},
    "publish": {"contents": "read"},
}
CHECKED_BY = {"judge", "previews", "backfill"}


def apps(job: Yaml) -> dict[str, dict[str, str]]:
    """The rights of each token that a job gets of an App, by the step's id."""
    made = [step for step in job["steps"] if "create-github-app-token@" in step.get("uses", "")]
    return {step["id"]: {k[11:]: v for k, v in step["with"].items() if k.startswith("permission-")} for step in made}


def test_each_token_has_the_rights_that_its_task_needs_and_no_other() -> None:
    for name, job_name, job in jobs():
        for step in job["steps"]:
            if (used := step.get("env", {}).get("GITHUB_TOKEN")) and "steps." in used:
                assert used == "${{ steps.app.outputs.token }}"
                assert apps(job)["app"] == ASKED[typed(step["run"])[1]], f"{name}: {job_name}"


def test_checks_are_set_by_an_app_of_their_own_and_by_no_workflow_as_itself() -> None:
    main = SETTINGS.rulesets["main"].checks
    assert main is not None
    assert {*(main.apps or ())} == {"espice/approvals"}
    for name, job_name, job in jobs():
        where = f"{name}: {job_name}"
        assert job["permissions"].get("statuses") != "write", where
        told = {
            typed(step["run"])[1]: step.get("env", {}).get("ESPICE_CHECKS_TOKEN")
            for step in job["steps"]
            if "./inv" in step.get("run", "")
        }
        assert {task for task, token in told.items() if token} == {*told} & CHECKED_BY, where
        assert {*told.values()} - {None} <= {"${{ steps.checks.outputs.token }}"}, where
        assert apps(job).get("checks", {"statuses": "write"}) == {"statuses": "write"}, where
        assert ("CHECKS_APP" in str(job)) == ("checks" in apps(job)) == bool({*told} & CHECKED_BY), where


RIGHTS = {
    "contents": "Contents",
    "pull-requests": "Pull requests",
    "statuses": "Commit statuses",
    "members": "Members",
    "issues": "Issues",
    "actions": "Actions",
    "attestations": "Attestations",
}


def test_the_rights_of_each_app_are_told_where_people_make_it() -> None:
    asked: dict[tuple[str, str], set[str]] = {}
    for _, job, environment in each_leg():
        for id_, rights in apps(job).items():
            key = "CHECKS_APP_PRIVATE_KEY" if id_ == "checks" else "APP_PRIVATE_KEY"
            asked.setdefault((environment, key), set()).update(RIGHTS[right] for right in rights)
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \| .+? \| (.+?) \|$", (ROOT / "docs/repository.md").read_text(), re.M)
    told = {
        (where, name): {each for each in RIGHTS.values() if each in right}
        for places, name, right in rows
        for where in re.sub("`", "", places).split(", ")
        if name.endswith("APP_PRIVATE_KEY")
    }
    assert told == asked


def test_who_reads_the_repository_of_the_app_names_it() -> None:
    for name, _, job in jobs("deploy", "release"):
        for step in (each for each in job["steps"] if each.get("id") == "app"):
            reads = {"publish", "release"} & {typed(each["run"])[1] for each in job["steps"] if "run" in each}
            named = step["with"].get("repositories", "").split()
            assert ("${{ vars.APP_REPOSITORY }}" in " ".join(named)) == bool(reads), name
            assert ("owner" in step["with"]) == bool(reads), name


def test_who_writes_facts_of_halts_holds_no_brake_and_who_pulls_it_no_app() -> None:
    for where, job, environment in each_leg():
        types = {typed(step["run"])[1] for step in job["steps"] if "./inv" in step.get("run", "")}
        held = {*re.findall(r"secrets\.(\w+)", str(job))}
        assert (environment.endswith("-backfill")) == ("backfill" in types), where
        assert (environment.endswith("-brake")) == ("halt" in types), where
        if "backfill" in types:
            assert held == {"APP_PRIVATE_KEY", "CHECKS_APP_PRIVATE_KEY"}, where
        if "halt" in types:
            assert not [each for each in held if "APP" in each], where


def test_what_waits_for_applies_of_what_is_live_is_part_of_one() -> None:
    grouped = {name for name in FILES if "live" in str(workflow(name).get("concurrency"))}
    assert grouped == {*LIVE}
    assert {job for name in LIVE for job in workflow(name)["jobs"]} == {"publish", "staging", "production", "undo"}
    assert not {"needs", "if"} & {key for job in workflow("catch-up")["jobs"].values() for key in job}


# --- what follows from how a job ended --------------------------------------------------------------------------------

RESULTS = ("success", "failure", "cancelled", "skipped")
STATUSES: Any = {"always": lambda: True, "cancelled": lambda: False, "success": lambda: False, "failure": lambda: False}


def needed(result: str, **outputs: str) -> Yaml:
    return {"result": result, "outputs": outputs}


@pytest.mark.parametrize("name", LIVE)
def test_what_was_written_and_is_not_proven_is_proposed_back_and_nothing_else_is(name: str) -> None:
    undo = workflow(name)["jobs"]["undo"]
    [step] = [each for each in undo["steps"] if "undo" in each.get("run", "")]
    assert typed(step["run"]) == ["./inv", "undo", "--change=$CHANGE", "--since=$BEFORE", "--reason=$REASON", "--pr"]
    for staging, production, first, then in product(RESULTS[:3], RESULTS, ("", "s0"), ("", "p0")):
        if (staging == "success") == (production == "skipped"):
            continue  # production follows where staging went well, and there alone
        needs = {
            "staging": needed(staging, before=first, commit="c1"),
            "production": needed(production, before=then),
        }
        failed, before = (production, then) if staging == "success" else (staging, first)
        wanted = failed != "success" and before != ""
        assert holds(undo["if"], {"needs": needs}, STATUSES) == wanted, (staging, production, first, then)
        if wanted:
            assert filled(step["env"]["BEFORE"], {"needs": needs}, STATUSES) == before
            assert filled(step["env"]["CHANGE"], {"needs": needs}, STATUSES) == "c1"


def test_what_went_live_is_told_by_the_apply_itself() -> None:
    for name, stack in product(LIVE, ("staging", "production")):
        job = workflow(name)["jobs"][stack]
        [apply] = [each for each in job["steps"] if each.get("id") == "apply"]
        assert apply["run"] == f'./inv apply {stack}-live --outputs="$GITHUB_OUTPUT"'
        assert job["outputs"]["before"] == "${{ steps.apply.outputs.before }}"


def test_production_gets_the_platform_that_was_looked_at_and_only_where_staging_has_it() -> None:
    made = workflow("platform")["jobs"]
    assert made["staging-behind"]["outputs"]["commit"] == "${{ steps.main.outputs.commit }}"
    refs = {name: job["steps"][0]["with"]["ref"] for name, job in made.items()}
    pinned = "${{ needs.staging-behind.outputs.commit }}"
    others = dict.fromkeys(("production-behind", "staging", "production"), pinned)
    assert refs == {"staging-behind": "main", **others}
    for job in others:
        assert "staging-behind" in made[job]["needs"]
    for first, behind, staging, wants in product(RESULTS, ("true", "false", ""), RESULTS, ("true", "false")):
        needs = {
            "staging-behind": needed(first, behind=behind),
            "staging": needed(staging),
            "production-behind": needed("success", behind=wants),
        }
        has_it = staging == "success" or (staging == "skipped" and behind == "false")
        wanted = first == "success" and wants == "true" and has_it
        assert holds(made["production"]["if"], {"needs": needs}, STATUSES) == wanted, needs

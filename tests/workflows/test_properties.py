"""What holds for every workflow file, whatever it does."""

import re
from collections.abc import Iterator
from itertools import chain, combinations
from typing import Any

import pytest
import yaml
from invoke.parser import Parser

from delivery.proposals import settings
from delivery.rules.facts import Product
from delivery.rules.load import parse
from infra.names import Names
from infra.roles import roles
from tests.unit.commands.test_tasks import loaded
from tests.unit.infra.recorder import infra_of
from tests.workflows.expressions import filled
from tests.workflows.files import FILES, OURS, ROOT, Yaml, action, legs, steps, workflow
from tests.workflows.place import NAME, NUMBERS, admits

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


def test_every_line_that_is_run_is_a_task_with_options_that_it_has() -> None:
    known = loaded().to_contexts()
    for name, job_name, job in jobs():
        for line in chain.from_iterable(step.get("run", "").splitlines() for step in steps(job)):
            words = [word.strip('"') for word in line.partition(" >> ")[0].split()]
            if words[0] == "./inv":
                assert [each.name for each in Parser(contexts=known).parse_argv(words[1:])] == [words[1]], line
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
            assert refs <= {"main", "${{ needs.staging.outputs.commit }}"}, f"{name}: {job_name}"


def test_no_two_workflows_begin_by_the_clock_at_the_same_minute() -> None:
    minutes: dict[str, set[int]] = {}
    for name in FILES:
        for each in workflow(name)["on"].get("schedule", ()):
            first = each["cron"].split()[0]
            begins = range(0, 60, int(first[2:])) if first.startswith("*/") else map(int, first.split(","))
            minutes[name] = minutes.get(name, set()) | {*begins}
    assert minutes.keys() == {"tick", "resign", "promote", "drift", "judge"}
    assert [pair for pair in combinations(minutes, 2) if minutes[pair[0]] & minutes[pair[1]]] == []


def test_whoever_applies_a_stack_waits_for_whoever_does_already_and_breaks_nobody_off() -> None:
    groups: dict[str, set[str]] = {}
    for name, job_name, job in jobs():
        for line in (step.get("run", "") for step in job["steps"]):
            if found := re.fullmatch(r"\./inv apply (\S+)", line):
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
    for job in ("staging", "production"):
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
    named = {each for _, _, job in jobs("tick") for step in job["steps"] for each in step.get("env", {})}
    assert {f"ESPICE_ANNOUNCE_{re.sub('[^A-Z0-9]', '_', place.upper())}" for place in places} <= named


def test_the_stand_in_is_the_repository_that_stack_files_trust() -> None:
    assert {infra_of(each).github.repository for each in ("staging", "production")} == {NAME}
    assert NUMBERS.keys() == {"repository_id", "repository_owner_id"}

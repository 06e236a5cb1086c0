"""The rules of experiments and flags."""

import pytest

from tests.unit.rules.files import errors, fact, files, said, said_onto

AT, FLAG = "releases/experiments/solver.yaml", "releases/flags/gpu.yaml"


VARIANTS = '{"on": true, "off": false}'


def flag(
    name: str = "gpu", owner: str = "core", default: str = "off", variants: str = VARIANTS
) -> dict[str, str | None]:
    body = f'body: {{state: ENABLED, variants: {variants}, defaultVariant: "{default}"}}'
    return fact("flags", name, f"flag: {name}", f"owner: {owner}", 'expires: "2027-06-01"', body)


def experiment(
    name: str = "solver",
    *more: str,
    layer: str = "startup",
    versions: str = ">=1.3.0 <1.5.0",
    times: tuple[str, str] = ("2026-12-01", "2026-12-15"),
    guard: str = "{metric: crash-free, least: 0.99}",
    arms: str = 'arms: {control: {weight: 50}, fast: {weight: 50, flags: {gpu: "on"}}}',
) -> dict[str, str | None]:
    return fact(
        "experiments",
        name,
        f"experiment: {name}",
        f"layer: {layer}",
        f"salt: {name}",
        f'audience: {{channel: stable, versions: "{versions}", percent: 20}}',
        f'start: "{times[0]}T00:00:00Z"',
        f'end: "{times[1]}T00:00:00Z"',
        f"guardrails: [{guard}]",
        *([arms] if arms else []),
        *more,
    )


def test_an_experiment_and_its_flag_are_no_problem() -> None:
    assert said(files(flag() | experiment())) == []


def test_a_holdback_is_no_problem() -> None:
    assert said(files(experiment("solver", "holdback: stable/1.4.0", arms=""))) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (experiment(arms='arms: {a: {weight: 50}, b: {weight: 50, flags: {gpo: "on"}}}'),
         "8: arms.b.flags.gpo: there is no flag gpo; did you mean gpu?"),
        (experiment(arms='arms: {a: {weight: 50}, b: {weight: 50, flags: {gpu: "onn"}}}'),
         "8: arms.b.flags.gpu: gpu has no variant onn; did you mean on?"),
        (experiment("solver", "holdback: stable/1.9.0", arms=""),
         "8: holdback: there is no rollout stable/1.9.0; did you mean stable/1.4.0?"),
        (experiment(arms='arms: {a: {weight: 50}, b: {weight: 49, flags: {gpu: "on"}}}'),
         "8: arms: the weights add up to 99; make them add up to 100"),
        (experiment(arms='arms: {b: {weight: 100, flags: {gpu: "on"}}}'),
         "8: arms: 1 arms compare with nothing; add the control"),
        (experiment(arms="arms: {a: {weight: 50}, b: {weight: 50}}"),
         "8: arms: no arm has flags, so all get the same; give one arm flags"),
        (experiment(arms=""), "1: experiment: has neither arms nor a holdback; write one of them"),
        (experiment("solver", "holdback: stable/1.4.0"), "1: experiment: has arms and a holdback; write one of them"),
        (experiment(guard="{metric: seconds, least: 2, most: 1}"),
         "7: guardrails.0: no measurement is at least 2 and at most 1; exchange them, or mend one"),
        (
            experiment(guard="{metric: crash-free, least: 99.5}"),
            "7: guardrails.0: crash-free is a share, which is never above 1; write 0.995 for 99.5 %",
        ),
        (experiment(guard="{metric: crash-free}"), "7: guardrails.0: crash-free has no bound; write least: or most:"),
        (experiment(times=("2026-12-15", "2026-12-15")),
         "6: end: 2026-12-15T00:00:00Z is not after 2026-12-15T00:00:00Z, when it starts; write when it ends"),
        (experiment("solver", 'decision: {keep: slow, at: "2026-11-25T00:00:00Z", reason: x}'),
         "9: decision.keep: there is no arm slow; the arms are control, fast and none"),
        (experiment(versions=">=2.0.0"),
         "4: audience.versions: matches nothing: no version on stable is >=2.0.0; "
         "look at releases/rollouts/stable/ (warning)"),
        (experiment(times=("2026-11-01", "2026-11-20")),
         "6: end: ended at 2026-11-20T00:00:00Z without a decision; "
         "add decision: with the arm to keep, or none (warning)"),
    ],
)  # fmt: skip
def test_an_experiment_that_cannot_be(given: dict[str, str | None], told: str) -> None:
    assert said(files(flag() | given)) == [f"{AT}:{told}"]


def test_a_default_that_is_no_variant() -> None:
    assert said(files(flag(default="of"))) == [
        f"{FLAG}:4: body.defaultVariant: gpu has no variant of; did you mean off?"
    ]


def test_a_flag_past_its_day() -> None:
    late = {FLAG: (flag()[FLAG] or "").replace("2027-06-01", "2026-11-24")}
    assert said(files(late)) == [
        f"{FLAG}:3: expires: expired on 2026-11-24; ask core: remove it from the product, or extend it (warning)"
    ]


def test_a_flag_name_that_another_owner_uses_again() -> None:
    again = flag(owner="site", variants='{"on": 1, "off": 2, blue: 3}')
    assert said_onto(files(flag()), files(again)) == [
        f"{FLAG}:1: flag: the name was core's, for off and on: old versions still ask for it; "
        "give the new flag a name of its own"
    ]
    assert said_onto(files(flag()), files(flag(owner="site"))) == []


def test_two_experiments_of_one_layer() -> None:
    other = flag("mesh") | experiment("mesh", times=("2026-12-10", "2026-12-20"), arms=OTHER)
    assert said(files(flag() | experiment() | other)) == [
        f"releases/experiments/mesh.yaml:2: layer: solver ({AT}:2) is in layer startup too, for the same "
        "installations; write another layer, other versions, or times behind the other's end"
    ]


OTHER = 'arms: {control: {weight: 50}, fine: {weight: 50, flags: {mesh: "on"}}}'


@pytest.mark.parametrize(
    "apart",
    [
        experiment("mesh", layer="solving", arms=OTHER),
        experiment("mesh", times=("2026-12-15", "2026-12-20"), arms=OTHER),
        experiment("mesh", versions=">=1.5.0", arms=OTHER),
        experiment("mesh", 'decision: {keep: none, at: "2026-11-25T00:00:00Z", reason: x}', arms=OTHER),
    ],
    ids=["layer", "time", "versions", "decided"],
)
def test_experiments_apart_in_layer_time_or_audience_do_not_meet(apart: dict[str, str | None]) -> None:
    assert errors(said(files(flag() | flag("mesh") | experiment() | apart))) == []


def test_versions_to_come_count_too() -> None:
    both = experiment(versions=">1.7.0") | experiment("mesh", versions="<1.8.0", arms=OTHER)
    assert len(errors(said(files(flag() | flag("mesh") | both)))) == 1


def test_one_flag_in_two_experiments() -> None:
    assert said(files(flag() | experiment() | experiment("mesh", layer="solving"))) == [
        f"{AT}:8: arms.fast.flags.gpu: mesh (releases/experiments/mesh.yaml:1) sets gpu too, for the same "
        "installations; let one of them end first"
    ]


def test_a_salt_that_a_rollout_has() -> None:
    salted = {AT: (experiment()[AT] or "").replace("salt: solver", "salt: stable-1.4.0")}
    assert said(files(flag() | salted)) == [
        f"{AT}:3: salt: stable-1.4.0 is also the salt of releases/rollouts/stable/1.4.0.yaml:2; write solver"
    ]


def test_weights_that_change_while_it_runs() -> None:
    changed = {AT: (experiment()[AT] or "").replace("weight: 50}", "weight: 40}").replace("weight: 50,", "weight: 60,")}
    mend = "restore it: what runs is not changed; end it with a decision, and begin another"
    assert said_onto(files(flag() | experiment()), files(flag() | changed)) == [
        f"{AT}:8: arms.control.weight: said 50 and now says 40; {mend}",
        f"{AT}:8: arms.fast.weight: said 50 and now says 60; {mend}",
    ]
    decided = experiment("solver", 'decision: {keep: fast, at: "2026-11-25T00:00:00Z", reason: x}')
    assert said_onto(files(flag() | experiment()), files(flag() | decided)) == []

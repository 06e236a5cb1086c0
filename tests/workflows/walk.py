"""Says how long a change of facts takes from its merge until it is live and proven: python -m tests.workflows.walk

The steps of `deploy` on this machine, against stand-ins. At GitHub each job also waits for a machine and gets it ready.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.moto import moto
from tests.workflows.place import place


def main() -> None:
    """Found everything, bring main live once, and then change one fact."""
    with TemporaryDirectory() as folder, moto() as address, place(address, Path(folder)) as here:
        for workflow in ("platform", "deploy"):
            here.run(workflow, "push").expect_success()
        here.clouds.inv("hold", "stable", "--reason", "to see how long it takes", "--commit")
        here.push()
        done = here.run("deploy", "push")
        done.expect_success()
    for name, legs in done.jobs.items():
        for leg in legs:
            for step in leg.steps:
                if step.seconds >= 0.1:
                    print(f"{name:<11} {step.seconds:6.1f} s  {step.what}")
    print(f"from the merge until production is proven: {done.seconds('production'):.0f} s")


if __name__ == "__main__":
    main()

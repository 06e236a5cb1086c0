"""Facts touch only the live stack, so taking a version back waits for no platform, and fails with none."""

from collections.abc import Iterator
from contextlib import contextmanager

from delivery.engines.state import StateFile
from delivery.laptop.places import Places
from tests.laptop.system import System

STUCK = """

_whole = platform


def platform(config: PlatformInputs) -> None:
    _whole(config)
    import pulumi_aws as aws

    provider = aws.Provider("stuck", region="us-east-1")
    options = pulumi.ResourceOptions(provider=provider)
    aws.s3.BucketObjectv2("stuck", bucket="no-such-bucket", key="stuck", content="stuck", opts=options)
"""
WITHDRAW = ("withdraw", "1.4.0", "--reason", "corrupts project files", "--commit")


def offered(system: System) -> str | None:
    return system.offered("1.3.0", manual=True)


def test_a_withdrawal_goes_live_although_the_platform_has_failed_half_way(system: System) -> None:
    assert offered(system) == "1.4.0"
    system.append("infra/platform.py", STUCK)
    keep_logs(system, days=3)
    broken = system.commit("A platform that cannot be made")
    found = system.await_status(lambda status: status["tried"] == broken, "the platform was tried")
    assert len(found["trouble"]) == 1
    assert "stuck" in found["trouble"][0]
    assert "NoSuchBucket" in found["trouble"][0]
    assert found["head_is_live"]  # its facts
    system.inv(*WITHDRAW)
    system.await_live()
    assert offered(system) is None


def test_a_withdrawal_goes_live_while_somebody_else_changes_the_platform(system: System) -> None:
    assert offered(system) == "1.4.0"
    with platform_held(system):
        keep_logs(system, days=5)
        held = system.commit("Keep logs longer")
        found = system.await_status(lambda status: status["tried"] == held, "the platform was tried")
        assert "stack laptop is being changed by process" in found["trouble"][0]
        system.inv(*WITHDRAW)
        system.await_live()
        assert offered(system) is None
    system.inv("apply", "laptop")
    assert system.status()["trouble"] == []


def keep_logs(system: System, days: int) -> None:
    file = system.repo / "Pulumi.laptop.yaml"
    file.write_text(file.read_text().replace("log-days: 1", f"log-days: {days}"))


@contextmanager
def platform_held(system: System) -> Iterator[None]:
    """As another apply holds it."""
    with StateFile(Places(system.repo).engine, "laptop").locked():
        yield

"""The endpoint's zip is small and starts fast: what only people's tools need never gets in."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.unit.endpoint.parts import SETTINGS

ROOT = Path(__file__).parents[3]
PEOPLES = ("hypothesis", "invoke", "minisign", "moto", "prometheus_client", "pulumi", "pydantic", "requests", "rich")
NEVER = (*PEOPLES, "flask", "werkzeug", "yaml")  # Flask comes when it is asked for
PROBE = """
import sys
sys.path[:0] = sys.argv[1:3]
import delivery.endpoint.handler
print(*sorted(sys.modules))
"""


def test_the_endpoint_imports_no_yaml_no_pydantic_no_pulumi_and_no_rich() -> None:
    packages = sysconfig.get_path("purelib")
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROBE, str(ROOT), packages],
        env={**SETTINGS.to_env(), "PATH": os.environ["PATH"]},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    modules = run.stdout.split()
    assert [name for name in modules if name.partition(".")[0] in NEVER] == []
    ours = {name for name in modules if name.startswith("delivery.") and not name.startswith("delivery.endpoint")}
    allowed = (
        "brake",
        "catalog",
        "compile",
        "decide",
        "envelope",
        "facts",
        "head",
        "precedence",
        "ranges",
        "shapes",
        "timeline",
    )
    assert ours <= {"delivery.rules", *(f"delivery.rules.{name}" for name in allowed)}

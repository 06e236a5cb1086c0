"""How the real engine runs the pack: a process of its own, started with this folder as the program."""

import sys
from pathlib import Path

# This folder comes first otherwise, and its modules would hide those of the same name from everything imported later.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from pulumi_policy import EnforcementLevel, PolicyPack  # noqa: E402

from policies import POLICIES  # noqa: E402

PolicyPack("espice", enforcement_level=EnforcementLevel.MANDATORY, policies=list(POLICIES))

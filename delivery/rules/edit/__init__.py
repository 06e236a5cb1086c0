"""The verbs that people type, each as one line, one key or one file more.

Takes bytes and gives bytes: nothing is written, committed or asked of a clock here. Each edit is proved before it is
handed out (`proof`): the changed file is loaded again and must say the old fact plus exactly what was meant, and the
facts with it must pass every rule that they passed without it.

`rollouts` are the verbs that add lines, `removals` those that take back, `fences` those that bound what may happen,
`which` finds the rollout that is meant. All raise EditRefused.
"""

from delivery.rules.edit.fences import barrier, block, conclude, deadend, freeze, notice
from delivery.rules.edit.proof import Edit, EditRefused, Files, Ground
from delivery.rules.edit.removals import LIFTABLE, decide, installed, lift, stop, withdraw
from delivery.rules.edit.rollouts import critical, hold, pass_, raise_, release, resume, start

__all__ = [
    "LIFTABLE",
    "Edit",
    "EditRefused",
    "Files",
    "Ground",
    "barrier",
    "block",
    "conclude",
    "critical",
    "deadend",
    "decide",
    "freeze",
    "hold",
    "installed",
    "lift",
    "notice",
    "pass_",
    "raise_",
    "release",
    "resume",
    "start",
    "stop",
    "withdraw",
]

"""All drills, by name, in the order in which they are done."""

from collections.abc import Mapping

from delivery.drills import behind, brake, deploy, endpoint, head, store
from delivery.drills.drill import Drill

_ALL = (*endpoint.DRILLS, *store.DRILLS, *head.DRILLS, *brake.DRILLS, *behind.DRILLS, *deploy.DRILLS)
DRILLS: Mapping[str, Drill] = {drill.name: drill for drill in _ALL}

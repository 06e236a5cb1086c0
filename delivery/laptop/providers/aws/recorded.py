"""Types that moto does not have, or has only in part: the ledger is all there is of them.

moto 5.2.5 has neither composite alarms nor backup selections nor vault policies, and can neither change a backup plan
nor forget one.
"""

from __future__ import annotations

from collections.abc import Collection

from delivery.engines.wire import Properties
from delivery.laptop.providers.aws.account import Account
from delivery.laptop.providers.handler import Explicit
from delivery.laptop.providers.likeness import Likeness


class Recorded(Explicit[Account]):
    """A type whose id is its name. `arn` is how its ARN ends, after the account, with the id in braces."""

    def __init__(
        self, token: str, *key: str, service: str = "", arn: str = "", documents: Collection[str] = ()
    ) -> None:
        self._token, self._service, self._arn = token, service, arn
        self.key = key  # type: ignore[misc]
        self.likeness = Likeness({"actionsEnabled": True}, documents)  # type: ignore[misc]

    def create(self, cloud: Account, inputs: Properties) -> tuple[str, Properties]:
        identity = "/".join(str(inputs[name]) for name in self.key)
        return identity, {"arn": cloud.arn(self._service, self._arn.format(identity))} if self._arn else {}

    def look(self, cloud: Account, identity: str, outputs: Properties) -> Properties | None:
        record = cloud.recorded(self._token, identity)
        return None if record is None else dict.fromkeys(outputs) | record

"""The public history as the live stack publishes it: made from git alone, so it can be made again by anybody."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from delivery.history.catalogs import lives
from delivery.rules.ledger import KEY, feed, ledger


def public_history(repo: Path, ref: str, environment: str, now: datetime) -> Mapping[str, bytes]:
    """The feed by its key in the downloads bucket; nothing as long as nothing was ever live.

    It changes with facts, and when a time that they name has come. Raises NoHistory.
    """
    found = lives(repo, ref, environment)
    if not found:
        return {}
    text = json.dumps(feed(ledger(found, now), found[-1].catalog), indent=1, ensure_ascii=False)
    return {KEY: f"{text}\n".encode()}

"""Which versions have files that people may come to, by the facts alone and at whatever moment from now on."""

from delivery.rules.facts import Facts, Rollout


def reachable(facts: Facts) -> frozenset[str]:
    """The versions that somebody may be offered, or linked to: now, or when the next line of a rollout takes effect.

    Not those that are stopped on each channel of theirs, or withdrawn there with `downloads: gone`: updates and the
    download centre have no other ones. What ends that is a merge of its own.
    """
    rollouts = (filed.value for filed in facts.rollouts.values())
    gone = _gone(facts)
    return frozenset(
        each.version for each in rollouts if not _is_stopped(facts, each) and not _is_gone(facts, each, gone)
    )


def harmful(facts: Facts) -> frozenset[str]:
    """The versions whose bytes are served to nobody: `downloads: gone`, and reachable from nowhere."""
    return _gone(facts) - reachable(facts)


def _gone(facts: Facts) -> frozenset[str]:
    """Of a version the strictest counts that any withdrawal says."""
    withdrawals = (filed.value for filed in facts.withdrawals.values())
    return frozenset(each.withdraw for each in withdrawals if each.lifted is None and each.downloads == "gone")


def _is_gone(facts: Facts, rollout: Rollout, gone: frozenset[str]) -> bool:
    withdrawals = (filed.value for filed in facts.withdrawals.values())
    return rollout.version in gone and any(
        each.withdraw == rollout.version and rollout.channel in each.channels and each.lifted is None
        for each in withdrawals
    )


def _is_stopped(facts: Facts, rollout: Rollout) -> bool:
    stops = (filed.value for filed in facts.stops.values())
    return any(
        each.stop.channel == rollout.channel and (each.stop.versions is None or rollout.version in each.stop.versions)
        for each in stops
        if each.lifted is None
    )

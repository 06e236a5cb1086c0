"""Rules of channels and of the policy: what a channel promises of another, and what live builds understand."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from delivery.rules.announce import LINK, WORDS, variable, weight
from delivery.rules.checks.change import Change, at, did_you_mean, few, stamp
from delivery.rules.checks.standing import Way
from delivery.rules.compile import NEXT
from delivery.rules.facts import Step
from delivery.rules.precedence import Key, precedence
from delivery.rules.problem import Problem

_Full = tuple[list[datetime], list[Key]]  # from these moments on everyone may have at least these versions
_NOTHING: _Full = ([], [])


def channels_name_channels_that_exist(change: Change) -> Iterator[Problem]:
    """A channel follows, promotes from and soaks in channels that exist, and policy.yaml caps only such."""
    channels, policy = change.facts.channels, change.facts.policy
    for filed in channels.values():
        channel = filed.value
        soak = channel.soak.in_ if channel.soak else None
        for place, name in (
            (("follows",), channel.follows),
            (("promotes-from",), channel.promotes_from),
            (("soak", "in"), soak),
        ):
            if name is not None and name not in channels:
                yield at(filed, place, f"there is no channel {name}", did_you_mean(name, channels, "channel"))
    for name in policy.value.ungated:
        if name not in channels:
            mend = did_you_mean(name, channels, "channel")
            yield at(policy, ("ungated", name), f"there is no channel {name}", mend)


def channels_do_not_follow_in_a_circle(change: Change) -> Iterator[Problem]:
    """No channel follows or promotes from itself, however many channels lie between."""
    channels = change.facts.channels
    for key in ("follows", "promotes_from"):
        for name, filed in channels.items():
            walked, following = [name], getattr(filed.value, key)
            while following in channels and following not in walked:
                walked.append(following)
                following = getattr(channels[following].value, key)
            if following == name:
                place = key.replace("_", "-")
                what = f"leads in a circle: {', '.join([*walked, name])}"
                yield at(filed, (place,), what, "remove one of these lines")


def channels_leave_the_name_of_next_free(change: Change) -> Iterator[Problem]:
    """No channel is called <channel>-next, for that one exists already beside every channel."""
    for name, filed in change.facts.channels.items():
        if name.endswith(NEXT):
            what = f"{name} is where the newest rollout of {name.removesuffix(NEXT)} can be tried"
            yield at(filed, ("channel",), what, "give the channel another name")


def ladders_climb(change: Change) -> Iterator[Problem]:
    """A channel's ladder climbs from above 0 to 100."""
    for filed in change.facts.channels.values():
        ladder = filed.value.ladder
        if not ladder or ladder[-1] != 100 or ladder[0] == 0 or list(ladder) != sorted(set(ladder)):
            said = f"[{', '.join(map(str, ladder))}]"
            yield at(filed, ("ladder",), f"{said} does not climb from above 0 to 100", "write [1, 10, 25, 50, 100]")


def announcements_have_room(change: Change) -> Iterator[Problem]:
    """Each place that a channel announces to has a variable of its own, and takes more than the link."""
    for filed in change.facts.channels.values():
        if (announce := filed.value.announce) is None:
            continue
        if not announce.to:
            yield at(filed, ("announce", "to"), "names no place to tell", "name one, or remove announce")
        longest = max(weight(announce.link), LINK) + WORDS
        known: dict[str, str] = {}
        for to, most in announce.to.items():
            place, other = ("announce", "to", to), known.setdefault(variable(to), to)
            if other != to:
                yield at(filed, place, f"has the same variable as {other}, {variable(to)}", "give it another name")
            if most < longest:
                what = f"takes {most} characters, of which the link leaves fewer than {WORDS} for words"
                yield at(filed, place, what, "shorten the link")


def what_is_followed_comes_no_later(change: Change) -> Iterator[Problem]:
    """A channel offers everyone, target by target, as high a version as the one it follows offers anybody."""
    for channel, filed in change.facts.channels.items():
        followed = filed.value.follows
        if followed not in change.facts.channels or followed == channel:
            continue
        full = _full(change, channel)
        for rollout in change.standing.channels.get(followed or "", ()):
            version, stage = rollout.value.version, change.standing.opens(rollout.value.rollout)
            if stage is None or change.standing.removal(followed or "", version):
                continue
            by, mine = max(stage.at, change.now or stage.at), precedence(version)
            late = [way for way in sorted(change.standing.reach(rollout.value)) if _highest(full, way, by) < mine]
            if late:
                number = next(
                    n for n, line in enumerate(rollout.value.steps) if isinstance(line, Step) and line.percent
                )
                named = few([f"{target} {bundle}" for target, bundle in late])
                who = f"{channel}, which follows {followed},"
                what = f"{who} does not offer everyone {version} or higher by {stamp(by)} ({named})"
                yield at(rollout, ("steps", number), what, f"bring {version} to 100 % of {channel} first")


def live_builds_understand_these_facts(change: Change) -> Iterator[Problem]:
    """The facts use nothing that the endpoint builds now live do not understand."""
    catalog = change.standing.catalog if change.understood is not None else None
    for feature in catalog.requires if catalog else ():
        if change.understood is not None and feature not in change.understood:
            what = f"these facts use {feature}, which an endpoint build that is live does not understand"
            yield Problem("releases/", 0, "", what, "deploy the new build first: it keeps the last catalog until then")


def _full(change: Change, channel: str) -> Mapping[Way, _Full]:
    """The versions that everyone on the channel may have, by target and bundle, in the order of time."""
    found: dict[Way, list[tuple[datetime, Key]]] = defaultdict(list)
    for rollout in change.standing.channels.get(channel, ()):
        since = change.standing.is_open_to_all(rollout.value.rollout)
        if since and not change.standing.removal(channel, rollout.value.version):
            for way in change.standing.reach(rollout.value):
                found[way].append((since, precedence(rollout.value.version)))
    return {way: _rising(steps) for way, steps in found.items()}


def _rising(steps: list[tuple[datetime, Key]]) -> _Full:
    moments: list[datetime] = []
    highest: list[Key] = []
    for since, key in sorted(steps):
        moments.append(since)
        highest.append(max([key, *highest[-1:]]))
    return moments, highest


def _highest(full: Mapping[Way, _Full], way: Way, by: datetime) -> Key:
    """The highest version that everyone may have there by then; below all versions where there is none."""
    moments, highest = full.get(way, _NOTHING)
    place = bisect_right(moments, by)
    return highest[place - 1] if place else ()

"""Each exception that a policy makes is a true one."""

from policy_sentry.querying.actions import get_actions_that_support_wildcard_arns_only

from policies.permissions import EVERYWHERE


def test_what_is_said_to_have_no_resource_level_has_none():
    said = {action for action, reason in EVERYWHERE.items() if reason == "has no resource level"}
    services = {action.partition(":")[0] for action in EVERYWHERE}
    known = {action for service in services for action in get_actions_that_support_wildcard_arns_only(service)}
    assert said <= known

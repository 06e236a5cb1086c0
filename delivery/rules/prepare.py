"""From the files of one tree to what they amount to in one environment, and from two of those to a plan.

Whoever shows, judges or applies a change goes this way, so all of them say the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from delivery.rules import catalog as catalogs
from delivery.rules.across import Question
from delivery.rules.approvals import approvals
from delivery.rules.assemble import assemble
from delivery.rules.catalog import Catalog
from delivery.rules.check import check
from delivery.rules.compare import Answer
from delivery.rules.compile import Table, compile
from delivery.rules.facts import Facts
from delivery.rules.plan import Plan, plan
from delivery.rules.problem import Problem, Refused, Severity
from delivery.rules.read import File, read


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the facts of one tree amount to in one environment."""

    facts: Facts
    catalog: Catalog
    data: bytes
    sha256: str
    table: Table
    warnings: tuple[Problem, ...] = ()


def examine(
    files: Mapping[str, File],
    base: Mapping[str, File] | None,
    now: datetime,
    understood: frozenset[str] | None = None,
) -> tuple[Facts | None, tuple[Problem, ...]]:
    """The facts of these files, and every problem in them, against the base they are to be merged onto.

    `understood` are the features that the endpoint has which is to read them, where that is to be checked.
    """
    facts, problems = read(files)
    if facts is None:
        return None, problems
    before = read(base)[0] if base is not None else None
    return facts, (*problems, *check(facts, before, now=now, understood=understood))


def prepare(files: Mapping[str, File], base: Mapping[str, File] | None, environment: str, now: datetime) -> Prepared:
    """The catalog of these files. Raises Refused with every problem."""
    facts, problems = examine(files, base, now)
    errors = tuple(problem for problem in problems if problem.severity is Severity.error)
    if facts is None or errors:
        raise Refused(errors)
    return replace(built(facts, environment), warnings=problems)


def built(facts: Facts, environment: str) -> Prepared:
    """The same of facts as they are, whatever check says of them. Raises Refused where their catalog cannot be made."""
    catalog = assemble(facts, environment)
    data = catalogs.to_bytes(catalog)
    return Prepared(facts, catalog, data, catalogs.sha256(data), compile(catalog))


def compare(
    before: Prepared | None,
    after: Prepared,
    now: datetime,
    code: str = "",
    answers: Mapping[Question, Answer] | None = None,
) -> Plan:
    """Who is offered something else, and the approvals that this needs. `code` and `answers` are as in `plan`."""
    policy, product = after.facts.policy.value, after.facts.product.value
    old, base = (before.catalog, before.facts.policy.value) if before else (None, None)
    offices = product.offices
    made = plan(old, after.catalog, now, policy, base=base, offices=offices, code=code, answers=answers)
    needed = approvals(old, after.catalog, made.effect, policy, base)
    return replace(made, approvals=needed.count, why=needed.why[1:])  # the first says the effect, which the plan does

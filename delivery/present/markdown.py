"""A plan as the comment on its pull request. One comment each, found again by its marker."""

from delivery.present import words
from delivery.rules.plan import Plan

MARKER = "<!-- espice-plan:v1 -->"
LIMIT = 65_536  # characters in a comment, GitHub's
_CUT = "\n\n… cut here: `./inv plan` prints the whole plan.\n"


def comment(plan: Plan, *, head: str = "", base: str = "", limit: int = LIMIT) -> str:
    """The whole comment, at most `limit` characters; `head` and `base` are commit ids."""
    parts = [MARKER, _title(plan), *_table(plan), *_asides(plan), _footer(plan, head, base)]
    text = "\n".join(parts) + "\n"
    return text if len(text) <= limit else text[: limit - len(_CUT)].rpartition("\n")[0] + _CUT


def _title(plan: Plan) -> str:
    effect = words.EFFECTS[plan.effect]
    title = f"### {plan.environment}: {effect}\n"
    return f"{title}\nNeeds {words.approvals(plan)}.\n"


def _table(plan: Plan) -> list[str]:
    rows = [
        f"| {_cell(those.clients)} | {_cell(those.people)} | {_cell(those.before)} | **{_cell(those.after)}** "
        f"| {_cell(those.when)} |"
        for those in words.populations(plan)
    ]
    return ["| clients | who | before | after | when |", "| --- | --- | --- | --- | --- |", *rows, ""] if rows else []


def _asides(plan: Plan) -> list[str]:
    lines = [f"⏳ {words.waiting(wait)}, `{wait.fact}`\n" for wait in plan.waiting]
    if plan.newcomers:
        told = words.newcomers(plan.newcomers, plan)
        lines.append(f"Without a cohort (static manifests, new visitors): {told}\n")
    lines.append(" · ".join(f"{each.what} {'✓' if each.kept else '**✗**'}" for each in plan.promises) + "\n")
    lines += [f"To reverse: `{command.replace('`', '')}`\n" for command in plan.reverse]
    return lines


def _footer(plan: Plan, head: str, base: str) -> str:
    commits = f"head {head[:12]} ← base {base[:12]} · " if head and base else ""
    catalogs = f"catalog {(plan.before or 'none')[:12]} → {plan.after[:12]}"
    return f"<sub>{commits}{catalogs} · as of {words.moment(plan.now)}</sub>"


def _cell(text: str) -> str:
    """Facts name channels and targets; none of them may end a table's cell."""
    return text.replace("|", "\\|")

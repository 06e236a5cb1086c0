"""What asks people to review a use of the brake: an issue in Markdown, with all that is known of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from delivery.present import words
from delivery.rules.brake import Halt

_RUNBOOK = "runbooks/bad-release.md"


@dataclass(frozen=True, slots=True)
class Used:
    """A halt of an environment, as far as it is known.

    `path` is its fact, which is merged where `decided`; `proposal` is where that is or was proposed, and `by` who
    proposed it, where these are known. `owners` are those of the fact, as CODEOWNERS names them.
    """

    halt: Halt
    environment: str
    path: str
    decided: bool
    proposal: str | None
    by: str | None
    owners: Sequence[str]


def title(used: Used) -> str:
    """The only one of its kind, as the name of a halt is."""
    return f"Review the brake of {used.environment}: {used.halt.name}"


def body(used: Used) -> str:
    """The whole of it. What people wrote stands in a block of code, where it makes no link and calls nobody."""
    return "\n".join(_lines(used))


def _lines(used: Used) -> Iterator[str]:
    name, where = used.halt.name, f"--environment {used.environment}"
    yield f"The brake of {used.environment} was pulled."
    yield ""
    for key, said in _known(used):
        yield f"    {key:<6}{' '.join(said.split())}"
    yield ""
    yield f"Its fact is `{used.path}`, {_fact(used)}."
    yield ""
    yield "To look at:"
    yield ""
    yield f"- `./inv halts {where}`: what the brake still holds, and what became of the rest"
    yield f"- `./inv drift {used.environment}`: whether all that users get obeys it"
    yield "- Was it right? Would less have done? What would have shown it earlier?"
    yield ""
    yield f"What ends it (`{_RUNBOOK}`), once its fact is merged:"
    yield ""
    yield f'- It was nothing: `./inv lift stop {name} --reason "…" --pr`'
    for version in used.halt.versions or ("VERSION",):
        yield f'- {version} is bad: `./inv withdraw {version} --reason "…" --pr`, and then the same lift for the others'
    yield ""
    yield f"{' '.join((*used.owners, ''))}Close this once you have looked at it."


def _known(used: Used) -> Iterator[tuple[str, str]]:
    halt = used.halt
    yield "what", f"{words.listed(halt.versions)} on {halt.channel}" if halt.versions else f"all of {halt.channel}"
    yield "when", words.moment(halt.at)
    yield "why", halt.reason
    key = f"who holds the brake's key of {used.environment}"
    yield "who", f"{key}; its fact was proposed by {used.by}" if used.by else key


def _fact(used: Used) -> str:
    where = f" ({used.proposal})" if used.proposal else ""
    return f"which is merged{where}" if used.decided else f"which is not merged yet{where}: until then the brake holds"

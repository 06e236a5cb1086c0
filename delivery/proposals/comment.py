"""The one comment that says where a proposal stands, edited in its place.

It is found again by its marker, and only among our own: whoever else writes the marker is left alone and not believed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from delivery.history.code import DECIDES
from delivery.present import markdown
from delivery.present.words import announced_to
from delivery.proposals.forge import Comment, Forge, Proposal
from delivery.proposals.previewed import summaries
from delivery.proposals.standing import Standing


def post(forge: Forge, proposal: Proposal, standing: Standing, checker: str | None = None) -> Comment:
    """Say it, or say it anew where it says something else, with what previews of stacks said by the word of `checker`.

    That is us, unless somebody else sets checks for us.

    Raises ForgeError.
    """
    text = body(proposal, standing, summaries(forge.checks(proposal.head), checker or forge.me()))
    ours = _ours(forge, proposal)
    if ours is None:
        return forge.say(proposal.number, text)
    if markdown.is_same(ours.body, text):
        return ours
    forge.rewrite(ours, text)
    return replace(ours, body=text)


def shown(forge: Forge, proposal: Proposal) -> str | None:
    """The hash of the plan that people see there; None where they see none, or one of another head.

    Raises ForgeError.
    """
    ours = _ours(forge, proposal)
    seen = markdown.shown(ours.body) if ours else None
    return seen.plan if seen and seen.head == proposal.head else None


def is_true(forge: Forge, proposal: Proposal, standing: Standing) -> bool:
    """Whether people see there what it does now, word for word: who may write here may edit what others wrote.

    What previews said is no part of that: one that comes later takes nothing from what people agreed to, which is what
    it does to users; and a stack file has owners, who read its lines.

    Raises ForgeError.
    """
    ours = _ours(forge, proposal)
    return ours is not None and markdown.does_same(ours.body, body(proposal, standing))


def body(proposal: Proposal, standing: Standing, infra: Mapping[str, str] | None = None) -> str:
    """The text of the comment."""
    review = markdown.Review(
        needed=standing.needed,
        given=tuple(approval.by for approval in standing.given),
        missing=standing.missing,
        problems=standing.problems,
        evidence=standing.evidence,
        unasked=tuple(path for path in standing.paths if path.startswith(tuple(f"{each}/" for each in DECIDES))),
        infra=infra or {},
        announced=tuple(f"{each.name} to {announced_to(each)}: {each.text}" for each in standing.announced),
        pages=(*standing.pages, *_look(proposal, standing)),
    )
    return markdown.comment(standing.plan, head=proposal.head, base=standing.main, review=review)


def _look(proposal: Proposal, standing: Standing) -> Iterator[str]:
    """Where the site can be seen as it would be."""
    if any(path.startswith("site/") for path in standing.paths):
        built = f", or the artifact 'site' of the run of check at {proposal.url}/checks" if proposal.url else ""
        yield f"see them by ./inv site preview --proposal {proposal.number}{built}"


def _ours(forge: Forge, proposal: Proposal) -> Comment | None:
    """The newest, should two have been written at once."""
    found = [each for each in forge.comments(proposal.number) if each.is_ours and each.body.startswith(markdown.MARKER)]
    return found[-1] if found else None

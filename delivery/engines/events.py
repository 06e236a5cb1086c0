"""What the real engine says of itself while it runs, read: events as it writes them, as steps and sentences.

The events are those of pulumi/sdk/go/common/apitype/events.go. Pure: no engine is touched here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from delivery.engines.policies import sentence as violation
from delivery.engines.registration import STACK_TYPE
from delivery.engines.stack import Operation, Outcome, Step
from delivery.engines.wire import Properties, shown

_OPERATIONS = {
    "same": Operation.same,
    "create": Operation.create,
    "update": Operation.update,
    "delete": Operation.delete,
    "create-replacement": Operation.replace,  # "replace" and "delete-replaced" are its other two thirds
    "import": Operation.import_,
    "import-replacement": Operation.import_,
    "read": Operation.read,
    "read-replacement": Operation.read,
    "discard": Operation.delete,
    "remove-pending-replace": Operation.delete,
}


@dataclass(slots=True)
class Account:
    """What one run has said so far."""

    steps: dict[str, Step] = field(default_factory=dict)
    replaced: dict[str, Step] = field(default_factory=dict)  # taken away for another one, by URN
    exports: Properties = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)  # by URN
    complaints: dict[str, list[str]] = field(default_factory=dict)  # by URN
    unplaced: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    heard: bool = False

    def hear(self, event: Mapping[str, Any]) -> Step | None:
        """Take one event in; the step that it says is done, if it says one for the first time."""
        self.heard = True
        if "resOutputsEvent" in event:
            return self._done(event["resOutputsEvent"]["metadata"])
        if "diagnosticEvent" in event:
            self._diagnosed(event["diagnosticEvent"])
        elif "policyEvent" in event:
            self._judged(event["policyEvent"])
        return None

    def outcome(self, program: list[str]) -> Outcome:
        """The run as a whole; `program` holds the failures of the program itself."""
        placed = [f"{_kind(urn)} {_name(urn)}: {'; '.join(said)}" for urn, said in self.complaints.items()]
        errors = [*placed, *self.violations]
        # A resource's failure explains the program's; and what names neither only says that something went wrong.
        errors = errors or program or self.unplaced
        dropped = [] if errors else [step for urn, step in self.replaced.items() if urn not in self.steps]
        return Outcome((*self.steps.values(), *dropped), shown(self.exports), tuple(errors))

    def _done(self, metadata: Mapping[str, Any]) -> Step | None:
        urn, operation = metadata["urn"], _OPERATIONS.get(metadata["op"])
        if operation is None:
            if metadata["op"] == "delete-replaced":
                self.replaced[urn] = Step(Operation.delete, urn, metadata["type"], _name(urn))
            return None
        self.parents[urn] = (metadata["new"] or {}).get("parent", "")
        if metadata["type"] == STACK_TYPE and metadata["new"]:
            self.exports = metadata["new"]["outputs"]
        step, first = _step(operation, metadata), self.steps.get(urn)
        if first is None:
            self.steps[urn] = step
            return step
        if first.operation is Operation.import_:  # and then an update, to what the program says
            self.steps[urn] = replace(first, changed=step.changed, values=step.values)
        return None  # the stack is told twice: once it is there, and once its outputs are

    def _diagnosed(self, event: Mapping[str, Any]) -> None:
        if event["severity"] != "error":
            return
        urn = event.get("urn", "")
        said = plain(event["message"], urn)
        heard = self.complaints.setdefault(urn, []) if urn and _kind(urn) != STACK_TYPE else self.unplaced
        if said not in heard:
            heard.append(said)

    def _judged(self, event: Mapping[str, Any]) -> None:
        if event["enforcementLevel"] == "mandatory":
            said = violation(event.get("resourceUrn", ""), event["policyName"], _uncoloured(event["message"]))
            if said not in self.violations:
                self.violations.append(said)


def plain(message: str, urn: str = "") -> str:
    """A message of the engine or of a provider as one sentence, without what only a log needs."""
    text = _uncoloured(message).split("\nTraceback", 1)[0].strip()
    for pattern, wording in _WORDINGS:
        text = pattern.sub(wording, text)
    text = re.sub(r"\s*\n[\s*]*", "; ", text)
    return re.sub(r"\s+", " ", text).replace(f'resource "{urn}"', "it").strip()


_WORDINGS = [
    (re.compile(pattern, re.DOTALL), wording)
    for pattern, wording in (
        (r"(?:rpc error: )?code = \w+ desc = ", ""),
        (r"\APreview failed: ", ""),
        (r"\A\d+ errors? occurred:[\s*]*", ""),
        (r"\A\S+ resource '[^']*': property (\S+) value .*? has a problem: (.*?)", r"\1: \2"),
        (r"\A\S+ resource '[^']*' has a problem: (.*?)", r"\1"),
        (r"\. Examine values at '[^']*'\.\Z", ""),
        (
            r"\Aunable to replace resource \S*::([^\s\"]+)\" as part of replacing .* protect.*\Z",
            r"\1 would be replaced with it, and is protected; "
            "undo the change, or lift protect in a reviewed change of its own",
        ),
        (
            r"\Aunable to replace resource .* protect.*\Z",
            "it would be replaced, and is protected; undo the change, or lift protect in a reviewed change of its own",
        ),
        (
            r"\Aresource \S+ cannot be deleted\s+because it is protected.*\Z",
            "it is protected, so it is not deleted; put it back in the program, "
            "or lift protect in a reviewed change of its own",
        ),
        (r"\ADuplicate resource URN .*\Z", "registered twice; give one of the two another name"),
        (r"\A(?:an unhandled error occurred: )?(?:python inline source runtime error: )?", ""),
    )
]


def _step(operation: Operation, metadata: Mapping[str, Any]) -> Step:
    named = metadata.get("diffs") or metadata.get("keys") or metadata.get("detailedDiff") or ()
    changed = tuple(sorted({re.split(r"[.\[]", name, maxsplit=1)[0] for name in named}))
    old, new = (metadata.get(which) or {} for which in ("old", "new"))
    was, becomes = old.get("inputs") or {}, new.get("inputs") or {}
    values = {name: (shown(was.get(name)), shown(becomes.get(name))) for name in changed}
    return Step(operation, metadata["urn"], metadata["type"], _name(metadata["urn"]), changed, values)


def _kind(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _uncoloured(text: str) -> str:
    return re.sub(r"<\{%[^%]*%\}>", "", text)

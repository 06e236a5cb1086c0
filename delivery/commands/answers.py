"""What this code answers from given facts: run in the tree of another commit, by `./inv plan` where code changed.

Standard input: {"environment", "files": {path: text}, "questions": [[request, time], …]}, a request by the fields of
`decide.Request`. Standard output: [[version, warnings, back], …] in the same order. Fields that this code's Request
lacks are left out, as an endpoint ignores what it does not know. Not a task.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from delivery.rules.across import Question
from delivery.rules.assemble import assemble
from delivery.rules.compare import Answer, production
from delivery.rules.compile import compile
from delivery.rules.decide import Request
from delivery.rules.problem import Refused
from delivery.rules.read import File, read


def asked(environment: str, files: Mapping[str, File], questions: tuple[Question, ...]) -> str:
    """The questions as they are sent."""
    texts = {path: data.decode(errors="surrogateescape") for path, data in files.items()}
    every = [[{**asdict(request), "accepts": sorted(request.accepts)}, time.isoformat()] for request, time in questions]
    return json.dumps({"environment": environment, "files": texts, "questions": every})


def understood(questions: tuple[Question, ...], answers: str) -> Mapping[Question, Answer]:
    """The answers as they came. Raises ValueError for anything else."""
    every = json.loads(answers)
    made = (Answer(version, tuple(warnings), back) for version, warnings, back in every)
    return dict(zip(questions, made, strict=True))


def main() -> None:
    """Answer what is asked."""
    said = json.load(sys.stdin)
    facts, problems = read({path: text.encode(errors="surrogateescape") for path, text in said["files"].items()})
    if facts is None:
        raise Refused(problems)
    table = compile(assemble(facts, said["environment"]))
    ask = production(table, table).before
    answers = [ask(_request(request), datetime.fromisoformat(time)) for request, time in said["questions"]]
    json.dump(answers, sys.stdout)


def _request(said: Mapping[str, Any]) -> Request:
    known = {field.name for field in fields(Request)}
    mine = {name: value for name, value in said.items() if name in known}
    return Request(**{**mine, "accepts": frozenset(said.get("accepts", ()))})


if __name__ == "__main__":
    main()

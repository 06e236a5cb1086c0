"""One line, one key or one file more, and the proof that it is exactly that. Knows no verb.

Proved is: the file reads back as the fact that was meant; every byte that stood there stands there still, in its order;
no rule is broken that was kept before. What was wrong before is not the edit's business.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from delivery.rules.append import NoSuchList, add, append, whole
from delivery.rules.check import FORM, check, is_narrower
from delivery.rules.checks.change import Change
from delivery.rules.facts import Facts, Filed, Line, Rollout
from delivery.rules.load import parse
from delivery.rules.problem import Problem, Refused, Severity
from delivery.rules.read import KINDS, POLICY, PRODUCT, read
from delivery.rules.schemas import schema_line
from delivery.rules.shapes import yaml_key

T = TypeVar("T")
Files = Mapping[str, bytes]


class EditRefused(Refused):
    """The edit makes no sense, or could not be proved; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What an edit is made on: facts, the files that say them, the facts they would be merged onto, and the time.

    Without a base the facts count as merged.
    """

    facts: Facts
    files: Files
    now: datetime
    base: Facts | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """What to write where (`before` is None for a new file), the subject of its commit, and the facts once it is made.

    `problems` is what check says of those facts: warnings, and errors that were there before.
    """

    path: str
    before: bytes | None
    after: bytes
    summary: str
    facts: Facts
    problems: tuple[Problem, ...]


def with_line(ground: Ground, filed: Filed[Rollout], line: Line, summary: str) -> Edit:
    """One more line at the end of a rollout."""
    rollout = filed.value
    try:
        after = append(_bytes(ground, filed), "steps", line)
    except NoSuchList as error:
        refuse(filed, str(error), "write `steps:` as a list")
    return _proved(ground, "rollouts", rollout.rollout, replace(rollout, steps=(*rollout.steps, line)), after, summary)


def with_key(ground: Ground, folder: str, name: str, field: str, value: Any, summary: str) -> Edit:
    """One more key in a fact that has none of this name yet."""
    filed: Filed[Any] = getattr(ground.facts, folder)[name]
    after = add(_bytes(ground, filed), yaml_key(field), value)
    return _proved(ground, folder, name, replace(filed.value, **{field: value}), after, summary)


def new_file(ground: Ground, folder: str, name: str, fact: Any, summary: str, text: bytes | None = None) -> Edit:
    """One more fact, in a file of its own: as `text` has it, or one key a line."""
    path = _path(folder, name)
    there = {known.lower(): known for known in ground.files}  # on some disks the two would be one file
    if known := there.get(path.lower()):
        raise EditRefused((Problem(known, 0, "", "exists already", "look at what it says"),))
    after = schema_line(folder).encode() + whole(fact) if text is None else text
    return _proved(ground, folder, name, fact, after, summary)


def refuse(filed: Filed[Any], what: str, mend: str, line: int = 0) -> NoReturn:
    """Refuse an edit for what a fact says."""
    raise EditRefused((Problem(filed.path, line, "", what, mend),))


def refuse_at(path: str, what: str, mend: str, field: str = "") -> NoReturn:
    """Refuse an edit where no fact is to point at."""
    raise EditRefused((Problem(path, 0, field, what, mend),))


def _path(folder: str, name: str) -> str:
    return next(kind.path(name) for kind in KINDS if kind.folder == folder)


def _bytes(ground: Ground, filed: Filed[Any]) -> bytes:
    if filed.path not in ground.files:
        refuse(filed, "is not there", "restore it from git")
    return ground.files[filed.path]


def _proved(ground: Ground, folder: str, name: str, meant: Any, after: bytes, summary: str) -> Edit:
    path = _path(folder, name)
    before = ground.files.get(path)
    again = _reloaded(ground, path, before, after, meant)
    added: dict[str, Any] = {folder: {**getattr(ground.facts, folder), name: again}}
    facts = replace(ground.facts, **added)
    return Edit(path, before, after, summary, facts, _judged(ground, facts))


def _reloaded(ground: Ground, path: str, before: bytes | None, after: bytes, meant: T) -> Filed[T]:
    """The fact that these bytes say, which must be the one meant, in a file that still holds all it held."""
    filed, problems = parse(path, after, type(meant))
    if filed is None:
        raise EditRefused(problems)
    rest = iter(after)
    if filed.value != meant or not all(byte in rest for byte in before or b""):
        refuse(filed, "would say something else than was meant", "edit it by hand, and look at ./inv plan")
    _refuse_if_out_of_place(ground, path, after)
    return filed


def _refuse_if_out_of_place(ground: Ground, path: str, after: bytes) -> None:
    """The file is one that readers of the folder take, by its name, too."""
    around = {known: ground.files[known] for known in (PRODUCT, POLICY) if known in ground.files}
    wrong = tuple(problem for problem in read({**around, path: after})[1] if problem.path == path)
    if _errors(wrong):
        raise EditRefused(wrong)


def _judged(ground: Ground, facts: Facts) -> tuple[Problem, ...]:
    """What check says, unless the edit breaks a rule that was kept before."""
    base = ground.base or ground.facts
    problems = check(facts, base, now=ground.now)
    if errors := _errors(problems):
        known = {_words(problem) for problem in _errors(check(ground.facts, base, now=ground.now))}
        errors = [each for each in errors if _words(each) not in known]
    beside = Change(facts, ground.facts, None, ground.now)
    if errors and is_narrower(beside):
        # Beside what lies here it only takes away, whatever else lies here that is wrong, or not merged yet.
        malformed = {_words(problem) for rule in FORM for problem in rule(beside)}
        errors = [each for each in errors if _words(each) in malformed]
    if errors:
        raise EditRefused(tuple(errors))
    return problems


def _errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity is Severity.error]


def _words(problem: Problem) -> tuple[str, str]:
    """A problem without its line, which moves."""
    return problem.path, problem.what

"""Other code on the base's side: what it answers otherwise is shown, wherever it is."""

import subprocess
import sys
from pathlib import Path

from delivery.commands.answers import asked, understood
from delivery.rules.across import Question, differences, questions
from delivery.rules.compare import Answer, compare, production
from delivery.rules.compile import Table
from tests.unit.rules.worlds import NOON, files, step, table, world

BASE = {"stable/1.2.0": [step(100)], "stable/1.3.0": [step(10)]}
ROOT = Path(__file__).resolve().parents[3]


def test_code_that_answers_the_same_shows_what_the_facts_change_and_nothing_else() -> None:
    before, after = table(world(BASE)), table(world({**BASE, "stable/1.3.0": [step(10), step(25)]}))
    answers = {question: answer(question, before) for question in questions(before, after, NOON)}
    assert differences(before, after, NOON, answers) == compare(before, after, NOON)


def test_a_cell_that_other_code_answered_otherwise_is_shown_though_no_fact_changed() -> None:
    same = table(world(BASE))
    answers = {question: answer(question, same) for question in questions(same, same, NOON)}
    other = {question: Answer(None) if question[0].version == "1.2.0" else said for question, said in answers.items()}
    assert differences(same, same, NOON, answers) == ()
    (first, *_) = differences(same, same, NOON, other)
    assert [(move.clients.least, move.clients.below, move.before, move.after) for move in first.moves] == [
        ("1.2.0", "1.3.0", None, "1.3.0")
    ]


def test_the_code_of_a_tree_answers_what_it_is_asked() -> None:
    facts = world(BASE)
    asking = questions(table(facts), table(facts), NOON)
    run = [sys.executable, "-m", "delivery.commands.answers"]
    told = subprocess.run(
        run, cwd=ROOT, input=asked("laptop", files(facts), asking), capture_output=True, text=True, check=True
    )
    assert understood(asking, told.stdout) == {question: answer(question, table(facts)) for question in asking}


def answer(question: Question, of: Table) -> Answer:
    return production(of, of).before(*question)

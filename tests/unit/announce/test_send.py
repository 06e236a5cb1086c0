"""Texts are sent by the real apprise to a real server, and what is known of their arrival is what is so."""

import socket

import pytest

from delivery.announce.send import Arrival, BadAddress, Outcome, Place
from tests.unit.announce.webhook import Webhook

NAME = "ESPICE_ANNOUNCE_HOOK"
TEXT = "ESPice 1.4.0 is here.\n\n**Faster** `solver`\n\nhttps://espice.app/a_b_c"


def test_a_text_arrives_as_it_is_with_its_title(hook: Webhook) -> None:
    assert Place(NAME, hook.address).send("ESpice 1.4.0", TEXT) == Outcome(Arrival.sent)
    assert [(each["title"], each["message"]) for each in hook.got] == [("ESpice 1.4.0", TEXT)]


def test_a_text_for_a_place_that_wants_html_becomes_that(hook: Webhook) -> None:
    assert Place(NAME, f"{hook.address}?format=html").send("t", TEXT).arrival is Arrival.sent
    assert hook.texts()[0].count("<strong>Faster</strong> <code>solver</code>") == 1


@pytest.mark.parametrize("more", ["", "?optional=yes"])
def test_an_answer_that_is_an_error_means_that_nobody_got_it(hook: Webhook, more: str) -> None:
    hook.status = 503
    assert Place(NAME, hook.address + more).send("t", TEXT) == Outcome(Arrival.failed, "it answered 503")


def test_a_server_that_is_not_there_got_nothing() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"json://127.0.0.1:{closed.getsockname()[1]}/"
        assert Place(NAME, address).send("t", TEXT) == Outcome(Arrival.failed, "it was not reached")


@pytest.mark.parametrize("status", [0, None])
def test_of_a_line_that_was_cut_and_of_a_silence_nobody_knows(hook: Webhook, status: int | None) -> None:
    hook.status = status
    outcome = Place(NAME, f"{hook.address}?rto=0.3").send("t", TEXT)
    assert outcome == Outcome(Arrival.unknown, "it did not say that it got it")
    assert hook.texts() == [TEXT]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (" ", "is not set; set it to the address that apprise has for the place"),
        ("nothing://s3cret", "is no address that apprise knows; its pages say how each is written"),
        ("s3cret", "is no address that apprise knows; its pages say how each is written"),
        ("json://a, json://b", "leads to several places, of which one could fail alone; name each by its own"),
        (
            "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23a/%23b",
            "leads to several places, of which one could fail alone; name each by its own",
        ),
    ],
)
def test_an_address_that_leads_nowhere_or_to_many_is_refused(address: str, why: str) -> None:
    with pytest.raises(BadAddress) as refused:
        Place(NAME, address)
    assert str(refused.value) == f"{NAME} {why}"


def test_no_address_is_printed_or_logged_whatever_happens(
    hook: Webhook, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for hook.status in (200, 500, 0):
        Place(NAME, hook.address).send("t", TEXT)
    with pytest.raises(BadAddress):
        Place(NAME, "slack://s3cret")
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []

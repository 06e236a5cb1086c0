"""When two property values are the same to a cloud, and what its answer changes in what is known."""

import json

from delivery.engines.wire import ASSET, SIGNATURE
from delivery.laptop.providers.likeness import Likeness


def asset(digest, **content):
    return {SIGNATURE: ASSET, "hash": digest, **content}


def test_inputs_that_are_not_given_are_their_defaults():
    alike = Likeness({"timeout": 3})
    assert alike.changed({}, {"timeout": 3}) == ()
    assert alike.changed({"timeout": 3}, {"timeout": 5}) == ("timeout",)
    assert alike.changed({"timeout": 5}, {}) == ("timeout",)


def test_nothing_is_the_same_as_an_empty_list_but_not_as_off():
    assert Likeness().changed({"tags": {}, "names": [], "text": ""}, {}) == ()
    assert Likeness().changed({}, {"enabled": False}) == ("enabled",)
    assert Likeness({"enabled": False}).changed({}, {"enabled": False}) == ()


def test_a_wish_changes_with_the_order_of_its_list_and_what_is_seen_does_not():
    one, other = {"rules": ["a", "b"]}, {"rules": ["b", "a"]}
    assert Likeness().changed(one, other) == ("rules",)
    assert Likeness().settled(one, other) == one


def test_documents_are_compared_by_what_they_say():
    one = {"policy": json.dumps({"Statement": [{"Action": ["s3:GetObject"], "Effect": "Allow"}]})}
    other = {"policy": json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:GetObject"}}, indent=2)}
    alike = Likeness(documents={"policy"})
    assert alike.changed(one, other) == ()
    assert alike.settled(one, other) == one
    mightier = {"policy": one["policy"].replace("GetObject", "*")}
    assert alike.changed(one, mightier) == ("policy",)
    assert alike.settled(one, mightier) == mightier


def test_files_are_compared_by_their_hash():
    assert Likeness().changed({"source": asset("1", text="one")}, {"source": asset("1")}) == ()
    assert Likeness().changed({"source": asset("1")}, {"source": asset("2", text="two")}) == ("source",)


def test_what_is_seen_replaces_only_what_differs():
    known = {"name": "n", "size": 1, "policy": "{}", "never": "looked at"}
    seen = {"name": "n", "size": 2, "policy": None}
    assert Likeness(documents={"policy"}).settled(known, seen) == {
        "name": "n",
        "size": 2,
        "policy": "{}",
        "never": "looked at",
    }
    assert Likeness().settled({"size": 1}, {"size": None}) == {}


def test_what_a_cloud_fills_in_is_no_difference():
    known = {"rule": {"mode": "GOVERNANCE", "days": 3}}
    seen = {"rule": {"mode": "GOVERNANCE", "days": 3, "years": 0, "notes": [], "legal": False}}
    assert Likeness().settled(known, seen) == known
    assert Likeness({"timeout": 3}).settled({}, {"timeout": 3}) == {}
    assert Likeness({"timeout": 3}).settled({}, {"timeout": 4}) == {"timeout": 4}
    assert Likeness({"enabled": True}).settled({}, {"enabled": False}) == {"enabled": False}

"""Policies that AWS would not take, or would take and never match."""

import json

import pytest

from delivery.engines.wire import UNKNOWN
from delivery.laptop.providers.aws import documents


def found(*statements, name="policy", **more):
    policy = {"Version": "2012-10-17", "Statement": list(statements), **more}
    return list(documents.problems({name: json.dumps(policy)}))


def statement(**parts):
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", **parts}


def test_a_policy_as_aws_has_it_is_fine():
    condition = {"StringEqualsIfExists": {"aws:SourceAccount": "1"}, "ForAnyValue:StringLike": {"aws:TagKeys": "a"}}
    assert found(statement(Sid="Read", Condition=condition), statement(Action=["s3:Get*", "*"], Resource="*")) == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"Action": "s3:GetObjets"}, "there is no action s3:GetObjets; did you mean s3:GetObject?"),
        ({"Action": "sqss:Get"}, "there is no service sqss (action sqss:Get); did you mean sqs?"),
        ({"Action": "s3:Gett*"}, "there is no action s3:Gett*; did you mean s3:GetObject?"),
        ({"Action": "GetObject"}, "the action 'GetObject' names no service; write service:Action"),
        ({"Effect": "allow"}, "Effect is 'allow'; say Allow or Deny"),
        ({"Resources": "*"}, "Resources is not part of a statement; did you mean Resource?"),
        ({"NotAction": "s3:*"}, "it has either no action or two kinds of them; give Action or NotAction"),
        ({"Sid": "read-all"}, "the Sid may hold letters and digits only; leave out the rest"),
        (
            {"Resource": "b/*"},
            "the resource 'b/*' is no ARN; write arn:aws:service:region:account:resource, or *",
        ),
        (
            {"Resource": "arn:aws:sqss:us-east-1:1:q"},
            "there is no service sqss (resource arn:aws:sqss:us-east-1:1:q); did you mean sqs?",
        ),
        (
            {"Condition": {"StringEqual": {"a": "b"}}},
            "there is no condition operator StringEqual; did you mean StringEquals?",
        ),
    ],
)
def test_a_statement_that_is_wrong_is_named_with_the_mend(wrong, reason):
    label = wrong.get("Sid", 2)
    [(path, told)] = found(statement(), statement(**wrong))
    assert (path, told.split(": ", 1)) == ("policy", [f"statement {label}", reason])


def test_a_policy_without_its_version_means_something_else():
    assert found(statement(), Version="2012") == [("policy", "has the Version '2012'; say 2012-10-17")]


def test_a_document_that_cannot_be_read_is_refused():
    [(path, told)] = documents.problems({"policy": "{,}"})
    assert path == "policy"
    assert told.startswith("is no JSON (")
    assert list(documents.problems({"redrivePolicy": "[]"})) == [("redrivePolicy", "is no JSON object; give one")]
    assert list(documents.problems({"assumeRolePolicy": "{}"})) == [
        ("assumeRolePolicy", "has no Statement; give it one")
    ]


def test_a_policy_is_found_in_any_input_and_as_an_object_too():
    wrong = {"Version": "2012-10-17", "Statement": statement(Action="s3:Nothing")}
    for inputs in ({"inline": [{"document": json.dumps(wrong)}]}, {"inline": [{"document": wrong}]}):
        assert [path for path, _ in documents.problems(inputs)] == ["inline[0].document"]


def test_what_is_not_known_yet_is_not_judged():
    assert list(documents.problems({"policy": UNKNOWN, "assumeRolePolicy": UNKNOWN})) == []
    assert found(statement(Resource=[UNKNOWN, f"{UNKNOWN}/*"])) == []

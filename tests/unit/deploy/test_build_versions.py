"""From digests to versions: which step comes next, what is asked before it, and that users only ever move to builds
that can answer."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.deploy.build_versions import BuildRefused, Published, Step, bring, step
from delivery.deploy.probe import Question
from infra.build import Build, Builds
from infra.config import NEWEST, InfraConfig
from tests.unit.deploy.answers import SETTINGS, good
from tests.unit.infra.recorder import infra_of

A, B, C = (Build(letter * 64) for letter in "abc")
OTHERS = {"console": Build("d" * 64), "consumer": Build("e" * 64)}
OWN = {"endpoint": A, **OTHERS}
LAPTOP = infra_of("laptop")
QUESTION = Question("/v1/update/stable/linux/x86_64/0.0.0", SETTINGS)


def config(live: str, following: str, weight: float = 0.0) -> InfraConfig:
    """The laptop's stack file, whose console and consumer are newest, with these ends."""
    return replace(LAPTOP, endpoint=replace(LAPTOP.endpoint, live=live, next=following, weight=weight))


def builds(of: Build, live: str | None = None, weight: float = 0.0) -> Builds:
    return Builds(of, OTHERS["console"], OTHERS["consumer"], live, weight)


@dataclass
class Cloud:
    """A function as Lambda keeps it, and what was done to it."""

    there: Published | None = None
    bad: set[str] = field(default_factory=set)  # builds that cannot answer
    asked: list[str] = field(default_factory=list)
    applied: list[Builds] = field(default_factory=list)

    def published(self) -> Published | None:
        return self.there

    def invoke(self, version: str, event: Any) -> Any:
        assert self.there
        self.asked.append(version)
        if self.there.versions[version] in self.bad:
            return {"errorMessage": "No module named 'flask'"}
        return good(event)

    def apply(self, given: Builds) -> None:
        self.applied.append(given)
        versions = dict(self.there.versions) if self.there else {}
        if next(iter(versions.values()), None) != given.next.sha256:
            versions = {str(len(versions) + 1): given.next.sha256, **versions}
        newest = next(iter(versions))
        shares = {newest: given.weight} if given.live and given.weight else {}
        self.there = Published(versions, given.live or newest, shares)

    def bring(self, infra: InfraConfig) -> None:
        bring(infra, OWN, self, QUESTION, self.apply)

    @property
    def answering(self) -> dict[str, float]:
        """The share of each build that answers."""
        assert self.there
        each = {its: self.there.share_of_build(its) for its in self.there.versions.values()}
        return {its: share for its, share in each.items() if share}


ONE = Published({"1": A.sha256}, "1")
TWO = Published({"2": B.sha256, "1": A.sha256}, "1")


def test_on_the_laptop_the_newest_build_is_simply_run():
    for there in (None, ONE):
        assert step(config(NEWEST, NEWEST), OWN, there) == Step(builds(A))


def test_a_function_that_does_not_exist_yet_takes_its_first_version_from_the_live_build():
    assert step(config(B.digest, B.digest), OWN, None) == Step(builds(B))
    assert step(config(A.digest, B.digest, 0.5), OWN, None) == Step(builds(A), last=False)


def test_a_build_that_is_not_published_yet_gets_no_share_at_first():
    assert step(config(A.digest, B.digest), OWN, ONE) == Step(builds(B, "1"))
    assert step(config(A.digest, B.digest, 0.1), OWN, ONE) == Step(builds(B, "1"), last=False)


def test_a_published_build_is_asked_before_it_gets_a_share_or_more_of_it():
    assert step(config(A.digest, B.digest, 0.1), OWN, TWO) == Step(builds(B, "1", 0.1), ask={"2": B})
    shared = replace(TWO, shares={"2": 0.1})
    assert step(config(A.digest, B.digest, 0.1), OWN, shared) == Step(builds(B, "1", 0.1))
    assert step(config(A.digest, B.digest, 0.5), OWN, shared) == Step(builds(B, "1", 0.5), ask={"2": B})
    assert step(config(B.digest, B.digest), OWN, shared) == Step(builds(B), ask={"2": B})


def test_the_way_back_is_never_barred():
    shared = replace(TWO, shares={"2": 0.5})
    assert step(config(A.digest, B.digest), OWN, shared) == Step(builds(B, "1"))
    assert step(config(A.digest, A.digest), OWN, shared) == Step(builds(A))


def test_of_several_versions_of_one_build_the_newest_answers():
    there = Published({"3": B.sha256, "2": A.sha256, "1": A.sha256}, "1")
    assert step(config(A.digest, B.digest), OWN, there) == Step(builds(B, "2"))


def test_a_live_build_that_was_never_published_is_refused_with_those_there_are():
    with pytest.raises(BuildRefused) as refused:
        step(config(C.digest, C.digest), OWN, TWO)
    assert str(refused.value) == (
        f"no published version is build {C.digest}; there is {B.digest}, {A.digest}; a build is published by naming it "
        "in `next` with weight 0.0, after ./inv build --publish put it into the bucket of builds"
    )


def test_from_nothing_everything_that_the_stack_file_says_is_brought_without_asking_anybody():
    cloud = Cloud()
    cloud.bring(config(A.digest, B.digest, 0.5))
    assert cloud.applied == [builds(A), builds(B, "1"), builds(B, "1", 0.5)]
    assert (cloud.asked, cloud.answering) == ([], {A.sha256: 0.5, B.sha256: 0.5})


def test_a_share_and_a_new_build_in_one_change_publish_first_ask_and_then_share():
    cloud = Cloud(ONE)
    cloud.bring(config(A.digest, B.digest, 0.1))
    assert cloud.applied == [builds(B, "1"), builds(B, "1", 0.1)]
    assert set(cloud.asked) == {"2"}


def test_a_published_build_that_cannot_answer_is_refused_before_anything_changes():
    cloud = Cloud(TWO, bad={B.sha256})
    with pytest.raises(BuildRefused) as refused:
        cloud.bring(config(A.digest, B.digest, 0.1))
    assert str(refused.value) == (
        f"build {B.digest} (version 2) gets no requests: it fails: No module named 'flask'; "
        "mend the code and switch to the build of that, or go back by ./inv switch STACK --back"
    )
    assert (cloud.applied, cloud.there) == ([], TWO)


def test_a_build_that_lies_nowhere_is_refused_before_anything_changes():
    cloud = Cloud(ONE)
    with pytest.raises(BuildRefused) as refused:
        bring(config(A.digest, B.digest), OWN, cloud, QUESTION, cloud.apply, lambda build: build == A)
    assert str(refused.value) == (
        f"{B.digest} and {OTHERS['console'].digest} and {OTHERS['consumer'].digest} are not in the bucket of builds; "
        "check out the commit that was built, and put it there by ./inv build --publish ENVIRONMENT"
    )
    assert cloud.applied == []


def test_an_apply_that_publishes_nothing_ends_it_instead_of_being_repeated():
    cloud = Cloud(ONE)
    with pytest.raises(BuildRefused) as refused:
        bring(config(A.digest, B.digest, 0.1), OWN, cloud, QUESTION, cloud.applied.append)
    assert str(refused.value) == (
        f"the apply went through, and build {B.digest} was not published by it; see whether the state still is what is "
        "there: ./inv refresh STACK --dry-run"
    )
    assert cloud.applied == [builds(B, "1")]


def test_an_apply_that_may_publish_nothing_takes_one_step():
    cloud = Cloud(ONE)
    bring(config(A.digest, B.digest, 0.1), OWN, cloud, QUESTION, cloud.applied.append, once=True)
    assert cloud.applied == [builds(B, "1")]


def test_a_build_that_is_made_live_without_having_been_next_is_asked_all_the_same():
    cloud = Cloud(TWO, bad={B.sha256})
    with pytest.raises(BuildRefused):
        cloud.bring(config(B.digest, C.digest))
    assert cloud.applied == []


def test_a_build_that_is_made_live_without_a_share_is_asked_since_it_is_the_way_back_from_then_on():
    cloud = Cloud(Published({"2": B.sha256, "1": A.sha256}, "2"), bad={A.sha256})
    with pytest.raises(BuildRefused):
        cloud.bring(config(A.digest, B.digest, 1.0))
    assert (cloud.applied, cloud.answering) == ([], {B.sha256: 1.0})


def test_a_build_that_does_not_become_better_by_being_finished_is_refused_too():
    cloud = Cloud(TWO, bad={B.sha256})
    with pytest.raises(BuildRefused):
        cloud.bring(config(B.digest, B.digest))
    assert cloud.applied == []


@given(
    st.lists(
        st.tuples(st.sampled_from([A, B, C]), st.sampled_from([A, B, C]), st.sampled_from([0.0, 0.1, 0.5, 1.0])),
        min_size=1,
        max_size=8,
    ),
    st.sets(st.sampled_from([A.sha256, B.sha256, C.sha256]), max_size=2),
)
def test_whatever_stack_files_follow_one_another_only_the_first_live_build_answers_unasked(files, bad):
    """Each file is either refused, leaving who answers as it was or safer, or comes true to the letter."""
    cloud = Cloud(bad=bad)
    trusted: set[str] = set()
    for live, following, weight in files:
        before = cloud.answering if cloud.there else {}
        is_first = cloud.there is None
        try:
            cloud.bring(config(live.digest, following.digest, weight))
        except BuildRefused:
            assert not (set(cloud.answering) - set(before)) & bad - trusted
            continue
        weight = 0.0 if live == following else weight
        said = {live.sha256: 1.0 - weight, following.sha256: weight or float(live == following)}
        assert cloud.answering == {its: share for its, share in said.items() if share}
        trusted |= {live.sha256, following.sha256} if is_first else set()
        assert not (set(cloud.answering) & bad) - trusted

"""From the digests in a stack file to the versions that a function has published, one safe step after the other.

A version answers somebody only after it was published and asked whether it can: `bring` takes the steps that lie
between what is in force and what the stack file says, and stops before one that would hand users to a bad build.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NoReturn, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from delivery.deploy.probe import Event, Question, trouble
from delivery.engines.stack import EngineError
from infra.build import PREFIX, Build, Builds, named
from infra.config import NEWEST, InfraConfig
from infra.names import ALIAS


class BuildRefused(Exception):  # noqa: N818 - what happened
    """A build that the stack file names cannot answer; the text says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a function has: the digest (in hex) of each version, newest first, and who answers.

    `live` is the version that answers, except for the shares of others.
    """

    versions: Mapping[str, str]
    live: str | None = None
    shares: Mapping[str, float] = field(default_factory=dict)

    def version(self, sha256: str) -> str | None:
        """The newest version of a build."""
        return next((version for version, its in self.versions.items() if its == sha256), None)

    def share(self, version: str) -> float:
        """The share (0 to 1) of the requests that a version answers now."""
        return 1.0 - sum(self.shares.values()) if version == self.live else self.shares.get(version, 0.0)

    def share_of_build(self, sha256: str) -> float:
        """The share of all versions of a build."""
        return sum(self.share(version) for version, its in self.versions.items() if its == sha256)


class Function(Protocol):
    """A function of a cloud, as far as its builds are concerned. EngineError: the cloud does not say."""

    def published(self) -> Published | None:
        """What it has; None if there is no such function yet, or nothing was published of it."""
        ...

    def invoke(self, version: str, event: Event) -> Event:
        """Run one version once: what it answers, or `errorMessage` if it fails."""
        ...


@dataclass(frozen=True, slots=True)
class LambdaFunction:
    """A function of AWS behind a boto3 Lambda client. `alias` is the name under which it answers."""

    client: Any
    name: str
    alias: str = ALIAS

    def published(self) -> Published | None:
        """As AWS lists it: a version's digest is of the zip it was published with."""
        try:
            return self._published()
        except (BotoCoreError, ClientError) as error:
            self._refuse(error)

    def _published(self) -> Published | None:
        try:
            pages = self.client.get_paginator("list_versions_by_function").paginate(FunctionName=self.name)
            listed = {each["Version"]: each["CodeSha256"] for page in pages for each in page["Versions"]}
        except self.client.exceptions.ResourceNotFoundException:
            return None
        numbers = sorted((version for version in listed if version != "$LATEST"), key=int, reverse=True)
        if not numbers:
            return None
        versions = {version: base64.b64decode(listed[version]).hex() for version in numbers}
        try:
            answers = self.client.get_alias(FunctionName=self.name, Name=self.alias)
        except self.client.exceptions.ResourceNotFoundException:
            return Published(versions)
        weights = (answers.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return Published(versions, answers["FunctionVersion"], weights)

    def invoke(self, version: str, event: Event) -> Event:
        """Run one version, whatever share it has."""
        payload = json.dumps(event).encode()
        try:
            answer = self.client.invoke(FunctionName=self.name, Qualifier=version, Payload=payload)
            said = answered(answer["Payload"].read())
        except ReadTimeoutError:
            return {"errorMessage": "it did not answer in time"}
        except (BotoCoreError, ClientError) as error:
            self._refuse(error)
        return {"errorMessage": answer["FunctionError"], **said} if "FunctionError" in answer else said

    def _refuse(self, error: Exception) -> NoReturn:
        raise EngineError(
            f"AWS does not say what {self.name} has or answers: {error}; sign in to its AWS account, and try again"
        ) from None


def answered(payload: bytes | str) -> Event:
    """What a version answered, or `errorMessage` if that is nothing that an HTTP API could use."""
    try:
        said = json.loads(payload)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"errorMessage": "what it answers is no JSON object"}


@dataclass(frozen=True, slots=True)
class Step:
    """What one apply of the platform is given, and the versions (with their builds) that must be able to answer before.

    `last`: after it the stack file is true.
    """

    builds: Builds
    ask: Mapping[str, Build] = field(default_factory=dict)
    last: bool = True


def step(infra: InfraConfig, newest: Mapping[str, Build], published: Published | None) -> Step:
    """The next step from what is published to what the stack file says; `newest` are the commit's own builds, by app.

    A function that does not exist yet takes its first version from `live`. A build that is not published yet is first
    published without a share.

    Raises:
        BuildRefused: `live` was never published.
    """
    builds, ends = Builds.of(infra, newest), infra.endpoint
    live = named(ends.live, newest, "endpoint")
    if published is None:
        return Step(replace(builds, next=live), last=live == builds.next)
    if ends.live == NEWEST:
        return Step(builds)
    answering, following = published.version(live.sha256), published.version(builds.next.sha256)
    if answering is None:
        raise BuildRefused(_unknown(live, published))
    if live == builds.next:
        return Step(builds, _to_ask(builds, published))
    weight = 0.0 if following is None else ends.weight
    shared = replace(builds, live=answering, weight=weight)
    return Step(shared, _to_ask(shared, published), last=weight == ends.weight)


def bring(
    infra: InfraConfig,
    newest: Mapping[str, Build],
    function: Function,
    question: Question,
    apply: Callable[[Builds], None],
    holds: Callable[[Build], bool] = lambda _: True,
    *,
    once: bool = False,
) -> None:
    """Take every step, each one an apply of the platform that raises when it fails.

    `holds` tells whether a build lies in the bucket of builds, where that is not sure. Where nothing was published
    before, nobody is answered yet either, and no version is asked the question. `once` takes the first step only: an
    apply that is limited to targets may publish nothing, and then there is no second one.

    Raises:
        BuildRefused: a build is unknown, cannot answer, or was not published by the apply that should have; nothing
            that users get has changed.
        EngineError: the cloud does not say what is published.
    """
    published = function.published()
    is_new = published is None
    while True:
        now = step(infra, newest, published)
        _refuse_missing(now.builds, holds)
        for version, build in () if is_new else now.ask.items():
            _refuse_unable(version, build, function, question)
        apply(now.builds)
        if now.last or once:
            return
        before, published = published, function.published()
        if published == before:
            raise BuildRefused(
                f"the apply went through, and build {now.builds.next.digest} was not published by it; see whether the "
                "state still is what is there: ./inv refresh STACK --dry-run"
            )


def _refuse_missing(builds: Builds, holds: Callable[[Build], bool]) -> None:
    missing = [each.digest for each in (builds.next, builds.console, builds.consumer) if not holds(each)]
    if missing:
        there = "are" if len(set(missing)) > 1 else "is"
        raise BuildRefused(
            f"{' and '.join(dict.fromkeys(missing))} {there} not in the bucket of builds; "
            "check out the commit that was built, and put it there by ./inv build --publish ENVIRONMENT"
        )


def _refuse_unable(version: str, build: Build, function: Function, question: Question) -> None:
    why = trouble(partial(function.invoke, version), question)
    if why:
        raise BuildRefused(
            f"build {build.digest} (version {version}) gets no requests: {why}; "
            "mend the code and switch to the build of that, or go back by ./inv switch STACK --back"
        )


def _to_ask(builds: Builds, published: Published) -> Mapping[str, Build]:
    """The published builds that would answer more than now, and one that becomes live without answering anybody yet.

    Never the build that is live now, which is the way back: nothing may bar it. So none may come to be that unasked,
    even where all requests go to `next`.
    """
    shares = {builds.next: 1.0 if builds.live is None else builds.weight}
    unheard = set()
    if builds.live is not None:
        becomes = Build(published.versions[builds.live])
        shares[becomes] = 1.0 - builds.weight
        unheard = {becomes} if published.share_of_build(becomes.sha256) == 0.0 else set()
    rising = {each for each, share in shares.items() if share > published.share_of_build(each.sha256)}
    live = published.versions.get(published.live or "")
    asked = (each for each in shares if each in rising | unheard and each.sha256 != live)
    return {version: each for each in asked if (version := published.version(each.sha256))}


def _unknown(build: Build, published: Published) -> str:
    known = dict.fromkeys(published.versions.values())
    return (
        f"no published version is build {build.digest}; there is "
        f"{', '.join(PREFIX + each for each in known)}; a build is published by naming it in `next` with weight 0.0, "
        "after ./inv build --publish put it into the bucket of builds"
    )

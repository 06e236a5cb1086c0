"""Makes one commit true on this laptop: prepare, plan, apply the platform, publish, apply live, say what must run.

The same steps as in the clouds, with moto as AWS, the ledger as the Cloudflare account and a demo key for the head.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from delivery.artifacts.publish import publish
from delivery.deploy import programs, steps
from delivery.deploy.build_commit import for_laptop
from delivery.deploy.build_versions import BuildRefused, bring
from delivery.deploy.guards import Guarded
from delivery.deploy.halt import SERVED, Place
from delivery.deploy.head import next_head
from delivery.deploy.history import public_history
from delivery.deploy.obey import under_the_brake
from delivery.deploy.objects import Changed
from delivery.deploy.override import NotInForce, live_override
from delivery.deploy.probe import Question, check_path
from delivery.deploy.steps import Prepared
from delivery.engines.stack import EngineError, Stack
from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.laptop import builds, engines, keys, runtime, telemetry
from delivery.laptop.engines import LaptopEngine
from delivery.laptop.functions import LaptopFunction
from delivery.laptop.moto import Moto
from delivery.laptop.places import Places
from delivery.laptop.providers.ledger import Ledger
from delivery.laptop.providers.registry import packages
from delivery.laptop.providers.server import Handle, serve
from delivery.laptop.sample_bytes import SampleBytes
from delivery.present import json as machine
from delivery.present import terminal
from delivery.rules.brake import OVERRIDE_KEY, Override
from delivery.rules.catalog import HEAD_KEY
from delivery.rules.facts import Product
from delivery.rules.head import Head, peek
from delivery.rules.plan import Effect, Plan
from delivery.rules.problem import Refused
from delivery.rules.read import File
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.build import Build, Builds
from infra.config import InfraConfig
from infra.endpoint import endpoint_settings
from infra.names import Names, build_key
from infra.stacks import Kind

ENVIRONMENT: Environment = "laptop"
STACK_FILE = stack_file.path(ENVIRONMENT)

Say = Callable[[str], None]


class Failed(Exception):  # noqa: N818 - what happened
    """An apply went wrong half-way; what it had done stays, and the next one goes on from there."""

    def __init__(self, sentences: tuple[str, ...]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Live:
    """A commit that is true now, and what must run for it."""

    commit: str
    engine: str
    head: Head
    runtime: runtime.Wanted
    behind: tuple[Mapping[str, Any], ...]  # recipes of what installations do not wait for
    outcomes: Mapping[str, Mapping[str, Any]]  # by stack: what the apply did to its resources
    domains: Mapping[str, str]
    probe: str  # the path of an update check that any head answers
    trouble: tuple[str, ...] = ()  # what stopped the platform, which facts do not wait for

    def to_json(self) -> dict[str, Any]:
        """For the supervisor."""
        return {
            "commit": self.commit,
            "serial": self.head.serial,
            "sha256": self.head.sha256,
            "engine": self.engine,
            "domains": dict(self.domains),
            "probe": self.probe,
            "outcomes": self.outcomes,
            "behind": self.behind,
            **asdict(self.runtime),
        }


@dataclass(slots=True)
class Carrier:
    """Carries commits of one checkout out, one after the other, and remembers the last."""

    places: Places
    ports: Mapping[str, int]
    moto: Moto
    providers: Handle
    engine: LaptopEngine
    samples: SampleBytes
    last: tuple[str, Prepared] | None = None
    platform_is: str = ""  # what the platform was last made from
    empty: set[str] = field(default_factory=set)  # stacks that hold nothing yet
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, repo: Path, ports: Mapping[str, int], engine: str) -> "Carrier":
        """Ready to carry: providers serve, nothing is applied yet. Raises EngineError: the engine is not here."""
        places = Places(repo)
        moto = Moto(f"http://127.0.0.1:{ports['aws']}")
        providers = serve(packages(moto.url, places.ledger))
        chosen = engines.engine(engine, places, providers.addresses)
        return cls(places, ports, moto, providers, chosen, SampleBytes(places.samples))

    def __enter__(self) -> "Carrier":
        return self

    def __exit__(self, *_: object) -> None:
        self.providers.stop()

    def carry(self, commit: str, say: Say, *, again: bool = False) -> Live:
        """Make this commit true; `again` applies also what is known to be so.

        Raises Refused (nothing was touched) or Failed (an apply stopped half-way). Where only the platform stopped, and
        there is one, the facts go live all the same: a withdrawal waits for no database and no certificate.
        """
        now = datetime.now(UTC)
        prepared, infra = self._prepare(commit, now)
        plan = steps.compare(self.last[1] if self.last else None, prepared, now)
        if self.last and self.last[1].sha256 != prepared.sha256:
            say(terminal.plan_text(plan))
        self._forget_what_moto_forgot(say)
        names = Names.of(prepared.facts.product.value, ENVIRONMENT)
        if again:
            self.platform_is = ""
        trouble = self._platform_if_it_can(commit, names, infra, prepared, say)
        self._put_back_the_override(names, prepared.facts.product.value, say)
        self._publish(names, prepared, say)
        head = self._live(commit, names, infra, prepared, plan, now, say)
        self.last = (commit, prepared)
        domains = _domains(names)
        records = Ledger(self.places.ledger).read()
        wanted = runtime.wanted(records, self.places, self.ports, domains, infra.console.team)
        behind = telemetry.wanted(records, self.places, self.ports)
        probe = check_path(prepared.facts)
        return Live(
            commit, self.engine.name, head, wanted, behind, dict(self.outcomes), domains, probe, trouble=trouble
        )

    def _prepare(self, commit: str, now: datetime) -> tuple[Prepared, InfraConfig]:
        """Facts and stack file of the commit, checked together. Raises Refused with the problems of both."""
        files = snapshot.at_commit(self.places.repo, commit)
        infra, problems = stack_file.read(STACK_FILE, self._stack_file(commit))
        try:
            prepared = steps.prepare(files, self._base(commit), ENVIRONMENT, now)
        except Refused as refused:
            raise Refused((*refused.problems, *problems)) from None
        if infra is None:
            raise Refused(problems)
        return prepared, infra

    def _stack_file(self, commit: str) -> bytes:
        return snapshot.at_commit(self.places.repo, commit, [STACK_FILE]).get(STACK_FILE, b"")

    def _base(self, commit: str) -> Mapping[str, File]:
        """What the commit is checked against: the newest commit that it and the last live one have in common.

        With nothing in common, or nothing live yet, it is what is merged already, so its own base.
        """
        last = self.last[0] if self.last else self.places.last_live()
        try:
            base = snapshot.merge_base(self.places.repo, last, commit) if last else commit
        except NoHistory:
            base = commit
        return snapshot.at_commit(self.places.repo, base)

    def _forget_what_moto_forgot(self, say: Say) -> None:
        """moto keeps nothing when it ends: without its marker, our records are about things that are gone."""
        if self.moto.is_marked():
            return
        say("AWS is empty: applying everything")
        self.empty = {kind.of(ENVIRONMENT) for kind in Kind}
        for name in self.empty:
            self.engine.forget(name)
        Ledger(self.places.ledger).clear()
        self.platform_is = ""
        self.moto.mark()

    def _put_back_the_override(self, names: Names, product: Product, say: Say) -> None:
        """What is halted stays so though moto forgot it: before anything is live again. Raises Failed."""
        kept, objects = self.places.override, self.moto.objects(names.catalog)
        if not kept.exists() or objects.read(OVERRIDE_KEY):
            return
        data = kept.read_bytes()
        try:
            live_override(data, product, ENVIRONMENT)
            objects.write(OVERRIDE_KEY, data, None, **SERVED)
        except NotInForce as error:
            mend = f"or ./inv down and delete {kept.relative_to(self.places.repo)}, and nothing is halted any more"
            raise Failed((f"AWS was started anew, and its last {error}; {mend}",)) from None
        except Changed:
            raise Failed(("a halt was written while AWS was empty; type again what was halted before",)) from None
        say("AWS forgot what was halted: put back the override")

    def _platform_if_it_can(
        self, commit: str, names: Names, infra: InfraConfig, prepared: Prepared, say: Say
    ) -> tuple[str, ...]:
        """What stopped the platform. Raises it where nothing is live yet: then there is nowhere to put facts."""
        try:
            self._platform(commit, names, infra, prepared, say)
        except (Failed, BuildRefused, EngineError) as stopped:
            if self.moto.read(names.catalog, HEAD_KEY) is None:
                raise
            return stopped.sentences if isinstance(stopped, Failed) else (str(stopped),)
        return ()

    def _platform(self, commit: str, names: Names, infra: InfraConfig, prepared: Prepared, say: Say) -> None:
        own = for_laptop(self.places.repo, commit)
        newest = {app: Build(made.sha256) for app, made in own.items()}
        product, url = prepared.facts.product.value, self._url("downloads")
        wanted = hashlib.sha256(repr((product, infra, newest, url)).encode()).hexdigest()
        if wanted == self.platform_is:
            return
        zips = builds.needed(self.places.repo, commit, infra, own)
        self._apply(programs.ground_stack(product, ENVIRONMENT, infra), say)
        for made in zips:
            self.moto.keep_build(names.builds, build_key(made.sha256), made.data)

        def apply(its: Builds) -> None:
            self._apply(programs.platform_stack(product, ENVIRONMENT, infra, its, keys.secrets(), url), say)

        settings = endpoint_settings(names, infra, product, url)
        question = Question(check_path(prepared.facts), settings)
        bring(infra, newest, LaptopFunction(self.places, self.ports, names.function), question, apply)
        self.platform_is = wanted

    def _publish(self, names: Names, prepared: Prepared, say: Say) -> None:
        if self.last and self.last[1].facts.versions == prepared.facts.versions:
            return
        archive, downloads = self.moto.store(names.archive), self.moto.store(names.downloads)
        done = publish(prepared.facts, ENVIRONMENT, self.samples.fetcher(prepared.facts), archive, downloads)
        if done.written:
            say(f"published {len(done.written)} objects")

    def _live(
        self, commit: str, names: Names, infra: InfraConfig, prepared: Prepared, plan: Plan, now: datetime, say: Say
    ) -> Head:
        product = prepared.facts.product.value
        head = next_head(
            self.moto.read(names.catalog, HEAD_KEY),
            product,
            ENVIRONMENT,
            commit=commit,
            serial=snapshot.serial(self.places.repo, commit),
            sha256=prepared.sha256,
            signer=keys.head_signer(),
            now=now,
        )
        history = public_history(self.places.repo, commit, ENVIRONMENT, now)
        narrowing, place = plan.effect is Effect.narrower, self._place(names, product)

        def apply(override: Override | None) -> tuple[str, ...]:
            publication = steps.publication(prepared, head, self._url("downloads"), now, history, override)
            try:
                self._apply(programs.live_stack(product, ENVIRONMENT, infra, publication, narrowing=narrowing), say)
            except Failed as failed:
                return failed.sentences
            return ()

        try:
            wrong = under_the_brake(place, prepared.facts, apply, say)
        except EngineError as error:  # such as an override that nobody believes
            raise Failed((str(error),)) from None
        if wrong:
            raise Failed(wrong)
        return peek(head, product.head_keys(ENVIRONMENT))

    def _place(self, names: Names, product: Product) -> Place:
        stores = self.moto.objects(names.catalog), self.moto.objects(names.downloads)
        return Place(product, ENVIRONMENT, *stores, self._url("updates"), self._url("downloads"))

    def _apply(self, stack: Stack, say: Say) -> None:
        """Guarded, unless the stack holds nothing that could be lost: a preview of all would be most of a start."""
        engine = self.engine if stack.name in self.empty else Guarded(self.engine)
        self.empty.discard(stack.name)
        outcome = engine.apply(stack)
        if not outcome.ok:
            raise Failed(outcome.errors)
        self.outcomes[stack.name] = machine.outcome(outcome)
        say(f"{stack.name}: {terminal.outcome_line(outcome)}")

    def _url(self, host: str) -> str:
        return f"http://127.0.0.1:{self.ports[host]}"


def _domains(names: Names) -> dict[str, str]:
    hosts = (names.updates_host, names.downloads_host, names.site_host, names.console_host)
    return dict(zip(("updates", "downloads", "site", "console"), hosts, strict=True))

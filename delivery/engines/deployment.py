"""One run over one stack: decides what each registered resource needs, has it done, and remembers it.

Resources are handled one at a time, in the order in which the program registers them, so dependencies always come
first; what is left unregistered is deleted at the end, dependents first. The state is saved after every change.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from delivery.engines import registration
from delivery.engines.plugin import INTERNAL, Difference, Plugin, ProviderError
from delivery.engines.policies import Judge
from delivery.engines.registration import PROVIDER_PREFIX, STACK_TYPE, Refused
from delivery.engines.stack import Listener, Operation, Outcome, Stack, Step
from delivery.engines.state import Resource, StateFile
from delivery.engines.wire import UNKNOWN, Properties, from_struct, has_unknown, shown


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to one registration."""

    urn: str
    id: str = ""
    outputs: Properties = field(default_factory=dict)
    ok: bool = True


class _ConsequenceError(Exception):
    """Something earlier failed, and was told; nothing can be said of what hangs on it."""


_UNPROTECT = "undo the change, or lift protect in a reviewed change of its own"
_PUT_BACK = "put it back in the program, or lift protect in a reviewed change of its own"


class _ViolationError(Exception):
    """A policy refuses the resource, and told why; an apply does not make it."""


Made = TypeVar("Made")


class Deployment:
    """The run. `preview` decides everything and changes nothing."""

    def __init__(
        self,
        stack: Stack,
        state: StateFile,
        providers: Mapping[str, str],
        judge: Judge,
        preview: bool,
        on_step: Listener | None,
    ) -> None:
        self._stack = stack
        self._state = state
        self._addresses = providers
        self._judge = judge
        self._preview = preview
        self._tell: Callable[[Step], None] = on_step or (lambda _: None)
        self._lock = threading.RLock()  # registrations arrive on several threads
        self._loaded = state.load()
        self._old = {resource.urn: resource for resource in self._loaded}  # not registered yet in this run
        self._new: dict[str, Resource] = {}
        self._plugins: dict[str, Plugin] = {}  # by the provider resource's URN
        self._broken: set[str] = set()  # providers that could not be set up
        self._steps: list[Step] = []
        self._errors: list[str] = []
        self._refusals: list[str] = []  # of policies and of protection: they hide nothing else from a preview
        self._is_over = False  # what a failed program had still on its way comes too late
        self._failure = ""  # of the program; a resource's failure explains it
        self._untold: dict[str, Operation] = {}  # components, which are whole when their outputs are
        self._exports: Properties | None = None
        self._lost: dict[str, tuple[str, ...]] = {}  # why a resource cannot stay without another: the properties

    def resume(self) -> None:
        """Finish what a killed run had begun: nobody knows whether it was done, and to do it again is the same.

        A preview knows only what that will make of the state.
        """
        with self._lock:
            begun = self._state.begun()
            if begun is None:
                return
            operation, resource = begun
            try:
                self._resume(operation, resource)
            except (ProviderError, _ConsequenceError) as error:
                self._errors.append(_told(resource, f"finishing what was begun before: {error}"))
            self._save()

    def _resume(self, operation: Operation, resource: Resource) -> None:
        plugin, old = self._plugin(resource.provider), self._old.get(resource.urn)
        if operation is Operation.delete:
            if not self._preview:
                plugin.delete(resource)
            self._old.pop(resource.urn, None)
        elif operation is Operation.create and not self._preview:
            self._old[resource.urn] = plugin.create(resource, False)
        elif old:
            self._old[resource.urn] = resource if self._preview else plugin.update(old, resource, False)

    # -- what the program says ------------------------------------------------------------------------------------

    def register(self, request: Any) -> Registered:
        """Make one resource so. A failure is remembered, and answered as such so that a preview can go on."""
        with self._lock:
            name = registration.urn(self._stack.project, self._stack.name, request.parent, request.type, request.name)
            if self._is_over or (self._has_failed() and not self._preview):
                return Registered(name, ok=False)
            try:
                done = self._act(self._goal(request))
                return Registered(done.urn, done.id, done.outputs if done.custom else {})
            except _ConsequenceError:
                return Registered(name, ok=False)
            except _ViolationError:
                return Registered(name, ok=False)
            except (Refused, ProviderError, ValueError) as error:
                self._errors.append(f"{request.type} {request.name}: {error}")
                return Registered(name, ok=False)

    def outputs(self, urn: str, outputs: Properties) -> None:
        """Remember what a component, or the stack itself, exports; after a failure that would be half unknown."""
        with self._lock:
            if urn not in self._untold or (has_unknown(outputs) and not self._preview):
                return  # after a failure
            if self._new[urn].type == STACK_TYPE:
                self._exports = outputs  # the last thing to be told: it depends on how all else ends
            else:
                self._become(urn, outputs)

    def _become(self, urn: str, outputs: Properties) -> None:
        self._new[urn] = replace(self._new[urn], outputs=outputs)
        self._step(self._untold.pop(urn), self._new[urn])

    def _has_failed(self) -> bool:
        return bool(self._errors or self._refusals)

    def _may_go_on(self) -> bool:
        return not (self._errors or self._failure or (self._refusals and not self._preview))

    def invoke(self, request: Any) -> Any:
        """Ask a provider's function.

        Raises:
            ProviderError: it refused, or no such provider is there.
        """
        with self._lock:
            package = request.tok.split(":", 1)[0]
            provider = request.provider or self._default_provider(package, request.version)
            return self._plugin(provider).invoke(request.tok, from_struct(request.args))

    def failed_program(self, sentence: str) -> None:
        """Remember a failure of the program itself; what it registered before is made all the same."""
        with self._lock:
            self._failure = self._failure or sentence

    def finish(self) -> Outcome:
        """Delete what the program no longer has, save, let go of the providers, and report."""
        with self._lock:
            self._is_over = True
            if self._may_go_on():
                self._delete_the_rest()
            self._export()
            if self._may_go_on():
                self._refusals += self._judge.together(self._new.values())
            if not self._preview and _by_urn(self._snapshot()) != _by_urn(self._loaded):
                self._state.save(self._snapshot())
            return self._report()

    def keep(self) -> None:
        """Take what was decided for the state, as if it had been done; ids that only doing it gives stay empty."""
        with self._lock:
            self._state.save(self._snapshot())

    def compare(self) -> Outcome:
        """Ask the providers what is really there and report how the state differs from it. Changes nothing."""
        with self._lock:
            for resource in self._loaded:
                try:
                    self._compare(resource)
                except (ProviderError, _ConsequenceError) as error:
                    self._errors.append(_told(resource, error))
            self._exports = self._exported()
            return self._report()

    def _report(self) -> Outcome:
        for plugin in self._plugins.values():
            plugin.close()
        return Outcome(tuple(self._steps), shown(self._exports or {}), self._problems())

    def _problems(self) -> tuple[str, ...]:
        return (*self._errors, *self._refusals) or ((self._failure,) if self._failure else ())

    # -- deciding and acting --------------------------------------------------------------------------------------

    def _goal(self, request: Any) -> Resource:
        goal = registration.read(request, self._stack.project, self._stack.name, self._old.keys())
        if goal.urn in self._new:
            raise Refused("registered twice; give one of the two another name")
        if goal.type.startswith(PROVIDER_PREFIX):
            goal = replace(goal, inputs=goal.inputs | _versioned(request.version))
        elif goal.custom and not goal.provider:
            package = goal.type.split(":", 1)[0]
            goal = replace(goal, provider=self._default_provider(package, request.version))
        return goal

    def _act(self, goal: Resource) -> Resource:
        old = self._old.get(goal.urn)
        if not goal.custom:
            self._refuse_violations(goal)
            return self._component(goal, old)
        if goal.type.startswith(PROVIDER_PREFIX):
            return self._provider(goal, old)
        return self._custom(goal, old)

    def _component(self, goal: Resource, old: Resource | None) -> Resource:
        goal = replace(goal, outputs=old.outputs if old else {})
        self._untold[goal.urn] = Operation.same if old else Operation.create
        self._remember(self._untold[goal.urn], goal)
        return goal

    def _provider(self, goal: Resource, old: Resource | None) -> Resource:
        self._broken.add(goal.urn)
        plugin = self._plugins[goal.urn] = self._connect(goal.type)
        inputs, difference = plugin.configure(goal, old)
        self._refuse_violations(replace(goal, inputs=inputs))
        self._broken.discard(goal.urn)
        identity = old.id if old else UNKNOWN if self._preview else str(uuid.uuid4())
        goal = replace(goal, inputs={INTERNAL: {}, **inputs} if inputs else {}, outputs=inputs, id=identity)
        operation = Operation.create if old is None else _kind(difference)
        return self._done(operation, goal, difference.changed)

    def _custom(self, goal: Resource, old: Resource | None) -> Resource:
        plugin = self._plugin(goal.provider)
        goal = replace(goal, inputs=plugin.check(goal, old))
        self._refuse_violations(goal)
        if old is None:
            return self._create(plugin, goal, Operation.create)
        difference = plugin.diff(old, goal.inputs)
        if difference.replaces or old.pending_replacement:
            self._delete_first(old, goal.protect)
            return self._create(plugin, goal, Operation.replace, self._lost.get(goal.urn) or difference.changed)
        if difference.changed or old.init_errors:
            return self._update(plugin, old, goal, difference.changed)
        # Old outputs stay untouched: they hold computed parts that the inputs do not have.
        return self._done(Operation.same, replace(goal, id=old.id, outputs=old.outputs))

    def _refuse_violations(self, goal: Resource) -> None:
        found = self._judge.each(goal, self._new.get(goal.provider.rsplit("::", 1)[0]))
        self._refusals += found
        if found and not self._preview:
            raise _ViolationError

    def _create(self, plugin: Plugin, goal: Resource, operation: Operation, changed: tuple[str, ...] = ()) -> Resource:
        made = self._act_on(Operation.create, goal, lambda: plugin.create(goal, self._preview))
        return self._finished(operation, made, changed)

    def _update(self, plugin: Plugin, old: Resource, goal: Resource, changed: tuple[str, ...]) -> Resource:
        goal = replace(goal, id=old.id, outputs=old.outputs)
        made = self._act_on(Operation.update, goal, lambda: plugin.update(old, goal, self._preview))
        if made.init_errors:
            made = replace(made, inputs=old.inputs)  # so that the next run sees what is still to be changed
        return self._finished(Operation.update, made, changed)

    def _act_on(self, operation: Operation, resource: Resource, act: Callable[[], Made]) -> Made:
        """Have a provider do something, in a way that a run after a kill can finish; a refusal is no such case."""
        if self._preview:
            return act()
        self._state.begin(operation, resource)
        try:
            return act()
        except ProviderError:
            self._state.settle()
            raise

    def _finished(self, operation: Operation, made: Resource, changed: tuple[str, ...]) -> Resource:
        if made.init_errors:
            self._remember(operation, made)
            raise ProviderError("; ".join(made.init_errors))
        return self._done(operation, made, changed)

    def _delete_first(self, old: Resource, stays_protected: bool) -> None:
        """Take away a resource that is to be made anew, and before it those that cannot stay without it."""
        dependents = self._dependents_to_replace(old)
        for resource in dependents:
            if resource.protect:
                raise Refused(f"{resource.name} would be replaced with it, and is protected; {_UNPROTECT}")
        if old.protect and stays_protected:
            refusal = Refused(f"it would be replaced, and is protected; {_UNPROTECT}")
            if not self._preview:
                raise refusal
            self._refusals.append(_told(old, refusal))
        for resource in [*dependents, old]:
            self._delete(resource)
            self._old[resource.urn] = replace(resource, pending_replacement=True)
            self._save()

    def _dependents_to_replace(self, gone: Resource) -> list[Resource]:
        """Those whose provider would replace them too once what they take from `gone` is unknown; last one first."""
        lost = {gone.urn}
        found: list[Resource] = []
        for resource in self._old.values():
            keys = {key for key, urns in resource.property_dependencies.items() if lost.intersection(urns)}
            if keys:
                inputs = {key: UNKNOWN if key in keys else value for key, value in resource.inputs.items()}
                replaces = self._plugin(resource.provider).diff(resource, inputs).replaces
                if replaces:
                    self._lost[resource.urn] = replaces
                    lost.add(resource.urn)
                    found.insert(0, resource)
        return found

    def _delete_the_rest(self) -> None:
        """Delete what is left, dependents first; what is protected stays, and so does all that it depends on."""
        held: set[str] = set()
        for resource in reversed(list(self._old.values())):
            if resource.protect:
                self._errors.append(_told(resource, f"it is protected, so it is not deleted; {_PUT_BACK}"))
            if resource.protect or resource.urn in held:
                held |= _needs(resource)
                continue
            try:
                self._delete(resource)
            except (ProviderError, _ConsequenceError) as error:
                self._errors.append(_told(resource, error))
                return
            del self._old[resource.urn]
            self._save()
            self._step(Operation.delete, resource)

    def _delete(self, resource: Resource) -> None:
        is_real = resource.custom and not resource.type.startswith(PROVIDER_PREFIX) and not resource.pending_replacement
        if is_real and not self._preview:
            plugin = self._plugin(resource.provider)
            self._act_on(Operation.delete, resource, lambda: plugin.delete(resource))

    def _compare(self, known: Resource) -> None:
        if not known.custom or known.type.startswith(PROVIDER_PREFIX):
            self._step(Operation.same, known)  # these are nowhere but in the state
            return
        plugin = self._plugin(known.provider)
        found = plugin.read(known)
        if found is None:
            self._step(Operation.delete, known)
            return
        # As the real engine does: what the next apply would change back is what differs.
        difference = plugin.diff(found, known.inputs)
        operation = Operation.update if difference.changed else Operation.same
        self._step(operation, found, difference.changed, known)

    # -- remembering ----------------------------------------------------------------------------------------------

    def _done(self, operation: Operation, resource: Resource, changed: tuple[str, ...] = ()) -> Resource:
        before = self._old.get(resource.urn)
        self._remember(operation, resource)
        self._step(operation, resource, changed, before)
        return resource

    def _remember(self, operation: Operation, resource: Resource) -> None:
        self._old.pop(resource.urn, None)
        self._new[resource.urn] = resource
        if operation is not Operation.same:
            self._save()

    def _save(self) -> None:
        if not self._preview:
            self._state.save(self._snapshot())

    def _step(
        self, operation: Operation, resource: Resource, changed: tuple[str, ...] = (), before: Resource | None = None
    ) -> None:
        was = before.inputs if before else {}
        values = {name: (shown(was.get(name)), shown(resource.inputs.get(name))) for name in changed}
        step = Step(operation, resource.urn, resource.type, resource.name, changed, values)
        self._steps.append(step)
        self._tell(step)

    def _snapshot(self) -> tuple[Resource, ...]:
        return (*self._new.values(), *self._old.values())

    def _export(self) -> None:
        """Finish the stack itself; after a failure a missing output may only not have been reached, so it stays."""
        root = next((urn for urn in self._untold if self._new[urn].type == STACK_TYPE), None)
        if root is not None and self._exports is not None:
            self._exports = (self._exported() if self._problems() else {}) | self._exports
            self._become(root, self._exports)

    def _exported(self) -> Properties:
        """What the stack exported before this run."""
        return next((each.outputs for each in self._loaded if each.type == STACK_TYPE), {})

    # -- providers ------------------------------------------------------------------------------------------------

    def _default_provider(self, package: str, version: str) -> str:
        """The reference of the provider used by resources that name none; made, as a resource, when first asked for."""
        kind = PROVIDER_PREFIX + package
        name = f"default_{version.replace('.', '_').replace('-', '_')}" if version else "default"
        urn = registration.urn(self._stack.project, self._stack.name, "", kind, name)
        if urn in self._broken:
            raise _ConsequenceError(urn)
        if urn not in self._new:
            inputs = self._configured(package) | _versioned(version)
            self._provider(Resource(urn, kind, True, inputs), self._old.get(urn))
        return f"{urn}::{self._new[urn].id}"

    def _configured(self, package: str) -> Properties:
        """What the stack's configuration says of a package: `aws:region` is the region of aws; no secrets."""
        own = {key: text for key, text in self._stack.config.items() if key.startswith(f"{package}:")}
        return {key.split(":", 1)[1]: text for key, text in own.items() if key not in self._stack.secrets}

    def _plugin(self, reference: str) -> Plugin:
        """The configured provider behind a `urn::id` reference; one that only the state knows is configured from it."""
        urn = reference.rsplit("::", 1)[0]
        if urn in self._broken:
            raise _ConsequenceError(urn)
        if urn not in self._plugins:
            resource = self._new.get(urn) or self._old.get(urn)
            if resource is None:
                raise _ConsequenceError(f"its provider {urn} is not there")
            self._plugins[urn] = self._connect(resource.type)
            self._plugins[urn].configure(resource, None)
        return self._plugins[urn]

    def _connect(self, kind: str) -> Plugin:
        package = kind.removeprefix(PROVIDER_PREFIX)
        if package not in self._addresses:
            there = ", ".join(sorted(self._addresses)) or "none"
            raise ProviderError(f"there is no provider for the package {package} here (there is {there})")
        return Plugin(self._addresses[package])


def _versioned(version: str) -> Properties:
    return {"version": version} if version else {}


def _kind(difference: Difference) -> Operation:
    return Operation.update if difference.changed else Operation.same


def _told(resource: Resource, problem: object) -> str:
    return f"{resource.type} {resource.name}: {problem}"


def _needs(resource: Resource) -> set[str]:
    """What it cannot be without."""
    return {*resource.dependencies, resource.parent, resource.provider.rsplit("::", 1)[0]}


def _by_urn(resources: Iterable[Resource]) -> dict[str, Resource]:
    # The order of what does not depend on each other differs from run to run.
    return {resource.urn: resource for resource in resources}

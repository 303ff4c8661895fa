"""What the pure half of every platform must do: identities, paths, values, equality, requests, audits.

The planner and the manifests rely on each of these and check none of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

import pytest

from reconcile.model.actions import (
    Action,
    CancelQueued,
    ClearDesired,
    ExecuteNow,
    QueueExecute,
    QueueWrite,
    SetDesired,
    Write,
    WriteNow,
    from_request,
    to_request,
    touched,
)
from reconcile.model.desired import Command, Delivery, DesiredDocument, DesiredResource, Ownership
from reconcile.model.device import Identity
from reconcile.model.observed import Look
from reconcile.model.values import ABSENT, UNKNOWN, Json, Known, canonical
from reconcile.ports import Capabilities, Dialect, Models, TypedValue
from reconcile.testing.platform_sample import MARKER, ODD_FILES, ODD_TEXTS, ODD_VALUES, Sample, refused

_QUEUED = (QueueWrite, QueueExecute, CancelQueued)
_IN_CLOUD = (SetDesired, ClearDesired)
_RUNS = Command("kit", "/3/0/4", trigger="once")


class DialectContract:
    """The tests of a dialect; `platform_contract.PlatformContract` adds those of a client."""

    def sample(self) -> Sample:
        """The platform and what to try on it."""
        raise NotImplementedError

    @pytest.fixture
    def dialect(self) -> Dialect:
        """The dialect under test."""
        return self.sample().platform.dialect

    @pytest.fixture
    def models(self, dialect: Dialect) -> Models:
        """The sample's models, read."""
        return dialect.load_models(self.sample().models)

    @pytest.fixture
    def capabilities(self, dialect: Dialect) -> Capabilities:
        """What the platform says it can do for the sample device."""
        return dialect.capabilities(self.sample().key)

    def typed(self, dialect: Dialect, models: Models) -> dict[str, list[TypedValue]]:
        """The sample's values in canonical form, by canonical path."""
        sample, found = self.sample(), {}
        for text, values in sample.values.items():
            path = dialect.read_path(models, sample.key, text)
            assert isinstance(path, str), path
            read = [dialect.read_value(models, sample.key, path, v, sample.types.get(text)) for v in values]
            assert all(isinstance(value, TypedValue) for value in read), read
            found[path] = [value for value in read if isinstance(value, TypedValue)]
        return found

    def writes(self, dialect: Dialect, models: Models) -> list[Write]:
        """One write of each sample path."""
        typed = self.typed(dialect, models)
        return [Write(path, values[0].value, values[0].value_type) for path, values in typed.items()]

    def test_platform_says_what_it_is(self) -> None:
        """A type, and the credentials without which it can do nothing: the sample has them."""
        sample = self.sample()
        assert sample.platform.type == sample.config.type
        assert set(sample.platform.credential_names(sample.config)) <= sample.credentials.keys()

    def test_identity_reads_back_as_itself(self, dialect: Dialect) -> None:
        """It is recorded by its fields and compared by them; the model key follows from it alone."""
        sample = self.sample()
        again = dialect.read_identity(sample.identity.as_dict(), "another-name")
        assert again == sample.identity
        assert isinstance(again, Identity)
        assert dialect.model_key(again) == sample.key

    def test_device_without_identity_is_refused(self, dialect: Dialect) -> None:
        """And nothing odd raises."""
        sample = self.sample()
        assert all(refused(dialect.read_identity(fields, sample.name)) for fields in sample.bad_fields)
        for name, text in product(sample.fields or {"deviceName": ""}, ODD_TEXTS):
            answer = dialect.read_identity({**sample.fields, name: text}, text)
            assert refused(answer) or isinstance(answer, Identity)

    def test_path_is_canonical_once_read(self, dialect: Dialect, models: Models) -> None:
        """What was read is read as itself, and can be shown to people."""
        key = self.sample().key
        for path in self.typed(dialect, models):
            assert dialect.read_path(models, key, path) == path
            assert dialect.show_path(models, key, path)

    def test_text_that_is_no_path_is_refused(self, dialect: Dialect, models: Models) -> None:
        """And nothing odd raises; what is taken is canonical."""
        sample = self.sample()
        assert all(refused(dialect.read_path(models, sample.key, text)) for text in sample.bad_paths)
        for text in ODD_TEXTS:
            path = dialect.read_path(models, sample.key, text)
            assert refused(path) or dialect.read_path(models, sample.key, str(path)) == path

    def test_value_is_canonical_once_read(self, dialect: Dialect, models: Models) -> None:
        """What was read is read as itself, and JSON can carry it: plans, digests and state hold it."""
        for path, values in self.typed(dialect, models).items():
            for value in values:
                assert self.read(dialect, models, path, value.value, value.value_type) == value
                assert json.loads(canonical(value.value)) == value.value

    def read(self, dialect: Dialect, models: Models, path: str, value: Json, kind: str | None) -> TypedValue | None:
        """A value in canonical form, or None where the dialect refuses it (well)."""
        answer = dialect.read_value(models, self.sample().key, path, value, kind)
        assert refused(answer) or isinstance(answer, TypedValue)
        return answer if isinstance(answer, TypedValue) else None

    def test_value_that_does_not_fit_is_refused(self, dialect: Dialect, models: Models) -> None:
        """And nothing odd raises; what is taken is canonical."""
        for text, value in self.sample().bad_values:
            path = dialect.read_path(models, self.sample().key, text)
            assert isinstance(path, str)
            assert self.read(dialect, models, path, value, None) is None, (path, value)
        for path, value in product(self.typed(dialect, models), ODD_VALUES):
            typed = self.read(dialect, models, path, value, None)
            if typed is not None:
                canonical(typed.value)
                assert self.read(dialect, models, path, typed.value, typed.value_type) == typed

    def test_null_clears_or_is_refused(self, dialect: Dialect, models: Models, capabilities: Capabilities) -> None:
        """As `can_clear` says."""
        for path in self.typed(dialect, models):
            assert (self.read(dialect, models, path, None, None) == TypedValue(None)) == capabilities.can_clear

    def test_unknown_type_is_refused(self, dialect: Dialect, models: Models) -> None:
        """A manifest may give any text as `type`."""
        for path, values in self.typed(dialect, models).items():
            assert self.read(dialect, models, path, values[0].value, "no-such-type") is None

    def test_equality_is_an_equivalence(self, dialect: Dialect, models: Models) -> None:
        """Reflexive, symmetric and, over the sample, transitive; values that mean different things are told apart."""
        key = self.sample().key
        for path, values in self.typed(dialect, models).items():
            for (i, left), (j, right) in product(enumerate(values), repeat=2):
                assert dialect.same(models, key, path, left.value, right.value) == (i == j), (path, left, right)

    def test_values_in_another_form_are_the_same(self, dialect: Dialect, models: Models) -> None:
        """Both ways round."""
        key = self.sample().key
        for text, left, right in self.sample().alike:
            path = dialect.read_path(models, key, text)
            assert isinstance(path, str)
            assert dialect.same(models, key, path, left, right)
            assert dialect.same(models, key, path, right, left)

    def test_absent_is_only_absent_and_unknown_is_nothing(self, dialect: Dialect, models: Models) -> None:
        """A device that could not be read must never look settled, nor an empty one like null."""
        key = self.sample().key
        for path, values in self.typed(dialect, models).items():
            others: list[Known] = [None, UNKNOWN, *(value.value for value in values)]
            assert dialect.same(models, key, path, ABSENT, ABSENT)
            assert not dialect.same(models, key, path, UNKNOWN, UNKNOWN)
            for other, missing in product(others, (ABSENT, UNKNOWN)):
                assert not dialect.same(models, key, path, missing, other)
                assert not dialect.same(models, key, path, other, missing)

    def test_odd_values_can_be_compared(self, dialect: Dialect, models: Models) -> None:
        """Clouds answer any JSON: nothing raises, and both ways round give one answer."""
        key, odd = self.sample().key, [value for value in ODD_VALUES if _is_json(value)]
        for path, left, right in product(self.typed(dialect, models), odd, odd):
            there = dialect.same(models, key, path, left, right)
            assert there is dialect.same(models, key, path, right, left), (path, left, right)

    @pytest.mark.parametrize("is_now", [False, True])
    def test_requests_carry_every_write_once(self, dialect: Dialect, models: Models, *, is_now: bool) -> None:
        """Whatever the order they come in, within the vendor's limits, and nothing else."""
        writes = self.writes(dialect, models)
        actions = dialect.write_actions(writes, {}, Delivery(), is_now=is_now)
        assert sorted(map(repr, writes_in(actions))) == sorted(map(repr, writes))
        assert all(self.sample().fits(action) for action in actions)
        for number in range(len(writes)):
            turned = [*writes[number:], *writes[:number]]
            assert list(dialect.write_actions(turned, {}, Delivery(), is_now=is_now)) == list(actions)
        assert list(dialect.write_actions([], {}, Delivery(), is_now=is_now)) == []

    @pytest.mark.parametrize("is_now", [False, True])
    def test_requests_are_data(self, dialect: Dialect, models: Models, *, is_now: bool) -> None:
        """They are saved with a plan and read back; a secret stays a marker in them."""
        writes = [replace(write, value=MARKER, value_type=None) for write in self.writes(dialect, models)]
        for chosen in (self.writes(dialect, models), writes):
            for action in dialect.write_actions(chosen, {}, Delivery(), is_now=is_now):
                text = json.dumps(to_request(action))
                assert from_request(action.kind, json.loads(text)) == action
                assert not any(secret in text for secret in self.sample().credentials.values())

    @pytest.mark.parametrize("is_now", [False, True])
    def test_requests_are_of_the_kinds_it_can_do(
        self, dialect: Dialect, models: Models, capabilities: Capabilities, *, is_now: bool
    ) -> None:
        """A queue is used where there is one and nobody waits; versions guard where the cloud keeps them."""
        writes = self.writes(dialect, models)
        versions = {write.path: number for number, write in enumerate(writes, start=3)}
        for action in dialect.write_actions(writes, versions, Delivery(), is_now=is_now):
            assert capabilities.has_queue or not isinstance(action, _QUEUED)
            assert capabilities.has_cloud_copy == isinstance(action, _IN_CLOUD)
            assert not is_now or not isinstance(action, _QUEUED)
            if isinstance(action, SetDesired):
                assert dict(action.versions) == {path: versions[path] for path in touched(action)}

    def test_capabilities_go_together(self, capabilities: Capabilities) -> None:
        """Manifests have two sections; a limit is one of a queue."""
        assert capabilities.section in ("resources", "properties")
        assert capabilities.queue_limit is None or (capabilities.has_queue and capabilities.queue_limit > 0)

    @pytest.mark.parametrize("is_refresh_all", [False, True])
    def test_look_asks_for_what_there_is(
        self, dialect: Dialect, models: Models, capabilities: Capabilities, *, is_refresh_all: bool
    ) -> None:
        """No queue, no look at it; open commands are always asked for; a full refresh reads values."""
        paths = list(self.typed(dialect, models))

        def look(paths: list[str], uuids: tuple[str, ...]) -> Look:
            return dialect.needs_look(paths, is_refresh_all=is_refresh_all, wants_uplink=False, uuids=uuids)

        seen = look(paths, ("u1",))
        assert seen == look(paths, ("u1",))
        assert set(seen.paths) <= set(paths)
        assert capabilities.has_queue == ("u1" in seen.uuids)
        assert capabilities.has_queue or not seen.wants_queue
        assert capabilities.has_cloud_copy == seen.wants_cloud
        assert seen.wants_reported or seen.wants_cloud or not is_refresh_all

    def test_commands_run_where_it_says_so(self, dialect: Dialect, capabilities: Capabilities) -> None:
        """As one request that can be saved; elsewhere nobody may ask for one."""
        if not capabilities.can_execute:
            with pytest.raises(ValueError, match=_RUNS.name):
                dialect.run_action(_RUNS, "trigger:once", Delivery(), is_now=False)
            return
        for command, is_now in product(self.sample().commands, (False, True)):
            action = dialect.run_action(command, "trigger:once", Delivery(), is_now=is_now)
            assert isinstance(action, ExecuteNow if is_now or not capabilities.has_queue else QueueExecute)
            assert isinstance(action, ExecuteNow | QueueExecute)
            assert (action.command, action.run_key, action.args) == (command.name, "trigger:once", command.args)
            assert from_request(action.kind, to_request(action)) == action

    def test_audit_never_raises(self, dialect: Dialect, models: Models) -> None:
        """Whatever `read_value` let through, owned by anybody, with any command; and each problem has its place."""
        sample = self.sample()
        for document in self.documents(dialect, models):
            names = {*(r.path for r in document.resources), *(c.name for c in document.commands)}
            for place, problem in dialect.audit(models, sample.key, document):
                assert place in names
                assert refused(problem)

    def documents(self, dialect: Dialect, models: Models) -> Iterator[DesiredDocument]:
        """Documents of sample values, of every odd value that is taken, and of nothing."""
        typed = self.typed(dialect, models)
        odd = {
            path: [*filter(None, (self.read(dialect, models, path, value, None) for value in (*ODD_VALUES, MARKER)))]
            for path in typed
        }
        commands = (*self.sample().commands, _RUNS, replace(_RUNS, name="long", args="x" * 9000))
        yield DesiredDocument.build((), (), Delivery())
        yield DesiredDocument.build((), commands, Delivery())
        for found, ownership in product((typed, odd), Ownership):
            for number in range(max(map(len, found.values()))):
                chosen = {path: values[number % len(values)] for path, values in found.items() if values}
                yield DesiredDocument.build(_resources(chosen, ownership), commands, Delivery())

    def test_models_are_read_or_told(self, dialect: Dialect) -> None:
        """The sample's without a word; broken, huge and foreign files never raise."""
        sample = self.sample()
        assert list(dialect.load_models(sample.models).problems) == []
        for files in ([], ODD_FILES, *([file] for file in ODD_FILES)):
            for name, problem in dialect.load_models(files).problems:
                assert name in {file.name for file in files}
                assert refused(problem)

    def test_configuration_is_checked_and_never_raises(self, dialect: Dialect) -> None:
        """The sample's has no errors; anything else may have, in words."""
        sample = self.sample()
        assert not [p for p in dialect.check_config(sample.config) if not p.is_warning]
        for spec in ({}, *({**sample.config.spec, name: value} for name in sample.config.spec for value in _ODD_SPECS)):
            config = replace(sample.config, spec={**spec, "type": sample.config.type})
            assert all(refused(problem) for problem in dialect.check_config(config))


_ODD_SPECS: tuple[Json, ...] = (None, "", 0, [], {}, "http://[", {"env": None}, {"api": []})


def _is_json(value: Json) -> bool:
    """JSON has no infinity; clients refuse it while they read an answer."""
    return not isinstance(value, float) or math.isfinite(value)


def _resources(chosen: Mapping[str, TypedValue], ownership: Ownership) -> tuple[DesiredResource, ...]:
    return tuple(DesiredResource(path, v.value, v.value_type, ownership) for path, v in chosen.items())


def writes_in(actions: object) -> Iterator[Write]:
    """The writes that requests carry."""
    assert isinstance(actions, list | tuple)
    for action in actions:
        _check_known(action)
        match action:
            case WriteNow() | QueueWrite():
                yield from action.writes
            case SetDesired():
                yield from action.items


def _check_known(action: Action) -> None:
    assert isinstance(action, WriteNow | QueueWrite | SetDesired), "a write is sent by one of these"

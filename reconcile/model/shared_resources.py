"""Recorded resources of a device that many devices hold alike: said once, with each device's own times beside it.

Premise: what one profile wrote to ten thousand devices is recorded ten thousand times, the same but for when.
Rule: a `Form` is what such devices share, with places where each says a time of its own. A device's resources are a
form and its times; they are made when somebody asks for them. Who asks nothing of times takes those of the form.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence, ValuesView
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from reconcile.model.values import canonical

if TYPE_CHECKING:
    from reconcile.model.recorded import RecordedResource

Make: TypeAlias = "Callable[[Sequence[str]], Mapping[str, RecordedResource]]"
"""Resources by path, given the times of a device as RFC 3339, one for each place."""

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class Form:
    """What devices hold alike. `resources` are those of one of them: the others' differ in their times only."""

    __slots__ = ("_between", "_places", "make", "resources")

    def __init__(self, make: Make, times: Sequence[str]) -> None:
        self.make = make
        self.resources = make(times)
        marks = [(_BEGINNING + timedelta(seconds=place)).isoformat() for place in range(len(times))]
        places = {datetime.fromisoformat(mark): place for place, mark in enumerate(marks)}
        marked = make(marks)
        self._between = _between(marked)
        self._places = [places[marked[path].accepted_at] for path in sorted(marked)]

    def spell(self, times: Sequence[str]) -> bytes:
        """As `spelled`, of a device with these times."""
        first, *rest = self._between
        return first + b"".join([_stamp(times[at]) + text for at, text in zip(self._places, rest, strict=True)])


class SharedResources(Mapping[str, "RecordedResource"]):
    """Resources by path that a device holds as others do; `form` says what, its times are made with them."""

    __slots__ = ("_made", "_times", "form")

    def __init__(self, form: Form, times: tuple[str, ...]) -> None:
        self.form, self._times = form, times
        self._made: Mapping[str, RecordedResource] | None = None

    def _all(self) -> Mapping[str, RecordedResource]:
        if self._made is None:
            self._made = self.form.make(self._times)
        return self._made

    def spell(self) -> bytes:
        """As `spelled`."""
        return self.form.spell(self._times)

    def __getitem__(self, path: str) -> RecordedResource:
        return self._all()[path]

    def __contains__(self, path: object) -> bool:
        return path in self.form.resources

    def __iter__(self) -> Iterator[str]:
        return iter(self.form.resources)

    def __len__(self) -> int:
        return len(self.form.resources)

    def items(self) -> ItemsView[str, RecordedResource]:
        """Paths and resources."""
        return self._all().items()

    def values(self) -> ValuesView[RecordedResource]:
        """The resources."""
        return self._all().values()

    def __repr__(self) -> str:
        return repr(self._all())


def timeless(resources: Mapping[str, RecordedResource]) -> Mapping[str, RecordedResource]:
    """The same for who asks nothing of times: those may be another device's."""
    return resources.form.resources if isinstance(resources, SharedResources) else resources


def spelled(resources: Mapping[str, RecordedResource]) -> bytes:
    """Canonical JSON of what a plan for a device is computed from: an entry for each, in the order of paths."""
    if isinstance(resources, SharedResources):
        return resources.spell()
    first, *rest = _between(resources)
    times = [resources[path].accepted_at for path in sorted(resources)]
    return first + b"".join([_spell(at) + text for at, text in zip(times, rest, strict=True)])


def _between(resources: Mapping[str, RecordedResource]) -> list[bytes]:
    """What stands before, between and after the times when each was accepted."""
    sorted_by_path = [resources[path] for path in sorted(resources)]
    begun = [
        canonical([one.path, one.value, one.value_type, one.version, one.command_uuid])[:-1] + b","
        for one in sorted_by_path
    ]
    return [b"[" + begun[0], *(b"]," + each for each in begun[1:]), b"]]"] if begun else [b"[]"]


def _spell(at: datetime) -> bytes:
    return repr(at.timestamp()).encode()


@lru_cache(maxsize=4096)
def _stamp(text: str) -> bytes:
    return _spell(datetime.fromisoformat(text))

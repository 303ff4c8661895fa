"""Reads what devices hold: of the cloud's own copies first, from a device itself only within a budget of calls.

| device                   | what is read                                                                   |
| ------------------------ | ------------------------------------------------------------------------------ |
| with a cloud copy        | the desired value, else what the device last reported                          |
| without (LwM2M)          | the newest data point, five hundred devices a call; else the device, if online |

What nobody could say is left out by name; it is never taken for absent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field

from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import CallFailed
from reconcile.model.late import dataclass
from reconcile.model.observed import Look, ObservedDevice, ObservedResource
from reconcile.model.values import Missing
from reconcile.ports import Client, Dialect, Surveyor, TakesStock
from reconcile.runs.adoption.declaring import LEFT_TO_PEOPLE, Account, reading_of
from reconcile.runs.adoption.notes import Notes, recalled
from reconcile.runs.adoption.subject import Chosen, Subject

_WIDTH = 64
_BATCH = 500
_BUDGET = "the budget of calls to devices (--reads) was used up"


@dataclass(slots=True)
class Budget:
    """Calls that may still be made to devices themselves."""

    left: int
    used: int = 0

    def take(self, calls: int) -> bool:
        """True when that many were left; they are gone then."""
        if calls > self.left:
            return False
        self.left -= calls
        self.used += calls
        return True


@dataclass(slots=True)
class Survey:
    """One import's reading: accounts by platform, the budget, and notes to go on from.

    `secrets` are resources that manifests declare as secrets already: their values are not even looked at. `lacking`
    says why a model could not be had, by platform and model key.
    """

    accounts: Mapping[str, Account]
    budget: Budget
    notes: Notes
    progress: Callable[[int, int], None]
    asks_devices: bool = True
    secrets: Mapping[DeviceRef, frozenset[str]] = field(default_factory=dict)
    lacking: Mapping[tuple[str, str], str] = field(default_factory=dict)
    _known: dict[DeviceRef, ObservedDevice] = field(default_factory=dict)

    async def read(self, devices: Sequence[Chosen]) -> list[Subject]:
        """Every device with what was read of it, in order. Raises nothing for a device: `problem` says why."""
        noted = self.notes.read()
        done = {one.ref: found for one in devices if (found := _again(one, noted.get(one.ref)))}
        for ref, subject in done.items():  # declared as secrets since they were noted
            for path in self.secrets.get(ref, frozenset()) & subject.readings.keys():
                del subject.readings[path]
                subject.left[path] = LEFT_TO_PEOPLE
        left = [one for one in devices if one.ref not in done]
        for start in range(0, len(left), _BATCH):
            batch = left[start : start + _BATCH]
            await self._learn(batch)
            queue = iter(batch)

            async def worker(queue: Iterable[Chosen] = queue) -> None:
                for chosen in queue:
                    done[chosen.ref] = subject = await self._one(chosen)
                    if subject.problem is None and not subject.is_unfinished:
                        self.notes.add(subject)
                    self.progress(len(done), len(devices))

            await asyncio.gather(*(worker() for _ in range(min(_WIDTH, len(batch)))))
            self._known.clear()
        return [done[one.ref] for one in devices]

    async def _learn(self, batch: Sequence[Chosen]) -> None:
        """What clouds know of many devices at once, where there is no copy to look at."""
        for name, account in self.accounts.items():
            mine = [
                (one.ref, one.identity)
                for one in batch
                if one.ref.platform == name and not _has_copy(account.dialect, one.identity)
            ]
            if mine and isinstance(account.client, Surveyor):
                self._known |= {seen.ref: seen for seen in await account.client.survey(mine)}

    async def _one(self, chosen: Chosen) -> Subject:
        account = self.accounts[chosen.ref.platform]
        subject, dialect = Subject(chosen), account.dialect
        if not isinstance(dialect, TakesStock):
            subject.problem = "this platform cannot say what its devices hold"
            return subject
        key = dialect.model_key(chosen.identity)
        if _has_copy(dialect, chosen.identity):
            paths = dialect.stock(account.models, key, ())
            if not paths:
                why = self.lacking.get((chosen.ref.platform, key), "its cloud was not asked for one")
                product = f"product {key.rpartition(':')[2]}" if key else "devices named by iotId alone"
                subject.problem = f"{product}: no device model says what may be set; {why}. Put a model into `models:`"
                return subject
            look = Look(paths=tuple(paths), wants_cloud=True, wants_reported=True)
            seen = await account.client.observe(chosen.ref, chosen.identity, look)
            if seen.problem is not None:
                subject.problem = seen.problem
                return subject
            self._take(subject, account, key, paths, seen.resources)
        else:
            await self._device(subject, account, key)
        return subject

    async def _device(self, subject: Subject, account: Account, key: str) -> None:
        """A device without a cloud copy: its data points, then what it answers itself."""
        chosen, dialect = subject.chosen, account.dialect
        assert isinstance(dialect, TakesStock)
        seen = self._known.get(chosen.ref, ObservedDevice(chosen.ref))
        if seen.problem is not None:
            subject.problem = seen.problem
            return
        points = dict(seen.resources)
        listed = await self._listed(subject, account.client)
        if subject.problem is not None:
            return
        paths = dialect.stock(account.models, key, (*points, *listed))
        missing = [path for path in paths if isinstance(points.get(path, ObservedResource()).reported, Missing)]
        if missing and seen.is_online is not False and self.asks_devices:
            calls = 2 + len({path.rpartition("/")[0] for path in missing})
            if self.budget.take(calls):
                look = Look(paths=tuple(missing), wants_reported=True)
                answered = await account.client.observe(chosen.ref, chosen.identity, look)
                points |= answered.resources
            else:
                subject.is_unfinished = True
        self._take(subject, account, key, paths, points)
        if subject.is_unfinished:
            subject.left |= {path: _BUDGET for path in missing if path in subject.left}

    async def _listed(self, subject: Subject, client: Client) -> Sequence[str]:
        if not isinstance(client, Surveyor) or not self.asks_devices:
            return ()
        try:
            return await client.noted(subject.chosen.identity)
        except CallFailed as exc:
            subject.problem = str(exc)
            return ()

    def _take(
        self, subject: Subject, account: Account, key: str, paths: Sequence[str], found: Mapping[str, ObservedResource]
    ) -> None:
        secrets = self.secrets.get(subject.chosen.ref, frozenset())
        for path in paths:
            seen = found.get(path, ObservedResource())
            taken = LEFT_TO_PEOPLE if path in secrets else reading_of(account, key, path, seen)
            if isinstance(taken, str):
                subject.left[path] = taken
            else:
                subject.readings[path] = taken


def _again(chosen: Chosen, body: object) -> Subject | None:
    return recalled(chosen, body) if isinstance(body, dict) else None


def _has_copy(dialect: Dialect, identity: Identity) -> bool:
    return dialect.capabilities(dialect.model_key(identity)).has_cloud_copy

"""Which device goes in which wave: canaries first, then in the order of a label, then as the rollout's digest falls.

Premise: a wave's devices must not depend on when one asks, and no device is always the guinea pig.
Rule: a device that was sent keeps its wave. The others fill the waves by a key made of the rollout's id and the
device's name. A device that proved silent holds no place: another one takes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import ceil, inf

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.rollout import Rollout


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device that is still to be changed. `model` is what its platform calls its kind; `silence_s`: how long it is
    silent between two uplinks, as a rule; None when nobody knows.
    """

    ref: DeviceRef
    labels: Mapping[str, str]
    model: str = ""
    silence_s: float | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A device that was sent, in its wave. `is_parked`: it proved silent."""

    ref: DeviceRef
    wave: int
    labels: Mapping[str, str]
    model: str = ""
    is_parked: bool = False


class TooManyCanariesError(Exception):
    """More combinations than the wave allows devices: `args` are what is needed, and what is allowed."""


def combination(cover: Sequence[str], labels: Mapping[str, str], model: str) -> tuple[str, ...]:
    """What a canary stands for. `model` is the label of that name, or else the platform's own word for it."""
    return tuple(labels.get(name, model if name == "model" else "") for name in cover)


def assign(rollout: Rollout, waiting: Sequence[Candidate], sent: Sequence[Placed]) -> dict[DeviceRef, int]:
    """The wave, from 1, of every device that is still to be changed. Raises: TooManyCanariesError."""
    queue = sorted(waiting, key=lambda device: _key(rollout, device))
    total = len(waiting) + len(sent)
    placed = Counter(device.wave for device in sent if not device.is_parked)
    waves: dict[DeviceRef, int] = {}
    for number, wave in enumerate(rollout.waves, start=1):
        if wave.cover:
            chosen = canaries(rollout, wave.cover, queue, [device for device in sent if not device.is_parked])
            needed = len(chosen) + placed[number]
            if wave.at_most is not None and needed > wave.at_most:
                raise TooManyCanariesError(needed, wave.at_most)
        else:
            target = wave.count if wave.count is not None else ceil(round((wave.percent or 0) * total / 100, 6))
            before = len(waves) + sum(count for at, count in placed.items() if at <= number)
            room = len(queue) if number == len(rollout.waves) else max(0, target - before)
            chosen = [device.ref for device in queue[:room]]
        waves.update(dict.fromkeys(chosen, number))
        queue = [device for device in queue if device.ref not in waves]
    return waves


def canaries(
    rollout: Rollout, cover: Sequence[str], waiting: Iterable[Candidate], sent: Iterable[Placed]
) -> list[DeviceRef]:
    """One device for each combination that none was sent for yet: of those alike, the one heard most often.

    A device has one combination, so one each is the fewest there can be; no search is needed.
    """
    covered = {combination(cover, device.labels, device.model) for device in sent}
    best: dict[tuple[str, ...], Candidate] = {}
    for device in waiting:
        mine = combination(cover, device.labels, device.model)
        if mine not in covered and (mine not in best or _soon(rollout, device) < _soon(rollout, best[mine])):
            best[mine] = device
    return [best[mine].ref for mine in sorted(best)]


def _soon(rollout: Rollout, device: Candidate) -> tuple[float, str]:
    return (inf if device.silence_s is None else device.silence_s, _shuffled(rollout, device.ref))


def _key(rollout: Rollout, device: Candidate) -> tuple[int, str]:
    label, values = rollout.order
    value = device.labels.get(label)
    return (values.index(value) if value in values else len(values), _shuffled(rollout, device.ref))


def _shuffled(rollout: Rollout, ref: DeviceRef) -> str:
    return sha256(f"{rollout.id} {ref}".encode()).hexdigest()

"""OneNET keeps the contract of a platform, on each pair of API generations that can look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from onenet_samples import CLASSIC, CURRENT, DEVICE, STUDIO

from reconcile.emulator import EmulatorThread, World
from reconcile.testing.platform_contract import PlatformContract, Sample


class TestClassic(PlatformContract):
    generation = CLASSIC

    def sample(self) -> Sample:
        return self.generation.sample

    @contextmanager
    def cloud(self) -> Iterator[str]:
        with EmulatorThread(World.from_records([DEVICE], now=datetime.now(UTC))) as running:
            yield running.url

    def stranger(self) -> Sample | None:
        return replace(self.sample(), fields={"imei": "865820039999999"})


class TestStudioBesideClassic(TestClassic):
    generation = STUDIO


class TestCurrent(TestClassic):
    generation = CURRENT

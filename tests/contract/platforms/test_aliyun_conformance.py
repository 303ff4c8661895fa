"""Aliyun keeps the contract of a platform, with both ways of signing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from aliyun_samples import DEVICE, PRODUCT, sample

from reconcile.emulator import EmulatorThread, World
from reconcile.testing.platform_contract import PlatformContract, Sample


class TestAcs3(PlatformContract):
    signature = "acs3"

    def sample(self) -> Sample:
        return sample(self.signature)

    @contextmanager
    def cloud(self) -> Iterator[str]:
        with EmulatorThread(World.from_records([DEVICE], now=datetime.now(UTC))) as running:
            yield running.url

    def stranger(self) -> Sample | None:
        return replace(self.sample(), fields={"productKey": PRODUCT, "deviceName": "nobody"})


class TestV1(TestAcs3):
    signature = "v1"

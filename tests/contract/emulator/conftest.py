"""A served emulator per test, and a plain HTTP client for it."""

from datetime import UTC, datetime

import httpx
import pytest
from emulator_population import RECORDS

from reconcile.emulator import EmulatorThread, World


@pytest.fixture
def emulator():
    """An emulator that started now."""
    with EmulatorThread(World.from_records(RECORDS, now=datetime.now(UTC))) as served:
        yield served


@pytest.fixture
def http(emulator):
    """A client with the master key, that trusts no proxy."""
    with httpx.Client(
        base_url=emulator.url, headers={"api-key": "emulator-master-key"}, trust_env=False, timeout=5
    ) as client:
        yield client

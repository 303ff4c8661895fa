"""Desks for the end-to-end tests."""

import os

import pytest
from desk import FLEET, LAMPS, METERS, RECORDS, Cloud, Desk, serving

REAL = (
    "test_applies",
    "test_demo",
    "test_emulate",
    "test_global_options",
    "test_key_sources",
    "test_recover",
    "test_seed_calls",
    "test_story",
    "test_third_platform",
)
"""Files whose commands are processes: the story, the four calls, signals, environments, plug-ins."""


@pytest.fixture(autouse=True, scope="module")
def processes(request):
    """Whether the commands of this file are processes of their own."""
    is_real = request.module.__name__ in REAL or bool(os.environ.get("E2E_PROCESSES"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Desk, "starts_processes", is_real)
        yield


@pytest.fixture
def cloud():
    """Both clouds with two sleeping meters and one lamp."""
    with serving(RECORDS) as emulator:
        yield Cloud(emulator.url)


@pytest.fixture
def desk(tmp_path, cloud):
    """A small fleet at those clouds: nothing recorded yet."""
    return Desk(tmp_path, cloud).write({"fleet.yaml": FLEET, "meters.yaml": METERS, "lamps.yaml": LAMPS})


@pytest.fixture
def offline(tmp_path):
    """The same manifests, and no cloud."""
    return Desk(tmp_path).write({"fleet.yaml": FLEET, "meters.yaml": METERS, "lamps.yaml": LAMPS})

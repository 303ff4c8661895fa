"""Desks for the end-to-end tests."""

import pytest
from desk import FLEET, LAMPS, METERS, RECORDS, Cloud, Desk, serving


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

"""Fixtures for the emulator's pure core."""

import pytest
from emulator_desk import Desk


@pytest.fixture
def desk():
    """Makes desks."""
    return Desk

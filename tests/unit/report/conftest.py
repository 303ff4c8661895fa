"""Fixtures for the tests of reports."""

import json
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parents[3] / "schemas"


@pytest.fixture
def schemas():
    """Reads a schema by name."""
    return lambda name: json.loads((_FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))

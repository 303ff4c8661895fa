"""Fixtures for the tests of reports."""

import json
from pathlib import Path

import pytest

_TOP = Path(__file__).parents[3]


@pytest.fixture
def schemas():
    """Reads a schema by name."""
    return lambda name: json.loads((_TOP / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def golden(update_golden):
    """Compares a text with the golden file of a name; `--update-golden` rewrites it, review reads the diff."""

    def check(name, text):
        path = _TOP / "tests" / "golden" / "report" / name
        if update_golden:
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; --update-golden rewrites it"

    return check

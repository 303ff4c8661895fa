"""`--update-golden` rewrites what golden cases expect; review reads the diff."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite the expected files of golden cases")


@pytest.fixture
def update_golden(request):
    # Absent when pytest starts above this folder: the option is known to `pytest tests/golden` only.
    return request.config.getoption("--update-golden", default=False)

"""A real browser, the machine's own: Chromium or Chrome. In CI it must be there (`.ci/machine`)."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "unit" / "report"))

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def chromium():
    """One browser for all tests of a file; each test opens its own context.

    Not longer: while it is there its driver's event loop counts as running, and no other test may run one.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        assert not os.environ.get("CI"), f"CI needs a browser: none of {', '.join(_NAMES)}; run .ci/machine"
        pytest.skip(f"no browser: none of {', '.join(_NAMES)} is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--disable-dev-shm-usage"])
        yield browser
        browser.close()

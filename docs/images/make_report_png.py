# ruff: noqa: INP001 - a script, not a package
"""Takes the pictures of the report's page for the documents, in the machine's Chromium (.ci/machine).

    .venv/bin/python docs/images/make_report_png.py

The plan is that of make_plan_svg.py: the example fleet against the emulator, with two lines changed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from make_plan_svg import example_plan
from playwright.sync_api import Browser, sync_playwright

from reconcile.model.plan import Plan
from reconcile.report.html.page import plan_page

HERE = Path(__file__).resolve().parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1180, "height": 1240}


def main() -> None:
    """Writes report.png, and report.zh.png in dark."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        plan = example_plan(folder)
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        if found is None:
            sys.exit(f"no browser: none of {', '.join(BROWSERS)} is installed; .ci/machine installs one")
        browser = driver.chromium.launch(executable_path=found)
        _light(browser, _page(plan, folder, "en"))
        _dark(browser, _page(plan, folder, "zh"))
        browser.close()


def _page(plan: Plan, folder: Path, lang: str) -> str:
    file = folder / f"{lang}.html"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(plan_page(plan, lang=lang))
    return file.as_uri()


def _light(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=SIZE, color_scheme="light")
    page.goto(address)
    page.screenshot(path=HERE / "report.png")


def _dark(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport=SIZE, color_scheme="dark")
    page.goto(address)
    page.fill("#search", "meter-00")
    page.wait_for_timeout(500)  # a reader types on before the list follows
    page.evaluate("document.getElementById('time').scrollIntoView()")
    page.screenshot(path=HERE / "report.zh.png")


if __name__ == "__main__":
    main()

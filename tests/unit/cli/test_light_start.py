"""What a command must not load before it has begun: every start would pay for it."""

import subprocess
import sys

import pytest

FORBIDDEN = {
    "reconcile.cli.root": (
        "asyncio",
        "yaml",
        "jsonschema",
        "httpx",
        "aiohttp",
        "deepdiff",
        "sqlite3",
        "hashlib",
        "json",
        "reconcile.model",
        "reconcile.report",
    ),
    "reconcile.runs.plan": (
        "yaml",
        "aiohttp",
        "httpx",
        "jsonschema",
        "deepdiff",
        "reconcile.emulator",
        "asyncio",
        "psycopg",
    ),
    "reconcile.runs.recorded_device": ("reconcile.planner", "reconcile.runs.plan", "asyncio", "difflib", "subprocess"),
    "reconcile.runs.explain": ("asyncio", "difflib", "subprocess", "yaml"),
    "reconcile.cli.explain": ("asyncio", "reconcile.model.device"),
    "reconcile.cli.status": ("asyncio", "reconcile.model.device"),
    "reconcile.cli.state": ("asyncio", "reconcile.model.device", "reconcile.runs"),
    "reconcile.platforms.aliyun.client": ("aiohttp", "httpx"),
    "reconcile.platforms.onenet.client": ("aiohttp", "httpx"),
    "reconcile.runs.apply": (
        "aiohttp",
        "httpx",
        "reconcile.planner",
        "reconcile.emulator",
        "jsonschema",
        "deepdiff",
        "psycopg",
    ),
}


@pytest.mark.parametrize("module", FORBIDDEN)
def test_a_start_loads_only_what_it_needs(module):
    said = subprocess.run(
        [sys.executable, "-c", f"import {module}, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(said.stdout.split())

    assert module in loaded
    assert not {one for one in FORBIDDEN[module] if one in loaded}

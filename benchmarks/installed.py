"""`reconcile` as its users install it: an environment of its own with the locked packages and no development tools.

Beside linters and test tools some libraries import more (httpx looks for `rich`), which no user pays for.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "benchmark-venv"


def script() -> Path:
    """The installed `reconcile`; made anew, as the README's first command makes it, when the lock file has changed."""
    lock = ROOT / "requirements.lock"
    found = VENV / "bin" / "reconcile"
    stamp = VENV / "made-from"
    made_from = f"{sys.version} {hashlib.sha256(lock.read_bytes()).hexdigest()}"
    if not (found.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == made_from):
        print("  installing reconcile from requirements.lock", file=sys.stderr, flush=True)
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "-q"]
        for step in (
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            [*pip, "--require-hashes", "-r", str(lock)],
            [*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)],
        ):
            subprocess.run(step, check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(made_from, encoding="utf-8")
    return found


def bring_postgres() -> None:
    """Installs there what the extra `postgres` brings, in the version that is tested here."""
    script()
    if not any(VENV.glob("lib/python*/site-packages/psycopg_binary")):
        wanted = f"psycopg[binary]=={version('psycopg')}"
        subprocess.run([str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", wanted], check=True)

"""Golden files: the text a report must give; RECONCILE_UPDATE_GOLDEN=1 rewrites them, review reads the diff."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "golden" / "report"


def check(name: str, text: str) -> None:
    """Compares with the file of that name."""
    path = FOLDER / name
    if os.environ.get("RECONCILE_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8"), f"{name} differs; RECONCILE_UPDATE_GOLDEN=1 rewrites it"

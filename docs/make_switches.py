# ruff: noqa: INP001, S603 - a script, not a package; it starts this program with words that stand here
"""Writes the table of switches in docs/emulator.md, from what `GET /_emulator/switches` answers.

.venv/bin/python docs/make_switches.py            # writes
.venv/bin/python docs/make_switches.py --check    # exit 1 when the table is out of date
"""

from __future__ import annotations

import json
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "emulator.md"
BEGIN, END = "<!-- switches -->", "<!-- /switches -->"


def main() -> int:
    """Writes the table, or with `--check` says whether it is as it must be."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    made = f"{head}{BEGIN}\n{_table(_switches())}\n{END}{tail}"
    if "--check" in sys.argv:
        return int(made != text)
    PAGE.write_text(made, encoding="utf-8")
    return 0


def _switches() -> list[dict[str, str]]:
    words = [sys.executable, "-m", "reconcile", "--manifests", str(ROOT / "manifests"), "emulate", "--port", "0"]
    serve = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert serve.stdout is not None
        connection = HTTPConnection(serve.stdout.readline().split()[-1].removeprefix("http://"))
        connection.request("GET", "/_emulator/switches")
        found: list[dict[str, str]] = json.load(connection.getresponse())
        connection.close()
        return found
    finally:
        serve.terminate()
        serve.wait()


def _table(switches: list[dict[str, str]]) -> str:
    rows = ["| switch | answers, the default first | question | hangs on |", "| --- | --- | --- | --- |"]
    for switch in switches:
        choices = ", ".join(f"`{choice}`" for choice in switch["choices"])
        cells = (f"`{switch['name']}`", choices, switch["about"], switch["reference"])
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())

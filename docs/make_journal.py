# ruff: noqa: INP001 - a script, not a package
"""Writes the diagram of an attempt's life in docs/state-and-recovery.md, from the table the journal is held against.

.venv/bin/python docs/make_journal.py            # writes
.venv/bin/python docs/make_journal.py --check    # exit 1 when the diagram is out of date
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from reconcile.model.attempt_machine import TABLE, edges

PAGE = Path(__file__).resolve().parent / "state-and-recovery.md"
BEGIN, END = "<!-- attempt -->", "<!-- /attempt -->"


def main() -> int:
    """Writes the diagram, or with `--check` says whether it is as it must be."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    made = f"{head}{BEGIN}\n{_diagram()}\n{END}{tail}"
    if "--check" in sys.argv:
        return int(made != text)
    PAGE.write_text(made, encoding="utf-8")
    return 0


def _diagram() -> str:
    return "\n".join(("```mermaid", "stateDiagram-v2", *_lines(), "```"))


def _lines() -> Iterator[str]:
    yield "    [*] --> PENDING"
    words: dict[tuple[str, str], list[str]] = {}
    for state, event, after in edges():
        words.setdefault((state, after), []).append(event.value)
    for (before, after), said in words.items():
        yield f"    {before} --> {after}: {', or '.join(said)}"
    for state, events in TABLE.items():
        if not events and state is not None:
            yield f"    {state.value} --> [*]"


if __name__ == "__main__":
    sys.exit(main())

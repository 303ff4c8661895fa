# ruff: noqa: INP001, S603 - a script, not a package; it starts this program with words that stand here
"""Draws docs/images/plan.svg and plan.zh.svg from a real plan of manifests/.

    .venv/bin/python docs/images/make_plan_svg.py

In a scratch folder, with the emulator: apply the example fleet, let the sleepers wake, change one line of a profile and
one of another, and plan. The text in the picture is what `reconcile plan` prints on a terminal of 80 columns.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from xml.sax.saxutils import escape

from reconcile.model.plan import Plan
from reconcile.report.text import plan_text
from reconcile.runs.planfile import read_plan

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
RECONCILE = [sys.executable, "-m", "reconcile"]
EDITS = (
    ("profiles/meters.yaml", "5603: 2.0", "5603: 3.0"),
    ("profiles/lamps.yaml", "Brightness: 100", "Brightness: 90"),
)
KEYS = {
    "ONENET_MASTER_KEY": "emulator-master-key",
    "ONENET_ACCESS_KEY": "ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA=",
    "ALIYUN_AK": "emulator-ak",
    "ALIYUN_SK": "emulator-secret",
}

COLUMNS, CELL, LINE, MARGIN, BAR = 80, 8.4, 19, 18, 30
BACK, INK, FAINT = "#0f1720", "#d7dee6", "#8796a5"
COLOURS = {"31": "#ff8f8f", "32": "#7ee2a8", "33": "#f2cc60", "34": "#7fb4ff", "35": "#d3a4ff", "36": "#70d7e6"}
FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace"
_SGR = re.compile(r"\x1b\[([0-9;]*)m")


def main() -> None:
    """Draws both pictures."""
    with tempfile.TemporaryDirectory() as name:
        plan = example_plan(Path(name))
    for lang, file in (("en", "plan.svg"), ("zh", "plan.zh.svg")):
        lines = plan_text(plan, lang=lang, color=True, width=COLUMNS).rstrip().split("\n")
        (HERE / file).write_text(_svg(lines), encoding="utf-8")


def example_plan(scratch: Path) -> Plan:
    """The plan that all pictures show, made in an empty folder."""
    fleet = scratch / "manifests"
    shutil.copytree(ROOT / "manifests", fleet, ignore=shutil.ignore_patterns(".*"))
    serve = subprocess.Popen(
        [*RECONCILE, "--manifests", str(fleet), "emulate", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert serve.stdout is not None
        url = serve.stdout.readline().split()[-1]
        ends = [word for name in ("onenet-prod", "aliyun-prod") for word in ("--endpoint", f"{name}={url}")]
        common = [*RECONCILE, "--manifests", str(fleet), "--state", f"sqlite:///{scratch}/state.db", *ends]

        def run(*words: str) -> None:
            subprocess.run([*common, *words], env=os.environ | KEYS, check=True, stdout=subprocess.DEVNULL)

        run("apply", "--yes")
        clock = HTTPConnection(url.removeprefix("http://"))
        clock.request("POST", "/_emulator/clock", b'{"advance_s": 7200}')
        clock.getresponse().read()
        clock.close()
        run("status", "--refresh")
        for file, before, after in EDITS:
            text = (fleet / file).read_text(encoding="utf-8")
            assert before in text, (file, before)
            (fleet / file).write_text(text.replace(before, after), encoding="utf-8")
        run("plan", "-o", str(scratch / "plan"))
        return read_plan(scratch / "plan")
    finally:
        serve.terminate()
        serve.wait()


def _svg(lines: list[str]) -> str:
    width = round(COLUMNS * CELL + 2 * MARGIN)
    height = BAR + len(lines) * LINE + 2 * MARGIN
    body: list[str] = []
    codes: list[str] = []
    for number, text in enumerate(lines):
        body.extend(_row(text, BAR + MARGIN + (number + 0.75) * LINE, codes))
    dots = "".join(
        f'<circle cx="{MARGIN + 18 * n}" cy="{BAR // 2 + 3}" r="5.5" fill="{c}"/>'
        for n, c in enumerate(("#e5675f", "#e5b94f", "#63b866"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" aria-label="reconcile plan">\n'
        f'<rect width="{width}" height="{height}" rx="9" fill="{BACK}"/>{dots}\n'
        f'<text x="{width / 2}" y="{BAR // 2 + 7}" fill="{FAINT}" font-size="12" text-anchor="middle" '
        'font-family="sans-serif">reconcile plan</text>\n'
        '<g xml:space="preserve" font-size="14" '
        f'font-family="{FONTS}">\n' + "\n".join(body) + "\n</g>\n</svg>\n"
    )


def _row(text: str, y: float, codes: list[str]) -> Iterator[str]:
    column = 0
    for style, run in _runs(text, codes):
        for part in re.findall(r" +|[^ ]+", run):
            cells = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in part)
            if part.strip():
                x = MARGIN + column * CELL
                yield (
                    f'<text x="{x:.1f}" y="{y:.1f}" textLength="{cells * CELL:.1f}" lengthAdjust="spacingAndGlyphs"'
                    f"{style}>{escape(part)}</text>"
                )
            column += cells


def _runs(text: str, codes: list[str]) -> Iterator[tuple[str, str]]:
    """Attributes and text of each coloured run; `codes` are those in force, which outlive a line."""
    for position, piece in enumerate(_SGR.split(text)):
        if position % 2:
            codes[:] = [] if piece in ("", "0") else [*codes, *piece.split(";")]
        elif piece:
            colour = next((COLOURS[code] for code in reversed(codes) if code in COLOURS), None)
            fill = colour or (FAINT if "2" in codes else INK)
            yield f' fill="{fill}"' + (' font-weight="bold"' if "1" in codes else ""), piece


if __name__ == "__main__":
    main()

"""`python -m benchmarks`: runs all benchmarks and writes the tables into `docs/performance.md` and `reliability.md`.

`--page` takes one of the two. `python -m benchmarks --smoke` runs each of them small and once, and prints instead of
writing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import (
    apply_memory,
    apply_sets,
    calls,
    delivery,
    gitref,
    import_fleet,
    models,
    peers,
    plan_10k,
    plan_growth,
    preview,
    refresh,
    reliability,
    scale,
    scale_postgres,
    startup,
    validate_files,
)
from benchmarks.measure import ROOT, Counts, Failed, Table, log
from benchmarks.table import render, replace_between_markers, replace_sections

PAGE = ROOT / "docs" / "performance.md"
Tables = Table | Counts | tuple[Table, Counts] | tuple[()]


def main() -> int:
    """0 when every benchmark ran; a page of which one failed was not written."""
    options = _options()
    failures = 0
    if options.page != "reliability":
        tables, failed = _measured(_benchmarks(options), options)
        failures += failed
        _publish(PAGE, render(tables, options.repeat) if tables else "", options, has_failed=bool(failed))
    if options.page != "performance":
        counts, failed = _measured(reliability.benchmarks(is_smoke=options.smoke), options)
        failures += failed
        _publish(reliability.PAGE, reliability.render(counts) if counts else "", options, has_failed=bool(failed))
    return 1 if failures else 0


def _measured(benchmarks: Mapping[str, Callable[[], Any]], options: argparse.Namespace) -> tuple[list[Any], int]:
    """The tables of those that were asked for, and how many failed."""
    tables: list[Any] = []
    failures = 0
    for name, run in benchmarks.items():
        if options.only and name not in options.only:
            continue
        log(name)
        try:
            found = run()
            tables += found if isinstance(found, tuple) else (found,)
        except Failed as failure:
            failures += 1
            log(f"  FAILED {failure}")
    return tables, failures


def _publish(page: Path, text: str, options: argparse.Namespace, *, has_failed: bool) -> None:
    is_update = options.update and page == PAGE
    if options.smoke or options.print or has_failed or not text or (options.only and not is_update):
        print(text)
    elif options.only:
        replace_sections(page, text)
        log(f"updated in {page.relative_to(ROOT)}")
        _redraw(page)
    else:
        replace_between_markers(page, text)
        log(f"written to {page.relative_to(ROOT)}")
        _redraw(page)


def _redraw(page: Path) -> None:
    if page == PAGE:
        try:
            plan_growth.redraw()
        except Failed as failure:  # of a machine without Terraform, say: the picture stays as it was
            log(f"not drawn: {failure}")


def _benchmarks(options: argparse.Namespace) -> dict[str, Callable[[], Tables]]:
    return {
        "startup": partial(startup.run, options.repeat),
        "plan": partial(plan_10k.run, options.devices, options.repeat),
        "apply": partial(apply_sets.run, options.sets, options.repeat),
        "apply-memory": partial(apply_memory.run, [20, 60] if options.smoke else [10_000, 100_000]),
        "calls": partial(calls.run, 10 * options.sets, options.repeat),
        "models": partial(models.run, 30 if options.smoke else 300, options.devices // 10, options.repeat),
        "validate": partial(validate_files.run, 60 if options.smoke else 2_000, options.repeat),
        "delivery": partial(delivery.run, 5 if options.smoke else 200),
        "refresh": partial(refresh.run, 20 if options.smoke else 200),
        "gitref": partial(gitref.run, [50] if options.smoke else [1_000, 100_000], 3 if options.smoke else 200),
        "preview": partial(preview.run, 10 * options.devices, options.repeat),
        "scale": partial(scale.run, [200] if options.smoke else [100_000, 1_000_000], min(options.repeat, 3)),
        "scale-postgres": partial(scale_postgres.run, [200] if options.smoke else [100_000], min(options.repeat, 3)),
        "terraform": partial(peers.terraform, 20 if options.smoke else 10_000, min(options.repeat, 2)),
        "octodns": partial(peers.octodns, 20 if options.smoke else 100_000, min(options.repeat, 2)),
        "import": partial(import_fleet.run, 100 if options.smoke else 10_000),
        "apply-emulator": partial(apply_sets.run, options.sets, options.repeat, against="emulator"),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measures and writes docs/performance.md and docs/reliability.md."
    )
    parser.add_argument("--page", choices=["performance", "reliability"], help="only the benchmarks of that page")
    parser.add_argument("--smoke", action="store_true", help="small and once, in seconds; prints the tables")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="startup, plan, apply, quota, recovery, ...; prints"
    )
    parser.add_argument("--update", action="store_true", help="with --only: write these tables, leave the others")
    parser.add_argument("--devices", type=int, metavar="N", help="devices of the large plan (10,000)")
    parser.add_argument("--sets", type=int, metavar="N", help="desired-property sets (1,000)")
    parser.add_argument("--repeat", type=int, metavar="N", help="repetitions of each case (5)")
    parser.add_argument("--print", action="store_true", help="print the tables instead of writing them")
    options = parser.parse_args()
    options.devices = options.devices or (100 if options.smoke else 10_000)
    options.sets = options.sets or (40 if options.smoke else 1_000)
    options.repeat = options.repeat or (1 if options.smoke else 5)
    return options


if __name__ == "__main__":
    sys.exit(main())

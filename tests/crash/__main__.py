"""Kills the real program at named points: `python -m tests.crash --all` at every occurrence of each.

python -m tests.crash                    what there is to kill, counted on one whole apply
python -m tests.crash --all              every point, operation and occurrence, each in a history of its own
python -m tests.crash --all --only set_desired
"""

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "apply"))

from crash_fleet import site
from crash_matrix import product, prove


def main():
    """0 when every history completed as it must; 1 names those that did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="kill at all of them")
    parser.add_argument("--only", help="only this operation, or this point")
    options = parser.parse_args()
    began, failed, missed = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        cases = [case for case in product(Path(folder)) if options.only is None or options.only in case]
        for number, case in enumerate(cases):
            if options.all:
                inside = Path(folder) / str(number)
                inside.mkdir()
                outcome = _play(inside, case)
                failed += outcome == "failed"
                missed += outcome == "not reached"
            else:
                outcome = "counted"
            is_second, *point = case
            sys.stdout.write(f"{'second' if is_second else 'first'} apply · {' · '.join(map(str, point))}: {outcome}\n")
            sys.stdout.flush()
    told = f"{len(cases)} cases, {failed} failed, {missed} not reached, {time.monotonic() - began:.0f} s\n"
    sys.stdout.write(told)
    return 1 if failed else 0


def _play(folder, case):
    is_second, *point = case
    try:
        with site(folder) as place:
            return "not reached" if prove(place, [tuple(point)], is_second=is_second) else "completed"
    except Exception:  # noqa: BLE001  # whatever it is, it is told, and the others are played
        traceback.print_exc()
        return "failed"


if __name__ == "__main__":
    sys.exit(main())

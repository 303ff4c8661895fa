"""Kills the real program at named points: `python -m tests.crash --all` at every occurrence of each.

python -m tests.crash                    what there is to kill, counted on one whole run of each story
python -m tests.crash --all              every story, point, operation and occurrence, each in a history of its own
python -m tests.crash --all --only set_desired --only things --backend sqlite
"""

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "apply"))

from crash_backends import BACKENDS, served
from crash_matrix import product, prove
from crash_site import site
from crash_stories import STORIES


def main():
    """0 when every history completed as it must; 1 names those that did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="kill at all of them")
    parser.add_argument("--only", action="append", default=[], help="only this story, operation, point or occurrence")
    parser.add_argument("--backend", action="append", choices=BACKENDS, help="where the state is kept")
    options = parser.parse_args()
    began, failed, missed = time.monotonic(), 0, 0
    stories = [name for name in options.only if name in STORIES] or STORIES
    wanted = {name for name in options.only if name not in STORIES}
    backends = options.backend or ["sqlite"]
    with tempfile.TemporaryDirectory() as folder, served(backends, Path(folder)):
        every = product(Path(folder), backends, stories)
        cases = [case for case in every if wanted <= set(map(str, case))]
        for number, case in enumerate(cases):
            if options.all:
                inside = Path(folder) / str(number)
                inside.mkdir()
                outcome = _play(inside, case)
                failed += outcome == "failed"
                missed += outcome == "not reached"
            else:
                outcome = "counted"
            sys.stdout.write(f"{' · '.join(map(str, case))}: {outcome}\n")
            sys.stdout.flush()
    told = f"{len(cases)} cases, {failed} failed, {missed} not reached, {time.monotonic() - began:.0f} s\n"
    sys.stdout.write(told)
    return 1 if failed else 0


def _play(folder, case):
    backend, story, *point = case
    try:
        with site(folder, STORIES[story], backend) as place:
            return "not reached" if prove(place, [tuple(point)]) else "completed"
    except Exception:  # noqa: BLE001  # whatever it is, it is told, and the others are played
        traceback.print_exc()
        return "failed"


if __name__ == "__main__":
    sys.exit(main())

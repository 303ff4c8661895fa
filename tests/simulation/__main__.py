"""Random schedules by seed; each failure prints one line that replays it.

python -m tests.simulation --kind mixed --schedules 1000 --seed 1
python -m tests.simulation --replay 'LINE'
"""

import argparse
import sys
import time
import traceback

from .hunt import by_seed, hunt
from .kinds import KINDS, mixed
from .mutants import MUTANTS
from .play import play
from .schedule import read_line

SAY_EVERY_S = 30


def main():
    """0 when every invariant held in every schedule."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__.splitlines()[0])
    parser.add_argument("--schedules", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed; the others follow it")
    parser.add_argument("--kind", choices=[*KINDS, "mixed"], default="seed", help="mixed: as CI plays them (seed)")
    parser.add_argument("--replay", help="the line of one schedule")
    parser.add_argument("--mutants", nargs="*", help="hunts these mutants (all), and says how long each lived")
    options = parser.parse_args()
    if options.mutants is not None:
        return _mutants(options.mutants)
    if options.replay:
        figures = play(read_line(options.replay), tell=lambda line: sys.stdout.write(f"{line}\n"))
        sys.stdout.write(f"every invariant held: {figures}\n")
        return 0
    began = said = time.monotonic()
    busy = time.process_time()
    failed, requests, processes = 0, 0, 0
    for number in range(options.schedules):
        schedule = (mixed if options.kind == "mixed" else KINDS[options.kind])(options.seed + number)
        try:
            figures = play(schedule)
            requests, processes = requests + figures["requests"], processes + figures["processes"]
        except Exception as exc:  # noqa: BLE001  # whatever it is, the line that replays it is told, and others go on
            failed += 1
            sys.stdout.write(f"seed {options.seed + number}: {type(exc).__name__}: {exc}\n")
            if not isinstance(exc, AssertionError):
                sys.stdout.write(traceback.format_exc())
            sys.stdout.write(f"python -m tests.simulation --replay '{schedule.line()}'\n")
        if time.monotonic() - said > SAY_EVERY_S:
            said = time.monotonic()
            sys.stdout.write(f"{number + 1} schedules, {failed} failed\n")
            sys.stdout.flush()
    took_s, busy_s = time.monotonic() - began, time.process_time() - busy
    sys.stdout.write(
        f"{options.schedules} schedules, {processes} processes, {requests} requests, {failed} failed; "
        f"{options.schedules / took_s:.1f} schedules a second, {options.schedules / busy_s:.1f} a second of processor time\n"
    )
    return 1 if failed else 0


def _mutants(names):
    survivors = 0
    for mutant in MUTANTS:
        if names and mutant.__name__ not in names:
            continue
        found = hunt(mutant, by_seed(mutant))
        survivors += found is None
        sys.stdout.write(f"{mutant.__name__}: {'SURVIVED' if found is None else f'{found[0]}: {found[1][:150]}'}\n")
        sys.stdout.flush()
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())

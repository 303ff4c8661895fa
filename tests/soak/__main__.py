"""Random histories until the time is over: each seed is a history, and a failure names the seed that repeats it.

python -m tests.soak --minutes 30            from a seed of the clock
python -m tests.soak --seed 4711 --count 1   one history again
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "property"))

from proving.dice import play

SAY_EVERY_S = 30
_WORDS = {"applies": "applies", "requests": "requests", "sent": "commands over the air", "hours": "hours"}


def main():
    """0 when every history came to rest; 1 names those that did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30, help="how long (30)")
    parser.add_argument("--count", type=int, help="at most so many histories")
    parser.add_argument(
        "--seed", type=int, default=int(time.time()) * 1000, help="the first seed; the others follow it"
    )
    parser.add_argument("--moves", type=int, default=16, help="at most so many moves a history (16; the suite has 8)")
    options = parser.parse_args()
    began = said = time.monotonic()
    failed, seed, toll = [], options.seed, Counter()
    sys.stdout.write(f"from seed {seed}, up to {options.moves} moves a history\n")
    while time.monotonic() - began < options.minutes * 60 and (
        options.count is None or seed - options.seed < options.count
    ):
        try:
            toll += play(seed, options.moves)
        except Exception:  # noqa: BLE001  # whatever it is, the seed that repeats it is told, and the soak goes on
            failed.append(seed)
            sys.stdout.write(
                f"history {seed} failed (--seed {seed} --count 1 --moves {options.moves}):\n{traceback.format_exc()}\n"
            )
        seed += 1
        if time.monotonic() - said > SAY_EVERY_S:
            said = time.monotonic()
            sys.stdout.write(f"{seed - options.seed} histories, {len(failed)} failed{_told(toll)}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{seed - options.seed} histories, {len(failed)} failed{_told(toll)}\n")
    if failed:
        sys.stdout.write(f"failed: {failed}\n")
    return 1 if failed else 0


def _told(toll):
    return "".join(f" · {count:,.0f} {_WORDS[name]}" for name, count in toll.items())


if __name__ == "__main__":
    sys.exit(main())

"""Fuzzes one reader: `python -m tests.fuzz TARGET --seconds 30`; the seed that it names repeats a run.

An input that breaks the reader is kept in tests/fuzz/corpus (or --keep), and every later run begins with it.
"""

import argparse
import random
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from mutate import mutated
from targets import TARGETS, opened

CORPUS = Path(__file__).parent / "corpus"


def main():
    """0 when nothing broke; 1 with the input that did."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, default=CORPUS, help="where a breaking input is written")
    options = parser.parse_args()
    dice, tried, ends = random.Random(options.seed), 0, time.monotonic() + options.seconds
    with opened(options.target) as target:
        known = [file.read_bytes() for file in sorted(CORPUS.glob(f"{options.target}-*"))]
        for content in (*target.seeds, *known):
            target.read(content)
        while time.monotonic() < ends:
            content, tried = mutated(dice.choice([*target.seeds, *known]), dice), tried + 1
            try:
                target.read(content)
            except Exception:  # noqa: BLE001  # any escape is the finding
                file = options.keep / f"{options.target}-{options.seed}-{tried}"
                file.write_bytes(content)
                sys.stdout.write(f"{options.target} broke on input {tried} of seed {options.seed}, kept as {file}\n")
                traceback.print_exc()
                return 1
    sys.stdout.write(f"{options.target}: {tried} inputs, seed {options.seed}, nothing broke\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

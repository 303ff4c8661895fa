"""Breaks the connections between the real clients and the emulator: `python -m tests.faults --every 1` at each byte.

python -m tests.faults                                         every kind of fault, at bytes in steps of 64
python -m tests.faults --only things --fault reset_answer --at 117      one round again
"""

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from histories import HISTORIES, history
from proxy import ANSWER, PLAIN, REQUEST, Fault

ROUNDS = 20
"""In one history; its log grows with them."""


def main():
    """0 when every round came to its end as it must; 1 names those that did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=64, help="bytes from one break to the next")
    parser.add_argument("--only", action="append", choices=HISTORIES, help="only this history")
    parser.add_argument("--fault", action="append", choices=(*REQUEST, *ANSWER, *PLAIN), help="only this fault")
    parser.add_argument("--at", type=int, help="only at this byte")
    options = parser.parse_args()
    failed = 0
    for name in options.only or HISTORIES:
        for fault in options.fault or (*REQUEST, *ANSWER, *PLAIN):
            began, rounds = time.monotonic(), list(_rounds(name, fault, options))
            broken = sum(_play(name, rounds[first : first + ROUNDS]) for first in range(0, len(rounds), ROUNDS))
            failed += broken
            took_s = time.monotonic() - began
            sys.stdout.write(f"{name} · {fault}: {len(rounds)} rounds, {broken} failed, {took_s:.0f} s\n")
            sys.stdout.flush()
    return 1 if failed else 0


def _rounds(name, fault, options):
    """The faults, and whether they befall questions: what is asked is broken where it hurts, not at each byte."""
    longest = {"request": 760, "answer": 320}
    if options.at is not None:
        return [(Fault(fault, options.at), False)]
    if fault in PLAIN:
        is_asked = bool(HISTORIES[name].READS) and fault not in ("twice", "twice_unheard")
        return [(Fault(fault), False), *([(Fault(fault), True)] if is_asked else [])]
    size = longest["request" if fault in REQUEST else "answer"]
    return [(Fault(fault, at), False) for at in range(0, size, options.every)]


def _play(name, rounds):
    """How many failed: after one that did, the rest of its history is played in another."""
    failed, rounds = 0, list(rounds)
    while rounds:
        with tempfile.TemporaryDirectory() as folder:
            fault = None
            try:
                with history(name, Path(folder)) as (place, proxy):
                    while rounds:
                        fault, is_asked = rounds.pop(0)
                        kinds = place.READS if is_asked else place.kinds(fault)
                        place.round(proxy, dict.fromkeys(kinds, fault))
            except Exception:
                if fault is None:  # not even the first apply went through
                    raise
                failed += 1
                sys.stdout.write(f"FAILED --only {name} --fault {fault.name} --at {fault.at}\n")
                traceback.print_exc()
    return failed


if __name__ == "__main__":
    sys.exit(main())

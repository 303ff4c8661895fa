"""Tears files and flips bytes: `python -m tests.crash.state --every 512`; with `--every 1` at each byte.

python -m tests.crash.state log --every 1      one of log, state, plan, plan-text, export
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from damage import FILES, harmed


def main():
    """0 when every wreck was refused or a prefix of what was written; a traceback names the first that was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.state", description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="*", choices=[*FILES, []], help="only these")
    parser.add_argument("--every", type=int, default=512, help="bytes from one harm to the next")
    options = parser.parse_args()
    for name in options.file or FILES:
        with tempfile.TemporaryDirectory() as folder:
            file = FILES[name](Path(folder))
            for harm in file.harms:
                began = time.monotonic()
                found = Counter(str(outcome) for _, outcome in harmed(file, harm, options.every))
                told = ", ".join(f"{outcome}: {times}" for outcome, times in found.most_common())
                took = f"{found.total()} of {len(file.data)} bytes, {time.monotonic() - began:.0f} s"
                sys.stdout.write(f"{name} {harm.__name__}: {took}; {told}\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())

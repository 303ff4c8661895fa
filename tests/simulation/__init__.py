"""The whole apply in virtual time: real planner, executor, journal, limiter and clients against the emulated clouds.

`python -m tests.simulation --schedules 1000 --seed 1` plays random schedules; a failure prints one line that replays it.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # where `virtual_time` is

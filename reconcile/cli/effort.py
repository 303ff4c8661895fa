"""What a command took, for `-v`: wall time, CPU time, peak memory."""

from __future__ import annotations

import sys
import time

_STARTED_S = time.monotonic()


def effort() -> str:
    """`took 0.42 s, CPU 0.38 s, peak memory 31 MB`; memory only where the system tells it."""
    took = f"took {time.monotonic() - _STARTED_S:.2f} s, CPU {time.process_time():.2f} s"
    try:
        import resource
    except ImportError:  # Windows
        return took
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return f"{took}, peak memory {peak / 1_000_000:.0f} MB"

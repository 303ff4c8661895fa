"""Starts one command, waits for it, and prints `exit-code wall cpu peak`: seconds, seconds, units of ru_maxrss.

A process of its own, as small as an interpreter can be: on Linux a child's peak memory is never below that of the
process that started it, and the benchmark itself would be the larger of the two. Run with `python -I -S`.
"""

import os
import sys
import time

argv = sys.argv[1:]
to_null = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
started = time.perf_counter()
pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=to_null)
_, status, usage = os.wait4(pid, 0)
wall_s = time.perf_counter() - started
print(os.waitstatus_to_exitcode(status), wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)

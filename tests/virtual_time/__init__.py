"""The program against the emulated clouds in one process, on a clock that jumps: what histories and schedules share."""

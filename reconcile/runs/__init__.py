"""One file per run: what each command does, read like the table of steps. `wiring` alone picks concrete parts."""

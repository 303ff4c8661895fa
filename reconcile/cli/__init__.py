"""The command line: one file per command; `output` is the only place that prints."""

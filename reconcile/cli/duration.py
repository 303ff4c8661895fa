"""Durations on the command line."""

from __future__ import annotations

import click

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Duration(click.ParamType[float]):
    """`90s`, `15m`, `2h`, `1d`, or seconds."""

    name = "DURATION"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        if isinstance(value, int | float):
            return float(value)
        number, unit = (value[:-1], _UNITS[value[-1]]) if value[-1:] in _UNITS else (value, 1)
        if not number.isdigit():
            self.fail(f"{value!r} is not a duration: write 90s, 15m, 2h or 1d", param, ctx)
        return float(int(number) * unit)

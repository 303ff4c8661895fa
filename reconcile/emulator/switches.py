"""All switches: questions the vendors' pages leave open. Each cloud's folder lists its own.

The default is the reading we hold most likely.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.emulator.aliyun.switches import SWITCHES as ALIYUN
from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.switches import SWITCHES as ONENET


class SwitchError(ValueError):
    """An unknown switch or an answer it does not have."""


SWITCHES = (*ONENET, *ALIYUN)

_BY_NAME = {switch.name: switch for switch in SWITCHES}


def settings(changes: Mapping[str, Json], onto: Mapping[str, str] | None = None) -> dict[str, str]:
    """All switches with `changes` applied to `onto` (the defaults when absent). Raises SwitchError."""
    values = dict(onto) if onto is not None else {switch.name: switch.choices[0] for switch in SWITCHES}
    for name, value in changes.items():
        if name not in _BY_NAME:
            raise SwitchError(f"unknown switch {name!r}; known: {', '.join(sorted(_BY_NAME))}")
        if value not in _BY_NAME[name].choices:
            raise SwitchError(f"switch {name} is {' or '.join(_BY_NAME[name].choices)}, not {value!r}")
        values[name] = value
    return values


def views(values: Mapping[str, str]) -> list[dict[str, Json]]:
    """Every switch with its value, choices, meaning and documentation."""
    return [
        {
            "name": switch.name,
            "value": values[switch.name],
            "default": switch.choices[0],
            "choices": list(switch.choices),
            "about": switch.about,
            "reference": switch.reference,
        }
        for switch in SWITCHES
    ]

"""Rows of devices that hold alike, read without making what only their times tell apart.

Premise: of ten thousand devices that one plan is about, nearly all hold what a few profiles wrote; to parse that for
each of them is most of what reading them takes. Rule: the text of a row's groups is cut at the times of their members
(`codec_alike.py`). What is left is parsed and read once for each distinct text; a row that says more, or whose times
stand elsewhere than at its groups, is read as ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from reconcile.model.recorded import RecordedDevice, RecordedResource
from reconcile.model.shared_resources import Form, SharedResources
from reconcile.state.codec import loads, read_device, read_resources
from reconcile.state.codec_times import read_time

_GROUPS, _REST = '{"alike":', ',"device":'
_TIMES = re.compile(r'_at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"')
_MEMBERS = ("accepted_at", "cloud_at", "confirmed_at", "expires_at")
_MOST_FORMS = 4096


class RowReader:
    """Reads rows one after the other, and remembers what forms they have."""

    def __init__(self) -> None:
        self._forms: dict[tuple[str, ...], Form | None] = {}

    def read(self, data: bytes) -> RecordedDevice:
        """The device of a row. Raises: KeyError, TypeError or ValueError when the row is none."""
        text = str(data, "utf-8", "surrogatepass")
        if text.startswith(_GROUPS):
            groups, _, rest = text.partition(_REST)
            first, *parts = _TIMES.split(groups)
            times = tuple(parts[::2])
            form = self._form((first, *parts[1::2]), times)
            if form is not None and all(map(_is_time, times)):
                body = json.loads('{"device":' + rest)
                if "resources" not in body:
                    return read_device(body, SharedResources(form, times))
        return read_device(loads(data))

    def _form(self, texts: tuple[str, ...], times: Sequence[str]) -> Form | None:
        """What devices with these texts between their times share; None where that cannot be told."""
        if texts not in self._forms:
            if len(self._forms) >= _MOST_FORMS:
                return None
            self._forms[texts] = _learned(texts, times)
        return self._forms[texts]


def _learned(texts: Sequence[str], times: Sequence[str]) -> Form | None:
    def make(times: Sequence[str]) -> Mapping[str, RecordedResource]:
        parts = [part for time, text in zip(times, texts[1:], strict=True) for part in (f'_at":"{time}"', text)]
        return read_resources(json.loads("".join((texts[0], *parts)) + "}"))

    try:
        groups = json.loads("".join((texts[0], *(f'_at":""{text}' for text in texts[1:]))) + "}")["alike"]
        places = sum(group.get(name) == "" for group in groups for name in _MEMBERS)
        return Form(make, times) if places == len(times) else None
    except (AttributeError, KeyError, TypeError, ValueError):  # told by who reads the whole row
        return None


@lru_cache(maxsize=4096)
def _is_time(text: str) -> bool:
    try:
        read_time(text)
    except ValueError:
        return False
    return True

"""The mark that a rollout leaves on a recorded device, as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.model.rollout import RolloutMark
from reconcile.model.values import JsonObject
from reconcile.state.codec_times import read_time, write_time


def put_mark(body: JsonObject, mark: RolloutMark | None) -> None:
    """Adds the member `rollout`; members that hold their default are left out."""
    if mark is None:
        return
    written: JsonObject = {
        "profile": mark.profile,
        "id": mark.id,
        "wave": mark.wave,
        "document": mark.document,
        "at": write_time(mark.at),
    }
    for name, is_so in (("failed", mark.has_failed), ("aborted", mark.is_aborted), ("untold", not mark.is_told)):
        if is_so:
            written[name] = True
    body["rollout"] = written


def read_mark(body: Mapping[str, Any] | None) -> RolloutMark | None:
    """The reverse of `put_mark`. Raises: KeyError, TypeError or ValueError for what it did not write."""
    if body is None:
        return None
    return RolloutMark(
        profile=body["profile"],
        id=body["id"],
        wave=body["wave"],
        document=body["document"],
        at=read_time(body["at"]),
        has_failed=body.get("failed", False),
        is_aborted=body.get("aborted", False),
        is_told=not body.get("untold", False),
    )

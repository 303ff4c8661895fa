"""Histories of drift that was written back, as JSON and back without loss; a value that was absent is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconcile.model.drift import DriftHistory, DriftRound
from reconcile.model.values import ABSENT, JsonObject, Missing
from reconcile.state.codec_times import read_time, write_time


def drifts_json(drifts: Mapping[str, DriftHistory]) -> JsonObject:
    """Histories by path."""
    return {
        path: {"value": one.value, "streak": one.streak, "rounds": [_round_json(each) for each in one.rounds]}
        for path, one in drifts.items()
    }


def read_drifts(body: Mapping[str, Any]) -> dict[str, DriftHistory]:
    """The reverse of `drifts_json`. Raises: KeyError, TypeError or ValueError."""
    return {path: _read_history(one) for path, one in body.items()}


def _round_json(one: DriftRound) -> JsonObject:
    body: JsonObject = {"at": write_time(one.at)}
    return body if isinstance(one.seen, Missing) else {**body, "seen": one.seen}


def _read_history(body: Mapping[str, Any]) -> DriftHistory:
    rounds = tuple(DriftRound(read_time(each["at"]), each.get("seen", ABSENT)) for each in body["rounds"])
    if not rounds:
        raise ValueError("a history of drift without a round")
    return DriftHistory(body["value"], rounds, body["streak"])

"""Rollouts for those who look, as text and JSON: waves, what the gate has and asks for, the place of one device."""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.model.device import DeviceRef
from reconcile.model.plan_json import timestamp
from reconcile.model.rollout import Rollout
from reconcile.model.rollout_course import Course
from reconcile.model.values import Json, JsonObject
from reconcile.report.rollouts import note_lines, sentence_of
from reconcile.report.sanitise import inert
from reconcile.report.view import View, finish, when

_COUNTS = ("wave", "devices", "confirmed", "failed", "silent", "parked", "unsent")
_WORDS = {
    "en": {
        "gate": "The gate asks for {percent:g} % confirmed of the devices heard, or strong evidence for it.",
        "stop": " It stops when more than {percent:g} % of them failed, and more than {minimum}.",
        "place": "profile {profile}, wave {wave} of {waves}: {did}.",
        "untouched": "profile {profile}: the device holds what is declared; no wave touches it.",
        "unsent": "not sent yet",
        "confirmed": "sent {when}, confirmed",
        "failed": "sent {when}, failed",
        "silent": "sent {when}, not heard yet",
        "parked": "sent {when}, silent for longer than its expireAfter: nobody waits for it",
        "space": " ",
    },
    "zh": {
        "gate": "放行条件：有回应的设备中 {percent:g}% 已确认，或已有充分证据。",
        "stop": "若其中失败超过 {percent:g}% 且多于 {minimum} 台，则中止。",
        "place": "配置 {profile}，第 {wave} 批（共 {waves} 批）：{did}。",
        "untouched": "配置 {profile}：设备已是声明的值，不属于任何批次。",
        "unsent": "尚未下发",
        "confirmed": "{when}下发，已确认",
        "failed": "{when}下发，失败",
        "silent": "{when}下发，尚未回应",
        "parked": "{when}下发，沉默已超过其 expireAfter，不再等待",
        "space": "",
    },
}


def courses_text(courses: Iterable[Course], view: View) -> str:
    """The table of waves of each, where it stands, and what its gate asks for; empty without one."""
    lines: list[str] = []
    for one in courses:
        lines += note_lines(one.note, view)
        if one.note.standing in ("waiting", "aborted"):
            lines += view.wrap(_gate(one.rollout, view.texts.lang), "  ")
    return finish(lines) if lines else ""


def place_text(course: Course, ref: DeviceRef, view: View) -> str:
    """Which wave a device is in, what it did, and where the rollout stands: why it waits."""
    words, place, note = _WORDS[view.texts.lang], course.place_of(ref), course.note
    profile = inert(note.profile)
    if place.wave is None:
        return words["untouched"].format(profile=profile)
    at = "" if place.at is None else when(view.texts, place.at, course.now)
    did = words[place.did].format(when=at)
    said = words["place"].format(profile=profile, wave=place.wave, waves=len(note.waves), did=did)
    told = sentence_of(note, view.texts)
    parts = [said, told[:1].upper() + told[1:]]
    if note.standing in ("waiting", "aborted"):
        parts.append(_gate(course.rollout, view.texts.lang))
    return words["space"].join(part.strip() for part in parts)


def course_json(course: Course, ref: DeviceRef | None) -> JsonObject:
    """An entry of `rollouts` of a status; of one device with its place. Times that only a plan knows are not in it."""
    rollout, note = course.rollout, course.note
    gate: JsonObject = {"confirmedPercent": rollout.confirmed_percent}
    if rollout.failed_percent is not None:
        gate |= {"failedPercent": rollout.failed_percent, "minimum": rollout.minimum}
    waves: list[Json] = [{name: n for name, n in wave.to_json().items() if name in _COUNTS} for wave in note.waves]
    body = note.to_json() | {"waves": waves, "gate": gate}
    if note.opens is not None:
        body["opens"] = timestamp(note.opens)
    if ref is None:
        return body
    place = course.place_of(ref)
    if place.wave is None:
        return body
    at = None if place.at is None else timestamp(place.at)
    return body | {"place": {"wave": place.wave, "did": place.did, "sent_at": at}}


def _gate(rollout: Rollout, lang: str) -> str:
    words = _WORDS[lang]
    asked = words["gate"].format(percent=rollout.confirmed_percent)
    if rollout.failed_percent is None:
        return asked
    return asked + words["stop"].format(percent=rollout.failed_percent, minimum=rollout.minimum)

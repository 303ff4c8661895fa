"""What a refusal of OneNET means: its class, how wide it reaches, and the words for people."""

from __future__ import annotations

import pytest

from reconcile.model.errors import InDoubt, Refused
from reconcile.platforms.onenet import error_tables, errors
from reconcile.platforms.onenet.wire import queue_answers
from reconcile.platforms.onenet.wire.answers import Envelope
from reconcile.platforms.onenet.wire.requests import Family

COMMAND, DEVICES, STUDIO, CURRENT = Family.COMMAND, Family.DEVICES, Family.STUDIO, Family.CURRENT


@pytest.mark.parametrize(
    ("family", "code", "text", "kind"),
    [
        (COMMAND, "1", "auth failed", Refused),
        (COMMAND, "3", "token鉴权失败", Refused),
        (COMMAND, "7", "service internal error", InDoubt),
        (COMMAND, "15", "api freq out of limit", Refused),
        (COMMAND, "2001", "device not online", Refused),
        (COMMAND, "5006", "system logic limit", Refused),
        (COMMAND, "5108", "invalid parameter", InDoubt),
        (COMMAND, "5117", "rpc error", InDoubt),
        (COMMAND, "10403", "authentication failed", Refused),
        (COMMAND, "10415", "service call failed", InDoubt),
        (COMMAND, "8", "not found", InDoubt),
        (COMMAND, "99999", "", InDoubt),
        (COMMAND, "iot.application.whatever", "", InDoubt),
        (COMMAND, "5106", "UNSUCESS", InDoubt),
        (COMMAND, "5106", "unsuccess:TIME_OUT", InDoubt),
        (COMMAND, "5106", "unsuccess:time_out", InDoubt),
        (COMMAND, "5106", "UNSUCESS:METHOD_NOT_ALLOWED", Refused),
        (COMMAND, "5106", "unsuccess: Not_Found", Refused),
        (COMMAND, "5106", "unsuccess:UNAUTHORIZED", Refused),
        (COMMAND, "5106", "unsuccess:BAD_REQUEST", Refused),
        (COMMAND, "5106", "unsuccess:NOT_ACCEPTABLE", Refused),
        (COMMAND, "5106", "unsuccess:UNSUPPORTED_CONTENT_FORMAT", Refused),
        (COMMAND, "5106", "unsuccess:OFFLINE", Refused),
        (COMMAND, "5106", "unsuccess:FORBIDDEN", Refused),
        (COMMAND, "5106", "unsuccess:REQ_PARAM_ERROR", Refused),
        (COMMAND, "5106", "unsuccess:RESP_ERROR", InDoubt),
        (COMMAND, "5106", "unsuccess:INTERNAL_SERVER_ERROR", InDoubt),
        (COMMAND, "5106", "unsuccess:ADDR_OCCUPIED", InDoubt),
        (DEVICES, "1", "internal server error", InDoubt),
        (DEVICES, "3", "auth failed", Refused),
        (DEVICES, "7", "parameter required", Refused),
        (DEVICES, "8", "not found", Refused),
        (DEVICES, "17", "nbiot server error", InDoubt),
        (DEVICES, "5106", "unsuccess:OFFLINE", Refused),
        (DEVICES, "4711", "", InDoubt),
        (DEVICES, "18", "hs server error", InDoubt),
        (DEVICES, "20", "max 1000 devices per call", Refused),
        (DEVICES, "7", "service internal error", InDoubt),
        (DEVICES, "10", "device not online", Refused),
        (COMMAND, "1", "internal server error", InDoubt),
        (COMMAND, "3", "parameter required", Refused),
        (COMMAND, "7", "parameter required", InDoubt),
        (COMMAND, "10500", "device not online:device not online", Refused),
        (STUDIO, "iot.application.authPermissionDeny", "", Refused),
        (STUDIO, "iot.common.deviceNotFound", "", Refused),
        (STUDIO, "deviceNotFound", "", Refused),
        (STUDIO, "iot.application.invalidParameter", "", Refused),
        (STUDIO, "iot.application.setDesiredPeropertyFailed", "", InDoubt),
        (STUDIO, "iot.application.setPropertyFailed", "device not online:device not online", Refused),
        (STUDIO, "iot.application.somethingNew", "", InDoubt),
        (CURRENT, "10403", "authentication failed", Refused),
        (CURRENT, "10417", "product thing model not found", Refused),
        (CURRENT, "10415", "service call failed", InDoubt),
        (CURRENT, "10410", "device not found", InDoubt),
    ],
)
def test_classes_of_failures(family, code, text, kind):
    assert type(errors.failure(family, Envelope(code, text))) is kind


@pytest.mark.parametrize(
    ("code", "text", "is_unreachable"),
    [
        ("2001", "", True),
        ("5106", "unsuccess:OFFLINE", True),
        ("5106", "x FORBIDDEN", True),
        ("5106", "NOT_FOUND", False),
        ("1", "", False),
    ],
)
def test_only_offline_refusals_are_unreachable(code, text, is_unreachable):
    assert errors.failure(COMMAND, Envelope(code, text)).is_unreachable is is_unreachable


@pytest.mark.parametrize(
    ("code", "text", "is_wide"),
    [
        ("10403", "authentication failed", True),
        ("3", "token鉴权失败", True),
        ("15", "", True),
        ("3", "param required", False),
        ("1", "", False),
        ("5106", "REQ_PARAM_ERROR", False),
        ("2001", "", False),
    ],
)
def test_refusals_that_would_meet_any_device_are_known_as_such(code, text, is_wide):
    assert errors.failure(COMMAND, Envelope(code, text)).is_account_wide is is_wide
    assert errors.http_failure(403).is_account_wide


def test_every_published_code_has_a_meaning_for_people():
    for table in (*error_tables.TABLES.values(), error_tables.REASONS):
        assert all(entry.meaning for entry in table.values())
    assert error_tables.REASONS.keys() == set(queue_answers.REASONS) - {"SUCCESS"}
    assert {str(number) for number in range(1, 24)} == error_tables.DEVICES.keys()
    assert "no such project" in str(errors.failure(STUDIO, Envelope("iot.application.projectNotFound", "")))


def test_a_foreign_code_is_shown_like_foreign_text():
    failed = errors.failure(CURRENT, Envelope("\x1b[31m" + "x" * 500 + "hunter2", ""), ["hunter2"])
    assert len(failed.vendor_code) <= 60
    assert "\x1b" not in str(failed)
    assert len(str(failed)) < 120


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, InDoubt),
        (400, Refused),
        (403, Refused),
        (404, Refused),
        (408, InDoubt),
        (429, Refused),
        (500, InDoubt),
        (502, InDoubt),
        (504, InDoubt),
        (101, InDoubt),
    ],
)
def test_classes_of_http_statuses(status, kind):
    assert type(errors.http_failure(status)) is kind


def test_foreign_text_is_short_printable_and_without_secrets():
    text = str(errors.failure(COMMAND, Envelope("5006", "\x1b[31mno\n" + "x" * 500 + " pin hunter2"), ["hunter2"]))
    assert "\x1b" not in text
    assert "\n" not in text
    assert len(text) < 220
    assert "hunter2" not in str(errors.failure(COMMAND, Envelope("5006", "pin hunter2"), ["hunter2"]))
    assert "token鉴权失败" in str(errors.failure(COMMAND, Envelope("3", "token鉴权失败")))

"""Notices: what they say, how each room wants them signed and cut, and that a secret address stays secret."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
import pytest

from reconcile.gitops.notices.notice import Notice, NoticeRefusedError, of_events
from reconcile.gitops.notices.robots import ROBOTS
from reconcile.gitops.notices.send import send

NOW = datetime(2026, 11, 23, 2, 0, 0, 500_000, UTC)
ADDRESS = "https://robots.example/send?access_token=TOKEN-of-the-room"
EVIL = '<at user_id="all">x</at> <!channel> @all ::error:: \x1b[31m'
YES = {"dingtalk": {"errcode": 0}, "wecom": {"errcode": 0}, "feishu": {"code": 0}, "slack": {}, "webhook": {}}


def notice(text="done"):
    return Notice("fleet: apply", (text,), "https://ci.example/1", False, {"event": "apply"})


def composed(room, secret="", of=None):
    return ROBOTS[room].compose(of or notice(), secret, NOW)


def test_dingtalk_signs_time_and_secret_in_the_address():
    found = parse_qs(composed("dingtalk", "SEC1").parameters)

    expected = hmac.digest(b"SEC1", b"1795399200500\nSEC1", "sha256")
    assert found == {"timestamp": ["1795399200500"], "sign": [base64.b64encode(expected).decode()]}


def test_feishu_signs_nothing_with_time_and_secret_in_the_body():
    body = json.loads(composed("feishu", "s").body)

    expected = hmac.digest(b"1795399200\ns", b"", "sha256")
    assert (body["timestamp"], body["sign"]) == ("1795399200", base64.b64encode(expected).decode())


def test_a_webhook_signs_time_and_body():
    message = composed("webhook", "s")

    expected = hmac.new(b"s", b"1795399200." + message.body, hashlib.sha256).hexdigest()
    assert message.headers["x-reconcile-signature"] == f"t=1795399200,v1={expected}"
    assert json.loads(message.body)["event"] == "apply"


@pytest.mark.parametrize("room", ROBOTS)
def test_without_a_secret_nothing_is_signed(room):
    message = composed(room)

    assert b"sign" not in message.body
    assert message.parameters == ""
    assert set(message.headers) == {"content-type"}


@pytest.mark.parametrize(("room", "limit", "place"), [
    ("dingtalk", 18_000, ("text", "content")), ("wecom", 2_048, ("text", "content")),
    ("feishu", 18_000, ("content", "text")), ("slack", 3_000, ("text",)),
])  # fmt: skip
@pytest.mark.parametrize("character", ["a", "机", "🛰"])
def test_a_long_notice_is_cut_between_characters_at_the_limit(room, limit, place, character):
    for extra in range(4):
        found = json.loads(composed(room, of=notice(character * limit + "x" * extra)).body)
        for key in place:
            found = found[key]

        assert limit - 8 < len(found.encode()) <= limit
        assert found.endswith("…")
        assert "\ufffd" not in found


@pytest.mark.parametrize(("room", "mention"), [("feishu", "<at"), ("slack", "<!channel>")])
def test_no_text_becomes_a_mention(room, mention):
    assert mention.encode() not in composed(room, of=notice(EVIL)).body


def test_the_last_whole_event_tells_how_an_apply_ended():
    lines = [
        '{"event": "planned"}',
        '{"event": "finished", "exit_code": 5, "counts": {"done": 3, "in_doubt": 1}}',
        '{"event": "fini',
    ]

    found = of_events(lines, f"prod {EVIL}", "", "en")

    assert "in doubt" in found.lines[0]
    assert found.lines[1] == "done 3 · in_doubt 1"
    assert found.is_bad
    assert "\x1b" not in found.text
    assert not of_events(['{"event": "finished", "exit_code": 0, "counts": {}}'], "prod", "", "zh").is_bad
    assert of_events(['{"event": "attempted"}'], "prod", "", "en").is_bad
    with pytest.raises(NoticeRefusedError):
        of_events(["", "nothing"], "prod", "", "en")


def sent(room, answer, status=200, address=ADDRESS):
    seen = []

    def handle(request):
        seen.append(request)
        return httpx.Response(status, content=answer)

    send(ROBOTS[room], address, composed(room, "s"), transport=httpx.MockTransport(handle))
    return seen


@pytest.mark.parametrize("room", ROBOTS)
def test_one_post_and_a_yes_is_taken(room):
    (request,) = sent(room, json.dumps(YES[room]).encode())

    assert request.method == "POST"
    assert request.url.params["access_token"] == "TOKEN-of-the-room"


@pytest.mark.parametrize(("room", "answer", "status"), [
    ("dingtalk", b'{"errcode": 310000, "errmsg": "sign not match"}', 200), ("wecom", b'{"errcode": 45009}', 200),
    ("feishu", b'{"code": 19021, "msg": "sign match fail"}', 200), ("dingtalk", b"<html>", 200),
    ("slack", b"no_service", 404), ("webhook", b"", 500),
])  # fmt: skip
def test_a_no_is_told_without_the_address(room, answer, status):
    with pytest.raises(NoticeRefusedError) as told:
        sent(room, answer, status)

    assert "robots.example" in str(told.value)
    assert "TOKEN" not in str(told.value)


@pytest.mark.parametrize("address", ["http://robots.example/x?key=TOKEN", "TOKEN", "ftp://x/TOKEN", "https://[TOKEN"])
def test_an_address_that_would_leak_is_refused_before_anything_is_sent(address):
    with pytest.raises(NoticeRefusedError) as told:
        sent("webhook", b"", address=address)

    assert "TOKEN" not in str(told.value)


def test_a_failed_connection_is_told_without_the_address():
    def handle(request):
        raise httpx.ConnectError(f"cannot reach {request.url}")

    with pytest.raises(NoticeRefusedError) as told:
        send(ROBOTS["slack"], ADDRESS, composed("slack"), transport=httpx.MockTransport(handle))

    assert "TOKEN" not in "".join(map(str, (told.value, told.value.__cause__)))

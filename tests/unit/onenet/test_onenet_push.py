"""Pushes as the vendor's pages print them; ciphertexts made with openssl, signatures with its md5."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.errors import ReconcileError
from reconcile.model.recorded import DeliveryState
from reconcile.platforms.onenet.push.messages import (
    CommandEnded,
    OtherMessage,
    PointArrived,
    PresenceChanged,
    PropertiesReported,
    Sender,
)
from reconcile.platforms.onenet.push.receive import PushRejected, PushSettings, receive_classic, receive_studio
from reconcile.platforms.onenet.push.signature import challenge_answer, is_signed, signature

PLAIN = PushSettings("token")
CLASSIC_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
CLASSIC_ENCRYPTED = (
    "ebp7chXpiSfcmziNrB7W6RbLo7Yq/Zr+N1bW4zCpHhQ5eDHDtBWxUViQpSJqI8gREZho/6aoA94x4WJaP4fkvkptRVoEIK/iBdK3NVDZ3GC+hiFp"
    "jnxPxe29enefxBHP"
)
STUDIO_KEY = "abcdefghijklmnop"
STUDIO_ENCRYPTED = (
    "1hbrkXl+i5WeDZioieKkBClFklhIrlqjHF5h6/oiWecThaOYAGUNV03ol2nSnvOaO6wmyoOLAgcOocf13dKY21m47iSpXszYbSQhHmpD3r2R9i8K"
    "uQ3KCnZw92ko+G5ugHtb969APP+VkHxvS6/Ylyv/OWY8aJiaVvttGUa924U="
)
READ_ENDED = (
    '{"type":7,"cmd_id":"u-1","imei":"865820031234567","dev_id":1,"cmd_type":2,"send_status":5,'
    '"confirm_time":1795305600000,"confirm_status":0,"confirm_body":{"obj_id":3,"obj_inst":'
    '[{"obj_inst_id":0,"res":[{"res_id":0,"val":[98]},{"res_id":6,"res_inst":[{"res_inst_id":1,"val":2}]}]}]}}'
)
AT = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)


def classic(message_text, token="token", nonce="abcdefgh"):
    """A body as it travels: the message's own text, signed."""
    signed = signature(token, nonce, message_text)
    return f'{{"msg": {message_text},\n"msg_signature":"{signed}","nonce":"{nonce}"}}'.encode()


def quoted(name, text, signer="signature", token="token"):
    return json.dumps({name: text, "nonce": "abcdefgh", signer: signature(token, "abcdefgh", text)}).encode()


def test_signature_vector():
    assert signature("token", "abcdefgh", "hello") == "hu6ZHKxb5QpNYBCkLFCrHQ=="


def test_the_address_is_confirmed_only_to_who_knows_the_token():
    query = {"msg": "hello", "nonce": "abcdefgh", "signature": "hu6ZHKxb5QpNYBCkLFCrHQ=="}
    assert challenge_answer(query, "token") == "hello"
    assert challenge_answer(query, "another") is None
    assert challenge_answer({"msg": "hello"}, "token") is None


def test_a_plus_that_became_a_space_is_still_signed():
    claimed = next(s for n in range(99) if "+" in (s := signature("token", "abcdefgh", str(n))))
    message = next(str(n) for n in range(99) if signature("token", "abcdefgh", str(n)) == claimed)
    assert is_signed("token", "abcdefgh", message, claimed.replace("+", " "))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"type":1,"dev_id":2016617,"ds_id":"3303_0_5700","at":1795305600000,"value":42.5}',
            PointArrived(Sender("2016617"), "/3303/0/5700", 42.5, AT),
        ),
        (
            '{"at":1795305600000,"imei":"865820031234567","type":1,"ds_id":"datastream_id","value":[98,105]}',
            PointArrived(Sender(imei="865820031234567"), "datastream_id", [98, 105], AT),
        ),
        (
            '{ "at" : 1795305600000, "login_type":10,"type":2, "dev_id":2016617,"status":0 }',
            PresenceChanged(Sender("2016617"), is_online=False, at=AT),
        ),
        (
            READ_ENDED,
            CommandEnded(
                Sender("1", "865820031234567"),
                "u-1",
                DeliveryState.CONFIRMED,
                AT,
                {"/3/0/0": [98], "/3/0/6": {"1": 2}},
            ),
        ),
        ('{"type":7,"cmd_id":"u-1","send_status":4}', CommandEnded(Sender(), "u-1", DeliveryState.EXPIRED, None)),
        ('{"type":7,"cmd_id":"u","send_status":5,"confirm_status":5}', CommandEnded(Sender(), "u", DeliveryState.FAILED, None)),
        ('{"type":5,"x":1}', OtherMessage("5")),
    ],
)  # fmt: skip
def test_classic_messages(text, message):
    assert receive_classic(classic(text), PLAIN) == (message,)


def test_gathered_messages_come_as_an_array():
    text = '[{"type":2,"status":1,"dev_id":1},{"type":2,"status":0,"dev_id":2}]'
    assert [one.is_online for one in receive_classic(classic(text), PLAIN)] == [True, False]


def test_the_signature_is_over_the_text_as_it_stands():
    body = classic('{"type":2, "status":1}')
    assert receive_classic(body, PLAIN)
    with pytest.raises(PushRejected, match="signature"):
        receive_classic(body.replace(b'"type":2, ', b'"type":2,'), PLAIN)


def test_encrypted_classic_pushes():
    body = quoted("enc_msg", CLASSIC_ENCRYPTED, "msg_signature")
    (message,) = receive_classic(body, PushSettings("token", CLASSIC_KEY))
    assert message == PresenceChanged(Sender("5001"), is_online=True, at=AT)
    with pytest.raises(PushRejected, match="key"):
        receive_classic(body, PushSettings("token", CLASSIC_KEY.replace("M", "N", 1)))
    with pytest.raises(PushRejected, match="no enc_msg"):
        receive_classic(classic('{"type":2,"status":1}'), PushSettings("token", CLASSIC_KEY))
    with pytest.raises(ReconcileError, match="43 characters"):
        receive_classic(body, PushSettings("token", "short"))


def test_studio_pushes():
    life = {"productId": "00001", "deviceName": "iot-0001", "messageType": "lifeCycle"}
    told = receive_studio(
        quoted("msg", json.dumps({**life, "data": {"status": "online", "time": 1795305600000}})), PLAIN
    )
    assert told == PresenceChanged(Sender(None, None, "00001", "iot-0001"), is_online=True, at=AT)
    params = {
        "Power": {"value": "on", "time": 1795305599000},
        "3_0_20": {"time": 1795305600000, "value": 4, "bin_data": "A0"},
    }
    notify = {"productId": "00001", "deviceName": "iot-0001", "messageType": "notify", "notifyType": "property"}
    message = {**notify, "imei": "865820031234567", "data": {"id": "12345", "params": params}}
    told = receive_studio(quoted("msg", json.dumps(message)), PLAIN)
    sender = Sender(None, "865820031234567", "00001", "iot-0001")
    assert told == PropertiesReported(sender, {"Power": "on", "/3/0/20": 4}, AT)
    for other in ({**notify, "notifyType": "event", "data": {"params": {}}}, {"messageType": "sceneLog", "data": []}):
        assert isinstance(receive_studio(quoted("msg", json.dumps(other)), PLAIN), OtherMessage)


def test_encrypted_studio_pushes():
    told = receive_studio(quoted("msg", STUDIO_ENCRYPTED), PushSettings("token", STUDIO_KEY))
    assert told == PresenceChanged(Sender(None, None, "9MaNe52pNO", "no001"), is_online=True, at=AT)
    for damaged in (STUDIO_ENCRYPTED[:-4], "####", STUDIO_ENCRYPTED[4:]):
        with pytest.raises(PushRejected):
            receive_studio(quoted("msg", damaged), PushSettings("token", STUDIO_KEY))
    with pytest.raises(ReconcileError, match="16 characters"):
        receive_studio(quoted("msg", STUDIO_ENCRYPTED), PushSettings("token", "short"))


def test_without_the_extra_an_encrypted_push_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    with pytest.raises(ReconcileError, match=r"pip install 'reconcile\[push\]'"):
        receive_studio(quoted("msg", STUDIO_ENCRYPTED), PushSettings("token", STUDIO_KEY))
    assert receive_classic(classic('{"type":2,"status":1}'), PLAIN), "plain pushes need nothing"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"msg":1,"nonce":"n"}',
        b'{"msg":{},"msg":{},"nonce":"n","msg_signature":"s"}',
        b'{"msg":{},"nonce":"n","msg_signature":"s",}',
        b'{"msg":{},"nonce":"n","msg_signature":"s"} x',
        b'{"msg":' + b"[" * 100_000,
        b'{"msg":{},"nonce":5,"msg_signature":"s"}',
        b'{"msg":"x","nonce":"\\ud800","msg_signature":"\\udfff"}',
        classic("null"),
        classic("5"),
        classic('{"type":2,"status":7}'),
        classic('{"type":"x"}'),
        classic('{"type":1}'),
        classic('{"type":7,"cmd_id":"u"}'),
    ],
)
def test_what_is_not_believed(content):
    with pytest.raises(PushRejected):
        receive_classic(content, PLAIN)


@given(st.binary(max_size=200))
def test_garbage_is_rejected_and_nothing_else(content):
    for receive in (receive_classic, receive_studio):
        with pytest.raises(PushRejected):
            receive(content, PLAIN)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(json_values, st.booleans())
def test_the_text_of_a_member_is_cut_out_exactly(value, is_spaced):
    text = json.dumps([value], indent=2 if is_spaced else None, ensure_ascii=is_spaced)
    reason = ""
    try:
        receive_classic(classic(text), PLAIN)
    except PushRejected as rejected:
        reason = str(rejected)
    assert "signature" not in reason


def test_settings_show_no_keys():
    assert "planted" not in repr(PushSettings("planted-token", "planted-key"))

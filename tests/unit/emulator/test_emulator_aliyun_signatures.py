"""The vendor's published signature vectors, as the emulator verifies."""

import hashlib
from urllib.parse import parse_qsl

from reconcile.emulator import Request, auth_aliyun

PUB = (
    "MessageContent=aGVsbG93b3JsZA%3D&Action=Pub&Timestamp=2017-10-02T09%3A39%3A41Z&SignatureVersion=1.0&ServiceCode=iot"
    "&Format=XML&Qos=0&SignatureNonce=0715a395-aedf-4a41-bab7-746b43d38d88&Version=2017-04-20"
    "&AccessKeyId=testid&SignatureMethod=HMAC-SHA1&RegionId=cn-shanghai&ProductKey=12345abcdeZ"
    "&TopicFullName=%2FproductKey%2Ftestdevice%2Fget"
)


def test_pub_example_of_the_iot_page():
    """Signature version 1 over a GET."""
    text = auth_aliyun.v1_string_to_sign("GET", parse_qsl(PUB, keep_blank_values=True))
    assert auth_aliyun.v1_signature("testsecret", text) == "Y9eWn4nF8QPh3c4zAFkM/k/u7eA="


def test_run_instances_example_of_version_3():
    """ACS3 over a POST without a body; the header list is the caller's."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "RegionId=cn-shanghai&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"
    text = auth_aliyun.acs3_string_to_sign(Request("POST", "/", query, headers), list(headers))
    assert text.endswith("7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259")
    signature = auth_aliyun.acs3_signature("YourAccessKeySecret", text)
    assert signature == "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


def test_space_on_the_wire_may_be_a_plus():
    """The newer SDK sends `+` and signs `%20`: a verifier works on decoded parameters."""
    plus, percent = (parse_qsl(f"Action=X&Items=a{space}b", keep_blank_values=True) for space in ("+", "%20"))
    assert auth_aliyun.v1_string_to_sign("POST", plus) == auth_aliyun.v1_string_to_sign("POST", percent)

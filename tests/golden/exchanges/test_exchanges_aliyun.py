"""Exchanges with the emulated Aliyun, word for word: every sample of the vendor's pages that goes over HTTP.

`answer` is the whole answer (`--update-golden` rewrites it); `page` is what the page prints, and has to be in it.
"""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from reconcile.emulator import Request, World, handle

FOLDER = Path(__file__).parent / "aliyun"
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))
START = datetime(2026, 1, 31, tzinfo=UTC)


def encoded(text):
    return quote(text, safe="~")


class Conversation:
    """Signs calls (version 1) and lets a world answer them."""

    def __init__(self, case):
        self.world = World.from_records(case["population"], now=START, switches=case.get("switches"))
        self._nonces = itertools.count(1)

    def ask(self, step):
        now = START + timedelta(milliseconds=self.world.advanced_ms)
        if "control" in step:
            body = json.dumps(step["body"]).encode()
            response = handle(self.world, Request("POST", f"/_emulator{step['control']}", body=body), now)
        else:
            response = handle(self.world, self._signed(step["call"], now), now)
        is_xml = response.content_type.startswith("text/xml")
        return response.status, response.body.decode() if is_xml else json.loads(response.body)

    def _signed(self, call, now):
        form = call.get("form", {})
        pairs = {
            "Action": call["action"], "Version": "2018-01-20", "AccessKeyId": "emulator-ak", "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0", "SignatureNonce": f"n-{next(self._nonces)}", "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        } | call["query"]  # fmt: skip
        wanted = call.get("format", "JSON")
        pairs |= {"Format": wanted} if wanted else {}
        canonical = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in sorted((pairs | form).items()))
        key = call.get("secret", "emulator-secret") + "&"
        mac = hmac.new(key.encode(), f"POST&%2F&{encoded(canonical)}".encode(), hashlib.sha1).digest()
        query = urlencode(pairs | {"Signature": base64.b64encode(mac).decode()})
        headers = {"content-type": "application/x-www-form-urlencoded", "host": "127.0.0.1"}
        return Request("POST", "/", query, headers, urlencode(form).encode())


def holds(answer, printed):
    """Whether what a page prints is in an answer; lists pairwise, as far as the page prints them."""
    match printed:
        case dict():
            return all(name in answer and holds(answer[name], value) for name, value in printed.items())
        case list():
            return len(answer) >= len(printed) and all(itertools.starmap(holds, zip(answer, printed, strict=False)))
        case _:
            return answer == printed


@pytest.mark.parametrize("name", CASES)
def test_exchange_is_as_recorded(name, update_golden):
    path = FOLDER / f"{name}.json"
    case = json.loads(path.read_text(encoding="utf-8"))
    conversation = Conversation(case)
    for step in case["steps"]:
        status, answer = conversation.ask(step)
        if update_golden:
            step["status"], step["answer"] = status, answer
        assert (status, answer) == (step["status"], step["answer"])
        assert holds(answer, step.get("page", {}))
    if update_golden:
        path.write_text(json.dumps(case, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def test_there_are_exchanges():
    assert len(CASES) >= 20

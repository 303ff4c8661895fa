"""Planted secrets are in no output and in no file, whatever the command and however a sink may encode them."""

import base64
import gzip
import sys
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest
from desk import FLEET, LAMPS, METERS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "contract" / "forges"))

from fake_github import FakeGitHub, serving

MASTER = "canary-Ümaster/key+1==zQ"
ACCESS = base64.b64encode(b"canary-access-key-0123456789").decode()
ALIYUN = "canary-aliyun-secret-XyZ-987654321"
VALUE = 'canary "value" of a device\t✓'
ROOM = "https://127.0.0.1:1/robot?access_token=canary-room-token"
SIGN = "SECcanary-signing-secret"
HOST = "ghp_canarytokenofthehost0000000000000000"
SECRETS = (MASTER, ACCESS, ALIYUN, VALUE, ROOM, SIGN, HOST)
ENV = {
    "ONENET_MASTER_KEY": MASTER, "ONENET_ACCESS_KEY": ACCESS, "ALIYUN_AK": "emulator-ak", "ALIYUN_SK": ALIYUN,
    "WIFI": VALUE, "RECONCILE_NOTIFY_URL": ROOM, "RECONCILE_NOTIFY_SECRET": SIGN, "GITHUB_TOKEN": HOST,
}  # fmt: skip
COMMANDS = (
    ("validate",),
    ("plan", "-o", "a.plan"),
    ("plan", "--refresh", "all", "--format", "json"),
    ("plan", "--format", "markdown", "--format", "html=a.html", "--format", "json=a.json"),
    ("show", "a.plan", "--format", "json"),
    ("show", "a.plan", "--format", "html"),
    ("apply", "a.plan", "--yes"),
    ("apply", "--yes", "--json-events"),
    ("status", "--refresh"),
    ("status", "meter-1"),
    ("explain", "meter-1", "--refresh"),
    ("drift", "--diff"),
    ("recover",),
    ("doctor",),
    ("state", "show", "meter-1"),
    ("state", "export"),
    ("history", "meter-1"),
    ("ci", "comment", "--plan", "a.plan"),
    ("ci", "summary", "--plan", "a.plan", "--out", "summary.md"),
    ("ci", "comment", "--plan", "a.plan", "--post-to", "acme/fleet#1"),
    ("ci", "issues", "--plan", "a.plan", "--repo", "acme/fleet"),
    ("ci", "gate", "--plan", "a.plan"),
    ("ci", "notify", "--to", "dingtalk", "--plan", "a.plan"),
    ("ci", "metrics"),
    ("-v", "plan"),
)


def disguises(secret):
    """The secret as a sink may hold it: plain, escaped, encoded, in parts of base64 at any alignment."""
    raw = secret.encode()
    yield raw
    yield secret.encode("utf-16-le")
    yield raw.hex().encode()
    yield quote(secret, safe="").encode()
    yield quote(secret).encode()
    yield secret.encode("unicode_escape")
    yield secret.replace("&", "&amp;").replace('"', "&quot;").encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]


def unpacked(content):
    """The bytes, and what is in them when they are gzip."""
    yield content
    if content.startswith(b"\x1f\x8b"):
        try:
            yield gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return


def leaks(content):
    found = set()
    for plain in unpacked(content):
        found |= {secret for secret in SECRETS for one in disguises(secret) if len(one) > 8 and one in plain}
    return found


@pytest.fixture
def guarded(desk):
    text = METERS.replace(
        "/3303/0/5604: 60.0", "/3303/0/5604: 60.0, /3/0/15: {value: {secret: {env: WIFI}}, type: string}"
    )
    both = "credentials: {masterKey: {env: ONENET_MASTER_KEY}, accessKey: {env: ONENET_ACCESS_KEY}, resource: userid/1}"
    fleet = FLEET.replace("credentials: {masterKey: {env: ONENET_MASTER_KEY}}", both)
    return desk.write({"fleet.yaml": fleet, "meters.yaml": text, "lamps.yaml": LAMPS})


@pytest.mark.parametrize("keys", ["right", "wrong"])
def test_no_sink_holds_a_secret(guarded, cloud, keys):
    accepted = {"ONENET_MASTER_KEY": "emulator-master-key", "ALIYUN_SK": "emulator-secret"} if keys == "right" else {}
    seen, codes = {}, {}
    with serving(FakeGitHub(token=HOST if keys == "right" else "another")) as github:
        for words in COMMANDS:
            done = guarded.run(*words, env={**ENV, **accepted, "GITHUB_API_URL": github.url})
            seen[" ".join(words)], codes[words[:2]] = done.out.encode() + done.err.encode(), done.code
    sent = [entry["operation"] for entry in cloud.log()]

    assert {name: found for name, content in seen.items() if (found := leaks(content))} == {}
    files = [file for file in guarded.folder.rglob("*") if file.is_file()]
    assert {str(file): found for file in files if (found := leaks(file.read_bytes()))} == {}
    assert any(file.name == "state.db" for file in files)
    assert sent, "the keys were used"
    assert codes["apply", "a.plan"] == codes["ci", "issues"] == (0 if keys == "right" else 1)


def test_the_search_finds_what_it_looks_for():
    for secret in SECRETS:
        for one in disguises(secret):
            if len(one) > 8:
                assert leaks(b"before " + one + b" after") == {secret}
                assert leaks(gzip.compress(one)) == {secret}

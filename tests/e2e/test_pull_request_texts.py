"""From manifests to what a pull request shows: every text from one saved plan, and no secret in any of them."""

import base64
import gzip
import urllib.parse

import pytest

CANARIES = {
    "LAMP_WIFI_PASSWORD": "k4nari/Wi+Fi=<geheim>密",
    "ONENET_MASTER_KEY": "k4nari-master-key-0001",
    "ALIYUN_AK": "k4nari-access-key-0002",
    "ALIYUN_SK": "k4nari-access-secret-0003",
}
SECRET = "Brightness: 60, WifiPassword: {secret: {env: LAMP_WIFI_PASSWORD}}"
WAVES = "  rollout:\n    waves: [{devices: 1}, {devices: 100%}]\n"


def _spellings(secret):
    raw = secret.encode()
    yield from (secret, secret[:8], urllib.parse.quote(secret, safe=""), raw.hex(), raw.hex().upper(), secret[::-1])
    for shift in range(3):  # base64 of it inside a longer text, whatever stands before
        yield base64.b64encode(b"x" * shift + raw)[4:-4].decode()


@pytest.fixture
def planned(offline):
    offline.edit("lamps.yaml", "Brightness: 60", SECRET)
    offline.edit("meters.yaml", "  delivery: {mode: queue}\n", f"  delivery: {{mode: queue}}\n{WAVES}")
    files = [f"--format={name}={name}.txt" for name in ("text", "json", "markdown", "html")]
    done = offline.ok("plan", "--refresh", "none", "-o", "a.plan", *files, "--format", "text", keys=CANARIES)
    offline.told = done.out + done.err
    return offline


def test_both_sources_make_the_same_comment_and_no_text_holds_a_secret(planned):
    told = [planned.told]
    for lang in ("en", "zh"):
        saved = planned.ok("--lang", lang, "ci", "comment", "--plan", "a.plan").out
        assert saved == planned.ok("--lang", lang, "ci", "comment", "--from-json", "json.txt").out
        told += [saved, planned.ok("--lang", lang, "ci", "summary", "--from-json", "json.txt").out]
        told += [planned.ok("--lang", lang, "show", "a.plan", "--format", name).out for name in ("text", "html")]
    told += [
        (planned.folder / f"{name}.txt").read_text(encoding="utf-8") for name in ("text", "json", "markdown", "html")
    ]
    told.append(gzip.decompress((planned.folder / "a.plan").read_bytes()).decode())
    assert all("WifiPassword" in text for text in told)
    spellings = [each for secret in CANARIES.values() for each in _spellings(secret)]
    assert [each for each in spellings for text in told if each in text] == []


def test_a_summary_goes_where_a_job_wants_it(planned):
    planned.ok("ci", "summary", "--plan", "a.plan", "--out", "out/summary.md")
    text = (planned.folder / "out/summary.md").read_text(encoding="utf-8")
    assert text.startswith("### Plan: 3 of 3 devices will change")
    assert "| wave | devices |" in text
    assert planned.ok("ci", "summary", "--plan", "a.plan").out == text

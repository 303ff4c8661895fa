"""From manifests to what a pull request shows: a saved plan and its JSON document make the same texts."""

from desk import KEYS

WAVES = "  rollout:\n    waves: [{devices: 1}, {devices: 100%}]\n"
SECRET = "Brightness: 60, WifiPassword: {secret: {env: WIFI}}"


def test_both_sources_make_the_same_texts_with_waves_and_without_the_secret(offline):
    offline.edit("lamps.yaml", "Brightness: 60", SECRET)
    offline.edit("meters.yaml", "  delivery: {mode: queue}\n", f"  delivery: {{mode: queue}}\n{WAVES}")
    keys = {**KEYS, "WIFI": "planted-password"}
    offline.ok("plan", "--refresh", "none", "-o", "a.plan", "--format=json=plan.json", keys=keys)
    comment, summary = (offline.ok("ci", name, "--plan", "a.plan").out for name in ("comment", "summary"))
    assert comment == offline.ok("ci", "comment", "--from-json", "plan.json").out
    offline.ok("ci", "summary", "--from-json", "plan.json", "--out", "out/summary.md")
    assert summary == (offline.folder / "out/summary.md").read_text(encoding="utf-8")
    assert "### Plan: 3 of 3 devices will change" in comment
    for text in (comment, summary):
        assert "| wave | devices |" in text
        assert "(secret WIFI)" in text
        assert "planted" not in text

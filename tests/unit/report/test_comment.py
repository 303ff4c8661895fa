"""What a comment and a summary say, in which order, and how they keep to their hosts' limits."""

from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from report_plans import AT, empty_plan, large_plan, meter

from reconcile.cli.root import root
from reconcile.model.plan import Change, ChangeClass, Notice, Summary
from reconcile.model.protection import AllowedWrite
from reconcile.model.refresh import Coverage
from reconcile.report.comment.compose import Frame, plan_comment, plan_summary
from reconcile.report.comment.hosts import FILE, GITHUB, HOSTS, SUMMARY
from reconcile.report.comment.words import WORDS
from reconcile.report.document import plan_json
from reconcile.runs.planfile import write_plan

LANGS = pytest.mark.parametrize("lang", ["en", "zh"])


def _classes(count, value="电" * 30 + "🔥" * 8):
    device = large_plan().devices[0]
    changes = (Change("/3303/0/5603", "update", value, value + "x", "manifest"),)
    groups = tuple(ChangeClass(f"c{n}", count + 1 - n, (meter(n),), changes) for n in range(1, count + 1))
    devices = tuple(replace(device, ref=meter(n), class_id=f"c{n}") for n in range(1, count + 1))
    return empty_plan(classes=groups, devices=devices, summary=Summary(9999, changing=count, requests={"x": count}))


@LANGS
def test_comment(lang, golden):
    golden(f"comment.{lang}.md", plan_comment(large_plan(), Frame("https://ci.example/report.html"), lang=lang))


@LANGS
def test_summary(lang, golden):
    golden(f"summary.{lang}.md", plan_summary(large_plan(), lang=lang))


def test_a_comment_of_a_plan_without_changes_says_so():
    lines = plan_comment(empty_plan()).splitlines()
    assert lines[1] == "### ✅ Nothing to do: 10,000 devices, all as the manifests say"
    assert len(lines) == 5 + 1


def test_a_plan_made_again_without_a_difference_gives_the_same_bytes():
    plan = replace(large_plan(), coverage=Coverage(10, 5, left=5, oldest_s=60))
    later = replace(
        plan,
        created=AT + timedelta(hours=9),
        expires=AT + timedelta(hours=33),
        base=replace(plan.base, commit="0" * 40, serial=99, lineage="another"),
        coverage=Coverage(10, 5, left=5, oldest_s=7200),
    )
    assert plan_comment(plan) == plan_comment(later)
    assert plan_summary(plan) != plan_summary(later), "a summary is of its run"


def test_the_fewest_devices_come_first():
    text = plan_comment(_classes(12))
    assert [text.index(f"`c{n}`") for n in range(12, 0, -1)] == sorted(text.index(f"`c{n}`") for n in range(1, 13))


def test_protected_changes_are_a_banner_above_all_else():
    allowed = AllowedWrite("/1/0/1", "lifetime", 3, (meter(1),), "agreed", AT, "fleet.yaml:1:1")
    plan = replace(large_plan(), protected=(allowed,))
    text = plan_comment(plan)
    assert text.index("> [!CAUTION]") < text.index("> **⚠ Protected") < text.index("#### ")
    assert "[!CAUTION]" not in plan_comment(plan, host=HOSTS["gitee"])


@pytest.mark.parametrize("host", [*HOSTS.values(), SUMMARY, FILE], ids=lambda host: host.name)
def test_a_host_gets_no_more_than_it_takes(host):
    small = replace(host, limit=min(host.limit, 12_000))
    text = plan_comment(_classes(100), host=small, lang="zh")
    assert 0.9 * small.limit < host.measure(text) <= small.limit
    assert "**× 1**" in text, "the odd one out"
    assert "**× 100**" in text, "and the largest"
    assert text.count("```") % 2 == 0
    assert {line.count("|") for line in text.splitlines() if line.startswith("|")} == {4}


@pytest.mark.parametrize("less", [1, 0, -1])
def test_at_the_edge_of_the_limit(less):
    whole = plan_comment(_classes(60), host=replace(GITHUB, limit=10**9))
    units = GITHUB.measure(whole)
    text = plan_comment(_classes(60), host=replace(GITHUB, limit=units - less))
    assert (text == whole) is (less <= 0)
    assert GITHUB.measure(text) <= units - less


def test_a_dead_account_is_one_entry():
    unknown = tuple(Notice(meter(number), "account locked") for number in range(10_000))
    text = plan_comment(empty_plan(unknown=unknown, summary=Summary(10_000, unknown=10_000)))
    assert text.count("account locked") == 1
    assert len(text) < 1000


def test_both_languages_have_the_same_words():
    assert list(WORDS["en"]) == list(WORDS["zh"])


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_plan(large_plan(), tmp_path / "a.plan")
    (tmp_path / "a.json").write_text("".join(plan_json(large_plan())), encoding="utf-8")
    return lambda *words: CliRunner().invoke(root, ["--lang", "en", "ci", *words], standalone_mode=False)


def test_a_plan_file_and_its_document_make_the_same_comment(call, tmp_path):
    for source in (("--plan", "a.plan"), ("--from-json", "a.json")):
        done = call("comment", *source, "--out", "deep/comment.md", "--report-url", "https://ci.example/r")
        assert done.exception is None
        text = (tmp_path / "deep/comment.md").read_text(encoding="utf-8")
        assert text == plan_comment(large_plan(), Frame("https://ci.example/r"))
    assert call("comment", "--plan", "a.plan", "--host", "gitee").output == plan_comment(
        large_plan(), host=HOSTS["gitee"]
    )
    assert call("summary", "--plan", "a.plan", "--name", "site").output == plan_summary(
        large_plan(), Frame(name="site")
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give the plan once"),
        (["--plan", "a.plan", "--from-json", "a.json"], "give the plan once"),
        (["--plan", "a.plan", "--report-url", "javascript:x"], "--report-url"),
        (["--plan", "none.plan"], "no such plan file"),
        (["--from-json", "a.plan"], "is not JSON"),
        (["--plan", "a.plan", "--out", "."], "is a folder"),
    ],
)
def test_what_cannot_be_done_is_said(call, words, said):
    assert said in str(call("comment", *words).exception)

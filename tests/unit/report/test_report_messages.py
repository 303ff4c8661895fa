"""Both languages say the same things."""

import ast
from pathlib import Path
from string import Formatter

import pytest

import reconcile.report
from reconcile.manifest import codes, layer_codes
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.journal import AttemptState
from reconcile.model.recorded import CONFIRMATIONS, DeliveryState
from reconcile.report.messages import ENGLISH, translate
from reconcile.report.messages_zh import CHINESE
from reconcile.report.phrases_zh import SUMMARIES

_FOLDER = Path(reconcile.report.__file__).parent


def _placeholders(text):
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


def test_both_catalogues_have_the_same_keys():
    assert list(ENGLISH) == list(CHINESE)


@pytest.mark.parametrize("key", ENGLISH)
def test_both_sentences_take_the_same_values(key):
    assert _placeholders(ENGLISH[key]) == _placeholders(CHINESE[key])


def _is_used(key, constants):
    """Named in full, or by its last part where the first is put before it."""
    return key in constants or key.rpartition(".")[2] in constants


def test_every_sentence_is_used():
    trees = [
        ast.parse(path.read_text(encoding="utf-8")) for path in _FOLDER.rglob("*.py") if "messages" not in path.name
    ]
    constants = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    constants |= {"one", "many", *DeliveryState, *AttemptState, *CONFIRMATIONS}
    assert [key for key in ENGLISH if not _is_used(key, constants)] == []


def test_every_summary_of_the_manifests_has_a_chinese_one():
    summaries = set(codes.SUMMARIES.values())
    summaries |= {rule.summary for rule in vars(layer_codes).values() if isinstance(rule, layer_codes.Rule)}
    assert sorted(summaries - SUMMARIES.keys()) == []


def test_a_summary_without_translation_stays_english():
    diagnostic = Diagnostic("RCL999", "a sentence of tomorrow", "")
    assert translate("zh").summary(diagnostic) == "a sentence of tomorrow"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("manifest", "清单"),
        ("retry 1 of 5: the last write failed", "第 1 次重试（共 5 次）：上次写入失败"),
        ("retry 1 of 5: the queued write expired", "第 1 次重试（共 5 次）：排队的写入已过期"),
        (
            "retry 2 of 5: the queued write is missing; not before 2026-11-22 12:30 UTC",
            "第 2 次重试（共 5 次）：云端已无排队的写入；不早于 2026-11-22 12:30 UTC",
        ),
        (
            "reboot: given up, 5 of 5 retries made: the queued command expired; --retry-failed tries again",
            "reboot：已放弃（已重试 5/5 次）：排队的命令已过期；--retry-failed 可再试",
        ),
        ("reboot: after its resources change", "reboot：在其资源变更之后"),
        ("site, until 2026-12-01: on site: {x}", "site，至 2026-12-01：on site: {x}"),
        ("a plan would change it: drift: changed outside.", "计划将修改：漂移：被外部修改。"),
        ("anything else", "anything else"),
    ],
)
def test_reasons_of_the_planner_are_translated(english, chinese):
    assert translate("zh").reason(english) == chinese
    assert translate("en").reason(english) == english


@pytest.mark.parametrize(
    ("lang", "expected"), [("en", "en"), ("zh", "zh"), ("zh_CN.UTF-8", "zh"), ("fr", "en"), ("", "en")]
)
def test_an_unknown_language_is_english(lang, expected):
    assert translate(lang).lang == expected


def test_counts_are_grouped_and_agree_in_number():
    assert translate("en").count("device", 1) == "1 device"
    assert translate("en").count("device", 8112) == "8,112 devices"
    assert translate("zh").count("device", 8112) == "8,112 台设备"

"""The catalogues of `doctor`: both languages say the same, and everything that is found or asked has its words."""

import re
from pathlib import Path

import pytest

from reconcile.model.examination import Capability, Finding, Mark
from reconcile.report import doctor_chinese, doctor_english, sheet_chinese, sheet_english
from reconcile.report.doctor import doctor_texts, sentence
from reconcile.report.sheet import said, sheet_texts, switches

PACKAGE = Path(doctor_english.__file__).parent.parent
SOURCES = [*PACKAGE.glob("platforms/*/doctor*.py"), *PACKAGE.glob("runs/doctor/*.py")]
PAIRS = [(doctor_english.ENGLISH, doctor_chinese.CHINESE), (sheet_english.ENGLISH, sheet_chinese.CHINESE)]
TOPICS = sorted({key.removeprefix("topic.") for key in doctor_english.ENGLISH if key.startswith("topic.")})


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_both_languages_have_the_same_keys_and_facts(english, chinese):
    assert list(english) == list(chinese)
    for key in english:
        assert set(re.findall(r"{(\w+)}", english[key])) == set(re.findall(r"{(\w+)}", chinese[key])), key


def test_every_finding_has_a_sentence_and_every_trouble_says_what_to_do():
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    used = re.findall(rf'"((?:{"|".join(TOPICS)})\.[a-z_]+)"', source)
    assert len(set(used)) > 40
    for key in set(used):
        assert key in doctor_english.ENGLISH, key
    troubled = re.findall(r'Mark\.(?:PROBLEM|WARNING), "([a-z]+\.[a-z_]+)"', source)
    assert len(troubled) > 15
    for key in troubled:
        assert f"{key}.do" in doctor_english.ENGLISH, key


def test_every_question_says_what_is_documented_and_has_an_answer():
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    asked = set(re.findall(r'"((?:aliyun|onenet)\.[a-z_]+)"', source))
    assert len(asked) > 20
    for question in asked:
        assert f"ask.{question}" in sheet_english.ENGLISH
        assert f"doc.{question}" in sheet_english.ENGLISH
    answered = re.findall(r'Capability\("([a-z]+\.[a-z_]+)", "([a-z_]+)"', source)
    assert len(answered) > 20
    for question, answer in answered:
        keys = {f"says.{question}.{answer}", f"says.{answer}"}
        assert keys & sheet_english.ENGLISH.keys(), (question, answer)


def test_foreign_text_is_made_inert():
    finding = Finding("answer", Mark.PROBLEM, "answer.none", {"call": "x", "message": "a\x1b[31mb\n::error::c"})
    shown = sentence(doctor_texts("en"), finding.key, finding)
    assert "\x1b" not in shown
    assert "\n" not in shown


def test_an_unknown_question_of_a_third_party_is_shown_as_it_is():
    answer = Capability("other.thing", "perhaps", switch=("x", "y"))
    assert said(answer, sheet_texts("zh")) == "perhaps"
    assert switches([answer]) == {"x": "y"}

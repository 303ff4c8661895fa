"""The page: one file that needs nothing, obeys nobody but itself, and holds every device once."""

import base64
import hashlib
import html.parser
import itertools
import json
import re
from dataclasses import replace

import pytest
from hostile_plans import CANARY, PLAIN, STRINGS, hostile_plan
from report_plans import empty_plan, large_plan, meter

from reconcile.model.forecast import Forecast
from reconcile.model.plan import ChangeClass, Notice, Summary
from reconcile.model.rollout_note import RolloutNote, WaveNote
from reconcile.report.html import assets, classes, island, sections
from reconcile.report.html.page import plan_page
from reconcile.report.html.standing import standings
from reconcile.report.html.words import WORDS

_RAW = frozenset({"style", "script"})


class _Page(html.parser.HTMLParser):
    """Tags with the names of their attributes, the texts between them, and the data of the script."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.skeleton, self.attributes, self.texts, self.raw = [], [], [], {}
        self._inside = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.skeleton.append((tag, *(name for name, _ in attrs)))
        self.attributes += attrs
        self._inside = f"{tag} {dict(attrs).get('type', '')}".strip() if tag in _RAW else None

    def handle_endtag(self, tag):
        self._inside = None
        self.skeleton.append(f"/{tag}")

    def handle_comment(self, data):
        self.skeleton.append("comment")

    def handle_data(self, data):
        if self._inside:
            self.raw[self._inside] = self.raw.get(self._inside, "") + data
        else:
            self.texts.append(data)

    @property
    def data(self):
        return json.loads(self.raw["script application/json"])


def _page(plan, lang="en"):
    return _Page("".join(plan_page(plan, lang=lang)))


def _foretold(plan):
    waves = (WaveNote(1, 5, 3, 1, 1), WaveNote(2, 90, unsent=90, forecast=Forecast(90, 0, 3600, 86_400)))
    summary = replace(plan.summary, forecast=Forecast(9, 1, 600, 7200))
    return replace(plan, summary=summary, rollouts=(RolloutNote("meters", "r1", "sending", 2, waves),))


def test_the_page(golden):
    text = "".join(plan_page(_foretold(large_plan())))
    text = re.sub(r"(<style>|<script>).*?(</s)", r"\1…\2", text, flags=re.DOTALL)
    golden("plan.html", re.sub(r"sha256-[^']+", "sha256-…", text))


@pytest.mark.parametrize("plan", [large_plan(), empty_plan(), hostile_plan(PLAIN)], ids=["large", "empty", "hostile"])
def test_it_loads_nothing_and_says_so(plan):
    page = _page(plan)
    tags = {each[0] for each in page.skeleton if isinstance(each, tuple)}
    assert not tags & {
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "base",
        "video",
        "audio",
        "image",
        "use",
        "foreignobject",
    }
    addresses = [value for name, value in page.attributes if name in ("href", "src", "action", "formaction", "srcset")]
    assert all(value.startswith("#") for value in addresses)
    assert not any(name == "style" or name.startswith("on") for name, _ in page.attributes)
    assert "url(" not in page.raw["style"]
    assert "@import" not in page.raw["style"]
    assert {value for name, value in page.attributes if name == "href"} <= {
        f"#{value}" for name, value in page.attributes if name == "id"
    }


def test_the_policy_is_of_this_script_and_this_style_alone():
    page = _page(large_plan())
    policy = next(value for name, value in page.attributes if name == "content" and "default-src" in value)
    assert policy == assets.policy()
    for name, kind in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(page.raw[name].encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def _skeleton(page):
    """What a value looks like may differ by language (a length in words) or not: a pair counts as one, as plain text."""
    found = []
    for each in page.skeleton:
        found.append(each)
        for tag, one in (("span", []), ("code", [("code",), "/code"])):
            if found[-4:] == [(tag, "lang"), f"/{tag}"] * 2:
                found[-4:] = one
    return found


@pytest.fixture(scope="module")
def plain():
    return _skeleton(_page(hostile_plan(PLAIN)))


@pytest.mark.parametrize("name", STRINGS)
def test_foreign_text_makes_no_element(name, plain):
    text = "".join(plan_page(hostile_plan(STRINGS[name])))
    page = _Page(text)
    assert _skeleton(page) == plain
    assert any(CANARY in each for each in page.texts)
    assert not any(CANARY in (value or "") for _, value in page.attributes)
    assert not set("<>&\u2028\u2029") & set(page.raw["script application/json"])
    assert CANARY in json.dumps(page.data["groups"])
    shown = "".join((*page.texts, *_strings(page.data)))
    assert all(line.replace("\u3000", "").isprintable() for line in shown.split("\n"))
    text.encode("utf-8")


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        yield from itertools.chain.from_iterable(map(_strings, value.values() if isinstance(value, dict) else value))


def test_every_device_is_there_once_with_what_is_said_of_it():
    data = _page(large_plan()).data
    rows = {f"{group[0]}/{name}": group for group in data["groups"] for name in group[6]}
    assert len(rows) == sum(len(group[6]) for group in data["groups"]) == 12 + 1 + 5 + 1 + 2
    assert rows["onenet-prod/meter-0001"][1:6] == [0, "queue", 0, 2, []]
    assert rows["aliyun-prod/lamp-17"][1:6] == [1, "desired", 0, 1, [["drift", 0]]]
    assert rows["aliyun-prod/lamp-20"][1:6] == [-1, "conflicts", 0, 0, [["conflicts", 0]]]
    assert rows["aliyun-prod/lamp-09"][2] == "record"
    assert data["classes"] == ["c1", "c2", "c3", "c4"]


def test_the_picture_counts_every_device_once():
    counts = standings(large_plan())
    assert counts == {
        "settled": 9978, "desired": 1, "queue": 8, "record": 3, "waiting": 6, "held": 1, "unknown": 5, "conflicts": 1
    }  # fmt: skip


def test_a_plan_without_changes_says_so_and_lists_nobody():
    page = _page(empty_plan())
    assert "Nothing would change." in page.texts
    assert "dialog" not in {each[0] for each in page.skeleton if isinstance(each, tuple)}
    assert page.data["groups"] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_opens_in_the_language_asked_for_and_holds_both(lang):
    page = _page(large_plan(), lang)
    assert ("lang", {"en": "en", "zh": "zh-CN"}[lang]) in page.attributes[:1]
    assert {"Change classes", "变更类"} <= set(page.texts)
    assert "Plan: 9 of 10,000 devices will change, with 18 requests" in page.texts


def test_both_languages_have_the_same_words():
    assert list(WORDS["en"]) == list(WORDS["zh"])


def test_no_trace_of_a_secret_is_left():
    text = "".join(plan_page(large_plan()))
    assert "LAMP_KEY" in text
    assert "1" * 8 not in text
    assert "2" * 8 not in text


def test_it_is_written_piece_by_piece_and_grows_by_little_more_than_the_names():
    device, count = large_plan().devices[0], 3_000
    devices = tuple(replace(device, ref=meter(n)) for n in range(count))
    group = replace(large_plan().classes[0], devices=count)
    plan = empty_plan(classes=(group,), devices=devices, summary=Summary(count, changing=count, requests={"x": 1}))
    pieces = list(plan_page(plan))
    assert max(map(len, pieces)) < 64_000
    assert sum(map(len, pieces)) - sum(map(len, plan_page(large_plan()))) < 16 * count


def test_more_classes_and_entries_than_a_page_holds_are_counted(monkeypatch):
    monkeypatch.setattr(classes, "CARDS", 10)
    monkeypatch.setattr(sections, "NOTICES", 5)
    monkeypatch.setattr(island, "NOTICES", 5)
    changes = large_plan().classes[2].changes
    groups = tuple(ChangeClass(f"c{n}", 2, (meter(n),), changes) for n in range(210))
    unknown = tuple(Notice(meter(n), f"reason {n}") for n in range(205))
    page = _page(empty_plan(classes=groups, unknown=unknown, summary=Summary(9, unknown=205)))
    assert "… and 200 more classes with 400 devices; see the full report" in page.texts
    assert "… and 200 more entries; see the full report" in page.texts
    assert page.data["groups"][-1][5] == [["unknown", -1]]


def _luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one, other):
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


_COLOURS = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", assets.style()))


@pytest.mark.parametrize("name", sorted(_COLOURS.keys() - {"back", "card", "line"}))
def test_contrast_is_enough_in_light_and_in_dark(name):
    """WCAG 2.2: 4.5 for text. Colours of pictures have their number and words beside them; 1.9 tells them from the card."""
    least = 1.9 if name.startswith("f-") else 4.5
    for mode in (0, 1):
        colour, card, back = (_COLOURS[each].split(", ")[mode] for each in (name, "card", "back"))
        assert _contrast(colour, card) >= least
        assert name.startswith("f-") or _contrast(colour, back) >= least

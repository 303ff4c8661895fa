"""The report's page in a real Chromium: found, filtered, read by keyboard and by ear, on paper, and never obeying."""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hostile_plans import CANARY, STRINGS, hostile_plan
from report_plans import large_plan, meter

from reconcile.model.device import DeviceRef
from reconcile.model.forecast import Forecast
from reconcile.model.plan import Notice, Summary
from reconcile.model.protection import AllowedWrite
from reconcile.model.rollout_note import RolloutNote, WaveNote
from reconcile.report.html.page import plan_page
from reconcile.report.sanitise import inert

DEVICES = 5_000
_WATCH = """
const tell = (what) => { document.documentElement.dataset.told = what; };
window.evil = () => tell("a script of somebody else ran");
document.addEventListener("securitypolicyviolation", (event) => tell(event.violatedDirective));
"""


def _large():
    base, device = large_plan(), large_plan().devices[0]
    devices = tuple(replace(device, ref=meter(100_000 + n)) for n in range(DEVICES - 1))
    devices += tuple(one for one in base.devices if one.class_id != "c1")
    waves = (WaveNote(1, 5, 3, 1, 1), WaveNote(2, 90, unsent=90, forecast=Forecast(90, 0, 3600, 86_400)))
    return replace(
        base,
        devices=devices,
        classes=(replace(base.classes[0], devices=DEVICES - 1), *base.classes[1:]),
        summary=replace(base.summary, changing=DEVICES, devices=DEVICES * 2, forecast=Forecast(9, 1, 600, 7200)),
        rollouts=(RolloutNote("meters", "r1", "sending", 2, waves),),
        protected=(AllowedWrite("/1/0/1", "why", 3, (meter(1),), "agreed", datetime(2026, 12, 1, tzinfo=UTC), "f:1"),),
    )


@pytest.fixture(scope="module")
def file_of(tmp_path_factory):
    folder, known = tmp_path_factory.mktemp("pages"), {}

    def write(name, plan=None):
        if name not in known:
            known[name] = folder / f"{name}.html"
            known[name].write_text("".join(plan_page(plan or _large())), encoding="utf-8")
        return known[name].as_uri()

    return write


@pytest.fixture
def open_page(chromium, file_of):
    """Opens the page of a plan; at the end nothing may have gone wrong in it, and nothing been asked for."""
    contexts, asked, wrong = [], [], []

    def visit(name="large", plan=None, **options):
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.add_init_script(_WATCH)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        address = file_of(name, plan)
        page.goto(address)
        assert set(asked) == {address}
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []
    assert len(set(asked)) == len({url for url in asked if url.startswith("file:")})


def _opens_anew(page, lang):
    """Reloads; again for some seconds, because Chromium may open a page before what the last one kept has arrived."""
    until = time.monotonic() + 10
    page.reload()
    while page.locator("html").get_attribute("lang") != lang and time.monotonic() < until:
        page.reload()


def _finds(page, said):
    from playwright.sync_api import expect

    expect(page.locator("#found")).to_have_text(re.compile(f"^{said}"))


def _row(page):
    return page.evaluate("document.activeElement.textContent")


def test_a_device_is_found_among_thousands_and_opened_by_keyboard_alone(open_page):
    page = open_page()
    found = page.locator("#found")
    assert found.inner_text() == "5,012 of 5,012 devices"
    page.locator("#search").focus()
    page.keyboard.type("meter-1001 77")
    _finds(page, "1 ")
    page.keyboard.press("ArrowDown")
    assert _row(page) == "onenet-prod/meter-100177"
    page.keyboard.press("Enter")
    dialog = page.locator("#detail")
    assert dialog.is_visible()
    assert "/3303/0/5603" in dialog.inner_text()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert _row(page) == "onenet-prod/meter-100177", "back where it was"


def test_only_what_is_seen_exists_and_every_key_moves(open_page):
    page = open_page()
    rows = page.locator("#space .row")
    assert rows.count() < 60
    page.locator("#search").focus()
    for key, name in (
        ("ArrowDown", "aliyun-prod/lamp-01"),
        ("ArrowDown", "aliyun-prod/lamp-02"),
        ("End", "onenet-prod/meter-104998"),
        ("ArrowUp", "onenet-prod/meter-104997"),
        ("Home", "aliyun-prod/lamp-01"),
    ):
        page.keyboard.press(key)
        assert _row(page) == name
        assert page.evaluate("document.activeElement.getBoundingClientRect().bottom <= innerHeight"), "and in sight"
    page.evaluate("document.getElementById('view').scrollTop = 100000")
    from playwright.sync_api import expect

    expect(page.locator("#space .row[aria-rowindex='2782']")).to_be_attached()
    assert rows.count() < 60
    assert page.locator("#table").get_attribute("aria-rowcount") == "5013"


def test_filters_go_together_and_a_class_leads_to_its_devices(open_page):
    page = open_page()
    page.select_option("#by-state", "drift")
    assert page.locator("#found").inner_text() == "1 of 5,012 devices"
    page.locator("#space button").first.click()
    assert "declared at" not in page.locator("#detail").inner_text()
    assert "changed outside" in page.locator("#detail").inner_text()
    page.locator("#detail button").click()
    page.locator("button[type=reset]").click()
    _finds(page, "5,012 of")
    page.locator("#class-2 .show").click()
    assert page.locator("#found").inner_text() == "2 of 5,012 devices"
    page.fill("#search", "no such device")
    _finds(page, "0 of")
    assert "No device matches" in page.locator("#found").inner_text()


def test_language_and_colours_are_the_readers_choice(open_page):
    page = open_page(color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.locator("#theme").get_attribute("aria-pressed") == "true"
    page.locator("#language").click()
    assert page.title() == "计划：10,000 台设备中有 5,000 台将变更，共 18 个请求"
    assert page.locator("h1").inner_text() == page.title()
    assert page.locator("#found").inner_text() == "5,012 / 5,012 台设备"
    _opens_anew(page, lang="zh-CN")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, "a phone needs no sideways scrolling"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("#list").is_visible()
    assert page.locator(".printed").is_visible()


def test_nobody_is_shut_out(open_page):
    """axe-core's rules of WCAG 2.2, level AA, and its best practices; contrast among them."""
    from axe_playwright_python.sync_playwright import Axe

    page = open_page("report", large_plan(), bypass_csp=True, viewport={"width": 1000, "height": 500})
    axe = Axe()

    def faults():
        found = axe.run(page, options={"resultTypes": ["violations"]}).response
        return [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found["violations"]]

    assert faults() == []
    page.locator("#theme").click()
    page.locator("#language").click()
    page.select_option("#by-state", "drift")
    page.locator("#space button").first.click()
    page.evaluate("document.getElementById('detail').append(document.createElement('button'))")
    assert [name for name, _ in faults()] == ["button-name"], "and a fault is found"


def test_without_scripts_all_but_the_list_is_there(open_page):
    page = open_page(java_script_enabled=False)
    assert (
        page.locator("noscript").inner_text()
        == "The list of devices needs JavaScript; all else on this page does without."
    )
    assert page.locator("#class-0").is_visible()
    assert not page.locator("#list").is_visible()
    assert not page.locator("#tools").is_visible()


def test_no_name_runs_and_every_name_is_shown(open_page):
    notices = tuple(Notice(DeviceRef("p", text), f"{number} {text}") for number, text in enumerate(STRINGS.values()))
    plan = replace(hostile_plan(STRINGS["script"]), unknown=notices, summary=Summary(1, unknown=len(notices)))
    page = open_page("hostile", plan, viewport={"width": 1280, "height": 900})
    page.select_option("#by-state", "unknown")
    page.fill("#search", "evil")
    for button in page.locator("#space .row:not([hidden]) button").all()[:6]:
        button.click()
        assert CANARY in page.locator("#detail-title").inner_text()
        page.keyboard.press("Escape")
    assert page.locator("html").get_attribute("data-told") is None
    groups = page.evaluate("JSON.parse(document.getElementById('data').textContent).groups")
    names = {name for group in groups for name in group[6]}
    assert {inert(text, 200) for text in STRINGS.values()} <= names


def test_the_policy_lets_no_other_script_in(chromium, file_of):
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(file_of("hostile"))
    refused = page.evaluate(
        """() => [() => document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=evil()>"),
            () => Object.assign(document.body.appendChild(document.createElement("script")), { text: "evil()" })]
          .map((attempt) => { try { attempt(); return "done"; } catch (error) { return error.name; } })"""
    )
    assert refused == ["TypeError", "TypeError"]
    page.evaluate("document.body.append(Object.assign(new Image(), { src: 'https://127.0.0.1:9/evil' }))")
    from playwright.sync_api import expect

    expect(page.locator("html")).to_have_attribute("data-told", "img-src")
    context.close()

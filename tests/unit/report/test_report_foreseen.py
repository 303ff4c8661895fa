"""What a plan foresees, in words."""

from dataclasses import replace

import pytest
from report_plans import large_plan

from reconcile.model.energy import Energy
from reconcile.model.forecast import Forecast
from reconcile.report.comment.compose import plan_markdown
from reconcile.report.foreseen import class_facts, foreseen
from reconcile.report.html.page import plan_page
from reconcile.report.messages import translate
from reconcile.report.text import plan_text


def with_costs(forecast=None, energy=None):
    plan = large_plan()
    group = replace(plan.classes[0], energy=energy or Energy())
    summary = replace(plan.summary, forecast=forecast, energy=energy or Energy())
    return replace(plan, summary=summary, classes=(group, *plan.classes[1:]))


@pytest.mark.parametrize(
    ("forecast", "said"),
    [
        (None, []),
        (
            Forecast(9, 0, 600, 90_000),
            [
                "Of 9 devices whose uplinks are known, half will have confirmed after about 10m, 99 % after about 1d 1h.",
            ],
        ),
        (
            Forecast(1_001, 1, 0, None, 20),
            [
                (
                    "Of 1,000 devices whose uplinks are known, half will have confirmed at once, "
                    "99 % not before what waits for them expires."
                ),
                "20 devices will not be heard before what waits for them expires.",
                "No forecast for 1 device: their uplinks are not known yet.",
            ],
        ),
        (Forecast(7, 0, 0, 0), ["7 devices whose uplinks are known will have confirmed at once."]),
        (Forecast(2, 2), ["No forecast for 2 devices: their uplinks are not known yet."]),
    ],
)
def test_forecast_in_words(forecast, said):
    assert foreseen(with_costs(forecast), translate("en")) == said


@pytest.mark.parametrize(
    ("energy", "said"),
    [
        (
            Energy(13, 13, 1_240),
            "Devices spend 13 wake-ups, on uplinks that happen anyway, 1,240 bytes of payload.",
        ),
        (Energy(2, 1, 54), "Devices spend 2 wake-ups, 1 of them on uplinks that happen anyway, 54 bytes of payload."),
        (Energy(1, 0, 1), "Devices spend 1 wake-up, 1 byte of payload."),
        (Energy(0, 0, 27), "Devices spend no further wake-up, 27 bytes of payload."),
    ],
)
def test_costs_in_words(energy, said):
    assert foreseen(with_costs(energy=energy), translate("en")) == [said]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_form_of_a_report_says_it(lang):
    plan = with_costs(Forecast(9, 1, 600, 90_000, 1), Energy(8, 8, 500))
    for sentence in foreseen(plan, translate(lang)):
        unbroken = "".join(plan_text(plan, lang=lang).split())
        assert "".join(sentence.split()) in unbroken
        assert sentence in plan_markdown(plan, lang=lang)
        assert sentence in "".join(plan_page(plan, lang=lang))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_form_of_a_report_says_why_a_class_is_queued(lang):
    plan = with_costs(energy=Energy(8, 8, 500))
    group = replace(plan.classes[0], ways={"queued: no uplink known": plan.classes[0].devices})
    plan = replace(plan, classes=(group, *plan.classes[1:]))
    said = class_facts(group, translate(lang))
    assert len(said) == 2
    for fact in said:
        assert fact in plan_text(plan, lang=lang, width=200)
        assert fact in plan_markdown(plan, lang=lang)
        assert fact in "".join(plan_page(plan, lang=lang))

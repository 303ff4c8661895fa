"""The last forecast beside what happened."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconcile.model.forecast import Forecast, Foretold
from reconcile.model.recorded import DeliveryState, RecordedRun
from reconcile.report.score import Score, score_text
from reconcile.report.view import View
from reconcile.testing.builders import AT, recorded, resource

HOUR = timedelta(hours=1)
FORETOLD = Foretold(AT, Forecast(devices=4, unknown=1, half_s=3_600, most_s=7_200))


def written(name, *deliveries):
    items = [
        resource(f"/3303/{n}/5603", delivery=state, accepted_at=AT + HOUR / 60, confirmed_at=at)
        for n, (state, at) in enumerate(deliveries)
    ]
    return recorded(name, *items)


def scored(*devices):
    score = Score(FORETOLD)
    assert list(score.watch(devices)) == list(devices)
    return score


FLEET = (
    written("soon", (DeliveryState.CONFIRMED, AT + HOUR / 2)),
    written("later", (DeliveryState.CONFIRMED, AT + HOUR / 2), (DeliveryState.CONFIRMED, AT + 1.5 * HOUR)),
    written("not-yet", (DeliveryState.CONFIRMED, AT + HOUR / 2), (DeliveryState.QUEUED, None)),
    written("lost", (DeliveryState.EXPIRED, None)),
    recorded("before", resource(accepted_at=AT - HOUR)),
)


def test_a_device_has_confirmed_when_all_it_was_given_has():
    told = scored(*FLEET).to_json(AT + 3 * HOUR)
    assert told["foreseen"] == FORETOLD.forecast.to_json()
    counts = ("age_s", "devices", "confirmed", "confirmed_within_half_s", "confirmed_within_most_s", "lost")
    assert [told[name] for name in counts] == [10_800, 4, 2, 1, 2, 1]


def test_commands_that_ran_count_and_those_that_are_owed_or_withdrawn_do_not():
    ran = RecordedRun("reboot", "k", DeliveryState.CONFIRMED, AT + HOUR / 60, "u1", confirmed_at=AT + HOUR / 2)
    waits = replace(ran, delivery=DeliveryState.QUEUED, confirmed_at=None)
    idle = [
        replace(ran, at=AT - HOUR),
        replace(ran, is_owed=True, delivery=DeliveryState.ACCEPTED, command_uuid=None),
        replace(ran, delivery=DeliveryState.CANCELLED, command_uuid=None),
    ]
    fleet = [replace(recorded(f"m{n}"), runs={"reboot": run}) for n, run in enumerate([ran, waits, *idle])]
    told = scored(*fleet).to_json(AT + HOUR)
    assert (told["devices"], told["confirmed"], told["confirmed_within_half_s"]) == (2, 1, 1)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_only_what_is_due_is_judged(lang):
    view = View.of(lang, width=200)
    assert [len(score_text(scored(*FLEET), view, AT + hours * HOUR).splitlines()) for hours in (0.5, 1, 3)] == [3, 4, 5]


def test_score_in_words():
    text = score_text(scored(*FLEET), View.of("en", width=200), AT + 3 * HOUR)
    assert text.splitlines() == [
        "",
        "Of 4 devices in the last plan, begun 3h ago: 2 confirmed, 1 lost.",
        "Foreseen for 3 devices: half confirm after about 1h, 99 % after about 2h.",
        "Within 1h, foreseen for half: 1 of 4 devices.",
        "Within 2h, foreseen for 99 %: 2 of 4 devices.",
    ]


def test_nothing_is_said_where_nothing_can_be_held_against_it():
    assert score_text(scored(FLEET[-1]), View.of("en"), AT + HOUR) == ""

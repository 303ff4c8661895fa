"""The changes of a class: one line each where they fit, values and names in columns, nothing said twice."""

import pytest

from reconcile.model.plan import Change
from reconcile.model.values import ABSENT, UNKNOWN
from reconcile.report.class_rows import change_lines
from reconcile.report.style import columns_of
from reconcile.report.view import View

METERS = (
    Change("/1/0/3", "create", UNKNOWN, 86_400, "manifest", "LwM2M Server/0/Default Maximum Period"),
    Change("/3/0/15", "create", UNKNOWN, "Asia/Shanghai", "manifest", "Device/0/Timezone"),
    Change("/3303/0/5603", "update", 2.0, 3.0, "drift: changed outside", "Temperature/0/Min Range Value"),
    Change("/3338/0/5850", "create", UNKNOWN, False, "manifest", "Buzzer/0/On/Off"),
    Change("/3/0/4", "run", ABSENT, None, "reboot: after its resources change", "Device/0/Reboot"),
)


def lines(changes, width=80, lang="en"):
    return list(change_lines(changes, View.of(lang, width=width)))


def test_each_change_is_one_line_in_columns_and_a_name_is_shortened_to_its_room():
    assert lines(METERS) == [
        "    + /1/0/3        (unknown) → 86400            …/Default Maximum Period",
        '    + /3/0/15       (unknown) → "Asia/Shanghai"  Device/0/Timezone',
        "    ~ /3303/0/5603  2.0 → 3.0                    Temperature/0/Min Range Value",
        "        drift: changed outside",
        "    + /3338/0/5850  (unknown) → false            Buzzer/0/On/Off",
        "    ! /3/0/4        reboot: after its resources change  Device/0/Reboot",
    ]


def test_where_a_name_has_no_room_beside_the_values_it_stands_below_them():
    assert lines(METERS[:1], 50) == [
        "    + /1/0/3  (unknown) → 86400",
        "        LwM2M Server/0/Default Maximum Period",
    ]


def test_a_reason_of_all_changes_stands_once_below_them():
    known = [Change(name, "adopt", 1, 1, "already there", f"the {name}") for name in ("A", "Bc")]
    assert lines(known) == ["    = A   1  the A", "    = Bc  1  the Bc", "    reason: already there"]


def test_a_long_value_is_cut_to_one_line_and_keeps_its_length():
    plan = [{"startMinute": minute, "level": 50} for minute in range(0, 1440, 60)]
    found = lines(
        [Change("DimmingPlan", "create", ABSENT, plan, "manifest"), Change("A", "create", ABSENT, 1, "manifest")]
    )
    assert found[0] == "    + DimmingPlan"
    assert found[1].endswith(" characters)")
    assert found[2:] == ["    + A            (none) → 1"]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 64, 80, 120])
def test_no_line_is_wider_than_the_screen_and_no_name_is_lost(lang, width):
    found = lines(METERS, width, lang)
    assert max(map(columns_of, found)) <= width
    assert all(any(piece in line for line in found) for piece in ("Period", "Timezone", "Value", "On/Off", "Reboot"))

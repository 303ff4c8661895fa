"""How devices treat what they are told: deleting with a version, applying partly, reporting late or rounded."""

import json

import pytest
from emulator_desk import LAMP, SLEEPY_LAMP


def versions(answer):
    return json.loads(answer["Data"]["Versions"])


@pytest.mark.parametrize(("habit", "is_left"), [("versioned", True), ("unconditional", False)])
def test_newer_value_survives_a_deletion_with_a_version(desk, habit, is_left):
    """Set again before the report of the first comes in; an unconditional deletion takes the newer one too."""
    d = desk(LAMP | {"deletes_desired": habit, "reports_late": 60, "refuses": []})
    d.set({"A": 1})
    d.advance(30)
    d.set({"A": 2})
    d.advance(31)
    assert ("Value" in d.desired()["A"]) is is_left
    d.advance(60)
    assert "Value" not in d.desired()["A"]
    assert d.lamp()["reported"]["A"]["value"] == 2


def test_deleted_value_is_no_drift(desk):
    """Absent desired, reported as wished."""
    d = desk(LAMP | {"deletes_desired": True})
    d.set({"A": 1})
    assert ("Value" in d.desired()["A"], d.lamp()["reported"]["A"]["value"]) == (False, 1)


@pytest.mark.parametrize("rule", ["zero", "keeps", "counts"])
def test_version_after_a_device_deleted(desk, rule):
    """The same open question as after a clear."""
    d = desk(LAMP | {"deletes_desired": True}, version_after_clear=rule)
    d.set({"A": 1})
    assert d.desired()["A"]["Version"] == {"zero": 0, "keeps": 1, "counts": 2}[rule]


def test_device_applies_some_of_a_message(desk):
    """The rest stays desired; a sleeper does the same with what it fetches."""
    d = desk(LAMP | {"applies_at_most": 1})
    d.set('{"A":1,"B":2}')
    assert (d.lamp()["values"], set(d.desired())) == ({"A": 1}, {"A", "B"})
    sleeper = desk(SLEEPY_LAMP | {"applies_at_most": 1})
    sleeper.set('{"A":1,"B":2}')
    sleeper.advance(1801)
    assert sleeper.lamp()["values"] == {"A": 1}


def test_device_reports_a_rounded_value(desk):
    """It holds what it was told, and says something near; whole numbers stay whole."""
    d = desk(LAMP | {"reports_rounded": 1})
    d.set('{"T":21.47,"N":3}')
    seen = d.lamp()
    assert (seen["values"]["T"], seen["reported"]["T"]["value"], seen["reported"]["N"]["value"]) == (21.47, 21.5, 3)
    rows = d.rpc("QueryDevicePropertyStatus", ProductKey="a1", DeviceName="lamp")["Data"]["List"]["PropertyStatusInfo"]
    assert {row["Identifier"]: row["Value"] for row in rows} == {"T": "21.5", "N": "3"}


def test_versions_start_again_after_a_clear(desk):
    """The same number stands for two values: version, value and time together tell them apart."""
    d = desk(LAMP)
    d.set({"A": 1})
    first = d.desired()["A"]
    d.clear("A")
    d.advance(1)
    d.set({"A": 2})
    second = d.desired()["A"]
    assert first["Version"] == second["Version"] == 1
    assert (first["Value"], first["Time"]) != (second["Value"], second["Time"])


@pytest.mark.parametrize("wrong", ["sometimes", 3])
def test_unknown_habit_is_refused(desk, wrong):
    """At the start."""
    with pytest.raises(ValueError, match="deletes_desired"):
        desk(LAMP | {"deletes_desired": wrong})


@pytest.mark.parametrize(("answer", "is_left"), [("ignored", True), ("honoured", False)])
def test_desired_value_lapses_in_one_edition(desk, answer, is_left):
    """Tuya's Expiration; a sleeper that wakes too late never hears of it."""
    d = desk(SLEEPY_LAMP, expiration=answer)
    d.set({"A": 1}, Expiration="60")
    d.advance(61)
    assert ("Value" in d.desired()["A"]) is is_left
    d.advance(1800)
    assert d.lamp()["values"] == ({"A": 1} if is_left else {})


def test_value_set_again_outlives_the_first(desk):
    """Each set has its own end, or none."""
    d = desk(LAMP, expiration="honoured")
    d.set({"A": 1}, Expiration="60")
    d.set({"A": 2})
    d.advance(61)
    assert d.desired()["A"]["Value"] == "2"


@pytest.mark.parametrize("seconds", ["0", "-1", "x", "1.5", "²", "9" * 12])
def test_expiration_is_seconds(desk, seconds):
    """More than none; where the parameter is unknown, nobody looks at it."""
    refused = desk(LAMP, expiration="honoured").set({"A": 1}, Expiration=seconds)
    assert refused["Code"] == "iot.system.IllegalRequest"
    assert desk(LAMP).set({"A": 1}, Expiration=seconds)["Success"]


def test_number_of_applied_items_is_none_or_more(desk):
    """Never less."""
    with pytest.raises(ValueError, match="applies_at_most"):
        desk(LAMP | {"applies_at_most": -1})
